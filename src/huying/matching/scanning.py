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

import numpy as np

from huying.matching.compiled import compiled
from huying.matching.index import Array, Asked, Grid, Ground, Rows, Stretches

RANK_BITS = 31
RANKS = (1 << RANK_BITS) - 1


@compiled
def metres_between(h: Rows, n: Asked, r: int, v: int) -> int:
    """Whole metres on the plane."""
    east, north = h.x[v] - n.x[r], h.y[v] - n.y[r]
    return int(math.sqrt(east * east + north * north) + 0.5)


@compiled
def named(start: Array, who: Array, r: int, v: int) -> bool:
    """Whether list r names v."""
    for at in range(start[r], start[r + 1]):  # noqa: SIM110  the compiler knows no any()
        if who[at] == v:
            return True
    return False


@compiled
def fits(h: Rows, n: Asked, r: int, v: int, metres: int) -> bool:
    """Whether every rule lets v help with r (not: whether v has a seat left)."""
    return (
        h.slots[v] & n.slots[r] == n.slots[r]
        and h.skills[v] & n.skills[r] == n.skills[r]
        and metres <= min(n.reach[r], h.reach[v])
        and h.spare[v] >= n.adds[r]
        and h.rested_from[v] <= n.begins[r]
        and (n.accepts[r] >> h.group[v]) & 1 == 1
        and (n.languages[r] == 0 or h.languages[v] & n.languages[r] != 0)
        and not named(n.barred_start, n.barred, r, v)
    )


@compiled
def cost_of(h: Rows, n: Asked, r: int, v: int, metres: int) -> int:
    """c(r, v) for any pair, also one that does not fit."""
    known = named(n.last_start, n.last, r, v)
    return metres + h.price[v] + (0 if known else n.stranger[r])


@compiled
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


@compiled
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


@compiled
def way_to_cell(grid: Grid, x: float, y: float, column: int, row: int) -> float:
    """Metres from a point to the nearest point of a cell."""
    left, low = grid.x + column * grid.size, grid.y + row * grid.size
    east = max(left - x, 0.0, x - left - grid.size)
    north = max(low - y, 0.0, y - low - grid.size)
    return math.sqrt(east * east + north * north)


@compiled
def scan_cell(
    g: Ground, n: Asked, r: int, at: int, cell: int, way: int, taken: Array, keys: Array, who: Array, found: int
) -> int:
    """Offer every helper of one stretch who fits, has a seat left and did not come last time; how many there are now."""
    h, lists, most = g.rows, g.lists, len(keys)
    begin = lists.start[at] + lists.cells[at, cell]
    for entry in range(begin, lists.start[at] + lists.cells[at, cell + 1]):
        v = lists.who[entry]
        least = way + h.price[v] + n.stranger[r]
        if found == most and least > keys[most - 1] >> RANK_BITS:
            break
        if h.slots[v] & n.slots[r] != n.slots[r] or h.skills[v] & n.skills[r] != n.skills[r]:
            continue
        metres = metres_between(h, n, r, v)
        cost = metres + h.price[v] + n.stranger[r]
        if found == most and cost > keys[most - 1] >> RANK_BITS:
            continue
        if len(taken) and taken[v] >= h.capacity[v]:
            continue
        if fits(h, n, r, v, metres) and not named(n.last_start, n.last, r, v):
            found = offer(keys, who, found, most, (cost << RANK_BITS) | h.rank[v], v)
    return found


@compiled
def greet(h: Rows, n: Asked, r: int, taken: Array, keys: Array, who: Array) -> int:
    """Offer who came last time and fits, each once; how many these are."""
    found = 0
    for entry in range(n.last_start[r], n.last_start[r + 1]):
        v = n.last[entry]
        again = False
        for before in range(n.last_start[r], entry):
            again = again or n.last[before] == v
        metres = metres_between(h, n, r, v)
        if not again and fits(h, n, r, v, metres) and not (len(taken) and taken[v] >= h.capacity[v]):
            key = ((metres + h.price[v]) << RANK_BITS) | h.rank[v]
            found = offer(keys, who, found, len(keys), key, v)
    return found


@compiled
def home(grid: Grid, x: float, y: float) -> tuple[int, int, float]:
    """Column and row of the cell of a point, or of the nearest point of the map, and the metres from there to its border."""
    x = min(max(x, grid.x), grid.x + grid.across * grid.size)
    y = min(max(y, grid.y), grid.y + grid.along * grid.size)
    column = min(int((x - grid.x) / grid.size), grid.across - 1)
    row = min(int((y - grid.y) / grid.size), grid.along - 1)
    left, low = x - grid.x - column * grid.size, y - grid.y - row * grid.size
    return column, row, max(0.0, min(left, low, grid.size - left, grid.size - low))


@compiled
def cheapest(g: Ground, n: Asked, r: int, taken: Array, keys: Array, who: Array) -> int:
    """The ``len(keys)`` cheapest helpers of need r who fit, as rising keys (cost, rank) and rows; how many there are.

    With ``taken`` (seats given, per row) only those who have one left; with an empty array all.
    """
    found, most, grid, lists = greet(g.rows, n, r, taken, keys, who), len(keys), g.grid, g.lists
    at = shortest_list(lists, g.slots, n.skills[r], n.slots[r])
    if at < 0 or lists.start[at] == lists.start[at + 1]:
        return found
    column, row, border = home(grid, n.x[r], n.y[r])
    for ring in range(max(grid.across, grid.along)):
        near = 0.0 if ring == 0 else (ring - 1) * grid.size + border
        if near > n.reach[r] + 1 or (found == most and int(near) + n.stranger[r] > keys[most - 1] >> RANK_BITS):
            break
        for j in range(max(row - ring, 0), min(row + ring, grid.along - 1) + 1):
            step = 1 if abs(j - row) == ring else 2 * ring
            for i in range(column - ring, column + ring + 1, step):
                if i < 0 or i >= grid.across:
                    continue
                way = way_to_cell(grid, n.x[r], n.y[r], i, j)
                if way <= n.reach[r] + 1:
                    found = scan_cell(g, n, r, at, j * grid.across + i, int(way), taken, keys, who, found)
    return found


@compiled
def list_many(g: Ground, n: Asked, which: Array, start: Array, costs: Array, who: Array, found: Array) -> None:
    """``cheapest`` for the needs ``which``: list i goes to ``start[i]:start[i + 1]``, its length to ``found[i]``."""
    nobody = np.zeros(0, np.int64)
    for i in range(len(which)):
        keys = costs[start[i] : start[i + 1]]
        found[i] = cheapest(g, n, which[i], nobody, keys, who[start[i] : start[i + 1]])
        for at in range(found[i]):
            keys[at] >>= RANK_BITS
