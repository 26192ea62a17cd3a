"""What calls add to figures: submitted, closed, in time, rated, solved; each on its day, at the place of the call."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.db.models import Exists, OuterRef, QuerySet

from huying.calls.models import Call, LateStage
from huying.calls.states import State
from huying.figures.states import Word
from huying.kernel import clock

SOURCE = Call._meta.label
ENDED = ("calls_closed", "calls_on_time", "calls_rated", "calls_solved")


def counting_calls(rows: QuerySet[Call]) -> QuerySet[Call]:
    """Calls with what their words need: ``was_late``."""
    late = LateStage.objects.filter(call=OuterRef("pk"))
    return rows.annotate(was_late=Exists(late)).only(
        "place_id", "state", "created_at", "submitted_at", "ended_at", "score", "solved", "raised_for_id"
    )


def words_of_call(call: Call) -> list[Word]:
    """All words on one call of ``counting_calls``; an amount of 0 where it does not count (any more)."""
    submitted = clock.local(call.submitted_at or call.created_at).date()
    closed = call.state == State.CLOSED and call.ended_at is not None
    day = clock.local(call.ended_at).date() if closed and call.ended_at else submitted
    late: bool = call.was_late  # type: ignore[attr-defined]
    said = closed and call.raised_for_id is None  # what a place says of its own call is no word of those served
    counts = (closed, closed and not late, said and call.score is not None, said and call.solved is True)
    words = [Word(SOURCE, call.pk, "calls_submitted", call.place_id, submitted, int(call.submitted_at is not None))]
    ended = zip(ENDED, counts, strict=True)
    return words + [Word(SOURCE, call.pk, metric, call.place_id, day, int(yes)) for metric, yes in ended]


def recounted_calls() -> Iterator[Word]:
    """All words of all calls, by call: a fresh count, to compare figures with."""
    rows: Iterable[Call] = counting_calls(Call.objects.order_by("pk")).iterator()
    for call in rows:
        yield from words_of_call(call)
