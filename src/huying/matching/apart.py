"""A plan made in a process of its own: its memory, some hundred megabytes, is given back when the plan is there.

Whoever asks needs numpy only. Compiled kernels are kept in a folder of the caller's, one for each version of them, so that
they are compiled once (some twenty seconds of processor time) and only read afterwards. Where there is little to plan the
kernels run as plain Python, which is as good and begins at once.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

from huying.matching.problem import Helpers, Ints, Needs, Prices, Week

LITTLE = 100_000
"""Needs times helpers up to which the kernels are not worth compiling: a second or two of plain Python."""


class Gap(NamedTuple):
    """Empty seats of a need: the rule that binds, how many passed each question; who could come (-1: nobody) if what bends."""

    need: int
    empty: int
    lack: str
    people: dict[str, int]
    helper: int
    bends: list[tuple[str, int]]


class Answer(NamedTuple):
    """Line i gives ``helper[i]`` to ``need[i]`` at ``cost[i]`` metres; ``total`` and its lower ``bound``; what stays empty."""

    need: Ints
    helper: Ints
    cost: Ints
    total: int
    bound: int
    gaps: list[Gap]


def run(helpers: Helpers, needs: Needs, week: Week, prices: Prices, *, kept: Path, seed: int = 0) -> Answer:
    """The plan for all ``needs`` with its gaps explained; ``kept`` is where compiled code may stay.

    BrokenProcessPool when the process dies: nothing was changed, ask again.
    """
    with planner(kept, size=len(helpers) * len(needs)) as planned:
        return planned(helpers, needs, week, prices, seed)


@contextmanager
def planner(kept: Path, *, size: int) -> Iterator[Callable[..., Answer]]:
    """``plan`` in a process that loads what it needs while the caller still reads; ``size`` is about how many needs times
    helpers there will be. BrokenProcessPool as in ``run``.
    """
    own = get_context("spawn")  # a fork would share our connections
    with ProcessPoolExecutor(1, own, initializer=_begin, initargs=(str(kept), size <= LITTLE)) as pool:
        pool.submit(_load)
        yield lambda *given: pool.submit(plan, *given).result()


def _load() -> None:
    """Load what a plan needs; where kernels are compiled, by planning a little made-up district: each is read at its first
    call, or compiled. Here it is done while the caller still reads.
    """
    from huying.matching import batch, district, explaining, index  # noqa: F401, PLC0415

    if os.environ.get("NUMBA_DISABLE_JIT") != "1":
        plan(district.volunteers(200), district.calls(50), district.WEEK, Prices())


def _begin(kept: str, plain: bool) -> None:
    from huying.matching import compiled  # noqa: PLC0415  before any kernel is there

    if plain:
        os.environ["NUMBA_DISABLE_JIT"] = "1"
    else:
        os.environ["NUMBA_CACHE_DIR"] = str(compiled.cache_folder(Path(kept)))


def plan(helpers: Helpers, needs: Needs, week: Week, prices: Prices, seed: int = 0) -> Answer:
    """The same in this process: everything else of the package is loaded here."""
    from huying.matching import batch, explaining, index  # noqa: PLC0415  kernels, and with them the compiler

    made = index.build(helpers, week, prices=prices, seed=seed)
    found = batch.assign(made, needs)
    gaps = []
    for one in explaining.explain(made, needs, found):
        way = one.relaxation
        bends = [(str(bend), amount) for bend, amount in way.bends] if way else []
        people = {str(rule): count for rule, count in one.people.items()}
        gaps.append(Gap(one.need, one.empty, str(one.lack), people, way.helper if way else -1, bends))
    return Answer(found.need, found.helper, found.cost, found.total, found.bound, gaps)
