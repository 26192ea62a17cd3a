"""Why a seat stays empty, and what would fill it soonest.

The reason is found by asking one question after the other: who has the skills; of these, who is near enough; who shares a
language; who is in the wished group; who is free then; who is below the limit of load; who is rested; who is not needed
more elsewhere in this plan. The first question after which fewer seats are left than the need has is the rule that binds,
and the number of people after each question goes with it. (Skills, nearness and time are facts of the call; load and rest
protect the helper and are asked last, so that "everybody is resting" is only said when rest alone is in the way.)

The cheapest relaxation is the least, over every helper with the skills and a seat left, of the ordinary cost and the
prices (``problem.Relaxing``) of just those rules that stand against him. The time of the need may move by whole slots, inside
the slots the need calls movable; whether somebody is rested is judged at the moved time. Each need is looked at for
itself: two needs may name the same helper. Skills are never waived, and nobody barred is named. There is none when nobody
with the skills has a seat left in this plan, or when a rule without a price stands against each who has: to bend the others
then helps nobody.

O(helpers) for each need; the needs are shared out over ``workers`` threads.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, NamedTuple

import numpy as np

from huying.matching.batch import Plan
from huying.matching.compiled import compiled
from huying.matching.index import Array, Asked, Index
from huying.matching.problem import Ints, Needs, Relaxing
from huying.matching.scanning import metres_between, named


class Lack(StrEnum):
    """The rule that binds, in the order of the questions."""

    SKILL = "skill"
    DISTANCE = "distance"
    LANGUAGE = "language"
    PREFERENCE = "preference"
    TIME = "time"
    LOAD = "load"
    REST = "rest"
    TAKEN = "taken"
    COST = "cost"  # who is left costs no less than the empty seat


class Bend(StrEnum):
    """A rule bent for one helper; the number beside it is in the unit told here."""

    FARTHER = "farther"  # metres beyond the limit
    SLOT = "slot"  # slots later, or earlier when negative
    LOAD = "load"  # units above the helper's limit
    REST = "rest"  # minutes of rest missing
    LANGUAGE = "language"  # 1
    PREFERENCE = "preference"  # 1
    PRICE = "price"  # metres by which the helper costs more than the empty seat; no rule is bent


RULES = tuple(Lack)[:8]
BENDS = tuple(Bend)[:6]


@dataclass(frozen=True)
class Relaxation:
    """The helper (caller's number) who could fill the next empty seat, at ``cost`` with the price of every rule bent."""

    helper: int
    cost: int
    bends: tuple[tuple[Bend, int], ...]


@dataclass(frozen=True)
class Shortfall:
    """Empty seats of one need, the rule that binds, how many people passed each question, the cheapest way out if any."""

    need: int
    empty: int
    lack: Lack
    people: dict[Lack, int]
    relaxation: Relaxation | None


class Bending(NamedTuple):
    """Prices as kernels read them, with the slots of the week and their minutes."""

    farther: int
    slot: int
    load: int
    rest: int
    language: int
    preference: int
    slots: int
    minutes: int


@compiled
def judge(one: Any, need: Any, metres: int) -> int:
    """How many of the seven questions a helper who has the skills passes."""
    checks = (
        metres <= min(need["reach"], one["reach"]),
        need["languages"] == 0 or one["languages"] & need["languages"] != 0,
        (need["accepts"] >> one["group"]) & 1 == 1,
        one["slots"] & need["slots"] == need["slots"],
        one["spare"] >= need["adds"],
        one["rested_from"] <= need["begins"],
    )
    passed = 1
    for check in checks:
        if not check:
            break
        passed += 1
    return passed


@compiled
def move(one: Any, need: Any, b: Bending, bent: Array) -> int:
    """The least price of another time or a shorter rest, noted in ``bent``; -1 when there is none."""
    best, slots = -1, need["slots"]
    for turn in range(2 * b.slots - 1):
        by = (turn + 1) // 2 if turn % 2 else -(turn // 2)
        price = abs(by) * b.slot
        if by != 0 and (b.slot < 0 or (best >= 0 and price >= best)):
            break
        wanted = slots << by if by >= 0 else slots >> -by
        back = wanted >> by if by >= 0 else wanted << -by
        whole = back == slots and wanted >> b.slots == 0
        if not whole or (by != 0 and wanted & need["movable"] != wanted) or one["slots"] & wanted != wanted:
            continue
        missing = one["rested_from"] - (need["begins"] + by * b.minutes)
        if missing > 0:
            if b.rest < 0:
                continue
            price += b.rest
        if best < 0 or price < best:
            best, bent[1], bent[3] = price, by, max(missing, 0)
    return best


@compiled
def bend(one: Any, need: Any, metres: int, b: Bending, bent: Array) -> int:
    """The price of every rule that stands against a helper, noted in ``bent``; -1 when one of them may not be bent."""
    bent[0] = max(metres - min(need["reach"], one["reach"]), 0)
    bent[1] = bent[3] = 0
    bent[2] = max(need["adds"] - one["spare"], 0)
    bent[4] = 0 if need["languages"] == 0 or one["languages"] & need["languages"] != 0 else 1
    bent[5] = 1 - ((need["accepts"] >> one["group"]) & 1)
    if (
        (bent[0] > 0 and b.farther < 0)
        or (bent[2] > 0 and b.load < 0)
        or (bent[4] > 0 and b.language < 0)
        or (bent[5] > 0 and b.preference < 0)
    ):
        return -1
    price: int = move(one, need, b, bent)
    if price < 0:
        return -1
    price += bent[0] * b.farther + bent[2] * b.load + bent[4] * b.language + bent[5] * b.preference
    return price


@compiled
def look(
    h: Array, n: Asked, r: int, taken: Array, b: Bending, people: Array, seats: Array, bends: Array
) -> tuple[int, int]:
    """Count people and seats after each question, and find the cheapest relaxation: its cost and row, -1 without."""
    best, helper, need = -1, -1, n.needs[r]
    bent = np.zeros(6, np.int64)
    for v in range(len(h)):
        one = h[v]
        if one["skills"] & need["skills"] != need["skills"]:
            continue
        if named(n.barred, need["barred_from"], need["barred_to"], v):
            continue
        metres = metres_between(one, need)
        passed, left = judge(one, need, metres), one["capacity"] - taken[v]
        for question in range(passed):
            people[question] += 1
            seats[question] += min(one["capacity"], need["headcount"])
        if left <= 0:
            continue
        if passed == 7:
            people[7] += 1
            seats[7] += min(left, need["headcount"])
        known = named(n.last, need["last_from"], need["last_to"], v)
        cost = metres + one["price"] + (0 if known else need["stranger"])
        if best >= 0 and cost > best:
            continue
        price = bend(one, need, metres, b, bent)
        cost += price
        if price >= 0 and (best < 0 or cost < best or (cost == best and one["rank"] < h[helper]["rank"])):
            best, helper = cost, v
            for rule in range(6):
                bends[rule] = bent[rule]
    return best, helper


@compiled
def look_at_many(
    h: Array, n: Asked, which: Array, taken: Array, b: Bending, people: Array, seats: Array, bends: Array, found: Array
) -> None:
    """``look`` for each need of ``which``; ``found`` holds cost and row."""
    for i in range(len(which)):
        found[i, 0], found[i, 1] = look(h, n, which[i], taken, b, people[i], seats[i], bends[i])


def explain(
    index: Index,
    needs: Needs,
    plan: Plan,
    *,
    relaxing: Relaxing | None = None,
    rows: Ints | None = None,
    workers: int = 0,
) -> list[Shortfall]:
    """A Shortfall for each need of ``rows`` (without: of all) that has an empty seat in ``plan``, in their order."""
    asked, prices = index.asked(needs), relaxing or Relaxing()
    open_needs = np.flatnonzero(plan.empty)
    which = open_needs if rows is None else np.asarray(rows, np.int64)[plan.empty[rows] > 0]
    bending = Bending(**asdict(prices), slots=index.week.slots, minutes=index.week.minutes)
    taken = plan.taken[index.ids]
    people, seats = np.zeros((len(which), 8), np.int64), np.zeros((len(which), 8), np.int64)
    bends, found = np.zeros((len(which), 6), np.int64), np.zeros((len(which), 2), np.int64)

    def part(share: Array) -> None:
        first, last = share[0], share[-1] + 1
        made = people[first:last], seats[first:last], bends[first:last], found[first:last]
        look_at_many(index.rows, asked, which[first:last], taken, bending, *made)

    shares = [one for one in np.array_split(np.arange(len(which)), workers or os.cpu_count() or 1) if len(one)]
    if shares:
        with ThreadPoolExecutor(len(shares)) as pool:
            list(pool.map(part, shares))
    return [
        _shortfall(index, needs, plan, int(r), people[i], seats[i], bends[i], found[i])
        for i, r in enumerate(which.tolist())
    ]


def _shortfall(
    index: Index, needs: Needs, plan: Plan, r: int, people: Array, seats: Array, bends: Array, found: Array
) -> Shortfall:
    wanted = [int(needs.headcount[r])] * 7 + [int(plan.empty[r])]
    lack = next((rule for rule, has, needed in zip(RULES, seats, wanted, strict=True) if has < needed), Lack.COST)
    relaxation = None
    if found[1] >= 0:
        bent = tuple((one, int(amount)) for one, amount in zip(BENDS, bends, strict=True) if amount)
        price = (Bend.PRICE, int(found[0] - needs.unserved[r]))
        relaxation = Relaxation(int(index.ids[found[1]]), int(found[0]), bent or (price,))
    return Shortfall(r, int(plan.empty[r]), lack, dict(zip(RULES, people.tolist(), strict=True)), relaxation)
