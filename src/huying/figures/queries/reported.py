"""What others reported, checks of it, and how they end."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import reduce
from operator import or_
from uuid import UUID

from django.db.models import Q, QuerySet

from huying.figures import rules
from huying.figures.models import Check, ReportedFigure, Unit
from huying.figures.rules.adding import Counted
from huying.figures.rules.checks import Given, Result, judge, names_of
from huying.figures.rules.words import NEAR, Told
from huying.figures.states import Reason, Sign, Verdict
from huying.kernel.actor import Actor
from huying.kernel.errors import DomainError, NotFound
from huying.places.models import Place

STANDING_ORDER = ("-as_of", "-id")


@dataclass(frozen=True, slots=True)
class Judged:
    """A check with its result, or the refusal when it adds what cannot be added."""

    check: Check
    result: Result
    refusal: DomainError | None = None


def units() -> QuerySet[Unit]:
    """All units in order."""
    return Unit.objects.order_by("order", "code")


def reported(
    actor: Actor, *, place: Place | None = None, old: bool = False, words: str = ""
) -> QuerySet[ReportedFigure]:
    """Reported figures that the actor sees, of one place alone if given; those that a newer word replaced with ``old``.

    ``words``: found in what it is called, its code, its source, or the number as it was told.
    """
    rows = ReportedFigure.objects.filter(rules.visible_to(actor)).select_related("place", "unit", "metric")
    if place is not None:
        rows = rows.filter(place=place)
    if words:
        held = (Q(**{f"{name}__icontains": words}) for name in ("name", "code", "source", "told"))
        rows = rows.filter(reduce(or_, held))
    return rows if old else rows.filter(replaced_by=None)


def reported_names(actor: Actor, place: Place) -> list[tuple[str, str]]:
    """Every code reported of the place, with what it was called last."""
    rows = reported(actor, place=place).order_by("code", "-as_of", "-id").distinct("code")
    return list(rows.values_list("code", "name"))


def reported_figure(actor: Actor, public_id: UUID) -> ReportedFigure:
    """One figure with its place; NotFound for those who may not see it."""
    found = reported(actor, old=True).filter(public_id=public_id).first()
    if found is None:
        raise NotFound
    return found


def words_of(figure: ReportedFigure) -> list[ReportedFigure]:
    """All words on the same number, the newest first."""
    rows = ReportedFigure.objects.filter(place=figure.place_id, code=figure.code, as_of=figure.as_of)
    by_key = {one.pk: one for one in rows.select_related("unit", "place")}
    by_key[figure.pk] = figure
    later = {one.replaces_id: one for one in by_key.values() if one.replaces_id}
    newest = figure
    while newest.pk in later:
        newest = later[newest.pk]
    chain = [newest]
    while (before := chain[-1].replaces_id) is not None:
        chain.append(by_key.get(before) or ReportedFigure.objects.select_related("unit", "place").get(pk=before))
    return chain


def told_of(figure: ReportedFigure) -> Told:
    """The number as it was told: its value to the last digit told, sign and unit."""
    value = Decimal(figure.value).quantize(Decimal(1).scaleb(min(figure.told_power, 0)))
    if figure.told_power > 0:
        value = Decimal(int(value.scaleb(-figure.told_power))).scaleb(figure.told_power)
    near = figure.sign == Sign.ABOUT and any(word in figure.told for word in NEAR)
    return Told(value, Sign(figure.sign), figure.unit.name, near=near)


def standing(place: Place, codes: Iterable[str], *, until: date | None = None) -> dict[str, ReportedFigure]:
    """Code -> the newest word on it at this place that nothing replaced; of those as of a day before ``until``."""
    rows = ReportedFigure.objects.filter(place=place, code__in=set(codes), replaced_by=None).select_related("unit")
    if until is not None:
        rows = rows.filter(as_of__lt=until)
    found: dict[str, ReportedFigure] = {}
    for one in rows.order_by(*STANDING_ORDER):
        found.setdefault(one.code, one)
    return found


def checks(actor: Actor, place: Place) -> QuerySet[Check]:
    """Checks of this place that are in use."""
    return Check.objects.filter(rules.visible_to(actor), place=place, ended_at=None).order_by("id")


def seen_check(actor: Actor, public_id: UUID) -> Check:
    """One check; NotFound."""
    found = Check.objects.filter(rules.visible_to(actor), public_id=public_id).select_related("place").first()
    if found is None:
        raise NotFound
    return found


def verdicts(actor: Actor, place: Place) -> list[Judged]:
    """All checks of the place with how they end on what is reported now, in two statements."""
    asked = list(checks(actor, place))
    figures = standing(place, (name for one in asked for name in names_of(one.statement)))
    given = {code: given_of(one) for code, one in figures.items()}
    return [judged(one, given) for one in asked]


def given_of(figure: ReportedFigure) -> Given:
    unit = figure.unit
    return Given(Counted(told_of(figure), unit.pk, unit.name, unit.adds), tuple(figure.names))


def judged(check: Check, given: dict[str, Given]) -> Judged:
    try:
        return Judged(check, judge(check.statement, given))
    except DomainError as refusal:
        return Judged(check, Result(Verdict.UNDECIDABLE, reason=Reason.NONE), refusal)
