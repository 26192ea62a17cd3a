"""Kernel: the lists of needs, which grow while the plan is made, where and only where somebody left out could matter.

A list holds the K helpers of a need who cost it least, prices included: key(r, v) = c(r, v) - p(v) with the prices of the
moment it was made; whoever is not in it had a key of at least ``rest[r]``. Solving only ever lowers prices, so every key and
``rest`` stay lower limits of what a pair costs later on, and a search may stop at the first key above what it looks for. It
goes beyond a list only when ``rest`` is below that: then the need is searched again among all helpers (``fetch``), with the
prices of now, which sorts those out who have become dear. (Column generation, with bounds that stay true by themselves.)
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from huying.matching.compiled import uncounted
from huying.matching.index import Array, Asked, Ground, build
from huying.matching.listing import FAR_AWAY
from huying.matching.problem import Helpers, Needs, Week
from huying.matching.scanning import RANK_BITS, Off, cheapest

NEW = 1_000_000
"""Entries by which the room of all lists grows at least."""


class Rows(NamedTuple):
    """The list of need r is at ``begin[r]`` of ``key`` (rising), ``cost`` and ``who``, ``size[r]`` long, in a place of
    ``room[r]``; ``rest[r]`` limits all keys beyond it from below, FAR_AWAY when there is nobody. ``end[0]``: where new lists
    go; ``end[1]``: how often a need was searched again.
    """

    key: Array
    cost: Array
    who: Array
    begin: Array
    size: Array
    room: Array
    rest: Array
    end: Array


class Field(NamedTuple):
    """Where needs are searched again; ``nobody`` is an empty array, for whom no seat is taken."""

    ground: Ground
    asked: Asked
    nobody: Array


@uncounted
def fetch(f: Field, a: Rows, r: int, most: int, price: Array) -> bool:
    """Make the list of need r anew with the ``most`` cheapest at these prices; False when there is no room for it."""
    if most > a.room[r]:
        if a.end[0] + most > len(a.key):
            return False
        a.begin[r], a.room[r] = a.end[0], most
        a.end[0] += most
    begin = a.begin[r]
    keys, who = a.key[begin : begin + most], a.who[begin : begin + most]
    found = cheapest(f.ground, f.asked, r, Off(f.nobody, price), keys, who)
    for at in range(found):
        keys[at] >>= RANK_BITS
        a.cost[begin + at] = keys[at] + price[who[at]]
    a.size[r] = found
    a.rest[r] = keys[most - 1] if found == most else FAR_AWAY
    a.end[1] += 1
    return True


@uncounted
def settle(a: Rows, first: int, read: int, end: int) -> None:
    """Make the keys of ``first:end`` rise again, of which those of ``first:read`` were raised; the others rise already."""
    for entry in range(read - 1, first - 1, -1):
        key, cost, who = a.key[entry], a.cost[entry], a.who[entry]
        at = entry
        while at + 1 < end and a.key[at + 1] < key:
            a.key[at], a.cost[at], a.who[at] = a.key[at + 1], a.cost[at + 1], a.who[at + 1]
            at += 1
        if at != entry:
            a.key[at], a.cost[at], a.who[at] = key, cost, who


@uncounted
def cost_in_list(a: Rows, r: int, v: int) -> int:
    for entry in range(a.begin[r], a.begin[r] + a.size[r]):
        if a.who[entry] == v:
            cost: int = a.cost[entry]
            return cost
    return FAR_AWAY


def growing(start: Array, who: Array, cost: Array, rest: Array) -> Rows:
    """The first lists of a batch, with room to grow: all prices are still 0."""
    return with_room(complete(start, who, cost)._replace(rest=rest))


def complete(start: Array, who: Array, cost: Array) -> Rows:
    """Lists beyond which there is nobody; copies, for lists are put in another order while they are read."""
    size = np.diff(start)
    rest = np.full(len(size), FAR_AWAY, np.int64)
    return Rows(
        np.array(cost, np.int64),
        np.array(cost, np.int64),
        np.array(who, np.int32),
        start[:-1].copy(),
        size,
        size.copy(),
        rest,
        np.array([start[-1], 0]),
    )


def with_room(a: Rows) -> Rows:
    """The same lists, with room for as many entries again."""
    more = max(NEW, len(a.key) // 2)
    return a._replace(
        key=np.concatenate([a.key, np.empty(more, np.int64)]),
        cost=np.concatenate([a.cost, np.empty(more, np.int64)]),
        who=np.concatenate([a.who, np.empty(more, np.int32)]),
    )


def field(ground: Ground, asked: Asked) -> Field:
    return Field(ground, asked, np.zeros(0, np.int64))


def nowhere() -> Field:
    """A field without anybody: where complete lists grow."""
    index = build(Helpers.make([], [], [], []), Week())
    return field(index.ground, index.asked(Needs.make([], [], [], [])))
