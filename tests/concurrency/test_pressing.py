"""Presses of several web processes for the same places at one moment: each process writes those who wait together."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from huying.activities import actions
from huying.activities.actions import RoleFacts, pressing
from huying.activities.models import Shift, SignUp
from huying.activities.states import HOLDING
from huying.activities.tests.factories import World, shift_of
from huying.calls.tests.factories import START, actor
from huying.kernel import clock
from huying.kernel.gathering import Line
from huying.kernel.idempotency import Ticket
from huying.kernel.models import StoredAnswer
from huying.people.models import Person
from tests.concurrency.racing import all_at_once, refusals
from tests.invariants import broken_gatherings

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("committed_db")]


@pytest.fixture
def world(committed_db: None) -> Any:
    with clock.frozen(START):
        yield World()


def process() -> Line[pressing.Press, pressing.Outcome]:
    """The line of one web process."""
    return Line(pressing.sign_up_each)


def pressing_at(line: Line[Any, Any], who: Person, shift: Shift, key: str = "") -> Any:
    ticket = Ticket(f"person:{who.pk}", key or f"press-{who.pk:05d}", b"d")
    return lambda: line.join(pressing.at_the_button(actor(who), shift, who, ticket=ticket))


def test_forty_people_at_two_processes_share_ten_places_in_order_of_arrival(world: World) -> None:
    shift = shift_of(world.published(roles=[RoleFacts("参加者", 10)]))
    people, lines = [world.guest() for _ in range(40)], [process(), process()]

    results = all_at_once(*(pressing_at(lines[n % 2], who, shift) for n, who in enumerate(people)))

    assert refusals(results) == [] and broken_gatherings() == []
    rows = list(SignUp.objects.order_by("id"))
    assert [row.state in HOLDING for row in rows] == [True] * 10 + [False] * 30
    assert {(one.pk, one.state) for one in results} == {(row.pk, row.state) for row in rows}
    assert StoredAnswer.objects.filter(status=303).count() == 40


def test_one_person_with_two_keys_at_two_processes_has_one_sign_up(world: World) -> None:
    shift, who = shift_of(world.published()), world.guest()

    results = all_at_once(*(pressing_at(process(), who, shift, f"press-{n}-key") for n in range(2)))

    assert results[0] == results[1] and SignUp.objects.count() == 1 and broken_gatherings() == []


def test_one_key_at_two_processes_is_one_press_and_one_stored_answer(world: World) -> None:
    shift, who = shift_of(world.published()), world.guest()

    results = all_at_once(*(pressing_at(process(), who, shift) for _ in range(2)))

    assert sorted(one is None for one in results) == [False, True]
    assert SignUp.objects.count() == 1 and StoredAnswer.objects.get().status == 303


def test_two_batches_with_the_same_two_people_in_two_roles_end_with_one_sign_up_each(world: World) -> None:
    """Their rows wait for each other in a circle; the database ends one batch, which is written one by one then."""
    activity = world.published(roles=[RoleFacts("甲", 5), RoleFacts("乙", 5)])
    first, second = world.guest(), world.guest()
    one, other = (shift_of(activity, name=name) for name in ("甲", "乙"))

    def batch(shift: Shift, people: list[Person]) -> Any:
        line = process()
        for who in people[1:]:
            line.waiting.append(waiting(shift, who))
        return partial(line.join, pressing.at_the_button(actor(people[0]), shift, people[0]))

    def waiting(shift: Shift, who: Person) -> Any:
        from huying.kernel.gathering import _Waiting

        return _Waiting(pressing.at_the_button(actor(who), shift, who))

    for _round in range(5):
        SignUp.objects.all().delete()
        Shift.objects.update(taken=0, waiting=0)
        results = all_at_once(batch(one, [first, second]), batch(other, [second, first]))
        assert refusals(results) == []
        assert sorted(SignUp.objects.values_list("person_id", flat=True)) == [first.pk, second.pk]
        assert broken_gatherings() == []


def test_those_who_run_it_may_still_call_it_off_while_people_press(world: World) -> None:
    shift, line = shift_of(world.published()), process()
    off = partial(actions.cancel_session, actor=world.boss, session=shift.session, reason="下雨")

    results = all_at_once(off, *(pressing_at(line, world.guest(), shift) for _ in range(8)))

    assert all(r is None or not isinstance(r, Exception) for r in results[:1])
    assert broken_gatherings() == []
