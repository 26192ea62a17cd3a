"""One call at a time: the best helpers for a need, exactly, with what each costs and why he is proposed."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from huying.matching import scanning
from huying.matching.index import Index
from huying.matching.problem import Ints, Needs


class Why(StrEnum):
    """What speaks for a helper; the value that goes with it is a whole number, the words are the caller's."""

    WALK = "walk"  # minutes on foot
    SKILLS = "skills"  # mask of the skills asked for, all of which the helper has; left out when none is asked for
    LANGUAGES = "languages"  # mask of the languages in common; left out when none is asked for
    FREE_UNTIL = "free_until"  # the last slot of the same day until which the helper stays free
    LOAD = "load"  # services this week so far
    LAST_TIME = "last_time"  # 1: helped last time; else left out
    SEATS = "seats"  # people a team or unit can send; left out for a person


@dataclass(frozen=True)
class Candidate:
    """A helper (the caller's number) with his cost in metres, its three parts, and the reasons."""

    helper: int
    cost: int
    metres: int
    load_price: int
    stranger_price: int
    reasons: tuple[tuple[Why, int], ...]


def best(index: Index, needs: Needs, row: int, count: int = 20, *, taken: Ints | None = None) -> list[Candidate]:
    """The ``count`` cheapest helpers who may serve need ``row``, best first; ties in the order of the index's seed.

    Exact: there is no other helper who fits and costs less. Fewer when fewer fit. ``taken`` (seats given already, per
    helper) leaves out those who have none left. O(helpers scanned), some hundred among a million, see ``scanning``.
    """
    asked = index.asked(needs)
    keys, who = np.empty(count, np.int64), np.empty(count, np.int32)
    given = np.zeros(0, np.int64) if taken is None else np.asarray(taken, np.int64)[index.ids]
    found = (
        scanning.cheapest(index.ground, asked, row, scanning.Off(given, np.zeros(0, np.int64)), keys, who)
        if count
        else 0
    )
    return [candidate(index, needs, row, int(index.ids[v])) for v in who[:found]]


def candidate(index: Index, needs: Needs, row: int, helper: int) -> Candidate:
    """Cost, parts and reasons of one pair; also for a pair that a person chose against the rules."""
    h, prices = index.helpers, index.prices
    east, north = float(h.x[helper] - needs.x[row]), float(h.y[helper] - needs.y[row])
    metres = int(math.sqrt(east * east + north * north) + 0.5)
    last = needs.last.who[needs.last.start[row] : needs.last.start[row + 1]]
    known = helper in last.tolist()
    load = int(h.load[helper]) * prices.load
    stranger = prices.stranger if len(last) and not known else 0
    reasons = [(Why.WALK, -(-metres // prices.walk)), (Why.SKILLS, int(needs.skills[row]) & int(h.skills[helper]))]
    reasons.append((Why.LANGUAGES, int(h.languages[helper] & needs.languages[row])))
    until = free_until(int(h.slots[helper]), int(needs.slots[row]), index.week.a_day)
    told = [one for one in reasons if one[1] or one[0] == Why.WALK]
    if until is not None:
        told.append((Why.FREE_UNTIL, until))
    told.append((Why.LOAD, int(h.load[helper])))
    if known:
        told.append((Why.LAST_TIME, 1))
    if h.capacity[helper] > 1:
        told.append((Why.SEATS, int(h.capacity[helper])))
    return Candidate(helper, metres + load + stranger, metres, load, stranger, tuple(told))


def free_until(free: int, needed: int, a_day: int) -> int | None:
    """The last slot, on the day on which the need ends, up to which ``free`` has no gap; None when not free then."""
    if free & needed != needed:
        return None
    last = needed.bit_length() - 1
    while (last + 1) % a_day and (free >> (last + 1)) & 1:
        last += 1
    return last
