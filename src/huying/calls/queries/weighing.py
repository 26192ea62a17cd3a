"""All open calls and all ready helpers of a place as arrays, for matching: a dozen set-based queries, whatever their number.

Judged by the same rules as ``candidates``: who rests or stopped, checks and insurance, skills that are proven, how far, who
has time and has not promised it, how much in hand and done this week, asked before, the one served. Beside these, because a
batch may not ask twice: every skill of the kind, and only helpers whose position is known. Who has no room for one more gets nothing, but
is told of, so that a call nobody can take says that it is hands that lack.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from django.db.models import BigIntegerField, Case, Count, F, FloatField, Value, When
from django.db.models.functions import Ceil, Coalesce, Extract, Floor

from huying.calls.models import Call, Offer, ProposalLine
from huying.calls.queries import parts
from huying.calls.queries.able import (
    Asked,
    asked_bits,
    groups_of,
    languages_of,
    languages_wanted,
    skills_of_people,
    skills_of_teams,
)
from huying.calls.queries.between import Columns, Ties, among, rows_of, who_came, who_not
from huying.calls.queries.candidates import LOAD_KM, STRANGER_KM, how_many, not_resting
from huying.calls.queries.parts import NO_WISH, Parts, Slots
from huying.calls.queries.preferring import GROUPS, accepted, wish_in_numbers
from huying.calls.queries.wishes import PROMISED_AT, needs_help_now, rest, week_start
from huying.calls.states import LineState, OfferState, State
from huying.kernel import clock, columns
from huying.matching.apart import LITTLE
from huying.matching.earth import Plane
from huying.matching.problem import BITS, LONG_AGO, Helpers, Needs, Prices, Week
from huying.places.models import Place
from huying.volunteers.models import Membership, Team, Volunteer

MOST = 50_000
"""Calls weighed at once, the oldest first; the rest is for the next proposal."""
PRICES = Prices(load=int(1_000 * LOAD_KM), stranger=int(1_000 * STRANGER_KM))
PERSONS, TEAM = (1 << GROUPS) - 1, GROUPS
"""Persons are grouped by sex and age where a call wishes for it, else all alike."""


@dataclass
class Matter:
    """What is weighed, as keys: ``calls`` row for row with ``needs`` and whether they are ``urgent``; ``people`` and then
    ``teams`` with ``helpers``, who have ``held`` in hand.
    """

    calls: Any
    urgent: Any
    people: Any
    teams: Any
    held: Any
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


def _silent(helpers: Helpers, week: Week) -> None:
    """Nobody waits for them."""


def matter(place: Place, kept: Iterable[ProposalLine] = (), known: Callable[[Helpers, Week], None] = _silent) -> Matter:
    """Open calls below ``place`` and who is ready to help there, without the seats of the lines that are ``kept``, whose
    helpers are taken - but those of dropped lines, who are free for other calls. ``known`` hears of the helpers, and of the
    slots of their week, while the needs are still being read.
    """
    lines = list(kept)
    kept = [one for one in lines if one.state != LineState.DROPPED]
    refused = [(one.call_id, one.volunteer_id, one.team_id) for one in lines if one.state == LineState.DROPPED]
    rows = open_calls(place)
    somewhere = np.isfinite(rows["at_lon"]) & np.isfinite(rows["at_lat"])
    placed = only(rows, somewhere)
    asked = asked_bits(set(np.unique(placed["kind_id"]).tolist()))
    placed["seats"] = seats(placed, lines, asked)
    calls = only(placed, (placed["seats"] > 0) & np.isin(placed["kind_id"], list(asked.of_kind)))
    slots = parts.slots_of(calls["first"], calls["last"])
    calls["bit"], calls["movable"] = slots.bit, parts.movable(slots, minute_now())
    spoken = np.unique(calls["language"][calls["language"] > 0])[:BITS].tolist()
    calls = only(calls, (slots.bit != NO_WISH) & np.isin(calls["language"], [0, *spoken]))
    people = volunteers(place, {one.volunteer_id for one in kept if one.volunteer_id})
    teams = teams_of(place, kept)
    plane = plane_of(calls, people, teams)
    people |= {"languages": languages_of(people["id"], spoken), "group": groups_of(place, people["id"], calls)}
    teams["languages"] = languages_of(teams["id"], spoken, of_teams=True)
    helpers = helpers_of(people, teams, asked, plane, slots)
    known(helpers, slots.week)
    needs = needs_of(calls, asked, plane, Ties(place, people, teams, refused), spoken)
    held = np.concatenate([people["held"], teams["held"]])
    lost = rows["id"][~somewhere].tolist()
    return Matter(calls["id"], calls["rush"] == 1, people["id"], teams["id"], held, helpers, needs, lost)


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
    requester_id, served (the same; 0 for a whistle), people_needed, accepted_count, rush (1: urgent), at_lon and at_lat
    (NaN: none), first and last part of the wish (NO_WISH: none) and the minute at which help begins (since 1970 in China),
    language (0: any) and whom the one served likes to come (``preferring``).
    """
    rows = Call.objects.filter(state=State.POOLED, place__path__startswith=place.path)
    nowhere = Value(float("nan"), FloatField())
    rows = rows.annotate(
        at_lon=Coalesce("lon", "place__lon", nowhere),
        at_lat=Coalesce("lat", "place__lat", nowhere),
        rush=Case(When(urgent=True, then=1), default=0),
        soon=Case(When(needs_help_now(), then=1), default=0),
        served=Case(When(raised_for__isnull=False, then=0), default=F("requester_id"), output_field=BigIntegerField()),
        spoken=Coalesce("language_id", 0),
        liked=wish_in_numbers(),
        since=Case(
            When(raised_for__isnull=False, wanted_to__lte=clock.now(), then=Value(float(NO_WISH))),
            default=Coalesce(minute("wanted_from"), float(NO_WISH), output_field=FloatField()),
        ),
        until=Coalesce(last_minute("wanted_to"), float(NO_WISH), output_field=FloatField()),
    )
    numbers = dict.fromkeys(
        ("id", "kind_id", "requester_id", "people_needed", "accepted_count", "rush", "served", "soon"), int
    )
    wishes = dict.fromkeys(("since", "until", "spoken", "liked"), int)
    found = by_key(columns.read(rows, **numbers, **wishes, at_lon=float, at_lat=float))
    found["language"] = found.pop("spoken")
    wish = (found.pop("since"), found.pop("until"), minute_now(), found.pop("soon"))
    found["first"], found["last"], found["begins"] = parts.wished(*wish)
    return {name: values[:MOST] for name, values in found.items()}


def minute(moment: Any) -> Floor:
    """The minute of a moment, since 1970 began in China."""
    return Floor(Extract(moment, "epoch", tzinfo=clock.SHANGHAI) / 60.0)


def last_minute(end: str) -> Any:
    """The last minute before a moment."""
    return Ceil(Extract(end, "epoch", tzinfo=clock.SHANGHAI) / 60.0) - 1.0


def minute_now() -> int:
    return minute_of(clock.now())


def minute_of(moment: datetime) -> int:
    """The same of a moment that is at hand."""
    here = clock.local(moment).replace(tzinfo=None)
    return int((here - datetime(1970, 1, 1)) // timedelta(minutes=1))  # noqa: DTZ001 - both are times in China


def seats(rows: Columns, kept: list[ProposalLine], asked: Asked) -> Any:
    """Empty seats. A call that only teams may take needs one team, and a team chosen by hand fills the call alone."""
    taken = Counter[int]()
    for one in kept:
        taken[one.call_id] += one.seats
    free = rows["people_needed"] - rows["accepted_count"] - among(rows["id"], taken)
    whole = np.isin(rows["kind_id"], [kind for kind, may in asked.people.items() if not may])
    free[whole] = 1
    free[np.isin(rows["id"], [one.call_id for one in kept if one.team_id and one.by_hand])] = 0
    free[whole & np.isin(rows["id"], [one.call_id for one in kept if one.team_id])] = 0
    return free


def volunteers(place: Place, but: set[int]) -> Columns:
    """id, person_id, at_lon, at_lat, travel_km, weekly_limit, parts (mask of the week), held (calls in hand and asked
    about now), served (this week), rested_from (minute); in the order of their keys. What they promised: ``busy`` (rows)
    and ``promised`` (parts), one for each promise.
    """
    rows = Volunteer.objects.filter(not_resting(clock.today()), base_place__path__startswith=place.path)
    rows = rows.filter(weekly_limit__gt=0).exclude(pk__in=but)  # with no limit but none at all he wants no calls
    lon, lat = Coalesce("lon", "base_place__lon"), Coalesce("lat", "base_place__lat")
    rows = rows.annotate(at_lon=lon, at_lat=lat, parts=Parts()).filter(at_lon__isnull=False, at_lat__isnull=False)
    numbers = dict.fromkeys(("id", "person_id", "weekly_limit", "parts"), int)
    found = by_key(columns.read(rows, **numbers, **dict.fromkeys(("at_lon", "at_lat", "travel_km"), float)))
    return {**found, **work_in_hand(found["id"]), **work_done(found["id"])}


def work_in_hand(keys: Any) -> Columns:
    """held, busy and promised of ``volunteers``."""
    live = Offer.objects.filter(state__in=[OfferState.ACCEPTED, OfferState.OFFERED], volunteer__isnull=False)
    at = Case(When(state=OfferState.ACCEPTED, then=minute(PROMISED_AT)), output_field=FloatField())
    rows = live.annotate(at=Coalesce(at, float(NO_WISH), output_field=FloatField()))
    found = columns.read(rows, volunteer_id=int, at=int)
    row, here = rows_of(keys, found["volunteer_id"])
    settled = here & (found["at"] != NO_WISH)
    return {
        "held": np.bincount(row[here], minlength=len(keys)),
        "busy": row[settled],
        "promised": parts.part_of(found["at"][settled]),
    }


def work_done(keys: Any) -> Columns:
    """served and rested_from of ``volunteers``."""
    monday, recent = week_start(), clock.now() - rest()
    rows = Offer.objects.filter(state=OfferState.DONE, volunteer__isnull=False)
    rows = rows.filter(call__delivered_at__gte=min(monday, recent)).annotate(at=minute("call__delivered_at"))
    found = columns.read(rows, volunteer_id=int, at=int)
    row, here = rows_of(keys, found["volunteer_id"])
    rested = np.full(len(keys), -LONG_AGO, np.int64)
    np.maximum.at(rested, row[here], found["at"][here] + int(rest() / timedelta(minutes=1)))
    this_week = here & (found["at"] >= minute_of(monday))
    return {"served": np.bincount(row[this_week], minlength=len(keys)), "rested_from": rested}


def teams_of(place: Place, kept: list[ProposalLine]) -> Columns:
    """id, at_lon, at_lat, open_limit, held (with the lines that are ``kept``) and members of active teams that take calls; in
    the order of their keys.
    """
    rows = Team.objects.filter(active=True, place__path__startswith=place.path, open_limit__gt=0)
    rows = rows.filter(place__lon__isnull=False, place__lat__isnull=False)
    members = how_many(Membership, "team", ends_at__isnull=True, volunteer__left_at__isnull=True)
    rows = rows.annotate(at_lon=F("place__lon"), at_lat=F("place__lat"), members=members)
    found = by_key(columns.read(rows, id=int, open_limit=int, members=int, at_lon=float, at_lat=float))
    lines = Counter[int]()
    for one in kept:
        lines[one.team_id or 0] += one.seats
    return {**found, "held": among(found["id"], in_hand()), "kept": among(found["id"], lines)}


def by_key(found: Columns) -> Columns:
    return only(found, np.argsort(found["id"], kind="stable"))


def only(found: Columns, rows: Any) -> Columns:
    return {name: values[rows] for name, values in found.items()}


def in_hand() -> dict[int, int]:
    """How many calls each team has said yes to."""
    rows = Offer.objects.filter(state=OfferState.ACCEPTED, team__isnull=False).order_by()
    return dict(rows.values_list("team_id").annotate(n=Count("*")))


def helpers_of(people: Columns, teams: Columns, asked: Asked, plane: Plane, slots: Slots) -> Helpers:
    """Volunteers first, then teams; a team travels any distance and sends in one batch no more people than it has members, nor
    more than it has room for calls: so it never gets more calls than that. What somebody
    did this week makes him dearer, and does not count against what he will hold at the same time.
    """
    many, groups = len(people["id"]), len(teams["id"])

    def both(mine: Any, theirs: Any) -> Any:
        return np.concatenate([np.broadcast_to(mine, many), np.broadcast_to(theirs, groups)])

    room = teams["open_limit"] - teams["held"]
    sends = np.minimum(np.maximum(1, teams["members"]), room) - teams["kept"]
    x, y = plane.metres(both(people["at_lon"], teams["at_lon"]), both(people["at_lat"], teams["at_lat"]))
    return Helpers.make(
        x,
        y,
        np.concatenate([skills_of_people(people["id"], asked), skills_of_teams(teams["id"], asked)]),
        both(parts.free(people["parts"], slots, people["busy"], people["promised"]), slots.every),
        languages=both(people["languages"], teams["languages"]),
        group=both(people["group"], TEAM),
        load=both(people["held"] + people["served"], teams["held"]),
        load_limit=both(people["weekly_limit"] + people["served"], np.where(sends > 0, teams["open_limit"], 0)),
        rested_from=both(people["rested_from"], -LONG_AGO),
        reach=both((1_000 * people["travel_km"]).astype(np.int64), 200_000),
        capacity=both(1, np.maximum(1, sends)),
    )


def needs_of(calls: Columns, asked: Asked, plane: Plane, ties: Ties, spoken: list[int]) -> Needs:
    """One need for each call. Teams come in question for any number of seats; not where persons may come and a certain one is
    wished for.
    """
    x, y = plane.metres(calls["at_lon"], calls["at_lat"])
    kinds, of_kind = np.unique(calls["kind_id"], return_inverse=True)

    def by_kind(facts: dict[int, Any]) -> Any:
        return np.array([facts[kind] for kind in kinds.tolist()], np.int64)[of_kind]

    people = by_kind(asked.people)
    teams = by_kind(asked.teams) & ((calls["liked"] == 0) | (people == 0))
    liked = np.array([accepted(wish) for wish in range(GROUPS)], np.int64)[calls["liked"]]
    return Needs.make(
        x,
        y,
        by_kind(asked.of_kind),
        np.left_shift(1, calls["bit"]),
        languages=languages_wanted(calls["language"], spoken),
        accepts=people * liked | teams << TEAM,
        headcount=calls["seats"],
        unserved=np.where(calls["rush"], 40_000, 20_000),
        begins=calls["begins"],
        movable=calls["movable"],
        last=who_came(calls, ties),
        barred=who_not(calls, ties),
    )
