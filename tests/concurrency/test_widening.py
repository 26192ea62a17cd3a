"""Two at the same moment on a call that goes out ring by ring: seats, rings, reserves, and a rush of people."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from time import perf_counter
from typing import Any

import pytest
from django.db import DatabaseError, connection

from huying.calls import actions
from huying.calls.models import Call, Offer, Ring
from huying.calls.states import State
from huying.calls.tests.factories import START, Cast, actor, person, volunteer
from tests.concurrency.racing import CLOCKS, Work, race, race_without_locks, refusals
from tests.invariants import broken_rules

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("committed_db")]


def crowd(cast: Cast, size: int, **more: Any) -> tuple[Call, list[Any]]:
    """A call with so many asked, and the helpers."""
    helpers = [volunteer(person(f"邻居{n}", cast.home), cast.home) for n in range(size)]
    call = cast.call(State.POOLED, **more)
    actions.dispatch(actor=actor(cast.keeper), call=call, volunteers=helpers)
    return call, helpers


def last_seat(cast: Cast) -> tuple[Call, Work, Work]:
    """Three sought, two have come: a team that would bring two, and a neighbour, press for the one seat left."""
    call = cast.call(State.POOLED, people_needed=3)
    actions.dispatch(actor=actor(cast.keeper), call=call, volunteers=[cast.li, cast.he], teams=[cast.team])
    actions.accept(actor=actor(cast.li.person), call=call)
    call.refresh_from_db()
    Call.objects.filter(pk=call.pk).update(people_needed=2)
    leader, he = actor(cast.leader.person), actor(cast.he.person)
    page = Call.objects.select_related("kind", "place").get(pk=call.pk)
    return (
        call,
        lambda: actions.accept(actor=leader, call=page, seats=2),
        lambda: actions.accept(actor=he, call=page),
    )


def test_the_last_seat_goes_to_one_though_a_team_wants_it_too(cast: Cast) -> None:
    call, the_team, the_neighbour = last_seat(cast)

    results = race(the_team, the_neighbour)

    assert refusals(results) == ["StepRefused"]
    call.refresh_from_db()
    assert (call.state, call.accepted_count) == (State.ACCEPTED, 2)
    assert broken_rules() == []


def test_negative_control_the_last_seat_is_given_twice_without_the_lock(cast: Cast) -> None:
    _call, the_team, the_neighbour = last_seat(cast)

    results = race_without_locks(the_team, the_neighbour)

    assert broken_rules() or any(isinstance(one, DatabaseError) for one in results)


def out(cast: Cast) -> Call:
    """A call whose first ring has just begun; its next step is due."""
    for order, asks in enumerate(("own", "office"), start=1):
        Ring.objects.create(order=order, name=asks, asks=asks, minutes=60, mode="natural", per_seat=1)
    call = cast.call(State.POOLED)
    Call.objects.filter(pk=call.pk).update(stage_due_at=START)
    return call


def test_two_workers_ask_a_ring_once(cast: Cast) -> None:
    call = out(cast)

    results = race(*[lambda: actions.ask_next(actor=CLOCKS, call=call)] * 2)

    assert results == [True, False]
    assert Offer.objects.filter(call=call).count() == 1
    assert broken_rules() == []


def test_negative_control_two_workers_ask_twice_without_the_lock(cast: Cast) -> None:
    call = out(cast)

    results = race_without_locks(*[lambda: actions.ask_next(actor=CLOCKS, call=call)] * 2)

    assert Offer.objects.filter(call=call).count() > 1 or any(isinstance(one, Exception) for one in results)


def test_one_drops_out_while_the_reserve_steps_back(cast: Cast) -> None:
    call, helpers = crowd(cast, 2)
    actions.accept(actor=actor(helpers[0].person), call=call)
    actions.stand_by(actor=actor(helpers[1].person), call=call)
    first, second = (actor(one.person) for one in helpers)
    page = Call.objects.select_related("kind", "place").get(pk=call.pk)

    results = race(
        lambda: actions.step_back(actor=second, call=page),
        lambda: actions.hand_back(actor=first, call=page, reason="车坏了"),
    )

    assert refusals(results) == []
    assert Call.objects.get(pk=call.pk).state == State.POOLED
    assert broken_rules() == []


def test_two_hundred_people_say_yes_in_a_rush_and_nobody_waits_long(cast: Cast, tally: Callable[..., None]) -> None:
    """Eight at a time, as the threads of a web process; a hundred and twenty seats."""
    call, helpers = crowd(cast, 200, people_needed=120)
    doers = [actor(one.person) for one in helpers]
    page = Call.objects.select_related("kind", "place").get(pk=call.pk)

    def press(doer: Any) -> tuple[str, float]:
        began, said = perf_counter(), "yes"
        try:
            actions.accept(actor=doer, call=page)
        except actions.StepRefused:
            said = "full"
        finally:
            connection.close()
        return said, perf_counter() - began

    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(press, doers))

    took = sorted(seconds for _said, seconds in results)
    tally("rush of yes", people=200, median_ms=round(took[100] * 1000), slowest_ms=round(took[-1] * 1000))
    assert [said for said, _seconds in results].count("yes") == 120
    call.refresh_from_db()
    assert (call.state, call.accepted_count) == (State.ACCEPTED, 120)
    assert broken_rules() == []
