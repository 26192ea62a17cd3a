"""What is data, not code: kinds of activities, themes with their days, units of results."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from huying.activities.states import ThemeGroup, ThemeRule
from huying.places.models import Offered


class ActivityKind(Offered):
    """What a gathering can be; ``is_large`` stands beside ordinary ones and is counted apart (S0-1d.2)."""

    code = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=20)
    name_en = models.CharField(max_length=40, blank=True)
    icon = models.CharField(max_length=60)
    tone = models.CharField(max_length=10)
    is_large = models.BooleanField(default=False)
    order = models.PositiveSmallIntegerField(default=0)
    active = models.BooleanField(default=True)

    def __str__(self) -> str:
        return self.name


class Theme(Offered):
    """A season, a festival, a topic or a form. With a rule, activities of its days carry it by themselves.

    DATES: from ``begins`` to ``ends`` (MM-DD, both included, may pass the turn of the year). LUNAR: the day ``day`` of
    lunar month ``month``; TERM: solar term number ``month`` (0 is the winter solstice); both with days around it.
    """

    code = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=20)
    name_en = models.CharField(max_length=40, blank=True)
    group = models.CharField(max_length=10, choices=ThemeGroup.choices)
    rule = models.CharField(max_length=10, choices=ThemeRule.choices, default=ThemeRule.NONE)
    begins = models.CharField(max_length=5, blank=True)
    ends = models.CharField(max_length=5, blank=True)
    month = models.PositiveSmallIntegerField(default=0)
    day = models.PositiveSmallIntegerField(default=0)
    days_before = models.PositiveSmallIntegerField(default=0)
    days_after = models.PositiveSmallIntegerField(default=0)
    order = models.PositiveSmallIntegerField(default=0)
    active = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(rule=ThemeRule.DATES)
                | Q(begins__regex=r"^[01]\d-[0-3]\d$", ends__regex=r"^[01]\d-[0-3]\d$"),
                name="theme_dates_given",
            ),
            models.CheckConstraint(
                condition=~Q(rule=ThemeRule.LUNAR) | Q(month__gte=1, month__lte=12, day__gte=1, day__lte=30),
                name="theme_lunar_given",
            ),
            models.CheckConstraint(condition=~Q(rule=ThemeRule.TERM) | Q(month__lte=23), name="theme_term_given"),
        ]

    def __str__(self) -> str:
        return self.name


class Unit(models.Model):
    """What an amount is measured in; ``digits`` after the point."""

    code = models.SlugField(max_length=20, unique=True)
    name = models.CharField(max_length=10)
    name_en = models.CharField(max_length=30, blank=True)
    digits = models.PositiveSmallIntegerField(default=0)
    order = models.PositiveSmallIntegerField(default=0)
    active = models.BooleanField(default=True)

    def __str__(self) -> str:
        return self.name


DataRow = ActivityKind | Theme | Unit
