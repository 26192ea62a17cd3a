"""Small worlds, and the same questions answered the long way: every helper, every plan, every way to bend a rule."""

from __future__ import annotations

import math
from functools import cache
from itertools import pairwise
from typing import Any

from hypothesis import strategies as st

from huying.matching.index import Index, build
from huying.matching.problem import Helpers, Lists, Needs, Prices, Relaxing, Week

WEEK = Week(slots=4, a_day=2, minutes=60)
SKILLS = LANGUAGES = 3
PLACES = st.sampled_from([0, 400, 900, 1_000, 1_600, 2_500, 3_700])
MASKS = st.integers(0, 7)


def many(draw: Any, values: Any, count: int) -> list[Any]:
    return draw(st.lists(values, min_size=count, max_size=count))


@st.composite
def worlds(draw: Any, most_helpers: int = 6, most_needs: int = 3) -> tuple[Index, Needs]:
    """A few helpers, persons and teams, and a few needs that quarrel about them."""
    helpers, needs = draw(st.integers(0, most_helpers)), draw(st.integers(1, most_needs))
    people = Helpers.make(
        many(draw, PLACES, helpers),
        many(draw, PLACES, helpers),
        many(draw, st.sampled_from([0, 1, 3, 5, 7]), helpers),
        many(draw, st.sampled_from([0, 1, 2, 3, 6, 12, 15, 15]), helpers),
        languages=many(draw, MASKS, helpers),
        group=many(draw, st.integers(0, 2), helpers),
        load=many(draw, st.integers(0, 3), helpers),
        load_limit=many(draw, st.integers(1, 4), helpers),
        rested_from=many(draw, st.sampled_from([-60, 0, 60, 120]), helpers),
        reach=many(draw, st.sampled_from([500, 1_500, 9_000]), helpers),
        capacity=many(draw, st.sampled_from([1, 1, 1, 2, 3]), helpers),
    )
    someone = st.lists(st.integers(0, helpers - 1), max_size=2) if helpers else st.just([])
    asked = Needs.make(
        many(draw, PLACES, needs),
        many(draw, PLACES, needs),
        many(draw, st.sampled_from([0, 0, 1, 2, 3]), needs),
        many(draw, st.sampled_from([1, 2, 3, 4, 8]), needs),
        languages=many(draw, st.sampled_from([0, 0, 1, 6]), needs),
        accepts=many(draw, st.sampled_from([7, 7, 1, 6]), needs),
        begins=many(draw, st.sampled_from([0, 60, 120]), needs),
        reach=many(draw, st.sampled_from([800, 2_000, 9_000]), needs),
        headcount=many(draw, st.integers(1, 2), needs),
        adds=many(draw, st.integers(1, 2), needs),
        unserved=many(draw, st.sampled_from([1_000, 5_000, 20_000]), needs),
        movable=many(draw, st.integers(0, 15), needs),
        last=Lists.of(many(draw, someone, needs)),
        barred=Lists.of(many(draw, someone, needs)),
    )
    prices = Prices(load=draw(st.sampled_from([0, 100, 700])), stranger=draw(st.sampled_from([0, 500])))
    return build(people, WEEK, prices=prices, seed=draw(st.integers(0, 3))), asked


def listed(lists: Lists, row: int) -> list[int]:
    return lists.who[lists.start[row] : lists.start[row + 1]].tolist()


def metres(index: Index, needs: Needs, r: int, v: int) -> int:
    h = index.helpers
    return math.floor(math.dist((h.x[v], h.y[v]), (needs.x[r], needs.y[r])) + 0.5)


def passes(index: Index, needs: Needs, r: int, v: int) -> list[bool]:
    """The answers of helper v to the seven questions of need r."""
    h = index.helpers
    skills, slots = int(needs.skills[r]), int(needs.slots[r])
    return [
        int(h.skills[v]) & skills == skills and v not in listed(needs.barred, r),
        metres(index, needs, r, v) <= min(int(needs.reach[r]), int(h.reach[v])),
        int(needs.languages[r]) == 0 or int(h.languages[v]) & int(needs.languages[r]) > 0,
        int(h.group[v]) in [group for group in range(63) if int(needs.accepts[r]) >> group & 1],
        int(h.slots[v]) & slots == slots,
        int(h.load[v]) + int(needs.adds[r]) <= int(h.load_limit[v]),
        int(h.rested_from[v]) <= int(needs.begins[r]),
    ]


def cost(index: Index, needs: Needs, r: int, v: int) -> int:
    last = listed(needs.last, r)
    stranger = index.prices.stranger if last and v not in last else 0
    return metres(index, needs, r, v) + int(index.helpers.load[v]) * index.prices.load + stranger


def fitting(index: Index, needs: Needs, r: int) -> dict[int, int]:
    """Everybody who may help with r, and at what cost."""
    everybody = range(len(index.helpers))
    return {v: cost(index, needs, r, v) for v in everybody if all(passes(index, needs, r, v))}


def cheapest_total(index: Index, needs: Needs) -> int:
    """The least total of every way to fill every seat or leave it empty."""
    seats = [r for r in range(len(needs)) for _ in range(int(needs.headcount[r]))]
    may = {r: fitting(index, needs, r) for r in set(seats)}

    @cache
    def rest(at: int, left: tuple[int, ...]) -> int:
        if at == len(seats):
            return 0
        totals = [int(needs.unserved[seats[at]]) + rest(at + 1, left)]
        for v, price in may[seats[at]].items():
            if left[v]:
                totals.append(price + rest(at + 1, (*left[:v], left[v] - 1, *left[v + 1 :])))
        return min(totals)

    return rest(0, tuple(index.helpers.capacity.tolist()))


def windows(slots: int) -> dict[int, int]:
    """Every way to move a set of slots inside the week: by how many, to which."""
    bits = [bit for bit in range(WEEK.slots) if slots >> bit & 1]
    moves = range(-WEEK.slots, WEEK.slots + 1)
    return {by: sum(1 << (bit + by) for bit in bits) for by in moves if all(0 <= bit + by < WEEK.slots for bit in bits)}


def cheapest_bending(index: Index, needs: Needs, r: int, left: list[int], prices: Relaxing) -> int | None:
    """The least cost of one more helper for r when rules may be bent at ``prices``; None when they may not."""
    h = index.helpers
    totals = []
    for v in range(len(h)):
        answers = passes(index, needs, r, v)
        if not answers[0] or left[v] <= 0:
            continue
        far = max(metres(index, needs, r, v) - min(int(needs.reach[r]), int(h.reach[v])), 0)
        over = max(int(h.load[v]) + int(needs.adds[r]) - int(h.load_limit[v]), 0)
        fixed = [
            (far, prices.farther),
            (over, prices.load),
            (not answers[2], prices.language),
            (not answers[3], prices.preference),
        ]
        for by, slots in windows(int(needs.slots[r])).items():
            if int(h.slots[v]) & slots != slots or (by and int(needs.movable[r]) & slots != slots):
                continue
            tired = int(h.rested_from[v]) > int(needs.begins[r]) + by * WEEK.minutes
            bends = [*fixed, (abs(by), prices.slot), (tired, prices.rest)]
            if all(price >= 0 for amount, price in bends if amount):
                totals.append(cost(index, needs, r, v) + sum(amount * price for amount, price in bends if amount))
    return min(totals, default=None)


def rises(values: list[Any]) -> bool:
    return all(one <= other for one, other in pairwise(values))
