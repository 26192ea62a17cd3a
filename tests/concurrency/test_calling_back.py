"""Two draws and two answers at the same moment: each call is drawn once and has one last word."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from huying.calls import actions
from huying.calls.models import Callback
from huying.calls.states import State
from huying.calls.tests.factories import START, Cast, actor, clocks, person, role
from huying.kernel import clock
from huying.kernel.models import AuditLine
from huying.places.tests.factories import kinds
from tests.concurrency.racing import race, race_without_locks, refusals
from tests.invariants import broken_rules

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("committed_db")]
SPAN = {"since": START - timedelta(days=1), "until": START + timedelta(days=1)}


@pytest.fixture
def cast(committed_db: None) -> Iterator[Cast]:
    kinds()
    with clock.frozen(START):
        clocks(review=60, rate=60)
        yield Cast()


def two_draws(cast: Cast) -> list[Callable[[], Any]]:
    """The centre and the inspector draw from the same three closed calls, two each."""
    for _ in range(3):
        cast.call(State.CLOSED)
    inspector = person("钱督查", cast.county)
    role(inspector, "inspector", cast.county)
    doers = [actor(cast.dispatcher), actor(inspector)]
    return [partial(actions.draw, actor=doer, place=cast.county, size=2, **SPAN) for doer in doers]


def test_the_second_draw_takes_what_the_first_left(cast: Cast) -> None:
    results = race(*two_draws(cast))

    assert refusals(results) == []
    assert [one.size for one in results] == [2, 1]
    assert Callback.objects.count() == 3
    assert broken_rules() == []


def test_negative_control_without_the_lock_the_database_stops_the_second_draw(cast: Cast) -> None:
    results = race_without_locks(*two_draws(cast))

    assert refusals(results) == ["IntegrityError"]
    assert Callback.objects.count() == 2


def two_answers(cast: Cast) -> list[Callable[[], Any]]:
    cast.call(State.CLOSED)
    boss = actor(cast.dispatcher)
    one = actions.draw(actor=boss, place=cast.county, size=1, **SPAN).callbacks.get()
    heard = [actions.Heard("answered", True, 5), actions.Heard("answered", False, 1)]
    return [partial(actions.record_callback, actor=boss, public_id=one.public_id, heard=said) for said in heard]


def test_the_first_answer_is_the_last_word(cast: Cast) -> None:
    results = race(*two_answers(cast))

    assert refusals(results) == ["AlreadyAnswered"]
    assert (Callback.objects.get().solved, Callback.objects.get().tries) == (True, 1)


def test_negative_control_without_the_lock_both_answers_are_taken(cast: Cast) -> None:
    results = race_without_locks(*two_answers(cast))

    assert refusals(results) == []
    assert AuditLine.objects.filter(verb="call.callback").count() == 2
    assert Callback.objects.get().tries == 1
