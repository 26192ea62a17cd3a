from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from huying.kernel import chance
from huying.people.models.persons import Person


class Purpose(models.Model):
    """What personal data is used for, in one version of its wording (PIPL art. 14-17), never edited."""

    code = models.CharField(max_length=40)
    version = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=60)
    title_en = models.CharField(max_length=120, blank=True)
    text = models.TextField()
    text_en = models.TextField(blank=True)
    data = models.CharField(max_length=200)
    data_en = models.CharField(max_length=200, blank=True)
    keeps = models.CharField(max_length=200)
    keeps_en = models.CharField(max_length=200, blank=True)
    is_sensitive = models.BooleanField(default=False)
    is_needed = models.BooleanField(default=False)
    order = models.PositiveSmallIntegerField(default=0)
    effective_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["code", "version"], name="purpose_once")]

    def __str__(self) -> str:
        return f"{self.code} {self.version}"


class Consent(models.Model):
    """A yes to one version of one purpose, by the person or a child's guardian; it can be taken back."""

    public_id = models.UUIDField(default=chance.uuid7, unique=True, editable=False)
    person = models.ForeignKey(Person, models.CASCADE, related_name="consents")
    purpose = models.ForeignKey(Purpose, models.PROTECT, related_name="consents")
    given_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    given_at = models.DateTimeField()
    channel = models.CharField(max_length=20)
    recorded_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "purpose"], condition=Q(withdrawn_at__isnull=True), name="consent_once"
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True) | Q(withdrawn_at__gte=F("given_at")),
                name="consent_span",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {self.purpose_id}"
