"""What everybody may see: public metrics by whole months and years, small numbers hidden so that no sum gives them away.

Only calendar months and years can be asked, or else two periods that differ by a day would tell what happened on it. A
number is hidden together with its neighbours in the table of its parent's children by the months of that year; below a
place whose number is hidden nothing is shown, for its parts would add up to it (decision 0025).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from django.utils.translation import gettext_lazy as _

from huying.figures.models import Metric
from huying.figures.queries.amounts import BEGINNING, Period, amounts, following, next_month, running, stretches
from huying.figures.rules.hiding import hidden, small
from huying.figures.states import Grain, MetricKind
from huying.kernel.errors import InvalidInput
from huying.places.models import Place

MONTHS = 12


class PeriodOdd(InvalidInput):
    code = "period_odd"
    message = _("公开的数只能按整月或整年查询。")


@dataclass(frozen=True, slots=True)
class Table:
    """What may be seen of a place's children and of the place itself (the last cell); None is hidden."""

    whole: int | None
    cells: list[int | None]


def stretch(day: date, grain: Grain) -> Period:
    """The month or year that begins on ``day``. PeriodOdd for a day."""
    if grain == Grain.DAY:
        raise PeriodOdd
    return Period(day, following(day, grain))


def whole_stretch(period: Period) -> int | None:
    """The month (0 to 11) that the period is, None for a year. PeriodOdd for all others."""
    if period.since.day == 1 and period.until == next_month(period.since):
        return period.since.month - 1
    if (period.since.month, period.since.day) == (1, 1) and period.until == following(period.since, Grain.YEAR):
        return None
    raise PeriodOdd


def amount(of: Metric, place: Place, period: Period) -> int | None:
    """The amount of a place's subtree as far as everybody may see it; None is hidden."""
    month, year = whole_stretch(period), Period.year(period.since.year)
    chain = [int(part) for part in place.path.strip("/").split("/")]
    rows = list(Place.objects.filter(parent__in=chain).order_by("id").values_list("pk", "parent_id"))
    kept = year_of(of, [*chain, *(key for key, _parent in rows)], year)
    out = top_hidden(kept[chain[0]], of, month)
    for above, below in pairwise(chain):
        keys = [key for key, parent in rows if parent == above]
        out = out or keys.index(below) in hidden_rows(table_of(kept, above, keys), of, month)
    return None if out else pick(kept[chain[-1]], month, of)


def table(of: Metric, place: Place, children: Sequence[Place], period: Period) -> Table:
    """Children of a place, the place itself, and the whole."""
    whole = amount(of, place, period)
    if whole is None:
        return Table(None, [None] * (len(children) + 1))
    month, keys = whole_stretch(period), [one.pk for one in children]
    kept = year_of(of, [place.pk, *keys], Period.year(period.since.year))
    rows = table_of(kept, place.pk, keys)
    out = hidden_rows(rows, of, month)
    return Table(whole, [None if n in out else pick(row, month, of) for n, row in enumerate(rows)])


def pick(row: Sequence[int], month: int | None, of: Metric) -> int:
    """One month of a year's row; the year itself: the sum of a flow, the end of a stock."""
    if month is not None:
        return row[month]
    return row[-1] if of.kind == MetricKind.STOCK else sum(row)


def year_of(of: Metric, places: Sequence[int], year: Period) -> dict[int, list[int]]:
    """Place -> its amounts of twelve months."""
    firsts = stretches(year, Grain.MONTH)
    found = amounts([of.pk], places, year, Grain.MONTH)
    flows = {key: {day: found.get((key, of.pk, day), 0) for day in firsts} for key in places}
    if of.kind == MetricKind.STOCK:
        before = amounts([of.pk], places, Period(BEGINNING, year.since))
        flows = {key: running(before.get((key, of.pk, None), 0), row, firsts) for key, row in flows.items()}
    return {key: [row[day] for day in firsts] for key, row in flows.items()}


def table_of(kept: dict[int, list[int]], above: int, keys: Sequence[int]) -> list[list[int]]:
    """The rows of all children, and last what was counted at the place itself."""
    rows = [kept[key] for key in keys]
    own = [whole - sum(row[n] for row in rows) for n, whole in enumerate(kept[above])]
    return [*rows, own]


def hidden_rows(rows: Sequence[Sequence[int]], of: Metric, month: int | None) -> set[int]:
    """Rows whose cell of this month, or whose year, is hidden. A hidden year hides its months, for they add up to it."""
    years = {row for row, _column in hidden([[pick(row, None, of)] for row in rows], of.least_public)}
    if month is None:
        return years
    cells = hidden(rows, of.least_public, row_sums=of.kind == MetricKind.FLOW)
    return years | {row for row, column in cells if column == month}


def top_hidden(row: Sequence[int], of: Metric, month: int | None) -> bool:
    """At the top of the tree there are no neighbours, only the other months of the year."""
    if small(pick(row, None, of), of.least_public):
        return True
    return month is not None and (month, 0) in hidden([[one] for one in row], of.least_public)
