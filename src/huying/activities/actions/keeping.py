"""Kinds, themes and units are data: those who keep them add, rename, order and retire rows. Nothing is ever deleted."""

from __future__ import annotations

from typing import Any, TypeVar

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from huying.activities import rules
from huying.activities.models import ActivityKind, DataRow, Result, Theme, Unit
from huying.activities.states import COUNTED_UNIT
from huying.kernel import audit, locks
from huying.kernel.actor import Actor
from huying.kernel.errors import Conflict, Forbidden, InvalidInput
from huying.kernel.transactions import begin

D = TypeVar("D", ActivityKind, Theme, Unit)
STEP = 10
"""Orders leave gaps, so that a row moves without touching the others."""


class CodeTaken(Conflict):
    code = "code_taken"
    message = _("这个代码已经有了，请换一个。")


class UnitCounts(Conflict):
    code = "unit_counts"
    message = _("签到用“{unit}”计数，不能停用。")


class DigitsUsed(InvalidInput):
    code = "digits_used"
    message = _("已经有结果用了这个单位，小数位数只能增加。")


def save_row(*, actor: Actor, row: D) -> D:
    """Add or change a kind, a theme or a unit; what was written with it keeps it. A new row comes last.

    Raises Forbidden, CodeTaken, DigitsUsed, InvalidInput for days that no year has.
    """
    if not rules.can_keep_data(actor):
        raise Forbidden
    with begin(actor):
        model = type(row)
        before = locks.one(model, pk=row.pk) if row.pk else model()
        if isinstance(row, Theme) and (wrong := rules.days_wrong(row)):
            raise InvalidInput(fields=wrong)
        if isinstance(row, Unit) and row.digits < before.digits and Result.objects.filter(unit=row).exists():
            raise DigitsUsed(fields={"digits": DigitsUsed.message})
        if not row.pk:
            row.order = (model._default_manager.aggregate(last=Max("order"))["last"] or 0) + STEP
        changes = moved(before, row)
        try:
            with transaction.atomic():
                row.save()
        except IntegrityError:
            raise CodeTaken(fields={"code": CodeTaken.message}) from None
        audit.record(actor, "activity_data.save", row, changes={"code": row.code, **changes})
        return row


def moved(before: DataRow, after: DataRow) -> dict[str, Any]:
    """The new values of the fields that differ."""
    names = [field.name for field in type(after)._meta.concrete_fields if not field.primary_key]
    return {name: getattr(after, name) for name in names if getattr(before, name) != getattr(after, name)}


def set_row_active(*, actor: Actor, row: D, active: bool) -> D:
    """No longer offer a row, or offer it again; whatever has it keeps it. Forbidden, UnitCounts."""
    if not rules.can_keep_data(actor):
        raise Forbidden
    with begin(actor):
        fresh = locks.one(type(row), pk=row.pk)
        if not active and isinstance(fresh, Unit) and fresh.code == COUNTED_UNIT:
            raise UnitCounts(unit=fresh.name)
        fresh.active = active
        fresh.save(update_fields=["active"])
        audit.record(actor, "activity_data.active", fresh, changes={"code": fresh.code, "active": active})
        return fresh


def move_row(*, actor: Actor, row: D, up: bool) -> None:
    """Move a row one place up or down its table; at the end of it nothing happens."""
    if not rules.can_keep_data(actor):
        raise Forbidden
    with begin(actor):
        rows = sorted(locks.many(type(row)._default_manager.all()), key=lambda one: (one.order, one.pk))
        here = next(i for i, one in enumerate(rows) if one.pk == row.pk)
        there = here - 1 if up else here + 1
        if not 0 <= there < len(rows):
            return
        rows[here], rows[there] = rows[there], rows[here]
        for place, one in enumerate(rows, start=1):
            if one.order != place * STEP:
                one.order = place * STEP
                one.save(update_fields=["order"])
        audit.record(actor, "activity_data.move", row, changes={"code": row.code, "up": up})
