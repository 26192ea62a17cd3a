"""Kernel: the easy part of the exact assignment, before shortest paths are looked for.

A FREE seat takes the helper who is cheapest for it, price included, while he has a seat left. Out of another seat's hands it
takes him when nobody else is as cheap for it, and his price then falls by what separates him from the next: as far as it can
without leaving the optimum. The seat that lost him looks again at once. This is the row reduction of Jonker and Volgenant
(*Computing* 38, 1987) for needs of several seats: they have one dual price u(r), so whoever holds one of them already is
made as dear as the one found last.

Prices and pairs are left as ``shortest`` keeps them: every pair in use is tight, whoever has a seat left has the price 0.
What stays FREE is its work: seats that could only push somebody out at the same price, and those that need a team.
O(bids x list), at most BIDS bids a seat and turn; on lists with ample supply all but two seats in a hundred are placed here.
"""

from __future__ import annotations

import numpy as np

from huying.matching.compiled import uncounted
from huying.matching.index import Array
from huying.matching.listing import FAR_AWAY
from huying.matching.rows import Field, Rows, fetch, with_room
from huying.matching.shortest import EMPTY, FREE, TIMES, State, chain, give, unchain

BIDS, TURNS = 8, 3


@uncounted
def first_seat(st: State, seat: int) -> int:
    """The first seat of the need of ``seat``: they stand together."""
    while seat > 0 and st.need[seat - 1] == st.need[seat]:
        seat -= 1
    return seat


@uncounted
def choose(a: Rows, st: State, seat: int) -> tuple[int, int, int, int]:
    """The best helper for this seat (EMPTY when an empty one is as cheap), his cost, what he is worth, and the second best.

    Among equals those with a seat left go first. Who holds another seat of this need and has no more is not asked.
    """
    r = st.need[seat]
    best, second, to, paid = st.unserved[r], FAR_AWAY, EMPTY, st.unserved[r]
    for entry in range(a.begin[r], a.begin[r] + a.size[r]):
        if a.key[entry] >= second:
            break
        v, cost = a.who[entry], a.cost[entry]
        one = st.helpers[v]
        full = one["full"] == 1
        if full and st.need[one["head"] - 1] == r:
            continue
        value = cost - one["price"]
        if value < best or (value == best and not full):
            second, best, to, paid = best, value, v, cost
        elif value < second:
            second = value
    return to, paid, best, second


@uncounted
def with_a_team(st: State, seat: int) -> bool:
    """Whether somebody with several seats holds one of this need: his price is not this need's alone."""
    at = first_seat(st, seat)
    while at < len(st.need) and st.need[at] == st.need[seat]:
        if st.at[at] >= 0 and st.capacity[st.at[at]] > 1:
            return True
        at += 1
    return False


@uncounted
def make_even(st: State, seat: int, worth: int) -> None:
    """Make the helpers of all seats of this need as dear as ``worth``."""
    at = first_seat(st, seat)
    while at < len(st.need) and st.need[at] == st.need[seat]:
        v = st.at[at]
        if v >= 0 and st.paid[at] - st.helpers[v]["price"] < worth:
            st.helpers[v]["price"] = st.paid[at] - worth
        at += 1


@uncounted
def take(st: State, seat: int, to: int, paid: int, rise: int) -> int:
    """Give ``seat`` the helper ``to``, whose price falls by ``rise`` when he is full; the seat that loses him, or FREE.

    FREE with nothing changed when he is full and nothing separates him from the next, or he has several seats.
    """
    one = st.helpers[to]
    out = FREE
    if one["full"] == 0:
        give(st, to)
    elif st.capacity[to] > 1 or rise == 0:
        return FREE
    else:
        out = one["head"] - 1
        unchain(st, out)
        st.at[out] = FREE
        one["price"] -= rise
    chain(st, seat, to, paid)
    make_even(st, seat, paid - one["price"])
    return int(out)


@uncounted
def place(f: Field, a: Rows, st: State, teams: bool, waiting: Array, size: int, bids: int) -> tuple[int, int]:
    """Let the ``size`` seats of ``waiting`` look, the last first; how many wait for want of room in lists, and bids left.

    ``teams``: whether anybody has several seats.
    """
    while size > 0 and bids > 0:
        seat = waiting[size - 1]
        r = st.need[seat]
        to, paid, best, second = choose(a, st, seat)
        while a.rest[r] <= best:
            if not fetch(f, a, r, TIMES * max(a.size[r], 4), st.helpers["price"]):
                return size, bids
            to, paid, best, second = choose(a, st, seat)
        size -= 1
        bids -= 1
        if teams and with_a_team(st, seat):
            continue
        if to == EMPTY:
            st.at[seat], st.paid[seat] = EMPTY, st.unserved[r]
            make_even(st, seat, best)
            continue
        out = take(st, seat, to, paid, min(second, a.rest[r]) - best)
        if out >= 0:
            waiting[size] = out
            size += 1
    return size, bids


def place_all(f: Field, a: Rows, st: State) -> Rows:
    """Place the FREE seats that are easy to place; the lists after it.

    Whoever found only helpers as dear as each other looks again when all others have looked: prices have moved by then.
    """
    teams = bool((st.capacity > 1).any())
    for _ in range(TURNS):
        waiting = np.flatnonzero(st.at == FREE)[::-1].copy()
        size, bids = len(waiting), BIDS * len(waiting)
        while True:
            size, bids = place(f, a, st, teams, waiting, size, bids)
            if size == 0 or bids == 0:
                break
            a = with_room(a)
    return a
