"""Tables and charts of a round-up: metrics by child or by month. None is a value that cannot be said or is hidden."""

from __future__ import annotations

from datetime import date
from typing import Any

from huying.cockpit.rules import report_saying as saying
from huying.cockpit.rules.report_notation import Grid
from huying.figures import queries as figures
from huying.figures.models import Metric
from huying.figures.queries.amounts import next_month
from huying.figures.states import Grain
from huying.kernel.actor import Actor
from huying.places.models import Place

MONTHS, MOST_BARS = 12, 24
HIDDEN_NOTE = "“*”表示数较小，不公布。"
OWN, WHOLE = "本级", "合计"
Column = list[tuple[str, figures.Value]]
"""One label and value after the other."""


def grid_of(reader: Actor, place: Place, period: figures.Period, block: Grid) -> dict[str, Any]:
    """A table (``heads``, ``rows``) or chart (``labels``, ``series``) with its ``note``."""
    register = {one.pk: one for one in figures.register()}
    metrics = [register[code] for code in block.metrics]
    metrics = [one for one in metrics if one.is_public] if reader.is_anonymous else metrics
    if block.split == "month":
        columns = [by_month(reader, one, place, period) for one in metrics]
    else:
        columns = [by_child(reader, one, place, period, whole=block.what == "table") for one in metrics]
    made: dict[str, Any] = {"kind": block.what, "title": block.title, "note": ""}
    if any(value.hidden for column in columns for _label, value in column):
        made["note"] = HIDDEN_NOTE
    labels = [label for label, _value in columns[0]] if columns else []
    if block.what == "table":
        first = "月份" if block.split == "month" else "地方"
        made["heads"] = [first, *(f"{one.name}（{one.unit.name}）" for one in metrics)]
        made["rows"] = [
            [label, *(cell(one, column[n][1]) for one, column in zip(metrics, columns, strict=True))]
            for n, label in enumerate(labels)
        ]
        return made
    if len(labels) > MOST_BARS:
        made["note"] += f"图中只有前{MOST_BARS}个，共{len(labels)}个。"
    made["labels"] = labels[:MOST_BARS]
    made["series"] = [
        {"name": f"{one.name}（{one.unit.name}）", "values": [drawn(v) for _l, v in column[:MOST_BARS]]}
        for one, column in zip(metrics, columns, strict=True)
    ]
    return made


def by_child(reader: Actor, metric: Metric, place: Place, period: figures.Period, *, whole: bool) -> Column:
    """Children in the order of the tree, the place itself where it counted something or hides it, and the whole."""
    if not metric.additive:
        return [(WHOLE, figures.value(reader, metric, place, period))]
    split = figures.by_child(reader, metric, place, period)
    found = [(line.place.name if line.place else OWN, line.value) for line in split.lines]
    return [*found, (WHOLE, split.whole)] if whole else found


def by_month(reader: Actor, metric: Metric, place: Place, period: figures.Period) -> Column:
    """The months of the period; of a single month, the twelve that end with it."""
    since = period.since.replace(day=1)
    if period == figures.Period.month(since):
        since = next_month(date(since.year - 1, since.month, 1))
    asked = figures.Period(since, period.until)
    found = figures.over_time(reader, metric, place, asked, Grain.MONTH)
    return [(f"{day.year}年{day.month}月", value) for day, value in found]


def cell(metric: Metric, value: figures.Value) -> str:
    if value.hidden:
        return "*"
    number = saying.size(value)
    return "–" if number is None else saying.measured(metric, number, bare=True)


def drawn(value: figures.Value) -> float | None:
    number = saying.size(value)
    return None if number is None else float(number)
