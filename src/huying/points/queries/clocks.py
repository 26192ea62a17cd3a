"""What the clock has to look after now."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import QuerySet

from huying.kernel import clock
from huying.ledger.models import Lot
from huying.points.models import Appeal, Gift, Passbook
from huying.points.states import NOTICE_DAYS, AppealState, GiftState


def over_now() -> dict[str, QuerySet[Any, int]]:
    """Name of the job -> keys of what it has to do now, the longest overdue first."""
    now = clock.now()
    gifts = Gift.objects.filter(state=GiftState.RESERVED, until__lte=now).order_by("until", "id")
    open_appeals = Appeal.objects.exclude(state=AppealState.CLOSED).values("passbook_id")
    frozen = Passbook.objects.filter(frozen_until__lte=now).exclude(pk__in=open_appeals)
    answered = Appeal.objects.filter(state=AppealState.DECIDED, again_until__lt=now).order_by("again_until", "id")
    return {
        "lapse": gifts.values_list("pk", flat=True),
        "unfreeze": frozen.order_by("frozen_until", "id").values_list("pk", flat=True),
        "close_appeal": answered.values_list("pk", flat=True),
    }


def ending_soon() -> QuerySet[Passbook, int]:
    """Passbooks with lots that end within 60 days."""
    soon = clock.now() + timedelta(days=NOTICE_DAYS)
    lots = Lot.objects.filter(closed_at__isnull=True, expires_at__lt=soon).values("account_id")
    return Passbook.objects.filter(account_id__in=lots).order_by("pk").values_list("pk", flat=True)


def any_gift(key: int) -> Gift:
    return Gift.objects.get(pk=key)


def any_passbook(key: int) -> Passbook:
    return Passbook.objects.select_related("book__place", "person").get(pk=key)


def any_appeal(key: int) -> Appeal:
    return Appeal.objects.select_related("passbook__book__place", "reversal").get(pk=key)
