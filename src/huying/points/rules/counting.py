"""How many points something gives, and what the caps leave of them: plain arithmetic, tried without a database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from dateutil.relativedelta import relativedelta

from huying.points.states import Measure

PARTS = {Measure.TIME: 1, Measure.HOUR: 60, Measure.KILO: 1000}
"""Times, minutes and grams of one measure."""
SPANS = ("day", "month", "year")


@dataclass(frozen=True, slots=True)
class Used:
    """Points booked already: of the same item, of all items; by span (day, month, year)."""

    item: Mapping[str, int]
    all: Mapping[str, int]


def worth(amount: int, measure: str, quantity: int) -> int:
    """Points for ``quantity`` (times, minutes, grams): whole ones only, what is begun does not count."""
    return amount * quantity // PARTS[Measure(measure)]


def room(caps: Mapping[str, int | None], whole: Mapping[str, int | None], used: Used) -> int | None:
    """How many points the caps of the item (``caps``) and of the whole book leave; None: there are none."""
    left = [cap - used.item.get(span, 0) for span, cap in caps.items() if cap is not None]
    left += [cap - used.all.get(span, 0) for span, cap in whole.items() if cap is not None]
    return max(0, min(left)) if left else None


def spans_of(day: date) -> dict[str, tuple[date, date]]:
    """The day, month and year (China) that ``day`` lies in, as half-open pairs."""
    month = day.replace(day=1)
    after = date(month.year + month.month // 12, month.month % 12 + 1, 1)
    return {
        "day": (day, date.fromordinal(day.toordinal() + 1)),
        "month": (month, after),
        "year": (date(day.year, 1, 1), date(day.year + 1, 1, 1)),
    }


def valid_until(day: date, days: int | None, months: int | None) -> date | None:
    """The last day on which points that came on ``day`` can be used: so many days or calendar months later, the last of
    the month where that has no such day; None: they never end.
    """
    if months is not None:
        later: date = day + relativedelta(months=months)
        return later
    return None if days is None else day + timedelta(days=days)
