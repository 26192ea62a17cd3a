"""Numbers that others reported are entered with source and date, and corrected by a newer word; checks are set beside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from huying.figures import rules
from huying.figures.actions.refusals import AlreadyCorrected, CheckEnded, CheckNameTaken
from huying.figures.models import Check, Metric, ReportedFigure, Unit
from huying.figures.rules.checks import misfit
from huying.figures.rules.words import PERCENT, Told, exponent, parse
from huying.kernel import audit, clock, locks
from huying.kernel.actor import Actor
from huying.kernel.errors import Forbidden, InvalidInput, Text
from huying.kernel.transactions import begin
from huying.places.models import Place

MOST_NAMES = 200


@dataclass(frozen=True, slots=True)
class Report:
    """A reported figure as it is entered: ``told`` in words (57万余人次; the unit may stand there or in ``unit``)."""

    code: str
    name: str
    told: str
    as_of: date
    source: str
    unit: str = ""
    metric: str = ""
    names: Sequence[str] = ()


def report(*, actor: Actor, place: Place, facts: Report) -> ReportedFigure:
    """Enter what somebody reported of ``place``. Forbidden, InvalidInput naming the fields."""
    with begin(actor):
        if not rules.can_keep(actor, place):
            raise Forbidden
        figure = ReportedFigure.objects.create(place=place, entered_by=actor.person_id, **read(facts))
        audit.record(actor, "figure.report", figure, place_path=place.path, changes={"code": figure.code})
        return figure


def correct(*, actor: Actor, figure: ReportedFigure, facts: Report, reason: str) -> ReportedFigure:
    """A newer word on the same number; the older stays beside it. Forbidden, AlreadyCorrected, InvalidInput."""
    if not reason.strip():
        raise InvalidInput(fields={"reason": _("请写明为什么更正。")})
    with begin(actor):
        if not rules.can_keep(actor, figure.place):
            raise Forbidden
        values = read(facts) | {"code": figure.code, "replaces": figure, "reason": reason.strip()}
        try:
            with transaction.atomic():  # the older word cannot be changed, nor locked: the newer is there once
                newer = ReportedFigure.objects.create(place=figure.place, entered_by=actor.person_id, **values)
        except IntegrityError as taken:
            raise AlreadyCorrected from taken
        changes = {"code": newer.code, "from": str(figure.value), "to": str(newer.value)}
        audit.record(actor, "figure.correct", newer, place_path=figure.place.path, changes=changes)
        return newer


def read(facts: Report) -> dict[str, Any]:
    """What is kept of a report. InvalidInput naming every field that is wrong."""
    wrong: dict[str, Text] = {}
    told, unit = Told(parse("0").value), None
    try:
        told = parse(facts.told)
        unit = unit_of(told, facts.unit)
    except InvalidInput as error:
        wrong |= error.fields or {"told": error.message}
    if facts.as_of > clock.today():
        wrong["as_of"] = _("数据日期不能晚于今天。")
    if not facts.source.strip():
        wrong["source"] = _("请写明来源。")
    metric = Metric.objects.filter(pk=facts.metric).first() if facts.metric else None
    if metric is not None and unit is not None and metric.unit_id != unit.pk:
        wrong["metric"] = _("这个指标的单位和填的单位不同。")
    if len(facts.names) > MOST_NAMES:
        wrong["names"] = _("名称太多。")
    if wrong:
        raise InvalidInput(fields=wrong)
    return {
        "code": facts.code,
        "name": facts.name.strip(),
        "metric": metric,
        "told": facts.told.strip(),
        "value": told.value,
        "told_power": exponent(told.value),
        "sign": told.sign,
        "unit": unit,
        "names": [one.strip() for one in facts.names if one.strip()],
        "as_of": facts.as_of,
        "source": facts.source.strip(),
    }


def unit_of(told: Told, chosen: str) -> Unit:
    """The unit that was told, or that was chosen; both must agree. InvalidInput naming the field."""
    row = Unit.objects.filter(pk=chosen).first() if chosen else None
    if chosen and row is None:
        raise InvalidInput(fields={"unit": _("请选择单位。")})
    written = Unit.objects.filter(name=told.unit).first() if told.unit else None
    if told.unit and written is None:
        raise InvalidInput(fields={"told": _("单位表里没有数后面写的这个单位，请去掉它，在下面选择单位。")})
    if row is not None and written is not None and row != written:
        raise InvalidInput(fields={"unit": _("数后面写的单位和选的单位不同。")})
    found = written or row
    if found is None:
        raise InvalidInput(fields={"unit": _("请选择单位。")})
    if told.of and found.name != PERCENT:
        raise InvalidInput(fields={"unit": _("“率达”后面要写百分数。")})
    return found


def add_check(*, actor: Actor, place: Place, name: str, statement: Mapping[str, Any]) -> Check:
    """Set a check beside the reported figures of ``place``. Forbidden, CheckNameTaken, InvalidInput naming the fields."""
    if wrong := misfit(statement):
        raise InvalidInput(fields=wrong)
    with begin(actor):
        if not rules.can_keep(actor, place):
            raise Forbidden
        made = {"kind": statement["kind"], "statement": dict(statement), "made_by": actor.person_id}
        try:
            with transaction.atomic():
                check = Check.objects.create(place=place, name=name.strip(), **made)
        except IntegrityError as taken:
            raise CheckNameTaken(fields={"name": CheckNameTaken.message}) from taken
        audit.record(actor, "figure.check", check, place_path=place.path, changes={"kind": check.kind})
        return check


def end_check(*, actor: Actor, check: Check) -> Check:
    """Take a check out of use; it stays in the records. Forbidden, CheckEnded."""
    with begin(actor):
        if not rules.can_keep(actor, check.place):
            raise Forbidden
        fresh = locks.one(Check, pk=check.pk)
        if fresh.ended_at is not None:
            raise CheckEnded
        fresh.ended_at = clock.now()
        fresh.save(update_fields=["ended_at"])
        audit.record(actor, "figure.end_check", fresh, place_path=check.place.path)
        return fresh
