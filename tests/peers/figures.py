"""DuckDB answering what ``bench figures`` asks, from the same facts: a sorted Parquet file, and its own sorted table.

``python tests/peers/figures.py --build=1`` makes both of the columns that the bench left in HUYING_DATA; with ``--rounds=5``
it answers each question of HUYING_DATA/questions.json so many times, after one that warms up. Each question is put in
two ways, as ranges of children and by a table of places, and the faster counts. Prints JSON; times in milliseconds.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import sys
import time
from pathlib import Path
from typing import Any

import duckdb
import numpy

COLUMNS = ("place", "day", "amount", "metric")
SOURCES = {"parquet": "read_parquet('{folder}/facts.parquet')", "native": "facts"}
WHERE = "f.metric = $metric AND f.place BETWEEN $first AND $last AND f.day >= $since::DATE AND f.day < $until::DATE"
WAYS = {
    "ranges": "JOIN children c ON f.place BETWEEN c.id AND c.last",
    "places": "JOIN (SELECT p.range AS place, c.id FROM children c, range(c.id, c.last + 1) p) c ON c.place = f.place",
}
ASKED = """
SELECT c.id, date_trunc('month', f.day)::DATE, sum(f.amount)::BIGINT FROM {source} f {way} WHERE {where} GROUP BY 1, 2
"""


def main() -> None:
    reading = argparse.ArgumentParser()
    reading.add_argument("--build", type=int, default=0)
    reading.add_argument("--rounds", type=int, default=5)
    options = reading.parse_args()
    folder = Path(os.environ["HUYING_DATA"])
    base = duckdb.connect(str(folder / "facts.duckdb"))
    told = built(base, folder) if options.build else answered(base, folder, options.rounds)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    json.dump({**told, "version": duckdb.__version__, "peak_mb": round(peak)}, sys.stdout)


def built(base: duckdb.DuckDBPyConnection, folder: Path) -> dict[str, Any]:
    columns = {name: numpy.load(folder / f"facts-{name}.npy", mmap_mode="r") for name in COLUMNS}
    base.register("columns", columns)
    base.execute(
        "CREATE TABLE facts AS SELECT place, DATE '1970-01-01' + day AS day, amount, metric FROM columns"
        " ORDER BY metric, place, day"
    )
    base.execute(f"COPY (SELECT * FROM facts ORDER BY metric, place, day) TO '{folder}/facts.parquet' (FORMAT parquet)")
    base.execute("CHECKPOINT")
    sizes = {
        name: (folder / f"facts.{ending}").stat().st_size
        for name, ending in (("parquet", "parquet"), ("native", "duckdb"))
    }
    return {f"{name}_mb": round(size / 2**20, 1) for name, size in sizes.items()}


def answered(base: duckdb.DuckDBPyConnection, folder: Path, rounds: int) -> dict[str, Any]:
    """Milliseconds of the middle answer, by source and level, and what was answered last; the ways must agree."""
    taken: dict[str, dict[str, float]] = {name: {} for name in SOURCES}
    answers: dict[str, list[tuple[int, str, int]]] = {}
    for asked in json.loads((folder / "questions.json").read_text()):
        base.execute("CREATE OR REPLACE TEMP TABLE children (id INTEGER, last INTEGER)")
        base.executemany("INSERT INTO children VALUES (?, ?)", asked["children"])
        values = {name: asked[name] for name in ("metric", "first", "last", "since", "until")}
        for name, source in SOURCES.items():
            best = []
            for way in WAYS.values():
                text = ASKED.format(source=source.format(folder=folder), way=way, where=WHERE)
                middle, rows = timed(base, text, values, rounds)
                best.append(middle)
                same = sorted((child, month.isoformat(), amount) for child, month, amount in rows)
                if answers.setdefault(asked["level"], same) != same:
                    sys.exit(f"DuckDB answers the {asked['level']} in two ways")
            taken[name][asked["level"]] = min(best)
    return {"milliseconds": taken, "answers": answers}


def timed(base: duckdb.DuckDBPyConnection, text: str, values: dict[str, Any], rounds: int) -> tuple[float, list[Any]]:
    taken, rows = [], []
    for _ in range(rounds + 1):
        began = time.perf_counter()
        rows = base.execute(text, values).fetchall()
        taken.append((time.perf_counter() - began) * 1000)
    return statistics.median(taken[1:]), rows


if __name__ == "__main__":
    main()
