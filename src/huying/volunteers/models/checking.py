"""Where people sign in and out: sessions, who came and went, and sheets that two people copy."""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Q

from huying.kernel import chance
from huying.volunteers.models.service import ServiceCategory, Span
from huying.volunteers.states import SessionState, Way


class ServiceSession(models.Model):
    """A time and place at which volunteers sign in and out, run by one organiser or more.

    ``paper_until``: a printed code holds until then (none: no paper); ``paper_serial`` makes earlier prints void.
    """

    public_id = models.UUIDField(default=chance.uuid7, unique=True, editable=False)
    title = models.CharField(max_length=80)
    content = models.CharField(max_length=300, blank=True)
    category = models.ForeignKey(ServiceCategory, models.PROTECT, null=True, blank=True, related_name="+")
    team = models.ForeignKey("volunteers.Team", models.PROTECT, null=True, blank=True, related_name="sessions")
    place = models.ForeignKey("places.Place", models.PROTECT, related_name="+")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    break_minutes = models.PositiveSmallIntegerField(default=0)
    paper_until = models.DateTimeField(null=True, blank=True)
    paper_serial = models.PositiveSmallIntegerField(default=0)
    state = models.CharField(max_length=8, choices=SessionState.choices, default=SessionState.OPEN)
    opened_by = models.ForeignKey("people.Person", models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["team", "-starts_at"], name="session_of_team"),
            models.Index(fields=["place", "-starts_at"], name="session_at_place"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="session_span"),
            models.CheckConstraint(condition=Q(state__in=SessionState.values), name="session_state_known"),
        ]

    def __str__(self) -> str:
        return self.title


class Attendance(models.Model):
    """One volunteer at one session: in once, out once. ``record`` is what became of it.

    ``in_by`` and ``out_by`` are who called the roll, None when the volunteer scanned by himself: a code can be passed on,
    so a scan alone witnesses nothing. ``seen_by`` is the organiser who says at the end that he was there. A visit that
    nobody ended is ``dropped`` when the session closes, so that the next one can begin.
    """

    session = models.ForeignKey(ServiceSession, models.PROTECT, related_name="attendances")
    volunteer = models.ForeignKey("volunteers.Volunteer", models.PROTECT, related_name="attendances")
    person = models.ForeignKey("people.Person", models.PROTECT, related_name="+")
    in_at = models.DateTimeField()
    in_way = models.CharField(max_length=8, choices=Way.choices)
    in_by = models.ForeignKey("people.Person", models.PROTECT, null=True, related_name="+")
    out_at = models.DateTimeField(null=True, blank=True)
    out_way = models.CharField(max_length=8, choices=Way.choices, blank=True)
    out_by = models.ForeignKey("people.Person", models.PROTECT, null=True, related_name="+")
    seen_by = models.ForeignKey("people.Person", models.PROTECT, null=True, blank=True, related_name="+")
    dropped = models.BooleanField(default=False)
    record = models.OneToOneField(
        "volunteers.ServiceRecord", models.PROTECT, null=True, blank=True, related_name="attendance"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["session", "volunteer"], name="attendance_once"),
            ExclusionConstraint(
                name="attendance_one_at_a_time",
                expressions=[
                    ("volunteer", RangeOperators.EQUAL),
                    (Span("in_at", "out_at", RangeBoundary()), RangeOperators.OVERLAPS),
                ],
                condition=Q(dropped=False),
            ),
            models.CheckConstraint(condition=Q(out_at__isnull=True) | Q(out_at__gt=F("in_at")), name="attendance_span"),
            models.CheckConstraint(
                condition=Q(in_by__isnull=True) | ~Q(in_by=F("person")), name="attendance_in_by_another"
            ),
            models.CheckConstraint(
                condition=Q(out_by__isnull=True) | ~Q(out_by=F("person")), name="attendance_out_by_another"
            ),
            models.CheckConstraint(
                condition=Q(seen_by__isnull=True) | ~Q(seen_by=F("person")), name="attendance_seen_by_another"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.session_id} {self.volunteer_id}"


class SheetEntry(models.Model):
    """What one person copied from the paper list about one volunteer; two alike, by two people, make a record."""

    session = models.ForeignKey(ServiceSession, models.PROTECT, related_name="sheet")
    volunteer = models.ForeignKey("volunteers.Volunteer", models.PROTECT, related_name="+")
    person = models.ForeignKey("people.Person", models.PROTECT, related_name="+")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    break_minutes = models.PositiveSmallIntegerField(default=0)
    entered_by = models.ForeignKey("people.Person", models.PROTECT, related_name="+")
    entered_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["session", "volunteer", "entered_by"], name="sheet_once_each"),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="sheet_span"),
            models.CheckConstraint(condition=~Q(entered_by=F("person")), name="sheet_not_by_oneself"),
        ]

    def __str__(self) -> str:
        return f"{self.session_id} {self.volunteer_id} {self.entered_by_id}"
