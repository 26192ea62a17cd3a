"""What sessions add is told to figures, as it is now; told again it changes nothing."""

from __future__ import annotations

from huying.activities.models import ActivityEvent, Session
from huying.activities.queries.counting import counting_sessions, words_of_session
from huying.activities.states import TOOK_PLACE
from huying.figures import actions as figures
from huying.kernel import locks
from huying.kernel.actor import Actor
from huying.kernel.transactions import begin


def count_sessions(*, actor: Actor, session_id: int = 0, event_id: int | None = None) -> int:
    """Read the session, or what an event of an activity concerns, under lock and tell figures; how many words were new."""
    rows = Session.objects.filter(pk=session_id)
    if event_id is not None:
        event = ActivityEvent.objects.get(pk=event_id)
        rows = Session.objects.filter(activity_id=event.activity_id)
        rows = rows.filter(pk=event.session_id) if event.session_id else rows.filter(state__in=TOOK_PLACE)
    with begin(actor):
        keys = [one.pk for one in locks.many(rows)]
        found = counting_sessions(Session.objects.filter(pk__in=keys))  # counted once the lock is held
        return figures.count(actor=actor, words=[word for one in found for word in words_of_session(one)])
