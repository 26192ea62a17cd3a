"""Two connections at once: whatever they do, the tree stays a tree."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from huying.kernel.errors import DomainError
from huying.places import actions
from huying.places.models import Place, PlaceKind
from huying.places.tests import factories
from huying.places.tests.factories import SYSTEM, place
from huying.places.tests.test_tree_actions import broken_paths

pytestmark = pytest.mark.usefixtures("committed_db")


def at_once(*steps: Callable[[], object]) -> list[object]:
    """Run the steps on a connection each, starting together; their results, or the errors of the domain."""
    start = Barrier(len(steps))

    def run(step: Callable[[], object]) -> object:
        try:
            connection.ensure_connection()
            start.wait(timeout=10)
            return step()
        except DomainError as refusal:
            return type(refusal).__name__
        finally:
            connection.close()

    with ThreadPoolExecutor(len(steps)) as pool:
        return list(pool.map(run, steps))


def buildings() -> tuple[Place, Place, Place]:
    """A community with two buildings side by side; a building may stand in a building."""
    factories.kinds()
    PlaceKind.objects.get(pk="building").parents.add("building")
    community = place("community")
    return community, place("building", community), place("building", community)


@pytest.mark.parametrize("attempt", range(3))
def test_two_opposite_moves_make_no_circle(attempt):
    _community, one, two = buildings()

    results = at_once(
        lambda: actions.move_place(actor=SYSTEM, place=Place.objects.get(pk=one.pk), parent=two).path,
        lambda: actions.move_place(actor=SYSTEM, place=Place.objects.get(pk=two.pk), parent=one).path,
    )

    assert sorted(map(str, results))[1] == "BelowItself"
    assert broken_paths() == []


def test_opposite_moves_deep_in_two_branches_make_no_circle():
    """One under 2's child and 2 under 1's child: four different rows, still no circle."""
    _community, one, two = buildings()
    in_one, in_two = place("building", one), place("building", two)

    results = at_once(
        lambda: actions.move_place(actor=SYSTEM, place=one, parent=in_two).path,
        lambda: actions.move_place(actor=SYSTEM, place=two, parent=in_one).path,
    )

    assert results.count("BelowItself") == 1
    assert broken_paths() == []


def test_a_place_made_below_one_that_moves_ends_up_in_the_right_branch():
    community, one, two = buildings()

    at_once(
        lambda: actions.move_place(actor=SYSTEM, place=one, parent=two),
        lambda: [place("building", Place.objects.get(pk=one.pk)) for _number in range(5)],
    )

    assert broken_paths() == []
    two.refresh_from_db()
    assert Place.objects.filter(path__startswith=two.path).count() == 7
    assert Place.objects.filter(path__startswith=community.path).count() == 8


def test_one_name_is_given_once_even_at_the_same_moment():
    community, _one, _two = buildings()
    facts = actions.Facts(name="同名楼")

    results = at_once(
        *[lambda: actions.create_place(actor=SYSTEM, parent=community, kind="building", facts=facts).name] * 2
    )

    assert sorted(map(str, results)) == ["NameTaken", "同名楼"]


def test_one_code_is_given_once_in_two_trees_at_the_same_moment():
    """The trees have different locks; the constraint decides and the loser gets a sentence."""
    factories.kinds()

    def found(name: str) -> str:
        facts = actions.Facts(name=name, code="999999")
        return actions.create_place(actor=SYSTEM, parent=None, kind="county", facts=facts).code

    results = at_once(lambda: found("甲县"), lambda: found("乙县"))

    assert sorted(results) == ["999999", "CodeTaken"]


def test_a_place_is_not_closed_while_another_is_put_into_it():
    _community, one, _two = buildings()

    results = at_once(
        lambda: actions.close_place(actor=SYSTEM, place=one, reason="拆除").status,
        lambda: place("building", one).status,
    )

    assert sorted(results) in (["ParentClosed", "closed"], ["StillInUse", "open"])
