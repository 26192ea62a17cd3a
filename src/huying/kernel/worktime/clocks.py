"""Arithmetic of working time: pure functions over moments, hours, pauses and a calendar.

Everything is half-open and exact to the microsecond. Inside, a moment is a whole number of microseconds
on China's wall clock; China has kept UTC+8 without summer time since 1992, which is therefore the first
year accepted.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone

from django.utils.translation import gettext_lazy as _

from huying.kernel.errors import DomainError
from huying.kernel.worktime.days import Calendar
from huying.kernel.worktime.hours import DAY, MINUTE, Hours

WALL_ZERO = datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=8)))
FIRST, LAST = datetime(1992, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
HORIZON_DAYS = 366 * 20


class NeverOpen(DomainError):
    code = "never_open"
    message = _("按现在的开放时间，这个期限在二十年内都走不完，请检查开放时间。")


@dataclass(frozen=True, slots=True)
class Pause:
    """A clock stopped from ``start`` up to but not including ``end`` (None: still stopped), and why."""

    start: datetime
    end: datetime | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Deadline:
    """When the time is used up. ``at`` is None while an open pause holds the clock; ``estimated``: a day
    on the way has no notice yet.
    """

    at: datetime | None
    estimated: bool = False


Stops = list[tuple[int, int]]
FOREVER = 1 << 62


def deadline(
    start: datetime, working: timedelta, hours: Hours, pauses: Sequence[Pause] = (), *, calendar: Calendar
) -> Deadline:
    """The earliest moment by which ``working`` time has run since ``start``.

    So a task that fills the day is due at closing time, not at the next opening. ValueError on naive
    moments and negative time; NeverOpen when 20 years do not suffice.
    """
    if working < timedelta(0):
        raise ValueError("working time cannot be negative")
    now, left = wall(start), working // MICROSECOND
    stops = merged(pauses)
    estimated = False
    if left == 0:
        return Deadline(start.astimezone(UTC))
    for day in range(now // DAY, now // DAY + HORIZON_DAYS):
        facts = calendar.day(date.fromordinal(day + 1))
        estimated = estimated or (facts.estimated and hours.follows_calendar)
        for opens, closes in pieces(hours.on(facts), day * DAY, now, FOREVER, stops):
            if left <= closes - opens:
                return Deadline(moment(opens + left), estimated)
            left -= closes - opens
        if stops and stops[-1][1] == FOREVER and stops[-1][0] < (day + 1) * DAY:
            return Deadline(None, estimated)
    raise NeverOpen


def working_between(
    a: datetime, b: datetime, hours: Hours, pauses: Sequence[Pause] = (), *, calendar: Calendar
) -> timedelta:
    """Open time in [a, b) outside the pauses; nothing when b is not after a."""
    begin, end = wall(a), wall(b)
    stops = merged(pauses)
    total = 0
    for day in range(begin // DAY, -(-end // DAY) if end > begin else begin // DAY):
        intervals = hours.on(calendar.day(date.fromordinal(day + 1)))
        total += sum(closes - opens for opens, closes in pieces(intervals, day * DAY, begin, end, stops))
    return timedelta(microseconds=total)


def deadline_in_days(start: datetime, days: int, hours: Hours, *, calendar: Calendar) -> Deadline:
    """The close of business of the ``days``-th working day after the day of ``start``, which itself does
    not count.

    民法典 art. 201 (the first day is not counted) and art. 203 (where there are business hours, the
    period ends when they end).
    """
    if days < 1:
        raise ValueError("at least one day")
    first = wall(start) // DAY + 1
    estimated = calendar.day(date.fromordinal(first)).estimated and hours.follows_calendar
    for day in range(first, first + HORIZON_DAYS):
        facts = calendar.day(date.fromordinal(day + 1))
        estimated = estimated or (facts.estimated and hours.follows_calendar)
        intervals = hours.on(facts)
        if intervals and (facts.working or not hours.follows_calendar):
            days -= 1
            if days == 0:
                return Deadline(moment(day * DAY + intervals[-1][1] * MINUTE), estimated)
    raise NeverOpen


def is_open(at: datetime, hours: Hours, *, calendar: Calendar) -> bool:
    """True when ``at`` lies in an open interval."""
    now = wall(at)
    minute = (now % DAY) // MINUTE
    return any(opens <= minute < closes for opens, closes in hours.on(calendar.day(date.fromordinal(now // DAY + 1))))


def next_opening(at: datetime, hours: Hours, *, calendar: Calendar) -> datetime:
    """The first open moment at or after ``at``; NeverOpen when there is none in 20 years."""
    now = wall(at)
    for day in range(now // DAY, now // DAY + HORIZON_DAYS):
        for opens, _closes in pieces(hours.on(calendar.day(date.fromordinal(day + 1))), day * DAY, now, FOREVER, []):
            return moment(opens)
    raise NeverOpen


def pieces(
    intervals: Sequence[tuple[int, int]], midnight: int, begin: int, end: int, stops: Stops
) -> Iterator[tuple[int, int]]:
    """The day's open intervals as wall times, cut to [begin, end) and with the stops taken out."""
    for first, last in intervals:
        opens, closes = max(midnight + first * MINUTE, begin), min(midnight + last * MINUTE, end)
        for stop_begin, stop_end in stops:
            if stop_end <= opens:
                continue
            if stop_begin >= closes:
                break
            if opens < stop_begin:
                yield opens, stop_begin
            opens = stop_end
        if opens < closes:
            yield opens, closes


def merged(pauses: Sequence[Pause]) -> Stops:
    """Pauses as sorted wall intervals without overlaps; ValueError when one ends before it begins."""
    stops: Stops = []
    for begin, end in sorted(
        (wall(pause.start), FOREVER if pause.end is None else wall(pause.end)) for pause in pauses
    ):
        if end < begin:
            raise ValueError("a pause ends before it begins")
        if stops and begin <= stops[-1][1]:
            stops[-1] = (stops[-1][0], max(end, stops[-1][1]))
        elif begin < end:
            stops.append((begin, end))
    return stops


def wall(at: datetime) -> int:
    """Microseconds on China's wall clock since 0001-01-01; ValueError for naive moments and outside
    1992–2199.
    """
    if at.tzinfo is None:
        raise ValueError("a moment needs its time zone")
    if not FIRST <= at < LAST:
        raise ValueError("working time is known from 1992 to 2199")
    return (at - WALL_ZERO) // MICROSECOND


def moment(wall_time: int) -> datetime:
    """The aware UTC moment of a wall time."""
    return (WALL_ZERO + timedelta(microseconds=wall_time)).astimezone(UTC)
