"""What a call raised by a place asks for beside people, and what those who answer bring."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from huying.calls.models.calls import Call, Offer

MOST = 100_000


class CallGood(models.Model):
    """One line of goods that a call asks for: six 冲锋舟, two hundred 箱 of water."""

    call = models.ForeignKey(Call, models.PROTECT, related_name="goods")
    order = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=40)
    unit = models.CharField(max_length=10)
    amount = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["call", "order"], name="call_good_once"),
            models.CheckConstraint(condition=Q(amount__gte=1, amount__lte=MOST), name="call_good_amount"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.amount} {self.unit}"


class OfferGood(models.Model):
    """How much of one line somebody brings with his yes; it counts as long as the yes does."""

    offer = models.ForeignKey(Offer, models.PROTECT, related_name="goods")
    good = models.ForeignKey(CallGood, models.PROTECT, related_name="promised")
    amount = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["offer", "good"], name="offer_good_once"),
            models.CheckConstraint(condition=Q(amount__gte=1, amount__lte=MOST), name="offer_good_amount"),
        ]

    def __str__(self) -> str:
        return f"{self.offer_id} {self.good_id} {self.amount}"
