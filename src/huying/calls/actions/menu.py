"""The service menu and its clocks: data that those who keep it change on a page (S2-7b)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from huying.calls import rules
from huying.calls.models import Clock, ServiceKind
from huying.kernel import audit, locks
from huying.kernel.actor import Actor
from huying.kernel.errors import Conflict, Forbidden
from huying.kernel.transactions import begin
from huying.volunteers.models import Skill

STEP = 10
"""Orders leave gaps, so that a line moves without touching the others."""


class CodeTaken(Conflict):
    code = "code_taken"
    message = _("这个代码已经有了，请换一个。")


def save_kind(*, actor: Actor, kind: ServiceKind, skills: Iterable[Skill] | None = None) -> ServiceKind:
    """Add or change a line of the service menu; calls that were made keep their answers. Raises CodeTaken."""
    if not rules.can_keep_menu(actor):
        raise Forbidden
    with begin(actor):
        before = locks.one(ServiceKind, pk=kind.pk) if kind.pk else ServiceKind()
        changes = moved(before, kind)
        try:
            with transaction.atomic():
                kind.save()
        except IntegrityError:
            raise CodeTaken(fields={"code": CodeTaken.message}) from None
        if skills is not None:
            kind.skills.set(skills)
            changes["skills"] = sorted(skill.code for skill in skills)

        audit.record(actor, "menu.save", kind, changes={"code": kind.code, **changes})
        return kind


def moved(before: ServiceKind, after: ServiceKind) -> dict[str, Any]:
    """The new values of the fields that differ."""
    names = [field.attname for field in ServiceKind._meta.concrete_fields if not field.primary_key]
    return {name: getattr(after, name) for name in names if getattr(before, name) != getattr(after, name)}


def set_kind_active(*, actor: Actor, kind: ServiceKind, active: bool) -> ServiceKind:
    """Take a line off the menu, or put it back; calls under way go on."""
    if not rules.can_keep_menu(actor):
        raise Forbidden
    with begin(actor):
        fresh = locks.one(ServiceKind, pk=kind.pk)
        fresh.active = active
        fresh.save(update_fields=["active"])
        audit.record(actor, "menu.active", fresh, changes={"code": fresh.code, "active": active})
        return fresh


def move_kind(*, actor: Actor, kind: ServiceKind, up: bool) -> None:
    """Move a line one place up or down the menu; at the end of it nothing happens."""
    if not rules.can_keep_menu(actor):
        raise Forbidden
    with begin(actor):
        rows = sorted(locks.many(ServiceKind.objects.all()), key=lambda one: (one.order, one.pk))
        here = next(i for i, one in enumerate(rows) if one.pk == kind.pk)
        there = here - 1 if up else here + 1
        if not 0 <= there < len(rows):
            return
        rows[here], rows[there] = rows[there], rows[here]
        for place, one in enumerate(rows, start=1):
            if one.order != place * STEP:
                one.order = place * STEP
                one.save(update_fields=["order"])
        audit.record(actor, "menu.move", kind, changes={"code": kind.code, "up": up})


def save_clock(*, actor: Actor, stage: str, minutes: int, mode: str, urgent: bool, kind: ServiceKind | None) -> Clock:
    """Set how long a stage may take, for one kind or for all; clocks that run keep the time they were given."""
    if not rules.can_keep_menu(actor):
        raise Forbidden
    with begin(actor):
        rule, _made = Clock.objects.update_or_create(
            kind=kind, stage=stage, urgent=urgent, defaults={"minutes": minutes, "mode": mode}
        )
        facts = {"kind": kind.code if kind else "", "stage": stage, "urgent": urgent, "minutes": minutes, "mode": mode}
        audit.record(actor, "menu.clock", rule, changes=facts)
        return rule


def drop_clock(*, actor: Actor, rule: Clock) -> None:
    """Take a rule away: the general one holds again, or the stage has no clock."""
    if not rules.can_keep_menu(actor):
        raise Forbidden
    with begin(actor):
        facts = {"kind": rule.kind.code if rule.kind else "", "stage": rule.stage, "urgent": rule.urgent}
        audit.record(actor, "menu.clock_dropped", rule, changes=facts)
        rule.delete()
