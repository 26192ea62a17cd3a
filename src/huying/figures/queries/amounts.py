"""Amounts of metrics for subtrees and any half-open period, in one statement: totals of whole months, days at both ends,
and what is counted but not folded yet.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection

from huying.figures.states import Grain
from huying.kernel.errors import InvalidInput

BEGINNING = date(1900, 1, 1)
"""Before anything that is counted: from here on stocks are added up."""


@dataclass(frozen=True, slots=True)
class Period:
    """Days from ``since`` until before ``until``, in China."""

    since: date
    until: date

    def __post_init__(self) -> None:
        if self.until < self.since:
            raise InvalidInput

    @classmethod
    def year(cls, year: int) -> Period:
        return cls(date(year, 1, 1), date(year + 1, 1, 1))

    @classmethod
    def month(cls, first: date) -> Period:
        return cls(first.replace(day=1), next_month(first))


Key = tuple[int, str, date | None]
"""Place, metric, and the first day of the stretch of time; None where time is not split."""

MONTHS = """
SELECT t.place_id AS root_id, t.metric_id, t.since AS day, t.amount FROM figures_total t
WHERE t.metric_id = ANY(%(metrics)s) AND t.place_id = ANY(%(places)s)
    AND t.grain = 'month' AND t.since >= %(first)s AND t.since < %(last)s
"""
# Days at the ends: of towns and above from their own totals, of places below from the facts of what hangs there.
DAYS = """
SELECT t.place_id AS root_id, t.metric_id, t.since AS day, t.amount
FROM unnest(%(from)s::date[], %(to)s::date[]) d(since, until) JOIN figures_total t
    ON t.metric_id = ANY(%(metrics)s) AND t.place_id = ANY(%(places)s)
    AND t.grain = 'day' AND t.since >= d.since AND t.since < d.until
UNION ALL
SELECT g.place_id, f.metric_id, f.day, f.amount
FROM unnest(%(from)s::date[], %(to)s::date[]) d(since, until)
    JOIN figures_branch g ON g.place_id = ANY(%(places)s) AND NOT g.daily
    JOIN figures_branch b ON b.path LIKE g.path || '%%'
    JOIN figures_fact f ON f.place_id = b.place_id AND f.metric_id = ANY(%(metrics)s)
    AND f.day >= d.since AND f.day < d.until
"""
WAITING = """
SELECT r.id AS root_id, c.metric_id, c.day, c.amount FROM figures_change c JOIN places_place p ON p.id = c.place_id
    JOIN places_place r ON r.id = ANY(%(places)s) AND starts_with(p.path, r.path)
WHERE c.metric_id = ANY(%(metrics)s) AND c.day >= %(since)s AND c.day < %(until)s
"""


def amounts(
    metrics: Iterable[str], places: Collection[int], period: Period, grain: Grain | None = None
) -> dict[Key, int]:
    """What was counted in each place's subtree, by metric and, with ``grain``, by stretch; nothing counted, no key."""
    whole, odd = pieces(period, days_only=grain == Grain.DAY)
    values: dict[str, Any] = {
        "metrics": list(metrics),
        "places": list(places),
        "since": period.since,
        "until": period.until,
        "first": whole.since,
        "last": whole.until,
        "from": [one.since for one in odd],
        "to": [one.until for one in odd],
    }
    stretch = f"date_trunc('{grain.value}', day)::date" if grain else "NULL::date"
    asked = [WAITING, *([MONTHS] if whole.since < whole.until else []), *([DAYS] if odd else [])]
    found = " UNION ALL ".join(asked)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT root_id, metric_id, {stretch}, sum(amount)::bigint FROM ({found}) f GROUP BY 1, 2, 3",  # noqa: S608
            values,
        )
        return {(place, metric, since): amount for place, metric, since, amount in cursor.fetchall()}


def next_month(day: date) -> date:
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)


def pieces(period: Period, *, days_only: bool = False) -> tuple[Period, list[Period]]:
    """The whole months of a period, and the days before and after them."""
    first = period.since if period.since.day == 1 else next_month(period.since)
    last = period.until.replace(day=1)
    if days_only or first >= last:
        return Period(period.since, period.since), [period]
    ends = [Period(period.since, first), Period(last, period.until)]
    return Period(first, last), [one for one in ends if one.since < one.until]


def stretches(period: Period, grain: Grain) -> list[date]:
    """The first days of all days, months or years that the period touches."""
    day, found = (
        {Grain.DAY: period.since, Grain.MONTH: period.since.replace(day=1)}.get(
            grain, period.since.replace(month=1, day=1)
        ),
        [],
    )
    while day < period.until:
        found.append(day)
        day = following(day, grain)
    return found


def following(day: date, grain: Grain) -> date:
    """The first day of the next stretch."""
    if grain == Grain.DAY:
        return date.fromordinal(day.toordinal() + 1)
    return next_month(day) if grain == Grain.MONTH else date(day.year + 1, 1, 1)


def running(opening: int, flows: Mapping[date, int], days: Iterable[date]) -> dict[date, int]:
    """A stock at the end of each stretch: what there was before, and what came and went since."""
    found, level = {}, opening
    for day in days:
        level += flows.get(day, 0)
        found[day] = level
    return found
