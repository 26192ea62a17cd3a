"""All open needs at once: the cheapest plan, with a proof of how cheap it is.

A seat is filled with a helper who fits every rule (``scanning.fits``) at the cost c(r, v), or stays empty at the price
M(r) of its need. Each helper gives at most ``capacity`` seats in a batch: one for a person, so that nobody is asked for
two things at once; what he has accepted is no longer a free slot in the next batch. The total is made as small as it can
be (``certificate`` writes the linear programme down).

The helpers that fit may be tens of thousands for each need. Each list begins with its ``first`` cheapest; a kernel that
comes to the end of a list and might need somebody beyond it searches again, at the prices it has by then (``rows``). So the
exact plan is a cheapest one among all helpers, and an auction's plan loses nothing by lists. (The library knows whole lists
only: after solving, the certificate names those that leave out somebody who could matter, they grow fourfold, and so on up
to ``longest``.) Where a plan is only nearly exact ``Plan.bound`` still is a lower bound of the cheapest plan, and
``Plan.gap`` says what was lost at most.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

import numpy as np

from huying.matching import auction, certificate, compiled, exact, library, rows, scanning, shortest
from huying.matching.index import Array, Asked, Index
from huying.matching.listing import FAR_AWAY, Listing
from huying.matching.problem import Ints, Needs
from huying.matching.rows import Rows
from huying.matching.shortest import EMPTY, FREE, State

FIRST, TIMES, LONGEST = 8, 4, 512
BUDGET = 25_000_000
"""Entries of lists that the exact kernel may read before the auction takes over: six seconds or so."""
STEP = 100


class Method(StrEnum):
    """How seats are assigned. AUTO: exact within BUDGET, then by auction; without numba by the library."""

    AUTO = "auto"
    EXACT = "exact"
    AUCTION = "auction"
    LIBRARY = "library"


@dataclass(frozen=True)
class Plan:
    """Who is proposed to whom: ``helper[i]`` (the caller's number) for a seat of need ``need[i]`` at ``cost[i]`` metres.

    ``empty`` seats of each need; ``total`` with the prices of empty seats; ``bound`` below which no plan can be; ``taken``
    seats given by each helper; ``method`` that made it; ``grown`` how often a list was searched again; ``entries`` of all
    lists at the end.
    """

    need: Ints
    helper: Ints
    cost: Ints
    empty: Ints
    total: int
    bound: int
    taken: Ints
    method: Method
    grown: int
    entries: int

    @property
    def proven(self) -> bool:
        """Whether no plan can be cheaper."""
        return self.total == self.bound

    @property
    def gap(self) -> float:
        """The share of the total that is certainly not exceeded by what was lost; 0 when proven."""
        return (self.total - self.bound) / self.bound if self.bound > 0 else float(self.total > self.bound)


class Found(NamedTuple):
    """What a solver says: the row of each seat (EMPTY without), prices per row, a lower bound, and how it went."""

    row: Array
    price: Array
    bound: int
    complete: bool
    method: Method
    grown: int
    entries: int


def _silent(stage: str) -> None:
    """Nobody listens."""


def assign(
    index: Index,
    needs: Needs,
    *,
    method: Method = Method.AUTO,
    first: int = FIRST,
    longest: int = LONGEST,
    step: int = STEP,
    workers: int = 0,
    told: Callable[[str], None] = _silent,
) -> Plan:
    """The cheapest plan for ``needs``; the same for the same index (and its seed) and needs, on any number of ``workers``.

    ``step`` is the auction's, in metres; ``told`` hears "lists", "solve" and "fill" as each stage ends.
    ValueError for a list shorter than one or a step below one metre.
    """
    if first < 1 or longest < 1 or step < 1:
        raise ValueError("lists hold at least one helper and prices rise by at least one metre")
    if method == Method.AUTO and not compiled.INSTALLED and library.INSTALLED:
        method = Method.LIBRARY
    workers = workers or os.cpu_count() or 1
    asked, order = rarest_first(index, index.asked(needs))
    listing = Listing(index, asked, first=first, workers=workers)
    told("lists")
    found = _by_library(listing, longest) if method == Method.LIBRARY else _by_kernel(listing, method, step)
    told("solve")
    need = np.repeat(np.arange(len(needs)), asked.needs["headcount"])
    taken = np.bincount(found.row[found.row >= 0], minlength=len(index.ids))
    if not found.complete:
        fill(index, asked, need, found.row, taken)
    if _total(index, asked, need, found.row) > found.bound:
        found = found._replace(bound=max(found.bound, _bound_over_all(index, asked, found.price, workers)))
    told("fill")
    return _plan(index, asked, order, found, taken)


def rarest_first(index: Index, asked: Asked) -> tuple[Asked, Array]:
    """The needs in a good order, and their numbers: first those whom few can help, neighbours one after the other.

    Whoever has a choice then finds the others served and goes elsewhere, which is a shorter search than moving them; and
    neighbours read the same memory.
    """
    grid, needs = index.ground.grid, asked.needs
    sizes = np.empty(len(needs), np.int64)
    scanning.list_sizes(index.ground, asked, sizes)
    row, column = ((needs[axis] - low) // grid.size for axis, low in (("y", grid.y), ("x", grid.x)))
    order = np.lexsort((needs["slots"], needs["skills"], column, row, np.frexp(sizes)[1]))
    return asked._replace(needs=needs[order]), order


def solved(listing: Listing, method: Method, step: int = STEP) -> tuple[Rows, State, Method]:
    """The lists as they are at the end, and what the seats have; the auction goes on where the exact kernel stops.

    Exactly, or as exactly as the method and BUDGET allow.
    """
    index, needs = listing.index, listing.asked.needs
    lists = rows.growing(*listing.entries(), listing.rest())
    state = shortest.begin(needs["headcount"], needs["unserved"], index.rows["capacity"])
    field, used = rows.field(index.ground, listing.asked), Method.EXACT
    if method != Method.AUCTION:
        lists = exact.solve(field, lists, state, BUDGET if method == Method.AUTO else FAR_AWAY - 1)
    if np.any(state.at == FREE):
        lists, used = auction.solve(field, lists, state, step), Method.AUCTION
    return lists, state, used


def _by_kernel(listing: Listing, method: Method, step: int) -> Found:
    needs = listing.asked.needs
    lists, state, used = solved(listing, method, step)
    price = np.array(state.helpers["price"])
    arcs = certificate.arcs_of(lists, needs["headcount"], needs["unserved"], state.capacity)
    bound = certificate.bound(arcs, price, lists.rest).value
    return Found(state.at, price, bound, True, used, int(lists.end[1]), int(lists.size.sum()))


def _by_library(listing: Listing, longest: int) -> Found:
    """By whole lists, until the certificate names none that could matter, or lists may grow no further."""
    grown = 0
    while True:
        arcs, known = listing.arcs()
        at = library.assign(arcs)
        price = certificate.prices_of(arcs, at)
        proof = certificate.bound(arcs, price, listing.rest())
        short = np.flatnonzero(proof.short)
        if not listing.lengthen(short, times=TIMES, longest=longest):
            break
        grown += len(short)
    row = np.where(at == EMPTY, EMPTY, known[np.maximum(at, 0)] if len(known) else EMPTY)
    prices = np.zeros(len(listing.index.ids), np.int64)
    prices[known] = price
    return Found(row, prices, proof.value, not len(short), Method.LIBRARY, grown, len(arcs.who))


def _bound_over_all(index: Index, asked: Asked, price: Array, workers: int) -> int:
    """B(price) with u(r) looked for among all helpers and not only in lists: dearer, and nearer the truth."""
    needs = asked.needs
    least = np.empty(len(needs), np.int64)

    def part(which: Array) -> None:
        found = np.empty(len(which), np.int64)
        most = np.array(needs["unserved"][which])
        scanning.least_of_many(index.ground, asked, which, price, most, found)
        least[which] = found

    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(part, np.array_split(np.arange(len(needs)), max(1, min(workers, len(needs) // 64)))))
    return int((needs["headcount"] * least).sum() + (index.rows["capacity"].astype(np.int64) * price).sum())


def fill(index: Index, asked: Asked, need: Array, row: Array, taken: Array) -> None:
    """Give each empty seat the cheapest helper beyond its list who has a seat left and costs less than the empty seat.

    Only where lists were cut off: an empty seat then always means that nobody who fits is left. Changes row and taken.
    """
    keys, who = np.empty(1, np.int64), np.empty(1, np.int32)
    off = scanning.Off(taken, np.zeros(0, np.int64))
    for seat in np.flatnonzero(row == EMPTY):
        r = int(need[seat])
        found = scanning.cheapest(index.ground, asked, r, off, keys, who)
        if found and keys[0] >> scanning.RANK_BITS < asked.needs["unserved"][r]:
            row[seat] = who[0]
            taken[who[0]] += 1


def _total(index: Index, asked: Asked, need: Array, row: Array) -> int:
    held = np.flatnonzero(row >= 0)
    costs = pair_costs(index, asked, need[held], row[held])
    return int(costs.sum() + asked.needs["unserved"][need[row < 0]].sum())


def _plan(index: Index, asked: Asked, order: Array, found: Found, taken: Array) -> Plan:
    need = np.repeat(np.arange(len(order)), asked.needs["headcount"])
    held = np.flatnonzero(found.row >= 0)
    held = held[np.argsort(order[need[held]], kind="stable")]
    of_need, row = need[held], found.row[held]
    costs = pair_costs(index, asked, of_need, row)
    empty = np.empty(len(order), np.int64)
    empty[order] = asked.needs["headcount"] - np.bincount(of_need, minlength=len(order))
    of_helper = np.zeros(len(index.ids), np.int64)
    of_helper[index.ids] = taken
    total = _total(index, asked, need, found.row)
    facts = order[of_need], index.ids[row].astype(np.int64), costs, empty
    return Plan(*facts, total, found.bound, of_helper, found.method, found.grown, found.entries)


def pair_costs(index: Index, asked: Asked, need: Array, row: Array) -> Array:
    """c(r, v) of each pair, in numpy: a second way to the numbers of the kernel."""
    one, wanted = index.rows[row], asked.needs[need]
    east, north = one["x"] - wanted["x"], one["y"] - wanted["y"]
    metres = np.floor(np.sqrt(east * east + north * north) + 0.5).astype(np.int64)
    first, last = wanted["last_from"], wanted["last_to"] - wanted["last_from"]
    pairs = np.repeat(np.arange(len(need)), last)
    entry = np.arange(int(last.sum())) + np.repeat(first - np.cumsum(last) + last, last)
    known = np.zeros(len(need), bool)
    known[pairs[asked.last[entry] == row[pairs]]] = True
    costs: Array = metres + one["price"] + np.where(known, 0, wanted["stranger"])
    return costs
