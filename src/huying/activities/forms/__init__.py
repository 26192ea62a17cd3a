"""What people type about activities."""

from huying.activities.forms.finding import DeskForm, FindForm
from huying.activities.forms.joining import (
    CheckInForm,
    FeedbackForm,
    GroupForm,
    LeavingForm,
    OnBehalfForm,
    PressForm,
    TeamForm,
    WalkInForm,
)
from huying.activities.forms.planning import FocusForm, PlanForm
from huying.activities.forms.scans import ScansIn, ScansOut, read_scans, scans_told
from huying.activities.forms.steps import CopyForm, MoveForm, PhotoForm, ReasonForm, ResultsForm, refused
from huying.activities.forms.writing import ActivityForm

__all__ = [
    "ActivityForm",
    "CheckInForm",
    "CopyForm",
    "DeskForm",
    "FeedbackForm",
    "FindForm",
    "FocusForm",
    "GroupForm",
    "LeavingForm",
    "MoveForm",
    "OnBehalfForm",
    "PhotoForm",
    "PlanForm",
    "PressForm",
    "ReasonForm",
    "ResultsForm",
    "ScansIn",
    "ScansOut",
    "TeamForm",
    "WalkInForm",
    "read_scans",
    "refused",
    "scans_told",
]
