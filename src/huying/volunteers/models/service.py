"""What somebody gave: records of service with their whole history, and the rules of long days."""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeBoundary, RangeOperators
from django.db import models
from django.db.models import ExpressionWrapper, F, Func, Q
from django.db.models.lookups import GreaterThanOrEqual

from huying.kernel import chance
from huying.volunteers.states import LIVE_RECORDS, LONGEST, Approval, Evidence, RecordState


class Span(Func):
    """Two moments as one half-open range."""

    function = "TSTZRANGE"
    output_field = DateTimeRangeField()


class Minutes(Func):
    """A number of minutes as a length of time."""

    function = "MAKE_INTERVAL"
    template = "%(function)s(mins => %(expressions)s)"
    output_field = models.DurationField()


class ServiceCategory(models.Model):
    """服务类别 as data (民政部令第67号 art. 5): help for old people, children, environment …

    ``needs_check``: service with children, for which a volunteer's child-protection check must be valid (S4-5.2).
    ``risk`` is told before people sign up, ``needs_insurance`` before they serve (志愿服务条例 art. 12, 17).
    """

    code = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=40)
    name_en = models.CharField(max_length=60, blank=True)
    needs_check = models.BooleanField(default=False)
    needs_insurance = models.BooleanField(default=False)
    risk = models.CharField(max_length=300, blank=True)
    order = models.PositiveSmallIntegerField(default=0)

    def __str__(self) -> str:
        return self.name


class HoursRule(models.Model):
    """From how many minutes of one day on somebody else's word is needed. Rows with a version, never retroactive.

    A version holds for days of service from ``valid_from`` on, until a later version begins.
    """

    version = models.PositiveIntegerField()
    over_minutes = models.PositiveSmallIntegerField()
    approval = models.CharField(max_length=10, choices=Approval.choices, blank=True)
    valid_from = models.DateField()
    source = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["version", "over_minutes"], name="hoursrule_once"),
            models.CheckConstraint(condition=Q(over_minutes__lte=LONGEST), name="hoursrule_within_a_day"),
        ]

    def __str__(self) -> str:
        return f"{self.version}: > {self.over_minutes}"


class ServiceRecord(models.Model):
    """One span of service of one volunteer, as it stands now; how it came to be is in ServiceEvent.

    ``person`` repeats the volunteer's person, so that the database itself can refuse self-credit. ``subject_type`` and
    ``subject_id`` name the shift, call or session behind it, opaque to this room. ``minutes`` leaves out travel, rest
    and meals. ``correction`` holds what is proposed while the record is being corrected. Nothing deletes a record: it
    stays ten years and longer, after erasure under a person without a face (GB/T 40143-2021 5.2.2, domain 2.5).
    """

    public_id = models.UUIDField(default=chance.uuid7, unique=True, editable=False)
    volunteer = models.ForeignKey("volunteers.Volunteer", models.PROTECT, related_name="records")
    person = models.ForeignKey("people.Person", models.PROTECT, related_name="+")
    team = models.ForeignKey("volunteers.Team", models.PROTECT, null=True, blank=True, related_name="records")
    place = models.ForeignKey("places.Place", models.PROTECT, related_name="+")
    category = models.ForeignKey(ServiceCategory, models.PROTECT, null=True, blank=True, related_name="+")
    subject_type = models.CharField(max_length=60, blank=True)
    subject_id = models.BigIntegerField(null=True, blank=True)
    title = models.CharField(max_length=80)
    content = models.CharField(max_length=300, blank=True)
    host = models.CharField(max_length=120)
    in_charge = models.CharField(max_length=50)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    minutes = models.PositiveSmallIntegerField()
    evidence = models.CharField(max_length=1, choices=Evidence.choices)
    state = models.CharField(max_length=12, choices=RecordState.choices, default=RecordState.SUBMITTED)
    version = models.PositiveSmallIntegerField(default=1)
    correction = models.JSONField(null=True, blank=True)
    entered_by = models.ForeignKey("people.Person", models.PROTECT, related_name="+")
    second_by = models.ForeignKey("people.Person", models.PROTECT, null=True, blank=True, related_name="+")
    corrected_by = models.ForeignKey("people.Person", models.PROTECT, null=True, blank=True, related_name="+")
    confirmed_by = models.ForeignKey("people.Person", models.PROTECT, null=True, blank=True, related_name="+")
    recorded_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True, blank=True)
    due_at = models.DateTimeField()
    is_late = models.BooleanField(default=False)
    rule_version = models.PositiveIntegerField(default=0)
    transfer_id = models.BigIntegerField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["volunteer", "-starts_at", "-id"], name="record_of_volunteer"),
            models.Index(fields=["state", "place", "-starts_at"], name="record_queue"),
            models.Index(fields=["subject_type", "subject_id"], name="record_subject"),
        ]
        constraints = [
            ExclusionConstraint(
                name="record_no_overlap",
                expressions=[
                    ("volunteer", RangeOperators.EQUAL),
                    (Span("starts_at", "ends_at", RangeBoundary()), RangeOperators.OVERLAPS),
                ],
                condition=Q(state__in=sorted(LIVE_RECORDS)),
            ),
            models.UniqueConstraint(
                fields=["volunteer", "subject_type", "subject_id"],
                condition=Q(subject_id__isnull=False) & ~Q(state=RecordState.WITHDRAWN),
                name="record_once_a_subject",
            ),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="record_span"),
            models.CheckConstraint(condition=Q(minutes__gt=0, minutes__lte=LONGEST), name="record_minutes"),
            models.CheckConstraint(
                condition=GreaterThanOrEqual(
                    ExpressionWrapper(F("ends_at") - F("starts_at"), models.DurationField()), Minutes("minutes")
                ),
                name="record_minutes_within_span",
            ),
            models.CheckConstraint(condition=~Q(entered_by=F("person")), name="record_not_by_oneself"),
            models.CheckConstraint(
                condition=Q(second_by__isnull=True) | ~Q(second_by=F("person")) & ~Q(second_by=F("entered_by")),
                name="record_second_is_another",
            ),
            models.CheckConstraint(
                condition=Q(corrected_by__isnull=True) | ~Q(corrected_by=F("person")),
                name="record_not_corrected_by_oneself",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by__isnull=True)
                | ~Q(confirmed_by=F("person")) & ~Q(confirmed_by=F("entered_by")),
                name="record_confirmed_by_another",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["confirmed", "correcting"])
                | Q(confirmed_by__isnull=False, confirmed_at__isnull=False),
                name="record_confirmed_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(evidence=Evidence.C) | Q(second_by__isnull=False), name="record_sheet_by_two"
            ),
            models.CheckConstraint(condition=Q(state__in=RecordState.values), name="record_state_known"),
            models.CheckConstraint(condition=Q(evidence__in=Evidence.values), name="record_evidence_known"),
            models.CheckConstraint(
                condition=Q(state=RecordState.CORRECTING, correction__isnull=False, corrected_by__isnull=False)
                | ~Q(state=RecordState.CORRECTING) & Q(correction__isnull=True, corrected_by__isnull=True),
                name="record_correction_proposed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} · {self.minutes}"


class ServiceEvent(models.Model):
    """One step in the history of a record, with the values that held after it. Never changed, never deleted."""

    APPEND_ONLY = True

    record = models.ForeignKey(ServiceRecord, models.PROTECT, related_name="events")
    verb = models.CharField(max_length=12)
    from_state = models.CharField(max_length=12, blank=True)
    to_state = models.CharField(max_length=12)
    version = models.PositiveSmallIntegerField()
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    minutes = models.PositiveSmallIntegerField()
    correction = models.JSONField(null=True, blank=True)
    by = models.ForeignKey("people.Person", models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["record", "id"], name="serviceevent_record")]

    def __str__(self) -> str:
        return f"{self.record_id} {self.verb}"

    @property
    def reason(self) -> str:
        """What was written with the step; empty when nothing was, or when it was taken away with its person."""
        words: ServiceNote | None = getattr(self, "words", None)
        return words.text if words else ""


class ServiceNote(models.Model):
    """The words of one step, beside the history so that they can go when somebody is forgotten (decision 0012)."""

    REMOVE_ONLY = True

    event = models.OneToOneField(ServiceEvent, models.PROTECT, related_name="words")
    text = models.CharField(max_length=300)

    def __str__(self) -> str:
        return f"{self.event_id}"
