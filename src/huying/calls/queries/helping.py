"""What residents and helpers see of many calls at once: the home page, and calls near a helper with a rough
distance.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import asin, cos, radians, sin, sqrt
from typing import Any

from django.conf import settings
from django.db.models import Case, IntegerField, Prefetch, QuerySet, When
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from huying.activities import queries as activity_queries
from huying.activities.models import Session
from huying.calls.models import Call, Offer, ServiceKind
from huying.calls.queries.asking import menu
from huying.calls.queries.calls import my_calls, my_offers
from huying.calls.queries.story import progress
from huying.calls.states import OPEN_STATES, OfferState, State
from huying.kernel.actor import Actor
from huying.people import queries as people_queries
from huying.people.models import Person
from huying.places.models import Place
from huying.volunteers import rules as volunteer_rules
from huying.volunteers.models import Volunteer

TILES, SHOWN = 7, 3
EARTH_KM = 6371.0
BANDS: tuple[tuple[float, Promise], ...] = (
    (0.5, _("500 米以内")),
    (1, _("500 米到 1 公里")),
    (3, _("1 到 3 公里")),
    (10, _("3 到 10 公里")),
)
FARTHER = _("10 公里以外")


@dataclass(frozen=True, slots=True)
class MyCall:
    """One of my calls as a card: how far it is, and who comes."""

    call: Call
    progress: list[dict[str, Any]]
    helpers: list[Offer]


@dataclass(frozen=True, slots=True)
class Near:
    """A call as somebody sees who might help: what it is, roughly how far and why it is for him, nothing that leads to the
    door.
    """

    call: Call
    band: str
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Home:
    """The first page: empty parts are left out by the template, not filled with promises."""

    person: Person | None
    place: Place | None
    kinds: list[ServiceKind]
    calls: list[MyCall]
    waiting: list[Near]
    unread: int
    volunteers: bool
    phone: str
    events: list[Session]


def home(actor: Actor) -> Home:
    """Everything the first page shows; a visitor gets menu and telephone only."""
    kinds, phone = list(menu(actor)[:TILES]), settings.HUYING_PHONE
    if actor.person_id is None:
        return Home(None, None, kinds, [], [], 0, False, phone, activity_queries.near(None))
    who = actor.on_behalf_of_id or actor.person_id
    person = Person.objects.select_related("home_place__parent").get(pk=who)
    rows = my_calls(actor).filter(state__in=OPEN_STATES | {State.DELIVERED})
    offers = list(my_offers(actor).filter(state=OfferState.OFFERED)[:SHOWN])
    return Home(
        person=person,
        place=person.home_place,
        kinds=kinds,
        calls=[as_card(call) for call in with_helpers(mine_to_answer_first(rows))[:SHOWN]],
        waiting=near(actor, [one.call for one in offers]) if offers else [],
        unread=people_queries.unread_notices(actor.person_id),
        volunteers=volunteer_rules.may_volunteer(actor),
        phone=phone,
        events=activity_queries.near(person.home_place),
    )


def mine_to_answer_first(rows: QuerySet[Call]) -> QuerySet[Call]:
    """What waits for me (a question, a rating) goes before what waits for others, then the newest."""
    asks = Case(When(state__in=[State.NEED_INFO, State.DELIVERED], then=0), default=1, output_field=IntegerField())
    return rows.order_by(asks, "-id")


def with_helpers(rows: QuerySet[Call]) -> QuerySet[Call]:
    """Rows with those who accepted, in a fixed number of queries."""
    accepted = Offer.objects.filter(state__in=[OfferState.ACCEPTED, OfferState.DONE])
    accepted = accepted.select_related("volunteer__person", "team").order_by("id")
    return rows.prefetch_related(Prefetch("offers", queryset=accepted, to_attr="coming"))


def as_card(call: Call) -> MyCall:
    """One row of ``with_helpers`` as a card."""
    return MyCall(call, progress(call), call.coming)  # type: ignore[attr-defined]


def near(actor: Actor, calls: list[Call], who: Volunteer | None = None) -> list[Near]:
    """The calls with how far they are from this volunteer in words; one query, however many calls, none when it is known
    ``who`` he is.
    """
    rows = Volunteer.objects.filter(person_id=actor.person_id or 0).values_list("lon", "lat")
    here = (who.lon, who.lat) if who is not None else rows.first()
    return [Near(call, band(here, call)) for call in calls]


def band(here: tuple[float | None, float | None] | None, call: Call) -> str:
    """Straight-line distance in steps, so that it does not give the address away; "" when a position is unknown."""
    spot = (call.lon, call.lat) if call.lon is not None else (call.place.lon, call.place.lat)
    if here is None or None in here or None in spot:
        return ""
    return band_of(kilometres(here, spot))  # type: ignore[arg-type]


def band_of(km: float) -> str:
    """500 米以内, 1 到 3 公里."""
    return str(next((words for most, words in BANDS if km < most), FARTHER))


def kilometres(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Great-circle distance between two (lon, lat) in degrees (haversine, sphere of 6371 km)."""
    (lon1, lat1), (lon2, lat2) = ((radians(x), radians(y)) for x, y in (a, b))
    h = sin((lat2 - lat1) / 2) ** 2 + cos(lat1) * cos(lat2) * sin((lon2 - lon1) / 2) ** 2
    return 2 * EARTH_KM * asin(sqrt(min(1.0, h)))


def others(actor: Actor, helpers: list[Offer]) -> list[Offer]:
    """Those who come besides the reader himself."""
    return [one for one in helpers if one.volunteer is None or one.volunteer.person_id != actor.person_id]


def helper_of(actor: Actor) -> Volunteer | None:
    """The volunteer this person is, None when he does not volunteer."""
    found = Volunteer.objects.filter(person_id=actor.person_id or 0, left_at__isnull=True)
    return found.select_related("base_place", "person").first()
