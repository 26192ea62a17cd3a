"""Tables of activities."""

from huying.activities.models.activities import (
    Activity,
    ActivityEvent,
    ActivityNote,
    ActivityRole,
    Party,
    Session,
    Shift,
)
from huying.activities.models.data import ActivityKind, DataRow, Theme, Unit
from huying.activities.models.joining import CalendarKey, CheckIn, SignUp
from huying.activities.models.results import Feedback, Photo, Result
from huying.activities.models.rhythms import Focus, RhythmPlan, RhythmRule

__all__ = [
    "Activity",
    "ActivityEvent",
    "ActivityKind",
    "ActivityNote",
    "ActivityRole",
    "CalendarKey",
    "CheckIn",
    "DataRow",
    "Feedback",
    "Focus",
    "Party",
    "Photo",
    "Result",
    "RhythmPlan",
    "RhythmRule",
    "Session",
    "Shift",
    "SignUp",
    "Theme",
    "Unit",
]
