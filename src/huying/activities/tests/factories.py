"""Activities for tests, by the real actions, in the places and with the people of the calls' cast."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import count
from typing import Any

from django.urls import reverse

from huying.activities import actions
from huying.activities.actions import Facts, PartyFacts, RoleFacts
from huying.activities.models import Activity, ActivityKind, Session, Shift, SignUp
from huying.calls.tests.browsing import sent
from huying.calls.tests.factories import START, actor, person, place, role, volunteer
from huying.kernel.actor import Actor
from huying.people.models import Person
from huying.volunteers.models import Volunteer

SYSTEM = Actor.system("tests")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
_numbers = count(1)


class World:
    """A street with a community, its station and room, a keeper, and guests as many as are asked for."""

    def __init__(self) -> None:
        self.county = place("青禾区", kind="county")
        self.street = place("青禾街道", self.county, "street")
        self.home = place("和平社区", self.street, "community", lon=120.05, lat=30.28)
        self.other = place("安宁社区", self.street, "community")
        self.station = place("和平站", self.home, "station", lon=120.051, lat=30.281)
        self.room = place("二楼活动室", self.station, "room", capacity=40)
        self.keeper = person("王守一", self.home)
        role(self.keeper, "station_keeper", self.home)
        self.boss = actor(self.keeper)
        self.stranger = person("赵远行", self.other)
        role(self.stranger, "station_keeper", self.other)

    def guest(self, name: str = "", **more: Any) -> Person:
        return person(name or f"居民{next(_numbers)}", self.home, **more)

    def volunteer(self, name: str = "") -> Volunteer:
        return volunteer(self.guest(name or f"志愿者{next(_numbers)}"), self.home)

    def facts(self, **more: Any) -> Facts:
        starts = more.pop("starts_at", START + 2 * DAY)
        given: dict[str, Any] = {
            "kind": ActivityKind.objects.get(code="culture"),
            "place": self.home,
            "title": f"端午包粽子{next(_numbers)}",
            "starts_at": starts,
            "ends_at": more.pop("ends_at", starts + 2 * HOUR),
            "contact_name": "王守一",
            "where": "社区广场",
            "roles": [RoleFacts("参加者", 3)],
            "parties": [PartyFacts("和平社区")],
        }
        return Facts(**{**given, **more})

    def draft(self, **more: Any) -> Activity:
        return actions.save_draft(actor=self.boss, facts=self.facts(**more))

    def published(self, **more: Any) -> Activity:
        return actions.publish(actor=self.boss, activity=self.draft(**more))


def shift_of(activity: Activity, number: int = 0, name: str = "") -> Shift:
    session = activity.sessions.order_by("starts_at")[number]
    rows = session.shifts.order_by("role__order", "id")
    found = rows.filter(role__name=name).first() if name else rows.first()
    assert found is not None
    return found


def session_of(activity: Activity, number: int = 0) -> Session:
    return activity.sessions.order_by("starts_at")[number]


def come(who: Person, shift: Shift, **more: Any) -> SignUp:
    return actions.sign_up(actor=actor(who), shift=shift, **more)


def later(**span: int) -> datetime:
    return START + timedelta(**span)


def page(client: Any, name: str, /, *args: Any, status: int = 200, **asked: Any) -> str:
    """GET of a page of this room; its text."""
    answer = client.get(reverse(f"activities:{name}", args=args), asked)
    assert answer.status_code == status, answer.content.decode()[:3000]
    return str(answer.content.decode())


def pressed(client: Any, name: str, /, *args: Any, status: int = 303, **body: Any) -> Any:
    """POST with a fresh idempotency key."""
    answer = sent(client, reverse(f"activities:{name}", args=args), **body)
    assert answer.status_code == status, answer.content.decode()[:3000]
    return answer
