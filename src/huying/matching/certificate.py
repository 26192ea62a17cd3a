"""Proof of a plan by linear programming duality, whatever solver made it.

The plan solves  min sum c(r,v) x(r,v) + sum M(r) s(r)  with  sum_v x(r,v) + s(r) = seats(r),  sum_r x(r,v) <= capacity(v),
x, s >= 0. The matrix is totally unimodular, so that a cheapest plan in fractions is one in whole people. For any prices
p(v) <= 0 and u(r) = min(M(r), min_v c(r,v) - p(v)) the dual

    B(p) = sum seats(r) u(r) + sum capacity(v) p(v)

is a lower bound of every plan's cost. It costs one pass over the lists, and total - B is a true upper limit of what was
lost. The minimum runs over all helpers, while a list holds only the K cheapest: a helper left out costs at least
c_K(r), the last entry of a full list, and his -p >= 0, so that min(u(r), c_K(r)) in place of u(r) keeps B a bound of the
whole problem; and where u(r) <= c_K(r) for every need, the helpers left out change nothing at all. A list that was made
at prices of its own says so by ``rest`` in place of c_K (``rows``).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from huying.matching.index import Array
from huying.matching.listing import FAR_AWAY, Arcs
from huying.matching.rows import Rows
from huying.matching.shortest import EMPTY

SWEEPS = 2_000


class Bound(NamedTuple):
    """``value`` of the dual; ``short`` marks needs whose list may leave out somebody who matters."""

    value: int
    short: Array


def bound(a: Arcs, price: Array, rest: Array) -> Bound:
    """B(price) for lists beyond which everybody costs at least ``rest``, FAR_AWAY where there is nobody. O(entries)."""
    worth = need_prices(a, price)
    short = worth > rest
    value = int((a.seats * np.minimum(worth, rest)).sum() + (a.capacity * price).sum())
    return Bound(value, short)


def arcs_of(lists: Rows, seats: Array, unserved: Array, capacity: Array) -> Arcs:
    """Lists that grew while solving, as they are now; not in the order of their costs."""
    start = np.zeros(len(lists.size) + 1, np.int64)
    np.cumsum(lists.size, out=start[1:])
    entry = np.arange(start[-1]) + np.repeat(lists.begin - start[:-1], lists.size)
    return Arcs(start, lists.who[entry], lists.cost[entry], seats, unserved, capacity)


def need_prices(a: Arcs, price: Array) -> Array:
    """u(r) = min(M(r), min over the list of r of c(r, v) - p(v))."""
    worth = np.array(a.unserved)
    some = np.flatnonzero(np.diff(a.start))
    if len(some):
        reduced = a.cost - price[a.who]
        worth[some] = np.minimum(worth[some], np.minimum.reduceat(reduced, a.start[:-1][some]))
    return worth


def tightened(a: Arcs, price: Array) -> Array:
    """Prices nearer to 0 with the same u: every helper's price rises until one of his pairs is tight. Never a worse bound."""
    worth = need_prices(a, price)
    of_need = np.repeat(np.arange(len(a.seats)), np.diff(a.start))
    highest = np.zeros(len(price), np.int64)
    np.minimum.at(highest, a.who, a.cost - worth[of_need])
    return highest


def prices_of(a: Arcs, at: Array) -> Array:
    """Prices that prove a cheapest plan ``at`` (helper of each seat), found from nothing but the plan.

    Each need must be content: what it has costs no more than anything in its list. Wherever that fails the price of the
    better helper falls until it holds (Bellman-Ford over the residual network). For a cheapest plan this comes to rest;
    for another it is stopped, and the prices still give a bound. O(sweeps x entries).
    """
    need = np.repeat(np.arange(len(a.seats)), a.seats)
    of_need = np.repeat(np.arange(len(a.seats)), np.diff(a.start))
    paid = costs_of(a, at)
    held = at != EMPTY
    price = np.zeros(len(a.capacity), np.int64)
    for _ in range(SWEEPS):
        content = np.full(len(a.seats), -FAR_AWAY, np.int64)
        np.maximum.at(content, need, np.where(held, paid - price[np.where(held, at, 0)], paid) if len(price) else paid)
        lower = price.copy()
        np.minimum.at(lower, a.who, a.cost - content[of_need])
        if (lower == price).all():
            break
        price = lower
    return tightened(a, price)


def costs_of(a: Arcs, at: Array) -> Array:
    """What each seat costs: the entry of its need's list for its helper, or the price of an empty seat."""
    need = np.repeat(np.arange(len(a.seats)), a.seats)
    of_need = np.repeat(np.arange(len(a.seats)), np.diff(a.start))
    width = max(len(a.capacity), 1)
    keys = of_need * width + a.who
    order = np.argsort(keys, kind="stable")
    wanted = need * width + np.maximum(at, 0)
    costs = a.unserved[need].copy()
    held = at != EMPTY
    costs[held] = a.cost[order[np.searchsorted(keys[order], wanted[held])]]
    return costs
