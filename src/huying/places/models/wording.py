"""Words on screens as mechanisms of places say them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from huying.places.models.tree import Place

CODE = r"^[a-z][a-z0-9_]*$"


class Wording(models.Model):
    """One word (``states.SCREEN_WORDS``) as a pack says it at a place and below, since it was switched on there.

    Rows are made and removed, never changed: their number and the newest key say whether anything is new.
    """

    place = models.ForeignKey(Place, models.PROTECT, related_name="+")
    key = models.CharField(max_length=30)
    pack = models.CharField(max_length=50)
    on_at = models.DateTimeField()
    zh = models.CharField(max_length=20)
    en = models.CharField(max_length=40, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["place", "pack", "key"], name="wording_once"),
            models.CheckConstraint(condition=Q(key__regex=CODE) & ~Q(zh=""), name="wording_says_something"),
        ]

    def __str__(self) -> str:
        return self.zh
