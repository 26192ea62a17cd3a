"""What everybody may see: public metrics of months and years that have ended, small numbers hidden so that no sum, no
difference of two numbers and no second look gives them away (``rules/hiding.py``, decisions 0026 and 0038).

Only calendar months and years can be asked, or else two periods that differ by a day would tell what happened on it; and
only when they have ended in China, or else asking twice would tell what happened in between.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from huying.figures.models import Metric
from huying.figures.queries.amounts import BEGINNING, Period, amounts, following, next_month
from huying.figures.states import Grain, MetricKind
from huying.kernel import clock
from huying.kernel.errors import InvalidInput
from huying.places.models import Place

if TYPE_CHECKING:  # arrays are loaded by the first look at a public number, not with the rooms
    from huying.figures.rules.hiding import Cells, Flags, Hidden, Numbers

MONTHS = 12


class PeriodOdd(InvalidInput):
    code = "period_odd"
    message = _("公开的数只能按整月或整年查询。")


class PeriodOpen(PeriodOdd):
    code = "period_open"
    message = _("这段时间还没有过完，过完后才公开。请查已经过完的月份或年份。")


@dataclass(frozen=True, slots=True)
class Table:
    """What may be seen of a place's children and of the place itself (the last cell); None is hidden."""

    whole: int | None
    cells: list[int | None]


@dataclass(frozen=True, slots=True)
class Judged:
    """Places below one place (last the place itself) by months: what is hidden of them, and whose year."""

    rows: dict[int, int]
    cells: Cells
    hidden: Flags
    years: Flags
    small_years: Flags


def ended(period: Period) -> bool:
    return period.until <= clock.today()


def whole_stretch(period: Period) -> int | None:
    """The month (0 to 11) that the period is, None for a year. PeriodOdd for all others, PeriodOpen before its end."""
    month = period.since.day == 1 and period.until == next_month(period.since)
    year = (period.since.month, period.since.day) == (1, 1) and period.until == following(period.since, Grain.YEAR)
    if not month and not year:
        raise PeriodOdd
    if not ended(period):
        raise PeriodOpen
    return period.since.month - 1 if month else None


def last_ended() -> Period:
    """The newest month that everybody may ask."""
    this = clock.today().replace(day=1)
    return Period.month(date.fromordinal(this.toordinal() - 1))


@dataclass
class Eye:
    """Everybody's eye for one answer: it remembers what it has read, so that each table of a year is made once."""

    metrics: dict[str, Metric] = field(default_factory=dict)
    above: dict[int, int | None] = field(default_factory=dict)
    below: dict[int, list[int]] = field(default_factory=dict)
    kept: dict[tuple[str, int, int], Numbers] = field(default_factory=dict)
    firsts: dict[tuple[str, int], date] = field(default_factory=dict)
    tables: dict[tuple[str, int, int], Judged] = field(default_factory=dict)

    def amount(self, of: Metric, place: Place, period: Period) -> int | None:
        """The amount of a place's subtree; None is hidden. PeriodOdd, PeriodOpen."""
        month, year = whole_stretch(period), period.since.year
        self.know(of, place, year)
        return self.seen(of, place.pk, month, year)

    def table(self, of: Metric, place: Place, children: Sequence[Place], period: Period) -> Table:
        """Children of a place, the place itself, and the whole. PeriodOdd, PeriodOpen."""
        month, year = whole_stretch(period), period.since.year
        self.know(of, place, year)
        whole = self.seen(of, place.pk, month, year)
        if place.pk not in self.below:
            keys = sorted(one.pk for one in children)  # as ``know`` has them: ties must fall the same way every time
            self.below[place.pk] = keys
            self.above |= dict.fromkeys(keys, place.pk)
        self.read(self.guarded(of), self.below[place.pk], year)
        judged = self.judged(of, place.pk, year)
        rows = [judged.rows[one.pk] for one in children]
        return Table(whole, [told(of, judged, row, month, year) for row in [*rows, len(judged.years) - 1]])

    def seen(self, of: Metric, place: int, month: int | None, year: int) -> int | None:
        above = self.above[place]
        judged = self.judged(of, -place if above is None else above, year)
        return told(of, judged, judged.rows[place], month, year)

    def know(self, of: Metric, place: Place, year: int) -> None:
        """Read what a number is judged by: the places above this one with all that lie beside them, in one go."""
        chain = [int(part) for part in place.path.strip("/").split("/")]
        if any(one not in self.below for one in chain[:-1]) or chain[0] not in self.above:
            self.above[chain[0]] = None
            self.below |= {one: [] for one in chain[:-1]}
            rows = Place.objects.filter(parent__in=chain[:-1]).order_by("id").values_list("pk", "parent_id")
            for key, parent in rows:
                assert parent is not None
                self.above[key] = parent
                self.below[parent].append(key)
        beside = [key for one in chain[:-1] for key in self.below[one]]
        self.read(self.guarded(of), [chain[0], *beside], year)

    def guarded(self, of: Metric) -> list[Metric]:
        """The metric, and those without which it is not shown, one after the other."""
        found = [of]
        for one in found:  # grows on the way
            found += [guard for guard in self.guards(one) if guard not in found]
        return found

    def guards(self, of: Metric) -> list[Metric]:
        """Those of the same kind that it is a part of, or comes from: at most two."""
        if not self.metrics:
            self.metrics = Metric.objects.in_bulk()
        those = (self.metrics[code] for code in (of.guard_id, of.second_guard_id) if code)
        return [one for one in those if one.kind == of.kind]

    def read(self, metrics: Iterable[Metric], places: Iterable[int], year: int) -> None:
        """Months of these places, of all metrics in one statement; stocks from their first month on."""
        import numpy as np  # noqa: PLC0415

        codes, asked = [one.pk for one in metrics], list(dict.fromkeys(places))
        missing = [key for key in asked if any((code, key, year) not in self.kept for code in codes)]
        if not missing:
            return
        stock = self.metrics[codes[0]].kind == MetricKind.STOCK
        since, until = date(year, 1, 1), min(date(year + 1, 1, 1), clock.today().replace(day=1))
        found = amounts(codes, missing, Period(BEGINNING if stock else since, until), Grain.MONTH)
        first = min((day for *_rest, day in found if day), default=since) if stock else since
        first = self.firsts.setdefault((codes[-1], year), first) if stock else since
        count = max(0, (until.year - first.year) * MONTHS + until.month - first.month)
        rows = {(code, key): np.zeros(count, dtype=np.int64) for code in codes for key in missing}
        for (key, code, day), amount in found.items():
            assert day is not None
            at = (day.year - first.year) * MONTHS + day.month - first.month
            rows[code, key][max(0, at)] += amount
        for (code, key), row in rows.items():
            self.kept[code, key, year] = row.cumsum() if stock else row

    def judged(self, of: Metric, above: int, year: int) -> Judged:
        """The table below a place, or of a top (its key negative) alone."""
        if (found := self.tables.get((of.pk, above, year))) is None:
            found = self.tables[of.pk, above, year] = self.judge(of, above, year)
        return found

    def judge(self, of: Metric, above: int, year: int) -> Judged:
        import numpy as np  # noqa: PLC0415

        from huying.figures.rules.hiding import months, stocks, years  # noqa: PLC0415

        keys = [-above] if above < 0 else self.below[above]
        values = np.array([self.kept[of.pk, key, year] for key in keys], dtype=np.int64)
        if above > 0:
            whole = self.kept[of.pk, above, year]
            values = values.reshape(len(keys), len(whole))
            values = np.vstack((values, whole - values.sum(axis=0)))  # last what was counted at the place itself
        guards = [(self.judged(one, above, year), one.unit_id == of.unit_id) for one in self.guards(of)]
        cells, tiny = judged_by(of, values, guards)
        shut, shut_year = self.hidden_above(of, above, year)
        rows = {key: n for n, key in enumerate(keys)}
        if of.kind == MetricKind.STOCK:
            hidden = stocks(cells, shut, of.least_public)
            last = hidden[:, -1] if hidden.shape[1] else np.zeros(len(values), dtype=bool)
            return Judged(rows, cells, hidden, last, np.zeros_like(last))
        out: Hidden = months(cells, shut)
        forced = np.logical_or.reduce([tiny, *(guard.years for guard, _same in guards)])
        closed = np.ones_like(tiny) if shut_year else years(cells, out, forced, shut)
        return Judged(rows, cells, out.cells, closed, tiny)

    def hidden_above(self, of: Metric, above: int, year: int) -> tuple[Flags | None, bool]:
        """Months and the year that are hidden at the place above; None for a top."""
        if above < 0:
            return None, False
        higher = self.above[above]
        judged = self.judged(of, -above if higher is None else higher, year)
        row = judged.rows[above]
        return judged.hidden[row], bool(judged.years[row])


def judged_by(of: Metric, values: Numbers, guards: Iterable[tuple[Judged, bool]]) -> tuple[Cells, Flags]:
    """Which cells are small: in themselves, in what the metric is guarded by, or, where that counts the same unit (the
    flag beside it), in what is left of it (closed but not in time); and which years are.
    """
    import numpy as np  # noqa: PLC0415

    from huying.figures.rules.hiding import FREE, Cells, small, wanted  # noqa: PLC0415

    least, totals, whole = of.least_public, values.sum(axis=1), True
    sensitive, tiny = small(values, least), small(totals, least)
    forced, most = np.zeros_like(sensitive), np.full_like(values, FREE)
    for n, (guard, same) in enumerate(guards):
        forced, near, near_years = forced | guard.hidden, guard.cells.sensitive, guard.small_years
        if same:
            wholes = guard.cells.values
            most = wholes if n == 0 else most  # the second one is judged for what is left of it, not as a bound
            near = near | small(wholes - values, least)
            near_years = near_years | small(wholes.sum(axis=1) - totals, least)
        sensitive, tiny = sensitive | near & (values != 0), tiny | near_years & (totals != 0)
        whole = whole and same
    return Cells(values, sensitive, forced, most, wanted(values, least, whole=whole)), tiny


def told(of: Metric, judged: Judged, row: int, month: int | None, year: int) -> int | None:
    """One cell, or a row's year: the sum of a flow, the end of a stock; None is hidden."""
    values = judged.cells.values[row]
    stock = of.kind == MetricKind.STOCK
    if month is None:
        if judged.years[row]:
            return None
        return int(values[-1:].sum() if stock else values.sum())
    at = month
    if stock:
        at = len(values) - (min(MONTHS, (clock.today().year - year) * MONTHS + clock.today().month - 1) - month)
        if at < 0:
            return 0  # before there was any
    return None if judged.hidden[row, at] else int(values[at])
