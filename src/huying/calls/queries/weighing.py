"""All open calls and all ready helpers of a place as arrays, for matching: a dozen set-based queries, whatever their number.

Judged by the same rules as ``candidates``: who rests or stopped, checks and insurance, skills that are proven, how far, how
much in hand, asked before, the one served. Beside these, because a batch may not ask twice: every skill of the kind, the
parts of the week somebody named, and only helpers whose position is known. Who has no room for one more gets nothing, but
is told of, so that a call nobody can take says that it is hands that lack.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from django.db.models import Count, Q
from django.db.models.functions import Coalesce

from huying.calls.models import Call, Offer, ProposalLine, ServiceKind
from huying.calls.queries.candidates import GONE, LOAD_KM, not_resting, taken_by
from huying.calls.states import OfferState, State
from huying.kernel import clock
from huying.matching.earth import Plane
from huying.matching.problem import BITS, Helpers, Lists, Needs, Prices, Week
from huying.places.models import Place
from huying.volunteers import rules as volunteer_rules
from huying.volunteers.models import Team, Volunteer
from huying.volunteers.states import SLOTS

MOST = 50_000
"""Calls weighed at once, the oldest first; the rest is for the next proposal."""
ANY_TIME = SLOTS
WEEK = Week(slots=SLOTS + 3, a_day=3, minutes=480)
"""The parts of a week as volunteers name them, and one more in which everybody has time: calls without a wish."""
PRICES = Prices(load=int(1_000 * LOAD_KM))
PERSON, TEAM = 0, 1


@dataclass
class Matter:
    """What is weighed: ``calls`` and ``kinds`` row for row with ``needs``, ``who`` (field, key) with ``helpers``."""

    calls: list[dict[str, Any]]
    who: list[tuple[str, int]]
    helpers: Helpers
    needs: Needs
    without_position: list[int] = field(default_factory=list)

    def knows(self, need: int, helper: int) -> bool:
        last = self.needs.last
        return helper in last.who[last.start[need] : last.start[need + 1]]

    def km(self, need: int, helper: int) -> float:
        """Straight line on the plane of the matching."""
        east = self.helpers.x[helper] - self.needs.x[need]
        return float(np.hypot(east, self.helpers.y[helper] - self.needs.y[need])) / 1_000


@dataclass(frozen=True)
class Ties:
    """Where helpers are in the arrays, and which volunteer a person is."""

    place: Place
    at: dict[tuple[str, int], int]
    own: dict[int, int]


@dataclass
class Asked:
    """Bits that stand for a skill, or for all that a category of service needs."""

    skills: dict[int, int]
    categories: dict[int, tuple[Any, int]]
    of_kind: dict[int, int]
    people: dict[int, bool]
    teams: dict[int, bool]


def matter(place: Place, kept: Iterable[ProposalLine] = ()) -> Matter:
    """Open calls below ``place`` and who is ready to help there, without those of the lines that are ``kept``."""
    kept = list(kept)
    lines: dict[int, list[ProposalLine]] = defaultdict(list)
    for line in kept:
        lines[line.call_id].append(line)
    rows = open_calls(place)
    placed = [row for row in rows if row["lon_at"] is not None and row["lat_at"] is not None]
    asked = asked_bits({row["kind_id"] for row in placed})
    calls = [row for row in placed if seats(row, lines, asked) > 0 and row["kind_id"] in asked.of_kind]
    people = volunteers(place, {one.volunteer_id for one in kept if one.volunteer_id})
    teams = teams_of(place)
    plane = plane_of(calls, people, teams)
    who = [("volunteer", row[0]) for row in people] + [("team", row[0]) for row in teams]
    helpers = helpers_of(people, teams, asked, plane)
    ties = Ties(place, {one: at for at, one in enumerate(who)}, {row[1]: row[0] for row in people})
    needs = needs_of(calls, lines, asked, plane, ties)
    lost = [row["id"] for row in rows if row["lon_at"] is None or row["lat_at"] is None]
    return Matter(calls, who, helpers, needs, lost)


def plane_of(calls: list[dict[str, Any]], people: list[Any], teams: list[Any]) -> Plane:
    """Around the calls; where none has a position, around the helpers, who could not be measured from elsewhere."""
    spots = [(row["lon_at"], row["lat_at"]) for row in calls]
    spots = spots or [(row[2], row[3]) for row in people] + [(row[1], row[2]) for row in teams] or [(0.0, 0.0)]
    return Plane.around([lon for lon, _lat in spots], [lat for _lon, lat in spots])


def open_calls(place: Place) -> list[dict[str, Any]]:
    """Calls in the pool there, the oldest first, with the position of the call or else of its place."""
    rows = Call.objects.filter(state=State.POOLED, place__path__startswith=place.path).order_by("id")
    at = {
        name: Coalesce(name.removesuffix("_at"), f"place__{name.removesuffix('_at')}") for name in ("lon_at", "lat_at")
    }
    names = ("id", "kind_id", "requester_id", "people_needed", "accepted_count", "wanted_from", "wanted_to", "urgent")
    return list(rows.annotate(**at).values(*names, *at)[:MOST])


def asked_bits(kinds: set[int]) -> Asked:
    """What the kinds of the open calls ask for; kinds beyond the room of a mask wait for the next proposal."""
    asked = Asked({}, {}, {}, {}, {})
    rows = ServiceKind.objects.filter(pk__in=kinds).select_related("category").prefetch_related("skills").order_by("pk")
    for kind in rows:
        skills = [skill.pk for skill in kind.skills.all()]
        category = kind.category
        new = [pk for pk in skills if pk not in asked.skills]
        strict = category is not None and volunteer_rules.ready_for(category, clock.today())
        used = len(asked.skills) + len(asked.categories)
        if used + len(new) + bool(strict) > BITS:
            continue
        for pk in new:
            asked.skills[pk] = len(asked.skills) + len(asked.categories)
        mask = sum(1 << asked.skills[pk] for pk in skills)
        if category is not None and strict:
            bit = len(asked.skills) + len(asked.categories)
            mask |= 1 << asked.categories.setdefault(category.pk, (category, bit))[1]
        asked.of_kind[kind.pk] = mask
        asked.people[kind.pk], asked.teams[kind.pk] = taken_by(kind)
    return asked


def seats(row: dict[str, Any], lines: dict[int, list[ProposalLine]], asked: Asked) -> int:
    """Empty seats; a team fills a call alone, and so does a call that only teams may take need one."""
    held = lines.get(row["id"], [])
    if any(one.team_id for one in held):
        return 0
    if not asked.people.get(row["kind_id"], True):
        return 1
    return int(row["people_needed"]) - int(row["accepted_count"]) - len(held)


def volunteers(place: Place, but: set[int]) -> list[tuple[Any, ...]]:
    """(id, person, lon, lat, km, limit, parts of the week, in hand, asked now), in the order of their keys."""
    rows = Volunteer.objects.filter(not_resting(clock.today()), base_place__path__startswith=place.path)
    lon, lat = Coalesce("lon", "base_place__lon"), Coalesce("lat", "base_place__lat")
    rows = rows.annotate(at_lon=lon, at_lat=lat).filter(at_lon__isnull=False, at_lat__isnull=False).exclude(pk__in=but)
    facts = ("id", "person_id", "at_lon", "at_lat", "travel_km", "weekly_limit", "availability")
    held, waiting = in_hand("volunteer", OfferState.ACCEPTED), in_hand("volunteer", OfferState.OFFERED)
    found = rows.order_by("id").values_list(*facts)
    return [
        (*row, held.get(row[0], 0), waiting.get(row[0], 0))
        for row in found.iterator(chunk_size=20_000)
        if row[5] > 0  # with no limit but none at all he wants no calls
    ]


def teams_of(place: Place) -> list[tuple[Any, ...]]:
    """(id, lon, lat, limit, in hand) of active teams that take calls."""
    rows = Team.objects.filter(active=True, place__path__startswith=place.path, place__lon__isnull=False)
    held = in_hand("team", OfferState.ACCEPTED)
    found = rows.order_by("id").values_list("id", "place__lon", "place__lat", "open_limit")
    return [(*row, held.get(row[0], 0)) for row in found if row[2] is not None and row[3] > 0]


def in_hand(owner: str, state: str) -> dict[int, int]:
    """How many offers of that state each helper has."""
    rows = Offer.objects.filter(state=state, **{f"{owner}__isnull": False}).order_by()
    return dict(rows.values_list(f"{owner}_id").annotate(n=Count("*")))


def helpers_of(people: list[Any], teams: list[Any], asked: Asked, plane: Plane) -> Helpers:
    """Volunteers first, then teams; a team travels any distance and takes as many calls as it has room for."""
    count = len(people)
    lon = [row[2] for row in people] + [row[1] for row in teams]
    lat = [row[3] for row in people] + [row[2] for row in teams]
    x, y = plane.metres(lon, lat)
    load = [row[7] + row[8] for row in people] + [row[4] for row in teams]
    limit = [row[5] for row in people] + [row[3] for row in teams]
    reach = [int(1_000 * row[4]) for row in people] + [200_000] * len(teams)
    every = (1 << (ANY_TIME + 1)) - 1
    slots = [free(row[6]) for row in people] + [every] * len(teams)
    return Helpers.make(
        x,
        y,
        np.concatenate([skills_of_people(people, asked), skills_of_teams(teams, asked)]),
        slots,
        group=[PERSON] * count + [TEAM] * len(teams),
        load=load,
        load_limit=limit,
        reach=reach,
        capacity=[1] * count + [max(1, row[3] - row[4]) for row in teams],
    )


def free(parts: list[int]) -> int:
    """The parts of the week somebody named as a mask; who named none has time at any."""
    if not parts:
        return (1 << (ANY_TIME + 1)) - 1
    return sum(1 << part for part in set(parts)) | 1 << ANY_TIME


def skills_of_people(people: list[Any], asked: Asked) -> Any:
    """Proven skills, and a bit for each category for which nothing is missing."""
    keys = np.array([row[0] for row in people], np.int64)
    masks = np.zeros(len(keys), np.int64)
    through = Volunteer.skills.through._default_manager
    rows = through.filter(volunteer_rules.proven_on(clock.today()), skill_id__in=list(asked.skills))
    add_bits(masks, keys, rows.values_list("volunteer_id", "skill_id"), asked.skills)
    for category, bit in asked.categories.values():
        ready = Volunteer.objects.filter(volunteer_rules.ready_for(category, clock.today()))
        add_bits(masks, keys, ((pk, 0) for pk in ready.values_list("id", flat=True)), {0: bit})
    return masks


def skills_of_teams(teams: list[Any], asked: Asked) -> Any:
    """What the team is registered with; checks of its members are its own matter, except where each must be known by
    name.
    """
    keys = np.array([row[0] for row in teams], np.int64)
    own = [bit for category, bit in asked.categories.values() if not volunteer_rules.is_by_name(category)]
    masks = np.full(len(keys), sum(1 << bit for bit in own), np.int64)
    rows = Team.skills.through._default_manager.filter(skill_id__in=list(asked.skills))
    add_bits(masks, keys, rows.values_list("team_id", "skill_id"), asked.skills)
    return masks


def add_bits(masks: Any, keys: Any, rows: Iterable[tuple[int, int]], bits: dict[int, int]) -> None:
    """Set the bit of the second of each pair for the helper that is the first; pairs of others are passed over."""
    pairs = np.array(list(rows), np.int64).reshape(-1, 2)
    if not len(keys) or not len(pairs):
        return
    at = np.minimum(np.searchsorted(keys, pairs[:, 0]), len(keys) - 1)
    here = keys[at] == pairs[:, 0]
    values = np.array([1 << bits[skill] for skill in pairs[here, 1].tolist()], np.int64)
    np.bitwise_or.at(masks, at[here], values)


def needs_of(
    calls: list[dict[str, Any]],
    lines: dict[int, list[ProposalLine]],
    asked: Asked,
    plane: Plane,
    ties: Ties,
) -> Needs:
    """One need for each call. A team answers a call alone, so that it comes in question where one is enough."""
    x, y = plane.metres([row["lon_at"] for row in calls], [row["lat_at"] for row in calls])
    many = [seats(row, lines, asked) for row in calls]
    accepts = [
        asked.people[row["kind_id"]] << PERSON | (asked.teams[row["kind_id"]] and many[at] == 1) << TEAM
        for at, row in enumerate(calls)
    ]
    movable = [(1 << SLOTS) - 1 if row["wanted_from"] else 0 for row in calls]
    return Needs.make(
        x,
        y,
        [asked.of_kind[row["kind_id"]] for row in calls],
        [wanted(row) for row in calls],
        accepts=accepts,
        headcount=many,
        unserved=[40_000 if row["urgent"] else 20_000 for row in calls],
        movable=movable,
        last=who_came(calls, ties),
        barred=who_not(calls, ties),
    )


def wanted(row: dict[str, Any]) -> int:
    """The part of the week in which help is wished to begin; the extra one without a wish."""
    if row["wanted_from"] is None:
        return 1 << ANY_TIME
    at = clock.local(row["wanted_from"])
    part = 0 if at.hour < 12 else 1 if at.hour < 18 else 2
    return 1 << (3 * at.weekday() + part)


def pooled(place: Place) -> Q:
    """The open calls of a place, as seen from their offers."""
    return Q(call__state=State.POOLED, call__place__path__startswith=place.path)


def who_came(calls: list[dict[str, Any]], ties: Ties) -> Lists:
    """Who helped the same person before."""
    asking = Call.objects.filter(state=State.POOLED, place__path__startswith=ties.place.path).values("requester_id")
    done = Offer.objects.filter(state=OfferState.DONE, volunteer__isnull=False, call__requester_id__in=asking)
    known: dict[int, set[int]] = defaultdict(set)
    for requester, volunteer in done.values_list("call__requester_id", "volunteer_id").distinct():
        if ("volunteer", volunteer) in ties.at:
            known[requester].add(ties.at["volunteer", volunteer])
    return Lists.of([sorted(known[row["requester_id"]]) for row in calls])


def who_not(calls: list[dict[str, Any]], ties: Ties) -> Lists:
    """The one served himself, and whoever was asked for this very call already, whatever the answer was."""
    barred: dict[int, set[int]] = defaultdict(set)
    before = Offer.objects.filter(pooled(ties.place)).exclude(GONE)
    for call, volunteer, team in before.values_list("call_id", "volunteer_id", "team_id"):
        at = ties.at.get(("volunteer", volunteer) if volunteer else ("team", team))
        if at is not None:
            barred[call].add(at)
    for row in calls:
        if row["requester_id"] in ties.own:
            barred[row["id"]].add(ties.at["volunteer", ties.own[row["requester_id"]]])
    return Lists.of([sorted(barred[row["id"]]) for row in calls])
