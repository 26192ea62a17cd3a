"""Two counties below one city in March, their administrators, and files of packs that change a little."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from huying.calls.tests.factories import START, actor, person, place, role
from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.packs import actions
from huying.packs.management import SHIPPED
from huying.packs.models import Pack
from huying.packs.queries import pack_by_key
from huying.packs.rules.writing import unsigned
from huying.people.models import Person
from huying.places.models import Place

EXAMPLES = SHIPPED / "example"
SEASONS = unsigned((EXAMPLES / "four_seasons.yaml").read_text(encoding="utf-8"))
LISTS = unsigned((EXAMPLES / "three_lists.yaml").read_text(encoding="utf-8"))
"""Without their checksums: tests change what they say."""


@dataclass
class World:
    """city > east (street > community), west; administrators of the city and of each county, an office, a resident."""

    city: Place
    east: Place
    west: Place
    street: Place
    home: Place
    chief: Person
    easterner: Person
    westerner: Person
    clerk: Person
    resident: Person

    def load(self, text: str = SEASONS) -> Pack:
        return pack_by_key(actions.load_pack(actor=actor(self.chief), text=text).key)

    def on(self, pack: Pack, at: Place | None = None) -> None:
        actions.switch_on(actor=actor(self.chief), pack=pack, place=at or self.east)

    def actor(self, who: Person) -> Actor:
        return actor(who)


@pytest.fixture
def world(db: None) -> Iterator[World]:
    with clock.frozen(START):
        yield made()


def made() -> World:
    city = place("青山市", kind="prefecture")
    east, west = place("东山县", city, "county"), place("西山县", city, "county")
    street = place("东街", east, "street")
    home = place("和平社区", street, "community")
    chief, easterner, westerner = person("陈总管", city), person("东管", east), person("西管", west)
    for who, at in ((chief, city), (easterner, east), (westerner, west)):
        role(who, "administrator", at)
    clerk, resident = person("刘干事", east), person("居民", home)
    role(clerk, "office", east)
    return World(city, east, west, street, home, chief, easterner, westerner, clerk, resident)
