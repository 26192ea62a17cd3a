"""Kernel: the exact assignment of seats to helpers by successive shortest paths.

The seats of the needs are put in one after the other. For each, Dijkstra's algorithm runs over helpers with the reduced
costs c(r, v) - p(v), where p(v) <= 0 is the dual price of helper v. It ends at the nearest helper who has a seat left, or
at "this seat stays empty", at the price of an empty seat of whichever need on the way gives one up. All helpers scanned
then lower their price by what they were nearer, so that every reduced cost stays >= 0 and every pair in use stays tight:
by linear programming duality the assignment is a cheapest one after every step (Ahuja, Magnanti, Orlin, *Network Flows*,
1993, 9.7; Jonker, Volgenant, *Computing* 38, 1987). All numbers are whole, so nothing is lost by rounding.

Lists rise by cost and prices are never positive, so that a row is read only up to the best end known so far: with ample
supply most seats read a handful of entries. O(seats x (entries + log)) at worst, about linear in practice while there are
enough helpers, and far from it when there are not.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from huying.matching.compiled import compiled
from huying.matching.index import Array

FREE, EMPTY = -1, -2
FAR_AWAY = 1 << 62


class Arcs(NamedTuple):
    """Lists of needs, cheapest first: those of need r at ``start[r]:start[r + 1]``; ``seats`` and ``unserved`` per need,
    ``capacity`` per helper. Helpers are numbered 0..len(capacity) - 1 among those listed.
    """

    start: Array
    who: Array
    cost: Array
    seats: Array
    unserved: Array
    capacity: Array


class State(NamedTuple):
    """What the seats have so far. ``at``: helper of each seat, FREE or EMPTY; ``paid`` its cost; the seats of a helper
    are chained by ``head``, ``after``, ``before``; ``price`` and ``used`` per helper.
    """

    need: Array
    at: Array
    paid: Array
    head: Array
    after: Array
    before: Array
    price: Array
    used: Array


class Search(NamedTuple):
    """One Dijkstra: ``far`` and ``from_seat`` per helper, ``touched`` helpers to clear, ``done`` scanned helpers, the
    heap, needs read already, and in ``so_far``: touched, done, size of the heap, entries read.
    """

    far: Array
    from_seat: Array
    touched: Array
    done: Array
    heap_key: Array
    heap_who: Array
    read: Array
    so_far: Array


@compiled
def push(s: Search, key: int, v: int) -> None:
    at = s.so_far[2]
    s.so_far[2] += 1
    while at > 0:
        above = (at - 1) >> 1
        if s.heap_key[above] <= key:
            break
        s.heap_key[at], s.heap_who[at] = s.heap_key[above], s.heap_who[above]
        at = above
    s.heap_key[at], s.heap_who[at] = key, v


@compiled
def pop(s: Search) -> int:
    """The nearest helper of the heap, which is not empty; his key may be an old one."""
    top: int = s.heap_who[0]
    s.so_far[2] -= 1
    size = s.so_far[2]
    key, v = s.heap_key[size], s.heap_who[size]
    at = 0
    while 2 * at + 1 < size:
        below = 2 * at + 1
        if below + 1 < size and s.heap_key[below + 1] < s.heap_key[below]:
            below += 1
        if s.heap_key[below] >= key:
            break
        s.heap_key[at], s.heap_who[at] = s.heap_key[below], s.heap_who[below]
        at = below
    s.heap_key[at], s.heap_who[at] = key, v
    return top


@compiled
def read_row(
    a: Arcs, st: State, s: Search, seat: int, base: int, end: int, end_at: int, end_seat: int
) -> tuple[int, int, int]:
    """Go on from ``seat``, reached at ``base``; the best end (its length, helper or EMPTY, last seat) known after it."""
    r = st.need[seat]
    if base + a.unserved[r] < end:
        end, end_at, end_seat = base + a.unserved[r], EMPTY, seat
    for entry in range(a.start[r], a.start[r + 1]):
        if base + a.cost[entry] >= end:
            break
        s.so_far[3] += 1
        v = a.who[entry]
        far = base + a.cost[entry] - st.price[v]
        if far >= end or far >= s.far[v]:
            continue
        if st.used[v] < a.capacity[v]:
            end, end_at, end_seat = far, v, seat
            continue
        if s.far[v] == FAR_AWAY:
            s.touched[s.so_far[0]] = v
            s.so_far[0] += 1
        s.far[v], s.from_seat[v] = far, seat
        if s.so_far[2] < len(s.heap_key):
            push(s, far, v)
        else:
            s.so_far[3] = FAR_AWAY  # the heap is full: count it as too much work
    return end, end_at, end_seat


@compiled
def unchain(st: State, seat: int) -> None:
    v = st.at[seat]
    if st.before[seat] >= 0:
        st.after[st.before[seat]] = st.after[seat]
    else:
        st.head[v] = st.after[seat]
    if st.after[seat] >= 0:
        st.before[st.after[seat]] = st.before[seat]


@compiled
def chain(st: State, seat: int, v: int, paid: int) -> None:
    st.at[seat], st.paid[seat] = v, paid
    st.before[seat], st.after[seat] = -1, st.head[v]
    if st.head[v] >= 0:
        st.before[st.head[v]] = seat
    st.head[v] = seat


@compiled
def cost_in_list(a: Arcs, r: int, v: int) -> int:
    for entry in range(a.start[r], a.start[r + 1]):
        if a.who[entry] == v:
            cost: int = a.cost[entry]
            return cost
    return FAR_AWAY


@compiled
def shift(a: Arcs, st: State, s: Search, end_at: int, end_seat: int) -> None:
    """Move the seats along the path: the last one to its end, each before it to the helper the next one leaves."""
    seat, to = end_seat, end_at
    if to >= 0:
        st.used[to] += 1
    while True:
        left = st.at[seat]
        if left >= 0:
            unchain(st, seat)
        if to >= 0:
            chain(st, seat, to, cost_in_list(a, st.need[seat], to))
        else:
            st.at[seat], st.paid[seat] = EMPTY, a.unserved[st.need[seat]]
        if left < 0:
            return
        to = left
        seat = s.from_seat[left]


@compiled
def insert(a: Arcs, st: State, s: Search, first: int) -> None:
    """Put one seat in, by a shortest path."""
    end, end_at, end_seat = read_row(a, st, s, first, 0, FAR_AWAY, EMPTY, first)
    s.read[st.need[first]] = first
    while s.so_far[2] > 0:
        nearest = s.heap_key[0]
        if nearest >= end:
            break
        v = pop(s)
        if nearest > s.far[v]:
            continue
        s.done[s.so_far[1]] = v
        s.so_far[1] += 1
        seat = st.head[v]
        while seat >= 0:
            if s.read[st.need[seat]] != first:
                s.read[st.need[seat]] = first
                base = nearest - (st.paid[seat] - st.price[v])
                end, end_at, end_seat = read_row(a, st, s, seat, base, end, end_at, end_seat)
            seat = st.after[seat]
    for at in range(s.so_far[1]):
        v = s.done[at]
        if s.far[v] < end:
            st.price[v] += s.far[v] - end
    shift(a, st, s, end_at, end_seat)
    for at in range(s.so_far[0]):
        s.far[s.touched[at]] = FAR_AWAY
    s.so_far[0] = s.so_far[1] = s.so_far[2] = 0


@compiled
def solve(a: Arcs, st: State, s: Search, budget: int) -> bool:
    """Put all seats in; False when more than ``budget`` entries were read, and then nothing may be used."""
    for seat in range(len(st.at)):
        insert(a, st, s, seat)
        if s.so_far[3] > budget:
            return False
    return True


def assign(a: Arcs, budget: int) -> State | None:
    """A cheapest assignment of ``a`` and its prices; None when it would read more than ``budget`` entries of lists."""
    helpers, seats = len(a.capacity), int(a.seats.sum())
    whole = np.int64
    room = min(len(a.who), 8 * helpers + 1_000_000) + 1
    state = State(
        need=np.repeat(np.arange(len(a.seats), dtype=whole), a.seats),
        at=np.full(seats, FREE, whole),
        paid=np.zeros(seats, whole),
        head=np.full(helpers, -1, whole),
        after=np.full(seats, -1, whole),
        before=np.full(seats, -1, whole),
        price=np.zeros(helpers, whole),
        used=np.zeros(helpers, whole),
    )
    search = Search(
        far=np.full(helpers, FAR_AWAY, whole),
        from_seat=np.full(helpers, -1, whole),
        touched=np.empty(helpers, whole),
        done=np.empty(helpers, whole),
        heap_key=np.empty(room, whole),
        heap_who=np.empty(room, whole),
        read=np.full(len(a.seats), -1, whole),
        so_far=np.zeros(4, whole),
    )
    return state if solve(a, state, search, budget) else None
