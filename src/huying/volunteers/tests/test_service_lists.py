"""Lists of service cost as many queries with one row as with many."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from huying.kernel import clock
from huying.people.models import Person
from huying.volunteers import actions
from huying.volunteers.models import Membership
from huying.volunteers.tests.factories import START, Cast, actor, browser
from huying.volunteers.tests.test_service import confirmed, submitted

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
Grow = Callable[[Cast, int], tuple[Person, str]]


@pytest.fixture
def cast(db: None) -> Iterator[Cast]:
    with clock.frozen(START):
        yield Cast()


def my_service(cast: Cast, number: int) -> tuple[Person, str]:
    confirmed(cast, ago=3 + 3 * number)
    return cast.li.person, reverse("volunteers:my_service")


def queue(cast: Cast, number: int) -> tuple[Person, str]:
    submitted(cast, ago=3 + 3 * number, who=cast.volunteer(f"队员{number}"))
    return cast.keeper, reverse("volunteers:queue")


def records(cast: Cast, number: int) -> tuple[Person, str]:
    submitted(cast, ago=3 + 3 * number, who=cast.volunteer(f"队员{number}"))
    return cast.keeper, reverse("volunteers:records")


def sessions(cast: Cast, number: int) -> tuple[Person, str]:
    plan = actions.SessionPlan(f"第{number}场", cast.home, START, START + HOUR, team=cast.team)
    actions.open_session(actor=actor(cast.wu.person), plan=plan)
    return cast.wu.person, reverse("volunteers:sessions")


def check(cast: Cast, number: int) -> tuple[Person, str]:
    sessions(cast, number)
    return cast.li.person, reverse("volunteers:check")


def roll(cast: Cast, number: int) -> tuple[Person, str]:
    plan = actions.SessionPlan("点名", cast.home, START, START + HOUR, team=cast.team)
    found = cast.team.sessions.first() or actions.open_session(actor=actor(cast.wu.person), plan=plan)
    joined = cast.volunteer(f"队员{number}")
    Membership.objects.create(team=cast.team, volunteer=joined, starts_at=START)
    actions.call_roll(actor=actor(cast.wu.person), session=found, volunteers=[joined], leaving=False)
    return cast.wu.person, reverse("volunteers:session", args=[found.public_id])


def campaigns(cast: Cast, number: int) -> tuple[Person, str]:
    notice = actions.Notice(
        team=cast.team,
        title=f"招募{number}",
        content="助餐",
        risks="楼梯",
        cover="意外险",
        wanted=3,
        opens_at=START,
        closes_at=START + HOUR,
    )
    actions.start_campaign(actor=actor(cast.wu.person), notice=notice)
    return cast.li.person, reverse("volunteers:campaigns")


@pytest.mark.parametrize("grow", [my_service, queue, records, sessions, check, roll, campaigns])
def test_four_rows_cost_as_many_queries_as_one(cast: Cast, grow: Grow) -> None:
    who, address = grow(cast, 0)
    client = browser(who)
    client.get(address)  # what is remembered between requests is there

    with CaptureQueriesContext(connection) as one:
        client.get(address)
    for number in range(1, 4):
        grow(cast, number)
    with CaptureQueriesContext(connection) as many:
        assert client.get(address).status_code == 200

    assert len(many) == len(one), [query["sql"][:120] for query in many.captured_queries]
