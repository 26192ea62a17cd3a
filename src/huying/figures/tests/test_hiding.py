"""Small numbers in public tables cannot be worked out from what is shown beside them: every table is taken to an
independent solver, which says between what bounds each hidden number can lie for somebody who knows all that is shown.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from scipy.optimize import linprog

from huying.figures.rules.hiding import FREE, Cells, Flags, Hidden, Numbers, line, months, small, stocks, wanted, years

LEAST = 5
Rows = list[list[int]]


def cells(rows: Any, least: int = LEAST, *, most: Any = None, sensitive: Any = None, whole: bool = True) -> Cells:
    values = np.array(rows, dtype=np.int64)
    small_ones = small(values, least)
    cap = np.full_like(values, FREE) if most is None else np.array(most, dtype=np.int64)
    if most is not None:
        small_ones |= small(cap - values, least) & (values != 0)
    if sensitive is not None:
        small_ones |= np.array(sensitive, dtype=bool)
    return Cells(values, small_ones, np.zeros_like(small_ones), cap, wanted(values, least, whole=whole))


def ranges(of: Cells, hidden: Flags, row_sums: Flags, columns: Flags) -> Numbers:
    """How many values each hidden cell can have less one, by linear programming (whole, for the sums are of a network):
    all columns and the rows named have known sums, and what is hidden is no zero unless all of its column is.
    """
    rows, cols = of.values.shape
    low = np.where(hidden.all(axis=0)[None, :] | (of.values == 0), 0, 1)
    high = np.where(of.most >= FREE, 10**6, of.most - np.where(low == 1, 1, 0))
    bounds = [
        (low[r, c], max(high[r, c], of.values[r, c])) if hidden[r, c] else (of.values[r, c], of.values[r, c])
        for r in range(rows)
        for c in range(cols)
    ]
    sums, totals = [], []
    for c in np.flatnonzero(columns):
        sums.append([int(k % cols == c) for k in range(rows * cols)])
        totals.append(of.values[:, c].sum())
    for r in np.flatnonzero(row_sums):
        sums.append([int(k // cols == r) for k in range(rows * cols)])
        totals.append(of.values[r].sum())
    found = np.zeros((rows, cols), dtype=np.int64)
    for r, c in np.argwhere(hidden):
        ends = []
        for sign in (1, -1):
            goal = np.zeros(rows * cols)
            goal[r * cols + c] = sign
            done = linprog(goal, A_eq=sums or None, b_eq=totals or None, bounds=bounds)
            assert done.success
            ends.append(round(sign * done.fun))
        found[r, c] = ends[1] - ends[0]
    return found


def solved(of: Cells, out: Hidden, shut: Flags) -> None:
    """Nobody can tell a sensitive cell nearer than ``wanted``."""
    everything = np.ones(of.values.shape[1], dtype=bool)
    wide = ranges(of, out.cells, ~shut, everything)
    tight = of.sensitive & (wide < of.wanted)
    assert not tight.any(), (of.values.tolist(), out.cells.tolist(), shut.tolist(), wide.tolist())


def lined(values: list[int], least: int = LEAST) -> list[int]:
    return [int(n) for n in np.flatnonzero(line(cells(values, least)).cells)]


def test_two_small_numbers_whose_sum_tells_both_take_company() -> None:
    """14 less 12 is 2: both are one."""
    assert lined([1, 1, 12]) == [0, 1, 2]


def test_a_single_small_number_takes_the_smallest_other_with_it() -> None:
    assert lined([3, 80, 12, 0]) == [0, 2]


def test_small_numbers_that_can_be_anything_small_hide_each_other() -> None:
    assert lined([3, 2, 12]) == [0, 1]


def test_nothing_small_hides_nothing() -> None:
    assert lined([0, 5, 12]) == []


def test_where_no_company_is_enough_zeros_are_hidden_too() -> None:
    """Five ones of five: whoever knows that no zero is hidden knows them all."""
    assert lined([1, 1, 1, 1, 1, 0]) == [0, 1, 2, 3, 4, 5]


def test_what_is_left_of_the_whole_is_small_too() -> None:
    """20 closed, 18 in time: two were late. 30 of 40 beside it can stand for some of them."""
    of = cells([18, 30, 0], most=[20, 40, 0])
    assert [int(n) for n in np.flatnonzero(line(of).cells)] == [0, 1]


def test_minutes_of_one_person_cannot_be_told_roughly() -> None:
    of = cells([480, 300, 500, 9000], 240, sensitive=[True, False, False, False], whole=False)
    assert [int(n) for n in np.flatnonzero(line(of).cells)] == [0, 1]


def test_a_small_month_at_the_top_hides_the_next_one_and_its_year_is_shown() -> None:
    of = cells([[50, 2, 9, 0, 30]])
    out = months(of, None)
    assert out.cells.tolist() == [[False, True, True, False, False]]
    assert not years(of, out, small(of.values.sum(axis=1), LEAST), None).any()


def test_a_small_last_month_at_the_top_hides_the_year() -> None:
    of = cells([[50, 60, 2]])
    assert years(of, months(of, None), np.array([False]), None).tolist() == [True]


def test_a_stock_that_grew_by_one_is_hidden_until_it_grew_by_the_least_number() -> None:
    of = cells([[200, 201, 203, 206, 206]])
    assert stocks(of, None, LEAST).tolist() == [[False, True, True, False, False]]


def test_a_stock_of_a_place_that_grew_by_one_takes_one_with_it_that_grew_more() -> None:
    of = cells([[200, 201], [300, 300], [400, 412], [500, 580]])
    out = stocks(of, np.array([False, False]), LEAST)
    assert out[:, 1].tolist() == [True, True, True, False]


tables = some.integers(2, 4).flatmap(
    lambda size: some.lists(
        some.lists(some.sampled_from([0, 1, 2, 3, 4, 5, 7, 12, 40]), min_size=size, max_size=size),
        min_size=2,
        max_size=5,
    )
)
SLOW = settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def shown_columns(values: Numbers) -> Numbers:
    """Months whose sum is not small itself: others are hidden with the place above."""
    kept = values[:, ~small(values.sum(axis=0), LEAST)]
    return kept if kept.shape[1] else np.zeros((values.shape[0], 1), dtype=np.int64)


@SLOW
@given(tables)
def test_no_small_month_can_be_told_from_the_sums_of_months_and_years(rows: Rows) -> None:
    of = cells(shown_columns(np.array(rows)))
    open_ = np.zeros(of.values.shape[1], dtype=bool)
    out = months(of, open_)
    assert out.cells[of.sensitive].all()
    shut = years(of, out, small(of.values.sum(axis=1), LEAST), open_)
    solved(of, out, shut)


@SLOW
@given(tables, some.data())
def test_no_small_part_and_no_small_rest_can_be_told(rows: Rows, data: Any) -> None:
    """The whole is known everywhere, and neither it nor the sum of its parts or rests is small."""
    most = np.array(rows) + 5
    parts = np.array([[data.draw(some.integers(0, int(one))) for one in row] for row in most])
    whole, left = parts.sum(axis=0), (most - parts).sum(axis=0)
    kept = ~(small(whole, LEAST) | small(left, LEAST))
    if not kept.any():
        return
    of = cells(parts[:, kept], most=most[:, kept])
    open_ = np.zeros(int(kept.sum()), dtype=bool)
    out = months(of, open_)
    tiny = small(of.values.sum(axis=1), LEAST) | small((of.most - of.values).sum(axis=1), LEAST)
    solved(of, out, years(of, out, tiny, open_))


@SLOW
@given(tables, some.integers(0, 3))
def test_months_hidden_above_are_not_told_by_what_is_left_of_a_year(rows: Rows, first: int) -> None:
    """Of the months hidden above only their sum is known; of a row with a shown year it is not small, or not alone."""
    of = cells(shown_columns(np.array(rows)))
    above = np.zeros(of.values.shape[1], dtype=bool)
    above[first % len(above)] = above[(first + 1) % len(above)] = True
    out = months(of, above)
    shut = years(of, out, small(of.values.sum(axis=1), LEAST), above)
    assert out.cells[:, above].all()
    left = of.values[:, above].sum(axis=1)
    both = np.column_stack((of.values[:, ~above], left))
    hidden = np.column_stack((out.cells[:, ~above], np.ones(len(left), dtype=bool)))
    total = cells(both)
    if small(left.sum(), LEAST):
        return  # the place above does not show its year then
    wide = ranges(total, hidden, ~shut, np.ones(both.shape[1], dtype=bool))
    tight = (total.sensitive & (wide < total.wanted))[~shut]
    assert not tight.any(), (of.values.tolist(), out.cells.tolist(), shut.tolist(), wide.tolist())


@pytest.mark.parametrize("places", [1000])
def test_a_county_of_a_thousand_places_is_judged_in_one_pass(places: int) -> None:
    chance = np.random.default_rng(1)
    of = cells(chance.poisson(chance.gamma(1, 8, places)[:, None], (places, 12)))
    open_ = np.zeros(12, dtype=bool)
    out = months(of, open_)
    shut = years(of, out, small(of.values.sum(axis=1), LEAST), open_)
    assert out.cells[of.sensitive].all() and not shut.all()
