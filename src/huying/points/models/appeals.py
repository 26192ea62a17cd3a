"""Appeals: to somebody else, with clocks; and how long each may take, as rows."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from huying.kernel import chance
from huying.points.models.banks import Gift
from huying.points.models.earning import Claim, Passbook, Reversal
from huying.points.states import AppealState, Outcome


class Term(models.Model):
    """How many days something may take; ``working`` days or calendar days. Rows with a version, newest holds.

    First rows: domain 3 (file within 15 days, mark within 1, first answer 5, second 10 working days).
    """

    code = models.CharField(max_length=10)
    version = models.PositiveSmallIntegerField()
    days = models.PositiveSmallIntegerField()
    working = models.BooleanField()
    source = models.CharField(max_length=120, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["code", "version"], name="points_term_once"),
            models.CheckConstraint(condition=Q(days__gt=0), name="points_term_days"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.days}"


class Appeal(models.Model):
    """Somebody says that what was decided about his points is wrong. Two instances, never the same hands.

    About one claim that was refused, a reversal, an exchange, or the freezing of the passbook; while it is open nothing about it is
    carried out.
    """

    public_id = models.UUIDField(default=chance.uuid7, unique=True, editable=False)
    passbook = models.ForeignKey(Passbook, models.PROTECT, related_name="appeals")
    claim = models.ForeignKey(Claim, models.PROTECT, null=True, blank=True, related_name="appeals")
    reversal = models.ForeignKey(Reversal, models.PROTECT, null=True, blank=True, related_name="appeals")
    gift = models.ForeignKey(Gift, models.PROTECT, null=True, blank=True, related_name="appeals")
    words = models.CharField(max_length=500)
    words_again = models.CharField(max_length=500, blank=True)
    state = models.CharField(max_length=8, choices=AppealState.choices, default=AppealState.FILED)
    filed_at = models.DateTimeField()
    filed_by = models.ForeignKey("people.Person", models.PROTECT, related_name="+")
    mark_due = models.DateTimeField()
    marked_at = models.DateTimeField(null=True, blank=True)
    marked_by = models.ForeignKey("people.Person", models.PROTECT, null=True, blank=True, related_name="+")
    first_due = models.DateTimeField(null=True, blank=True)
    first_at = models.DateTimeField(null=True, blank=True)
    first_by = models.ForeignKey("people.Person", models.PROTECT, null=True, blank=True, related_name="+")
    first_outcome = models.CharField(max_length=8, choices=Outcome.choices, blank=True)
    first_reason = models.CharField(max_length=500, blank=True)
    again_until = models.DateTimeField(null=True, blank=True)
    again_at = models.DateTimeField(null=True, blank=True)
    second_due = models.DateTimeField(null=True, blank=True)
    second_at = models.DateTimeField(null=True, blank=True)
    second_by = models.ForeignKey("people.Person", models.PROTECT, null=True, blank=True, related_name="+")
    second_outcome = models.CharField(max_length=8, choices=Outcome.choices, blank=True)
    second_reason = models.CharField(max_length=500, blank=True)

    raised_in = models.CharField(
        max_length=8, choices=AppealState.choices, blank=True, help_text="the step that took too long, told above"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=AppealState.values), name="points_appeal_state_known"),
            models.CheckConstraint(
                condition=Q(second_by__isnull=True) | ~Q(second_by=F("first_by")), name="points_appeal_other_hands"
            ),
            models.CheckConstraint(
                condition=(Q(first_by__isnull=True) | ~Q(first_by=F("filed_by")))
                & (Q(second_by__isnull=True) | ~Q(second_by=F("filed_by"))),
                name="points_appeal_not_by_oneself",
            ),
            models.UniqueConstraint(
                fields=["passbook"],
                condition=Q(claim__isnull=True, reversal__isnull=True, gift__isnull=True) & ~Q(state="closed"),
                name="points_appeal_of_freezing",
            ),
            models.UniqueConstraint(
                fields=["claim"], condition=Q(reversal__isnull=True, claim__isnull=False), name="points_appeal_of_claim"
            ),
            models.UniqueConstraint(
                fields=["reversal"], condition=Q(reversal__isnull=False), name="points_appeal_of_reversal"
            ),
            models.UniqueConstraint(fields=["gift"], condition=Q(gift__isnull=False), name="points_appeal_of_gift"),
        ]
        indexes = [models.Index(fields=["state", "filed_at", "id"], name="points_appeal_queue")]

    def __str__(self) -> str:
        return f"{self.passbook_id} {self.state}"
