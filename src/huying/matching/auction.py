"""Kernel: a nearly cheapest assignment by auction, for times when there are too few helpers.

Bertsekas' auction (*Annals of Operations Research* 14, 1988), one bidder at a time: a seat without helper bids for the
seat in somebody's hands that is cheapest for it, price included, and raises that price by what separates it from the
second best and by ``step``; whoever was there before bids again. A need's own price of an empty seat is the last
alternative, so prices are limited and the auction ends. When it ends every seat has what is best for it up to ``step``,
and nobody with an untouched price is passed over, so that the total is within ``step`` x filled seats of the cheapest
one: how near it really is, the certificate says (``certificate.bound``). O(bids x list), bids at most seats x the price of
an empty seat / step, in practice some ten for each seat.
"""

from __future__ import annotations

import numpy as np

from huying.matching.compiled import compiled
from huying.matching.index import Array
from huying.matching.shortest import EMPTY, FAR_AWAY, FREE, Arcs

OPEN = -1


@compiled
def lowest(first: int, last: int, price: Array) -> tuple[int, int]:
    """The cheapest of the places ``first`` to ``last`` of one helper, and the price of the second cheapest."""
    at, second = first, FAR_AWAY
    for place in range(first + 1, last):
        if price[place] < price[at]:
            second, at = price[at], place
        elif price[place] < second:
            second = price[place]
    return at, second


@compiled
def bid(a: Arcs, r: int, place_start: Array, price: Array, step: int) -> tuple[int, int]:
    """Where a seat of need r bids, and the new price there; EMPTY when an empty seat is as cheap."""
    best, second, to = a.unserved[r], FAR_AWAY, EMPTY
    for entry in range(a.start[r], a.start[r + 1]):
        cost = a.cost[entry]
        if cost >= second:
            break
        v = a.who[entry]
        place, next_price = lowest(place_start[v], place_start[v + 1], price)
        value = cost + price[place]
        if value < best:
            second, best, to = best, value, place
        elif value < second:
            second = value
        if next_price < FAR_AWAY and cost + next_price < second:
            second = cost + next_price
    return to, (price[to] + second - best + step) if to >= 0 else 0


@compiled
def hold(a: Arcs, need: Array, place_start: Array, price: Array, owner: Array, at: Array, step: int) -> None:
    """Bid until every seat has a place or stays empty; ``owner`` of each place, ``at`` the place of each seat."""
    waiting = np.empty(len(need), np.int64)
    size = len(need)
    for seat in range(size):
        waiting[seat] = size - 1 - seat
    while size > 0:
        size -= 1
        seat = waiting[size]
        to, asked = bid(a, need[seat], place_start, price, step)
        at[seat] = to
        if to < 0:
            continue
        if owner[to] >= 0:
            at[owner[to]] = FREE
            waiting[size] = owner[to]
            size += 1
        owner[to], price[to] = seat, asked


def assign(a: Arcs, step: int) -> tuple[Array, Array]:
    """The helper of each seat (EMPTY without) and the price <= 0 of each helper; ``step`` >= 1 metres."""
    need = np.repeat(np.arange(len(a.seats), dtype=np.int64), a.seats)
    places = np.minimum(a.capacity, len(need))
    place_start = np.zeros(len(places) + 1, np.int64)
    np.cumsum(places, out=place_start[1:])
    price = np.zeros(int(place_start[-1]), np.int64)
    at = np.full(len(need), FREE, np.int64)
    hold(a, need, place_start, price, np.full(len(price), OPEN, np.int64), at, step)
    helper = np.searchsorted(place_start, at, side="right") - 1
    lowest_price = np.minimum.reduceat(price, place_start[:-1]) if len(price) else price
    return np.where(at >= 0, helper, EMPTY), -lowest_price
