"""What the sorter of free texts learnt, and from what."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from huying.calls.models.calls import Call
from huying.calls.models.menu import ServiceKind


class Correction(models.Model):
    """Somebody on duty said which kind a call is of: a lesson for the sorter.

    The words stay in the call alone; when they are forgotten there, this row goes (decision 0023). ``proposed`` and
    ``chance``: what the sorter had said, "" and None when there was none.
    """

    call = models.OneToOneField(Call, models.PROTECT, related_name="correction")
    was = models.ForeignKey(ServiceKind, models.PROTECT, related_name="+")
    kind = models.ForeignKey(ServiceKind, models.PROTECT, related_name="+")
    person = models.ForeignKey("people.Person", models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    proposed = models.CharField(max_length=40, blank=True)
    chance = models.FloatField(null=True)

    class Meta:
        indexes = [models.Index(fields=["-at", "-id"], name="correction_newest")]

    def __str__(self) -> str:
        return f"{self.call_id}: {self.kind_id}"


class SorterVersion(models.Model):
    """One trained sorter with its scores. ``body``: npz bytes (``sorting.sorter``), empty when it went with words that
    were forgotten; ``lessons``: keys of the calls it learnt from; ``fingerprint``: everything it learnt, so that the
    same is never taught twice.
    """

    trained_at = models.DateTimeField()
    active = models.BooleanField(default=False)
    fingerprint = models.CharField(max_length=64, unique=True)
    course = models.CharField(max_length=64)
    lessons = ArrayField(models.BigIntegerField(), default=list)
    learnt = models.PositiveIntegerField(default=0, help_text="how many corrections it learnt from, also later")
    scores = models.JSONField()
    score = models.FloatField()
    refused = models.BooleanField(default=False, help_text="did worse than the one before, and does not serve")
    body = models.BinaryField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["active"], condition=Q(active=True), name="sorter_one_active"),
            models.CheckConstraint(condition=Q(active=False) | Q(body__isnull=False), name="sorter_active_has_body"),
        ]

    def __str__(self) -> str:
        return f"sorter {self.pk}"
