"""Booking a site or one of its rooms. The database refuses what overlaps (``BookedSpace``); the lock keeps it polite.

Whoever books locks the outermost site above the place first, so that two who want the same house stand in line instead
of falling over each other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Model
from django.utils.translation import gettext_lazy as _

from huying.kernel import audit, clock, events, locks
from huying.kernel.actor import Actor
from huying.kernel.errors import Forbidden, InvalidInput
from huying.kernel.transactions import begin
from huying.places import rules
from huying.places.actions.refusals import BookingMoved, NotBookable, SpaceTaken, TooManyHeld
from huying.places.models import BookedSpace, Booking, Place
from huying.places.queries.bookings import houses_of, in_the_way, in_words
from huying.places.states import BOOKING_STEPS, BookingState

LONGEST = timedelta(days=31)
FARTHEST = timedelta(days=400)
HELD_FOR = timedelta(hours=48)
MOST_HELD = 3
LAPSED = _("没有及时确认，自动取消。")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody wants to use, [starts_at, ends_at), and for what; ``who`` is the name to call it by."""

    place: Place
    starts_at: datetime
    ends_at: datetime
    purpose: str
    who: str
    headcount: int | None = None


@dataclass(frozen=True, slots=True)
class BookingLost:
    """What was booked for a row of another room is free again, and whoever it was for did not ask for that."""

    booking_id: int
    by_id: int | None


def book(*, actor: Actor, wanted: Wanted, subject: Model | None = None) -> Booking:
    """Take the place for that time: confirmed at once by its keepers, else held for 48 hours until they answer.

    Raises Forbidden, NotBookable, InvalidInput, SpaceTaken, TooManyHeld.
    """
    with begin(actor):
        place = locked(wanted.place)
        check(actor, place, wanted.starts_at, wanted.ends_at)
        confirmed = rules.can_keep(actor, place)
        if not confirmed:
            check_held(actor)
        booking = Booking.objects.create(
            place=place,
            starts_at=wanted.starts_at,
            ends_at=wanted.ends_at,
            purpose=wanted.purpose.strip()[:120],
            who=wanted.who.strip()[:60],
            headcount=wanted.headcount,
            person_id=actor.person_id,
            state=BookingState.CONFIRMED if confirmed else BookingState.HELD,
            held_until=None if confirmed else min(clock.now() + HELD_FOR, wanted.starts_at),
            subject_type=subject._meta.label if subject is not None else "",
            subject_id=subject.pk if subject is not None else None,
        )
        occupy(booking)
        audit.record(actor, "booking.make", booking, place_path=place.path, changes={"state": booking.state})
        return booking


def locked(place: Place) -> Place:
    """Stand in line for the house: its row locked, the place read anew with its kind. NotBookable."""
    houses = houses_of(place)
    if not houses:
        raise NotBookable
    locks.one(Place, pk=houses[0].pk)
    return Place.objects.select_related("kind", "parent").get(pk=place.pk)


def check(actor: Actor, place: Place, starts_at: datetime, ends_at: datetime) -> None:
    """Who may book here, and whether the time makes sense. Forbidden, NotBookable, InvalidInput."""
    if not rules.can_book(actor, place):
        raise Forbidden if actor.is_anonymous else NotBookable
    now = clock.now()
    if ends_at <= starts_at:
        raise InvalidInput(fields={"ends_at": _("结束时间要晚于开始时间。")})
    if starts_at < now - timedelta(minutes=5) and not rules.can_keep(actor, place):
        raise InvalidInput(fields={"starts_at": _("请选现在以后的时间。")})
    if ends_at - starts_at > LONGEST or starts_at > now + FARTHEST:
        raise InvalidInput(fields={"ends_at": _("一次最多订 31 天，最远订到一年以后。")})


def check_held(actor: Actor) -> None:
    """Nobody blocks a house with wishes: three that wait for an answer are enough."""
    if Booking.objects.filter(person_id=actor.person_id, state=BookingState.HELD).count() >= MOST_HELD:
        raise TooManyHeld(most=MOST_HELD)


def occupy(booking: Booking) -> None:
    """Write what the booking takes; SpaceTaken when something of it is taken already."""
    taken = in_the_way(booking.place, booking.starts_at, booking.ends_at, but=booking)
    if taken is not None:
        raise SpaceTaken(what=in_words(taken))
    rows = [
        BookedSpace(
            booking=booking,
            place=house,
            whole=int(house.pk == booking.place_id),
            starts_at=booking.starts_at,
            ends_at=booking.ends_at,
        )
        for house in houses_of(booking.place)
    ]
    try:
        with transaction.atomic():
            BookedSpace.objects.bulk_create(rows)
    except IntegrityError:  # the constraint has the last word
        raise SpaceTaken(what=str(booking.place)) from None


def step(booking: Booking, verb: str) -> Booking:
    """The booking locked, if ``verb`` leads on from where it is; BookingMoved."""
    fresh = locks.one(Booking, pk=booking.pk)
    if fresh.state not in BOOKING_STEPS[verb][0]:
        raise BookingMoved
    return fresh


def confirm_booking(*, actor: Actor, booking: Booking) -> Booking:
    """A keeper says yes. Forbidden, BookingMoved."""
    with begin(actor):
        fresh = step(booking, "confirm")
        if not rules.can_keep(actor, fresh.place):
            raise Forbidden
        fresh.state, fresh.held_until = BookingState.CONFIRMED, None
        fresh.save(update_fields=["state", "held_until"])
        audit.record(actor, "booking.confirm", fresh, place_path=fresh.place.path)
        return fresh


def change_booking(
    *, actor: Actor, booking: Booking, starts_at: datetime, ends_at: datetime, place: Place | None = None
) -> Booking:
    """Another time or another room for the same thing; the old one is free at once. As ``book`` raises."""
    with begin(actor):
        target = locked(place or booking.place)
        return changed(actor, step(booking, "change"), target, starts_at, ends_at)


def move_bookings(*, actor: Actor, bookings: Sequence[Booking], place: Place) -> list[Booking]:
    """Another place for several bookings at their own times: all of them or none. As ``book`` raises."""
    with begin(actor):
        target = locked(place)
        rows = locks.many(Booking.objects.filter(pk__in=[one.pk for one in bookings]))
        if any(one.state not in BOOKING_STEPS["change"][0] for one in rows):
            raise BookingMoved
        return [changed(actor, one, target, one.starts_at, one.ends_at) for one in rows]


def changed(actor: Actor, fresh: Booking, target: Place, starts_at: datetime, ends_at: datetime) -> Booking:
    """The locked booking at another time or place, whose house is locked too."""
    if not rules.can_cancel_booking(actor, fresh):
        raise Forbidden
    check(actor, target, starts_at, ends_at)
    before = [fresh.place_id, fresh.starts_at.isoformat(), fresh.ends_at.isoformat()]
    fresh.place, fresh.starts_at, fresh.ends_at = target, starts_at, ends_at
    if not rules.can_keep(actor, target):
        fresh.state, fresh.held_until = BookingState.HELD, min(clock.now() + HELD_FOR, starts_at)
    fresh.save()
    fresh.spaces.all().delete()
    occupy(fresh)
    after = [target.pk, starts_at.isoformat(), ends_at.isoformat()]
    audit.record(actor, "booking.change", fresh, place_path=target.path, changes={"from": before, "to": after})
    return fresh


def cancel_booking(*, actor: Actor, booking: Booking, reason: str = "") -> Booking:
    """Give the time back; who booked or a keeper, a keeper with a reason. Forbidden, InvalidInput, BookingMoved."""
    with begin(actor):
        fresh = step(booking, "cancel")
        if not rules.can_cancel_booking(actor, fresh):
            raise Forbidden
        own = actor.is_system or fresh.person_id == actor.person_id
        if not own and not reason.strip():
            raise InvalidInput(fields={"reason": _("请写明原因，订的人会看到。")})
        return end(actor, fresh, "cancel", reason)


def end(actor: Actor, booking: Booking, verb: str, reason: str) -> Booking:
    booking.state, booking.held_until = BookingState.CANCELLED, None
    booking.reason = reason.strip()[:200]
    booking.save(update_fields=["state", "held_until", "reason"])
    booking.spaces.all().delete()
    told = {"reason": bool(booking.reason)}  # why is said on the booking, where it can be forgotten (decision 0012)
    audit.record(actor, f"booking.{verb}", booking, place_path=booking.place.path, changes=told)
    if booking.subject_id is not None and (verb == "lapse" or not actor.is_system):
        events.publish(BookingLost(booking_id=booking.pk, by_id=actor.person_id))
    return booking


def lapse_bookings(*, actor: Actor) -> int:
    """Give back what was held and never confirmed; how many there were."""
    with begin(actor):
        due = Booking.objects.filter(state=BookingState.HELD, held_until__lte=clock.now()).order_by("id")[:200]
        late = locks.many(Booking.objects.filter(pk__in=[one.pk for one in due], state=BookingState.HELD))
        for booking in late:
            end(actor, booking, "lapse", str(LAPSED))
        return len(late)


def follow_bookings(place: Place) -> None:
    """``place`` hangs elsewhere now: bookings still to come, in it and below, take parts of the houses above anew.

    SpaceTaken when the new house is booked as a whole at one of these times. Part of moving a place, under its lock.
    """
    rows = Booking.objects.filter(
        place__path__startswith=place.path, ends_at__gt=clock.now(), spaces__whole=1
    ).select_related("place__kind")
    for booking in rows:
        booking.spaces.all().delete()
        occupy(booking)


def forget_booker(*, person_id: int, name: str) -> None:
    """Somebody is forgotten: his bookings stay without his name and without why they were taken back (PIPL art. 47)."""
    Booking.objects.filter(person_id=person_id).update(who=name, person_id=None, reason="")


def move_booker(*, person_id: int, to: int) -> None:
    """Somebody written down twice is one again: what he booked under one number is booked under the other."""
    Booking.objects.filter(person_id=person_id).update(person_id=to)
