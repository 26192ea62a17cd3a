"""What is done with figures: records are counted, changes folded, totals follow the tree; others' numbers are entered;
numbers are cited."""

from huying.figures.actions.citing import Cited, cite, cite_many, cite_reported
from huying.figures.actions.counting import count
from huying.figures.actions.feeding import (
    add_feed,
    add_list_feed,
    end_feed,
    forget_files,
    make_file,
    resume_feed,
    take_file,
)
from huying.figures.actions.folding import fold, follow_places
from huying.figures.actions.places import count_check, count_sites
from huying.figures.actions.refusals import (
    AlreadyCorrected,
    CheckEnded,
    CheckNameTaken,
    FeedEnded,
    FeedRuns,
    FeedTaken,
    MetricUnknown,
    NothingCounted,
    PlaceUnknown,
    TooManyFeeds,
)
from huying.figures.actions.reporting import Report, add_check, correct, end_check, report
from huying.figures.actions.setup import add_part, install_first_rows
from huying.figures.states import Word

__all__ = [
    "AlreadyCorrected",
    "CheckEnded",
    "CheckNameTaken",
    "Cited",
    "FeedEnded",
    "FeedRuns",
    "FeedTaken",
    "MetricUnknown",
    "NothingCounted",
    "PlaceUnknown",
    "Report",
    "TooManyFeeds",
    "Word",
    "add_check",
    "add_feed",
    "add_list_feed",
    "add_part",
    "cite",
    "cite_many",
    "cite_reported",
    "correct",
    "count",
    "count_check",
    "count_sites",
    "end_check",
    "end_feed",
    "fold",
    "follow_places",
    "forget_files",
    "install_first_rows",
    "make_file",
    "report",
    "resume_feed",
    "take_file",
]
