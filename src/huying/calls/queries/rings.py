"""The rings of a call's place, and whom each ring finds: the people and teams that were not asked before (S0-3a, S2-7b)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from huying.calls import rules
from huying.calls.models import Call, CallEvent, Offer, Ring
from huying.calls.queries.asking import NEIGHBOURHOOD_LEVEL
from huying.calls.queries.candidates import areas, sought, teams, volunteers
from huying.calls.queries.preferring import answerers
from huying.calls.states import SEEKING, UNIT, Asks, OfferState
from huying.kernel.actor import Actor
from huying.kernel.errors import NotFound
from huying.people import rules as people_rules
from huying.people.rules.reach import ROOT
from huying.places.models import Place
from huying.places.queries import ancestors
from huying.volunteers import rules as volunteer_rules
from huying.volunteers.models import Team, TeamKind, Volunteer

FINDER = Actor.system("calls.rings")
"""Whom a ring asks is data, not what the one who starts it may see."""
AROUND = Ring(order=1, name="附近", name_en="Nearby", asks=Asks.AROUND, per_seat=1)
"""What holds where nobody has set rings: the nearest who can do it, one for each seat, until the centre holds the call."""


@dataclass(frozen=True, slots=True)
class Steps:
    """The three desks above a call, by their places: station, office and centre; the nearest above where one is missing."""

    own: Place
    office: Place
    centre: Place


def rings_of(call: Call) -> list[Ring]:
    """The rings that hold at the call's place, in their order: those of the nearest place upward that has its own, else
    the general ones, else ``AROUND``. Calls of a kind with emergency numbers that nobody sent out by hand stay with
    ``AROUND``: what may be dangerous is not widened by a clock.
    """
    if call.kind.emergency and not call.ring:
        return [AROUND]
    return rings_at(call.place) or [AROUND]


def rings_at(place: Place) -> list[Ring]:
    """The rings set for the place or the nearest above it, else the general ones; [] when there are none."""
    upward = [int(key) for key in place.path.strip("/").split("/")]
    rows = Ring.objects.filter(Q(place_id__in=upward) | Q(place=None)).select_related("team_kind", "place")
    return nearest(rows.order_by("order"), place)


def nearest(rings: Iterable[Ring], place: Place) -> list[Ring]:
    """Of rings of many places those that hold at ``place``."""
    found = [one for one in rings if one.place is None or place.path.startswith(one.place.path)]
    depth = max((one.place.depth for one in found if one.place), default=None)
    return [one for one in found if (one.place.depth if one.place else None) == depth]


def running_rings(calls: Iterable[Call]) -> dict[int, Ring]:
    """The ring that each of these calls is in, by the call's key; one query."""
    out = [one for one in calls if one.ring and one.state in SEEKING]
    keys = {int(key) for one in out for key in one.place.path.strip("/").split("/")}
    rows = list(Ring.objects.filter(Q(place_id__in=keys) | Q(place=None)).select_related("place")) if out else []
    pairs = ((call, ring) for call in out for ring in nearest(rows, call.place) if ring.order == call.ring)
    return {call.pk: ring for call, ring in pairs}


def as_far_as(key: int) -> Q:
    """Calls for which a ring holds and that got just as far as it: it runs now, or was the last one that ran."""
    ring = Ring.objects.filter(pk=key).select_related("place").first()
    if ring is None:
        return Q(pk__in=())
    path = ring.place.path if ring.place else "/"
    found = Q(ring=ring.order, place__path__startswith=path)
    below = Place.objects.filter(path__startswith=path, rings__isnull=False)
    below = below.exclude(pk=ring.place_id) if ring.place_id else below
    for own in below.values_list("path", flat=True).distinct():
        found &= ~Q(place__path__startswith=own)
    return found


def steps_above(place: Place) -> Steps:
    """Station, office and centre of a place: its neighbourhood, and the two divisions above."""
    chain = [one for one in ancestors(place, own=True) if one.kind.is_division] or [place]
    near = [one for one in chain if (one.kind.level or 0) <= NEIGHBOURHOOD_LEVEL] or chain[:1]
    upward = [*reversed(near), *[near[0]] * 2]
    return Steps(*upward[:3])


def reached(call: Call, ring: Ring, most: int) -> list[Volunteer | Team]:
    """Up to ``most`` of those the ring finds: who has every skill, is free and was not asked in this search; best first."""
    if most < 1:
        return []
    place, what = call.place, sought(call, now=ring.pk is not None)
    above, alone = steps_above(place), ring.asks == Asks.PARTNERS
    people_may, teams_may = answerers(call)
    found: list[Any] = []
    for path in areas(place.path) if ring.asks == Asks.AROUND else [path_of(ring, above)]:
        found = []
        if people_may and not alone:
            people = volunteers(FINDER, what, path)
            found += narrowed(people, call, ring, above, "volunteer")[:most]
        if teams_may:
            groups = teams(FINDER, what, [path])
            found += narrowed(groups, call, ring, above, "team")[:most]
        if len(found) >= most:
            break
    return sorted(found, key=lambda one: (one.effort is None, one.effort or 0, one.pk))[:most]


def path_of(ring: Ring, above: Steps) -> str:
    """The subtree a ring looks through; with a reach in kilometres the tree does not matter."""
    if ring.asks == Asks.NEIGHBOURS and ring.reach_km:
        return "/"
    return {Asks.OWN: above.own, Asks.OFFICE: above.office}.get(Asks(ring.asks), above.centre).path


def narrowed(rows: QuerySet[Any], call: Call, ring: Ring, above: Steps, who: str) -> QuerySet[Any]:
    """Every skill there, not asked in this search, and where the ring says: at the centre itself, of one kind of team,
    within its reach.
    """
    resumed = CallEvent.objects.filter(call=call, verb="resume", at__gte=OuterRef("answered_at"))
    asked = Offer.objects.filter(call=call, **{who: OuterRef("pk")})
    asked = asked.exclude(Q(state=OfferState.WITHDRAWN) & Q(Exists(resumed)))  # a pause took his question away
    rows = rows.filter(~Exists(asked.filter(offered_at__gte=call.waiting_since) if call.waiting_since else asked))
    rows = rows.filter(missing=0)
    home = "base_place" if who == "volunteer" else "place"
    if ring.asks == Asks.CENTRE:
        own_sites = Q(**{f"{home}__parent_id": above.centre.pk, f"{home}__kind__is_division": False})
        rows = rows.filter(Q(**{f"{home}_id": above.centre.pk}) | own_sites)
    if ring.asks == Asks.PARTNERS:
        rows = rows.filter(kind_id=ring.team_kind_id)
    if ring.reach_km:
        rows = rows.filter(km__lte=ring.reach_km)
    return rows


def duty_team(call: Call, ring: Ring) -> Team | None:
    """The team that must see to it when nobody else comes: of the ring's kind, the nearest upward; None where there is
    none, where it is not for teams, where it comes already, or where it gave the call back in or before this search.
    """
    if call.kind.answered_by == "volunteer" or volunteer_rules.is_by_name(call.kind.category):
        return None
    upward = [int(key) for key in call.place.path.strip("/").split("/")]
    given = Q(state=OfferState.HANDED_BACK)
    if call.waiting_since:
        given &= Q(offered_at__gte=call.waiting_since) | Q(answered_at__gte=call.waiting_since)
    tried = Offer.objects.filter(given | Q(state=OfferState.ACCEPTED), call=call, team=OuterRef("pk"))
    rows = Team.objects.filter(~Exists(tried), kind_id=ring.team_kind_id, active=True, place_id__in=upward)
    return rows.select_related("place").order_by("-place__depth", "id").first()


def owing(call: Call, teams: Iterable[Team]) -> set[int]:
    """Keys of those of these teams that owe an answer whoever asks them: units, by their kind or because a ring with duty
    at the call's place names it (firm duty for organisations, K10; domain.md section 1).
    """
    found = [one for one in teams if one.kind_id]
    if not found:
        return set()
    named = {ring.team_kind_id for ring in rings_at(call.place) if ring.duty or ring.asks == Asks.DUTY}
    units = set(TeamKind.objects.filter(pk__in={one.kind_id for one in found}, code=UNIT).values_list("pk", flat=True))
    return {one.pk for one in found if one.kind_id in named | units}


def all_rings() -> QuerySet[Ring]:
    """Every ring: those for all places first, then by place, each set in its order."""
    rows = Ring.objects.select_related("place", "team_kind")
    return rows.order_by(F("place__depth").asc(nulls_first=True), "place__sort_key", "place_id", "order")


def ring_by_id(pk: int) -> Ring:
    """One ring; NotFound when it is gone."""
    found = Ring.objects.select_related("place", "team_kind").filter(pk=pk).first()
    if found is None:
        raise NotFound
    return found


def places_to_set(actor: Actor, ring: Ring | None = None) -> list[Place]:
    """Divisions for which this keeper may set rings: his own and those right below, and the one of ``ring``."""
    held = people_rules.held(actor, rules.MENU_KEEPERS)
    keys = [int(path.strip("/").rpartition("/")[2]) for path in held if path != ROOT]
    wanted = Q(parent_id__in=keys) | Q(pk__in=keys)
    rows = Place.objects.filter(wanted, kind__is_division=True).order_by("depth", "sort_key", "id")
    return [*rows[:200], *([ring.place] if ring and ring.place else [])]
