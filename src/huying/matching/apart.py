"""A plan made in a process of its own: its memory, some hundred megabytes, is given back when the plan is there.

Whoever asks needs numpy only. Compiled kernels are kept in a folder of the caller's, one for each version of them, so that
they are compiled once (some twenty seconds of processor time) and only read afterwards. Where there is little to plan the
kernels run as plain Python, which is as good and begins at once.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from huying.matching.problem import Helpers, Ints, Needs, Prices, Week

if TYPE_CHECKING:
    from huying.matching.index import Index

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


@dataclass(frozen=True)
class Planner:
    """A process that plans: tell it the helpers, and while it puts them into an index find out what the needs are."""

    pool: ProcessPoolExecutor

    def know(self, helpers: Helpers, week: Week, prices: Prices, seed: int = 0) -> None:
        """The helpers; nothing is waited for. What is wrong with them is raised by ``plan``."""
        self.pool.submit(_know, packed(helpers), week, prices, seed)

    def plan(self, needs: Needs) -> Answer:
        """The plan for all ``needs`` with its gaps explained, for the helpers told last.

        BrokenProcessPool when the process dies: nothing was changed, ask again.
        """
        return self.pool.submit(_plan, needs).result()


@contextmanager
def planner(kept: Path, *, size: int) -> Iterator[Planner]:
    """A process that loads what it needs while the caller still reads; ``size`` is about how many needs times helpers
    there will be.
    """
    own = get_context("spawn")  # a fork would share our connections
    pool = ProcessPoolExecutor(1, own, initializer=_begin, initargs=(str(kept), size <= LITTLE))
    try:
        pool.submit(_load)
        yield Planner(pool)
    finally:
        pool.shutdown(wait=False)  # it gives its memory back in its own time: nothing more is asked of it


def packed(helpers: Helpers) -> dict[str, Any]:
    """The columns in the least that holds their numbers: one number where all are alike. A third of the way to go."""
    return {name: _least(values) for name, values in vars(helpers).items()}


def _least(values: Any) -> Any:
    if not len(values) or values.dtype != np.int64:
        return values
    low, high = int(values.min()), int(values.max())
    return low if low == high else values.astype(np.result_type(np.min_scalar_type(low), np.min_scalar_type(high)))


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
    from huying.matching import index  # noqa: PLC0415  kernels, and with them the compiler

    return _answer(index.build(helpers, week, prices=prices, seed=seed), needs)


_known: list[Index | ValueError] = []
"""In a process of its own: the helpers that it was told last, or what was wrong with them."""


def _know(columns: dict[str, Any], week: Week, prices: Prices, seed: int) -> None:
    from huying.matching import index  # noqa: PLC0415  the same

    try:
        found: Index | ValueError = index.build(Helpers.make(**columns), week, prices=prices, seed=seed)
    except ValueError as trouble:
        found = trouble
    _known[:] = [found]


def _plan(needs: Needs) -> Answer:
    (known,) = _known
    if isinstance(known, ValueError):
        raise known
    return _answer(known, needs)


def _answer(made: Index, needs: Needs) -> Answer:
    from huying.matching import batch, explaining  # noqa: PLC0415  the same

    found = batch.assign(made, needs)
    gaps = []
    for one in explaining.explain(made, needs, found):
        way = one.relaxation
        bends = [(str(bend), amount) for bend, amount in way.bends] if way else []
        people = {str(rule): count for rule, count in one.people.items()}
        gaps.append(Gap(one.need, one.empty, str(one.lack), people, way.helper if way else -1, bends))
    return Answer(found.need, found.helper, found.cost, found.total, found.bound, gaps)
