"""When a place is open: today, now and through the week. A room without hours of its own follows its site."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext_lazy as _

from huying.kernel import clock, worktime
from huying.kernel.worktime import Calendar, Hours
from huying.kernel.worktime.hours import show
from huying.places.models import Place
from huying.places.queries.tree import ancestors
from huying.places.states import Status

WEEK = (_("周一"), _("周二"), _("周三"), _("周四"), _("周五"), _("周六"), _("周日"))


@dataclass(frozen=True)
class Today:
    """One day at a place. ``spans`` are half-open clock times; ``estimated``: the holiday list is not out yet."""

    date: date
    spans: tuple[tuple[str, str], ...]
    open_now: bool
    until: str
    name: str
    estimated: bool


def effective_hours(place: Place, chain: Sequence[Place] | None = None) -> Hours | None:
    """The place's own hours, else those of the nearest place above it that is no division; None when unknown.

    ``chain`` are the ancestors with their kinds, if they are at hand.
    """
    if place.hours is not None:
        return worktime.parse(place.hours)
    for above in reversed(ancestors(place) if chain is None else chain):
        if above.kind.is_division:
            return None
        if above.hours is not None:
            return worktime.parse(above.hours)
    return None


def serving_hours(place: Place) -> Hours | None:
    """When somebody at the place is there to serve: its ``effective_hours``, for a division those of its first open site.

    None when nobody has written any.
    """
    own = effective_hours(place)
    if own is not None:
        return own
    sites = Place.objects.filter(parent=place, kind__is_division=False, hours__isnull=False, status=Status.OPEN)
    first = sites.order_by("sort_key", "id").first()
    return worktime.parse(first.hours) if first else None


def today_at(hours: Hours, *, at: datetime | None = None, calendar: Calendar | None = None) -> Today:
    """What ``hours`` mean on the day of ``at`` (now). Reads the override table unless ``calendar`` is given."""
    moment = at or clock.now()
    calendar = worktime.calendar_for() if calendar is None else calendar
    day = calendar.day(clock.local(moment).date())
    spans = hours.on(day)
    local = clock.local(moment)
    minute = local.hour * 60 + local.minute
    closing = next((end for start, end in spans if start <= minute < end), None)
    return Today(
        date=day.date,
        spans=tuple((show(start), show(end)) for start, end in spans),
        open_now=closing is not None,
        until=show(closing) if closing is not None else "",
        name=day.name,
        estimated=day.estimated and hours.follows_calendar,
    )


def is_open_now(place: Place, *, at: datetime | None = None) -> bool | None:
    """Whether the place is open at ``at``; None when its hours are unknown."""
    if place.status == Status.CLOSED:
        return False
    hours = effective_hours(place)
    if hours is None:
        return None
    return worktime.is_open(at or clock.now(), hours, calendar=worktime.calendar_for(place.path))


def week_lines(hours: Hours) -> list[tuple[str, str]]:
    """The week in words, equal days together: [("周一至周五", "09:00–12:00、14:00–18:00"), ("周六至周日", "休息")]."""
    lines: list[tuple[int, int, str]] = []
    for number, spans in enumerate(hours.week):
        text = _("、").join(f"{show(start)}–{show(end)}" for start, end in spans) or str(_("休息"))
        if lines and lines[-1][2] == text:
            lines[-1] = (lines[-1][0], number, text)
        else:
            lines.append((number, number, text))
    return [(days_text(first, last), text) for first, last, text in lines]


def days_text(first: int, last: int) -> str:
    if first == last:
        return str(WEEK[first])
    return str(_("{first}至{last}")).format(first=WEEK[first], last=WEEK[last])
