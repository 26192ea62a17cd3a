"""The beats of a plan: its days, weeks (from Monday), months, seasons (quarters of the year) and years."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from huying.activities.states import Span


@dataclass(frozen=True, slots=True)
class Beat:
    """One stretch of days, [starts, ends); ``name`` is where it begins as people write it."""

    every: Span
    starts: date
    ends: date

    @property
    def number(self) -> int:
        """Which week, month or season of the year it is; the day of the month for days."""
        match self.every:
            case Span.WEEK:
                return self.starts.isocalendar().week
            case Span.MONTH:
                return self.starts.month
            case Span.SEASON:
                return (self.starts.month - 1) // 3 + 1
            case Span.YEAR:
                return self.starts.year
            case _:
                return self.starts.day


def beats(every: Span, first: date, last: date) -> list[Beat]:
    """Every beat that lies between the two days (both included) at least in part, in order; at the ends as a whole."""
    return [Beat(every, starts, following(every, starts)) for starts in _starts(every, first, last)]


def start_of(every: Span, day: date) -> date:
    """The first day of the beat that holds ``day``."""
    match every:
        case Span.WEEK:
            return day - timedelta(days=day.weekday())
        case Span.MONTH:
            return day.replace(day=1)
        case Span.SEASON:
            return date(day.year, (day.month - 1) // 3 * 3 + 1, 1)
        case Span.YEAR:
            return date(day.year, 1, 1)
        case _:
            return day


def following(every: Span, starts: date) -> date:
    """The first day of the next beat."""
    match every:
        case Span.WEEK:
            return starts + timedelta(days=7)
        case Span.MONTH:
            return start_of(Span.MONTH, starts + timedelta(days=31))
        case Span.SEASON:
            return start_of(Span.SEASON, starts + timedelta(days=95))
        case Span.YEAR:
            return date(starts.year + 1, 1, 1)
        case _:
            return starts + timedelta(days=1)


def _starts(every: Span, first: date, last: date) -> Iterator[date]:
    here = start_of(every, first)
    while here <= last:
        yield here
        here = following(every, here)
