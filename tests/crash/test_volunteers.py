"""Everything that is done about volunteering, killed at every point."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import count
from typing import Any

import pytest

from huying.calls.tests.factories import START, Cast, actor, person, volunteer
from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.places.tests.factories import kinds
from huying.volunteers import actions
from huying.volunteers.models import Membership, Volunteer
from tests.crash.sweeping import Operation, Run, Sweep, keyed

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("committed_db")]
Act = Callable[[], Any]
_numbers = count(1)


@pytest.fixture
def cast(committed_db: None) -> Iterator[Cast]:
    kinds()
    with clock.frozen(START):
        yield Cast()


def fresh(cast: Cast) -> Volunteer:
    return volunteer(person(f"志愿者{next(_numbers)}", cast.home), cast.home)


def save_profile(cast: Cast) -> tuple[Actor, Act]:
    doer = actor(person(f"新人{next(_numbers)}", cast.home))
    profile = actions.Profile(base_place=cast.home, travel_km=2, weekly_limit=3)
    return doer, lambda: actions.save_profile(actor=doer, profile=profile)


def pause(cast: Cast) -> tuple[Actor, Act]:
    doer = actor(fresh(cast).person)
    return doer, lambda: actions.pause(actor=doer, until=clock.today() + timedelta(days=7))


def leave(cast: Cast) -> tuple[Actor, Act]:
    doer = actor(member(cast).person)
    return doer, lambda: actions.leave(actor=doer)


def join_team(cast: Cast) -> tuple[Actor, Act]:
    doer = actor(fresh(cast).person)
    return doer, lambda: actions.join_team(actor=doer, team=cast.team)


def save_team(cast: Cast) -> tuple[Actor, Act]:
    doer = actor(cast.keeper)
    facts = actions.TeamFacts(name=f"新队{next(_numbers)}", place=cast.home, about="助老")
    return doer, lambda: actions.save_team(actor=doer, facts=facts)


def add_member(cast: Cast) -> tuple[Actor, Act]:
    doer, row = actor(cast.keeper), fresh(cast)
    return doer, lambda: actions.add_member(actor=doer, team=cast.team, volunteer=row, agreed=True)


def member(cast: Cast) -> Volunteer:
    row = fresh(cast)
    Membership.objects.create(team=cast.team, volunteer=row, starts_at=START - timedelta(days=1))
    return row


def end_membership(cast: Cast) -> tuple[Actor, Act]:
    doer, row = actor(cast.keeper), member(cast)
    return doer, lambda: actions.end_membership(actor=doer, team=cast.team, volunteer=row)


def set_leader(cast: Cast) -> tuple[Actor, Act]:
    doer, row = actor(cast.keeper), member(cast)
    return doer, lambda: actions.set_leader(actor=doer, team=cast.team, volunteer=row, is_leader=True)


ACTS = (save_profile, pause, leave, join_team, save_team, add_member, end_membership, set_leader)
OPERATIONS = {act.__name__: act for act in ACTS}


@pytest.mark.parametrize("name", OPERATIONS)
def test_a_death_at_any_point_leaves_all_or_nothing(cast: Cast, name: str, tally: Callable[..., None]) -> None:
    def prepare() -> Run:
        doer, act = OPERATIONS[name](cast)
        return keyed(name, doer, act)

    report = Sweep(Operation(name, prepare)).go()

    tally("crash points", operations=1, kills=report.points, violations=len(report.violations))
    assert report.violations == []


def test_every_action_of_volunteers_is_swept() -> None:
    ours = {
        name
        for name, function in inspect.getmembers(actions, inspect.isfunction)
        if function.__module__.startswith(actions.__name__) and is_an_action(function)
    }

    assert ours == set(OPERATIONS)


def is_an_action(function: Any) -> bool:
    """Actions take an actor by name only; the steps they are made of take it by position."""
    taken = inspect.signature(function).parameters.get("actor")
    return taken is not None and taken.kind is inspect.Parameter.KEYWORD_ONLY
