"""How long it takes to find the best helpers of one call among 910,000 in SQL, and whether they are the best.

The district of ``bench proposal``, where everybody lives in the area that is looked through first, and some have work in
hand or served this week. Each call is asked of ``calls.queries.candidates`` as the page of the call asks it; the answer is
compared with all volunteers weighed in memory, and with what one would write first: the nearest by a GiST index, with the
filter, of which 200 are weighed. Milliseconds are those of the statements with their way to the server and back.
"""

from __future__ import annotations

import json
import os
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import django
import numpy as np
import psycopg
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from huying.calls import queries
from huying.calls.models import Call, Offer
from huying.calls.queries.candidates import KM_A_DEGREE, LOAD_KM, Sought, areas, cosine, first, sought
from huying.calls.queries.parts import Parts
from huying.calls.queries.wishes import week_part, week_start
from huying.calls.states import OfferState
from huying.config.management.commands.bench_proposal import LIMITS, dispatcher, fill
from huying.kernel import columns, prepared
from huying.kernel.actor import Actor
from huying.volunteers.models import Volunteer
from huying.volunteers.states import SLOTS

BEST = 20
WARMING = 20
GOAL_P99_MS, GOAL_TO_PEER = 10.0, 10.0
BUSY = 6
"""Calls that helpers have in hand, and as many that were done this week; some have none, some several."""
IN_HAND, DONE = 0.10, 0.05
"""Share of the helpers who have each of these calls in hand, divided among them; and of those who served this week."""
PEERS = {"gist": "the nearest by (point)", "btree_gist": "the nearest by (skill, point)"}
SIDE = """
CREATE EXTENSION IF NOT EXISTS btree_gist;
CREATE TABLE bench_skill AS SELECT s.skill_id, v.id AS volunteer_id, point(v.lon, v.lat) AS spot
FROM volunteers_volunteer_skills s JOIN volunteers_volunteer v ON v.id = s.volunteer_id WHERE v.lon IS NOT NULL;
CREATE INDEX bench_skill_near ON bench_skill USING gist (skill_id, spot);
GRANT SELECT ON bench_skill TO PUBLIC;
"""
WORK = """
INSERT INTO calls_offer (public_id, call_id, volunteer_id, state, offered_at, answered_at, reason, seats, must_answer,
    put_away, excuse)
SELECT gen_random_uuid(), w.call, w.volunteer, w.state, now(), now(), '', 1, false, false, ''
FROM unnest(%s::bigint[], %s::bigint[], %s::text[]) w (call, volunteer, state)
"""
FREE = """
    v.paused_until IS NULL AND v.left_at IS NULL AND (v.availability = '{}' OR v.availability @> ARRAY[%(part)s::smallint])
    AND %(many)s::int = (SELECT count(*) FROM volunteers_volunteer_skills h
        WHERE h.volunteer_id = v.id AND h.skill_id = ANY(%(skills)s::bigint[]))
"""
NEAREST = {
    "gist": f"""SELECT v.id, v.lon, v.lat, v.travel_km, v.weekly_limit FROM volunteers_volunteer v WHERE {FREE}
        ORDER BY point(v.lon, v.lat) <-> point(%(lon)s::float8, %(lat)s::float8) LIMIT 200""",  # noqa: S608 - ours
    "btree_gist": f"""SELECT v.id, v.lon, v.lat, v.travel_km, v.weekly_limit
        FROM bench_skill b JOIN volunteers_volunteer v ON v.id = b.volunteer_id
        WHERE b.skill_id = %(rarest)s::bigint AND {FREE}
        ORDER BY b.spot <-> point(%(lon)s::float8, %(lat)s::float8) LIMIT 200""",  # noqa: S608 - ours
}
RANKED = f"""
WITH near AS MATERIALIZED ({{near}}), weighed AS (
    SELECT n.*, {KM_A_DEGREE} * sqrt(((n.lon - %(lon)s::float8) * %(narrow)s::float8) ^ 2 + (n.lat - %(lat)s::float8) ^ 2) AS km,
        (SELECT count(*) FROM calls_offer o WHERE o.volunteer_id = n.id AND o.state = 'accepted') AS open,
        (SELECT count(*) FROM calls_offer o JOIN calls_call c ON c.id = o.call_id
            WHERE o.volunteer_id = n.id AND o.state = 'done' AND c.delivered_at >= %(monday)s) AS week FROM near n)
SELECT id FROM weighed WHERE km <= travel_km AND open < weekly_limit
ORDER BY km + {LOAD_KM} * (open + week), open, id LIMIT {BEST}
"""  # noqa: S608 - numbers of ours
Taken = dict[str, list[float]]


class Command(BaseCommand):
    help = "Measure the best helpers of one call (started by ./huying bench online, on a throw-away database)."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--volunteers", type=int, default=910_000)
        parser.add_argument("--calls", type=int, default=300)
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--without-peer", action="store_true", help="leave the other ways out")
        parser.add_argument(
            "--goals", action="store_true", help="fail where a goal is missed; they are for the full size"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        url = os.environ.get("HUYING_BENCH_OWNER_URL")
        if not url or os.environ.get("HUYING_BENCH") != "1":
            raise CommandError("This fills the database with made-up people: measure with ./huying bench online.")
        began = time.monotonic()
        fill(url, options["volunteers"], options["calls"] + WARMING + 2 * BUSY, options["seed"])
        calls = list(
            Call.objects.filter(kind__code__startswith="bench-").select_related("kind", "place").order_by("id")
        )
        add_work(url, [call.pk for call in calls[-2 * BUSY :]], options["seed"])
        peers = [] if options["without_peer"] else list(PEERS)
        figures: dict[str, Any] = {"filling_s": round(time.monotonic() - began, 1)}
        everybody, actor = Everybody(), dispatcher()
        for call in calls[:WARMING]:
            asked(actor, call, peers, {}, everybody)
        taken: Taken = {}
        told = [asked(actor, call, peers, taken, everybody) for call in calls[WARMING : -2 * BUSY]]
        figures |= summed(taken) | {f"{name}_exact": share(told, name) for name in told[0]}
        figures["lacking"] = sum(everybody.lacks(sought(call)) for call in calls[WARMING : -2 * BUSY])
        wrong = (
            [] if figures["ours_exact"] == 1 else [f"{1 - figures['ours_exact']:.2%} of the answers are not the best"]
        )
        missed = list(misses(figures))
        sizes = {name: options[name] for name in ("volunteers", "calls", "seed")}
        versions = {"django": django.__version__, "psycopg": psycopg.__version__}
        document = {"versions": versions, "sizes": sizes, "figures": figures, "missed": missed, "wrong": wrong}
        self.stdout.write(json.dumps(document, ensure_ascii=False))
        if wrong or (missed and options["goals"]):
            raise CommandError("; ".join([*wrong, *missed]))


def add_work(url: str, calls: list[int], seed: int) -> None:
    """Calls in hand and services of this week; then the side table of a peer."""
    chance = np.random.default_rng([seed, 4])
    helpers = np.array(Volunteer.objects.order_by("id").values_list("pk", flat=True))
    with psycopg.connect(url, autocommit=True) as owner:
        owner.execute("SELECT set_config(name, '0', false) FROM pg_settings WHERE name = ANY(%s)", [LIMITS])
        for n, call in enumerate(calls):
            state, part = (OfferState.ACCEPTED, IN_HAND) if n < BUSY else (OfferState.DONE, DONE)
            some = helpers[chance.random(len(helpers)) < part / (1 + n % BUSY)].tolist()
            owner.execute(WORK, [[call] * len(some), some, [str(state)] * len(some)])
        owner.execute(
            "UPDATE calls_call SET delivered_at = %s, wanted_from = NULL, wanted_to = NULL, requester_id ="
            " (SELECT person_id FROM volunteers_volunteer ORDER BY id LIMIT 1) WHERE id = ANY(%s)",
            [week_start(), calls],
        )
        for statement in (*SIDE.strip().split(";\n"), "VACUUM ANALYZE"):
            owner.execute(statement)


def asked(actor: Actor, call: Call, peers: list[str], taken: Taken, everybody: Everybody) -> dict[str, bool]:
    """One call, asked of us and of the others; whether each found the best."""
    with in_the_database(taken, "whole"):
        queries.candidates(actor, call, BEST)
    what, area = sought(call), areas(call.place.path)[0]
    with in_the_database(taken, "ours"):
        found = {"ours": [one.pk for one in first(actor, what, area, BEST)]}
    for name in peers:
        with in_the_database(taken, name):
            found[name] = nearest_by(name, what)
    best = everybody.best(what)
    return {name: keys == best for name, keys in found.items()}


@contextmanager
def in_the_database(taken: Taken, name: str) -> Iterator[None]:
    """Note the milliseconds of the statements of this block, and how many they were; those of the whole block too."""
    spent: list[float] = []

    def watched(execute: Callable[..., Any], *args: Any) -> Any:
        began = time.perf_counter()
        try:
            return execute(*args)
        finally:
            spent.append(time.perf_counter() - began)

    began = time.perf_counter()
    with connection.execute_wrapper(watched):
        yield
    taken.setdefault(f"{name}_with_python", []).append((time.perf_counter() - began) * 1000)
    taken.setdefault(name, []).append(sum(spent) * 1000)
    taken.setdefault(f"{name}_statements", []).append(len(spent))


def nearest_by(name: str, what: Sought) -> list[int]:
    """What one would write first. Without a skill both walk along the positions alone."""
    skills, part = sorted(what.needed), what.wish.first if what.wish else 0
    values = {"lon": what.where[0], "lat": what.where[1], "narrow": cosine(what.where[1]), "monday": week_start()}
    values |= {"skills": skills, "many": len(skills), "part": week_part(part)}
    values["rarest"] = skills[-1] if skills else 0  # the district's skills are numbered from the most frequent on
    return [key for (key,) in prepared.rows(RANKED.format(near=NEAREST[name if skills else "gist"]), values)]


class Everybody:
    """All volunteers as columns, weighed without any index: what the answers are compared with."""

    def __init__(self) -> None:
        rows = Volunteer.objects.filter(lon__isnull=False, left_at__isnull=True, paused_until__isnull=True)
        numbers = dict.fromkeys(("id", "person_id", "weekly_limit", "parts"), int)
        found = columns.read(
            rows.annotate(parts=Parts()), **numbers, **dict.fromkeys(("lon", "lat", "travel_km"), float)
        )
        self.column = {name: values[np.argsort(found["id"])] for name, values in found.items()}
        self.holders = columns.read(Volunteer.skills.through._default_manager.all(), volunteer_id=int, skill_id=int)
        offers = Offer.objects.filter(volunteer__isnull=False)
        week = offers.filter(state=OfferState.DONE, call__delivered_at__gte=week_start())
        self.open, self.week = (
            np.bincount(
                self.rows_of(columns.read(some, volunteer_id=int)["volunteer_id"]), minlength=len(self.column["id"])
            )
            for some in (offers.filter(state=OfferState.ACCEPTED), week)
        )

    def rows_of(self, keys: Any) -> Any:
        at = np.minimum(np.searchsorted(self.column["id"], keys), len(self.column["id"]) - 1)
        return at[self.column["id"][at] == keys]

    def order(self, what: Sought) -> tuple[Any, Any]:
        """Rows of those who may be asked, best first, and how many of the skills each lacks."""
        one, (lon, lat) = self.column, what.where
        missing = np.full(len(one["id"]), len(what.needed))
        for skill in what.needed:
            holders = self.holders["volunteer_id"][self.holders["skill_id"] == skill]
            missing[self.rows_of(holders)] -= 1
        km = KM_A_DEGREE * np.hypot((one["lon"] - lon) * cosine(lat), one["lat"] - lat)
        may = (
            (km <= one["travel_km"]) & (self.open < one["weekly_limit"]) & (one["person_id"] != what.call.requester_id)
        )
        if what.wish:
            asked = sum(1 << part for part in {week_part(part) for part in what.wish.parts})
            may &= (one["parts"] & asked & ((1 << SLOTS) - 1)) != 0
        rows = np.flatnonzero(may)
        effort = km[rows] + LOAD_KM * (self.open + self.week)[rows]
        rows = rows[np.lexsort((one["id"][rows], self.open[rows], effort, missing[rows]))[:BEST]]
        return rows, missing[rows]

    def best(self, what: Sought) -> list[int]:
        found: list[int] = self.column["id"][self.order(what)[0]].tolist()
        return found

    def lacks(self, what: Sought) -> int:
        """1 where the best do not all have every skill, so that those who lack one were looked for too."""
        return int(self.order(what)[1].max(initial=0) > 0)


def summed(taken: Taken) -> dict[str, float]:
    """The middle, the 95th and 99th of a hundred; and how many times as long as ours the others take, by each of them."""
    told: dict[str, float] = {}
    for name, values in taken.items():
        if name.endswith("_statements"):
            told[name] = round(statistics.mean(values), 1)
            continue
        for percent in (50, 95, 99):
            told[f"{name}_p{percent}_ms"] = round(float(np.percentile(values, percent)), 3)
    for name in PEERS.keys() & taken.keys():
        for percent in (50, 95, 99):
            both = (np.percentile(taken[one], percent) for one in (name, "ours"))
            told[f"p{percent}_to_{name}"] = round(float(next(both) / next(both)), 1)
    return told


def share(told: list[dict[str, bool]], name: str) -> float:
    return round(sum(one[name] for one in told) / len(told), 4)


def misses(figures: dict[str, Any]) -> Iterator[str]:
    """Goals of docs/decisions/0045 that these figures do not reach."""
    if figures["ours_p99_ms"] > GOAL_P99_MS:
        yield f"the 99th of a hundred takes {figures['ours_p99_ms']} ms, not {GOAL_P99_MS:.0f}"
    for name, words in PEERS.items():
        ratio = figures.get(f"p99_to_{name}", GOAL_TO_PEER)
        if ratio < GOAL_TO_PEER:
            yield f"{words} takes {ratio} times as long, not {GOAL_TO_PEER:.0f}"
