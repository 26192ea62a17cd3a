"""Who comes: sign-ups in order of arrival, and who was there."""

from __future__ import annotations

from datetime import UTC, datetime

from django.db import models
from django.db.models import F, Q

from huying.activities.models.activities import Session, Shift
from huying.activities.states import LIVE, SignUpState
from huying.kernel import chance
from huying.kernel.sealed import SealedField

ALIVE = Q(state__in=sorted(LIVE))
SANE = (datetime(2000, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC))
"""The years of which a clock at a door can speak."""


class SignUp(models.Model):
    """One person, one team with a number of people, or a group without names (a school class: a count and a contact).

    Keys rise in the order in which the database took them, so they are the order of the waiting list. ``asked_by`` is
    who pressed; another person than ``person`` when somebody signs up on behalf of him. ``reminded_for``: the beginning
    that he was reminded of.
    """

    public_id = models.UUIDField(default=chance.uuid7, unique=True, editable=False)
    session = models.ForeignKey(Session, models.PROTECT, related_name="sign_ups")
    shift = models.ForeignKey(Shift, models.PROTECT, related_name="sign_ups")
    person = models.ForeignKey("people.Person", models.PROTECT, null=True, related_name="activity_sign_ups")
    team = models.ForeignKey("volunteers.Team", models.PROTECT, null=True, related_name="+")
    group = models.CharField(max_length=60, blank=True)
    contact_name = models.CharField(max_length=40, blank=True)
    contact_phone = SealedField(null=True, blank=True)
    count = models.PositiveIntegerField(default=1)
    asked_by = models.ForeignKey("people.Person", models.PROTECT, null=True, related_name="+")
    on_behalf = models.BooleanField(default=False)
    note = models.CharField(max_length=100, blank=True)
    state = models.CharField(max_length=10, choices=SignUpState.choices)
    at = models.DateTimeField()
    confirm_by = models.DateTimeField(null=True)
    changed_at = models.DateTimeField()
    reminded_for = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["shift", "state", "id"], name="signup_queue"),
            models.Index(fields=["person", "-id"], name="signup_person"),
            models.Index(fields=["state", "confirm_by"], name="signup_offered"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["session", "person"], condition=ALIVE & Q(person__isnull=False), name="signup_person_once"
            ),
            models.UniqueConstraint(
                fields=["session", "team"], condition=ALIVE & Q(team__isnull=False), name="signup_team_once"
            ),
            models.UniqueConstraint(
                fields=["session", "group"], condition=ALIVE & ~Q(group=""), name="signup_group_once"
            ),
            models.CheckConstraint(
                condition=Q(person__isnull=False, team__isnull=True, group="", count=1)
                | Q(person__isnull=True, team__isnull=False, group="")
                | (Q(person__isnull=True, team__isnull=True) & ~Q(group="")),
                name="signup_of_one_sort",
            ),
            models.CheckConstraint(condition=Q(count__gte=1, count__lte=2000), name="signup_count"),
            models.CheckConstraint(condition=Q(state__in=SignUpState.values), name="signup_state_known"),
            models.CheckConstraint(
                condition=~Q(state=SignUpState.OFFERED) | Q(confirm_by__isnull=False), name="signup_offered_until"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.session_id} {self.person_id or self.team_id or self.group} {self.state}"


class CheckIn(models.Model):
    """That somebody was there: one row a sign-up, however often it is sent, and one a key for those who just came.

    ``key`` comes from the screen that counted walk-ins, so that a count sent twice is one count.
    """

    session = models.ForeignKey(Session, models.PROTECT, related_name="check_ins")
    sign_up = models.OneToOneField(SignUp, models.PROTECT, null=True, related_name="check_in")
    key = models.CharField(max_length=80, null=True, unique=True)  # noqa: DJ001 - null is "no key"
    count = models.PositiveIntegerField(default=1)
    in_at = models.DateTimeField()
    in_by = models.ForeignKey("people.Person", models.PROTECT, null=True, related_name="+")
    out_at = models.DateTimeField(null=True)
    out_by = models.ForeignKey("people.Person", models.PROTECT, null=True, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["session", "id"], name="checkin_session")]
        constraints = [
            models.CheckConstraint(condition=Q(count__gte=1, count__lte=10_000), name="checkin_count"),
            models.CheckConstraint(
                condition=Q(sign_up__isnull=False, key__isnull=True) | Q(sign_up__isnull=True, key__isnull=False),
                name="checkin_of_one_sort",
            ),
            models.CheckConstraint(condition=Q(out_at__isnull=True) | Q(out_at__gte=F("in_at")), name="checkin_span"),
            models.CheckConstraint(
                condition=Q(in_at__gte=SANE[0], in_at__lt=SANE[1]) & (Q(out_at__isnull=True) | Q(out_at__lt=SANE[1])),
                name="checkin_sane_years",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.session_id} {self.count}"


class CalendarKey(models.Model):
    """The secret in the address of somebody's own calendar; a new one makes the old address void."""

    person = models.OneToOneField("people.Person", models.CASCADE, related_name="+")
    token = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.person_id}"
