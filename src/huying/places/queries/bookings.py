"""When a place is taken, what stands against a time, and whose bookings wait."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.db.models import F, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from huying.kernel import clock, worktime
from huying.kernel.actor import Actor
from huying.kernel.errors import NotFound
from huying.places import rules
from huying.places.models import BookedSpace, Booking, Place
from huying.places.queries.hours import effective_hours
from huying.places.queries.tree import ancestors
from huying.places.rules.reach import KEEPERS, held
from huying.places.states import BookingState, Status

DAY = timedelta(days=1)
LIVE = (BookingState.HELD, BookingState.CONFIRMED)


@dataclass(frozen=True)
class DayTaken:
    """One day of a timetable: its bookings in order of time, and whether the place is open at all."""

    date: date
    bookings: tuple[Booking, ...]
    spans: tuple[tuple[str, str], ...]
    today: bool


def houses_of(place: Place) -> list[Place]:
    """The sites that hold the place, outermost first, and the place itself; divisions are no houses."""
    return [one for one in ancestors(place, own=True) if not one.kind.is_division]


def in_the_way(place: Place, starts_at: datetime, ends_at: datetime, but: Booking | None = None) -> Booking | None:
    """The first live booking that overlaps [starts_at, ends_at): of the place, of a house around it, of a room in it."""
    around = [one.pk for one in houses_of(place)]
    clash = Q(place=place, whole=0) | Q(place_id__in=around, whole=1)
    rows = BookedSpace.objects.filter(clash, starts_at__lt=ends_at, ends_at__gt=starts_at)
    if but is not None:
        rows = rows.exclude(booking_id=but.pk)
    found = rows.select_related("booking__place").order_by("starts_at", "id").first()
    return found.booking if found else None


def in_words(booking: Booking) -> str:
    """ "二楼活动室 10月23日 14:00–16:00" without who or why."""
    start, end = clock.local(booking.starts_at), clock.local(booking.ends_at)
    until = f"{end:%H:%M}" if end.date() == start.date() else f"{end:%m-%d %H:%M}"
    return f"{booking.place.name} {start:%m-%d %H:%M}–{until}"


def warnings(place: Place, starts_at: datetime, ends_at: datetime, headcount: int | None = None) -> list[str | Promise]:
    """What speaks against the time without forbidding it: closed days, hours, more people than the room holds."""
    found: list[str | Promise] = []
    hours = effective_hours(place)
    if hours is None:
        found.append(_("这里没有公布开放时间，请先和阵地联系。"))
    else:
        calendar = worktime.calendar_for(place.path)
        days = [clock.local(starts_at).date() + n * DAY for n in range((ends_at - starts_at).days + 2)]
        inside = [one for one in days if one <= clock.local(ends_at - timedelta(microseconds=1)).date()]
        closed = [one for one in inside if not hours.on(calendar.day(one))]
        open_time = worktime.working_between(starts_at, ends_at, hours, calendar=calendar)
        if closed:
            names = "、".join(f"{one:%m-%d}" for one in closed[:5])
            found.append(str(_("{days} 不开放。")).format(days=names))
        elif open_time < ends_at - starts_at:
            found.append(_("有一部分时间不在开放时间里。"))
    if headcount and place.capacity and headcount > place.capacity:
        found.append(str(_("这里最多容纳 {most} 人。")).format(most=place.capacity))
    return found


def week_of(place: Place, day: date) -> list[DayTaken]:
    """Monday to Sunday around ``day``: what is taken here and in the rooms inside, in three queries."""
    first = day - timedelta(days=day.weekday())
    starts = datetime.combine(first, time(), tzinfo=clock.SHANGHAI)
    around = Q(place__path__startswith=place.path) | Q(place__in=houses_of(place)[:-1])
    rows = Booking.objects.filter(
        around, state__in=LIVE, starts_at__lt=starts + 7 * DAY, ends_at__gt=starts
    ).select_related("place")
    found = list(rows.order_by("starts_at", "id"))
    hours, calendar = effective_hours(place), worktime.calendar_for(place.path)
    week = []
    for number in range(7):
        begins = starts + number * DAY
        spans = hours.on(calendar.day(begins.date())) if hours else ()
        mine = tuple(one for one in found if one.starts_at < begins + DAY and one.ends_at > begins)
        shown = tuple((worktime.show(a), worktime.show(b)) for a, b in spans)
        week.append(DayTaken(begins.date(), mine, shown, begins.date() == clock.today()))
    return week


def booking(actor: Actor, public_id: UUID) -> Booking:
    """One booking of the actor's own or at a place he keeps; NotFound for others."""
    rows = Booking.objects.filter(rules.bookings_visible_to(actor), public_id=public_id)
    found = rows.select_related("place__kind", "place__parent").first()
    if found is None or actor.is_anonymous:
        raise NotFound
    return found


def my_bookings(actor: Actor) -> QuerySet[Booking]:
    """What the actor booked, latest first."""
    return Booking.objects.filter(person_id=actor.person_id or 0).select_related("place__parent")


def waiting_bookings(actor: Actor, limit: int = 50) -> Sequence[Booking]:
    """What waits for this keeper's yes, next first."""
    wanted = Q(pk__in=())
    for path in held(actor, KEEPERS):
        wanted |= Q(place__path__startswith=path)
    rows = Booking.objects.filter(wanted, state=BookingState.HELD, ends_at__gt=clock.now())
    return list(rows.select_related("place__parent").order_by("starts_at", "id")[:limit])


def bookings_of(subject_type: str, ids: Sequence[int]) -> dict[int, Booking]:
    """The live bookings of these rows: subject id -> booking."""
    rows = Booking.objects.filter(subject_type=subject_type, subject_id__in=list(ids), state__in=LIVE)
    return {one.subject_id: one for one in rows.select_related("place") if one.subject_id is not None}


def bookable(place: Place) -> QuerySet[Place]:
    """The open sites and rooms in the place, itself included if it is one."""
    inside = Place.objects.filter(path__startswith=place.path, status=Status.OPEN)
    return inside.filter(Q(kind__is_site=True) | Q(kind="room")).order_by(F("path")).select_related("kind", "parent")
