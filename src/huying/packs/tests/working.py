"""Work that is done in the counties of ``conftest.World``: sites, activities that are held, calls that go out."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import count
from typing import Any

from huying.activities import actions as activities
from huying.activities.models import Activity, ActivityKind, Theme
from huying.calls.actions import Ask, ask
from huying.calls.actions.widening import ask_next
from huying.calls.models import Call, CallEvent, Ring, ServiceKind
from huying.calls.states import Asks, State
from huying.calls.tests.factories import actor, kind, person, team, volunteer
from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.packs.tests.conftest import World
from huying.people.models import Person
from huying.places.models import Place
from huying.places.tests.factories import place
from huying.volunteers.models import Team, Volunteer

SYSTEM = Actor.system("tests")
ABOVE = {"centre": "county", "office": "street", "station": "community", "point": "community", "post": "station"}
_numbers = count(1)


def site(world: World, kind: str, at: Place) -> Place:
    """A site of this kind in the county of ``at``."""
    return place(kind, below(at, ABOVE[kind]))


def below(at: Place, kind: str) -> Place:
    """A place of this kind around ``at``, else below it: made where there is none."""
    found = [one for one in chain(at) if one.kind_id == kind]
    if found:
        return found[0]
    inside = Place.objects.filter(path__startswith=at.path, kind=kind).order_by("depth", "id").first()
    if inside is not None:
        return inside
    up = {"community": "street", "street": "county", "county": "prefecture"}
    return place(kind, below(at, up.get(kind) or ABOVE[kind]))


def chain(at: Place) -> list[Place]:
    """The place and all above it."""
    keys = [int(one) for one in at.path.strip("/").split("/")]
    return list(Place.objects.filter(pk__in=keys).order_by("-depth"))


def resident_of(world: World, at: Place) -> Person:
    return Person.objects.filter(home_place=at).first() or person(f"居民{next(_numbers)}", at)


def staff_of(world: World, at: Place) -> Person:
    """Who has a role in the county of ``at``."""
    return world.westerner if at.path.startswith(world.west.path) else world.clerk


def first_day(theme: Theme) -> datetime:
    """Tomorrow, or for a theme of some days of the year the first of them from tomorrow on, in the morning."""
    day = clock.today() + timedelta(days=1)
    while theme.rule == "dates" and not within(day, theme):
        day += timedelta(days=1)
    return morning(day)


def morning(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 9, tzinfo=clock.SHANGHAI)


def within(day: date, theme: Theme) -> bool:
    said = f"{day:%m-%d}"
    if theme.begins <= theme.ends:
        return theme.begins <= said <= theme.ends
    return said >= theme.begins or said <= theme.ends


def draft(at: Place, **more: Any) -> Activity:
    starts = more.pop("starts_at", clock.now() + timedelta(hours=1))
    given: dict[str, Any] = {
        "kind": ActivityKind.objects.get(code="culture"),
        "place": below(at, "community"),
        "venue": None,
        "title": f"一起做{next(_numbers)}",
        "starts_at": starts,
        "ends_at": starts + timedelta(hours=1),
        "contact_name": "王敏之",
        "where": "社区广场",
        "roles": [activities.RoleFacts("参加者", 3)],
        "parties": [activities.PartyFacts("和平社区")],
    }
    if not at.kind.is_division:
        given["place"] = at
    return activities.save_draft(actor=SYSTEM, facts=activities.Facts(**{**given, **more}))


def held(at: Place, **more: Any) -> Activity:
    """An activity that was planned and took place."""
    made = activities.publish(actor=SYSTEM, activity=draft(at, **more))
    session = made.sessions.get()
    with clock.frozen(session.starts_at + timedelta(minutes=5)):
        activities.hold(actor=SYSTEM, session=session)
    return made


def called_out(world: World, ring: Ring) -> Call:
    """A call whose rings before this one have run out goes out by it: one person or team that only it reaches is asked."""
    service = ServiceKind.objects.filter(code="anything").first() or kind("anything")
    call = ask(actor=actor(world.resident), what=Ask(service, world.home, world.resident, "想请人帮忙"))
    Call.objects.filter(pk=call.pk).update(state=State.POOLED, ring=ring.order, level="station")
    spots = {Asks.OFFICE: world.street, Asks.CENTRE: world.east, Asks.NEIGHBOURS: world.east, Asks.DUTY: world.east}
    at = spots.get(Asks(ring.asks), world.home)
    name = f"帮手{next(_numbers)}"
    Place.objects.filter(pk=world.home.pk).update(lon=120.05, lat=30.28)
    Volunteer.objects.update(weekly_limit=0)  # whoever was asked before has done enough
    Team.objects.update(active=False)
    lead = volunteer(person(name, at), at, lon=120.051, lat=30.281)
    whom = str(lead)
    if ring.asks in (Asks.PARTNERS, Asks.DUTY):
        helpers = team(f"{name}队", world.east, lead)
        helpers.kind = ring.team_kind
        helpers.save()
        whom = str(helpers)
    assert ask_next(actor=SYSTEM, call=call)
    call.refresh_from_db()

    found = {str(one.team or one.volunteer) for one in call.offers.all()}
    assert whom in found, (ring.name, whom, found)
    assert call.ring == ring.order and CallEvent.objects.filter(call=call).exists()
    return call
