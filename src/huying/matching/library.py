"""The same assignment by the network simplex of OR-Tools: the oracle of the tests, and what stands in for our kernel."""

from __future__ import annotations

import importlib.util

import numpy as np

from huying.matching.index import Array
from huying.matching.listing import Arcs
from huying.matching.shortest import EMPTY

INSTALLED = importlib.util.find_spec("ortools") is not None


class SolverFailed(Exception):
    """OR-Tools did not call its answer optimal."""


def assign(a: Arcs) -> Array:
    """The helper of each seat (EMPTY without) in a cheapest assignment. SolverFailed when OR-Tools finds none.

    Flow from needs (as many as seats) over helpers (capacity) to one sink, and from each need straight to the sink at the
    price of an empty seat. O(helpers + needs + entries) memory, some 100 bytes an arc.
    """
    from ortools.graph.python import min_cost_flow  # noqa: PLC0415  heavy, and only here

    needs, helpers = len(a.seats), len(a.capacity)
    sink = needs + helpers
    lengths = np.diff(a.start)
    of_need = np.repeat(np.arange(needs), lengths)
    tails = np.concatenate([of_need, needs + np.arange(helpers), np.arange(needs)])
    heads = np.concatenate([needs + a.who, np.full(helpers + needs, sink)])
    most = np.concatenate([np.minimum(a.seats[of_need], a.capacity[a.who]), a.capacity, a.seats])
    costs = np.concatenate([a.cost, np.zeros(helpers, np.int64), a.unserved])
    flow = min_cost_flow.SimpleMinCostFlow()
    arcs = flow.add_arcs_with_capacity_and_unit_cost(tails, heads, most, costs)
    supplies = np.concatenate([a.seats, np.zeros(helpers, np.int64), [-int(a.seats.sum())]])
    flow.set_nodes_supplies(np.arange(sink + 1), supplies)
    status = flow.solve()
    if status != flow.OPTIMAL:
        raise SolverFailed(f"OR-Tools ended with {status}")
    return seats_of(a, np.asarray(flow.flows(arcs[: len(a.who)]), np.int64))


def seats_of(a: Arcs, flows: Array) -> Array:
    """The helper of each seat from the number of seats that flow along each entry of the lists."""
    of_need = np.repeat(np.arange(len(a.seats)), np.diff(a.start))
    first = np.zeros(len(a.seats) + 1, np.int64)
    np.cumsum(a.seats, out=first[1:])
    given = np.repeat(a.who, flows)
    needs = np.repeat(of_need, flows)
    before = np.zeros(len(a.seats) + 1, np.int64)
    np.cumsum(np.bincount(needs, minlength=len(a.seats)), out=before[1:])
    at = np.full(int(a.seats.sum()), EMPTY, np.int64)
    at[first[needs] + np.arange(len(needs)) - before[needs]] = given
    return at
