"""People at the same moment: the last place, the door with two tablets, signing up while it is called off, the line."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import OperationalError

from huying.activities import actions
from huying.activities.actions import Group, RoleFacts
from huying.activities.models import Activity, CheckIn, Shift, SignUp
from huying.activities.states import HOLDING, SignUpState
from huying.activities.tests.factories import World, come, session_of, shift_of
from huying.calls.tests.factories import START, actor
from huying.kernel import clock
from huying.kernel.errors import DomainError
from tests.concurrency.racing import all_at_once, race, race_without_locks, refusals
from tests.invariants import broken_gatherings

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("committed_db")]
Work = Callable[[], Any]


@pytest.fixture
def world(committed_db: None) -> Iterator[World]:
    with clock.frozen(START):
        yield World()


def one_place(world: World, **more: Any) -> Shift:
    return shift_of(world.published(roles=[RoleFacts("参加者", 1)], **more))


def joining(world: World, shift: Shift) -> Work:
    who = world.guest()
    return lambda: come(who, shift)


def test_of_two_who_press_for_the_last_place_one_has_it_and_one_is_next(world: World) -> None:
    shift = one_place(world)

    results = race(joining(world, shift), joining(world, shift))

    assert sorted(one.state for one in results) == ["signed", "waiting"]
    assert broken_gatherings() == []


def test_control_without_the_lock_the_constraint_still_refuses_the_second(world: World) -> None:
    shift = one_place(world)

    results = race_without_locks(joining(world, shift), joining(world, shift))

    taken = SignUp.objects.filter(state__in=HOLDING).count()
    assert taken == 2  # both read one free place: without the lock the count is wrong …
    assert Shift.objects.get().taken == 1 and broken_gatherings() != []  # … and the invariants say so
    assert refusals(results) == []


def test_the_same_person_on_two_telephones_has_one_sign_up(world: World) -> None:
    shift, who = shift_of(world.published()), world.guest()

    results = race(lambda: come(who, shift), lambda: come(who, shift))

    assert results[0].pk == results[1].pk
    assert SignUp.objects.count() == 1 and broken_gatherings() == []


def test_two_tablets_that_hand_in_the_same_scans_count_everybody_once(world: World) -> None:
    shift = shift_of(world.published())
    rows = [come(world.guest(), shift) for _ in range(3)]
    scans = [actions.Scan(one.public_id, START) for one in rows]
    hand_in = partial(actions.take_scans, actor=world.boss, session=shift.session, scans=scans)

    results = race(hand_in, hand_in)

    assert sorted((one.arrived, one.known) for one in results) == [(0, 3), (3, 0)]
    assert CheckIn.objects.count() == 3 and broken_gatherings() == []


def test_the_same_person_for_two_roles_of_a_session_gets_one(world: World) -> None:
    activity, who = world.published(roles=[RoleFacts("甲", 2), RoleFacts("乙", 2)]), world.guest()
    shifts = [shift_of(activity, name=name) for name in ("甲", "乙")]

    results = all_at_once(*(partial(come, who, shift) for shift in shifts))

    assert set(refusals(results)) <= {"AlreadySignedUp"}
    assert SignUp.objects.count() == 1 and broken_gatherings() == []


def test_somebody_leaves_while_another_comes(world: World) -> None:
    shift = one_place(world)
    row = come(world.guest(), shift)

    results = race(lambda: actions.leave(actor=actor(row.person), sign_up=row), joining(world, shift))

    assert refusals(results) == []
    assert SignUp.objects.latest("id").state == SignUpState.SIGNED and broken_gatherings() == []


def test_a_yes_and_the_end_of_its_time_at_once(world: World) -> None:
    shift = one_place(world, confirm_hours=2)
    rows = [come(world.guest(), shift) for _ in range(3)]
    actions.leave(actor=actor(rows[0].person), sign_up=rows[0])

    with clock.frozen(START + timedelta(hours=2)):
        results = race(
            lambda: actions.confirm_place(actor=actor(rows[1].person), sign_up=rows[1]),
            lambda: actions.lapse(actor=world.boss, sign_up=rows[1]),
        )

    assert refusals(results) == ["SignUpMoved"]
    assert broken_gatherings() == []


def test_signing_up_while_the_session_is_called_off_leaves_nobody_coming(world: World) -> None:
    activity = world.published()
    session, shift = session_of(activity), shift_of(activity)

    off = partial(actions.cancel_session, actor=world.boss, session=session, reason="下雨")
    results = all_at_once(off, *(joining(world, shift) for _ in range(6)))

    assert set(refusals(results)) <= {"SignUpClosed"}
    assert broken_gatherings() == []


def test_calling_off_while_somebody_signs_up_frees_him_too(world: World) -> None:
    activity = world.published()
    session, shift = session_of(activity), shift_of(activity)

    results = race(
        joining(world, shift), lambda: actions.cancel_session(actor=world.boss, session=session, reason="下雨")
    )

    assert refusals(results) == []
    assert SignUp.objects.get().state == SignUpState.DROPPED and broken_gatherings() == []


def test_two_tablets_at_the_door_count_a_guest_once(world: World) -> None:
    row = come(world.guest(), shift_of(world.published()))
    press = partial(actions.check_in, actor=world.boss, sign_up=row)

    results = race(press, press)

    assert results[0].pk == results[1].pk
    assert CheckIn.objects.count() == 1 and broken_gatherings() == []


def test_walk_ins_sent_by_two_tablets_with_one_key_count_once(world: World) -> None:
    session = session_of(world.published())
    press = partial(actions.walk_in, actor=world.boss, session=session, count=5, key="tablet-00000001")

    results = race(press, press)

    assert results[0].pk == results[1].pk and CheckIn.objects.get().count == 5


def test_a_room_for_two_activities_published_at_once_goes_to_one(world: World) -> None:
    drafts = [world.draft(venue=world.room) for _ in range(2)]

    results = race(*(partial(actions.publish, actor=world.boss, activity=one) for one in drafts))

    assert refusals(results) == ["SpaceTaken"]
    assert Activity.objects.filter(state="published").count() == 1 and broken_gatherings() == []


def test_a_storm_of_everything_at_once_breaks_no_rule(world: World) -> None:
    """Forty people sign up, leave, confirm, bring groups and are let in while places grow: nothing is oversold."""
    activity = world.published(roles=[RoleFacts("参加者", 5)], takes_groups=True, confirm_hours=1)
    shift, dice = shift_of(activity), random.Random(7)
    people = [world.guest() for _ in range(24)]

    def life(number: int) -> Any:
        who = people[number]
        row = come(who, shift)
        if number % 3 == 0:
            return actions.leave(actor=actor(who), sign_up=row)
        if number % 5 == 0:
            group = Group(f"班级{number}", 2, "老师", "")
            return actions.sign_up_group(actor=actor(who), shift=shift, group=group)
        if number % 7 == 0:
            return actions.check_in(actor=world.boss, sign_up=row)
        return row

    order = list(range(24))
    dice.shuffle(order)
    for start in range(0, 24, 8):
        results = all_at_once(*(partial(life, number) for number in order[start : start + 8]))
        unexpected = [
            r for r in results if isinstance(r, Exception) and not isinstance(r, DomainError | OperationalError)
        ]
        assert unexpected == []

    assert broken_gatherings() == []
