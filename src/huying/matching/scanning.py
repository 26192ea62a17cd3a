"""Kernels: who may come, at what cost, and the K cheapest for a need, exactly.

The cost of helper v for need r, in metres:

    c(r, v) = round(distance(r, v)) + price of v's load + (0 if v came last time, else the price of a stranger)

The search takes the shortest list among the (skill, slot) pairs the need asks for, and walks the cells of the map in
rings about the need. No point of ring d is nearer than (d - 1) cells and the way to the border of the own cell, and
inside a cell helpers stand by price. So a cell, a ring, or the rest of a cell is left out as soon as its lower bound is
above the K-th best cost found: the result is the true list of the K cheapest, ties by rank.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from huying.matching.compiled import uncounted
from huying.matching.index import Array, Asked, Grid, Ground, Stretches

RANK_BITS = 31
RANKS = (1 << RANK_BITS) - 1


class Off(NamedTuple):
    """What keeps helpers off, per row of the index: seats ``taken`` already, and the ``price`` <= 0 of each."""

    taken: Array
    price: Array


NOTHING = Off(np.zeros(0, np.int64), np.zeros(0, np.int64))


@uncounted
def metres_between(one: Any, need: Any) -> int:
    """Whole metres on the plane."""
    east, north = one["x"] - need["x"], one["y"] - need["y"]
    return int(math.sqrt(east * east + north * north) + 0.5)


@uncounted
def named(who: Array, first: int, end: int, v: int) -> bool:
    """Whether ``who[first:end]`` names v."""
    for at in range(first, end):  # noqa: SIM110  the compiler knows no any()
        if who[at] == v:
            return True
    return False


@uncounted
def can(one: Any, need: Any) -> bool:
    """Whether a helper has the skills and the time."""
    return bool(one["slots"] & need["slots"] == need["slots"] and one["skills"] & need["skills"] == need["skills"])


@uncounted
def fits(one: Any, need: Any, metres: int) -> bool:
    """Whether every rule but bars lets a helper come (not: whether there is a seat left)."""
    return (
        can(one, need)
        and metres <= min(need["reach"], one["reach"])
        and one["spare"] >= need["adds"]
        and one["rested_from"] <= need["begins"]
        and (need["accepts"] >> one["group"]) & 1 == 1
        and (need["languages"] == 0 or one["languages"] & need["languages"] != 0)
    )


@uncounted
def offer(keys: Array, who: Array, found: int, most: int, key: int, v: int) -> int:
    """Put v into the rising ``keys`` if it is among the ``most`` smallest; how many there are now."""
    if found == most:
        if key >= keys[found - 1]:
            return found
        found -= 1
    at = found
    while at > 0 and keys[at - 1] > key:
        keys[at], who[at] = keys[at - 1], who[at - 1]
        at -= 1
    keys[at], who[at] = key, v
    return found + 1


@uncounted
def shortest_list(lists: Stretches, slots: int, skills: int, times: int) -> int:
    """The list to search for these masks; -1 when nobody has one of the skills."""
    best, size = -1, -1
    width = (len(lists.start) - 1) // slots
    for skill in range(63):
        if skill > 0 and (skills >> (skill - 1)) & 1 == 0:
            continue
        if skill >= width:
            return -1
        for slot in range(slots):
            if (times >> slot) & 1:
                at = skill * slots + slot
                many = lists.start[at + 1] - lists.start[at]
                if size < 0 or many < size:
                    best, size = at, many
    return best


@uncounted
def list_sizes(g: Ground, n: Asked, sizes: Array) -> None:
    """How many helpers are in the list that is searched for each need."""
    for r in range(len(n.needs)):
        at = shortest_list(g.lists, g.slots, n.needs[r]["skills"], n.needs[r]["slots"])
        sizes[r] = g.lists.start[at + 1] - g.lists.start[at] if at >= 0 else 0


@uncounted
def way_to_cell(grid: Grid, x: float, y: float, column: int, row: int) -> float:
    """Metres from a point to the nearest point of a cell."""
    left, low = grid.x + column * grid.size, grid.y + row * grid.size
    east = max(left - x, 0.0, x - left - grid.size)
    north = max(low - y, 0.0, y - low - grid.size)
    return math.sqrt(east * east + north * north)


@uncounted
def scan_cell(
    g: Ground, n: Asked, r: int, at: int, cell: int, way: int, off: Off, keys: Array, who: Array, found: int
) -> int:
    """Offer every helper of one stretch who fits, has a seat left and did not come last time; how many there are now."""
    lists, most, need = g.lists, len(keys), n.needs[r]
    begin = lists.start[at] + lists.cells[at, cell]
    for entry in range(begin, lists.start[at] + lists.cells[at, cell + 1]):
        v = lists.who[entry]
        one = g.rows[v]
        price = one["price"] + need["stranger"]
        if found == most and way + price > keys[most - 1] >> RANK_BITS:
            break
        if not can(one, need):
            continue
        metres = metres_between(one, need)
        cost = metres + price - (off.price[v] if len(off.price) else 0)
        key = (cost << RANK_BITS) | one["rank"]
        if found == most and key >= keys[most - 1]:
            continue
        if len(off.taken) and off.taken[v] >= one["capacity"]:
            continue
        if (
            fits(one, need, metres)
            and not named(n.barred, need["barred_from"], need["barred_to"], v)
            and not named(n.last, need["last_from"], need["last_to"], v)
        ):
            found = offer(keys, who, found, most, key, v)
    return found


@uncounted
def greet(g: Ground, n: Asked, r: int, off: Off, keys: Array, who: Array) -> int:
    """Offer who came last time and fits, each once; how many these are."""
    found, need = 0, n.needs[r]
    for entry in range(need["last_from"], need["last_to"]):
        v = n.last[entry]
        one = g.rows[v]
        metres = metres_between(one, need)
        if (
            fits(one, need, metres)
            and not named(n.barred, need["barred_from"], need["barred_to"], v)
            and not named(n.last, need["last_from"], entry, v)
            and not (len(off.taken) and off.taken[v] >= one["capacity"])
        ):
            cost = metres + one["price"] - (off.price[v] if len(off.price) else 0)
            key = (cost << RANK_BITS) | one["rank"]
            found = offer(keys, who, found, len(keys), key, v)
    return found


@uncounted
def home(grid: Grid, x: float, y: float) -> tuple[int, int, float]:
    """Column and row of the cell of a point, or of the nearest point of the map, and the metres from there to its border."""
    x = min(max(x, grid.x), grid.x + grid.across * grid.size)
    y = min(max(y, grid.y), grid.y + grid.along * grid.size)
    column = min(int((x - grid.x) / grid.size), grid.across - 1)
    row = min(int((y - grid.y) / grid.size), grid.along - 1)
    left, low = x - grid.x - column * grid.size, y - grid.y - row * grid.size
    return column, row, max(0.0, min(left, low, grid.size - left, grid.size - low))


@uncounted
def cheapest(g: Ground, n: Asked, r: int, off: Off, keys: Array, who: Array) -> int:
    """The ``len(keys)`` cheapest helpers of need r who fit, as rising keys (cost, rank) and rows; how many there are.

    ``off`` is what keeps helpers off: with ``taken`` (seats given, per row) only those who have one left are found; with
    ``price`` (never positive, per row) each is as much dearer as his price is below 0. Empty arrays keep nobody off.
    """
    found, most, grid, lists, need = greet(g, n, r, off, keys, who), len(keys), g.grid, g.lists, n.needs[r]
    at = shortest_list(lists, g.slots, need["skills"], need["slots"])
    if at < 0 or lists.start[at] == lists.start[at + 1]:
        return found
    column, row, border = home(grid, need["x"], need["y"])
    for ring in range(max(grid.across, grid.along)):
        near = 0.0 if ring == 0 else (ring - 1) * grid.size + border
        if near > need["reach"] + 1 or (found == most and int(near) + need["stranger"] > keys[most - 1] >> RANK_BITS):
            break
        for j in range(max(row - ring, 0), min(row + ring, grid.along - 1) + 1):
            step = 1 if abs(j - row) == ring else 2 * ring
            for i in range(column - ring, column + ring + 1, step):
                if i < 0 or i >= grid.across:
                    continue
                way = way_to_cell(grid, need["x"], need["y"], i, j)
                if way <= need["reach"] + 1:
                    found = scan_cell(g, n, r, at, j * grid.across + i, int(way), off, keys, who, found)
    return found


@uncounted
def list_many(
    g: Ground, n: Asked, which: Array, off: Off, start: Array, costs: Array, who: Array, found: Array
) -> None:
    """``cheapest`` for the needs ``which``: list i goes to ``start[i]:start[i + 1]``, its length to ``found[i]``."""
    for i in range(len(which)):
        keys = costs[start[i] : start[i + 1]]
        found[i] = cheapest(g, n, which[i], off, keys, who[start[i] : start[i + 1]])
        for at in range(found[i]):
            keys[at] >>= RANK_BITS


@uncounted
def least_reduced(g: Ground, n: Asked, r: int, prices: Array, most: int) -> int:
    """The least of ``most`` and of c(r, v) - prices[v] over every helper v who fits; prices are never positive."""
    grid, lists, need, least = g.grid, g.lists, n.needs[r], most
    for entry in range(need["last_from"], need["last_to"]):
        v = n.last[entry]
        metres = metres_between(g.rows[v], need)
        if fits(g.rows[v], need, metres) and not named(n.barred, need["barred_from"], need["barred_to"], v):
            least = min(least, metres + g.rows[v]["price"] - prices[v])
    at = shortest_list(lists, g.slots, need["skills"], need["slots"])
    if at < 0 or lists.start[at] == lists.start[at + 1]:
        return least
    for cell in range(grid.across * grid.along):
        way = way_to_cell(grid, need["x"], need["y"], cell % grid.across, cell // grid.across)
        if way > need["reach"] + 1 or int(way) + need["stranger"] >= least:
            continue
        begin = lists.start[at] + lists.cells[at, cell]
        for entry in range(begin, lists.start[at] + lists.cells[at, cell + 1]):
            v = lists.who[entry]
            one = g.rows[v]
            price = one["price"] + need["stranger"]
            if int(way) + price >= least:
                break
            metres = metres_between(one, need)
            if metres + price - prices[v] >= least or not fits(one, need, metres):
                continue
            barred = named(n.barred, need["barred_from"], need["barred_to"], v)
            if not barred and not named(n.last, need["last_from"], need["last_to"], v):
                least = metres + price - prices[v]
    return least


@uncounted
def least_of_many(g: Ground, n: Asked, which: Array, prices: Array, most: Array, least: Array) -> None:
    """``least_reduced`` for the needs ``which``."""
    for i in range(len(which)):
        least[i] = least_reduced(g, n, which[i], prices, most[i])
