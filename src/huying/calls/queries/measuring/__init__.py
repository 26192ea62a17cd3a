"""Fair measurement of calls: shares with what they are made of, scores of teams, samples to call back."""

from huying.calls.queries.measuring.exclusions import (
    exclusion_by_id,
    exclusions,
    live_exclusion,
    waiting_exclusions,
)
from huying.calls.queries.measuring.figures import BY, Asked, Line, Report, behind, cohort, measured, score_rule
from huying.calls.queries.measuring.formulas import Value, Work, satisfaction, share, team_score
from huying.calls.queries.measuring.sampling import allotted, digest, drawn
from huying.calls.queries.measuring.shares import SHARES, Share
from huying.calls.queries.measuring.teams import TeamLine, team_lines

__all__ = [
    "BY",
    "SHARES",
    "Asked",
    "Line",
    "Report",
    "Share",
    "TeamLine",
    "Value",
    "Work",
    "allotted",
    "behind",
    "cohort",
    "digest",
    "drawn",
    "exclusion_by_id",
    "exclusions",
    "live_exclusion",
    "measured",
    "satisfaction",
    "score_rule",
    "share",
    "team_lines",
    "team_score",
    "waiting_exclusions",
]
