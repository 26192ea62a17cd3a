"""The exact plan on lists: the easy part first (``opening``), then a shortest path for each seat left (``shortest``)."""

from __future__ import annotations

import numpy as np

from huying.matching import opening, shortest
from huying.matching.listing import Arcs
from huying.matching.rows import Field, Rows, complete, nowhere
from huying.matching.shortest import FREE, State


def solve(f: Field, a: Rows, st: State, budget: int) -> Rows:
    """Give the FREE seats a helper or leave them EMPTY, as cheaply as can be; the lists after it.

    Some stay FREE when the paths would read more than ``budget`` entries of lists.
    """
    return shortest.insert_free(f, opening.place_all(f, a, st), st, budget)


def assign(arcs: Arcs, budget: int) -> State | None:
    """A cheapest assignment of ``arcs`` and its prices; None when it would read more than ``budget`` entries of lists."""
    state = shortest.begin(arcs.seats, arcs.unserved, arcs.capacity)
    solve(nowhere(), complete(arcs.start, arcs.who, arcs.cost), state, budget)
    return None if np.any(state.at == FREE) else state
