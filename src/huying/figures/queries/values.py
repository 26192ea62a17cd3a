"""Values of metrics as readers ask for them: flows of a period, stocks at its end, ratios of sums; by child and by time.

Whoever reads the place sees every number. Others see public metrics of whole months and years only, small numbers hidden
(``public.py``).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import partial
from typing import Protocol

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from huying.figures import rules
from huying.figures.models import Metric
from huying.figures.queries.amounts import BEGINNING, BELOW, Period, amounts, following, running, stretches, told
from huying.figures.queries.public import Eye, PeriodOdd, Table, ended
from huying.figures.rules.percents import percent
from huying.figures.states import Grain, MetricKind
from huying.kernel.actor import Actor
from huying.kernel.errors import DomainError, NotFound
from huying.places.models import Place


class NotAdditive(DomainError):
    code = "metric_not_additive"
    message = _("“{metric}”里同一对象可能在几个地方都有，不能相加。")


@dataclass(frozen=True, slots=True)
class Value:
    """One number with what it is made of. Hidden: small, or given away by others; then nothing else is told.

    ``amount`` of a flow or stock; a ratio has ``part`` and ``whole``, which are sums themselves.
    """

    amount: int | None = None
    part: int | None = None
    whole: int | None = None
    hidden: bool = False

    @property
    def percent(self) -> Decimal | None:
        """Of a ratio, two decimals, half up; None where nothing was counted or it is hidden."""
        return self.rounded(2)

    @property
    def exact(self) -> Fraction | None:
        """Of a ratio in percent, not rounded: what is rounded, compared and ranked by."""
        return Fraction(100 * self.part, self.whole) if self.part is not None and self.whole else None

    def rounded(self, places: int) -> Decimal | None:
        """Of a ratio in percent, rounded once."""
        return percent(self.part, self.whole, places) if self.part is not None and self.whole else None


HIDDEN = Value(hidden=True)


@dataclass(frozen=True, slots=True)
class Line:
    """The value of one child; ``place`` None is what was counted at the place itself and at none below it."""

    place: Place | None
    value: Value


@dataclass(frozen=True, slots=True)
class Split:
    """The whole and its parts, in the order of the tree."""

    whole: Value
    lines: list[Line]


def metric(code: str) -> Metric:
    """One metric of the register with its unit. NotFound."""
    found = register().filter(pk=code).first()
    if found is None:
        raise NotFound
    return found


def register() -> QuerySet[Metric]:
    """All metrics in order, the parts of one after it."""
    return Metric.objects.select_related("unit", "numerator__unit", "denominator", "guard", "second_guard").order_by(
        "order", "code"
    )


def value(actor: Actor, of: Metric, place: Place, period: Period, eye: Eye | None = None) -> Value:
    """The metric for the subtree of ``place``; NotFound for who may not see it, InvalidInput for a period he may not ask.

    ``eye``: what everybody sees, for who asks several things for one answer; tables that were made are not made again.
    """
    get = sight(actor, of, place, eye)
    return made(of, partial(get, place=place, period=period))


class Sight(Protocol):
    """The amount of a metric at a place in a period, as far as somebody may see it; None is hidden."""

    def __call__(self, of: Metric, place: Place, period: Period) -> int | None: ...


def sight(actor: Actor, of: Metric, place: Place, eye: Eye | None = None) -> Sight:
    """How this reader sees amounts: all of them, or those the public may see."""
    if rules.can_read(actor, place):
        return everything
    if not of.is_public:
        raise NotFound
    return (eye or Eye()).amount


def everything(of: Metric, place: Place, period: Period) -> int:
    return level([of], [place.pk], period).get((place.pk, of.pk), 0)


def made(of: Metric, amount: Callable[[Metric], int | None]) -> Value:
    """A value of amounts; a ratio is that of its two sums, never a mean of ratios."""
    if of.kind != MetricKind.RATIO:
        found = amount(of)
        return HIDDEN if found is None else Value(found)
    assert of.numerator is not None and of.denominator is not None
    part, whole = amount(of.numerator), amount(of.denominator)
    return HIDDEN if part is None or whole is None else Value(None, part, whole)


def of_place(found: Mapping[tuple[int, str], int], place_id: int, of: Metric) -> int:
    return found.get((place_id, of.pk), 0)


def counted(of: Metric) -> list[Metric]:
    """The metrics whose amounts make a value."""
    return [one for one in (of.numerator, of.denominator) if one is not None] or [of]


def level(metrics: Iterable[Metric], places: Collection[int], period: Period) -> dict[tuple[int, str], int]:
    """Place and metric -> the flow in the period, or the stock at its end."""
    found: dict[tuple[int, str], int] = {}
    metrics = list(metrics)
    for kind, asked in (
        (MetricKind.FLOW, period),
        (MetricKind.STOCK, Period(BEGINNING, period.until)),
    ):
        codes = [one.pk for one in metrics if one.kind == kind]
        if codes:
            found |= {(place, code): amount for (place, code, _day), amount in amounts(codes, places, asked).items()}
    return found


def by_child(actor: Actor, of: Metric, place: Place, period: Period, eye: Eye | None = None) -> Split:
    """The whole and each child's subtree, and what was counted at the place itself. NotFound, NotAdditive."""
    if not of.additive:
        raise NotAdditive(metric=of.name)
    children = list(Place.objects.filter(parent=place).select_related("kind").order_by("kind__order", "sort_key", "id"))
    if not rules.can_read(actor, place):
        return public_split(eye or Eye(), of, place, children, period)
    found = level(counted(of), [place.pk, *(one.pk for one in children)], period)

    def own(one: Metric) -> int:
        below = sum(found.get((child.pk, one.pk), 0) for child in children)
        return found.get((place.pk, one.pk), 0) - below

    lines = [Line(child, made(of, partial(of_place, found, child.pk))) for child in children]
    whole = made(of, partial(of_place, found, place.pk))
    return Split(whole, [*lines, Line(None, made(of, own))])


def public_split(eye: Eye, of: Metric, place: Place, children: list[Place], period: Period) -> Split:
    if not of.is_public:
        raise NotFound
    tables = {one.pk: eye.table(one, place, children, period) for one in counted(of)}
    lines = [Line(at, made(of, partial(cell, tables, n))) for n, at in enumerate([*children, None])]
    return Split(made(of, lambda one: tables[one.pk].whole), lines)


def cell(tables: Mapping[str, Table], row: int, of: Metric) -> int | None:
    return tables[of.pk].cells[row]


def over_time(
    actor: Actor, of: Metric, place: Place, period: Period, grain: Grain, eye: Eye | None = None
) -> list[tuple[date, Value]]:
    """The value of each day, month or year that the period touches; of the days in the period only. Everybody gets those
    months and years that have ended. NotFound, PeriodOdd.
    """
    eye = eye or Eye()
    get = sight(actor, of, place, eye)
    days = stretches(period, grain)
    if not rules.can_read(actor, place):
        if grain == Grain.DAY:
            raise PeriodOdd
        past = [one for one in (Period(day, following(day, grain)) for day in days) if ended(one)]
        return [(one.since, made(of, partial(get, place=place, period=one))) for one in past]
    series = {one.pk: timeline(one, place, period, grain) for one in counted(of)}
    return [(day, made(of, partial(on_day, series, day))) for day in days]


def on_day(series: Mapping[str, Mapping[date, int]], day: date, of: Metric) -> int:
    return series[of.pk].get(day, 0)


def timeline(of: Metric, place: Place, period: Period, grain: Grain) -> dict[date, int]:
    """First day of each stretch -> the flow in it, or the stock at its end."""
    flows = {day: amount for (_p, _m, day), amount in amounts([of.pk], [place.pk], period, grain).items() if day}
    if of.kind != MetricKind.STOCK:
        return flows
    before = amounts([of.pk], [place.pk], Period(BEGINNING, period.since))
    return running(before.get((place.pk, of.pk, None), 0), flows, stretches(period, grain))


def by_child_and_time(
    actor: Actor, of: Metric, place: Place, period: Period, grain: Grain
) -> dict[int, dict[date, int]]:
    """Child key -> first day -> the flow in its subtree, for who reads the place; a table of one statement. NotFound."""
    if not rules.can_read(actor, place) or of.kind != MetricKind.FLOW:
        raise NotFound
    found: dict[int, dict[date, int]] = {}
    for child, _metric, day, amount in told(BELOW, {"parent": place.pk}, [of.pk], period, grain):
        if day is not None:
            found.setdefault(child, {})[day] = amount
    return found


def values(actor: Actor, metrics: Iterable[Metric], place: Place, period: Period) -> dict[str, Value]:
    """Code -> value, of many metrics for one subtree in two statements, for who reads the place. NotFound."""
    if not rules.can_read(actor, place):
        raise NotFound
    asked = list(metrics)
    parts = {one.pk: one for of in asked for one in counted(of)}
    found = level(parts.values(), [place.pk], period)
    return {of.pk: made(of, partial(of_place, found, place.pk)) for of in asked}
