"""How fast a subtree is summed by child and month, and what a counted record costs: beside raw facts and DuckDB."""

from __future__ import annotations

import json
import os
import resource
import statistics
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import django
import psycopg
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from huying.figures import actions, queries
from huying.figures.management.filling import YEAR, World, fill
from huying.figures.models import Metric
from huying.figures.states import Grain, Word
from huying.kernel import prepared
from huying.kernel.actor import Actor
from huying.kernel.cli.bench import peer
from huying.kernel.transactions import begin
from huying.places.models import Place

BENCH = Actor.system("figures.bench")
BATCH = 10_000
OFTEN = 40
"""Our own answers of one round: they are short."""
ANSWERS = 3
"""Those of DuckDB."""
LEVELS = {"root": "country", "province": "province", "city": "prefecture", "county": "county", "town": "town"}
GOALS = {"root_to_raw": 1000, "root_to_duckdb_native": 100, "root_to_duckdb_parquet": 100}
MOST_TO_RAW = 5
YEAR_DAYS = (YEAR.until - YEAR.since).days
WRITTEN = (("", 3, 5), ("each_", 3, 1), ("scattered_", YEAR_DAYS, 5))
"""Name, days that the words of one batch fall on, and batches counted before they are folded. Twenty million a year are
fifty-five thousand a day, and folding takes fifty thousand at once: so the first is how it goes. The others are harder:
folded after each batch, and words of a whole year, which share hardly a total.
"""
# The quickest of three ways that were tried: each child's range of the index by itself.
RAW_SUM = """
SELECT c.id, s.month, s.amount FROM unnest(%(ids)s::int[], %(lasts)s::int[]) c(id, last) CROSS JOIN LATERAL (
    SELECT date_trunc('month', r.day::timestamp)::date AS month, sum(r.amount)::bigint AS amount FROM bench_raw r
    WHERE r.metric_id = %(metric)s::smallint AND r.place_id BETWEEN c.id AND c.last
        AND r.day >= %(since)s AND r.day < %(until)s GROUP BY 1) s
"""
RAW_WRITE = """
INSERT INTO bench_raw (source, source_id, metric_id, place_id, day, amount)
SELECT * FROM unnest(%s::smallint[], %s::bigint[], %s::smallint[], %s::int[], %s::date[], %s::int[])
"""
SIZES = """
SELECT c.relname, pg_table_size(c.oid), pg_indexes_size(c.oid) FROM pg_class c
WHERE c.relname IN ('bench_raw', 'figures_fact', 'figures_total', 'figures_contribution')
"""
Answer = list[tuple[int, str, int]]


class Command(BaseCommand):
    help = "Measure figures (started by ./huying bench figures, on a database that is thrown away)."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--facts", type=int, default=20_000_000)
        parser.add_argument("--places", type=int, default=20_000)
        parser.add_argument("--rounds", type=int, default=5, help="of each question; the middle one counts")
        parser.add_argument("--batches", type=int, default=7, help="rounds of writing, each way in turn")
        parser.add_argument("--batch", type=int, default=BATCH, help="words of one batch")
        parser.add_argument("--without-peer", action="store_true", help="leave DuckDB out")
        parser.add_argument(
            "--goals", action="store_true", help="fail where a goal is missed; they are for the full size"
        )
        parser.add_argument("--seed", type=int, default=7)

    def handle(self, *args: Any, **options: Any) -> None:
        url = os.environ.get("HUYING_BENCH_OWNER_URL")
        if not url or not os.environ.get("HUYING_BENCH"):
            raise CommandError("This fills the database with facts: run ./huying bench figures")
        if not options["without_peer"]:
            import duckdb  # noqa: F401, PLC0415 - one that is not there is told before everything is filled
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT set_config('statement_timeout', '0', false), set_config('transaction_timeout', '0', false)"
            )
        figures: dict[str, float] = {}
        actions.install_first_rows()
        began = time.monotonic()
        world = fill(url, **{name: options[name] for name in ("facts", "places", "seed")})
        figures["filling_s"] = round(time.monotonic() - began, 1)
        versions = {"django": django.__version__, "psycopg": psycopg.__version__, "postgresql": server_version()}
        wrong = list(reading(world, options, figures, versions))
        for name, days, together in WRITTEN:
            writing(world, options, figures, name, days, together)
        figures |= sizes()
        wrong += differing(world, "after writing")
        figures["peak_mb"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
        missed = list(misses(figures))
        told = {name: options[name] for name in ("facts", "rounds", "batches", "batch", "seed")}
        told |= {"places": len(world.spans), "metrics": len(world.metrics), "days": YEAR_DAYS}
        document = {"versions": versions, "sizes": told, "figures": figures, "missed": missed, "wrong": wrong}
        self.stdout.write(json.dumps(document, ensure_ascii=False))
        if wrong or (missed and options["goals"]):
            raise CommandError("; ".join([*wrong, *missed]))


def reading(
    world: World, options: dict[str, Any], figures: dict[str, float], versions: dict[str, str]
) -> Iterator[str]:
    """Sum by child and month at each level: ours, raw and DuckDB in turn; what differs, as sentences."""
    Path(os.environ["HUYING_DATA"], "questions.json").write_text(json.dumps([asked(world, one) for one in LEVELS]))
    if not options["without_peer"]:
        built = peer("figures", build=1)
        figures |= {f"duckdb_{name}": built[name] for name in ("parquet_mb", "native_mb")}
    ours: dict[str, list[float]] = {level: [] for level in LEVELS}
    middles: dict[str, list[float]] = {}
    answers: dict[str, Answer] = {}
    for _ in range(options["rounds"]):
        for level in LEVELS:
            at, taken = place_at(world, level), []
            for _each in range(OFTEN):
                taken.append(timed(partial(door, world, at)))
            ours[level] += taken[1:]
            middles.setdefault(level, []).append(statistics.median(taken))
            raw(world, at)  # once for the server's memory
            middles.setdefault(f"{level}_raw", []).append(timed(partial(raw, world, at)))
        if not options["without_peer"]:
            told = peer("figures", rounds=ANSWERS)
            answers, versions["duckdb"] = told["answers"], told["version"]
            figures["duckdb_peak_mb"] = told["peak_mb"]
            for name, taken_by in told["milliseconds"].items():
                for level, value in taken_by.items():
                    middles.setdefault(f"{level}_duckdb_{name}", []).append(value)
    figures |= told_of(ours, middles)
    odd = queries.Period(YEAR.since + timedelta(days=41), YEAR.until - timedelta(days=42))
    value = [timed(lambda: queries.value(BENCH, world.metrics[0], world.root, odd)) for _ in range(OFTEN)]
    figures["odd_days_ms"] = round(statistics.median(value), 3)
    yield from differing(world, "at first")
    for level in answers:
        if raw(world, place_at(world, level)) != [tuple(row) for row in answers[level]]:
            yield f"DuckDB and the raw facts differ at the {level}"


def told_of(ours: dict[str, list[float]], middles: dict[str, list[float]]) -> dict[str, float]:
    """Milliseconds, and how many times as long the others take: each round by itself, then the middle round."""
    told = {f"{name}_ms": round(statistics.median(values), 3) for name, values in middles.items()}
    for level, values in ours.items():
        told[f"{level}_p99_ms"] = round(statistics.quantiles(values, n=100)[98], 3)
        for name, others in middles.items():
            if name.startswith(f"{level}_"):
                ratios = [other / own for own, other in zip(middles[level], others, strict=True)]
                told[f"{level}_to_{name.removeprefix(f'{level}_')}"] = round(statistics.median(ratios), 1)
    return told


def misses(figures: dict[str, float]) -> Iterator[str]:
    """Goals of docs/decisions/0025 that these figures do not reach."""
    for name, least in GOALS.items():
        if figures.get(name, least) < least:
            yield f"{name} is {figures[name]}, not {least}"
    if figures["write_to_raw"] > MOST_TO_RAW:
        yield f"writing costs {figures['write_to_raw']} times the raw rows, not {MOST_TO_RAW}"


def place_at(world: World, level: str) -> Place:
    return Place.objects.filter(kind=LEVELS[level], path__startswith=world.root.path).order_by("pk")[0]


def children(world: World, at: Place) -> list[tuple[int, int]]:
    """First and last key of each child's subtree."""
    keys = Place.objects.filter(parent=at).order_by("pk").values_list("pk", flat=True)
    return [world.spans[key] for key in keys]


def asked(world: World, level: str) -> dict[str, Any]:
    """One question as DuckDB reads it."""
    at = place_at(world, level)
    first, last = world.spans[at.pk]
    period = {"since": YEAR.since.isoformat(), "until": YEAR.until.isoformat()}
    metric = world.metrics[0].number
    return {"level": level, "metric": metric, "first": first, "last": last, **period, "children": children(world, at)}


def door(world: World, at: Place) -> Answer:
    """As pages ask."""
    found = queries.by_child_and_time(BENCH, world.metrics[0], at, YEAR, Grain.MONTH)
    return sorted((child, day.isoformat(), amount) for child, months in found.items() for day, amount in months.items())


def raw(world: World, at: Place, metric: Metric | None = None) -> Answer:
    """The same of the raw facts."""
    ids, lasts = zip(*children(world, at), strict=True)
    values = {"ids": list(ids), "lasts": list(lasts), "since": YEAR.since, "until": YEAR.until}
    rows = prepared.rows(RAW_SUM, values | {"metric": (metric or world.metrics[0]).number})
    return sorted((child, day.isoformat(), amount) for child, day, amount in rows)


def differing(world: World, when: str) -> Iterator[str]:
    """Sums of ours that are not those of the raw facts: every metric at the root, one at each level."""
    for level in LEVELS:
        for metric in world.metrics if level == "root" else world.metrics[:1]:
            at = place_at(world, level)
            found = queries.by_child_and_time(BENCH, metric, at, YEAR, Grain.MONTH)
            flat = sorted((key, day.isoformat(), n) for key, days in found.items() for day, n in days.items())
            if [one for one in flat if one[2]] != raw(world, at, metric):
                yield f"{metric.code} at the {level} differs from the raw facts {when}"


def timed(act: Callable[[], Any]) -> float:
    """Milliseconds."""
    began = time.perf_counter()
    act()
    return (time.perf_counter() - began) * 1000


def writing(
    world: World, options: dict[str, Any], figures: dict[str, float], name: str, days: int, together: int
) -> None:
    """Batches of new words, counted and folded, and the same as raw rows, in turn; then words that are known. Each round
    is a day later than the one before.
    """
    size, chance = options["batch"], Random(options["seed"])  # noqa: S311 - the same each time
    taken: dict[str, list[float]] = {"raw": [], "count": [], "fold": [], "again": []}
    for each in range(options["batches"] + 1):
        batches = [words_of(world, chance, name, each * together + n, each, days, size) for n in range(together)]
        spent = dict.fromkeys(taken, 0.0)
        for words in batches:
            spent["raw"] += timed(partial(write_raw, world, words))
            spent["count"] += timed(partial(actions.count, actor=BENCH, words=words))
        spent["fold"] += timed(partial(actions.fold, actor=BENCH))
        spent["again"] += timed(partial(actions.count, actor=BENCH, words=batches[0])) * together
        for step, value in spent.items():
            taken[step].append(value)
    kept = {step: values[1:] for step, values in taken.items()}  # the first warms up
    kept["write"] = [count + fold for count, fold in zip(kept["count"], kept["fold"], strict=True)]
    for step, values in kept.items():
        figures[f"{name}{step}_per_s"] = round(size * together / statistics.median(values) * 1000)
    ratios = [mine / other for mine, other in zip(kept["write"], kept["raw"], strict=True)]
    figures[f"{name}write_to_raw"] = round(statistics.median(ratios), 2)


def words_of(world: World, chance: Random, name: str, batch: int, day: int, days: int, size: int) -> list[Word]:
    """One batch: any metric, any place where facts happen, one of ``days`` days."""
    codes = [one.code for one in world.metrics]
    return [
        Word(
            f"bench.{name}Record",
            batch * size + n,
            chance.choice(codes),
            int(world.leaves[chance.randrange(len(world.leaves))]),
            YEAR.since + timedelta(days=(day + chance.randrange(days)) % YEAR_DAYS),
            1,
        )
        for n in range(size)
    ]


def write_raw(world: World, words: list[Word]) -> None:
    """As ``count`` hands over its words, so that only the tables differ."""
    numbers = {one.code: one.number for one in world.metrics}
    rows = [(1, one.source_id, numbers[one.metric], one.place_id, one.day, one.amount) for one in words]
    with begin(BENCH):
        prepared.rows(RAW_WRITE, [f"{{{','.join(map(str, column))}}}" for column in zip(*rows, strict=True)])


def sizes() -> dict[str, float]:
    """Megabytes on disk."""
    told: dict[str, float] = {}
    with connection.cursor() as cursor:
        cursor.execute(SIZES)
        for table, rows, indexes in cursor.fetchall():
            told |= {f"{table}_mb": round(rows / 2**20, 1), f"{table}_index_mb": round(indexes / 2**20, 1)}
    return told


def server_version() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        return str(cursor.fetchone()[0])
