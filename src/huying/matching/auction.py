"""Kernel: a nearly cheapest assignment by auction, for times when there are too few helpers.

Bertsekas' auction (*Annals of Operations Research* 14, 1988), one bidder at a time: a seat without helper bids for the
seat in somebody's hands that is cheapest for it, price included, and raises that price by what separates it from the
second best and by ``step``; whoever was there before bids again. A need's own price of an empty seat is the last
alternative, so prices are limited and the auction ends. When it ends every seat has what is best for it up to ``step``,
and nobody with an untouched price is passed over, so that the total is within ``step`` x filled seats of the cheapest
one: how near it really is, the certificate says (``certificate.bound``). O(bids x list), bids at most seats x the price of
an empty seat / step, in practice some ten for each seat.

It may begin where the exact kernel stopped: that one's pairs are the best there are at its prices, so nothing is undone. As
prices only fall, lists are searched again only when all that is left in them has become dearer than what may be beyond.
"""

from __future__ import annotations

import numpy as np

from huying.matching.compiled import uncounted
from huying.matching.index import Array
from huying.matching.listing import FAR_AWAY, Arcs
from huying.matching.rows import Field, Rows, complete, fetch, nowhere, with_room
from huying.matching.shortest import EMPTY, FREE, State, begin, chain, give, unchain

SHORT, LONG = 8, 32
"""Entries of a list that is searched again."""


@uncounted
def lowest(st: State, asked: Array, v: int) -> tuple[int, int, int]:
    """Who sits on the cheapest place of helper v, its price, and the price of his second cheapest place."""
    at, least, second = FREE, FAR_AWAY, FAR_AWAY
    seat = st.helpers[v]["head"] - 1
    while seat >= 0:
        if asked[seat] < least:
            at, least, second = seat, asked[seat], least
        elif asked[seat] < second:
            second = asked[seat]
        seat = st.after[seat]
    return at, least, second


@uncounted
def choose(a: Rows, st: State, asked: Array, r: int) -> tuple[int, int, int, int]:
    """The best helper for need r (EMPTY when an empty seat is as cheap), his cost, what he is worth, and the second best."""
    best, second, to, paid = st.unserved[r], FAR_AWAY, EMPTY, st.unserved[r]
    for entry in range(a.begin[r], a.begin[r] + a.size[r]):
        if a.key[entry] >= second:
            break
        v, cost = a.who[entry], a.cost[entry]
        one = st.helpers[v]
        value = cost - one["price"]
        if value < best:
            second, best, to, paid = best, value, v, cost
        elif value < second:
            second = value
        if one["used"] > 1 and one["full"] == 1:
            second = min(second, cost + lowest(st, asked, v)[2])
    return to, paid, best, second


@uncounted
def take(st: State, asked: Array, seat: int, v: int, paid: int, rise: int) -> int:
    """Give ``seat`` the cheapest place of v at a price higher by ``rise``; the seat that had it, or FREE."""
    one = st.helpers[v]
    out, price = FREE, 0
    if one["full"] == 0:
        give(st, v)
    else:
        out, price, _ = lowest(st, asked, v)
        unchain(st, out)
        st.at[out] = FREE
    chain(st, seat, v, paid)
    asked[seat] = price + rise
    if one["full"] == 1:
        one["price"] = -lowest(st, asked, v)[1]
    return int(out)


@uncounted
def hold(f: Field, a: Rows, st: State, asked: Array, waiting: Array, size: int, step: int) -> int:
    """Let the ``size`` seats of ``waiting`` bid, the last first, until each has a helper or stays empty.

    How many still wait: more than none when a list was to be searched again and there was no room.
    """
    while size > 0:
        seat = waiting[size - 1]
        r = st.need[seat]
        to, paid, best, second = choose(a, st, asked, r)
        if a.rest[r] < second and a.rest[r] - best < step:
            if not fetch(f, a, r, min(max(a.size[r], SHORT), LONG), st.helpers["price"]):
                return size
            to, paid, best, second = choose(a, st, asked, r)
        size -= 1
        if to < 0:
            st.at[seat], st.paid[seat] = EMPTY, st.unserved[r]
            continue
        out = take(st, asked, seat, to, paid, min(second, a.rest[r]) - best + step)
        if out >= 0:
            waiting[size] = out
            size += 1
    return size


def solve(f: Field, a: Rows, st: State, step: int) -> Rows:
    """Give every FREE seat a helper, at prices that rise by at least ``step`` >= 1 metres; the lists after it."""
    asked = np.zeros(len(st.at), np.int64)
    held = st.at >= 0
    asked[held] = -st.helpers["price"][st.at[held]]
    waiting = np.flatnonzero(st.at == FREE)[::-1].copy()
    size = len(waiting)
    while size := hold(f, a, st, asked, waiting, size, step):
        a = with_room(a)
    return a


def assign(arcs: Arcs, step: int) -> tuple[Array, Array]:
    """The helper of each seat (EMPTY without) and the price <= 0 of each helper; ``step`` >= 1 metres."""
    state = begin(arcs.seats, arcs.unserved, arcs.capacity)
    solve(nowhere(), complete(arcs.start, arcs.who, arcs.cost), state, step)
    return state.at, np.array(state.helpers["price"])
