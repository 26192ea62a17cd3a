"""Everything that is done about points, killed at every point."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator

import pytest

from huying.figures import actions as figures
from huying.kernel import clock
from huying.places.tests.factories import kinds
from huying.points import actions
from huying.points.tests.factories import START, World
from tests.crash.points_deeds import OPERATIONS as PLAIN
from tests.crash.points_dispute_deeds import DISPUTES
from tests.crash.sweeping import Operation, Run, Sweep, keyed
from tests.invariants import broken_points

OPERATIONS = PLAIN | DISPUTES
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("committed_db")]


@pytest.fixture
def world(committed_db: None) -> Iterator[World]:
    kinds()
    figures.install_first_rows()
    with clock.frozen(START):
        made = World()
        first = made.gift(made.good(stock=1), made.passbook(points=40))
        made.handed(first)  # the accounts of the book are open: every run writes the same rows
        yield made


@pytest.mark.parametrize("name", OPERATIONS)
def test_a_death_at_any_point_leaves_all_or_nothing(world: World, name: str, tally: Callable[..., None]) -> None:
    def prepare() -> Run:
        doer, act = OPERATIONS[name](world)
        return keyed(name, doer, act)

    report = Sweep(Operation(name, prepare, broken_points)).go()

    tally("crash points", operations=1, kills=report.points, violations=len(report.violations))
    assert report.violations == []


def test_every_action_of_points_is_swept() -> None:
    ours = {
        name
        for name in actions.__all__
        if name[0].islower() and "actor" in inspect.signature(getattr(actions, name)).parameters
    }

    assert ours == set(OPERATIONS)
