"""Pages of figures: the numbers of a place, each number by itself, and what others reported."""

from huying.figures.views.feeds import add_feed, add_list_feed, end_feed, feeds, kept_file, resume_feed
from huying.figures.views.files import (
    checks_export,
    export,
    feeds_export,
    number_export,
    number_values,
    reported_export,
)
from huying.figures.views.numbers import cite, cite_reported, cited, number
from huying.figures.views.places import check, correct, end_check, home, place, report, reported

__all__ = [
    "add_feed",
    "add_list_feed",
    "check",
    "checks_export",
    "cite",
    "cite_reported",
    "cited",
    "correct",
    "end_check",
    "end_feed",
    "export",
    "feeds",
    "feeds_export",
    "home",
    "kept_file",
    "number",
    "number_export",
    "number_values",
    "place",
    "report",
    "reported",
    "reported_export",
    "resume_feed",
]
