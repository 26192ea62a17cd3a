"""Two at the same moment about the sorter: one version of the same lessons, one that serves, one kind of a call."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from huying.calls import actions
from huying.calls.models import Correction, SorterVersion
from huying.calls.tests.factories import START, Cast, actor, kind
from huying.calls.tests.sorters import teacher, version
from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.places.tests.factories import kinds
from huying.sorting import teaching
from tests.concurrency.racing import all_at_once, race, race_without_locks, refusals
from tests.invariants import broken_rules

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("committed_db")]
SORTER = Actor.system("calls.sorter")


@pytest.fixture
def cast(committed_db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cast]:
    monkeypatch.setattr(teaching, "teach", teacher())
    monkeypatch.setattr(teaching, "course", lambda: "tests")
    kinds()
    with clock.frozen(START):
        yield Cast()


def learn() -> SorterVersion | None:
    return actions.learn(actor=SORTER)


def test_two_workers_teach_the_first_one_once(cast: Cast) -> None:
    results = all_at_once(learn, learn)

    assert refusals(results) == []
    assert [one.active for one in SorterVersion.objects.all()] == [True]


def test_two_workers_teach_the_same_lessons_once(cast: Cast) -> None:
    learn()
    call = cast.call(title="想洗澡")
    Correction.objects.create(call=call, was=cast.kind, kind=cast.kind, at=START)

    results = race(learn, learn)

    assert refusals(results) == [] and sum(one is not None for one in results) == 1
    assert SorterVersion.objects.count() == 2 and SorterVersion.objects.filter(active=True).count() == 1


def test_two_switches_leave_one_that_serves(cast: Cast) -> None:
    version()
    one, other, boss = version(active=False), version(active=False), actor(cast.dispatcher)

    results = race(
        lambda: actions.switch_sorter(actor=boss, version=one),
        lambda: actions.switch_sorter(actor=boss, version=other),
    )

    assert refusals(results) == []
    assert SorterVersion.objects.get(active=True) == other


def test_negative_control_without_locks_the_database_stops_the_second_switch(cast: Cast) -> None:
    version()
    one, other, boss = version(active=False), version(active=False), actor(cast.dispatcher)

    results = race_without_locks(
        lambda: actions.switch_sorter(actor=boss, version=one),
        lambda: actions.switch_sorter(actor=boss, version=other),
    )

    assert refusals(results) == ["IntegrityError"]
    assert SorterVersion.objects.filter(active=True).count() == 1


def test_a_call_that_two_sort_has_one_kind_and_one_lesson(cast: Cast) -> None:
    call, bath, meal = cast.call(title="想洗澡"), kind("bath"), kind("meal")
    keeper, centre = actor(cast.keeper), actor(cast.dispatcher)

    results = race(
        lambda: actions.change_kind(actor=keeper, call=call, kind=bath),
        lambda: actions.change_kind(actor=centre, call=call, kind=meal),
    )

    call.refresh_from_db()
    lesson = Correction.objects.get()
    assert refusals(results) == []
    assert (call.kind, lesson.kind, lesson.was) == (meal, meal, cast.kind)
    assert broken_rules() == []


def test_a_call_that_is_dispatched_meanwhile_keeps_its_kind(cast: Cast) -> None:
    call, bath = cast.call("pooled", title="想洗澡"), kind("bath")
    keeper, centre = actor(cast.keeper), actor(cast.dispatcher)

    results = race(
        lambda: actions.dispatch(actor=keeper, call=call, volunteers=[cast.li]),
        lambda: actions.change_kind(actor=centre, call=call, kind=bath),
    )

    assert refusals(results) == ["StepRefused"]
    assert not Correction.objects.exists() and broken_rules() == []
