"""What activities add to figures: sessions that took place, and how many came to them."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from huying.activities.models import CheckIn, Session
from huying.activities.states import TOOK_PLACE
from huying.figures.states import Word
from huying.kernel import clock

SOURCE = Session._meta.label


def counting_sessions(rows: QuerySet[Session]) -> QuerySet[Session]:
    """Sessions with their activity and how many ``came``, by check-in and by count at the door."""
    came = CheckIn.objects.filter(session=OuterRef("pk")).order_by().values("session").annotate(n=Sum("count"))
    return rows.select_related("activity").annotate(came=Coalesce(Subquery(came.values("n")), 0))


def words_of_session(session: Session) -> list[Word]:
    """One session and its attendances, on the day it began; nothing unless it took place."""
    day, at, held = clock.local(session.starts_at).date(), session.activity.place_id, session.state in TOOK_PLACE
    came: int = session.came  # type: ignore[attr-defined]
    return [
        Word(SOURCE, session.pk, "attended", at, day, came if held else 0),
        Word(SOURCE, session.pk, "sessions_held", at, day, int(held)),
    ]


def recounted_sessions() -> Iterator[Word]:
    """All words of all sessions, by session: a fresh count."""
    for session in counting_sessions(Session.objects.order_by("pk")).iterator():
        yield from words_of_session(session)
