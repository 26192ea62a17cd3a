"""All open needs at once: the cheapest plan, with a proof of how cheap it is.

A seat is filled with a helper who fits every rule (``scanning.fits``) at the cost c(r, v), or stays empty at the price
M(r) of its need. Each helper gives at most ``capacity`` seats in a batch: one for a person, so that nobody is asked for
two things at once; what he has accepted is no longer a free slot in the next batch. The total is made as small as it can
be (``certificate`` writes the linear programme down).

The helpers that fit may be tens of thousands for each need. Each list begins with its ``first`` cheapest; after solving,
the certificate names the needs for which somebody left out could matter, their lists grow fourfold, and so on. When it
names none the plan is a cheapest one among all helpers. (Which lists to lengthen is first found with the prices of a quick
auction; the exact solver has the last word, also on that.) When lists may grow no further, or the solver was only nearly
exact, ``Plan.bound`` still is a lower bound of the cheapest plan, and ``Plan.gap`` says what was lost at most.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np

from huying.matching import auction, certificate, compiled, library, scanning, shortest
from huying.matching.index import Array, Asked, Index
from huying.matching.listing import Listing
from huying.matching.problem import Ints, Needs
from huying.matching.shortest import EMPTY, Arcs

FIRST, TIMES, LONGEST = 8, 4, 512
BUDGET = 200_000_000
"""Entries of lists that the exact kernel may read before the auction takes over: about a second."""
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
    seats given by each helper; ``method`` that made it; ``rounds`` of lengthening; ``entries`` of all lists at the end.
    """

    need: Ints
    helper: Ints
    cost: Ints
    empty: Ints
    total: int
    bound: int
    taken: Ints
    method: Method
    rounds: int
    entries: int

    @property
    def proven(self) -> bool:
        """Whether no plan can be cheaper."""
        return self.total == self.bound

    @property
    def gap(self) -> float:
        """The share of the total that is certainly not exceeded by what was lost; 0 when proven."""
        return (self.total - self.bound) / self.bound if self.bound > 0 else float(self.total > self.bound)


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
    asked = index.asked(needs)
    listing = Listing(index, asked, first=first, workers=workers or os.cpu_count() or 1)
    told("lists")
    rounds, roughly = 1, method != Method.AUCTION and compiled.INSTALLED
    while True:
        arcs, known = listing.arcs()
        at, price, used = _solve(arcs, Method.AUCTION if roughly else method, step)
        proof = certificate.bound(arcs, price, listing.full, step if roughly else 0)
        told("solve")
        if proof.short.any() and listing.lengthen(np.flatnonzero(proof.short), times=TIMES, longest=longest):
            told("lists")
            rounds += 1
            method = method if roughly else used
        elif roughly:
            roughly = False
        else:
            break
    need = np.repeat(np.arange(len(needs)), needs.headcount)
    row = np.where(at == EMPTY, EMPTY, known[np.maximum(at, 0)] if len(known) else EMPTY)
    taken = np.bincount(row[row >= 0], minlength=len(index.ids))
    lower = proof.value
    if proof.short.any():
        fill(index, asked, need, row, taken)
        lower = max(lower, _bound_over_all(index, asked, arcs, price, known))
    told("fill")
    return _plan(index, asked, need, row, taken, lower, (used, rounds, len(arcs.who)))


def _bound_over_all(index: Index, asked: Asked, arcs: Arcs, price: Array, known: Array) -> int:
    """B(price) with u(r) taken over all helpers and not only over lists that were cut off: dearer, and nearer the truth."""
    prices = np.zeros(len(index.ids), np.int64)
    prices[known] = price
    which, least = np.arange(len(arcs.seats)), np.empty(len(arcs.seats), np.int64)
    scanning.least_of_many(index.ground, asked, which, prices, certificate.need_prices(arcs, price), least)
    return int((arcs.seats * least).sum() + (arcs.capacity * price).sum())


def _solve(arcs: Arcs, method: Method, step: int) -> tuple[Array, Array, Method]:
    """The helper of each seat, the prices, and by what method."""
    if method == Method.AUTO and not compiled.INSTALLED and library.INSTALLED:
        method = Method.LIBRARY
    if method in {Method.AUTO, Method.EXACT}:
        budget = BUDGET if method == Method.AUTO else shortest.FAR_AWAY - 1
        state = shortest.assign(arcs, budget)
        if state is not None:
            return state.at, state.price, Method.EXACT
        method = Method.AUCTION if method == Method.AUTO else Method.LIBRARY
    if method == Method.LIBRARY:
        at = library.assign(arcs)
        return at, certificate.prices_of(arcs, at), method
    at, price = auction.assign(arcs, step)
    return at, certificate.tightened(arcs, price), method


def fill(index: Index, asked: Asked, need: Array, row: Array, taken: Array) -> None:
    """Give each empty seat the cheapest helper beyond its list who has a seat left and costs less than the empty seat.

    Only where lists were cut off: an empty seat then always means that nobody who fits is left. Changes row and taken.
    """
    keys, who = np.empty(1, np.int64), np.empty(1, np.int32)
    for seat in np.flatnonzero(row == EMPTY):
        r = int(need[seat])
        found = scanning.cheapest(index.ground, asked, r, taken, keys, who)
        if found and keys[0] >> scanning.RANK_BITS < asked.needs["unserved"][r]:
            row[seat] = who[0]
            taken[who[0]] += 1


def _plan(index: Index, asked: Asked, need: Array, row: Array, taken: Array, bound: int, how: tuple[Any, ...]) -> Plan:
    held = np.flatnonzero(row >= 0)
    costs = pair_costs(index, asked, need[held], row[held])
    empty = asked.needs["headcount"] - np.bincount(need[held], minlength=len(asked.needs))
    of_helper = np.zeros(len(index.ids), np.int64)
    of_helper[index.ids] = taken
    total = int(costs.sum() + (empty * asked.needs["unserved"]).sum())
    facts = need[held], index.ids[row[held]].astype(np.int64), costs, empty
    return Plan(*facts, total, bound, of_helper, *how)


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
