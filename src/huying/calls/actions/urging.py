"""Urging (催办): somebody above asks whoever holds a call to get on with it, once per interval."""

from __future__ import annotations

from datetime import UTC, datetime

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from huying.calls import rules
from huying.calls.actions.clocks import Watch
from huying.calls.actions.moving import CallMoved, StepRefused, remember
from huying.calls.models import Call, Clock
from huying.calls.states import URGEABLE, Stage, State
from huying.kernel import audit, clock, events, locks, worktime
from huying.kernel.actor import Actor
from huying.kernel.errors import Conflict, Forbidden
from huying.kernel.transactions import begin
from huying.ui import when

NOT_SAID = _("请尽快办理。")
NOT_AGAIN = datetime(9999, 1, 1, tzinfo=UTC)
"""Only when the call has moved on."""


class UrgedAlready(Conflict):
    """It was urged lately: the same hour brings no second word."""

    code = "urged_already"
    message = _("这件求助刚催过，{again}。")


def urge(*, actor: Actor, call: Call, note: str = "") -> Call:
    """Ask those who hold the call to get on: a line of its history, and word to them (S0-3a.2; domain 1, 督办).

    Staff of the level that holds it are told, and helpers who said yes; nobody who was only asked (K10). StepRefused
    where nobody of ours is to act, UrgedAlready within the interval.
    """
    with begin(actor):
        fresh = locks.one(Call, pk=call.pk)
        if fresh.state not in URGEABLE:
            raise StepRefused(state=State(fresh.state).label, verb=_("催办"))
        if not rules.can_urge(actor, fresh):
            raise Forbidden
        if again := wait_in_words(fresh):
            raise UrgedAlready(again=again)
        fresh.urged_at = clock.now()
        fresh.save(update_fields=["urged_at"])

        event = remember(actor, fresh, "urge", fresh.state, note or str(NOT_SAID), {})
        audit.record(actor, "call.urge", fresh, place_path=fresh.place.path, changes={"event": event.pk})
        events.publish(CallMoved(call_id=fresh.pk, event_id=event.pk))
        return fresh


def next_urging(call: Call) -> datetime | None:
    """When the call may be urged again; None: at once. How long that is stands among the clocks (``Stage.URGE``).

    Without such a clock each stage is urged once: ``NOT_AGAIN`` then, until the call moves.
    """
    if call.urged_at is None:
        return None
    rows = Clock.objects.filter(Q(kind=call.kind_id) | Q(kind=None), stage=Stage.URGE, urgent__in=[call.urgent, False])
    rule = max(rows, key=lambda one: (one.kind_id is not None, one.urgent), default=None)
    if rule is None:
        return NOT_AGAIN if call.urged_at >= call.stage_started_at else None
    calendar = None if rule.mode == Clock.Mode.NATURAL else worktime.calendar_for(call.place.path)
    due = Watch(call, {Stage.URGE: rule}, calendar, ()).due(Stage.URGE, call.urged_at)
    return due.at if due else None


def wait_in_words(call: Call) -> str:
    """From when on the call may be urged again; "" when at once."""
    again, now = next_urging(call), clock.now()
    return again_in_words(again, now) if again is not None and again > now else ""


def again_in_words(again: datetime, now: datetime) -> str:
    """From when on it may be urged again."""
    if again == NOT_AGAIN:
        return str(_("这一步只能催一次"))
    return str(_("%(moment)s以后可以再催")) % {"moment": when.moment_text(again, now)}
