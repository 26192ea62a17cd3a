"""What a dispatcher does by hand, to measure against: the nearest who fits, one need after the other."""

from __future__ import annotations

import numpy as np

from huying.matching.compiled import compiled
from huying.matching.index import Array
from huying.matching.listing import Arcs
from huying.matching.shortest import EMPTY


@compiled
def _take(a: Arcs, order: Array, need: Array, used: Array, at: Array) -> None:
    for seat in order:
        r = need[seat]
        for entry in range(a.start[r], a.start[r + 1]):
            v = a.who[entry]
            if a.cost[entry] >= a.unserved[r]:
                break
            if used[v] < a.capacity[v]:
                used[v] += 1
                at[seat] = v
                break


def assign(a: Arcs) -> Array:
    """The helper of each seat (EMPTY without): the first in its need's list who is still free, in the order of the needs."""
    need = np.repeat(np.arange(len(a.seats), dtype=np.int64), a.seats)
    at = np.full(len(need), EMPTY, np.int64)
    _take(a, np.arange(len(need), dtype=np.int64), need, np.zeros(len(a.capacity), np.int64), at)
    return at
