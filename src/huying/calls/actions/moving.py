"""The one mover: locks the call, checks the table and the actor, changes the state, keeps the time, appends to
history.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from huying.calls import rules
from huying.calls.actions.clocks import CallCounts, start_clock
from huying.calls.models import Call, CallEvent, CallNote
from huying.calls.states import ENDED_STATES, TRANSITIONS, State
from huying.kernel import audit, clock, events, locks
from huying.kernel.actor import Actor
from huying.kernel.errors import Conflict, Forbidden, InvalidInput
from huying.kernel.transactions import begin


class StepRefused(Conflict):
    """The call is not in a state from which this step leads on: somebody else was faster, or the page was old."""

    code = "step_refused"
    message = _("这件求助现在是“{state}”，不能“{verb}”。页面可能已经旧了，请刷新看看。")


class StepForbidden(Forbidden):
    code = "step_forbidden"
    message = _("您不能对这件求助做“{verb}”。")


class ValueMissing(InvalidInput):
    code = "value_missing"
    message = _("请先填好必填的内容。")


class WordsTooMany(InvalidInput):
    code = "words_too_many"
    message = _("最多写 {most} 个字，请删短一些。")


@dataclass(frozen=True, slots=True)
class CallMoved:
    """A call took a step. Reactions tell the people concerned."""

    call_id: int
    event_id: int


@dataclass(frozen=True, slots=True)
class HelpMissing:
    """An offer brought nobody, or somebody dropped out: who comes next is to be asked."""

    call_id: int


COUNTED_STATES = ENDED_STATES | {State.SUBMITTED, State.SUSPENDED}
"""What a call adds to the figures changes where it comes into one of these, or leaves it."""
LONGEST_NOTE = 500
TIMES = {
    State.SUBMITTED: "submitted_at",
    State.REVIEWING: "reviewed_at",
    State.ACCEPTED: "accepted_at",
    State.SERVING: "started_at",
    State.DELIVERED: "delivered_at",
    State.RATED: "rated_at",
}


@contextmanager
def step(actor: Actor, call: Call, verb: str, **given: Any) -> Iterator[Call]:
    """Lock the call and check that ``verb`` may be done by ``actor`` now with what is ``given``; yields the fresh
    row.
    """
    transition = TRANSITIONS[verb]
    with begin(actor):
        fresh = locks.one(Call, pk=call.pk)
        if fresh.state not in transition.from_:
            raise StepRefused(state=State(fresh.state).label, verb=transition.label)
        if not rules.can_take(actor, verb, fresh):
            raise StepForbidden(verb=transition.label)
        missing = [name for name in transition.needs if not str(given.get(name) or "").strip()]
        if missing:
            raise ValueMissing(fields={name: _("请填写这一项。") for name in missing})
        yield fresh


def move(actor: Actor, call: Call, verb: str, *, to: State | None = None, note: str = "", **facts: Any) -> CallEvent:
    """Write the step down: state, times, the next clock, one line of history, one audit line, one event."""
    actor, at = for_whom(actor, call, verb), clock.now()
    before, after = State(call.state), to or TRANSITIONS[verb].to
    if after != before:
        call.state = after
        name = TIMES.get(after)
        if name and getattr(call, name) is None:
            setattr(call, name, at)
        call.ended_at = at if after in ENDED_STATES else None
        start_clock(call, before)
    call.save()
    event = remember(actor, call, verb, before, note, facts)
    changes = {"from": before, "to": after, "event": event.pk}  # why: in the words of the event, which can be forgotten
    audit.record(actor, f"call.{verb}", call, place_path=call.place.path, changes=changes)
    events.publish(CallMoved(call_id=call.pk, event_id=event.pk))
    if before != after and {before, after} & COUNTED_STATES:
        events.publish(CallCounts(call_id=call.pk))
    return event


def for_whom(actor: Actor, call: Call, verb: str) -> Actor:
    """Whoever asked for another person and now speaks for him does so on his behalf; that is marked everywhere."""
    speaks = actor.person_id == call.asked_by_id and "requester" in TRANSITIONS[verb].by
    if speaks and actor.person_id != call.requester_id and actor.on_behalf_of_id is None:
        return actor.behalf(call.requester_id)
    return actor


def remember(actor: Actor, call: Call, verb: str, before: str, note: str, facts: dict[str, Any]) -> CallEvent:
    """Append one line to the history of the call; WordsTooMany when the note is longer than a line can hold."""
    if len(note) > LONGEST_NOTE:
        raise WordsTooMany(most=LONGEST_NOTE)
    event = CallEvent.objects.create(
        call=call,
        at=clock.now(),
        verb=verb,
        from_state=before,
        to_state=call.state,
        person_id=actor.person_id,
        on_behalf=actor.on_behalf_of_id is not None,
        facts=facts,
    )
    if note:
        CallNote.objects.create(event=event, text=note)
    return event
