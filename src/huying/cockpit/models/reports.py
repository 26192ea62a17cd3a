"""Templates of round-ups as data, round-ups with their frozen figures, numbers of papers, files handed out, history."""

from __future__ import annotations

from datetime import date, timedelta

from django.db import models
from django.db.models import F, Q

from huying.cockpit.states import FROZEN, NUMBERED, ReportState, Stretch, Verb
from huying.kernel import chance, clock
from huying.places.models import Place

CODE = r"^[a-z][a-z0-9_]*$"


class ReportTemplate(models.Model):
    """One version of a template, in the notation of ``rules/report_notation.py``; never changed, only followed by another.

    Without a place it is the one that comes with the platform. A place has the newest version of the nearest place at
    or above it that wrote one. A ``retired`` one says that its place offers it no longer.
    """

    APPEND_ONLY = True

    public_id = models.UUIDField(default=chance.uuid7, unique=True, editable=False)
    place = models.ForeignKey(Place, models.PROTECT, null=True, related_name="+")
    code = models.CharField(max_length=40)
    version = models.PositiveIntegerField()
    name = models.CharField(max_length=60)
    name_en = models.CharField(max_length=80, blank=True)
    stretch = models.CharField(max_length=5, choices=Stretch)
    body = models.TextField(max_length=20_000)
    retired = models.BooleanField(default=False)
    made_by = models.BigIntegerField(null=True)
    made_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["code", "place", "version"], name="reporttemplate_version_once", nulls_distinct=False
            ),
            models.CheckConstraint(condition=Q(code__regex=CODE), name="reporttemplate_code_shape"),
            models.CheckConstraint(condition=Q(stretch__in=Stretch.values), name="reporttemplate_stretch_known"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.version}"


class Letterhead(models.Model):
    """How the papers of a place are headed: the issuing body (发文机关) and its letters in paper numbers (机关代字)."""

    place = models.OneToOneField(Place, models.PROTECT, related_name="+")
    organ = models.CharField(max_length=60)
    letters = models.CharField(max_length=20)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(organ="") & ~Q(letters=""), name="letterhead_complete"),
        ]

    def __str__(self) -> str:
        return self.organ


class PaperCounter(models.Model):
    """The last paper number of a place and year. Locked while a paper is signed, so that numbers have no gap."""

    place = models.ForeignKey(Place, models.PROTECT, related_name="+")
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["place", "year"], name="papercounter_once")]

    def __str__(self) -> str:
        return f"{self.place_id} {self.year} {self.last}"


class Report(models.Model):
    """One round-up of a place and a period. ``overrides``: number of a block of its template -> words instead of its own;
    ``cases``: number of such a block -> the case (rise, fall, zero…) they were written for.

    ``frozen``: the filled document as it was when locked (``rules/report_filling.py``), ``digest`` its SHA-256.
    ``until`` is the first day after the period. A public one has small numbers hidden.
    """

    public_id = models.UUIDField(default=chance.uuid7, unique=True, editable=False)
    place = models.ForeignKey(Place, models.PROTECT, related_name="+")
    template = models.ForeignKey(ReportTemplate, models.PROTECT, related_name="+")
    title = models.CharField(max_length=120)
    addressed_to = models.CharField(max_length=200, blank=True)
    copied_to = models.CharField(max_length=200, blank=True)
    since = models.DateField()
    until = models.DateField()
    is_public = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=ReportState, default=ReportState.DRAFT)
    edition = models.PositiveIntegerField(default=1)
    overrides = models.JSONField(default=dict, blank=True)
    cases = models.JSONField(default=dict, blank=True)
    frozen = models.JSONField(null=True, blank=True)
    digest = models.CharField(max_length=64, blank=True)
    locked_by = models.BigIntegerField(null=True)
    locked_at = models.DateTimeField(null=True)
    signed_by = models.BigIntegerField(null=True)
    signed_at = models.DateTimeField(null=True)
    organ = models.CharField(max_length=60, blank=True)
    letters = models.CharField(max_length=20, blank=True)
    year = models.PositiveSmallIntegerField(null=True)
    number = models.PositiveIntegerField(null=True)
    made_by = models.BigIntegerField(null=True)
    made_at = models.DateTimeField(default=clock.now)

    class Meta:
        indexes = [
            models.Index(fields=["place", "-id"], name="report_place"),
            models.Index(
                fields=["-signed_at", "-id"],
                condition=Q(is_public=True, state=ReportState.PUBLISHED),
                name="report_published",
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["place", "year", "number"], name="report_number_once"),
            models.CheckConstraint(condition=Q(until__gt=F("since")), name="report_period"),
            models.CheckConstraint(condition=Q(state__in=ReportState.values), name="report_state_known"),
            models.CheckConstraint(
                condition=Q(state__in=FROZEN, frozen__isnull=False, locked_at__isnull=False)
                | ~Q(state__in=FROZEN) & Q(frozen__isnull=True, locked_at__isnull=True, locked_by__isnull=True),
                name="report_frozen_when_locked",
            ),
            models.CheckConstraint(
                condition=Q(
                    state__in=NUMBERED,
                    number__isnull=False,
                    year__isnull=False,
                    signed_at__isnull=False,
                    signed_by__isnull=False,
                )
                & ~Q(organ="")
                & ~Q(letters="")
                | ~Q(state__in=NUMBERED)
                & Q(number__isnull=True, year__isnull=True, signed_at__isnull=True, signed_by__isnull=True),
                name="report_numbered_when_signed",
            ),
            models.CheckConstraint(
                condition=Q(signed_by__isnull=True) | Q(locked_by__isnull=True) | ~Q(signed_by=F("locked_by")),
                name="report_two_people",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def last_day(self) -> date:
        return self.until - timedelta(days=1)

    @property
    def paper_number(self) -> str:
        """青实办〔2026〕1号, or nothing before it is signed."""
        return f"{self.letters}〔{self.year}〕{self.number}号" if self.number else ""


class ReportEvent(models.Model):
    """One step or edit of a round-up. ``changes``: what was written before and after, block by block."""

    APPEND_ONLY = True

    report = models.ForeignKey(Report, models.PROTECT, related_name="events")
    verb = models.CharField(max_length=10, choices=[*Verb.choices, ("create", "create"), ("edit", "edit")])
    from_state = models.CharField(max_length=10, blank=True)
    to_state = models.CharField(max_length=10, choices=ReportState)
    person_id = models.BigIntegerField(null=True)
    reason = models.CharField(max_length=300, blank=True)
    changes = models.JSONField(default=dict, blank=True)
    at = models.DateTimeField(default=clock.now)

    def __str__(self) -> str:
        return f"{self.report_id} {self.verb}"


class ReportFile(models.Model):
    """A file that was handed out, kept as it was. Where the consent for one of its pictures ends, another edition is
    made without it and the bytes of this one go; its SHA-256 stays.
    """

    report = models.ForeignKey(Report, models.PROTECT, related_name="files")
    kind = models.CharField(max_length=4, choices=[("docx", "DOCX"), ("pdf", "PDF")])
    source = models.CharField(max_length=64, help_text="SHA-256 of what it was drawn from")
    edition = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    body = models.BinaryField(null=True)
    photos = models.JSONField(default=list, blank=True)
    made_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["report", "kind", "edition"], name="reportfile_edition_once"),
            models.CheckConstraint(condition=Q(kind__in=["docx", "pdf"]), name="reportfile_kind_known"),
        ]

    def __str__(self) -> str:
        return f"{self.report_id}.{self.kind} {self.sha256}"
