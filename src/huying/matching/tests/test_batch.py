from __future__ import annotations

import dataclasses
from unittest import mock

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from huying.matching import batch, checking, district, opening, rows
from huying.matching.batch import Method, assign
from huying.matching.index import Index, build
from huying.matching.problem import Helpers, Lists, Needs, Week
from huying.matching.tests import worlds

often = settings(max_examples=150, deadline=None)


@often
@given(worlds.worlds(), st.sampled_from([Method.EXACT, Method.LIBRARY, Method.AUTO]), st.integers(1, 3))
def test_a_plan_breaks_no_rule_and_no_plan_is_cheaper(world: tuple[Index, Needs], method: Method, first: int) -> None:
    index, needs = world

    plan = assign(index, needs, method=method, first=first, workers=1)

    assert checking.faults(index, needs, plan) == []
    assert plan.total == worlds.cheapest_total(index, needs)
    assert plan.proven
    assert plan.gap == 0


@often
@given(worlds.worlds(), st.sampled_from([1, 100, 3_000]), st.integers(1, 3), st.sampled_from([-1, 0, 2, 6]))
def test_what_an_auction_may_have_lost_is_told_and_never_less_than_the_truth(
    world: tuple[Index, Needs], step: int, first: int, exactly: int
) -> None:
    """Also where the exact kernel goes the first part of the way."""
    index, needs = world

    with mock.patch.object(batch, "BUDGET", exactly), mock.patch.object(batch.compiled, "INSTALLED", True):
        plan = assign(index, needs, step=step, first=first, workers=1)

    best = worlds.cheapest_total(index, needs)
    assert checking.faults(index, needs, plan) == []
    assert plan.bound <= best <= plan.total
    assert plan.proven == (plan.bound == plan.total)
    assert plan.total <= best + step * len(plan.need)


@pytest.mark.parametrize("method", [Method.EXACT, Method.AUCTION])
def test_lists_that_find_no_room_get_some_and_the_plan_is_the_same(
    method: Method, monkeypatch: pytest.MonkeyPatch
) -> None:
    needs = district.calls(60, seed=5)
    index = build(district.on_duty(district.volunteers(4_000, seed=5), int(needs.headcount.sum())), district.WEEK)
    usual = assign(index, needs, method=method, first=1)
    monkeypatch.setattr(rows, "NEW", 1)

    cramped = assign(index, needs, method=method, first=1)

    assert (cramped.total, cramped.bound) == (usual.total, usual.bound)
    assert cramped.helper.tolist() == usual.helper.tolist()


@often
@given(worlds.worlds(), st.sampled_from([Method.EXACT, Method.AUCTION, Method.LIBRARY]))
def test_a_seat_stays_empty_only_when_nobody_who_fits_is_left(world: tuple[Index, Needs], method: Method) -> None:
    index, needs = world

    plan = assign(index, needs, method=method, first=1, longest=1, workers=1)

    left = index.helpers.capacity - plan.taken
    idle = {
        (int(r), v)
        for r in np.flatnonzero(plan.empty)
        for v, cost in worlds.fitting(index, needs, int(r)).items()
        if left[v] and cost < needs.unserved[r]
    }
    assert idle == set()
    assert plan.bound <= worlds.cheapest_total(index, needs) <= plan.total


@pytest.mark.parametrize("supply", [0.7, 1.4, 6.0])
def test_a_plan_of_a_town_costs_what_two_other_solvers_find(supply: float) -> None:
    needs = district.calls(60, seed=5)
    everybody = district.volunteers(4_000, seed=5)
    index = build(district.on_duty(everybody, int(needs.headcount.sum()), share=supply), district.WEEK)

    plan = assign(index, needs, method=Method.EXACT, first=2)
    auction = assign(index, needs, method=Method.AUCTION, first=2)

    assert plan.proven
    assert plan.total == assign(index, needs, method=Method.LIBRARY, first=2).total == by_linear_programme(index, needs)
    assert auction.bound <= plan.total <= auction.total
    assert auction.gap >= (auction.total - plan.total) / plan.total


def by_linear_programme(index: Index, needs: Needs) -> int:
    """The least total by HiGHS, over every pair that fits: no lists, no kernels."""
    from scipy import optimize, sparse

    pairs = [(r, v, cost) for r in range(len(needs)) for v, cost in worlds.fitting(index, needs, r).items()]
    count, helpers = len(needs), len(index.helpers)
    columns = np.arange(len(pairs))
    of_need, of_helper = (np.array([pair[which] for pair in pairs], int) for which in (0, 1))
    seats = sparse.coo_array((np.ones(len(pairs)), (of_need, columns)), (count, len(pairs)))
    given_away = sparse.coo_array((np.ones(len(pairs)), (of_helper, columns)), (helpers, len(pairs)))
    found = optimize.linprog(
        np.concatenate([[pair[2] for pair in pairs], needs.unserved]),
        A_eq=sparse.hstack([seats, sparse.eye_array(count)]).tocsr(),
        b_eq=needs.headcount,
        A_ub=sparse.hstack([given_away, sparse.coo_array((helpers, count))]).tocsr(),
        b_ub=index.helpers.capacity,
        method="highs",
    )
    return round(found.fun)


def test_the_same_seed_gives_the_same_plan_on_any_number_of_workers() -> None:
    helpers, needs = district.volunteers(3_000), district.calls(300)

    plans = [assign(build(helpers, district.WEEK, seed=7), needs, workers=workers) for workers in (1, 4, 1)]
    other = assign(build(helpers, district.WEEK, seed=8), needs)

    for plan in plans[1:]:
        assert plan.helper.tolist() == plans[0].helper.tolist()
        assert plan.need.tolist() == plans[0].need.tolist()
    assert other.total == plans[0].total


def test_the_seed_decides_between_equals_and_not_who_signed_up_first() -> None:
    twins = Helpers.make([0.0] * 40, [0.0] * 40, 0, 1)

    chosen = {assign(build(twins, Week(), seed=seed), Needs.make([5.0], [0.0], 0, 1)).helper[0] for seed in range(20)}

    assert len(chosen) > 10


def test_a_team_gives_as_many_seats_as_it_has_people_and_a_person_one() -> None:
    index = build(Helpers.make([0.0, 10.0], [0.0, 0.0], 0, 1, capacity=[1, 30]), Week())

    plan = assign(index, Needs.make([0.0, 0.0], [0.0, 0.0], 0, 1, headcount=[20, 20]))

    assert plan.taken.tolist() == [1, 30]
    assert plan.empty.sum() == 9
    assert plan.proven


def test_two_roles_of_one_call_are_given_to_two_people() -> None:
    index = build(Helpers.make([0.0, 900.0], [0.0, 0.0], [3, 2], 1), Week())

    plan = assign(index, Needs.make([0.0, 0.0], [0.0, 0.0], [1, 2], 1))

    assert dict(zip(plan.need.tolist(), plan.helper.tolist(), strict=True)) == {0: 0, 1: 1}


def test_who_came_last_time_is_worth_a_longer_way_and_who_is_idle_too() -> None:
    near, friend, idle = 0, 1, 2
    index = build(Helpers.make([0.0, 400.0, 750.0], [0.0, 0.0, 0.0], 0, 1, load=[8, 8, 0]), Week())

    def chosen(**given: object) -> int:
        return int(assign(index, Needs.make([0.0], [0.0], 0, 1, **given)).helper[0])

    assert chosen() == idle
    assert chosen(last=Lists.of([[friend]])) == friend
    assert chosen(last=Lists.of([[friend]]), barred=Lists.of([[friend]])) == idle
    assert chosen(barred=Lists.of([[idle]])) == near


def test_nobody_and_nothing_make_an_empty_plan() -> None:
    nobody = build(Helpers.make([], [], [], []), Week())
    somebody = build(Helpers.make([0.0], [0.0], 0, 1), Week())

    plan = assign(nobody, Needs.make([0.0], [0.0], 0, 1, unserved=7))
    nothing = assign(somebody, Needs.make([], [], [], []))

    assert (plan.total, plan.bound, plan.empty.tolist()) == (7, 7, [1])
    assert (nothing.total, nothing.proven, len(nothing.need)) == (0, True, 0)


def test_a_plan_too_hard_for_the_exact_kernel_goes_to_the_auction(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "BIDS", 0)
    monkeypatch.setattr(batch, "BUDGET", 10)
    monkeypatch.setattr(batch.compiled, "INSTALLED", True)
    index = build(district.volunteers(500), district.WEEK)

    plan = assign(index, district.calls(40))

    assert plan.method == Method.AUCTION
    assert checking.faults(index, district.calls(40), plan) == []


def test_without_a_compiler_the_library_plans_and_its_plan_is_proven_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch.compiled, "INSTALLED", False)
    index, needs = build(district.volunteers(1_000), district.WEEK), district.calls(200)

    plan = assign(index, needs)

    assert (plan.method, plan.proven) == (Method.LIBRARY, True)
    assert plan.total == assign(index, needs, method=Method.EXACT).total


def test_a_false_plan_is_found_out() -> None:
    index = build(district.volunteers(2_000), district.WEEK)
    needs = district.calls(50)
    plan = assign(index, needs)

    same = np.full_like(plan.helper, plan.helper[0])

    assert checking.faults(index, needs, plan) == []
    assert checking.faults(index, needs, dataclasses.replace(plan, total=plan.total + 1)) == [
        "the total is not the sum"
    ]
    assert "somebody gives more seats than he has" in checking.faults(
        index, needs, dataclasses.replace(plan, helper=same)
    )
    assert "the bound is above the total" in checking.faults(
        index, needs, dataclasses.replace(plan, bound=plan.total + 1)
    )


def test_lists_of_nothing_and_steps_of_nothing_are_refused() -> None:
    index = build(Helpers.make([0.0], [0.0], 0, 1), Week())

    for wrong in ({"first": 0}, {"longest": 0}, {"step": 0}):
        with pytest.raises(ValueError, match="at least one"):
            assign(index, Needs.make([0.0], [0.0], 0, 1), **wrong)


def test_twenty_thousand_volunteers_and_five_hundred_calls_are_planned_with_proof() -> None:
    index = build(district.volunteers(20_000), district.WEEK)
    needs = district.calls(500)

    plan = assign(index, needs)

    assert checking.faults(index, needs, plan) == []
    assert plan.proven
