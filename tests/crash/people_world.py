"""The people whose deeds are killed at every point, and the list those deeds stand in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.people.models import Guardianship, Person
from huying.people.states import RoleKind, Tie
from huying.people.tests import factories as make
from huying.places.models import Place
from huying.places.tests.factories import place

SYSTEM = Actor.system("people")
CHILD, YOUTH, ADULT = date(2018, 5, 1), date(2010, 5, 1), date(1980, 5, 1)


class Silent:
    """A gateway that takes every message."""

    def send(self, phone: str, words: str, key: str) -> str:
        return f"silent-{key}"


class World:
    """A community with its staff, made once for each test."""

    def __init__(self) -> None:
        self.home: Place = place("community")
        self.street = self.home.parent
        self.county = self.street.parent if self.street else None
        self.keeper = self.with_role(RoleKind.STATION_KEEPER, self.home)
        self.office = self.with_role(RoleKind.OFFICE, self.street)
        self.boss = self.with_role(RoleKind.ADMINISTRATOR, self.county)
        self.security = self.with_role(RoleKind.SECURITY_ADMIN, self.county)
        self.system = self.with_role(RoleKind.SYSTEM_ADMIN, self.county)

    def with_role(self, kind: str, at: Any) -> Person:
        somebody = self.resident()
        make.role(somebody, kind, at)
        return somebody

    def resident(self, born: date = ADULT, *, account: bool = True) -> Person:
        somebody = make.person(home=self.home, birth_date=born, phone=make.phone_number())
        if account:
            make.account(somebody)
        return somebody

    def bond(self, born: date = CHILD, **facts: Any) -> Guardianship:
        """A confirmed parent and child."""
        child, parent = self.resident(born, account=False), self.resident()
        now = clock.now() - timedelta(days=1)
        given = {"tie": Tie.PARENT, "starts_at": now, "confirmed_at": now, "confirmed_by": parent}
        return Guardianship.objects.create(ward=child, guardian=parent, **{**given, **facts})


Prepare = Callable[[World], tuple[Actor, Callable[[], Any]]]
OPERATIONS: dict[str, Prepare] = {}


def operation(prepare: Prepare) -> Prepare:
    OPERATIONS[prepare.__name__] = prepare
    return prepare


def me(somebody: Person) -> Actor:
    return make.actor(somebody)
