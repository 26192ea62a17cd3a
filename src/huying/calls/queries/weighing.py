"""All open calls and all ready helpers of a place as arrays, for matching: a dozen set-based queries, whatever their number.

Judged by the same rules as ``candidates``: who rests or stopped, checks and insurance, skills that are proven, how far, how
much in hand, asked before, the one served. Beside these, because a batch may not ask twice: every skill of the kind, the
parts of the week somebody named, and only helpers whose position is known. Who has no room for one more gets nothing, but
is told of, so that a call nobody can take says that it is hands that lack.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from django.db.models import Case, Count, F, FloatField, Q, Value, When
from django.db.models.functions import Coalesce, Extract, Floor

from huying.calls.models import Call, Offer, ProposalLine, ServiceKind
from huying.calls.queries.candidates import GONE, LOAD_KM, not_resting, taken_by
from huying.calls.queries.parts import EVERY, NO_WISH, Parts, wanted
from huying.calls.states import OfferState, State
from huying.kernel import clock, columns
from huying.matching.apart import LITTLE
from huying.matching.earth import Plane
from huying.matching.problem import BITS, Helpers, Lists, Needs, Prices
from huying.places.models import Place
from huying.volunteers import rules as volunteer_rules
from huying.volunteers.models import Team, Volunteer
from huying.volunteers.states import SLOTS

MOST = 50_000
"""Calls weighed at once, the oldest first; the rest is for the next proposal."""
PRICES = Prices(load=int(1_000 * LOAD_KM))
PERSON, TEAM = 0, 1
Columns = dict[str, Any]


@dataclass
class Matter:
    """What is weighed, as keys: ``calls`` row for row with ``needs``; ``people`` and then ``teams`` with ``helpers``."""

    calls: Any
    people: Any
    teams: Any
    helpers: Helpers
    needs: Needs
    without_position: list[int] = field(default_factory=list)

    def who(self, helper: int) -> tuple[str, int]:
        """The field under which a helper is kept, and the key."""
        count = len(self.people)
        return ("volunteer", int(self.people[helper])) if helper < count else ("team", int(self.teams[helper - count]))

    def volunteers_and_teams(self, helpers: Any) -> tuple[Any, Any]:
        """The keys of volunteers and of teams for a column of helpers; 0 in the one where he is of the other."""
        count, keys = len(self.people), np.concatenate([self.people, self.teams])[helpers]
        return np.where(helpers < count, keys, 0), np.where(helpers < count, 0, keys)

    def knows(self, need: Any, helper: Any) -> Any:
        """Whether the helper came last time, for columns of pairs."""
        last, width = self.needs.last, len(self.helpers)
        known = np.repeat(np.arange(len(self.needs)), np.diff(last.start)) * width + last.who
        return np.isin(need * width + helper, known)

    def km(self, need: Any, helper: Any) -> Any:
        """Straight line on the plane of the matching, for one pair or for columns of them."""
        east = self.helpers.x[helper] - self.needs.x[need]
        return np.hypot(east, self.helpers.y[helper] - self.needs.y[need]) / 1_000


@dataclass(frozen=True)
class Ties:
    """Where helpers are in the arrays: those of ``people`` in the order of their keys, then those of ``teams``."""

    place: Place
    people: Columns
    teams: Columns

    def volunteers(self, keys: Iterable[int]) -> dict[int, int]:
        return places_of(self.people["id"], keys)

    def groups(self, keys: Iterable[int]) -> dict[int, int]:
        found = places_of(self.teams["id"], keys)
        return {key: len(self.people["id"]) + at for key, at in found.items()}

    def own(self, persons: Any) -> dict[int, int]:
        """Where one of these persons is himself a volunteer."""
        known = np.flatnonzero(np.isin(self.people["person_id"], persons))
        return dict(zip(self.people["person_id"][known].tolist(), known.tolist(), strict=True))


def places_of(sorted_keys: Any, keys: Iterable[int]) -> dict[int, int]:
    """Where each of these keys is among the sorted ones; those that are not there are left out."""
    asked = np.unique(np.fromiter(keys, np.int64))
    at = np.searchsorted(sorted_keys, asked)
    here = at < len(sorted_keys)
    here[here] = sorted_keys[at[here]] == asked[here]
    return dict(zip(asked[here].tolist(), at[here].tolist(), strict=True))


@dataclass
class Asked:
    """Bits that stand for a skill, or for all that a category of service needs."""

    skills: dict[int, int]
    categories: dict[int, tuple[Any, int]]
    of_kind: dict[int, int]
    people: dict[int, bool]
    teams: dict[int, bool]


def _silent(helpers: Helpers) -> None:
    """Nobody waits for them."""


def matter(place: Place, kept: Iterable[ProposalLine] = (), known: Callable[[Helpers], None] = _silent) -> Matter:
    """Open calls below ``place`` and who is ready to help there, without those of the lines that are ``kept``. ``known``
    hears of the helpers while the needs are still being read.
    """
    kept = list(kept)
    rows = open_calls(place)
    somewhere = np.isfinite(rows["at_lon"]) & np.isfinite(rows["at_lat"])
    placed = only(rows, somewhere)
    asked = asked_bits(set(np.unique(placed["kind_id"]).tolist()))
    placed["seats"] = seats(placed, kept, asked)
    calls = only(placed, (placed["seats"] > 0) & np.isin(placed["kind_id"], list(asked.of_kind)))
    people = volunteers(place, {one.volunteer_id for one in kept if one.volunteer_id})
    teams = teams_of(place)
    plane = plane_of(calls, people, teams)
    helpers = helpers_of(people, teams, asked, plane)
    known(helpers)
    needs = needs_of(calls, asked, plane, Ties(place, people, teams))
    return Matter(calls["id"], people["id"], teams["id"], helpers, needs, rows["id"][~somewhere].tolist())


def size(place: Place) -> int:
    """About how many calls times helpers there are below ``place``, not counted beyond what compiled kernels are worth
    loading for.
    """
    calls = Call.objects.filter(state=State.POOLED, place__path__startswith=place.path).values("pk")[:MOST].count()
    ready = Volunteer.objects.filter(base_place__path__startswith=place.path, left_at__isnull=True).values("pk")
    return calls * ready[: LITTLE // max(calls, 1) + 1].count()


def plane_of(calls: Columns, people: Columns, teams: Columns) -> Plane:
    """Around the calls; where none has a position, around the helpers, who could not be measured from elsewhere."""
    if len(calls["id"]):
        return Plane.around(calls["at_lon"], calls["at_lat"])
    lon, lat = (np.concatenate([people[name], teams[name]]) for name in ("at_lon", "at_lat"))
    return Plane.around(lon, lat) if len(lon) else Plane.around([0.0], [0.0])


def open_calls(place: Place) -> Columns:
    """Calls in the pool there, the oldest first, with the position of the call or else of its place: id, kind_id,
    requester_id, people_needed, accepted_count, rush (1: urgent), at_lon and at_lat (NaN: none), hour of the wish (hours
    since 1970 began in China; NO_WISH).
    """
    rows = Call.objects.filter(state=State.POOLED, place__path__startswith=place.path)
    nowhere = Value(float("nan"), FloatField())
    rows = rows.annotate(
        at_lon=Coalesce("lon", "place__lon", nowhere),
        at_lat=Coalesce("lat", "place__lat", nowhere),
        rush=Case(When(urgent=True, then=1), default=0),
        hour=Coalesce(
            Floor(Extract("wanted_from", "epoch", tzinfo=clock.SHANGHAI) / 3_600.0),
            float(NO_WISH),
            output_field=FloatField(),
        ),
    )
    numbers = ("id", "kind_id", "requester_id", "people_needed", "accepted_count", "rush", "hour")
    found = by_key(columns.read(rows, **dict.fromkeys(numbers, int), at_lon=float, at_lat=float))
    return {name: values[:MOST] for name, values in found.items()}


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


def seats(rows: Columns, kept: list[ProposalLine], asked: Asked) -> Any:
    """Empty seats; a team fills a call alone, and so does a call that only teams may take need one."""
    free = rows["people_needed"] - rows["accepted_count"] - among(rows["id"], Counter(one.call_id for one in kept))
    free[np.isin(rows["kind_id"], [kind for kind, may in asked.people.items() if not may])] = 1
    free[np.isin(rows["id"], [one.call_id for one in kept if one.team_id])] = 0
    return free


def volunteers(place: Place, but: set[int]) -> Columns:
    """id, person_id, at_lon, at_lat, travel_km, weekly_limit, parts (mask of the week), held (calls in hand and asked
    about now); in the order of their keys.
    """
    rows = Volunteer.objects.filter(not_resting(clock.today()), base_place__path__startswith=place.path)
    rows = rows.filter(weekly_limit__gt=0).exclude(pk__in=but)  # with no limit but none at all he wants no calls
    lon, lat = Coalesce("lon", "base_place__lon"), Coalesce("lat", "base_place__lat")
    rows = rows.annotate(at_lon=lon, at_lat=lat, parts=Parts()).filter(at_lon__isnull=False, at_lat__isnull=False)
    numbers = dict.fromkeys(("id", "person_id", "weekly_limit", "parts"), int)
    found = by_key(columns.read(rows, **numbers, **dict.fromkeys(("at_lon", "at_lat", "travel_km"), float)))
    held = in_hand("volunteer", OfferState.ACCEPTED, OfferState.OFFERED)
    return {**found, "held": among(found["id"], held)}


def teams_of(place: Place) -> Columns:
    """id, at_lon, at_lat, open_limit, held of active teams that take calls; in the order of their keys."""
    rows = Team.objects.filter(active=True, place__path__startswith=place.path, open_limit__gt=0)
    rows = rows.filter(place__lon__isnull=False, place__lat__isnull=False)
    rows = rows.annotate(at_lon=F("place__lon"), at_lat=F("place__lat"))
    found = by_key(columns.read(rows, id=int, open_limit=int, at_lon=float, at_lat=float))
    return {**found, "held": among(found["id"], in_hand("team", OfferState.ACCEPTED))}


def by_key(found: Columns) -> Columns:
    return only(found, np.argsort(found["id"], kind="stable"))


def only(found: Columns, rows: Any) -> Columns:
    return {name: values[rows] for name, values in found.items()}


def among(keys: Any, counted: dict[int, int]) -> Any:
    """How many of each of these keys; 0 for those not counted."""
    amounts = np.zeros(len(keys), np.int64)
    for key, at in places_of(keys, counted).items():
        amounts[at] = counted[key]
    return amounts


def in_hand(owner: str, *states: str) -> dict[int, int]:
    """How many offers of these states each helper has."""
    rows = Offer.objects.filter(state__in=states, **{f"{owner}__isnull": False}).order_by()
    return dict(rows.values_list(f"{owner}_id").annotate(n=Count("*")))


def helpers_of(people: Columns, teams: Columns, asked: Asked, plane: Plane) -> Helpers:
    """Volunteers first, then teams; a team travels any distance and takes as many calls as it has room for."""
    many, groups = len(people["id"]), len(teams["id"])

    def both(mine: Any, theirs: Any) -> Any:
        return np.concatenate([np.broadcast_to(mine, many), np.broadcast_to(theirs, groups)])

    x, y = plane.metres(both(people["at_lon"], teams["at_lon"]), both(people["at_lat"], teams["at_lat"]))
    return Helpers.make(
        x,
        y,
        np.concatenate([skills_of_people(people["id"], asked), skills_of_teams(teams["id"], asked)]),
        both(people["parts"], EVERY),
        group=both(PERSON, TEAM),
        load=both(people["held"], teams["held"]),
        load_limit=both(people["weekly_limit"], teams["open_limit"]),
        reach=both((1_000 * people["travel_km"]).astype(np.int64), 200_000),
        capacity=both(1, np.maximum(1, teams["open_limit"] - teams["held"])),
    )


def skills_of_people(keys: Any, asked: Asked) -> Any:
    """Proven skills, and a bit for each category for which nothing is missing."""
    masks = np.zeros(len(keys), np.int64)
    through = Volunteer.skills.through._default_manager
    rows = through.filter(volunteer_rules.proven_on(clock.today()), skill_id__in=list(asked.skills))
    found = columns.read(rows, volunteer_id=int, skill_id=int)
    add_bits(masks, keys, found["volunteer_id"], bits_of(found["skill_id"], asked))
    for category, bit in asked.categories.values():
        ready = Volunteer.objects.filter(volunteer_rules.ready_for(category, clock.today()))
        add_bits(masks, keys, columns.read(ready, id=int)["id"], 1 << bit)
    return masks


def skills_of_teams(keys: Any, asked: Asked) -> Any:
    """What the team is registered with; checks of its members are its own matter, except where each must be known by
    name.
    """
    own = [bit for category, bit in asked.categories.values() if not volunteer_rules.is_by_name(category)]
    masks = np.full(len(keys), sum(1 << bit for bit in own), np.int64)
    rows = Team.skills.through._default_manager.filter(skill_id__in=list(asked.skills))
    found = columns.read(rows, team_id=int, skill_id=int)
    add_bits(masks, keys, found["team_id"], bits_of(found["skill_id"], asked))
    return masks


def bits_of(skills: Any, asked: Asked) -> Any:
    """The bit of each of these skills, all of which are asked for."""
    known = sorted(asked.skills)
    return np.array([1 << asked.skills[pk] for pk in known], np.int64)[np.searchsorted(known, skills)]


def add_bits(masks: Any, keys: Any, found: Any, bits: Any) -> None:
    """Set ``bits`` (one, or one for each) for the helpers with the keys that were found; other keys are passed over."""
    if not len(keys) or not len(found):
        return
    at = np.minimum(np.searchsorted(keys, found), len(keys) - 1)
    here = keys[at] == found
    np.bitwise_or.at(masks, at[here], np.broadcast_to(bits, len(found))[here])


def needs_of(calls: Columns, asked: Asked, plane: Plane, ties: Ties) -> Needs:
    """One need for each call. A team answers a call alone, so that it comes in question where one is enough."""
    x, y = plane.metres(calls["at_lon"], calls["at_lat"])
    kinds, of_kind = np.unique(calls["kind_id"], return_inverse=True)

    def by_kind(facts: dict[int, Any]) -> Any:
        return np.array([facts[kind] for kind in kinds.tolist()], np.int64)[of_kind]

    alone = by_kind(asked.teams) & (calls["seats"] == 1)
    return Needs.make(
        x,
        y,
        by_kind(asked.of_kind),
        wanted(calls["hour"]),
        accepts=by_kind(asked.people) << PERSON | alone << TEAM,
        headcount=calls["seats"],
        unserved=np.where(calls["rush"], 40_000, 20_000),
        movable=np.where(calls["hour"] == NO_WISH, 0, (1 << SLOTS) - 1),
        last=who_came(calls, ties),
        barred=who_not(calls, ties),
    )


def pooled(place: Place) -> Q:
    """The open calls of a place, as seen from their offers."""
    return Q(call__state=State.POOLED, call__place__path__startswith=place.path)


def who_came(calls: Columns, ties: Ties) -> Lists:
    """Who helped the same person before."""
    asking = Call.objects.filter(state=State.POOLED, place__path__startswith=ties.place.path).values("requester_id")
    done = Offer.objects.filter(state=OfferState.DONE, volunteer__isnull=False, call__requester_id__in=asking)
    pairs = list(done.values_list("call__requester_id", "volunteer_id").distinct())
    at = ties.volunteers(volunteer for _requester, volunteer in pairs)
    known: dict[int, set[int]] = defaultdict(set)
    for requester, volunteer in pairs:
        if volunteer in at:
            known[requester].add(at[volunteer])
    asked = np.flatnonzero(np.isin(calls["requester_id"], list(known)))
    return listed(calls, {row: known[int(calls["requester_id"][row])] for row in asked.tolist()})


def who_not(calls: Columns, ties: Ties) -> Lists:
    """The one served himself, and whoever was asked for this very call already, whatever the answer was."""
    before = Offer.objects.filter(pooled(ties.place)).exclude(GONE)
    rows = list(before.values_list("call_id", "volunteer_id", "team_id"))
    people = ties.volunteers(volunteer for _call, volunteer, _team in rows if volunteer)
    groups = ties.groups(team for _call, _volunteer, team in rows if team)
    barred: dict[int, set[int]] = defaultdict(set)
    for call, volunteer, team in rows:
        at = people.get(volunteer) if volunteer else groups.get(team)
        if at is not None:
            barred[call].add(at)
    at_call = places_of(calls["id"], barred)
    named = {at_call[call]: helpers for call, helpers in barred.items() if call in at_call}
    own = ties.own(np.unique(calls["requester_id"]))
    for row in np.flatnonzero(np.isin(calls["requester_id"], list(own))).tolist():
        named.setdefault(row, set()).add(own[int(calls["requester_id"][row])])
    return listed(calls, named)


def listed(calls: Columns, named: dict[int, set[int]]) -> Lists:
    """A list for each call, from the helpers named for some rows of them."""
    many = np.zeros(len(calls["id"]) + 1, np.int64)
    for row, helpers in named.items():
        many[row + 1] = len(helpers)
    who = [one for row in sorted(named) for one in sorted(named[row])]
    return Lists(np.cumsum(many), np.array(who, np.int64))
