"""The rooms of sessions: booked when they are published, moved with them, given back, asked for again when somebody took
them away. A house is locked before its bookings, and both before the activity.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from huying.activities.models import Activity, Session
from huying.activities.states import ActivityState, SessionState
from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.kernel.errors import Text
from huying.places import actions as place_actions
from huying.places import queries as place_queries
from huying.places.actions import SpaceTaken, Wanted
from huying.places.models import Place

SESSION = Session._meta.label
MOVED = _("改期")


def book_rooms(actor: Actor, activity: Activity) -> None:
    """Book the venue of every session still to come that has none yet, if it can be booked here at all."""
    rows = Session.objects.filter(
        activity=activity, state=SessionState.PLANNED, venue__isnull=False, ends_at__gt=clock.now()
    )
    for session in rows.select_related("venue__kind", "activity").order_by("starts_at"):
        book_room(actor, session)


def book_room(actor: Actor, session: Session) -> None:
    venue = session.venue
    if venue is None or venue.kind.is_division or session.pk in place_queries.bookings_of(SESSION, [session.pk]):
        return
    place_actions.book(actor=actor, wanted=wanted(session, venue), subject=session)


def wanted(session: Session, venue: Place) -> Wanted:
    activity = session.activity
    return Wanted(venue, session.starts_at, session.ends_at, activity.title, activity.contact_name)


def give_back(actor: Actor, sessions: Iterable[int], reason: Text) -> None:
    """Cancel the bookings of these sessions; in the name of the platform when another keeper booked."""
    for booking in place_queries.bookings_of(SESSION, list(sessions)).values():
        place_actions.cancel_booking(actor=Actor.system("activities"), booking=booking, reason=str(reason))


def move_room(actor: Actor, session: Session, starts_at: datetime, ends_at: datetime, venue: Place | None) -> None:
    """The booking follows: changed when there is one and a room is wanted, made or given back else."""
    booking = place_queries.bookings_of(SESSION, [session.pk]).get(session.pk)
    if venue is not None and venue.kind.is_division:
        venue = None
    if booking is not None and venue is not None:
        place_actions.change_booking(actor=actor, booking=booking, starts_at=starts_at, ends_at=ends_at, place=venue)
    elif booking is not None:
        give_back(actor, [session.pk], MOVED)
    elif venue is not None and session.activity.state == ActivityState.PUBLISHED:
        asked = Wanted(venue, starts_at, ends_at, session.activity.title, session.activity.contact_name)
        place_actions.book(actor=actor, wanted=asked, subject=session)


def change_rooms(actor: Actor, sessions: Sequence[Session], venue: Place | None) -> None:
    """Another room for sessions at their times, for all of them or none; SpaceTaken names the field of the form."""
    booked = place_queries.bookings_of(SESSION, [one.pk for one in sessions])
    if venue is None or venue.kind.is_division:
        give_back(actor, booked, _("换了地点"))
        return
    try:
        for one in sessions:  # the new ones first: they lock houses only
            if one.pk not in booked:
                place_actions.book(actor=actor, wanted=wanted(one, venue), subject=one)
        if booked:
            place_actions.move_bookings(actor=actor, bookings=list(booked.values()), place=venue)
    except SpaceTaken as refusal:
        refusal.fields = {"venue": str(refusal)}
        raise


def following(activity: Activity, sessions: Sequence[Session]) -> list[Session]:
    """Those that take place where the activity does, and not at a place of their own."""
    here = (activity.venue_id, activity.where)
    return [one for one in sessions if (one.venue_id, one.where) == here]
