"""Everything that is done about activities, killed at every point."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator

import pytest
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse

from huying.activities import actions
from huying.activities.actions import pressing
from huying.activities.models import SignUp
from huying.activities.tests.factories import World, shift_of
from huying.calls.tests.factories import START, actor
from huying.kernel import attachments, clock
from huying.kernel.attachments.images import Picture, Redrawn
from huying.kernel.idempotency import Ticket, replay
from huying.people.models import Person
from huying.places.tests.factories import kinds
from tests.crash.activities_deeds import OPERATIONS, fresh, whole
from tests.crash.sweeping import Operation, Run, Sweep, keyed
from tests.invariants import broken_gatherings

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("committed_db")]


@pytest.fixture
def world(committed_db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    drawn = [Redrawn(body=f"picture {n}".encode(), width=1, height=1) for n in range(2)]
    monkeypatch.setattr(attachments, "redraw", lambda upload: Picture("a.webp", *drawn))
    kinds()
    with clock.frozen(START):
        yield World()


@pytest.mark.parametrize("name", OPERATIONS)
def test_a_death_at_any_point_leaves_all_or_nothing(world: World, name: str, tally: Callable[..., None]) -> None:
    def prepare() -> Run:
        doer, act = OPERATIONS[name](world)
        return keyed(name, doer, act)

    report = Sweep(Operation(name, prepare, broken_gatherings)).go()

    tally("crash points", operations=1, kills=report.points, violations=len(report.violations))
    assert report.violations == []


def test_a_death_at_any_point_of_presses_written_together_leaves_all_or_nothing(
    world: World, tally: Callable[..., None]
) -> None:
    def prepare() -> Run:
        shift = whole(shift_of(fresh(world)))
        first, second, other = (world.guest() for _ in range(3))

        def press(who: Person, key: str) -> pressing.Press:
            return pressing.at_the_button(actor(who), shift, who, ticket=Ticket(f"person:{who.pk}", key, b"d"))

        def run(key: str) -> HttpResponse:
            batch = [press(first, f"{key}-1"), press(second, f"{key}-2"), press(other, key)]
            made = pressing.sign_up_each(batch)[-1]
            if made is None:
                return replay(batch[-1].ticket or Ticket("", "", b""))
            assert isinstance(made, SignUp)
            return HttpResponseRedirect(reverse("activities:sign_up", args=[made.public_id]), status=303)

        return run

    report = Sweep(Operation("press", prepare, broken_gatherings)).go()

    tally("crash points", operations=1, kills=report.points, violations=len(report.violations))
    assert report.violations == []


def test_every_action_of_activities_is_swept() -> None:
    ours = {
        name
        for name in actions.__all__
        if name[0].islower() and "actor" in inspect.signature(getattr(actions, name)).parameters
    }

    assert ours - {"press"} == set(OPERATIONS)  # presses: above, for they take their keys themselves
