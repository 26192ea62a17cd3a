"""Other doors in: keys of programs, tickets of a hotline, slips of paper."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from huying.calls.models.calls import Call
from huying.calls.states import (
    Decision,
)
from huying.kernel import chance, clock
from huying.kernel.sealed import IndexField, SealedField


class DoorKey(models.Model):
    """What another program shows to bring calls in (Open311, hotline). It speaks for its holder, at one place and below,
    as long as he is on duty there; only a hash of it is kept.
    """

    public_id = models.UUIDField(default=chance.uuid7, unique=True, editable=False)
    name = models.CharField(max_length=40)
    place = models.ForeignKey("places.Place", models.PROTECT, related_name="+")
    holder = models.ForeignKey("people.Person", models.PROTECT, related_name="+")
    digest = models.BinaryField(max_length=32, unique=True)
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name


class HotlineDraft(models.Model):
    """Tickets of a hotline that were read from a table and wait for somebody's decisions: sealed, until the next day."""

    public_id = models.UUIDField(default=chance.uuid7, unique=True, editable=False)
    place = models.ForeignKey("places.Place", models.PROTECT, related_name="+")
    person_id = models.BigIntegerField()
    source = models.CharField(max_length=20)
    file_name = models.CharField(max_length=200)
    rows = SealedField(shows=0, max_length=4_000_000, null=True)
    made_at = models.DateTimeField(default=clock.now, db_index=True)
    done_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.file_name


class HotlineTicket(models.Model):
    """One ticket of a hotline under the number it has there, and the call it became; several may become the same call."""

    source = models.CharField(max_length=20)
    number = models.CharField(max_length=60)
    place = models.ForeignKey("places.Place", models.PROTECT, related_name="+")
    call = models.ForeignKey(Call, models.PROTECT, null=True, related_name="tickets")
    decision = models.CharField(max_length=4, choices=Decision)
    sent_at = models.DateTimeField(null=True)
    taken_at = models.DateTimeField()
    taken_by = models.ForeignKey("people.Person", models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "number"], name="ticket_once"),
            models.CheckConstraint(
                condition=Q(decision="skip", call__isnull=True) | (~Q(decision="skip") & Q(call__isnull=False)),
                name="ticket_skipped_or_call",
            ),
        ]
        indexes = [models.Index(fields=["place", "-taken_at", "-id"], name="ticket_place")]

    def __str__(self) -> str:
        return f"{self.source} {self.number}"


class Slip(models.Model):
    """The code on a paper slip, with which somebody without a telephone asks after his call and rates it."""

    public_id = models.UUIDField(default=chance.uuid7, unique=True, editable=False)
    call = models.OneToOneField(Call, models.PROTECT, related_name="slip")
    code = SealedField(shows=0)
    code_index = IndexField(of="code", purpose="slip", max_length=36)
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.call_id)
