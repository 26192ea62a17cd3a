"""Rhythm as data: 四季有主题、月月有重点、周周有活动; 天天/周周/月月/年年 (S0-1d.1, S3-5c.2)."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from huying.activities.models.data import ActivityKind, Theme
from huying.activities.states import Span, Wanted
from huying.kernel import chance, clock


class RhythmPlan(models.Model):
    """A plan of a place for a stretch of days, both included."""

    public_id = models.UUIDField(default=chance.uuid7, unique=True, editable=False)
    place = models.ForeignKey("places.Place", models.PROTECT, related_name="+")
    name = models.CharField(max_length=60)
    name_en = models.CharField(max_length=80, blank=True)
    begins = models.DateField()
    ends = models.DateField()
    created_by = models.ForeignKey("people.Person", models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["place", "name"], name="rhythmplan_once"),
            models.CheckConstraint(condition=Q(ends__gte=F("begins")), name="rhythmplan_span"),
        ]

    def __str__(self) -> str:
        return self.name


class RhythmRule(models.Model):
    """Each ``every`` must have ``minimum`` activities (of a kind, with a theme), or a focus that was named.

    ``site_kind``: each open place of this kind in the plan's area must keep it by itself.
    """

    plan = models.ForeignKey(RhythmPlan, models.CASCADE, related_name="rules")
    every = models.CharField(max_length=10, choices=Span.choices)
    wants = models.CharField(max_length=10, choices=Wanted.choices, default=Wanted.ACTIVITY)
    minimum = models.PositiveSmallIntegerField(default=1)
    kind = models.ForeignKey(ActivityKind, models.PROTECT, null=True, blank=True, related_name="+")
    theme = models.ForeignKey(Theme, models.PROTECT, null=True, blank=True, related_name="+")
    site_kind = models.ForeignKey("places.PlaceKind", models.PROTECT, null=True, blank=True, related_name="+")
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(minimum__gte=1, minimum__lte=50), name="rhythmrule_minimum")]

    def __str__(self) -> str:
        return f"{self.every} {self.wants} {self.minimum}"


class Focus(models.Model):
    """The theme of a season or the focus of a month (or of any beat) in a plan."""

    plan = models.ForeignKey(RhythmPlan, models.CASCADE, related_name="focuses")
    every = models.CharField(max_length=10, choices=Span.choices)
    starts_on = models.DateField()
    title = models.CharField(max_length=60)
    title_en = models.CharField(max_length=80, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["plan", "every", "starts_on"], name="focus_once"),
            models.CheckConstraint(condition=~Q(title=""), name="focus_title_given"),
        ]

    def __str__(self) -> str:
        return self.title
