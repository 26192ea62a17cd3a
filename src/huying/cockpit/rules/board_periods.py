"""Which days a board shows, and which earlier days they are compared with. Half-open, in China."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from huying.figures.queries import Period
from huying.figures.states import Grain

DAY = timedelta(days=1)
TREND_DAYS = 14
MOST_DAYS = 92
"""Longer periods are drawn by month."""


class Stretch(TextChoices):
    """How long a time a board shows."""

    DAY = "day", _("日")
    WEEK = "week", _("周")
    MONTH = "month", _("月")
    QUARTER = "quarter", _("季")
    YEAR = "year", _("年")
    CUSTOM = "custom", _("自选")


class Against(TextChoices):
    """What it is compared with."""

    PREVIOUS = "previous", _("比上一期")
    LAST_YEAR = "last_year", _("比去年同期")
    NOTHING = "nothing", _("不比")


@dataclass(frozen=True, slots=True)
class Span:
    """The days shown, those compared with (None: nothing), and the days and grain of the curves."""

    stretch: Stretch
    shown: Period
    before: Period | None
    trend: Period
    grain: Grain


def span(stretch: Stretch, whole: Period, today: date, against: Against) -> Span:
    """A period that still runs is cut after today, and so is what it is compared with: like with like."""
    shown = Period(whole.since, max(whole.since, min(whole.until, today + DAY)))
    cut = shown.until < whole.until
    before = None if against == Against.NOTHING else earlier(stretch, shown, against, cut=cut)
    days = (shown.until - shown.since).days
    trend = shown if days >= 7 else Period(shown.until - TREND_DAYS * DAY, shown.until)
    return Span(stretch, shown, before, trend, Grain.DAY if days <= MOST_DAYS else Grain.MONTH)


def whole(stretch: Stretch, on: date) -> Period:
    """The day, week (from Monday), month, quarter or year that holds ``on``."""
    if stretch == Stretch.DAY:
        return Period(on, on + DAY)
    if stretch == Stretch.WEEK:
        monday = on - on.weekday() * DAY
        return Period(monday, monday + 7 * DAY)
    if stretch == Stretch.YEAR:
        return Period.year(on.year)
    if stretch == Stretch.QUARTER:
        first = date(on.year, on.month - (on.month - 1) % 3, 1)
        return Period(first, months_on(first, 3))
    return Period.month(on)


def earlier(stretch: Stretch, shown: Period, against: Against, *, cut: bool) -> Period:
    """The same days a year before (weeks: the same weekdays), or as long a time right before."""
    if against == Against.LAST_YEAR:
        if stretch == Stretch.WEEK:
            return moved(shown, 364)
        return Period(year_before(shown.since), year_before(shown.until))
    if stretch in {Stretch.DAY, Stretch.WEEK}:
        return moved(shown, 1 if stretch == Stretch.DAY else 7)
    if stretch == Stretch.CUSTOM:
        return moved(shown, (shown.until - shown.since).days)
    first = months_on(shown.since, {Stretch.MONTH: -1, Stretch.QUARTER: -3, Stretch.YEAR: -12}[stretch])
    if not cut:
        return Period(first, shown.since)
    if stretch == Stretch.YEAR:
        return Period(first, year_before(shown.until))
    return Period(first, min(first + (shown.until - shown.since), shown.since))


def moved(period: Period, days: int) -> Period:
    return Period(period.since - days * DAY, period.until - days * DAY)


def months_on(first: date, months: int) -> date:
    """The first of a month, so many months later (earlier when negative)."""
    count = first.year * 12 + first.month - 1 + months
    return date(count // 12, count % 12 + 1, 1)


def year_before(day: date) -> date:
    """The same day a year before; 28 February for the 29th."""
    return date(day.year - 1, day.month, min(day.day, 28) if (day.month, day.day) == (2, 29) else day.day)


def step(stretch: Stretch, on: date, forward: int) -> date:
    """A day in the next period, or in the one before (``forward`` -1)."""
    period = whole(stretch, on)
    return period.until if forward > 0 else period.since - DAY
