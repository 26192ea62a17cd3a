"""Around a call: words between the sides, duplicates."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from huying.calls import rules
from huying.calls.actions.clocks import CallCounts, start_clock
from huying.calls.actions.dispatching import let_all_go
from huying.calls.actions.moving import CallMoved, remember
from huying.calls.models import Call, CallMessage
from huying.calls.states import ENDED_STATES, State
from huying.kernel import audit, clock, events, locks
from huying.kernel.actor import Actor
from huying.kernel.errors import Conflict, Forbidden, InvalidInput
from huying.kernel.transactions import begin


class NothingSaid(InvalidInput):
    code = "nothing_said"
    message = _("请先写点内容。")


class NotADuplicate(Conflict):
    code = "not_a_duplicate"
    message = _("这两件求助不能合并：{why}")


def say(*, actor: Actor, call: Call, text: str) -> CallMessage:
    """Leave a short word for the other sides of the call."""
    text = text.strip()
    if not text:
        raise NothingSaid(fields={"text": NothingSaid.message})
    with begin(actor):
        # the line in the history names the state: nobody may move the call meanwhile
        fresh = locks.one(Call, pk=call.pk)
        known = rules.parties(actor, fresh) & {"requester", "helper", "staff"}
        if not known:
            raise Forbidden
        side = next(side for side in ("requester", "helper", "staff") if side in known)
        message = CallMessage.objects.create(
            call=fresh, person_id=actor.person_id or 0, side=side, text=text[:500], at=clock.now()
        )
        event = remember(actor, fresh, "say", fresh.state, "", {"message": message.pk})
        events.publish(CallMoved(call_id=call.pk, event_id=event.pk))
        return message


def mark_duplicate(*, actor: Actor, call: Call, of: Call) -> Call:
    """Join a call to another one for the same matter: this one ends, the other goes on and remembers it.

    Raises NotADuplicate when either has ended, when helpers come for this one already, or when the other one is joined.
    """
    with begin(actor):
        locked = {one.pk: one for one in locks.many(Call.objects.filter(pk__in=[call.pk, of.pk]))}
        fresh, other = locked[call.pk], locked[of.pk]
        if not (rules.can_handle(actor, fresh) and rules.can_handle(actor, other)):
            raise Forbidden
        if fresh.pk == other.pk or other.duplicate_of_id:
            raise NotADuplicate(why=_("请选择仍在办理的那一件"))
        if other.state in ENDED_STATES | {State.DRAFT}:
            raise NotADuplicate(why=_("那一件已经结束"))
        if fresh.state in ENDED_STATES | {State.DRAFT} or fresh.accepted_count:
            raise NotADuplicate(why=_("这件已经有人在办或已结束"))

        gone = let_all_go(fresh)
        before, fresh.duplicate_of = fresh.state, other
        fresh.state, fresh.ended_at = State.CANCELLED, clock.now()
        start_clock(fresh)
        fresh.save()

        event = remember(actor, fresh, "duplicate", before, "", {"of": other.number, **gone})
        remember(actor, other, "joined", other.state, "", {"from": fresh.number})
        audit.record(actor, "call.duplicate", fresh, place_path=fresh.place.path, changes={"of": other.number})
        events.publish(CallMoved(call_id=fresh.pk, event_id=event.pk))
        events.publish(CallCounts(call_id=fresh.pk))
        return fresh
