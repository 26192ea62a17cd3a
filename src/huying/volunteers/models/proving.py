"""What stands behind a volunteer's word: proofs of skills, checks for work with children, numbers of other systems; and
counts that other systems report.
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from huying.kernel import chance
from huying.volunteers.states import Measure


class SkillProof(models.Model):
    """A paper that proves a skill (its picture is attached), until when it holds, and who looked at it.

    A paper that was not accepted stays with the reason; the volunteer hands in another one. An accepted paper that turns
    out to be wrong is refused later: from then on it proves nothing.
    """

    public_id = models.UUIDField(default=chance.uuid7, unique=True, editable=False)
    volunteer = models.ForeignKey("volunteers.Volunteer", models.PROTECT, related_name="proofs")
    person = models.ForeignKey("people.Person", models.PROTECT, related_name="+")
    skill = models.ForeignKey("volunteers.Skill", models.PROTECT, related_name="+")
    valid_until = models.DateField(null=True, blank=True)
    made_at = models.DateTimeField()
    verified_by = models.ForeignKey("people.Person", models.PROTECT, null=True, blank=True, related_name="+")
    verified_at = models.DateTimeField(null=True, blank=True)
    refused_by = models.ForeignKey("people.Person", models.PROTECT, null=True, blank=True, related_name="+")
    refused_at = models.DateTimeField(null=True, blank=True)
    refused_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(verified_by__isnull=True) | ~Q(verified_by=F("person")), name="skillproof_by_another"
            ),
            models.CheckConstraint(
                condition=Q(refused_by__isnull=True) | ~Q(refused_by=F("person")),
                name="skillproof_refused_by_another",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.volunteer_id} {self.skill_id}"


class ProtectionCheck(models.Model):
    """Somebody was found fit to serve with children, until a day (S4-5.2). The last row counts; earlier ones stay."""

    volunteer = models.ForeignKey("volunteers.Volunteer", models.PROTECT, related_name="checks")
    person = models.ForeignKey("people.Person", models.PROTECT, related_name="+")
    passed = models.BooleanField()
    valid_until = models.DateField()
    checked_by = models.ForeignKey("people.Person", models.PROTECT, related_name="+")
    checked_at = models.DateTimeField()
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(checked_by=F("person")), name="protectioncheck_by_another"),
        ]

    def __str__(self) -> str:
        return f"{self.volunteer_id} {self.valid_until}"


class ExternalId(models.Model):
    """The number of a volunteer in another system (全国志愿服务信息系统 …): an opaque text, never an identity number."""

    volunteer = models.ForeignKey("volunteers.Volunteer", models.PROTECT, related_name="external_ids")
    system = models.CharField(max_length=60)
    value = models.CharField(max_length=80)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["system", "value"], name="externalid_once"),
            models.UniqueConstraint(fields=["volunteer", "system"], name="externalid_one_each"),
        ]

    def __str__(self) -> str:
        return f"{self.system}: {self.value}"


class ReportedCount(models.Model):
    """A count that another system states, with its source and day; shown beside our own, never added to it."""

    place = models.ForeignKey("places.Place", models.PROTECT, related_name="+")
    measure = models.CharField(max_length=12, choices=Measure.choices)
    value = models.PositiveBigIntegerField()
    as_of_date = models.DateField()
    source = models.CharField(max_length=120)
    entered_by = models.ForeignKey("people.Person", models.PROTECT, null=True, related_name="+")
    entered_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["place", "measure", "as_of_date", "source"], name="reportedcount_once"),
            models.CheckConstraint(condition=Q(measure__in=Measure.values), name="reportedcount_measure_known"),
        ]

    def __str__(self) -> str:
        return f"{self.place_id} {self.measure} {self.value}"
