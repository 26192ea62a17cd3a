"""What calls add to figures: submitted, closed, in time, rated, solved, what of them was due (domain 2.2), and what the three
rates of 12345 are made of (2.3); each on its day, at the place of the call.

Words follow from rows alone, never from the time of day: that a clock ran out is read from ``Call.overdue``, which the
minute's job writes, and from late stages; what 基本满意 is worth, from the rule that stood when it was said. So a word told
yesterday and a fresh count say the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q, QuerySet, Subquery

from huying.calls.models import Call, Callback, CallEvent, Exclusion, LateStage, Offer, ScoreRule
from huying.calls.queries.measuring.shares import GOOD, MIDDLING
from huying.calls.states import OPEN_STATES, ExclusionState, OfferState, Outcome, Stage, State
from huying.figures.states import Word
from huying.kernel import clock

SOURCE = Call._meta.label
REVIEWED = (State.SUBMITTED, State.REVIEWING)
"""States in which a call waits to be taken up."""
ENDED = ("calls_closed", "calls_on_time", "calls_rated", "calls_solved")
DUE = (
    *("calls_due", "calls_due_net", "calls_due_closed", "calls_due_on_time", "calls_due_verified"),
    *("calls_urgent_due", "calls_urgent_closed"),
    *("calls_responded", "calls_rated_own", "calls_marks_own", "calls_satisfied_own"),
    *("calls_heard", "calls_heard_solved"),
)
FULL = 100
"""Marks of a call whose person is satisfied; also what 基本满意 is worth where no rule was set."""


def counting_calls(rows: QuerySet[Call]) -> QuerySet[Call]:
    """Calls with what their words need: ``first_late_at``, ``late_review``, ``is_left_out``, ``is_verified``, what was
    ``heard`` when called back (None: nothing), and what the ``middling`` was worth when it was rated.
    """
    late = LateStage.objects.filter(call=OuterRef("pk"))
    out = Exclusion.objects.filter(call=OuterRef("pk"), state=ExclusionState.IN_FORCE)
    heard = Callback.objects.filter(call=OuterRef("pk"), outcome=Outcome.ANSWERED).values("solved")[:1]
    rule = ScoreRule.objects.filter(set_at__lte=OuterRef("rated_at")).order_by("-id").values("middling")[:1]
    marks = {
        "first_late_at": Subquery(late.order_by("due_at").values("due_at")[:1]),
        "late_review": Exists(late.filter(stage=Stage.REVIEW)),
        "is_left_out": Exists(out),
        "is_verified": verified(),
        "heard": Subquery(heard),
        "middling": Subquery(rule),
    }
    return rows.annotate(**marks).only(
        *("place_id", "state", "created_at", "submitted_at", "stage_due_at", "overdue", "ring", "urgent"),
        *("delivered_at", "ended_at", "rated_at", "rated_by_proxy", "score", "solved", "raised_for_id"),
    )


def verified() -> ExpressionWrapper[Q]:
    """Somebody other than whoever did it says that it is solved: in a rating since then, or when called back (whoever had
    a hand in a call never calls back). With a slip it may be anybody's hand, so that is no word of another.
    """
    did = Offer.objects.filter(call=OuterRef("call"), state=OfferState.DONE)
    handled = did.filter(Q(volunteer__person=OuterRef("person")) | Q(answered_by=OuterRef("person")))
    rated = CallEvent.objects.filter(call=OuterRef("pk"), verb="rate", at__gte=OuterRef("delivered_at"))
    rated = rated.exclude(facts__has_key="slip").exclude(Exists(handled))
    heard = Callback.objects.filter(call=OuterRef("pk"), outcome=Outcome.ANSWERED, solved=True)
    return ExpressionWrapper(Q(Exists(rated), solved=True) | Q(Exists(heard)), output_field=BooleanField())


def words_of_call(call: Call) -> list[Word]:
    """All words on one call of ``counting_calls``; an amount of 0 where it does not count (any more)."""
    submitted = clock.local(call.submitted_at or call.created_at).date()
    closed = call.state == State.CLOSED and call.ended_at is not None
    late = first_late(call)
    ended = call.ended_at if closed else late if call.state in OPEN_STATES else None
    day = clock.local(ended).date() if ended else submitted
    said = closed and call.raised_for_id is None  # what a place says of its own call is no word of those served
    counts = (closed, closed and not late, said and call.score is not None, said and call.solved is True)
    left_out: bool = call.is_left_out  # type: ignore[attr-defined]
    due = ended is not None and not left_out and call.raised_for_id is None  # a whistle is in no share (decision 0037)
    net = due and call.state != State.SUSPENDED
    answered = closed and due
    proven: bool = said and due and call.delivered_at is not None and call.is_verified  # type: ignore[attr-defined]
    of_due = (
        *(due, net, answered, answered and not late, proven, net and call.urgent, answered and call.urgent),
        *rates(call, due=due, answered=answered),
    )
    words = [Word(SOURCE, call.pk, "calls_submitted", call.place_id, submitted, int(call.submitted_at is not None))]
    told = zip((*ENDED, *DUE), (*counts, *of_due), strict=True)
    return words + [Word(SOURCE, call.pk, metric, call.place_id, day, int(yes)) for metric, yes in told]


def rates(call: Call, *, due: bool, answered: bool) -> tuple[int, ...]:
    """What the three rates are made of, in the order of ``DUE``: taken up in time; rated by the person himself, full marks
    and marks of satisfaction; heard when called back, and solved.
    """
    waits = call.overdue and call.state in REVIEWED
    in_time: bool = due and not call.late_review and not waits  # type: ignore[attr-defined]
    own = answered and call.score is not None and not call.rated_by_proxy
    heard: bool | None = call.heard if due else None  # type: ignore[attr-defined]
    worth = marks_of(call.score or 0, call.middling) if own else 0  # type: ignore[attr-defined]
    return (in_time, own, FULL * own, worth, heard is not None, heard is True)


def marks_of(score: int, middling: int | None) -> int:
    """Four and five stars are satisfied, three 基本满意 (GB/T 39735); ``middling`` None: no rule was set."""
    if score >= GOOD:
        return FULL
    return (FULL if middling is None else middling) if score == MIDDLING else 0


def first_late(call: Call) -> datetime | None:
    """When the call was late first: a stage that was left too late, or the clock that has run out now. The end of a ring
    is no delay, for the next begins.
    """
    before: datetime | None = call.first_late_at  # type: ignore[attr-defined]
    over = call.overdue and call.state in OPEN_STATES and not (call.state == State.DISPATCHED and call.ring)
    return min(filter(None, [before, call.stage_due_at if over else None]), default=None)


def recounted_calls() -> Iterator[Word]:
    """All words of all calls, by call: a fresh count, to compare figures with."""
    rows: Iterable[Call] = counting_calls(Call.objects.order_by("pk")).iterator()
    for call in rows:
        yield from words_of_call(call)
