"""The one mover of this room: locks, checks the table, writes history, trail and event."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from huying.activities import rules
from huying.activities.actions.refusals import ReasonMissing, StepRefused
from huying.activities.models import Activity, ActivityEvent, ActivityNote, Session, Shift
from huying.activities.states import ACTIVITY_STEPS, SESSION_STEPS, ActivityState, SessionState
from huying.kernel import audit, clock, events, locks
from huying.kernel.actor import Actor
from huying.kernel.errors import Forbidden, InvalidInput


@dataclass(frozen=True, slots=True)
class ActivityMoved:
    """An activity or a session took a step. Reactions tell those who signed up."""

    event_id: int


def locked(actor: Actor, activity: Activity) -> Activity:
    """The activity, locked, for somebody who may write it; Forbidden."""
    fresh = locks.one(Activity, pk=activity.pk)
    if not rules.can_write(actor, fresh):
        raise Forbidden
    return fresh


def for_step(actor: Actor, activity: Activity, verb: str, reason: str = "") -> Activity:
    """The locked activity, if ``verb`` leads on from its state and what it needs is given."""
    fresh, step = locked(actor, activity), ACTIVITY_STEPS[verb]
    if fresh.state not in step.from_:
        raise StepRefused(state=ActivityState(fresh.state).label, verb=step.label)
    check_reason(step.needs, reason)
    return fresh


def session_for_step(actor: Actor, session: Session, verb: str, reason: str = "", *, run: bool = False) -> Session:
    """The locked session, if ``verb`` leads on from its state; ``run``: also those who only run it may."""
    fresh, step = locks.one(Session, pk=session.pk), SESSION_STEPS[verb]
    may = rules.can_run if run else rules.can_write
    if not may(actor, fresh.activity):
        raise Forbidden
    if fresh.state not in step.from_:
        raise StepRefused(state=SessionState(fresh.state).label, verb=step.label)
    check_reason(step.needs, reason)
    return fresh


def check_reason(needs: Sequence[str], reason: str) -> None:
    if "reason" in needs and not reason.strip():
        raise ReasonMissing(fields={"reason": ReasonMissing.message})
    if len(reason) > 200:
        raise InvalidInput(fields={"reason": InvalidInput.message})


def shifts_of(sessions: QuerySet[Session] | Sequence[Session]) -> list[Shift]:
    """The shifts of these sessions, locked: whoever holds them alone decides about places."""
    return locks.many(Shift.objects.filter(session__in=sessions))


def remember(
    actor: Actor,
    activity: Activity,
    verb: str,
    *,
    session: Session | None = None,
    reason: str = "",
    tell: bool = True,
    **facts: Any,
) -> ActivityEvent:
    """One line of history, one of the trail, and the event that tells people of it; the words lie beside the history."""
    event = ActivityEvent.objects.create(
        activity=activity,
        session=session,
        at=clock.now(),
        verb=verb,
        person_id=actor.person_id,
        facts=facts,
    )
    if reason.strip():
        ActivityNote.objects.create(event=event, text=reason.strip()[:200])
    audit.record(
        actor,
        f"activity.{verb}",
        activity,
        place_path=activity.place.path,
        changes={**facts, **({"session": session.pk} if session else {})},
    )
    if tell:
        events.publish(ActivityMoved(event_id=event.pk))
    return event
