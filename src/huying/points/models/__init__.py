from huying.points.models.appeals import Appeal, Term
from huying.points.models.banks import Bank, Gift, Good, Intake, Partner, Sheet, Weighing
from huying.points.models.books import Adoption, Book, Edition, Rule
from huying.points.models.earning import Claim, Ending, Freezing, Passbook, Printing, Reversal

__all__ = [
    "Adoption",
    "Appeal",
    "Bank",
    "Book",
    "Claim",
    "Edition",
    "Ending",
    "Freezing",
    "Gift",
    "Good",
    "Intake",
    "Partner",
    "Passbook",
    "Printing",
    "Reversal",
    "Rule",
    "Sheet",
    "Term",
    "Weighing",
]
