"""What the clock has to look after now."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from huying.kernel import clock
from huying.ledger.models import Lot
from huying.points.models import Appeal, Ending, Gift, Passbook, Reversal
from huying.points.queries.appeals import overdue
from huying.points.states import EARLY, NOTICE, AppealState, BookletState, GiftState, ReversalState


def over_now() -> dict[str, QuerySet[Any, int]]:
    """Name of the job -> keys of what it has to do now, the longest overdue first."""
    now = clock.now()
    gifts = Gift.objects.filter(state=GiftState.RESERVED, until__lte=now).order_by("until", "id")
    frozen = Passbook.objects.filter(frozen_until__lte=now)  # to appeal never makes it longer
    answered = Appeal.objects.filter(state=AppealState.DECIDED, again_until__lt=now).order_by("again_until", "id")
    proposed = Reversal.objects.filter(state=ReversalState.PROPOSED, until__lte=now)
    appealed = Appeal.objects.filter(reversal=OuterRef("pk")).exclude(state=AppealState.CLOSED)
    reads_now = {
        "told_at__isnull": True,
        "claim__person__account__is_active": True,
    }  # his account came after the proposal
    untold = Reversal.objects.filter(state=ReversalState.PROPOSED, **reads_now)
    return {
        "tell_reversal": untold.order_by("made_at", "id").values_list("pk", flat=True),
        "lapse_reversal": proposed.exclude(Exists(appealed)).order_by("until", "id").values_list("pk", flat=True),
        "lapse": gifts.values_list("pk", flat=True),
        "unfreeze": frozen.order_by("frozen_until", "id").values_list("pk", flat=True),
        "raise_appeal": overdue(),
        "close_appeal": answered.values_list("pk", flat=True),
    }


def ending_soon() -> QuerySet[Passbook, int]:
    """Passbooks with lots that end within 67 days and of which their owner, who reads here, was not told."""
    rows = Passbook.objects.filter(account_id__in=wordless().values("account_id"))
    heard = Q(person__account__is_active=True) | Q(person__erased_at__isnull=False)
    return rows.filter(heard).order_by("pk").values_list("pk", flat=True)


def wordless() -> QuerySet[Lot]:
    """Open lots that end within 67 days and of which no word holds."""
    soon = clock.now() + NOTICE + EARLY
    last = Ending.objects.filter(lot_id=OuterRef("pk")).order_by("-pk").values("ends_at")[:1]
    rows = Lot.objects.filter(closed_at__isnull=True, expires_at__lt=soon)
    return rows.annotate(word=Subquery(last)).filter(word__isnull=True)


def any_gift(key: int) -> Gift:
    return Gift.objects.get(pk=key)


def any_passbook(key: int) -> Passbook:
    return Passbook.objects.select_related("book__place", "person").get(pk=key)


def any_reversal(key: int) -> Reversal:
    return Reversal.objects.select_related("claim__passbook__book__place").get(pk=key)


def any_appeal(key: int) -> Appeal:
    return Appeal.objects.select_related("passbook__book__place", "reversal").get(pk=key)


def in_use(book_id: int) -> list[int]:
    """Keys of the passbooks of a book that nobody left."""
    rows = Passbook.objects.filter(book=book_id).exclude(state=BookletState.LEFT)
    return list(rows.order_by("id").values_list("pk", flat=True))
