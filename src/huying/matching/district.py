"""A made-up district for benches and tests: synthetic people only, the same for the same seed.

26 x 18 km with 648 communities; 24 skills from 35 % down to 0.6 % of the volunteers (Zipf); 42 weekly slots, each
volunteer free in a share drawn from a beta distribution with mean 20 %; 0 to 40 hours of load. Calls ask for 1, 2, 3 or 5
people (1.64 on average), 0 to 2 skills, 1 or 2 slots in a row of one day, within 8 km.
"""

from __future__ import annotations

import numpy as np

from huying.matching.index import Array
from huying.matching.problem import Helpers, Needs, Week

WIDE, HIGH, COMMUNITIES = 26_000.0, 18_000.0, 648
SKILLS, MOST, EXPONENT = 24, 0.35, 1.28
HEADCOUNTS, SHARES = (1, 2, 3, 5), (0.62, 0.22, 0.11, 0.05)
REACH, HOURS = 8_000, 40
WEEK = Week()


def volunteers(count: int, seed: int = 1) -> Helpers:
    """``count`` volunteers."""
    draw = np.random.default_rng([seed, 1])
    x, y = _positions(draw, count)
    held = draw.random((count, SKILLS), np.float32) < MOST * np.arange(1, SKILLS + 1) ** -EXPONENT
    share = draw.beta(1.0, 4.0, count).astype(np.float32)
    free = draw.random((count, WEEK.slots), np.float32) < share[:, None]
    return Helpers.make(x, y, _masks(held), _masks(free), load=draw.integers(0, HOURS + 1, count))


def calls(count: int, seed: int = 1) -> Needs:
    """``count`` calls of one role each."""
    draw = np.random.default_rng([seed, 2])
    x, y = _positions(draw, count)
    rare = MOST * np.arange(1, SKILLS + 1) ** -EXPONENT
    skills = np.zeros(count, np.int64)
    many = draw.choice(3, count, p=(0.3, 0.5, 0.2))
    for least in (1, 2):
        drawn = draw.choice(SKILLS, count, p=rare / rare.sum())
        skills |= np.where(many >= least, 1 << drawn, 0)
    first = draw.integers(0, WEEK.slots, count)
    longer = (draw.random(count) < 0.3) & (first % WEEK.a_day < WEEK.a_day - 1)
    slots = (1 << first) | np.where(longer, 1 << (first + 1), 0)
    headcount = draw.choice(HEADCOUNTS, count, p=SHARES)
    movable = (1 << WEEK.slots) - 1
    return Needs.make(
        x, y, skills, slots, reach=REACH, headcount=headcount, begins=first * WEEK.minutes, movable=movable
    )


def on_duty(everybody: Helpers, seats: int, seed: int = 1, share: float = 1.4) -> Helpers:
    """Only ``share`` volunteers for each seat asked for: the scarce case."""
    draw = np.random.default_rng([seed, 3])
    count = min(int(seats * share), len(everybody))
    chosen = np.sort(draw.choice(len(everybody), count, replace=False))
    return Helpers(**{name: getattr(everybody, name)[chosen] for name in Helpers.__dataclass_fields__})


def _positions(draw: np.random.Generator, count: int) -> tuple[Array, Array]:
    """Points about the communities, which themselves are anywhere: the same communities for every draw."""
    homes = np.random.default_rng(COMMUNITIES)
    middle = homes.random((COMMUNITIES, 2)) * (WIDE, HIGH)
    weight = homes.pareto(2.0, COMMUNITIES) + 0.3
    at = middle[draw.choice(COMMUNITIES, count, p=weight / weight.sum())] + draw.normal(0, 250, (count, 2))
    return np.clip(at[:, 0], 0, WIDE), np.clip(at[:, 1], 0, HIGH)


def _masks(held: Array) -> Array:
    """Rows of booleans as masks."""
    masks = np.zeros(len(held), np.int64)
    for bit in range(held.shape[1]):
        masks |= held[:, bit].astype(np.int64) << bit
    return masks
