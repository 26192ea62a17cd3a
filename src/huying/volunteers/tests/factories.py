"""Fixed people, places and teams for tests of this room."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from django.contrib.auth.hashers import make_password
from django.db import connection
from django.test import Client

from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.kernel.requests import FRESH
from huying.kernel.search import search_text, terms
from huying.people.models import Account, Person, Role
from huying.places.models import Place
from huying.volunteers import actions
from huying.volunteers.models import Membership, Skill, Team, Volunteer

START = datetime(2026, 3, 3, 2, 0, tzinfo=UTC)
"""A Tuesday, ten in the morning in China."""
HASH = make_password("song-zhu-mei-2026", hasher="pbkdf2_sha256")


def place(name: str, parent: Place | None = None, kind: str = "community", **more: Any) -> Place:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('places_place', 'id'))")
        pk = int(cursor.fetchone()[0])
    return Place.objects.create(
        pk=pk,
        name=name,
        kind_id=kind,
        parent=parent,
        path=f"{parent.path if parent else '/'}{pk}/",
        depth=(parent.depth if parent else 0) + 1,
        sort_key=name,
        search_text=search_text(name),
        search_terms=terms(name),
        **more,
    )


def person(name: str, at: Place | None = None, **more: Any) -> Person:
    facts = {"search_text": search_text(name), "search_terms": terms(name), "sort_key": name} | more
    return Person.objects.create(name=name, home_place=at, created_at=clock.now(), **facts)


def role(who: Person, kind: str, at: Place) -> Role:
    since = clock.now() - timedelta(days=30)
    return Role.objects.create(person=who, kind=kind, place=at, starts_at=since, granted_at=since)


def actor(who: Person) -> Actor:
    pairs = tuple(sorted(Role.objects.filter(person=who).values_list("kind", "place__path")))
    return Actor(person_id=who.pk, roles=pairs)


def skill(code: str, name: str) -> Skill:
    return Skill.objects.get_or_create(code=code, defaults={"name": name, "name_en": code})[0]


def browser(who: Person) -> Client:
    """A browser in which this person is signed in, and has just shown who he is."""
    account = Account.objects.filter(person=who).first()
    account = account or Account.objects.create(username=f"u{who.pk}", person=who, password=HASH)
    client = Client()
    client.force_login(account)
    session = client.session
    session[FRESH] = clock.now().timestamp()
    session.save()
    return client


def sent(client: Client, address: str, /, **body: Any) -> Any:
    """POST with a fresh idempotency key."""
    return client.post(address, {"idempotency_key": uuid4().hex, **body})


class Cast:
    """A street with a community and its neighbour, keepers, two volunteers, a team with a leader."""

    def __init__(self) -> None:
        self.county = place("青禾区", kind="county")
        self.street = place("青禾街道", self.county, "street")
        self.home = place("和平社区", self.street, lon=120.05, lat=30.28)
        self.next_door = place("桂花社区", self.street, lon=120.06, lat=30.29)
        self.other_street = place("东篱街道", self.county, "street")
        self.away = place("麦田社区", self.other_street)
        self.cook, self.listen = skill("cook", "做饭"), skill("listen", "倾听陪伴")
        self.resident = person("陈桂英", self.home)
        self.keeper = person("王敏之", self.home)
        self.office = person("郑所长", self.street)
        self.outsider = person("赵远山", self.away)
        role(self.keeper, "station_keeper", self.home)
        role(self.office, "office", self.street)
        role(self.outsider, "station_keeper", self.away)
        self.li, self.he, self.wu = (self.volunteer(name) for name in ("李安和", "何晓燕", "吴长青"))
        self.team = Team.objects.create(name="和平助老队", place=self.home)
        self.membership = Membership.objects.create(
            team=self.team, volunteer=self.wu, is_leader=True, starts_at=clock.now() - timedelta(days=1)
        )

    def volunteer(self, name: str, at: Place | None = None) -> Volunteer:
        """Somebody who joined by the real action."""
        base = at or self.home
        profile = actions.Profile(base_place=base, skills=[self.cook])
        return actions.save_profile(actor=actor(person(name, base)), profile=profile)
