"""Two people book the same house at the same moment; the control shows that the constraint holds without the lock."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.places import actions
from huying.places.actions import Wanted
from huying.places.models import BookedSpace, Booking
from huying.places.tests.factories import SYSTEM, place
from tests.concurrency.racing import all_at_once, race, race_without_locks, refusals

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("committed_db")]
NOW = datetime(2026, 3, 3, 4, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def at_noon(committed_db: None) -> Iterator[None]:
    with clock.frozen(NOW):
        yield


@pytest.fixture
def house() -> Any:
    return place("station")


def book(where: Any, start: float = 1, who: Actor = SYSTEM) -> Any:
    begins = NOW + start * HOUR
    return actions.book(actor=who, wanted=Wanted(where, begins, begins + 2 * HOUR, "排练", "合唱队"))


def test_of_two_who_want_the_same_room_one_gets_it(house: Any) -> None:
    room = place("room", house)

    results = race(lambda: book(room), lambda: book(room, 2))

    assert refusals(results) == ["SpaceTaken"]
    assert Booking.objects.count() == 1


def test_the_house_and_a_room_of_it_wanted_at_once(house: Any) -> None:
    room = place("room", house)

    results = race(lambda: book(room), lambda: book(house))

    assert refusals(results) == ["SpaceTaken"]


@pytest.mark.parametrize("whole", [True, False])
def test_control_without_the_lock_the_constraint_still_refuses(house: Any, whole: bool) -> None:
    room = place("room", house)

    results = race_without_locks(lambda: book(room), lambda: book(house if whole else room))

    assert len([one for one in results if isinstance(one, Exception)]) == 1
    assert BookedSpace.objects.filter(whole=1).count() == 1


def test_twenty_at_once_for_rooms_and_house_leave_no_overlap(house: Any) -> None:
    rooms = [place("room", house) for _ in range(3)]
    targets = [house, *rooms]
    works = [partial(book, targets[n % 4], 1 + n % 5) for n in range(20)]

    results = all_at_once(*works)

    made = [one for one in results if isinstance(one, Booking)]
    assert made and set(refusals(results)) <= {"SpaceTaken"}
    for one in made:
        for other in made:
            if one.pk < other.pk and {one.place_id, other.place_id} & {house.pk, one.place_id} == {house.pk}:
                assert one.ends_at <= other.starts_at or other.ends_at <= one.starts_at
