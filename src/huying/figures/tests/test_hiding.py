"""Small numbers in public tables cannot be worked out from what is shown beside them."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from huying.figures.rules.hiding import bridges, hidden, lone, small

LEAST = 5


def test_a_single_small_number_takes_the_smallest_other_with_it() -> None:
    assert hidden([[3], [80], [12], [0]], LEAST) == {(0, 0), (2, 0)}


def test_two_small_numbers_hide_each_other() -> None:
    assert hidden([[3], [2], [12]], LEAST) == {(0, 0), (1, 0)}


def test_nothing_small_hides_nothing() -> None:
    assert hidden([[0], [5], [12]], LEAST) == frozenset()


def test_a_lone_number_that_the_sum_gives_away_is_named() -> None:
    out = hidden([[3]], LEAST)
    assert lone(out) == [(0, 0)]


def test_two_pairs_joined_by_one_cell_do_not_give_that_cell_away() -> None:
    table = [[1, 2, 90, 90], [1, 2, 3, 90], [90, 90, 2, 1], [90, 90, 2, 1]]
    out = hidden(table, LEAST, row_sums=True)
    assert bridges(set(out), True) == []


def test_a_number_whose_row_and_column_are_hidden_already_is_covered_by_its_neighbours() -> None:
    table = [[1, 1, 1], [1, 90, 90], [1, 90, 90]]
    assert lone(hidden(table, LEAST, row_sums=True), row_sums=True) == []


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(some.lists(some.lists(some.integers(0, 40), min_size=3, max_size=3), min_size=2, max_size=6), some.booleans())
def test_no_hidden_number_follows_from_the_sums(table: list[list[int]], row_sums: bool) -> None:
    out = hidden(table, LEAST, row_sums=row_sums)
    assert {(r, c) for r, row in enumerate(table) for c, value in enumerate(row) if small(value, LEAST)} <= out
    assert lone(out, row_sums=row_sums) == []
