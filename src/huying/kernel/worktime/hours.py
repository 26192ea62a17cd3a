"""When a site or an office is open: a week of half-open intervals, special days, and what holidays change."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from huying.kernel.errors import InvalidInput
from huying.kernel.worktime.days import Day

MINUTE = 60_000_000
DAY = 24 * 60 * MINUTE
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
CLOCK = re.compile(r"([01]\d|2[0-4]):([0-5]\d)")

Interval = tuple[int, int]  # minutes from midnight, half-open: (540, 720) is 09:00 up to but not 12:00
Intervals = tuple[Interval, ...]


class HoursUnclear(InvalidInput):
    code = "hours_unclear"
    message = _("开放时间看不懂：{problem}")


@dataclass(frozen=True)
class Hours:
    """Opening intervals by weekday (Monday first, minutes from midnight).

    Precedence on a date: ``special`` (an empty tuple closes it); a public holiday closes unless
    ``open_on_holidays``; on a worked weekend (调休) the weekday's own hours, or ``makeup`` when it has
    none; else the weekday's own hours. ``follows_calendar=False`` is the natural clock: every day alike,
    no calendar asked.
    """

    week: tuple[Intervals, Intervals, Intervals, Intervals, Intervals, Intervals, Intervals]
    special: Mapping[date, Intervals] = field(default_factory=dict)
    makeup: Intervals = ()
    open_on_holidays: bool = False
    follows_calendar: bool = True

    def __post_init__(self) -> None:
        if len(self.week) != len(WEEKDAYS):
            raise HoursUnclear(problem=_("一周要有七天"))
        for intervals in (*self.week, *self.special.values(), self.makeup):
            check(intervals)

    def on(self, day: Day) -> Intervals:
        """The open intervals of one day."""
        if (special := self.special.get(day.date)) is not None:
            return special
        usual = self.week[day.date.weekday()]
        if not self.follows_calendar:
            return usual
        if day.is_holiday:
            return usual if self.open_on_holidays else ()
        return usual or self.makeup if day.is_makeup else usual

    def length(self, day: Day) -> timedelta:
        """How long it is open on one day."""
        return timedelta(minutes=sum(end - start for start, end in self.on(day)))


def check(intervals: Intervals) -> None:
    """HoursUnclear unless the intervals lie in one day, in order, without touching backwards."""
    last = 0
    for start, end in intervals:
        if not (last <= start < end <= 24 * 60):
            raise HoursUnclear(problem=f"{show(start)}-{show(end)}")
        last = end


def weekly(days: str, *spans: str, makeup: bool = True) -> Hours:
    """Short form for tests and demos: ``weekly("mon-fri", "09:00-12:00", "14:00-17:30")``; worked
    weekends get the same.
    """
    first, _dash, last = days.partition("-")
    chosen = range(WEEKDAYS.index(first), WEEKDAYS.index(last or first) + 1)
    intervals = tuple(read_interval(span.split("-")) for span in spans)
    week = tuple(intervals if number in chosen else () for number in range(len(WEEKDAYS)))
    return Hours(week=week, makeup=intervals if makeup else ())  # type: ignore[arg-type]


def parse(data: Any) -> Hours:
    """Hours from their JSON form; HoursUnclear names what is wrong.

    ``{"mon": [["09:00", "12:00"], ["14:00", "17:30"]], …, "makeup": […], "holidays": "closed" | "usual",
    "special": {"2026-10-01": []}}``. A weekday left out is closed; ``makeup`` left out means Monday's hours.
    """
    if not isinstance(data, Mapping):
        raise HoursUnclear(problem=_("应当是一个表"))
    unknown = set(data) - {*WEEKDAYS, "makeup", "holidays", "special"}
    if unknown:
        raise HoursUnclear(problem=", ".join(sorted(map(str, unknown))[:5]))
    holidays = data.get("holidays", "closed")
    if holidays not in {"closed", "usual"}:
        raise HoursUnclear(problem=f"holidays={holidays}")
    special = data.get("special", {})
    if not isinstance(special, Mapping):
        raise HoursUnclear(problem="special")
    week = tuple(read_intervals(data.get(name, [])) for name in WEEKDAYS)
    return Hours(
        week=week,  # type: ignore[arg-type]
        special={read_date(day): read_intervals(spans) for day, spans in special.items()},
        makeup=read_intervals(data["makeup"]) if "makeup" in data else week[0],
        open_on_holidays=holidays == "usual",
    )


def dump(hours: Hours) -> dict[str, Any]:
    """The JSON form that ``parse`` reads."""
    return {
        **{name: show_intervals(hours.week[number]) for number, name in enumerate(WEEKDAYS) if hours.week[number]},
        "makeup": show_intervals(hours.makeup),
        "holidays": "usual" if hours.open_on_holidays else "closed",
        "special": {day.isoformat(): show_intervals(spans) for day, spans in sorted(hours.special.items())},
    }


def read_intervals(data: Any) -> Intervals:
    if not isinstance(data, list):
        raise HoursUnclear(problem=str(data)[:40])
    return tuple(sorted(read_interval(span) for span in data))


def read_interval(span: Any) -> Interval:
    if not isinstance(span, (list, tuple)) or len(span) != 2:
        raise HoursUnclear(problem=str(span)[:40])
    return read_clock(span[0]), read_clock(span[1])


def read_clock(text: Any) -> int:
    found = CLOCK.fullmatch(text) if isinstance(text, str) else None
    minutes = int(found[1]) * 60 + int(found[2]) if found else -1
    if not 0 <= minutes <= 24 * 60:
        raise HoursUnclear(problem=str(text)[:40])
    return minutes


def read_date(text: Any) -> date:
    try:
        return date.fromisoformat(text)
    except (TypeError, ValueError):
        raise HoursUnclear(problem=str(text)[:40]) from None


def show_intervals(intervals: Iterable[Interval]) -> list[list[str]]:
    return [[show(start), show(end)] for start, end in intervals]


def show(minutes: int) -> str:
    """``09:30``; the end of the day is ``24:00``."""
    return "24:00" if minutes == 24 * 60 else time(minutes // 60, minutes % 60).strftime("%H:%M")


NATURAL = Hours(week=(((0, 24 * 60),),) * 7, follows_calendar=False)
OFFICE = weekly("mon-fri", "09:00-12:00", "14:00-18:00")
