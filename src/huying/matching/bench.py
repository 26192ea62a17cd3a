"""``./huying bench dispatch``: a district of volunteers and its open calls, planned by us and by others in one run.

Everything is made up and in memory (``district``). Every plan is checked again without the kernels (``checking``), and the
peers get the very lists our plan ended with, so that solvers are compared and nothing else. Seconds are medians.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import resource
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from huying.matching import (
    auction,
    batch,
    certificate,
    checking,
    compiled,
    district,
    exact,
    explaining,
    greedy,
    library,
    shortest,
)
from huying.matching.index import Index, build
from huying.matching.listing import FAR_AWAY, Arcs, Listing
from huying.matching.online import best
from huying.matching.problem import Needs

PACKAGES = ("numpy", "numba", "ortools", "scipy")
PATIENCE = 30.0
"""Seconds after which a solver is not run once more for a better median."""
Figures = dict[str, Any]


def measure(volunteers: int, calls: int, *, rounds: int = 5, scipy_most: int = 20_000, seed: int = 1) -> Figures:
    """Figures for one number of calls, with ample and with scarce supply; ``wrong`` lists what is not as it must be."""
    compiling = timed(lambda: warm_up(seed), 1)[0]
    everybody, needs = district.volunteers(volunteers, seed), district.calls(calls, seed)
    seats = int(needs.headcount.sum())
    wrong: list[str] = []
    figures: Figures = {"compile_s": compiling, "memory_before_mb": peak_mb()}
    for supply, helpers in (("ample", everybody), ("scarce", district.on_duty(everybody, seats, seed))):
        taken, index = timed(lambda helpers=helpers: build(helpers, district.WEEK, seed=seed), rounds)  # type: ignore[misc]
        told: Figures = {"volunteers": len(helpers), "index_s": taken, "index_mb": index_mb(index)}
        told |= whole_batch(index, needs, rounds, wrong)
        if supply == "ample":
            told |= online(index, seed)
        told["peak_memory_mb"] = peak_mb()
        told["same_lists"] = solvers(index, needs, rounds, scipy_most, wrong)
        if supply == "ample" and library.INSTALLED:
            told |= library_to_the_proof(index, needs, told, wrong)
        figures[supply] = told
    sizes = {"volunteers": volunteers, "calls": calls, "seats": seats, "seed": seed, "rounds": rounds}
    return {"sizes": sizes, "versions": versions(), "figures": figures, "wrong": wrong}


def warm_up(seed: int) -> None:
    """Let every kernel be compiled."""
    index, needs = build(district.volunteers(2_000, seed), district.WEEK), district.calls(100, seed)
    for method in (batch.Method.EXACT, batch.Method.AUCTION):
        explaining.explain(index, needs, batch.assign(index, needs, method=method, longest=8))
    best(index, needs, 0)
    greedy.assign(Listing(index, index.asked(needs), first=4, workers=1).arcs()[0])


def whole_batch(index: Index, needs: Needs, rounds: int, wrong: list[str]) -> Figures:
    """The plan from needs to proof, by stage, and the explanation of what stays empty."""
    stages: dict[str, list[float]] = {}
    entries: list[int] = []

    def once() -> batch.Plan:
        last = [time.perf_counter()]
        spent = dict.fromkeys(("lists", "solve", "fill"), 0.0)

        def told(stage: str) -> None:
            spent[stage] += time.perf_counter() - last[0]
            last[0] = time.perf_counter()

        made = batch.assign(index, needs, told=told)
        for stage, seconds in spent.items():
            stages.setdefault(stage, []).append(seconds)
        entries.append(made.entries)
        return made

    taken, plan = timed(once, rounds)
    wrong += checking.faults(index, needs, plan)
    explained, shortfalls = timed(lambda: explaining.explain(index, needs, plan), 1)
    if len(shortfalls) != np.count_nonzero(plan.empty):
        wrong.append("an empty seat has no reason")
    return {
        "batch_s": taken,
        **{f"{stage}_s": round(statistics.median(seconds), 4) for stage, seconds in stages.items()},
        "method": plan.method,
        "grown": plan.grown,
        "entries": entries[-1],
        "total": plan.total,
        "bound": plan.bound,
        "certified_gap_percent": round(100 * plan.gap, 4),
        "proven": plan.proven,
        "empty_seats": int(plan.empty.sum()),
        "explain_s": explained,
        "explained_needs": len(shortfalls),
    }


def library_to_the_proof(index: Index, needs: Needs, ours: Figures, wrong: list[str]) -> Figures:
    """OR-Tools on the way we go: lists that grow until nobody left out could matter, here by solving again. Once."""
    last, spent = [time.perf_counter()], {}

    def told(stage: str) -> None:
        spent[stage] = time.perf_counter() - last[0]
        last[0] = time.perf_counter()

    plan = batch.assign(index, needs, method=batch.Method.LIBRARY, told=told)
    if ours["proven"] and plan.proven and plan.total != ours["total"]:
        wrong.append(f"OR-Tools proves {plan.total}, we {ours['total']}")
    taken = spent["solve"]
    return {
        "ortools_to_the_proof": {
            "solve_s": round(taken, 4),
            "proven": plan.proven,
            "entries": plan.entries,
            "times_own": round(taken / max(ours["solve_s"], 1e-9), 2),
        }
    }


def lists_of_the_plan(index: Index, needs: Needs) -> Arcs:
    """The lists with which the plan was made, cheapest first, of the helpers they name: enough for its proof."""
    asked, _ = batch.rarest_first(index, index.asked(needs))
    lists, state, _ = batch.solved(Listing(index, asked, first=batch.FIRST, workers=2), batch.Method.AUTO)
    whole = certificate.arcs_of(
        lists, np.array(asked.needs["headcount"]), np.array(asked.needs["unserved"]), state.capacity
    )
    order = np.lexsort((whole.cost, np.repeat(np.arange(len(whole.seats)), np.diff(whole.start))))
    known, who = np.unique(whole.who[order], return_inverse=True)
    return whole._replace(who=who, cost=whole.cost[order], capacity=whole.capacity[known])


def solvers(index: Index, needs: Needs, rounds: int, scipy_most: int, wrong: list[str]) -> Figures:
    """Each solver on the same lists: seconds and total, and by how much it is above the cheapest total of these lists."""
    arcs = lists_of_the_plan(index, needs)
    told: Figures = {"entries": len(arcs.who)}
    runs: dict[str, Callable[[], Any]] = {
        "own_exact": lambda: by_paths(arcs),
        "own_auction": lambda: auction.assign(arcs, batch.STEP)[0],
        "ortools": lambda: library.assign(arcs),
        "scipy": lambda: by_scipy(arcs),
        "greedy": lambda: greedy.assign(arcs),
    }
    if not library.INSTALLED:
        runs.pop("ortools")
    if int(arcs.seats.sum()) > scipy_most or "scipy" not in versions():
        runs.pop("scipy")
    totals = {}
    for name, run in runs.items():
        seconds, at = timed(run, rounds)
        totals[name] = int(certificate.costs_of(arcs, at).sum())
        told[name] = {"s": seconds, "total": totals[name], "empty": int(np.count_nonzero(at == shortest.EMPTY))}
    least = min(totals.values())
    for name, total in totals.items():
        told[name]["above_least_percent"] = round(100 * (total - least) / max(least, 1), 4)
        told[name]["times_own_exact"] = round(told[name]["s"] / max(told["own_exact"]["s"], 1e-9), 2)
        if name in {"own_exact", "ortools", "scipy"} and total != least:
            wrong.append(f"{name} found {total} where {least} is possible")
    return told


def by_paths(arcs: Arcs) -> Any:
    state = exact.assign(arcs, FAR_AWAY - 1)
    return np.zeros(0) if state is None else state.at


def by_scipy(arcs: Arcs) -> Any:
    """SciPy's sparse matching (LAPJVsp): a row for each seat, a column for each person and for each empty seat."""
    from scipy import sparse  # noqa: PLC0415  a peer, not a part
    from scipy.sparse import csgraph  # noqa: PLC0415

    need = np.repeat(np.arange(len(arcs.seats)), arcs.seats)
    lengths = np.diff(arcs.start)[need]
    entry = np.arange(int(lengths.sum())) + np.repeat(arcs.start[need] - np.cumsum(lengths) + lengths, lengths)
    seats, helpers = len(need), len(arcs.capacity)
    rows = np.concatenate([np.repeat(np.arange(seats), lengths), np.arange(seats)])
    columns = np.concatenate([arcs.who[entry], helpers + np.arange(seats)])
    costs = np.concatenate([arcs.cost[entry], arcs.unserved[need]]) + 1.0
    graph = sparse.csr_array((costs, (rows, columns)), shape=(seats, helpers + seats))
    found = csgraph.min_weight_full_bipartite_matching(graph)[1]
    return np.where(found < helpers, found, shortest.EMPTY)


def online(index: Index, seed: int, questions: int = 300) -> Figures:
    """Milliseconds to find, price and explain the best 20 for one call."""
    asked = district.calls(questions, seed + 1)
    one = [
        Needs(**{name: _row(getattr(asked, name), r) for name in Needs.__dataclass_fields__}) for r in range(questions)
    ]
    taken = []
    for needs in one:
        began = time.perf_counter()
        best(index, needs, 0)
        taken.append(1_000 * (time.perf_counter() - began))
    middle, late, worst = np.percentile(taken, [50, 99, 100]).round(3).tolist()
    return {"online_p50_ms": middle, "online_p99_ms": late, "online_worst_ms": worst}


def _row(value: Any, r: int) -> Any:
    return type(value).none(1) if hasattr(value, "none") else value[r : r + 1]


def timed(run: Callable[[], Any], rounds: int) -> tuple[float, Any]:
    """Median seconds of ``rounds`` runs (fewer when PATIENCE ends) and the last result."""
    taken: list[float] = []
    result = None
    while len(taken) < rounds and sum(taken) < PATIENCE:
        began = time.perf_counter()
        result = run()
        taken.append(time.perf_counter() - began)
    return round(statistics.median(taken), 5), result


def index_mb(index: Index) -> float:
    arrays = (index.rows, *index.ground.lists, index.ids, index.places)
    return round(sum(one.nbytes for one in arrays) / 1e6, 1)


def peak_mb() -> float:
    """The most memory this process ever held, in MB."""
    unit = 1e6 if sys.platform == "darwin" else 1e3
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit, 1)


def versions() -> dict[str, str]:
    told = {}
    for name in PACKAGES:
        try:
            told[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return told | {"kernels": "compiled" if compiled.INSTALLED else "plain"}


def main(argv: list[str]) -> int:
    """Print the figures as one JSON document; 1 when something was wrong."""
    parser = argparse.ArgumentParser(prog="./huying bench dispatch")
    parser.add_argument("--volunteers", type=int, default=910_000)
    parser.add_argument("--calls", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument(
        "--scipy-most", type=int, default=20_000, help="leave SciPy out above so many seats: it takes minutes"
    )
    parser.add_argument("--seed", type=int, default=1)
    told = measure(**vars(parser.parse_args(argv)))
    sys.stdout.write(json.dumps(told, ensure_ascii=False) + "\n")
    return 1 if told["wrong"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
