"""What is done with figures: records are counted, changes folded, totals follow the tree; others' numbers are entered;
numbers are cited."""

from huying.figures.actions.citing import cite, cite_reported
from huying.figures.actions.counting import count
from huying.figures.actions.folding import fold, follow_places
from huying.figures.actions.places import count_sites
from huying.figures.actions.refusals import (
    AlreadyCorrected,
    CheckEnded,
    CheckNameTaken,
    MetricUnknown,
    NothingCounted,
    PlaceUnknown,
)
from huying.figures.actions.reporting import Report, add_check, correct, end_check, report
from huying.figures.actions.setup import add_part, install_first_rows
from huying.figures.states import Word

__all__ = [
    "AlreadyCorrected",
    "CheckEnded",
    "CheckNameTaken",
    "MetricUnknown",
    "NothingCounted",
    "PlaceUnknown",
    "Report",
    "Word",
    "add_check",
    "add_part",
    "cite",
    "cite_reported",
    "correct",
    "count",
    "count_sites",
    "end_check",
    "fold",
    "follow_places",
    "install_first_rows",
    "report",
]
