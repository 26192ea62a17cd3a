"""The package asked in a process of its own, in plain Python: for tests that have no time to compile kernels."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context

from huying.matching import apart
from huying.matching.problem import Helpers, Needs, Prices, Week


@contextmanager
def process() -> Iterator[ProcessPoolExecutor]:
    with ProcessPoolExecutor(1, get_context("spawn"), initializer=apart._begin, initargs=("", True)) as pool:
        yield pool


def best(helpers: Helpers, week: Week, prices: Prices, needs: Needs, count: int) -> list[list[tuple[int, int]]]:
    """For each need the cheapest helpers (the caller's numbers) with their costs; to be run in ``process``."""
    from huying.matching import index, online

    made = index.build(helpers, week, prices=prices)
    return [[(one.helper, one.cost) for one in online.best(made, needs, row, count)] for row in range(len(needs))]
