from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from huying.matching import (
    auction,
    batch,
    certificate,
    compiled,
    district,
    exact,
    greedy,
    index,
    library,
    scanning,
    shortest,
)
from huying.matching.listing import FAR_AWAY, Arcs
from huying.matching.problem import Lists

SAY_ALL = """
from dataclasses import replace
from huying.matching import batch, district, explaining, index, online
from huying.matching.problem import Lists
def told():
    helpers = district.volunteers(400)
    needs = replace(district.calls(40), last=Lists.of([[n, 5 * n + 7] for n in range(40)]))
    made = index.build(helpers, district.WEEK, seed=3)
    for method in ("exact", "auction"):
        plan = batch.assign(made, needs, method=batch.Method(method), first=2)
        yield plan.need.tolist(), plan.helper.tolist(), plan.total, plan.bound, plan.grown
        yield explaining.explain(made, needs, plan)
    yield online.best(made, needs, 0)
"""
KEEP_ONE = """
import numpy
from huying.matching import shortest
shortest.push(shortest.Search(*[numpy.zeros(5, numpy.int64) for _ in shortest.Search._fields]), 1, 1)
"""


def run(code: str, **env: str) -> str:
    source = Path(__file__).resolve().parents[3]
    argv = [sys.executable, "-c", code]
    done = subprocess.run(argv, env={"PYTHONPATH": str(source), **env}, capture_output=True, text=True, check=True)
    return done.stdout


def test_compiled_kernels_say_the_same_as_plain_ones() -> None:
    assert compiled.INSTALLED
    here: dict[str, Any] = {}
    exec(SAY_ALL, here)

    plain = run(f"{SAY_ALL}\nprint([*map(str, told())])", NUMBA_DISABLE_JIT="1")

    assert plain.strip() == str([*map(str, here["told"]())])


def test_compiled_code_is_kept_only_where_a_folder_is_named(tmp_path: Path) -> None:
    run(KEEP_ONE)
    run(KEEP_ONE, NUMBA_CACHE_DIR=str(tmp_path))

    assert list(tmp_path.rglob("*.nbc"))
    assert not list(Path(shortest.__file__).parent.rglob("*.nbc"))


def lists(seed: int, needs: int, helpers: int) -> Arcs:
    """Random lists, rising by cost, with teams among the helpers."""
    draw = np.random.default_rng(seed)
    rows = [np.sort(draw.choice(helpers, draw.integers(0, helpers), replace=False)) for _ in range(needs)]
    costs = [np.sort(draw.integers(0, 40, len(row))) for row in rows]
    start = np.concatenate([[0], np.cumsum([len(row) for row in rows])])
    facts = draw.integers(1, 4, needs), draw.integers(20, 60, needs), draw.integers(1, 3, helpers)
    return Arcs(start, np.concatenate(rows), np.concatenate(costs), *facts)


def test_own_kernel_and_library_find_the_same_total_and_both_are_proven() -> None:
    for seed in range(60):
        a = lists(seed, needs=12, helpers=14)
        state = exact.assign(a, FAR_AWAY - 1)
        theirs = library.assign(a)
        nobody_beyond = np.full(len(a.seats), FAR_AWAY)

        assert state is not None
        ours = int(certificate.costs_of(a, state.at).sum())
        assert ours == int(state.paid.sum()) == int(certificate.costs_of(a, theirs).sum())
        assert certificate.bound(a, state.helpers["price"], nobody_beyond).value == ours
        assert certificate.bound(a, certificate.prices_of(a, theirs), nobody_beyond).value == ours
        assert (state.helpers["price"] <= 0).all()


def test_any_prices_give_a_bound_and_tightening_never_lowers_it() -> None:
    for seed in range(60):
        a = lists(seed, needs=12, helpers=14)
        at, price = auction.assign(a, 7)
        nobody_beyond = np.full(len(a.seats), FAR_AWAY)
        total = int(certificate.costs_of(a, at).sum())
        best = int(certificate.costs_of(a, library.assign(a)).sum())

        plain = certificate.bound(a, price, nobody_beyond).value
        tight = certificate.bound(a, certificate.tightened(a, price), nobody_beyond).value
        of_greedy = certificate.bound(a, certificate.prices_of(a, greedy.assign(a)), nobody_beyond).value

        assert plain <= tight <= best <= total <= best + 7 * len(at)
        assert of_greedy <= best


def test_work_above_the_budget_gives_nothing() -> None:
    assert exact.assign(lists(1, needs=12, helpers=14), 5) is None


def test_who_came_last_time_costs_the_same_where_nothing_is_compiled() -> None:
    """NumPy's numbers of four bytes do not grow when they are moved; those of compiled code do."""
    made, needs = index.build(district.volunteers(400), district.WEEK, seed=3), district.calls(1)
    known = int(batch.assign(made, needs).helper[0])
    asked = made.asked(replace(needs, last=Lists.of([[known]])))
    keys, who = np.empty(1, np.int64), np.empty(1, np.int32)
    nobody = scanning.Off(np.zeros(0, np.int64), np.zeros(0, np.int64))
    plain = getattr(scanning.greet, "py_func", scanning.greet)

    assert plain(made.ground, asked, 0, nobody, keys, who) == 1
    assert keys[0] >> scanning.RANK_BITS == batch.pair_costs(made, asked, np.zeros(1, np.int64), who)[0] > 0
