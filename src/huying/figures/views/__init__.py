"""Pages of figures: the numbers of a place, each number by itself, and what others reported."""

from huying.figures.views.numbers import cite, cite_reported, cited, number
from huying.figures.views.places import check, correct, end_check, home, place, report, reported

__all__ = [
    "check",
    "cite",
    "cite_reported",
    "cited",
    "correct",
    "end_check",
    "home",
    "number",
    "place",
    "report",
    "reported",
]
