"""Lists of the cheapest helpers of many needs, made longer where the certificate asks for it."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np

from huying.matching import scanning
from huying.matching.index import Array, Asked, Index

FAR_AWAY = 1 << 62


class Arcs(NamedTuple):
    """Complete lists, cheapest first: those of need r at ``start[r]:start[r + 1]``; ``seats`` and ``unserved`` per need,
    ``capacity`` per helper. Helpers are numbered 0..len(capacity) - 1 among those listed.
    """

    start: Array
    who: Array
    cost: Array
    seats: Array
    unserved: Array
    capacity: Array


class Listing:
    """The lists of one batch; ``full[r]`` says that need r's list is as long as asked, so there may be more helpers."""

    def __init__(self, index: Index, asked: Asked, *, first: int, workers: int) -> None:
        count = len(asked.needs)
        self.index, self.asked, self.workers = index, asked, workers
        self.length = np.maximum(first, 2 * asked.needs["headcount"])
        self.full = np.zeros(count, bool)
        self._begin, self._size = np.zeros(count, np.int64), np.zeros(count, np.int64)
        self._costs, self._who = np.zeros(0, np.int64), np.zeros(0, np.int32)
        self._fetch(np.arange(count))

    def lengthen(self, which: Array, *, times: int, longest: int) -> bool:
        """Make the lists of ``which`` so many times as long, up to ``longest``; False when none can grow."""
        growing = which[self.length[which] < longest]
        self.length[growing] = np.minimum(self.length[growing] * times, longest)
        if len(growing):
            self._fetch(growing)
        return len(growing) > 0

    def entries(self) -> tuple[Array, Array, Array]:
        """Where each list begins, whom all of them name, and at what cost."""
        start = np.zeros(len(self._size) + 1, np.int64)
        np.cumsum(self._size, out=start[1:])
        entry = np.arange(start[-1]) + np.repeat(self._begin - start[:-1], self._size)
        return start, self._who[entry], self._costs[entry]

    def rest(self) -> Array:
        """What everybody beyond a list costs at least; FAR_AWAY when there is nobody."""
        rest = np.full(len(self._size), FAR_AWAY, np.int64)
        rest[self.full] = self._costs[(self._begin + self._size - 1)[self.full]]
        return rest

    def arcs(self) -> tuple[Arcs, Array]:
        """All lists as arcs between needs and those helpers who are in some list; and the rows of these."""
        start, rows, costs = self.entries()
        listed = np.zeros(len(self.index.ids), bool)
        listed[rows] = True
        known = np.flatnonzero(listed)
        number = np.cumsum(listed) - 1
        seats, unserved = np.array(self.asked.needs["headcount"]), np.array(self.asked.needs["unserved"])
        capacity = self.index.rows["capacity"][known].astype(np.int64)
        return Arcs(start, number[rows], costs, seats, unserved, capacity), known

    def _fetch(self, which: Array) -> None:
        """Search the lists of ``which`` anew, in as many threads as there are workers."""
        shares = np.array_split(which, max(1, min(self.workers, len(which) // 64)))
        with ThreadPoolExecutor(len(shares)) as pool:
            found = list(pool.map(self._search, shares))
        self._keep(which, found)

    def _search(self, which: Array) -> tuple[Array, Array, Array]:
        start = np.zeros(len(which) + 1, np.int64)
        np.cumsum(self.length[which], out=start[1:])
        costs, who = np.empty(start[-1], np.int64), np.empty(start[-1], np.int32)
        found = np.zeros(len(which), np.int64)
        scanning.list_many(self.index.ground, self.asked, which, scanning.NOTHING, start, costs, who, found)
        entry = np.arange(int(found.sum())) + np.repeat(start[:-1] - np.cumsum(found) + found, found)
        return costs[entry], who[entry], found

    def _keep(self, which: Array, parts: Sequence[tuple[Array, Array, Array]]) -> None:
        sizes = np.concatenate([part[2] for part in parts])
        self._begin[which] = len(self._costs) + np.cumsum(sizes) - sizes
        self._size[which] = sizes
        self.full[which] = sizes == self.length[which]
        self._costs = np.concatenate([self._costs, *(part[0] for part in parts)])
        self._who = np.concatenate([self._who, *(part[1] for part in parts)])
