from __future__ import annotations

from django.db import models
from django.db.models import Q

from huying.kernel import chance
from huying.kernel.sealed import IndexField, SealedField
from huying.people.states import CodePurpose, Texting


class OneTimeCode(models.Model):
    """The one live code of a telephone number: a row per number, so a new code replaces the old."""

    phone_index = IndexField(max_length=32, unique=True)
    purpose = models.CharField(max_length=10, choices=CodePurpose.choices)
    digest = models.BinaryField(max_length=32)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)
    tries = models.PositiveSmallIntegerField(default=0)
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.purpose} {self.created_at:%H:%M}"


class Allowance(models.Model):
    """How much of a limit is used in one window of time; one statement raises it, never past the limit."""

    scope = models.CharField(max_length=40)
    key = models.CharField(max_length=80)
    begins_at = models.DateTimeField()
    used = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["scope", "key", "begins_at"], name="allowance_once")]
        indexes = [models.Index(fields=["begins_at"], name="allowance_begins")]

    def __str__(self) -> str:
        return f"{self.scope} {self.used}"


class OutgoingText(models.Model):
    """A text message on its way out. Number and words are sealed, and emptied once it is handed over."""

    public_id = models.UUIDField(default=chance.uuid7, unique=True, editable=False)
    phone = SealedField(null=True)
    words = SealedField(shows=0, null=True)
    state = models.CharField(max_length=10, choices=Texting.choices, default=Texting.QUEUED)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    reference = models.CharField(max_length=80, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state="queued") | Q(phone__isnull=True, words__isnull=True), name="text_emptied"
            )
        ]

    def __str__(self) -> str:
        return f"{self.public_id} {self.state}"
