"""Amounts of metrics for subtrees and any half-open period, in one statement: totals of whole months, days at both ends,
and what is counted but not folded yet.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from huying.figures.states import Grain
from huying.kernel import prepared
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

# Values stand in a row of their own, where the planner does not see them: it keeps one plan then instead of making one at
# each asking, which takes longer than the answer.
ASKED = """
WITH g AS MATERIALIZED (SELECT {given}),
m AS MATERIALIZED (SELECT code, number FROM figures_metric WHERE code = ANY((SELECT metrics FROM g)::text[])),
r AS MATERIALIZED (SELECT id, path FROM places_place WHERE {roots})
SELECT root_id, code, {stretch}, sum(amount)::bigint FROM ({found}) f GROUP BY 1, 2, 3
"""
THESE, BELOW = "id = ANY((SELECT places FROM g)::bigint[])", "parent_id = (SELECT parent FROM g)"
TYPES = {
    "metrics": "text[]",
    "places": "bigint[]",
    "parent": "bigint",
    **dict.fromkeys(("since", "until", "first", "last"), "date"),
    **dict.fromkeys(("from", "to"), "date[]"),
}
# Months are named one by one, for the key begins with them; before the first total there are none.
MONTHS = """
SELECT r.id AS root_id, m.code, t.since AS day, t.amount FROM r CROSS JOIN m
JOIN figures_total t ON t.place_id = r.id AND t.metric_id = m.number AND NOT t.daily AND t.since = ANY(ARRAY(
    SELECT generate_series(greatest((SELECT first FROM g), (SELECT min(since) FROM figures_total))::timestamp,
        (SELECT last FROM g)::timestamp - interval '1 day', interval '1 month')::date))
"""
# Days at the ends: of towns and above from their own totals, of places below from the facts of what hangs there.
DAYS = """
SELECT r.id AS root_id, m.code, t.since AS day, t.amount FROM r CROSS JOIN m
JOIN figures_total t ON t.place_id = r.id AND t.metric_id = m.number AND t.daily AND t.since = ANY(ARRAY(
    SELECT d.since + n FROM unnest((SELECT "from" FROM g), (SELECT "to" FROM g)) d(since, until)
    CROSS JOIN LATERAL generate_series(0, d.until - d.since - 1) n))
UNION ALL
SELECT r.id, m.code, f.day, f.amount
FROM unnest((SELECT "from" FROM g), (SELECT "to" FROM g)) d(since, until) CROSS JOIN m CROSS JOIN r
    JOIN figures_branch own ON own.place_id = r.id AND NOT own.daily
    JOIN figures_branch b ON b.path LIKE own.path || '%%'
    JOIN figures_fact f ON f.place_id = b.place_id AND f.metric_id = m.number
    AND f.day >= d.since AND f.day < d.until
"""
WAITING = """
SELECT r.id AS root_id, m.code, w.day, w.amount FROM figures_change c
CROSS JOIN LATERAL unnest(c.metrics, c.places, c.days, c.amounts) w(metric_id, place_id, day, amount)
    JOIN m ON m.number = w.metric_id JOIN places_place p ON p.id = w.place_id JOIN r ON starts_with(p.path, r.path)
WHERE w.day >= (SELECT since FROM g) AND w.day < (SELECT until FROM g)
"""


def amounts(
    metrics: Iterable[str], places: Collection[int], period: Period, grain: Grain | None = None
) -> dict[Key, int]:
    """What was counted in each place's subtree, by metric and, with ``grain``, by stretch; nothing counted, no key."""
    found = told(THESE, {"places": list(places)}, metrics, period, grain)
    return {(place, code, since): amount for place, code, since, amount in found}


def told(
    roots: str, of: Mapping[str, Any], metrics: Iterable[str], period: Period, grain: Grain | None
) -> list[tuple[int, str, date | None, int]]:
    """Place, metric, stretch and amount, by one statement of few texts that are always the same: the server has planned
    it before.
    """
    whole, odd = pieces(period, days_only=grain == Grain.DAY)
    values = {**of, "metrics": list(metrics), "since": period.since, "until": period.until}
    if months := whole.since < whole.until:
        values |= {"first": whole.since, "last": whole.until}
    if odd:
        values |= {"from": [one.since for one in odd], "to": [one.until for one in odd]}
    rows: list[Any] = prepared.rows(text_of(roots, tuple(values), grain, months, bool(odd)), values)
    return rows


@cache
def text_of(roots: str, names: tuple[str, ...], grain: Grain | None, months: bool, odd: bool) -> str:
    """One of two dozen texts, written once a process."""
    asked = [WAITING, *([MONTHS] if months else ()), *([DAYS] if odd else ())]
    stretch = f"date_trunc('{grain.value}', day::timestamp)::date" if grain else "NULL::date"
    given = ", ".join(f'%({name})s::{TYPES[name]} AS "{name}"' for name in names)
    return ASKED.format(given=given, roots=roots, stretch=stretch, found=" UNION ALL ".join(asked))


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
