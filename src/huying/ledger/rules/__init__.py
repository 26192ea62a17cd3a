"""Who may look at accounts, what an entry may do, and how seals are computed."""

from huying.ledger.rules.entries import Asked, Standing, Verdict, decide
from huying.ledger.rules.reach import AUDITORS, can_audit, visible_to

__all__ = ["AUDITORS", "Asked", "Standing", "Verdict", "can_audit", "decide", "visible_to"]
