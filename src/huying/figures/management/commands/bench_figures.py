"""How fast a subtree is summed by child and month, and what a counted record costs, beside a plain table of facts."""

from __future__ import annotations

import json
import os
import statistics
import time
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from functools import partial
from random import Random
from typing import Any

import psycopg
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from huying.figures import actions, queries
from huying.figures.models import Metric
from huying.figures.states import Grain, MetricKind, Word
from huying.kernel import prepared
from huying.kernel.actor import Actor
from huying.places import actions as place_actions
from huying.places.models import Place, PlaceKind

BENCH = Actor.system("figures.bench")
YEAR = queries.Period.year(2026)
BATCH = 10_000
SHAPE = (("county", 8), ("town", 10), ("village", 10), ("grid", 0))
"""Kinds below the prefecture and how many under each; the lowest take what is left of all places."""
LEVEL = """
WITH fresh AS (
    SELECT nextval(pg_get_serial_sequence('places_place', 'id')) AS id, up.id AS parent_id, up.path, up.depth, n
    FROM places_place up, generate_series(1, %(each)s) n WHERE up.kind_id = %(above)s::text)
INSERT INTO places_place (id, public_id, parent_id, kind_id, name, name_en, short_name, code, path, depth, crs, address,
    phone, flags, floor, purpose, host, status, closed_reason, source, sort_key, search_text, search_terms, created_at,
    changed_at)
SELECT id, gen_random_uuid(), parent_id, %(kind)s::text, %(kind)s::text || n, '', '', '', path || id || '/', depth + 1, 'WGS84', '',
    '', '{}', '', '', '', 'open', '', '', %(kind)s::text || n, %(kind)s::text || n, '{}', now(), now() FROM fresh
"""
RAW = """
CREATE TABLE bench_raw (metric_id varchar(60), place_id bigint, day date, amount bigint);
CREATE INDEX bench_raw_read ON bench_raw (metric_id, place_id, day) INCLUDE (amount);
GRANT ALL ON bench_raw TO PUBLIC
"""
FACTS = """
INSERT INTO bench_raw SELECT m.codes[1 + abs(hashint8(i + %(seed)s)) %% cardinality(m.codes)],
    p.ids[1 + abs(hashint8(3 * i + %(seed)s)) %% cardinality(p.ids)],
    date '2026-01-01' + abs(hashint8(7 * i + %(seed)s)) %% 365, 1 + i %% 5
FROM generate_series(%(first)s::bigint, %(last)s::bigint) i, (SELECT %(codes)s::text[] AS codes) m,
    (SELECT array_agg(id ORDER BY id) AS ids FROM places_place WHERE kind_id IN ('village', 'grid')) p
"""
FILLED = """
INSERT INTO figures_branch SELECT p.id, p.path, coalesce(k.level <= 40, false)
    FROM places_place p JOIN places_placekind k ON k.code = p.kind_id;
INSERT INTO figures_fact (metric_id, place_id, day, amount)
    SELECT metric_id, place_id, day, sum(amount) FROM bench_raw GROUP BY 1, 2, 3;
INSERT INTO figures_total (metric_id, place_id, grain, since, amount)
    SELECT f.metric_id, a.id, g.grain, date_trunc(g.grain, f.day)::date, sum(f.amount)
    FROM figures_fact f JOIN figures_branch b ON b.place_id = f.place_id
    CROSS JOIN LATERAL unnest(string_to_array(btrim(b.path, '/'), '/')::bigint[]) a(id)
    JOIN figures_branch up ON up.place_id = a.id CROSS JOIN (VALUES ('month'), ('day')) g(grain)
    WHERE g.grain = 'month' OR up.daily GROUP BY 1, 2, 3, 4
"""
PLAIN = """
SELECT c.id, date_trunc('month', r.day)::date, sum(r.amount)::bigint
FROM places_place c JOIN places_place p ON p.path LIKE c.path || '%%'
JOIN bench_raw r ON r.place_id = p.id AND r.metric_id = %s AND r.day >= %s AND r.day < %s
WHERE c.parent_id = %s GROUP BY 1, 2
"""
PLAIN_WRITE = """
INSERT INTO bench_raw SELECT * FROM unnest(%s::text[], %s::bigint[], %s::date[], %s::bigint[])
"""


class Command(BaseCommand):
    help = "Measure figures (started by ./huying bench figures, on a database that is thrown away)."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--facts", type=int, default=20_000_000)
        parser.add_argument("--places", type=int, default=20_000)
        parser.add_argument("--rounds", type=int, default=7, help="of each question; the middle one counts")
        parser.add_argument("--batches", type=int, default=5, help="of ten thousand words, written each way in turn")
        parser.add_argument("--seed", type=int, default=7)

    def handle(self, *args: Any, **options: Any) -> None:
        url = os.environ.get("HUYING_BENCH_OWNER_URL")
        if not url or not os.environ.get("HUYING_BENCH"):
            raise CommandError("This fills the database with facts: run ./huying bench figures")
        sizes = {name: options[name] for name in ("facts", "places", "rounds", "batches", "seed")}
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('statement_timeout', '0', false)")
        began = time.monotonic()
        root = fill(url, **sizes)
        figures: dict[str, float] = {"filling_s": round(time.monotonic() - began, 1)}
        wrong = list(reading(root, sizes["rounds"], figures)) + list(writing(root, sizes, figures))
        sizes["places"] = Place.objects.count()
        self.stdout.write(json.dumps({"sizes": sizes, "figures": figures, "wrong": wrong}, ensure_ascii=False))
        if wrong:
            raise CommandError("; ".join(wrong))


def fill(url: str, *, facts: int, places: int, seed: int, **_more: int) -> Place:
    """A prefecture of so many places, and facts in the plain table, in ours, and in totals; statistics are fresh."""
    if not PlaceKind.objects.exists():
        place_actions.install_first_rows()
    actions.install_first_rows()
    root = place_actions.create_place(
        actor=BENCH, parent=None, kind="prefecture", facts=place_actions.Facts(name="量市")
    )
    with psycopg.connect(url, autocommit=True) as owner:
        owner.execute("SET statement_timeout = 0")
        owner.execute(RAW)
        above, made = "prefecture", 1
        for kind, each in SHAPE:
            parents = Place.objects.filter(kind=above).count()
            each = each or max(1, (places - made) // parents)
            owner.execute(LEVEL, {"kind": kind, "above": above, "each": each})
            above, made = kind, made + parents * each
        owner.execute("VACUUM ANALYZE places_place")
        for first in range(1, facts + 1, 1_000_000):
            last = min(facts, first + 999_999)
            owner.execute(FACTS, {"first": first, "last": last, "codes": flows(), "seed": seed})
        owner.execute(FILLED)
        for table in ("bench_raw", "figures_fact", "figures_total", "figures_branch"):
            owner.execute(f"VACUUM ANALYZE {table}")
    return root


def flows() -> list[str]:
    return list(Metric.objects.filter(kind=MetricKind.FLOW).order_by("code").values_list("code", flat=True))


def reading(root: Place, rounds: int, figures: dict[str, float]) -> Iterator[str]:
    """Sum by child and month at each level, ours and plain in turn; what differs, as sentences."""
    metric = queries.metric(flows()[0])
    for level in ("prefecture", "county", "town"):
        at = Place.objects.filter(kind=level, path__startswith=root.path).order_by("pk")[0]

        def ours(at: Place = at) -> dict[int, dict[date, int]]:
            return queries.by_child_and_time(BENCH, metric, at, YEAR, Grain.MONTH)

        def beside(at: Place = at) -> dict[int, dict[date, int]]:
            return plain(metric, at)

        mine, theirs = medians(ours, beside, rounds)
        figures |= {f"{level}_ms": mine, f"{level}_plain_ms": theirs, f"{level}_times": round(theirs / mine, 1)}
        if ours() != beside():
            yield f"sums at the {level} differ"
    odd = queries.Period(date(2026, 2, 11), date(2026, 11, 20))
    figures["odd_days_ms"] = medians(lambda: queries.value(BENCH, metric, root, odd), None, rounds)[0]


def plain(metric: Metric, at: Place) -> dict[int, dict[date, int]]:
    """The same table from facts alone."""
    found: dict[int, dict[date, int]] = {}
    with connection.cursor() as cursor:
        cursor.execute(PLAIN, [metric.pk, YEAR.since, YEAR.until, at.pk])
        for child, month, amount in cursor.fetchall():
            found.setdefault(child, {})[month] = amount
    return found


def medians(one: Callable[[], Any], other: Callable[[], Any] | None, rounds: int) -> tuple[float, float]:
    """Milliseconds of the middle run of each, in turn, so that whatever else the machine does disturbs both alike."""
    taken: tuple[list[float], list[float]] = ([], [])
    for _ in range(rounds + 1):
        for side, ask in enumerate((one, other)):
            if ask is not None:
                taken[side].append(timed(ask) * 1000)
    mine, theirs = (round(statistics.median(each[1:]), 3) if each else 0.0 for each in taken)
    return mine, theirs


def timed(act: Callable[[], Any]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def writing(root: Place, sizes: dict[str, int], figures: dict[str, float]) -> Iterator[str]:
    """Batches as events come (three days each), and of days scattered over a year, which share no total."""
    for name, days in (("", 3), ("scattered_", 365)):
        yield from written(root, sizes, figures, name, days)


def written(root: Place, sizes: dict[str, int], figures: dict[str, float], name: str, days: int) -> Iterator[str]:
    """Batches of new words, counted and folded, and the same rows into the plain table, in turn; then words again."""
    chance, codes = Random(sizes["seed"]), flows()  # noqa: S311 - the same words each time
    leaves = list(Place.objects.filter(kind__in=("village", "grid")).order_by("pk").values_list("pk", flat=True))
    seconds: dict[str, list[float]] = {"count": [], "fold": [], "plain": [], "again": []}
    before, added = total(root, codes), 0
    for batch in range(sizes["batches"]):
        words = [
            Word(
                f"bench.{name}Record",
                batch * BATCH + n,
                chance.choice(codes),
                chance.choice(leaves),
                YEAR.since + timedelta(days=(batch * days + chance.randrange(days)) % 365),
                1,
            )
            for n in range(BATCH)
        ]
        counting = partial(actions.count, actor=BENCH, words=words)
        seconds["plain"].append(timed(partial(write_plain, words)))
        seconds["count"].append(timed(counting))
        seconds["fold"].append(timed(partial(actions.fold, actor=BENCH)))
        seconds["again"].append(timed(counting))
        added += len(words)
    middle = {name: statistics.median(taken) for name, taken in seconds.items()}
    figures |= {f"{name}{step}_per_s": round(BATCH / taken) for step, taken in middle.items()}
    figures[f"{name}write_times_plain"] = round((middle["count"] + middle["fold"]) / middle["plain"], 2)
    if total(root, codes) != before + added:
        yield "the written words are not the difference of the totals"


def write_plain(words: list[Word]) -> None:
    columns = [[getattr(one, name) for one in words] for name in ("metric", "place_id", "day", "amount")]
    prepared.rows(PLAIN_WRITE, columns)


def total(root: Place, codes: list[str]) -> int:
    return sum(queries.amounts(codes, [root.pk], YEAR).values())
