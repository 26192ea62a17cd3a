from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from huying.matching import district
from huying.matching.index import Index, build
from huying.matching.online import Why, best, free_until
from huying.matching.problem import Helpers, Lists, Needs, Prices, Week
from huying.matching.tests import worlds


def in_order(index: Index, needs: Needs, row: int) -> list[tuple[int, int]]:
    """Everybody who fits, cheapest first, equals in the order of the seed."""
    rank = index.rows["rank"][index.places]
    fitting = worlds.fitting(index, needs, row)
    return [(v, fitting[v]) for v in sorted(fitting, key=lambda v: (fitting[v], rank[v]))]


@settings(max_examples=200, deadline=None)
@given(worlds.worlds(most_helpers=9), st.integers(0, 10))
def test_the_best_are_those_whom_a_look_at_everybody_finds(world: tuple[Index, Needs], count: int) -> None:
    index, needs = world

    for row in range(len(needs)):
        found = [(one.helper, one.cost) for one in best(index, needs, row, count)]

        assert found == in_order(index, needs, row)[:count]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_best_twenty_of_a_town_are_those_whom_a_look_at_everybody_finds(seed: int) -> None:
    index = build(district.volunteers(3_000, seed), district.WEEK, seed=seed)
    needs = district.calls(30, seed)

    for row in range(len(needs)):
        assert [(one.helper, one.cost) for one in best(index, needs, row)] == in_order(index, needs, row)[:20]


def test_a_call_from_outside_the_map_finds_the_nearest_too() -> None:
    index = build(district.volunteers(2_000), district.WEEK)
    for x, y in ((-9_000.0, 4_000.0), (40_000.0, 30_000.0), (13_000.0, -2_000.0)):
        needs = Needs.make([x], [y], 0, 1)

        assert [(one.helper, one.cost) for one in best(index, needs, 0)] == in_order(index, needs, 0)[:20]


@settings(max_examples=100, deadline=None)
@given(worlds.worlds())
def test_every_reason_and_every_part_of_the_cost_is_true(world: tuple[Index, Needs]) -> None:
    index, needs = world
    h = index.helpers

    for row in range(len(needs)):
        for one in best(index, needs, row):
            v, told = one.helper, dict(one.reasons)
            assert one.cost == one.metres + one.load_price + one.stranger_price
            assert one.metres == worlds.metres(index, needs, row, v)
            assert one.load_price == h.load[v] * index.prices.load
            assert one.metres <= told[Why.WALK] * index.prices.walk < one.metres + index.prices.walk
            assert told[Why.LOAD] == h.load[v]
            assert told.get(Why.SKILLS, 0) == needs.skills[row]
            assert told.get(Why.LANGUAGES, 0) == h.languages[v] & needs.languages[row]
            assert (Why.LAST_TIME in told) == (v in worlds.listed(needs.last, row))
            assert told.get(Why.SEATS, 1) == h.capacity[v]


def test_a_helper_comes_with_all_that_speaks_for_him() -> None:
    monday_afternoon = 0b1100
    helpers = Helpers.make([360.0], [0.0], 0b1, monday_afternoon, languages=0b11, load=2)
    index = build(helpers, Week(slots=42, a_day=6))
    needs = Needs.make([0.0], [0.0], 0b1, 0b100, languages=0b10, last=Lists.of([[0]]))

    (one,) = best(index, needs, 0)

    assert dict(one.reasons) == {
        Why.WALK: 6,
        Why.SKILLS: 0b1,
        Why.LANGUAGES: 0b10,
        Why.FREE_UNTIL: 3,
        Why.LOAD: 2,
        Why.LAST_TIME: 1,
    }


def test_who_has_given_all_seats_is_left_out() -> None:
    index = build(Helpers.make([0.0, 9.0], [0.0, 0.0], 0, 1, capacity=[1, 2]), Week())
    needs = Needs.make([0.0], [0.0], 0, 1)

    assert [one.helper for one in best(index, needs, 0, taken=np.array([1, 1]))] == [1]


def test_being_free_ends_with_the_day_or_at_the_next_promise() -> None:
    assert free_until(0b001111, 0b000010, 6) == 3
    assert free_until(0b1111111111, 0b000010, 6) == 5
    assert free_until(0b1011, 0b0010, 6) == 1
    assert free_until(0b1011, 0b0100, 6) is None


def test_an_index_holds_everybody_once_in_each_list_he_belongs_to() -> None:
    helpers = district.volunteers(300)
    index = build(helpers, district.WEEK, seed=4)
    width = len(index.ground.lists.start) // district.WEEK.slots

    for skill in range(width):
        for slot in range(district.WEEK.slots):
            at = skill * district.WEEK.slots + slot
            rows = index.ground.lists.who[index.ground.lists.start[at] : index.ground.lists.start[at + 1]]
            may = (helpers.slots >> slot & 1 == 1) & ((helpers.skills >> max(skill - 1, 0) & 1 == 1) | (skill == 0))
            assert (np.diff(rows) > 0).all()
            assert sorted(index.ids[rows].tolist()) == np.flatnonzero(may).tolist()


def test_a_wide_county_has_larger_cells_and_the_same_answers() -> None:
    draw = np.random.default_rng(2)
    helpers = Helpers.make(draw.random(2_000) * 300_000, draw.random(2_000) * 200_000, 0, 1)
    index = build(helpers, Week())
    needs = Needs.make([150_000.0], [90_000.0], 0, 1)

    assert index.ground.grid.size > 1_000
    assert [(one.helper, one.cost) for one in best(index, needs, 0)] == in_order(index, needs, 0)[:20]


def test_numbers_that_cannot_be_are_refused_with_their_row() -> None:
    good = {"x": [0.0, 1.0], "y": [0.0, 1.0], "skills": 0, "slots": 1}
    for name, wrong in (
        ("x", [0.0, float("nan")]),
        ("skills", [0, -1]),
        ("slots", [0, 1 << 62]),
        ("capacity", [1, 0]),
        ("load", [0, -1]),
        ("group", [0, 63]),
        ("rested_from", [0, 1 << 61]),
    ):
        with pytest.raises(ValueError, match=f"{name} is out of range in row 1"):
            Helpers.make(**{**good, name: wrong})
    for name, wrong in (
        ("slots", [1, 0]),
        ("headcount", [1, 0]),
        ("unserved", [0, 10**10]),
        ("begins", [0, 1 << 60]),
        ("adds", [0, -1]),
        ("movable", [0, -1]),
    ):
        with pytest.raises(ValueError, match=f"{name} is out of range in row 1"):
            Needs.make(**{**good, name: wrong})
    with pytest.raises(ValueError, match="no such facts: colour"):
        Helpers.make(**good, colour=1)
    with pytest.raises(ValueError, match="one list for each need"):
        Needs.make(**good, last=Lists.of([[0]]))


def test_an_index_refuses_helpers_slots_and_loads_it_cannot_hold() -> None:
    index = build(Helpers.make([0.0], [0.0], 0, 1), Week(slots=4))

    with pytest.raises(ValueError, match="a helper that is not there"):
        best(index, Needs.make([0.0], [0.0], 0, 1, barred=Lists.of([[1]])), 0)
    with pytest.raises(ValueError, match="after the last of 4"):
        best(index, Needs.make([0.0], [0.0], 0, 1 << 4), 0)
    with pytest.raises(ValueError, match="too large for its price"):
        build(Helpers.make([0.0], [0.0], 0, 1, load=2**30), Week(), prices=Prices(load=2))


def test_helpers_and_needs_keep_one_fact_in_each_array() -> None:
    for cls in (Helpers, Needs):
        made = cls.make([0.0, 1.0], [0.0, 1.0], 0, 1)

        assert {len(getattr(made, one.name)) for one in fields(cls) if one.name not in {"last", "barred"}} == {2}
