"""All metrics of a place as a table for files: each with its value, by place below or by stretch of time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from huying.figures.models import Metric
from huying.figures.queries.amounts import Period, following, stretches
from huying.figures.queries.values import Value, counted, level, made, of_place, register
from huying.figures.rules import can_read
from huying.figures.states import Grain, Split
from huying.kernel.actor import Actor
from huying.kernel.errors import NotFound
from huying.places.models import Place

PLACES_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Cell:
    """One metric at one place in one stretch of time."""

    metric: Metric
    place: Place
    period: Period
    value: Value


def table(actor: Actor, place: Place, period: Period, split: Split) -> Iterator[Cell]:
    """The numbers of a place: one row a metric; with a split also each place below, or each month. NotFound for who does
    not read the place (the public asks number by number, small ones hidden).
    """
    if not can_read(actor, place):
        raise NotFound
    metrics = list(register())
    if split == Split.MONTH:
        return over_months(metrics, place, period)
    return over_places(metrics, place, period, below=split == Split.PLACE)


def over_months(metrics: list[Metric], place: Place, period: Period) -> Iterator[Cell]:
    for day in stretches(period, Grain.MONTH):
        part = Period(max(day, period.since), min(following(day, Grain.MONTH), period.until))
        yield from cells(metrics, [place], part)


def over_places(metrics: list[Metric], place: Place, period: Period, *, below: bool) -> Iterator[Cell]:
    yield from cells(metrics, [place], period)
    if below:
        rows = Place.objects.filter(parent=place).order_by("kind__order", "sort_key", "id")
        children = list(rows)
        for first in range(0, len(children), PLACES_AT_ONCE):
            yield from cells(metrics, children[first : first + PLACES_AT_ONCE], period)


def cells(metrics: list[Metric], places: list[Place], period: Period) -> Iterator[Cell]:
    """All metrics of these places, in two statements."""
    parts = {one.pk: one for of in metrics for one in counted(of)}
    found = level(parts.values(), [one.pk for one in places], period)
    for at in places:
        for of in metrics:
            yield Cell(of, at, period, made(of, partial(of_place, found, at.pk)))
