"""The index of helpers: for each (skill, slot) those who have both, by cell of the map and by price inside a cell.

Helpers are renumbered once by (cell, price, rank), where ``rank`` is a random order drawn from the seed, so that nobody
comes first for having signed up first. A list of (skill, slot) is then a rising row of numbers, its part inside a cell a
stretch of it (CSR), and whoever scans it reads memory forwards. List 0 of each slot holds everybody free then.

With V helpers of whom each has s skills and t free slots on average the lists hold V (s + 1) t numbers of 4 bytes; they
are made in two passes, O(V (s + 1) t). A change of one helper is not worked in: the index belongs to one batch, or is
made anew every few minutes (about a second for a million on one core).
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from huying.matching.compiled import compiled
from huying.matching.problem import ALL, FAR, LARGEST, Helpers, Needs, Prices, Week

Array = NDArray[Any]
MOST_CELLS = 4_096


ROW = np.dtype(
    [
        ("slots", np.int64),
        ("skills", np.int64),
        ("x", np.float64),
        ("y", np.float64),
        ("price", np.int64),
        ("spare", np.int32),
        ("reach", np.int32),
        ("rank", np.int32),
        ("rested_from", np.int64),
        ("languages", np.int64),
        ("capacity", np.int32),
        ("group", np.int32),
    ],
    align=True,
)
"""A helper in the order of the index: ``price`` of the load, ``spare`` load until the limit, ``rank`` for ties.

One after the other in memory, for a search reads most facts of a few helpers.
"""
ASKED = ("skills", "slots", "languages", "accepts", "begins", "reach", "headcount", "adds", "unserved", "movable")
NEED = np.dtype(
    [(name, np.float64) for name in ("x", "y")]
    + [(name, np.int64) for name in (*ASKED, "stranger")]
    + [(name, np.int64) for name in ("last_from", "last_to", "barred_from", "barred_to")],
    align=True,
)


class Asked(NamedTuple):
    """Needs as kernels read them; ``last[last_from:last_to]`` and ``barred`` likewise are rows of the index."""

    needs: Array
    last: Array
    barred: Array


class Grid(NamedTuple):
    """Square cells of ``size`` metres from the corner ``x``, ``y``: ``across`` columns and ``along`` rows of them."""

    x: float
    y: float
    size: float
    across: int
    along: int


class Stretches(NamedTuple):
    """Lists of rows: that of list l begins at ``start[l]``, its part in cell c is ``who[start[l] + cells[l, c]:...]``.

    List ``skill * slots + slot``; skill 0 stands for everybody. ``bounds`` are the rows of each cell.
    """

    start: Array
    cells: Array
    who: Array
    bounds: Array


class Ground(NamedTuple):
    """What is searched: helpers, the map and the lists; ``slots`` of the week."""

    rows: Array
    grid: Grid
    lists: Stretches
    slots: int


@dataclass(frozen=True)
class Index:
    """What ``online.best`` and ``batch.assign`` search. ``ids[row]`` is the caller's number, ``places`` the way back."""

    ground: Ground
    ids: Array
    places: Array
    helpers: Helpers
    week: Week
    prices: Prices

    @property
    def rows(self) -> Array:
        return self.ground.rows

    def asked(self, needs: Needs) -> Asked:
        """The needs with the rows of this index. ValueError for a helper that it does not hold."""
        for listed in (needs.last, needs.barred):
            if len(listed.who) and (listed.who.min() < 0 or listed.who.max() >= len(self.ids)):
                raise ValueError("last or barred name a helper that is not there")
        if len(needs) and int(needs.slots.max()) >> self.week.slots:
            raise ValueError(f"a need asks for a slot after the last of {self.week.slots}")
        made = np.zeros(len(needs), NEED)
        for name in ("x", "y", *ASKED):
            made[name] = getattr(needs, name)
        made["reach"] = np.minimum(needs.reach, FAR)
        made["stranger"] = np.where(np.diff(needs.last.start) > 0, self.prices.stranger, 0)
        for name, listed in (("last", needs.last), ("barred", needs.barred)):
            made[f"{name}_from"], made[f"{name}_to"] = listed.start[:-1], listed.start[1:]
        return Asked(made, self.places[needs.last.who], self.places[needs.barred.who])


def build(helpers: Helpers, week: Week, *, prices: Prices | None = None, seed: int = 0) -> Index:
    """The index of ``helpers``; the same for the same seed. ValueError when a load costs more than a number can hold."""
    chosen = prices or Prices()
    price = helpers.load * chosen.load
    if len(helpers) and int(price.max()) > LARGEST // 2:
        raise ValueError("a load is too large for its price")
    rank = random_ranks(len(helpers), seed)
    grid, cell = _cells(helpers)
    order = _order(cell, price, rank).astype(np.int32)
    places = np.empty_like(order)
    places[order] = np.arange(len(order), dtype=np.int32)
    rows = _rows(helpers, price, rank, order)
    lists = _stretches(rows, cell[order], grid.across * grid.along, week.slots)
    return Index(Ground(rows, grid, lists, week.slots), order, places, helpers, week, chosen)


def _order(cell: Array, price: Array, rank: Array) -> Array:
    """By cell, inside by price, among equals by rank: by one number, twice as fast, where the three fit into one."""
    highest = int(price.max()) + 1 if len(price) else 1
    if highest * MOST_CELLS * len(price) > ALL:
        return np.lexsort((rank, price, cell))
    return np.argsort((cell.astype(np.int64) * highest + price) * len(price) + rank)


def random_ranks(count: int, seed: int) -> Array:
    """A random order of 0..count-1 that is the same on every machine (SplitMix64 of seed and number, sorted)."""
    with np.errstate(over="ignore"):
        mixed = np.arange(1, count + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        mixed += np.uint64((seed * 0xD1342543DE82EF95) % 2**64)
        mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        mixed ^= mixed >> np.uint64(31)
    ranks = np.empty(count, np.int32)
    ranks[np.argsort(mixed, kind="stable")] = np.arange(count, dtype=np.int32)
    return ranks


def _cells(helpers: Helpers) -> tuple[Grid, Array]:
    """A grid over all helpers of cells of 1 km, or of as much more as MOST_CELLS asks, and the cell of each helper."""
    if not len(helpers):
        return Grid(0.0, 0.0, 1_000.0, 1, 1), np.zeros(0, np.int32)
    left, low = float(helpers.x.min()), float(helpers.y.min())
    width, height = float(helpers.x.max()) - left, float(helpers.y.max()) - low
    size = 1_000.0
    while (int(width // size) + 1) * (int(height // size) + 1) > MOST_CELLS:
        size *= 1.25
    grid = Grid(left, low, size, int(width // size) + 1, int(height // size) + 1)
    column = np.minimum(((helpers.x - left) // size).astype(np.int32), grid.across - 1)
    row = np.minimum(((helpers.y - low) // size).astype(np.int32), grid.along - 1)
    return grid, (row * grid.across + column).astype(np.int32)


def _rows(helpers: Helpers, price: Array, rank: Array, order: Array) -> Array:
    rows = np.empty(len(order), ROW)
    for name in ("slots", "skills", "x", "y", "rested_from", "languages", "group"):
        rows[name] = getattr(helpers, name)[order]
    for name, most in (("reach", FAR), ("capacity", LARGEST)):
        rows[name] = np.clip(getattr(helpers, name), -LARGEST, most)[order]
    rows["spare"] = (np.clip(helpers.load_limit, -LARGEST, LARGEST) - helpers.load).clip(-LARGEST, LARGEST)[order]
    rows["price"], rows["rank"] = price[order], rank[order]
    return rows


def _stretches(rows: Array, cell: Array, cells: int, slots: int) -> Stretches:
    """Two halves of the rows at once, each by a thread: the second writes where the first will have ended."""
    held = int(np.bitwise_or.reduce(rows["skills"])) if len(cell) else 0
    width = held.bit_length() + 1
    half = len(rows) // 2
    halves = (slice(half), slice(half, None))
    parts = [np.zeros((width * slots, cells + 1), np.int32) for _ in halves]
    with ThreadPoolExecutor(len(halves)) as pool:
        list(pool.map(lambda part, counts: _count(rows[part], cell[part], slots, counts), halves, parts))
        first = parts[0].sum(axis=1, dtype=np.int64)
        counts = parts[0] + parts[1]
        start = np.zeros(width * slots + 1, np.int64)
        np.cumsum(counts.sum(axis=1, dtype=np.int64), out=start[1:])
        np.cumsum(counts, axis=1, out=counts)
        who = np.empty(int(start[-1]), np.int32)
        heads = (start[:-1].copy(), start[:-1] + first)
        list(pool.map(lambda part, at: _fill(rows[part], part.start or 0, slots, at, who), halves, heads))
    bounds = np.searchsorted(cell, np.arange(cells + 1)).astype(np.int64)
    return Stretches(start, counts, who, bounds)


@compiled
def _bits(mask: int, limit: int, out: Array) -> int:
    """The set bits of ``mask`` below ``limit`` into ``out``; how many."""
    found = 0
    for bit in range(limit):
        if (mask >> bit) & 1:
            out[found] = bit
            found += 1
    return found


@compiled
def _count(rows: Array, cell: Array, slots: int, counts: Array) -> None:
    """How many helpers each list has in each cell, in the column after the cell's own."""
    width = counts.shape[0] // slots
    of_skill, of_slot = np.empty(64, np.int64), np.empty(64, np.int64)
    for row in range(len(rows)):
        known = _bits(rows[row]["skills"], width - 1, of_skill)
        times = _bits(rows[row]["slots"], slots, of_slot)
        for t in range(times):
            counts[of_slot[t], cell[row] + 1] += 1
            for s in range(known):
                counts[(of_skill[s] + 1) * slots + of_slot[t], cell[row] + 1] += 1


@compiled
def _fill(rows: Array, above: int, slots: int, heads: Array, who: Array) -> None:
    """Every row into its lists, in rising order; ``heads`` begin as the starts of the lists and are used up. Rows have
    the numbers from ``above`` on.
    """
    width = len(heads) // slots
    of_skill, of_slot = np.empty(64, np.int64), np.empty(64, np.int64)
    for row in range(len(rows)):
        known = _bits(rows[row]["skills"], width - 1, of_skill)
        times = _bits(rows[row]["slots"], slots, of_slot)
        for t in range(times):
            who[heads[of_slot[t]]] = above + row
            heads[of_slot[t]] += 1
            for s in range(known):
                at = (of_skill[s] + 1) * slots + of_slot[t]
                who[heads[at]] = above + row
                heads[at] += 1
