"""Working time: which days are worked, when a site is open, when a clock runs out (domain 1 and 2.2:
工作日, 工作时).

Without ``calendar=`` these functions read the override table (two small queries); pages that show many
clocks read it once with ``calendar_for(place_path)`` and pass it on.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from huying.kernel.worktime import clocks
from huying.kernel.worktime.clocks import Deadline, NeverOpen, Pause
from huying.kernel.worktime.days import NATIONAL, Calendar, Day
from huying.kernel.worktime.hours import NATURAL, OFFICE, Hours, HoursUnclear, dump, parse, show, weekly
from huying.kernel.worktime.overrides import (
    announce_year,
    calendar_for,
    coming_overrides,
    drop_override,
    override_day,
)

__all__ = [
    "NATIONAL",
    "NATURAL",
    "OFFICE",
    "Calendar",
    "Day",
    "Deadline",
    "Hours",
    "HoursUnclear",
    "NeverOpen",
    "Pause",
    "announce_year",
    "calendar_for",
    "coming_overrides",
    "deadline",
    "deadline_in_days",
    "drop_override",
    "dump",
    "is_open",
    "is_workday",
    "next_opening",
    "override_day",
    "parse",
    "show",
    "weekly",
    "working_between",
]


def chosen(calendar: Calendar | None, hours: Hours) -> Calendar:
    if calendar is None:
        return calendar_for() if hours.follows_calendar else NATIONAL
    return calendar


def is_workday(day: date, *, calendar: Calendar | None = None) -> Day:
    """The facts of one date: worked or not, estimated or not, the holiday's name."""
    return (calendar_for() if calendar is None else calendar).day(day)


def deadline(
    start: datetime,
    working: timedelta,
    hours: Hours,
    pauses: Sequence[Pause] = (),
    *,
    calendar: Calendar | None = None,
) -> Deadline:
    """When ``working`` open time will have run since ``start``; see ``clocks.deadline``."""
    return clocks.deadline(start, working, hours, pauses, calendar=chosen(calendar, hours))


def working_between(
    a: datetime,
    b: datetime,
    hours: Hours,
    pauses: Sequence[Pause] = (),
    *,
    calendar: Calendar | None = None,
) -> timedelta:
    """Open time in [a, b) outside the pauses; nothing when b is not after a."""
    return clocks.working_between(a, b, hours, pauses, calendar=chosen(calendar, hours))


def deadline_in_days(start: datetime, days: int, hours: Hours, *, calendar: Calendar | None = None) -> Deadline:
    """Close of business of the ``days``-th working day after the day of ``start``; see
    ``clocks.deadline_in_days``.
    """
    return clocks.deadline_in_days(start, days, hours, calendar=chosen(calendar, hours))


def is_open(at: datetime, hours: Hours, *, calendar: Calendar | None = None) -> bool:
    """True when ``at`` lies in an open interval."""
    return clocks.is_open(at, hours, calendar=chosen(calendar, hours))


def next_opening(at: datetime, hours: Hours, *, calendar: Calendar | None = None) -> datetime:
    """The first open moment at or after ``at``."""
    return clocks.next_opening(at, hours, calendar=chosen(calendar, hours))
