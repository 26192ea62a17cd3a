"""Silence moves a call up: from the station to the office to the centre, one level at a time (domain.md section 1)."""

from __future__ import annotations

from collections.abc import Sequence

from huying.calls.actions.clocks import CallCounts, next_lift
from huying.calls.actions.moving import CallMoved, remember
from huying.calls.models import Call
from huying.calls.states import NEXT_LEVEL, REFUSALS_TO_LIFT, Level, OfferState, State
from huying.kernel import audit, clock, events, locks
from huying.kernel.actor import Actor
from huying.kernel.transactions import begin


def note_overdue(*, actor: Actor, call: Call) -> bool:
    """A clock ran out: lift the call one level and set when to look again; False when nothing is to do.

    Once for each clock, however many workers look: the second finds the next moment set. Where an offer is late, taking
    it back is what comes first (``expire``).
    """
    with begin(actor):
        return noted(actor, locks.one(Call, pk=call.pk))


def noted(actor: Actor, call: Call) -> bool:
    """The same for a call that is locked already."""
    now = clock.now()
    if call.lift_at is None or call.lift_at > now or call.state == State.DELIVERED:
        return False
    if call.offers.filter(state=OfferState.OFFERED, answer_due_at__lte=now).exists():
        return False
    was, call.overdue = call.overdue, call.overdue or bool(call.stage_due_at and call.stage_due_at <= now)
    if call.level == Level.CENTRE:  # nobody is above: it is late, and nothing else happens
        call.lift_at = None
        call.save(update_fields=["overdue", "lift_at"])
    else:
        lift(actor, call)
    if call.overdue and not was:  # from now on it is due (domain 2.2), done or not
        events.publish(CallCounts(call_id=call.pk))
    return True


def lift_when_silent(call: Call, units: Sequence[str]) -> None:
    """Units that must answer did not: the next desk up hears of it at once, with their names (S0-3a.2). Nobody is above the
    centre: there the centre itself hears of it, and who looks on from above every level.
    """
    if not units:
        return
    worker = Actor.system("calls.escalate")
    if call.level != Level.CENTRE:
        lift(worker, call, units=units)
        return
    event = remember(worker, call, "silent", call.state, "", {"units": list(units)})
    audit.record(worker, "call.silent", call, place_path=call.place.path, changes={"event": event.pk})
    events.publish(CallMoved(call_id=call.pk, event_id=event.pk))


def lift_when_refused(call: Call, units: Sequence[str] = ()) -> bool:
    """Two said no or stayed silent since the call waits for help: the office looks at it, and hears the names of
    ``units`` that were silent. True when it was lifted.

    While a call goes out ring by ring, its rings say who holds it.
    """
    if call.level != Level.STATION or call.waiting_since is None or call.ring:
        return False
    gone = call.offers.filter(state__in=[OfferState.DECLINED, OfferState.EXPIRED], answered_at__gte=call.waiting_since)
    if gone.count() < REFUSALS_TO_LIFT:
        return False
    lift(Actor.system("calls.escalate"), call, units=units)
    return True


def lift(actor: Actor, call: Call, units: Sequence[str] = ()) -> None:
    """One level up, in the history and the trail, and word to those who hold it now; ``call`` is locked. ``units``: names
    of those whose silence it was.
    """
    call.level = NEXT_LEVEL[Level(call.level)]
    call.lift_at = next_lift(call)
    call.save(update_fields=["overdue", "level", "lift_at"])
    facts = {"level": call.level} | ({"units": list(units)} if units else {})
    event = remember(actor, call, "escalate", call.state, "", facts)
    audit.record(actor, "call.escalate", call, place_path=call.place.path, changes={"level": call.level})
    events.publish(CallMoved(call_id=call.pk, event_id=event.pk))
