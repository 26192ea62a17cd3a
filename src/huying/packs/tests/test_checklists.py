"""Checklists like 五个一 for offices and 十三个一 for stations (catalogue S4-4.1), with made-up items: from a file to gaps."""

from __future__ import annotations

import pytest

from huying.calls.tests.factories import actor
from huying.kernel.errors import DomainError
from huying.packs import actions
from huying.packs.models import Switch
from huying.packs.tests.conftest import World
from huying.places import actions as places
from huying.places import queries
from huying.places.models import Place, Standard
from huying.places.tests.factories import place, staff
from huying.places.tests.standards import said

HEAD = """format: 1
namespace: example
code: ones
version: 1
name: {zh: 五个一和十三个一（示例）}
status: full
source: {item: example}
components:
  - {code: office, name: {zh: 五个一}, drives: [standards.five]}
  - {code: station, name: {zh: 十三个一}, drives: [standards.thirteen]}
things:
  standards:
"""


def checklist(code: str, kind: str, items: int) -> str:
    """An example: what a site must have is made up, the last item weighs most."""
    rows = "\n".join(
        f"        - {{code: one_{n}, name: {{zh: 示例第{n}件}}, proof: {{zh: 示例：看得到第{n}件}}, weight: {2 if n == items else 1}}}"
        for n in range(1, items + 1)
    )
    return f"    - code: {code}\n      name: {{zh: 示例{items}个一}}\n      kinds: [platform:{kind}]\n      items:\n{rows}\n"


ONES = HEAD + checklist("five", "office", 5) + checklist("thirteen", "station", 13)


def check(world: World, at: Place, standard: Standard, answers: str) -> None:
    """The keeper answers, somebody of the county verifies; nobody verifies himself."""
    keeper, officer = staff(at, "station_keeper", person_id=601), staff(world.east, "office", person_id=602)
    made = places.self_check(actor=keeper, place=at, standard=standard, said=said(answers))
    with pytest.raises(DomainError):
        places.verify_check(actor=keeper, check=made)
    places.verify_check(actor=officer, check=made)


def test_five_for_an_office_and_thirteen_for_a_station_from_the_file_to_the_gaps(world: World) -> None:
    world.on(world.load(ONES))
    office, station, other = place("office", world.street), place("station", world.home), place("station", world.home)
    five, thirteen = (Standard.objects.get(code=f"example_{one}") for one in ("five", "thirteen"))
    assert (queries.asked_of(office), queries.asked_of(station)) == ([five], [thirteen])
    assert (five.items.count(), thirteen.items.count()) == (5, 13)

    check(world, office, five, "yyyyy")
    check(world, station, thirteen, "yny-" + "y" * 8 + "n")

    numbers = {one.standard.code: (one.sites, one.met, one.unmet, one.never) for one in queries.tallies(world.east)}
    assert numbers == {"example_five": (1, 1, 0, 0), "example_thirteen": (2, 0, 1, 1)}
    row = queries.sites(thirteen, within=world.east, standing="unmet").get()
    assert (row, row.met, row.applies) == (station, 10, 13)  # 14 of weight; one does not apply, 1 + 2 are missing
    lacking = {item.number: n for item, n in queries.missing_items(thirteen, world.east) if n}
    assert lacking == {2: 1, 13: 1}
    assert list(queries.sites(thirteen, within=world.east, item=13)) == [station]
    assert list(queries.sites(thirteen, within=world.east, standing="never")) == [other]


def test_on_at_the_city_and_at_a_county_a_site_is_asked_once(world: World) -> None:
    pack = world.load(ONES)
    west_station = place("station", place("community", place("street", world.west)))
    station = place("station", world.home)
    world.on(pack, world.city)
    world.on(pack, world.east)
    here, above = (Standard.objects.get(code="example_thirteen", place=one) for one in (world.east, world.city))

    assert queries.asked_of(station) == [here]
    assert queries.asked_of(west_station) == [above]
    numbers = {one.standard: one.sites for one in queries.tallies(world.city) if one.standard.code == here.code}
    assert numbers == {here: 1, above: 1}
    assert list(queries.sites(above, within=world.city)) == [west_station]
    check(world, station, here, "n" + "y" * 12)
    assert dict(queries.missing_items(above))[above.items.get(number=1)] == 0
    actions.switch_off(actor=actor(world.chief), switch=Switch.objects.get(place=world.east, off_at=None), reason="停")
    assert queries.asked_of(station) == [above]
