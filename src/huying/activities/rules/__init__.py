"""Who may see and run what; what a rhythm, a recurrence and a theme mean in days."""

from huying.activities.rules.beats import Beat, beats
from huying.activities.rules.reach import (
    KEEPERS,
    PLANNERS,
    can_keep_data,
    can_leave,
    can_make,
    can_plan,
    can_run,
    can_see_people,
    can_sign_up_for,
    can_write,
    is_organiser,
    is_visible,
    plans_visible_to,
    runs,
    sign_ups_visible_to,
    still_told,
    visible_to,
)
from huying.activities.rules.recurrence import RuleUnclear, build, check_end, normal, occurrences
from huying.activities.rules.themes import days_of, days_wrong, themes_on

__all__ = [
    "KEEPERS",
    "PLANNERS",
    "Beat",
    "RuleUnclear",
    "beats",
    "build",
    "can_keep_data",
    "can_leave",
    "can_make",
    "can_plan",
    "can_run",
    "can_see_people",
    "can_sign_up_for",
    "can_write",
    "check_end",
    "days_of",
    "days_wrong",
    "is_organiser",
    "is_visible",
    "normal",
    "occurrences",
    "plans_visible_to",
    "runs",
    "sign_ups_visible_to",
    "still_told",
    "themes_on",
    "visible_to",
]
