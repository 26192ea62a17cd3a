"""Teams that want people, volunteers who are asked whether they like to join, and plans for all wants of a centre at once."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from huying.kernel import chance
from huying.volunteers.states import LIVE_ALLOCATIONS, SLOTS, AllocationState, InvitationState, WantState


class Want(models.Model):
    """Whom a team looks for: skills, where, at which parts of the week (all of them; none: any), how many, until when.

    ``lon``, ``lat``: from where it is reckoned who lives near, the position of ``place`` or of the nearest above that has
    one. ``words``: the sentence that the volunteer reads. ``joined`` is counted under the lock of this row.
    """

    public_id = models.UUIDField(default=chance.uuid7, unique=True, editable=False)
    team = models.ForeignKey("volunteers.Team", models.PROTECT, related_name="wants")
    place = models.ForeignKey("places.Place", models.PROTECT, related_name="+")
    lon = models.FloatField()
    lat = models.FloatField()
    skills = models.ManyToManyField("volunteers.Skill", related_name="+", blank=True)
    slots = ArrayField(models.PositiveSmallIntegerField(), default=list, blank=True, size=SLOTS)
    headcount = models.PositiveSmallIntegerField()
    joined = models.PositiveSmallIntegerField(default=0)
    words = models.CharField(max_length=300)
    until_date = models.DateField()
    state = models.CharField(max_length=9, choices=WantState, default=WantState.OPEN)
    made_by = models.ForeignKey("people.Person", models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["state", "until_date", "id"], name="want_until"),
            models.Index(fields=["-made_at", "-id"], name="want_newest"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(headcount__gte=1, headcount__lte=500), name="want_headcount"),
            models.CheckConstraint(
                condition=Q(state="filled", joined=F("headcount"))
                | (~Q(state="filled") & Q(joined__lt=F("headcount"))),
                name="want_filled_when_all_joined",
            ),
            models.CheckConstraint(condition=Q(state__in=WantState.values), name="want_state_known"),
            models.CheckConstraint(
                condition=Q(state="open", closed_at__isnull=True) | (~Q(state="open") & Q(closed_at__isnull=False)),
                name="want_closed_at",
            ),
            models.CheckConstraint(condition=Q(slots__contained_by=list(range(SLOTS))), name="want_slots"),
            models.CheckConstraint(
                condition=Q(lon__gte=-180, lon__lte=180, lat__gte=-90, lat__lte=90), name="want_position"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.team} · {self.headcount}"


class Invitation(models.Model):
    """A volunteer is asked once whether he likes to join the team of a want; open until ``ends_at``, whatever he does.

    ``put_away``: he said no, which only this row knows and only while it is open; it is wiped when the invitation ends, by
    the clock like silence (decision 0021). What is over stands on no page: it keeps the want from asking him again.
    """

    public_id = models.UUIDField(default=chance.uuid7, unique=True, editable=False)
    want = models.ForeignKey(Want, models.PROTECT, related_name="invitations")
    volunteer = models.ForeignKey("volunteers.Volunteer", models.PROTECT, related_name="invitations")
    state = models.CharField(max_length=6, choices=InvitationState, default=InvitationState.OPEN)
    invited_by = models.ForeignKey("people.Person", models.PROTECT, null=True, related_name="+")
    invited_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    joined_at = models.DateTimeField(null=True, blank=True)
    put_away = models.BooleanField(default=False, db_default=False)

    class Meta:
        indexes = [models.Index(fields=["ends_at"], condition=Q(state="open"), name="invitation_due")]
        constraints = [
            models.UniqueConstraint(fields=["want", "volunteer"], name="invitation_once"),
            models.UniqueConstraint(fields=["volunteer"], condition=Q(state="open"), name="invitation_one_at_a_time"),
            models.CheckConstraint(condition=Q(state__in=InvitationState.values), name="invitation_state_known"),
            models.CheckConstraint(condition=Q(ends_at__gt=F("invited_at")), name="invitation_span"),
            models.CheckConstraint(
                condition=Q(state="joined", joined_at__isnull=False) | (~Q(state="joined") & Q(joined_at__isnull=True)),
                name="invitation_joined_at",
            ),
            models.CheckConstraint(condition=Q(put_away=False) | Q(state="open"), name="invitation_no_is_wiped"),
        ]

    def __str__(self) -> str:
        return f"{self.want_id} → {self.volunteer_id}"


class Allocation(models.Model):
    """Who could join which team, weighed for all open wants below a place at once; nobody is asked before it is confirmed.

    ``figures``: wants, volunteers and seats that were weighed, total and bound (metres, the proof of how good it is), and
    once it is confirmed how many were invited and how many could not be: who they were is not kept.
    """

    public_id = models.UUIDField(default=chance.uuid7, unique=True, editable=False)
    place = models.ForeignKey("places.Place", models.PROTECT, related_name="+")
    state = models.CharField(max_length=9, choices=AllocationState, default=AllocationState.MAKING)
    asked_by = models.ForeignKey("people.Person", models.PROTECT, null=True, related_name="+")
    asked_at = models.DateTimeField()
    made_at = models.DateTimeField(null=True)
    confirmed_by = models.ForeignKey("people.Person", models.PROTECT, null=True, related_name="+")
    confirmed_at = models.DateTimeField(null=True)
    figures = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["place", "-id"], name="allocation_place")]
        constraints = [
            models.UniqueConstraint(
                fields=["place"], condition=Q(state__in=sorted(LIVE_ALLOCATIONS)), name="allocation_one_at_a_place"
            ),
            models.CheckConstraint(condition=Q(state__in=AllocationState.values), name="allocation_state_known"),
            models.CheckConstraint(
                condition=Q(state="confirmed", confirmed_at__isnull=False)
                | (~Q(state="confirmed") & Q(confirmed_at__isnull=True)),
                name="allocation_confirmed_at",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.place_id} {self.asked_at:%Y-%m-%d %H:%M}"


class AllocationLine(models.Model):
    """One volunteer for one want, ``struck`` out by hand or not. ``km`` straight line; ``served`` and ``teams`` then.

    Gone as soon as the plan is confirmed or put away: who was asked and did not come stands nowhere.
    """

    public_id = models.UUIDField(default=chance.uuid7, unique=True, editable=False)
    allocation = models.ForeignKey(Allocation, models.CASCADE, related_name="lines")
    want = models.ForeignKey(Want, models.PROTECT, related_name="+")
    volunteer = models.ForeignKey("volunteers.Volunteer", models.PROTECT, related_name="+")
    km = models.FloatField()
    served = models.PositiveSmallIntegerField(default=0)
    teams = models.PositiveSmallIntegerField(default=0)
    struck = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["allocation", "volunteer"], name="allocationline_volunteer_once"),
        ]
        indexes = [models.Index(fields=["allocation", "want", "id"], name="allocationline_want")]

    def __str__(self) -> str:
        return f"{self.want_id} → {self.volunteer_id}"


class AllocationGap(models.Model):
    """Places of a want that nobody can take: the rule that binds, and how many people passed each question."""

    allocation = models.ForeignKey(Allocation, models.CASCADE, related_name="gaps")
    want = models.ForeignKey(Want, models.PROTECT, related_name="+")
    empty = models.PositiveSmallIntegerField()
    lack = models.CharField(max_length=12)
    people = models.JSONField(default=dict)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["allocation", "want"], name="allocationgap_once")]

    def __str__(self) -> str:
        return f"{self.want_id} {self.lack}"
