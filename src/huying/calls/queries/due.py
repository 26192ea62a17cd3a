"""What the clocks ask for at a moment: silence that is to be noticed, answers that are late, rings that are over, volunteers
beside whom others are asked, and those who wanted to be asked again; the longest overdue first, so that each one's turn is certain.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Exists, Min, OuterRef, Q

from huying.calls.models import Call, Offer
from huying.calls.states import OfferState

SORTS = ("silence", "answer", "ring", "alone", "remind")
"""In this order where several ran out at one moment."""
MOST = 20_000
"""So many of each sort are listed at once; the next look lists the next."""


class Turn(NamedTuple):
    """One clock that ran out ``at``; ``sort`` is a place in ``SORTS``, ``key`` that of the call, for "remind" of the offer."""

    at: datetime
    sort: int
    key: int


def turns(at: datetime) -> list[Turn]:
    """Everything that has run out by ``at``, in the order of its moments; five questions, however many it are."""
    found: list[Turn] = []
    for sort, rows in enumerate((silences(at), late_answers(at), rings_over(at), alone_over(at), reminders(at))):
        found += [Turn(moment, sort, key) for moment, key in rows]
    return sorted(found)


def silences(at: datetime) -> Iterable[Any]:
    rows = Call.objects.filter(lift_at__lte=at).order_by("lift_at", "id")
    return rows.values_list("lift_at", "pk")[:MOST]


def late_answers(at: datetime) -> Iterable[Any]:
    return oldest_of_each_call("answer_due_at", late_by(at))


def rings_over(at: datetime) -> Iterable[Any]:
    rows = Call.objects.filter(ring_due_at__lte=at).order_by("ring_due_at", "id")
    return rows.values_list("ring_due_at", "pk")[:MOST]


def alone_over(at: datetime) -> Iterable[Any]:
    return oldest_of_each_call("alone_until", alone_by(at))


def oldest_of_each_call(clock: str, which: Q) -> Iterable[Any]:
    """Each call once, by the first moment of ``clock`` among those of its offers that are meant."""
    oldest = Offer.objects.filter(which).order_by().values("call_id").annotate(due=Min(clock))
    found: Iterable[Any] = oldest.order_by("due", "call_id").values_list("due", "call_id")[:MOST]
    return found


def reminders(at: datetime) -> Iterable[Any]:
    rows = Offer.objects.filter(wanted_again(at)).order_by("remind_at", "id")
    return rows.values_list("remind_at", "pk")[:MOST]


def late_by(at: datetime) -> Q:
    return Q(state=OfferState.OFFERED, answer_due_at__lte=at)


def alone_by(at: datetime) -> Q:
    return Q(state=OfferState.OFFERED, alone_until__lte=at)


def wanted_again(at: datetime) -> Q:
    return Q(state=OfferState.OFFERED, remind_at__lte=at)


def still_due(turn: Turn, at: datetime) -> Q:
    """The call whose turn it is, while nobody has seen to it yet."""
    mine = Offer.objects.filter(call=OuterRef("pk"))
    return {
        "silence": Q(pk=turn.key, lift_at__lte=at),
        "answer": Q(pk=turn.key) & Q(Exists(mine.filter(late_by(at)))),
        "alone": Q(pk=turn.key) & Q(Exists(mine.filter(alone_by(at)))),
        "ring": Q(pk=turn.key, ring_due_at__lte=at),
        "remind": Q(Exists(mine.filter(wanted_again(at), pk=turn.key))),
    }[SORTS[turn.sort]]
