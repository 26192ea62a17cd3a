"""A town in which calls go out ring by ring, for the tests: helpers on every step, its rings, and who is asked."""

from __future__ import annotations

from typing import Any

import pytest

from huying.calls.models import Call, Clock, Ring
from huying.calls.states import Asks, Level, OfferState, State
from huying.calls.tests.factories import Cast, person, place, team, volunteer
from huying.calls.tests.timing import Time
from huying.volunteers.models import TeamKind

HOUR = 60


class Town(Cast):
    """The cast with helpers on every step: in the neighbouring village, at the centre, in another street, and units."""

    def __init__(self) -> None:
        super().__init__()
        self.second = place("清溪社区", self.street, "community")
        self.next_door = volunteer(person("清溪人", self.second), self.second)
        self.of_centre = volunteer(person("中心人", self.county), self.county)
        self.far = volunteer(person("麦田人", self.away), self.away)
        self.unit_kind = TeamKind.objects.get_or_create(code="unit", defaults={"name": "单位志愿服务队"})[0]
        self.boss = volunteer(person("许一诺", self.away), self.away, weekly_limit=0)
        self.unit = team("供电所服务队", self.other_street, self.boss)
        self.unit.kind = self.unit_kind
        self.unit.save()


def ring(order: int, asks: str, **more: Any) -> Ring:
    facts = {"name": f"第{order}圈", "minutes": HOUR, "mode": Clock.Mode.NATURAL, "per_seat": 10} | more
    return Ring.objects.create(order=order, asks=asks, **facts)


def five(cast: Town) -> None:
    ring(1, Asks.OWN, level=Level.STATION)
    ring(2, Asks.OFFICE, level=Level.OFFICE)
    ring(3, Asks.CENTRE, level=Level.CENTRE)
    ring(4, Asks.PARTNERS, level=Level.CENTRE, team_kind=cast.unit_kind, duty=True)
    ring(5, Asks.NEIGHBOURS, level=Level.CENTRE)


def asked(call: Call) -> set[str]:
    """Who is asked now."""
    return {str(one.team or one.volunteer) for one in call.offers.filter(state=OfferState.OFFERED)}


def pooled(cast: Cast, **more: Any) -> Call:
    return cast.call(State.POOLED, **more)


@pytest.fixture
def cast(db: None, time: Time) -> Town:
    return Town()
