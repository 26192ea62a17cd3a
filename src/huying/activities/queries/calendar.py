"""Activities as calendars: one activity, everything public under filters, and what one person goes to."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from django.db.models import Prefetch
from django.utils.translation import gettext

from huying.activities import rules
from huying.activities.models import Activity, CalendarKey, Session, SignUp
from huying.activities.queries.listing import Asked, listed, position
from huying.activities.states import LIVE, SHOWN_ACTIVITIES, ActivityState, SessionState, SignUpState
from huying.kernel import clock, ical
from huying.kernel.actor import Actor
from huying.kernel.errors import NotFound

MOST = 1000
BACK = timedelta(days=60)
Address = Callable[[Activity], str]


def calendar_of(activity: Activity, address: Address) -> bytes:
    """One activity with all its sessions; NotFound while it is a draft. ``address`` gives the absolute page address."""
    if activity.state not in SHOWN_ACTIVITIES or activity.published_at is None:
        raise NotFound
    sessions = activity.sessions.select_related("venue__parent").order_by("starts_at", "id")
    return ical.calendar(activity.title, events_of(activity, list(sessions), address))


def public_calendar(asked: Asked, name: str, address: Address) -> bytes:
    """Everything that is on under the filters, with what was cancelled in the last weeks; four queries."""
    ids = listed(asked).order_by("starts_at", "id").values_list("activity_id", flat=True)[:MOST]
    gone = Session.objects.filter(
        activity__published_at__isnull=False, state=SessionState.CANCELLED, starts_at__gt=clock.now() - BACK
    )
    if asked.within is not None:
        gone = gone.filter(activity__place__path__startswith=asked.within.path)
    wanted = {*ids, *gone.values_list("activity_id", flat=True)[:MOST]} if plain(asked) else set(ids)
    rows = Activity.objects.filter(pk__in=wanted, state__in=SHOWN_ACTIVITIES).order_by("id")
    sessions = Prefetch(
        "sessions", queryset=Session.objects.select_related("venue__parent").order_by("starts_at", "id")
    )
    found = rows.select_related("kind", "place", "venue__parent").prefetch_related(sessions)
    return ical.calendar(name, [one for row in found for one in events_of(row, list(row.sessions.all()), address)])


def plain(asked: Asked) -> bool:
    """No filter but the place: then what was cancelled is worth telling to subscribers."""
    return not (asked.words or asked.kind or asked.theme or asked.free or asked.large)


def mine_for(token: str, address: Address) -> bytes:
    """What the person goes to whose key this is; NotFound for a key that is none (any more)."""
    key = CalendarKey.objects.filter(token=token).select_related("person").first() if token else None
    if key is None or key.person.erased_at is not None:
        raise NotFound
    since = clock.now() - BACK
    states = [*LIVE, SignUpState.DROPPED]
    rows = SignUp.objects.filter(person=key.person, state__in=states, session__ends_at__gt=since)
    found = rows.select_related("session__activity__kind", "session__activity__place", "session__venue__parent")
    events = [single(one.session, address, tentative=one.state not in HELD) for one in found.order_by("id")[:MOST]]
    return ical.calendar(gettext("我的活动"), events)


HELD = frozenset({SignUpState.SIGNED, SignUpState.PRESENT, SignUpState.ABSENT, SignUpState.DROPPED})


def feed_key(actor: Actor) -> CalendarKey | None:
    """The reader's own calendar key, if he made one."""
    return CalendarKey.objects.filter(person_id=actor.person_id or 0).first()


def events_of(activity: Activity, sessions: list[Session], address: Address) -> Iterable[ical.Event]:
    """The events of an activity: one for each session, or one with a rule and its exceptions (RECURRENCE-ID)."""
    if not activity.rrule or activity.first_at is None or activity.length is None:
        return [single(one, address, activity) for one in sessions]
    expected = rules.occurrences(activity.rrule, activity.first_at)
    series = {one.original_at or one.starts_at: one for one in sessions}
    master = event(activity, address, f"{activity.public_id}@huying", activity.rrule)
    events = [master]
    for at in expected:
        session = series.pop(at, None)
        if session is None:
            events.append(exception(master, at, at, at + activity.length, cancelled=True))
        elif changed(activity, session):
            cancelled = session.state == SessionState.CANCELLED or master.cancelled
            events.append(
                exception(master, at, session.starts_at, session.ends_at, cancelled=cancelled, session=session)
            )
    return [*events, *(single(one, address, activity) for one in series.values())]


def changed(activity: Activity, session: Session) -> bool:
    """True when a session differs from what the rule says of it."""
    moved = (
        session.original_at not in {None, session.starts_at} or session.ends_at - session.starts_at != activity.length
    )
    elsewhere = (session.venue_id, session.where) != (activity.venue_id, activity.where)
    return moved or elsewhere or session.state == SessionState.CANCELLED


def event(activity: Activity, address: Address, uid: str, rule: str = "") -> ical.Event:
    """The activity itself, at its first time."""
    assert activity.first_at is not None and activity.length is not None
    return ical.Event(
        uid=uid,
        summary=activity.title,
        starts_at=activity.first_at,
        ends_at=activity.first_at + activity.length,
        stamp=activity.changed_at,
        sequence=activity.sequence,
        description=words(activity),
        location=place_of(activity, None),
        url=address(activity),
        cancelled=activity.state == ActivityState.CANCELLED,
        rule=rule,
        categories=(activity.kind.name,),
    )


def single(
    session: Session, address: Address, activity: Activity | None = None, *, tentative: bool = False
) -> ical.Event:
    """One session as an event of its own."""
    of = activity or session.activity
    at = position(session) if session.venue_id else None
    return ical.Event(
        uid=f"{session.public_id}@huying",
        summary=of.title,
        starts_at=session.starts_at,
        ends_at=session.ends_at,
        stamp=of.changed_at,
        sequence=of.sequence,
        description=words(of),
        location=place_of(of, session),
        url=address(of),
        cancelled=session.state == SessionState.CANCELLED or of.state == ActivityState.CANCELLED,
        tentative=tentative,
        position=(at[1], at[0]) if at else None,
        categories=(of.kind.name,),
    )


def exception(
    master: ical.Event,
    at: datetime,
    starts: datetime,
    ends: datetime,
    *,
    cancelled: bool,
    session: Session | None = None,
) -> ical.Event:
    """What one occurrence is instead."""
    location = place_of(session.activity, session) if session else master.location
    return replace(
        master, rule="", instead_of=at, starts_at=starts, ends_at=ends, cancelled=cancelled, location=location
    )


def words(activity: Activity) -> str:
    """Summary, what to bring, whom to ask."""
    lines = [activity.summary, activity.bring, f"{activity.contact_name} {activity.contact_phone}".strip()]
    return "\n".join(line for line in lines if line)


def place_of(activity: Activity, session: Session | None) -> str:
    """Where it is, in words: the venue with its address, and the spot that was written."""
    venue, where = (session.venue, session.where) if session else (activity.venue, activity.where)
    house = venue.parent if venue and venue.kind_id == "room" else None
    parts = (
        [house.name if house else "", venue.name, venue.address or (house.address if house else "")] if venue else []
    )
    return " ".join(dict.fromkeys(part for part in [*parts, where] if part))
