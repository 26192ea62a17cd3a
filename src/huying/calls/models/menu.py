"""What may be asked for, how long each stage may take, and how wide a call goes: all data."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from huying.calls.states import (
    Asks,
    Level,
    Stage,
)
from huying.places.models import Offered


class HelperSex(models.TextChoices):
    """Whom the person served wishes to be helped by, where the kind of service lets him choose."""

    FEMALE = "female", _("女性")
    MALE = "male", _("男性")


class HelperAge(models.TextChoices):
    """The same by age; ``MIDDLE`` parts them."""

    YOUNGER = "younger", _("45 岁以下")
    OLDER = "older", _("45 岁以上")


MIDDLE = 45
"""Years of age from which on somebody is one of the older ones."""


class ServiceKind(Offered):
    """One line of the service menu: what is asked, who may answer, how many, how fast.

    ``category``: what kind of service it is, and so whether a child-protection check or insurance is needed.
    ``allow_preference``: for bodily care and company, where the one served may say whether a woman or a man, and of which age,
    shall come. ``public``: that calls of this kind were asked, and how far they are, may be read by anybody (Open311); never words.
    """

    class AnsweredBy(models.TextChoices):
        VOLUNTEER = "volunteer"
        TEAM = "team"
        EITHER = "either"

    code = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=20)
    name_en = models.CharField(max_length=40, blank=True)
    summary = models.CharField(max_length=120)
    summary_en = models.CharField(max_length=200, blank=True)
    icon = models.CharField(max_length=60)
    tone = models.CharField(max_length=10)
    example = models.CharField(max_length=120, blank=True)
    example_en = models.CharField(max_length=200, blank=True)
    questions = models.JSONField(default=list)
    skills = models.ManyToManyField("volunteers.Skill", blank=True, related_name="+")
    category = models.ForeignKey("volunteers.ServiceCategory", models.PROTECT, null=True, blank=True, related_name="+")
    people_needed = models.PositiveSmallIntegerField(default=1)
    answered_by = models.CharField(max_length=10, choices=AnsweredBy, default=AnsweredBy.EITHER)
    visit = models.BooleanField(default=True, help_text="helpers come to an address")
    urgent = models.BooleanField(default=False)
    emergency = models.CharField(max_length=40, blank=True, help_text="numbers shown first, e.g. 120 110")
    order = models.PositiveSmallIntegerField(default=100)
    active = models.BooleanField(default=True)
    public = models.BooleanField(default=False)
    allow_preference = models.BooleanField(default=False, db_default=False)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(people_needed__gte=1, people_needed__lte=500), name="kind_people_needed")
        ]

    def __str__(self) -> str:
        return self.name


class Clock(models.Model):
    """How long a stage may take; the row with no kind is the rule for all. Minutes of office hours, of the site's own
    hours, or of natural time.
    """

    class Mode(models.TextChoices):
        WORKING = "working"
        SITE = "site"
        NATURAL = "natural"

    kind = models.ForeignKey(ServiceKind, models.CASCADE, null=True, blank=True, related_name="clocks")
    stage = models.CharField(max_length=10, choices=Stage)
    urgent = models.BooleanField(default=False)
    minutes = models.PositiveIntegerField()
    mode = models.CharField(max_length=10, choices=Mode, default=Mode.WORKING)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "stage", "urgent"], nulls_distinct=False, name="clock_once"),
            models.CheckConstraint(condition=Q(minutes__gte=1, minutes__lte=60 * 24 * 366), name="clock_minutes"),
        ]

    def __str__(self) -> str:
        return f"{self.kind or '*'} {self.stage} {self.minutes} min"


class Ring(models.Model):
    """One stage of a call that goes out wider and wider (S0-3a, S2-7b); the rings of a place hold for all below it that
    have none of their own, those without a place for all others.

    ``minutes`` empty: no end. ``urgent_minutes``: how long it runs for an urgent call, by day and night; empty: as for every
    other. ``per_seat``: how many are asked for one open seat. ``duty``: units must answer, silence
    moves the call up. ``level``: who holds the call from this ring on; empty: as it is, and the centre is left in peace.
    """

    place = models.ForeignKey("places.Place", models.CASCADE, null=True, blank=True, related_name="rings")
    order = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=20)
    name_en = models.CharField(max_length=40, blank=True)
    asks = models.CharField(max_length=10, choices=Asks)
    reach_km = models.PositiveSmallIntegerField(null=True, blank=True)
    team_kind = models.ForeignKey("volunteers.TeamKind", models.PROTECT, null=True, blank=True, related_name="+")
    minutes = models.PositiveIntegerField(null=True, blank=True)
    mode = models.CharField(max_length=10, choices=Clock.Mode, default=Clock.Mode.WORKING)
    urgent_minutes = models.PositiveIntegerField(null=True, blank=True)
    per_seat = models.PositiveSmallIntegerField(default=3)
    duty = models.BooleanField(default=False)
    level = models.CharField(max_length=8, choices=Level, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["place", "order"], nulls_distinct=False, name="ring_once"),
            models.CheckConstraint(condition=Q(order__gte=1, order__lte=99), name="ring_order"),
            models.CheckConstraint(condition=Q(per_seat__gte=1, per_seat__lte=50), name="ring_per_seat"),
            models.CheckConstraint(
                condition=Q(minutes__isnull=True) | Q(minutes__gte=1, minutes__lte=60 * 24 * 366), name="ring_minutes"
            ),
            models.CheckConstraint(
                condition=Q(urgent_minutes__isnull=True) | Q(urgent_minutes__gte=1, urgent_minutes__lte=60 * 24 * 366),
                name="ring_urgent_minutes",
            ),
            models.CheckConstraint(
                condition=~Q(asks__in=["partners", "duty"]) | Q(team_kind__isnull=False), name="ring_kind_of_team"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.place or '*'} {self.order} {self.name}"
