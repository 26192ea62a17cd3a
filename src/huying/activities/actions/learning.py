"""What was learned together: told to whoever rewards it, once the session is archived, of each who was signed in."""

from __future__ import annotations

from dataclasses import dataclass

from huying.activities.models import CheckIn, Session
from huying.activities.states import LEARNING_KINDS
from huying.kernel import clock, events
from huying.kernel.actor import Actor


@dataclass(frozen=True, slots=True)
class LearnedTogether:
    """Somebody was at a lecture or class: signed in by ``maker_id``, archived by ``checker_id``, who is another one.
    ``done_on``: ISO day in China; ``minutes``: how long the session was.
    """

    sign_up_id: int
    person_id: int
    title: str
    done_on: str
    minutes: int
    maker_id: int
    checker_id: int


def tell_learned(actor: Actor, session: Session) -> None:
    """One event for each guest whom somebody else than himself and than ``actor`` signed in. Who served there has hours."""
    if session.activity.kind.code not in LEARNING_KINDS or actor.person_id is None:
        return
    minutes = int((session.ends_at - session.starts_at).total_seconds() // 60)
    rows = CheckIn.objects.filter(session=session, sign_up__person__isnull=False, in_by__isnull=False)
    rows = rows.filter(sign_up__shift__role__is_volunteer=False).exclude(in_by_id=actor.person_id)
    for one in rows.select_related("sign_up").order_by("id"):
        person_id = one.sign_up.person_id if one.sign_up else None
        if person_id is None or person_id in {one.in_by_id, actor.person_id}:
            continue
        day = clock.local(session.starts_at).date().isoformat()
        words, maker_id = session.activity.title[:80], one.in_by_id or 0
        events.publish(
            LearnedTogether(one.sign_up_id or 0, person_id, words, day, minutes, maker_id, checker_id=actor.person_id)
        )
