from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GistIndex
from django.db import models
from django.db.models import F, Q

from huying.kernel import chance
from huying.places.models import Offered
from huying.volunteers.states import SLOTS


class Skill(Offered):
    """Something a helper can do, as data: accompany to hospital, plumbing, Hakka …"""

    code = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=40)
    name_en = models.CharField(max_length=60, blank=True)
    needs_proof = models.BooleanField(default=False)

    def __str__(self) -> str:
        return self.name


class Language(models.Model):
    """A language or dialect that helpers speak, as data (S3-1d.1: lecturers in two languages)."""

    code = models.SlugField(max_length=20, unique=True)
    name = models.CharField(max_length=40)
    name_en = models.CharField(max_length=60, blank=True)
    order = models.PositiveSmallIntegerField(default=0)

    def __str__(self) -> str:
        return self.name


class Volunteer(models.Model):
    """A person who chose to be asked for help. Choosing not to, or pausing, has no consequence (domain 7, safeguard
    1).

    ``availability``: parts of the week, day (0 Monday) times three plus 0 morning, 1 afternoon, 2 evening.
    """

    public_id = models.UUIDField(default=chance.uuid7, unique=True, editable=False)
    person = models.OneToOneField("people.Person", models.PROTECT, related_name="volunteer")
    skills = models.ManyToManyField(Skill, related_name="volunteers", blank=True)
    languages = models.ManyToManyField(Language, related_name="volunteers", blank=True)
    categories = models.ManyToManyField("volunteers.ServiceCategory", related_name="volunteers", blank=True)
    availability = ArrayField(models.PositiveSmallIntegerField(), default=list, blank=True, size=SLOTS)
    insured_until = models.DateField(null=True, blank=True)
    insurance_note = models.CharField(max_length=120, blank=True)
    base_place = models.ForeignKey("places.Place", models.PROTECT, related_name="+")
    lon = models.FloatField(null=True, blank=True)
    lat = models.FloatField(null=True, blank=True)
    travel_km = models.FloatField(default=3)
    weekly_limit = models.PositiveSmallIntegerField(default=5)
    shares_phone = models.BooleanField(default=False, help_text="by own choice (志愿服务条例 art. 20)")
    paused_until = models.DateField(null=True, blank=True)
    joined_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(lon__isnull=True, lat__isnull=True)
                | Q(lon__gte=-180, lon__lte=180, lat__gte=-90, lat__lte=90),
                name="volunteer_position",
            ),
            models.CheckConstraint(condition=Q(travel_km__gt=0, travel_km__lte=200), name="volunteer_travel"),
            models.CheckConstraint(condition=Q(weekly_limit__lte=50), name="volunteer_weekly_limit"),
        ]
        indexes = [GistIndex(models.Func("lon", "lat", function="point"), name="volunteer_near")]

    def __str__(self) -> str:
        return str(self.person)


class Stay(models.Model):
    """A time of being a volunteer that ended and was followed by another one: who joins again keeps what was counted of
    him, at the place where he served then. The present time stands in the volunteer himself.
    """

    volunteer = models.ForeignKey(Volunteer, models.PROTECT, related_name="stays")
    place = models.ForeignKey("places.Place", models.PROTECT, related_name="+")
    joined_at = models.DateTimeField()
    left_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(left_at__gte=F("joined_at")), name="stay_ends_after_it_begins")
        ]

    def __str__(self) -> str:
        return f"{self.volunteer} {self.joined_at:%Y-%m-%d}–{self.left_at:%Y-%m-%d}"


class TeamKind(Offered):
    """What a team can be, as data: federation, head team, sub-team, party members, youth, women, the five elders …"""

    code = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=40)
    name_en = models.CharField(max_length=60, blank=True)
    order = models.PositiveSmallIntegerField(default=0)

    def __str__(self) -> str:
        return self.name


class Team(models.Model):
    """A group that answers together, under a place; its leaders accept for it.

    ``parent``: the team or federation it belongs to, to any depth, never in a circle (S2-3e.2, S3-1b.1).
    """

    public_id = models.UUIDField(default=chance.uuid7, unique=True, editable=False)
    name = models.CharField(max_length=80)
    place = models.ForeignKey("places.Place", models.PROTECT, related_name="teams")
    skills = models.ManyToManyField(Skill, related_name="teams", blank=True)
    about = models.CharField(max_length=300, blank=True)
    open_limit = models.PositiveSmallIntegerField(default=20)
    active = models.BooleanField(default=True)
    kind = models.ForeignKey(TeamKind, models.PROTECT, null=True, blank=True, related_name="teams")
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="subteams")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["place", "name"], name="team_name_once_a_place"),
            models.CheckConstraint(condition=~Q(parent=models.F("id")), name="team_not_its_own_parent"),
        ]

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """A volunteer in a team, from when until when; leaders answer for the team."""

    team = models.ForeignKey(Team, models.PROTECT, related_name="memberships")
    volunteer = models.ForeignKey(Volunteer, models.PROTECT, related_name="memberships")
    is_leader = models.BooleanField(default=False)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["team", "volunteer"], condition=Q(ends_at__isnull=True), name="membership_once"
            ),
            models.CheckConstraint(
                condition=Q(ends_at__isnull=True) | Q(ends_at__gt=models.F("starts_at")), name="membership_span"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.volunteer} · {self.team}"
