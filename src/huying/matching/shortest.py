"""Kernel: the exact assignment of seats to helpers by successive shortest paths, after what ``opening`` could place.

The seats of the needs are put in one after the other. For each, Dijkstra's algorithm runs over helpers with the reduced
costs c(r, v) - p(v), where p(v) <= 0 is the dual price of helper v. It ends at the nearest helper who has a seat left, or
at "this seat stays empty", at the price of an empty seat of whichever need on the way gives one up. All helpers scanned
then lower their price by what they were nearer, so that every reduced cost stays >= 0 and every pair in use stays tight:
by linear programming duality the assignment is a cheapest one after every step (Ahuja, Magnanti, Orlin, *Network Flows*,
1993, 9.7; Jonker, Volgenant, *Computing* 38, 1987). All numbers are whole, so nothing is lost by rounding.

Lists rise by a lower limit of what a pair costs, so that one is read only up to the best end known so far, and it grows
when the end lies beyond it (``rows``): the plan is a cheapest one among all helpers, and no list is longer than needed. With
ample supply most seats read a handful of entries. O(seats x (entries + log)) at worst, about linear in practice while there
are enough helpers, and far from it when there are not: whoever asks names the entries that may be read, and the auction
goes on from where this one stops.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from huying.matching.compiled import uncounted
from huying.matching.index import Array
from huying.matching.listing import FAR_AWAY
from huying.matching.rows import Field, Rows, cost_in_list, fetch, settle, with_room

FREE, EMPTY = -1, -2
TIMES = 2
"""How much longer a list gets each time."""
FULL = -1
TOUCHED, SCANNED, HEAP, READ, TURN, NOW = range(6)

HELPER = np.dtype(
    [
        ("far", np.int64),
        ("price", np.int64),
        ("from_seat", np.int32),
        ("head", np.int32),
        ("used", np.int32),
        ("full", np.int32),
    ],
    align=True,
)
"""What the search knows of a helper, together in memory: ``far`` distance + 1 (0: not reached), ``price``, the seat before
on the way, ``head`` first seat + 1 (0: none), seats given, whether there are no more. All 0 at first, so that memory nobody
asks about costs nothing.
"""


class State(NamedTuple):
    """What the seats have so far. ``at``: helper of each seat, FREE or EMPTY; ``paid`` its cost; the seats of a helper
    are chained by ``head``, ``after``, ``before``; ``unserved`` per need, ``capacity`` per helper.
    """

    helpers: Array
    capacity: Array
    unserved: Array
    need: Array
    at: Array
    paid: Array
    after: Array
    before: Array


class Search(NamedTuple):
    """One Dijkstra: ``touched`` helpers to clear, helpers ``scanned`` or next to be, the heap of those farther off, needs read
    in this turn, and in ``counts``: touched, scanned, size of the heap, entries read since the beginning, turns, how far off
    the helper is who is scanned now.
    """

    touched: Array
    scanned: Array
    heap_key: Array
    heap_who: Array
    read: Array
    counts: Array


@uncounted
def push(s: Search, key: int, v: int) -> None:
    at = s.counts[HEAP]
    s.counts[HEAP] += 1
    while at > 0:
        above = (at - 1) >> 1
        if s.heap_key[above] <= key:
            break
        s.heap_key[at], s.heap_who[at] = s.heap_key[above], s.heap_who[above]
        at = above
    s.heap_key[at], s.heap_who[at] = key, v


@uncounted
def pop(s: Search) -> int:
    """The nearest helper of the heap, which is not empty; his key may be an old one."""
    top: int = s.heap_who[0]
    s.counts[HEAP] -= 1
    size = s.counts[HEAP]
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


@uncounted
def read_list(
    a: Rows, st: State, s: Search, seat: int, base: int, end: int, end_at: int, end_seat: int
) -> tuple[int, int, int]:
    """Relax the entries of the seat's need below ``end``; the best end after it.

    Who turns out to have become too dear gets the key of now and stands behind those who are not, so that he is not read
    again and again: without this five reads of six are in vain where many quarrel.
    """
    r = st.need[seat]
    first, last = a.begin[r], a.begin[r] + a.size[r]
    read, dearer = last, False
    for entry in range(first, last):
        if base + a.key[entry] >= end:
            read = entry
            break
        v = a.who[entry]
        one = st.helpers[v]
        key = a.cost[entry] - one["price"]
        far = base + key
        if far >= end:
            a.key[entry], dearer = key, True
            continue
        if 0 < one["far"] <= far + 1:
            continue
        if one["full"] == 0:
            end, end_at, end_seat = far, v, seat
            continue
        if one["far"] == 0:
            s.touched[s.counts[TOUCHED]] = v
            s.counts[TOUCHED] += 1
        one["far"], one["from_seat"] = far + 1, seat
        if far == s.counts[NOW]:
            s.scanned[s.counts[SCANNED]] = v
            s.counts[SCANNED] += 1
            continue
        if s.counts[HEAP] == len(s.heap_key):
            s.counts[READ] = FAR_AWAY  # the heap is full: count it as too much work
            end, end_at, end_seat, read = FULL, EMPTY, seat, entry
            break
        push(s, far, v)
    s.counts[READ] += read - first
    if dearer:
        settle(a, first, read, last)
    return end, end_at, end_seat


@uncounted
def read_row(
    f: Field, a: Rows, st: State, s: Search, seat: int, base: int, end: int, end_at: int, end_seat: int
) -> tuple[int, int, int]:
    """Go on from ``seat``, reached at ``base``; the best end (its length, helper or EMPTY, last seat) known after it.

    The length is FULL when a list had to grow and there was no room.
    """
    r = st.need[seat]
    if base + st.unserved[r] < end:
        end, end_at, end_seat = base + st.unserved[r], EMPTY, seat
    while True:
        end, end_at, end_seat = read_list(a, st, s, seat, base, end, end_at, end_seat)
        if a.rest[r] == FAR_AWAY or base + a.rest[r] >= end:
            return end, end_at, end_seat
        if not fetch(f, a, r, TIMES * max(a.size[r], 4), st.helpers["price"]):
            return FULL, EMPTY, seat


@uncounted
def unchain(st: State, seat: int) -> None:
    v = st.at[seat]
    if st.before[seat] >= 0:
        st.after[st.before[seat]] = st.after[seat]
    else:
        st.helpers[v]["head"] = st.after[seat] + 1
    if st.after[seat] >= 0:
        st.before[st.after[seat]] = st.before[seat]


@uncounted
def chain(st: State, seat: int, v: int, paid: int) -> None:
    head = st.helpers[v]["head"] - 1
    st.at[seat], st.paid[seat] = v, paid
    st.before[seat], st.after[seat] = -1, head
    if head >= 0:
        st.before[head] = seat
    st.helpers[v]["head"] = seat + 1


@uncounted
def give(st: State, v: int) -> None:
    """One seat more of helper v."""
    one = st.helpers[v]
    one["used"] += 1
    if one["used"] == st.capacity[v]:
        one["full"] = 1


@uncounted
def shift(a: Rows, st: State, end_at: int, end_seat: int) -> None:
    """Move the seats along the path: the last one to its end, each before it to the helper the next one leaves."""
    seat, to = end_seat, end_at
    if to >= 0:
        give(st, to)
    while True:
        left = st.at[seat]
        if left >= 0:
            unchain(st, seat)
        if to >= 0:
            chain(st, seat, to, cost_in_list(a, st.need[seat], to))
        else:
            st.at[seat], st.paid[seat] = EMPTY, st.unserved[st.need[seat]]
        if left < 0:
            return
        to = left
        seat = st.helpers[left]["from_seat"]


@uncounted
def search(f: Field, a: Rows, st: State, s: Search, first: int) -> tuple[int, int, int]:
    """The shortest way from seat ``first`` to an end: its length (FULL: no room), its helper or EMPTY, its last seat.

    Whoever is as near as the helper scanned now is scanned next, without the heap: where many quarrel these are most, for
    earlier searches left them at one distance.
    """
    s.counts[TURN] += 1
    turn, done = s.counts[TURN], 0
    s.counts[NOW] = -1
    end, end_at, end_seat = read_row(f, a, st, s, first, 0, FAR_AWAY, EMPTY, first)
    s.read[st.need[first]] = turn
    while end >= 0:
        if done == s.counts[SCANNED]:
            if s.counts[HEAP] == 0 or s.heap_key[0] >= end:
                break
            s.counts[NOW] = s.heap_key[0]
            v = pop(s)
            if s.counts[NOW] < st.helpers[v]["far"]:
                s.scanned[done] = v
                s.counts[SCANNED] += 1
            continue
        one = st.helpers[s.scanned[done]]
        done += 1
        if s.counts[NOW] >= end:
            break
        seat = one["head"] - 1
        while seat >= 0 and end >= 0:
            if s.read[st.need[seat]] != turn:
                s.read[st.need[seat]] = turn
                base = s.counts[NOW] - (st.paid[seat] - one["price"])
                end, end_at, end_seat = read_row(f, a, st, s, seat, base, end, end_at, end_seat)
            seat = st.after[seat]
    return end, end_at, end_seat


@uncounted
def insert(f: Field, a: Rows, st: State, s: Search, first: int) -> bool:
    """Put one seat in, by a shortest path; False, with nothing changed but lists, when these had no room to grow."""
    end, end_at, end_seat = search(f, a, st, s, first)
    if end >= 0:
        for at in range(s.counts[SCANNED]):
            one = st.helpers[s.scanned[at]]
            if one["far"] - 1 < end:
                one["price"] += one["far"] - 1 - end
        shift(a, st, end_at, end_seat)
    for at in range(s.counts[TOUCHED]):
        st.helpers[s.touched[at]]["far"] = 0
    s.counts[TOUCHED] = s.counts[SCANNED] = s.counts[HEAP] = 0
    return bool(end >= 0)


@uncounted
def insert_all(f: Field, a: Rows, st: State, s: Search, first: int, budget: int) -> int:
    """Put the FREE seats from ``first`` on in; the seat where it stopped for want of room or after ``budget`` entries."""
    for seat in range(first, len(st.at)):
        if st.at[seat] != FREE:
            continue
        if s.counts[READ] > budget or not insert(f, a, st, s, seat):
            return seat
    return len(st.at)


def begin(needs: Array, unserved: Array, capacity: Array) -> State:
    """Nobody has a seat yet: ``needs`` are the seats of each need."""
    seats = int(needs.sum())
    need = np.repeat(np.arange(len(needs), dtype=np.int64), needs)
    empty = [np.full(seats, value, np.int64) for value in (FREE, 0, -1, -1)]
    can = np.array(capacity, np.int64)
    return State(np.zeros(len(can), HELPER), can, np.array(unserved, np.int64), need, *empty)


def insert_free(f: Field, a: Rows, st: State, budget: int) -> Rows:
    """Put FREE seats in, one after the other, until none is left or ``budget`` entries were read; the lists after it."""
    helpers = len(st.helpers)
    room = 4 * helpers + 1_000_000
    heap = np.empty(room, np.int64), np.empty(room, np.int64)
    listed = np.empty(helpers, np.int64), np.empty(helpers, np.int64)
    s = Search(*listed, *heap, np.zeros(len(a.begin), np.int64), np.zeros(6, np.int64))
    done = 0
    while True:
        done = insert_all(f, a, st, s, done, budget)
        if done == len(st.at) or s.counts[READ] > budget:
            return a
        a = with_room(a)
