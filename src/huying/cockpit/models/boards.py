"""The one thing a board keeps: whether units below a place are shown in the order of how they do."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from huying.kernel import clock
from huying.places.models import Place


class BoardSetting(models.Model):
    """Whether the board of a place ranks the units right below it, since when, by whom and why. No row: it does not.

    The audit trail keeps what was set before.
    """

    place = models.OneToOneField(Place, models.PROTECT, related_name="board")
    ranks = models.BooleanField(default=False)
    reason = models.CharField(max_length=200)
    set_at = models.DateTimeField(default=clock.now)
    set_by = models.ForeignKey("people.Person", models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(reason=""), name="boardsetting_reason_given")]

    def __str__(self) -> str:
        return f"{self.place_id} {self.ranks}"
