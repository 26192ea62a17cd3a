"""Is a plan what it says? Every rule and sum again, in numpy, without the kernels."""

from __future__ import annotations

import numpy as np

from huying.matching.batch import Plan
from huying.matching.index import Array, Index
from huying.matching.problem import Lists, Needs


def faults(index: Index, needs: Needs, plan: Plan) -> list[str]:
    """What is wrong with ``plan``, one sentence each; an empty list when every pair fits and every sum is right."""
    h, n, found = index.helpers, plan.need, plan.helper
    east, north = h.x[found] - needs.x[n], h.y[found] - needs.y[n]
    metres = np.floor(np.sqrt(east * east + north * north) + 0.5).astype(np.int64)
    broken = {
        "skills": h.skills[found] & needs.skills[n] != needs.skills[n],
        "slots": h.slots[found] & needs.slots[n] != needs.slots[n],
        "languages": (needs.languages[n] != 0) & (h.languages[found] & needs.languages[n] == 0),
        "group": (needs.accepts[n] >> h.group[found]) & 1 == 0,
        "reach": metres > np.minimum(needs.reach[n], h.reach[found]),
        "load": h.load[found] + needs.adds[n] > h.load_limit[found],
        "rest": h.rested_from[found] > needs.begins[n],
        "bar": _named(needs.barred, n, found, len(h)),
    }
    told = [f"{int(wrong.sum())} pairs break the rule of {rule}" for rule, wrong in broken.items() if wrong.any()]
    used = np.bincount(found, minlength=len(h))
    sure = _named(needs.last, n, found, len(h))
    strange = (np.diff(needs.last.start)[n] > 0) & ~sure
    costs = metres + h.load[found] * index.prices.load + strange * index.prices.stranger
    sums = {
        "somebody gives more seats than he has": (used > h.capacity).any(),
        "the seats given are not those noted": (used != plan.taken).any(),
        "filled and empty seats are not all": (
            np.bincount(n, minlength=len(needs)) + plan.empty != needs.headcount
        ).any(),
        "a cost is not what it is made of": (costs != plan.cost).any(),
        "the total is not the sum": int(costs.sum() + (plan.empty * needs.unserved).sum()) != plan.total,
        "the bound is above the total": plan.bound > plan.total,
    }
    return told + [sentence for sentence, wrong in sums.items() if wrong]


def _named(lists: Lists, need: Array, helper: Array, width: int) -> Array:
    """Whether list ``need[i]`` names ``helper[i]``."""
    pairs = np.repeat(np.arange(len(lists.start) - 1), np.diff(lists.start)) * width + lists.who
    return np.isin(need * width + helper, pairs)
