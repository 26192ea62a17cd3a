from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from huying.matching.batch import Method, Plan, assign
from huying.matching.explaining import RULES, Bend, Lack, Shortfall, explain
from huying.matching.index import Index, build
from huying.matching.problem import NEVER, Helpers, Lists, Needs, Relaxing, Week
from huying.matching.tests import worlds

often = settings(max_examples=200, deadline=None)


def people_after(index: Index, needs: Needs, plan: Plan, r: int) -> tuple[list[int], list[int]]:
    """People, and seats they could give, after each question, by asking everybody."""
    people, seats = [], []
    left = index.helpers.capacity - plan.taken
    for question in range(1, 8):
        who = [v for v in range(len(index.helpers)) if all(worlds.passes(index, needs, r, v)[:question])]
        people.append(len(who))
        seats.append(sum(int(index.helpers.capacity[v]) for v in who))
    idle = [int(left[v]) for v in worlds.fitting(index, needs, r) if left[v] > 0]
    return [*people, len(idle)], [*seats, sum(idle)]


@often
@given(worlds.worlds())
def test_the_reason_of_an_empty_seat_is_the_first_question_that_leaves_too_few(world: tuple[Index, Needs]) -> None:
    index, needs = world
    plan = assign(index, needs, method=Method.EXACT, workers=1)

    told = explain(index, needs, plan, workers=1)

    assert [one.need for one in told] == np.flatnonzero(plan.empty).tolist()
    for one in told:
        people, seats = people_after(index, needs, plan, one.need)
        wanted = [needs.headcount[one.need]] * 7 + [one.empty]
        few = [rule for rule, has, asked in zip(RULES, seats, wanted, strict=True) if has < asked]
        assert list(one.people.values()) == people
        assert one.lack == (few[0] if few else Lack.COST)
        assert one.empty == plan.empty[one.need]


@often
@given(
    worlds.worlds(),
    st.builds(
        Relaxing,
        farther=st.sampled_from([NEVER, 0, 1, 3]),
        slot=st.sampled_from([NEVER, 0, 400, 1_500]),
        load=st.sampled_from([NEVER, 100, 3_000]),
        rest=st.sampled_from([NEVER, 50, 900]),
        language=st.sampled_from([NEVER, 300, 8_000]),
        preference=st.sampled_from([NEVER, 300, 8_000]),
    ),
)
def test_no_way_out_is_cheaper_than_the_one_told(world: tuple[Index, Needs], prices: Relaxing) -> None:
    index, needs = world
    plan = assign(index, needs, method=Method.EXACT, workers=1)
    left = (index.helpers.capacity - plan.taken).tolist()

    for one in explain(index, needs, plan, relaxing=prices, workers=1):
        best = worlds.cheapest_bending(index, needs, one.need, left, prices)

        assert (one.relaxation.cost if one.relaxation else None) == best
        if one.relaxation:
            assert left[one.relaxation.helper] > 0
            assert one.relaxation.cost == cost_of_bends(index, needs, one, prices)


def cost_of_bends(index: Index, needs: Needs, told: Shortfall, prices: Relaxing) -> int:
    """The cost of the relaxation told, from the rules it says it bends."""
    assert told.relaxation
    each = {Bend.FARTHER: prices.farther, Bend.LOAD: prices.load, Bend.LANGUAGE: prices.language}
    each |= {Bend.PREFERENCE: prices.preference, Bend.SLOT: prices.slot}
    bends = dict(told.relaxation.bends)
    bends.pop(Bend.PRICE, None)
    rest = prices.rest if bends.pop(Bend.REST, 0) else 0
    extra = sum(abs(amount) * each[bend] for bend, amount in bends.items())
    return worlds.cost(index, needs, told.need, told.relaxation.helper) + extra + rest


def shortfall(helpers: Helpers, needs: Needs, **prices: int) -> Shortfall:
    index = build(helpers, Week())
    plan = assign(index, needs)
    (told,) = explain(index, needs, plan, relaxing=Relaxing(**prices))
    return told


def one_need(**given: object) -> Needs:
    return Needs.make([0.0], [0.0], 1, 0b10, movable=0b1111, begins=240, **given)


CASES = [
    ({"skills": 2}, {}, Lack.SKILL, None),
    ({"x": [4_200.0]}, {"reach": 3_000}, Lack.DISTANCE, (Bend.FARTHER, 1_200)),
    ({"languages": 1}, {"languages": 2}, Lack.LANGUAGE, (Bend.LANGUAGE, 1)),
    ({"group": 1}, {"accepts": 0b1}, Lack.PREFERENCE, (Bend.PREFERENCE, 1)),
    ({"slots": 0b1000}, {}, Lack.TIME, (Bend.SLOT, 2)),
    ({"slots": 0b1}, {}, Lack.TIME, (Bend.SLOT, -1)),
    ({"load": 3, "load_limit": 3}, {}, Lack.LOAD, (Bend.LOAD, 1)),
    ({"rested_from": 300}, {}, Lack.REST, None),
    ({"rested_from": 300, "slots": 0b110}, {}, Lack.REST, (Bend.SLOT, 1)),
    ({}, {"barred": Lists.of([[0]])}, Lack.SKILL, None),
    ({"x": [5_000.0]}, {"unserved": 4_000}, Lack.COST, (Bend.PRICE, 1_000)),
]


@pytest.mark.parametrize(("helper", "need", "lack", "bend"), CASES)
def test_each_rule_is_named_when_it_binds_and_bent_where_that_helps(
    helper: dict[str, object], need: dict[str, object], lack: Lack, bend: tuple[Bend, int] | None
) -> None:
    facts = {"x": [0.0], "y": [0.0], "skills": 1, "slots": 0b10, **helper}

    told = shortfall(Helpers.make(**facts), one_need(**need))

    assert told.lack == lack
    assert (told.relaxation.bends if told.relaxation else None) == (bend and (bend,))


def test_a_short_rest_is_only_proposed_where_that_has_a_price() -> None:
    tired = Helpers.make([0.0], [0.0], 1, 0b10, rested_from=300)

    told = shortfall(tired, one_need(), rest=500)

    assert told.relaxation is not None
    assert told.relaxation.bends == ((Bend.REST, 60),)


def test_all_taken_by_others_is_a_reason_of_its_own() -> None:
    index = build(Helpers.make([0.0], [0.0], 1, 1), Week())
    needs = Needs.make([0.0, 100.0], [0.0, 0.0], 1, 1)

    (told,) = explain(index, needs, assign(index, needs))

    assert (told.need, told.lack, told.people[Lack.REST], told.people[Lack.TAKEN]) == (1, Lack.TAKEN, 1, 0)
    assert told.relaxation is None


def test_only_the_needs_asked_about_are_explained() -> None:
    index = build(Helpers.make([0.0], [0.0], 1, 1), Week())
    needs = Needs.make([0.0, 0.0, 0.0], [0.0, 0.0, 0.0], 2, 1)

    told = explain(index, needs, assign(index, needs), rows=np.array([2, 0]))

    assert [one.need for one in told] == [2, 0]
