"""What ``bench figures`` measures on: a country of seven levels, and the same invented facts as plain rows and as ours."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy
import psycopg
from django.conf import settings

from huying.figures.models import Metric, Unit
from huying.figures.queries import Period
from huying.figures.states import MetricKind
from huying.places import actions as place_actions
from huying.places.models import Place, PlaceKind

YEAR = Period.year(2026)
DAYS = (YEAR.until - YEAR.since).days
METRICS = 12
LARGEST = 5
SHAPE = (("province", 2), ("prefecture", 5), ("county", 8), ("town", 10), ("village", 4))
"""Kinds below the country, and how many under each; grids share what is left of all places among the villages."""
KIND = """
INSERT INTO places_placekind SELECT (jsonb_populate_record(k, '{"code": "country", "name": "国", "level": 5}')).*
FROM places_placekind k WHERE k.code = 'province'
"""
PLACES = """
INSERT INTO places_place (id, public_id, parent_id, kind_id, name, name_en, short_name, code, path, depth, crs, address,
    phone, flags, floor, purpose, host, status, closed_reason, source, sort_key, search_text, search_terms, created_at,
    changed_at)
SELECT id, gen_random_uuid(), parent, kind, kind || id, '', '', '', path, depth, 'WGS84', '',
    '', '{}', '', '', '', 'open', '', '', kind || id, kind || id, '{}', now(), now()
FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::text[], %s::int[]) p(id, parent, kind, path, depth)
"""
# One index, which answers the question without the rows. Places are numbered in preorder: a subtree is a range.
RAW = """
CREATE TABLE bench_raw (source_id bigint NOT NULL, place_id integer NOT NULL, day date NOT NULL, amount integer NOT NULL,
    source smallint NOT NULL, metric_id smallint NOT NULL);
GRANT ALL ON bench_raw TO PUBLIC
"""
RAW_INDEX = "CREATE INDEX bench_raw_read ON bench_raw (metric_id, place_id, day) INCLUDE (amount)"
# The tables as folding leaves them. Days are summed for the lowest places that have totals of days, then for those above.
FILLED = (
    """
    INSERT INTO figures_branch SELECT p.id, p.path, coalesce(k.level <= %(level)s, false)
    FROM places_place p JOIN places_placekind k ON k.code = p.kind_id
    """,
    """
    INSERT INTO figures_fact (place_id, metric_id, day, amount)
    SELECT place_id, metric_id, day, sum(amount) FROM bench_raw GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
    """,
    """
    CREATE TEMPORARY TABLE chain AS SELECT b.place_id, a.id AS above_id, a.n, up.daily FROM figures_branch b
    CROSS JOIN LATERAL unnest(string_to_array(btrim(b.path, '/'), '/')::bigint[]) WITH ORDINALITY a(id, n)
    JOIN figures_branch up ON up.place_id = a.id
    """,
    """
    INSERT INTO figures_total (place_id, metric_id, daily, since, amount)
    WITH own AS MATERIALIZED (
        SELECT place_id, metric_id, date_trunc('month', day::timestamp)::date AS since, sum(amount)::bigint AS amount
        FROM figures_fact GROUP BY 1, 2, 3)
    SELECT c.above_id, o.metric_id, false, o.since, sum(o.amount)
    FROM own o JOIN chain c USING (place_id) GROUP BY 1, 2, 4 ORDER BY 4, 2, 1
    """,
    """
    INSERT INTO figures_total (place_id, metric_id, daily, since, amount)
    WITH lowest AS MATERIALIZED (
        SELECT DISTINCT ON (place_id) place_id, above_id FROM chain WHERE daily ORDER BY place_id, n DESC),
    own AS MATERIALIZED (
        SELECT l.above_id AS place_id, f.metric_id, f.day, sum(f.amount)::bigint AS amount
        FROM figures_fact f JOIN lowest l USING (place_id) GROUP BY 1, 2, 3)
    SELECT c.above_id, o.metric_id, true, o.day, sum(o.amount)
    FROM own o JOIN chain c ON c.place_id = o.place_id AND c.daily GROUP BY 1, 2, 4 ORDER BY 4, 2, 1
    """,
)
TABLES = ("bench_raw", "figures_fact", "figures_total", "figures_branch", "figures_change", "figures_contribution")
PIECE = 1_000_000
EPOCH = numpy.datetime64("2000-01-01")
"""Day 0 of PostgreSQL's binary dates."""


@dataclass(frozen=True, slots=True)
class World:
    """``spans``: the keys of a place's subtree, as (first, last); ``leaves``: where facts happen; ``numbers``: of metrics."""

    spans: dict[int, tuple[int, int]]
    leaves: numpy.ndarray[Any, Any]
    metrics: list[Metric]
    root: Place

    @property
    def numbers(self) -> list[int]:
        return [one.number for one in self.metrics]


def fill(url: str, *, facts: int, places: int, seed: int) -> World:
    """Everything, with fresh statistics; the facts as columns in the bench's folder too, for others to read."""
    with psycopg.connect(url, autocommit=True) as owner:
        for text in ("statement_timeout = 0", "transaction_timeout = 0", "work_mem = '256MB'"):
            owner.execute(f"SET {text}")
        owner.execute("SET maintenance_work_mem = '512MB'")
        world = planted(owner, places)
        owner.execute(RAW)
        columns = invented(world, facts, seed)
        copied(owner, columns)
        kept(columns)
        owner.execute(RAW_INDEX)
        for text in FILLED:
            owner.execute(text, {"level": settings.HUYING_FIGURES_DAILY_LEVEL})
        for table in ("places_place", *TABLES):
            owner.execute(f"VACUUM ANALYZE {table}")
    return world


def planted(owner: psycopg.Connection[Any], places: int) -> World:
    """The tree in preorder, and what is counted in it: flows, as many as asked for."""
    if not PlaceKind.objects.exists():
        place_actions.install_first_rows()
    owner.execute(KIND)
    (first,) = owner.execute("SELECT coalesce(max(id), 0) + 1 FROM places_place").fetchone() or (1,)
    rows = list(preorder(first, places))
    owner.execute(PLACES, [list(column) for column in zip(*(row[:5] for row in rows), strict=True)])
    last = rows[-1][0]
    owner.execute("SELECT setval(pg_get_serial_sequence('places_place', 'id'), %s)", [last])
    spans = {key: (key, key) for key, *_rest in rows}
    for key, parent, *_rest in reversed(rows):
        if parent is not None:
            spans[parent] = (parent, max(spans[parent][1], spans[key][1]))
    leaves = numpy.array([key for key, _p, kind, *_rest in rows if kind in ("village", "grid")] or [last])
    return World(spans, leaves, metrics(), Place.objects.get(pk=first))


def metrics() -> list[Metric]:
    """A dozen flows; invented ones where the register brings fewer."""
    flows = Metric.objects.filter(kind=MetricKind.FLOW).order_by("code")
    for n in range(METRICS - flows.count()):
        unit, name = Unit.objects.all()[0], f"量{n}"
        Metric.objects.create(code=f"bench_{n}", name=name, unit=unit, kind=MetricKind.FLOW, counts=name)
    return list(flows[:METRICS])


def preorder(first: int, places: int) -> Iterator[tuple[int, int | None, str, str, int]]:
    """Key, parent, kind, path and depth of each place."""
    above, inner = 1, 1
    for _kind, each in SHAPE:
        above *= each
        inner += above
    shape = (*SHAPE, ("grid", max(0, round((places - inner) / above))))
    key = first

    def below(parent: int, path: str, level: int) -> Iterator[tuple[int, int | None, str, str, int]]:
        nonlocal key
        if level == len(shape):
            return
        kind, each = shape[level]
        for _ in range(each):
            key += 1
            own, deeper = key, f"{path}{key}/"
            yield own, parent, kind, deeper, level + 2
            yield from below(own, deeper, level + 1)

    yield first, None, "country", f"/{first}/", 1
    yield from below(first, f"/{first}/", 0)


def invented(world: World, facts: int, seed: int) -> dict[str, numpy.ndarray[Any, Any]]:
    """Facts as columns: place, day (since 1970), amount, metric."""
    chance = numpy.random.default_rng(seed)
    since = numpy.datetime64(YEAR.since).astype("datetime64[D]").astype("int32")
    return {
        "place": world.leaves[chance.integers(0, len(world.leaves), facts)].astype("int32"),
        "day": chance.integers(0, DAYS, facts, dtype="int32") + since,
        "amount": chance.integers(1, LARGEST + 1, facts, dtype="int32"),
        "metric": numpy.array(world.numbers, "int16")[chance.integers(0, len(world.numbers), facts)],
    }


def kept(columns: dict[str, numpy.ndarray[Any, Any]]) -> None:
    for name, column in columns.items():
        numpy.save(Path(os.environ["HUYING_DATA"], f"facts-{name}.npy"), column)


def copied(owner: psycopg.Connection[Any], columns: dict[str, numpy.ndarray[Any, Any]]) -> None:
    """PostgreSQL's binary rows, made a million at a time."""
    widths = (
        ("source_id", ">i8"),
        ("place_id", ">i4"),
        ("day", ">i4"),
        ("amount", ">i4"),
        ("source", ">i2"),
        ("metric", ">i2"),
    )
    layout = [
        ("fields", ">i2"),
        *((part, kind) for name, type_ in widths for part, kind in ((f"{name}_", ">i4"), (name, type_))),
    ]
    epoch = (EPOCH - numpy.datetime64("1970-01-01")).astype(int)
    with owner.cursor().copy("COPY bench_raw FROM STDIN (FORMAT binary)") as copy:
        copy.write(b"PGCOPY\n\xff\r\n\0" + bytes(8))
        for start in range(0, len(columns["place"]), PIECE):
            part = {name: column[start : start + PIECE] for name, column in columns.items()}
            rows = numpy.zeros(len(part["place"]), layout)
            rows["fields"] = len(widths)
            for name, type_ in widths:
                rows[f"{name}_"] = int(type_[2:])
            rows["source_id"] = numpy.arange(start, start + len(rows))
            rows["place_id"], rows["day"] = part["place"], part["day"] - epoch
            rows["amount"], rows["metric"] = part["amount"], part["metric"]
            copy.write(rows.tobytes())
        copy.write(b"\xff\xff")
