"""When things happen: weekends, festivals by the moon, the month of Lei Feng, summer holidays, a flood week in July."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from functools import cached_property, lru_cache
from typing import NamedTuple

from huying.activities.models import Theme
from huying.activities.rules import days_of
from huying.activities.rules.themes import falls
from huying.activities.states import ThemeGroup, ThemeRule
from huying.config.demo.city.plan import Plan
from huying.config.demo.city.writing import apportioned, strewn
from huying.kernel import clock

DAY = timedelta(days=1)
WEEKEND = 2.2
"""Days off hold so many times what a working day holds."""
FESTIVAL, FESTIVAL_EVE, LEIFENG, LEIFENG_DAY, DEAD_OF_WINTER = 2.0, 2.6, 1.5, 4.0, 0.35
"""Around a festival of 我们的节日; the three days before it; March; the fifth of March; the first days of the new year."""
FLOOD_DAYS = 7
FLOOD_CALLS = 6.0
"""In the flood week there are so many times the calls."""
CANCELLED = 0.06
AHEAD = 14
HOURS = {
    "service": (8, 9, 9, 10, 14, 15),
    "children": (9, 10, 14, 16),
    "sports": (7, 7, 8, 18, 19),
    "culture": (9, 14, 15, 19, 19),
}
OTHER_HOURS = (9, 9, 10, 14, 14, 15, 16)
MINUTES = (60, 60, 90, 90, 120, 120, 120, 150, 180, 240)
ASKED = (0, 0, 0, 0, 0, 1, 4, 12, 20, 22, 20, 16, 8, 12, 18, 18, 14, 10, 8, 7, 5, 3, 1, 0)
"""Calls by the hour of the day: the nights are quiet."""


class Gathering(NamedTuple):
    """One activity to write: how many come in all (0 to a cancelled one and to one that is still ahead)."""

    number: int
    day: date
    state: str
    come: int


class Almanac:
    """The days of the two years before ``plan.now`` and the fortnight after, each with its weight."""

    def __init__(self, plan: Plan):
        self.plan = plan
        self.today = clock.local(plan.now).date()

    @cached_property
    def festivals(self) -> set[date]:
        return self.days_of_festivals(0)

    @cached_property
    def eves(self) -> set[date]:
        return self.days_of_festivals(3)

    @cached_property
    def themes(self) -> list[Theme]:
        return list(Theme.objects.filter(active=True).order_by("order", "id"))

    @cached_property
    def spans(self) -> dict[int, list[tuple[date, date]]]:
        """Days of each theme that follows the moon or the sun, by its key: reckoned once, for that takes long."""
        years = range(self.today.year - 3, self.today.year + 2)
        return {one.pk: [span for year in years for span in days_of(one, year)] for one in self.themes}

    @lru_cache(1000)  # noqa: B019 - there is one almanac
    def themes_on(self, day: date) -> list[Theme]:
        """The themes of a day, in their order."""
        by_sky = {ThemeRule.LUNAR, ThemeRule.TERM}
        return [
            one
            for one in self.themes
            if (
                any(first <= day <= last for first, last in self.spans[one.pk])
                if one.rule in by_sky
                else falls(one, day)
            )
        ]

    def days_of_festivals(self, before: int) -> set[date]:
        """All days that a festival's theme holds; or the last so many days up to the day itself."""
        found: set[date] = set()
        rows = [one for one in self.themes if one.group == ThemeGroup.FESTIVAL]
        for theme, (first, last) in [(one, span) for one in rows for span in self.spans[one.pk]]:
            last = last - theme.days_after * DAY if before else last
            first = last - (before - 1) * DAY if before else first
            found |= {first + n * DAY for n in range((last - first).days + 1)}
        return found

    def flood(self, year: int) -> date:
        """The first day of the flood week of a year: some day in the middle of July."""
        return date(year, 7, 8) + self.plan.drawn("flood", year).randrange(12) * DAY

    def in_flood(self, day: date) -> bool:
        return day.month == 7 and 0 <= (day - self.flood(day.year)).days < FLOOD_DAYS

    def is_off(self, day: date) -> bool:
        """Nobody works: weekends and holidays, not the weekends that are worked."""
        return not self.plan.calendar.day(day).working

    def weight(self, day: date) -> float:
        """How much is on, beside an ordinary working day."""
        found = WEEKEND if self.is_off(day) else 1.0
        if day in self.eves:
            found *= FESTIVAL_EVE
        elif day in self.festivals:
            found *= FESTIVAL
        if day.month == 3:
            found *= LEIFENG_DAY if day.day == 5 else LEIFENG
        if (day.month, day.day) in {(1, 1), (1, 2), (1, 3)}:
            found *= DEAD_OF_WINTER
        return found

    def days(self, years_ago: int) -> list[date]:
        """The 365 days up to yesterday (0), or those before them (1)."""
        return [self.today - (365 * (years_ago + 1) - n) * DAY for n in range(365)]

    @cached_property
    def gatherings(self) -> list[Gathering]:
        """All activities in the order of their days: two years that were, and a fortnight that is planned."""
        shape, found = self.plan.shape, list[tuple[date, str, int]]()
        for ago in (1, 0):
            share = shape.earlier if ago else 1.0
            held = max(1, int(shape.activities * share + 0.5))
            come = max(held, int(shape.participations * share + 0.5))
            found += self.year(self.days(ago), held, come, self.plan.drawn("gatherings", ago))
        ahead = [self.today + n * DAY for n in range(1, AHEAD + 1)]
        planned = strewn(max(2, shape.activities * AHEAD // 365), [self.weight(day) for day in ahead])
        found += [(day, "planned", 0) for day, count in zip(ahead, planned, strict=True) for _n in range(count)]
        return [Gathering(number, *one) for number, one in enumerate(found)]

    def year(self, days: Sequence[date], held: int, come: int, chance: random.Random) -> list[tuple[date, str, int]]:
        """So many that took place, to which so many came in all, and those that were called off beside them."""
        weights = [self.weight(day) for day in days]
        counts = strewn(held, [one * (0.6 + 0.8 * chance.random()) for one in weights])
        off = strewn(int(held * CANCELLED / (1 - CANCELLED) + 0.5), [one * chance.random() for one in weights])
        crowds = [chance.lognormvariate(0, 0.9) for _n in range(held)]
        came = iter(apportioned(come - held, crowds))
        found = []
        for day, count, gone in zip(days, counts, off, strict=True):
            found += [(day, "held", 1 + next(came)) for _n in range(count)] + [(day, "cancelled", 0)] * gone
        return found

    def begins(self, day: date, kind: str, chance: random.Random) -> datetime:
        """A beginning at an hour of its kind."""
        hours = HOURS.get(kind, OTHER_HOURS)
        return datetime.combine(
            day, time(hours[chance.randrange(len(hours))], (0, 0, 30)[chance.randrange(3)]), clock.SHANGHAI
        )

    @cached_property
    def calls_by_day(self) -> list[tuple[date, int]]:
        """How many calls came in on each day of the two years: fewer on days off, many in the flood week."""
        found: list[tuple[date, int]] = []
        for ago in (1, 0):
            days = self.days(ago)
            weights = [
                (0.7 if self.is_off(day) else 1.0) * (FLOOD_CALLS if self.in_flood(day) else 1.0) for day in days
            ]
            total = max(1, int(self.plan.shape.calls * (self.plan.shape.earlier if ago else 1.0) + 0.5))
            chance = self.plan.drawn("asked", ago)
            found += zip(days, strewn(total, [one * (0.6 + 0.8 * chance.random()) for one in weights]), strict=True)
        return found


@lru_cache(2)
def almanac(plan: Plan) -> Almanac:
    """The almanac of a plan, reckoned once."""
    return Almanac(plan)
