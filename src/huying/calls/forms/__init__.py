"""Shape and cleaning of what people type about calls. Forms never save."""

from huying.calls.forms.resident import AskForm, kept_words
from huying.calls.forms.steps import (
    FORMS,
    RevealForm,
    SayForm,
    SeekMoreForm,
    StepForm,
    TeamClaimForm,
    TeamDeclineForm,
    UnitDeclineForm,
)
from huying.calls.forms.words import refused

__all__ = [
    "FORMS",
    "AskForm",
    "RevealForm",
    "SayForm",
    "SeekMoreForm",
    "StepForm",
    "TeamClaimForm",
    "TeamDeclineForm",
    "UnitDeclineForm",
    "kept_words",
    "refused",
]
