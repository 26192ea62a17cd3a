"""Tables and charts of a round-up: metrics by child or by month. None is a value that cannot be said or is hidden.

A table also says which numbers it holds: ``metrics`` of its columns, and ``of``, for each row its place (public id; nothing
for what was counted at the place itself) and days, so that a cell can lead to its number.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from huying.cockpit.rules import report_saying as saying
from huying.cockpit.rules.report_notation import Grid
from huying.figures import queries as figures
from huying.figures.models import Metric
from huying.figures.queries import Period
from huying.figures.queries.amounts import next_month
from huying.figures.states import Grain
from huying.kernel.actor import Actor
from huying.places.models import Place

MONTHS, MOST_BARS = 12, 24
HIDDEN_CELL, EMPTY_CELL = "*", "–"
HIDDEN_NOTE = "“*”表示数较小，不公布。"
OWN, WHOLE = "本级", "合计"


@dataclass(frozen=True, slots=True)
class Line:
    """One value of a metric: how its row is called, and whose it is, in which days."""

    label: str
    place: Place | None
    period: Period
    value: figures.Value

    @property
    def ref(self) -> list[str]:
        where = str(self.place.public_id) if self.place else ""
        return [where, self.period.since.isoformat(), self.period.until.isoformat()]


Column = list[Line]


def grid_of(reader: Actor, place: Place, period: Period, block: Grid) -> dict[str, Any]:
    """A table (``heads``, ``rows``, ``metrics``, ``of``) or chart (``labels``, ``series``) with its ``note``."""
    register = {one.pk: one for one in figures.register()}
    metrics = [register[code] for code in block.metrics]
    metrics = [one for one in metrics if one.is_public] if reader.is_anonymous else metrics
    if block.split == "month":
        columns = [by_month(reader, one, place, period) for one in metrics]
    else:
        columns = [by_child(reader, one, place, period, whole=block.what == "table") for one in metrics]
    made: dict[str, Any] = {"kind": block.what, "title": block.title, "note": ""}
    if any(line.value.hidden for column in columns for line in column):
        made["note"] = HIDDEN_NOTE
    # What does not add up has no parts: its one value stands in the row of the whole
    rows: Column = max(columns, key=len, default=[])
    if block.what == "table":
        first = "月份" if block.split == "month" else "地方"
        made["heads"] = [first, *(f"{one.name}（{one.unit.name}）" for one in metrics)]
        made["rows"] = [
            [row.label, *(cell(one, beside(rows, n, column)) for one, column in zip(metrics, columns, strict=True))]
            for n, row in enumerate(rows)
        ]
        made["metrics"], made["of"] = [one.pk for one in metrics], [row.ref for row in rows]
        return made
    if len(rows) > MOST_BARS:
        made["note"] += f"图中只有前{MOST_BARS}个，共{len(rows)}个。"
    shown = range(min(len(rows), MOST_BARS))
    made["labels"] = [rows[n].label for n in shown]
    made["series"] = [
        {"name": f"{one.name}（{one.unit.name}）", "values": [drawn(beside(rows, n, column)) for n in shown]}
        for one, column in zip(metrics, columns, strict=True)
    ]
    return made


def beside(rows: Column, n: int, column: Column) -> figures.Value:
    """The value of a column in a row; nothing where the column has no such row."""
    if len(column) == len(rows):
        return column[n].value
    return next((line.value for line in column if line.label == rows[n].label), figures.Value(None))


def by_child(reader: Actor, metric: Metric, place: Place, period: Period, *, whole: bool) -> Column:
    """Children in the order of the tree, the place itself where it counted something or hides it, and the whole."""
    if reader.is_anonymous and not figures.ended(period):
        return [Line(WHOLE, place, period, figures.Value())]
    if not metric.additive:
        return [Line(WHOLE, place, period, figures.value(reader, metric, place, period))]
    split = figures.by_child(reader, metric, place, period)
    found = [Line(one.place.name if one.place else OWN, one.place, period, one.value) for one in split.lines]
    return [*found, Line(WHOLE, place, period, split.whole)] if whole else found


def by_month(reader: Actor, metric: Metric, place: Place, period: Period) -> Column:
    """The months of the period, the first and the last cut as the period is, so that they add up to what the text says;
    of a single month, the twelve that end with it.
    """
    since = period.since
    if period == Period.month(since):
        since = next_month(date(since.year - 1, since.month, 1))
    asked = Period(since, period.until)
    found = figures.over_time(reader, metric, place, asked, Grain.MONTH)
    months = [(Period(max(day, since), min(next_month(day), asked.until)), value) for day, value in found]
    return [Line(month_words(days), place, days, value) for days, value in months]


def month_words(days: Period) -> str:
    """2026年3月, or 2026年3月15日至31日 of a month that is cut."""
    month = f"{days.since.year}年{days.since.month}月"
    last = date.fromordinal(days.until.toordinal() - 1)
    return month if days == Period.month(days.since) else f"{month}{days.since.day}日至{last.day}日"


def cell(metric: Metric, value: figures.Value) -> str:
    if value.hidden:
        return HIDDEN_CELL
    number = saying.size(value)
    return EMPTY_CELL if number is None else saying.measured(metric, number, bare=True)


def number_in(block: dict[str, Any], n: int, k: int) -> tuple[str, str, str, str] | None:
    """Which number stands in row ``n`` under metric ``k`` of a table: metric, public id of the place, first day, day after
    the last. None where none stands, of what was counted at the place itself, and in papers locked before tables said so.
    """
    place, since, until = block["of"][n] if "of" in block else ("", "", "")
    if not place or block["rows"][n][k + 1] in {HIDDEN_CELL, EMPTY_CELL}:
        return None
    return block["metrics"][k], place, since, until


def numbers_in(block: dict[str, Any]) -> dict[tuple[int, int], tuple[str, str, str, str]]:
    """(row, metric) -> its number, of all cells of a table that hold one."""
    spots = ((n, k) for n in range(len(block["rows"])) for k in range(len(block["heads"]) - 1))
    return {(n, k): found for n, k in spots if (found := number_in(block, n, k))}


def drawn(value: figures.Value) -> float | None:
    number = saying.size(value)
    return None if number is None else float(number)
