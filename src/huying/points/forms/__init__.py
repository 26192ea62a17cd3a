"""What people type about points."""

from huying.points.forms.banks import (
    BankForm,
    CodeForm,
    EvidenceForm,
    FundForm,
    GoodForm,
    IntakeForm,
    PartnerForm,
    ServeForm,
    SheetForm,
    SlipForm,
    TakeForm,
    WeighForm,
)
from huying.points.forms.books import DraftForm, EndForm, NameForm, PublishForm, VoteForm
from huying.points.forms.earning import AnswerForm, AppealForm, ClaimForm, FindForm, ReversalForm, TellForm
from huying.points.forms.steps import PressForm, ReasonForm, refused

__all__ = [
    "AnswerForm",
    "AppealForm",
    "BankForm",
    "ClaimForm",
    "CodeForm",
    "DraftForm",
    "EndForm",
    "EvidenceForm",
    "FindForm",
    "FundForm",
    "GoodForm",
    "IntakeForm",
    "NameForm",
    "PartnerForm",
    "PressForm",
    "PublishForm",
    "ReasonForm",
    "ReversalForm",
    "ServeForm",
    "SheetForm",
    "SlipForm",
    "TakeForm",
    "TellForm",
    "VoteForm",
    "WeighForm",
    "refused",
]
