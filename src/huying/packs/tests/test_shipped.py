"""Every mechanism of catalogue section 4 that is shipped: it is read, loads twice without a difference, and each one that
is full does what its components say.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from html import unescape
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from huying.activities.queries import themes
from huying.calls.tests.factories import actor
from huying.packs import actions
from huying.packs.models import Switch
from huying.packs.queries import in_force, pack_by_key
from huying.packs.rules.reading import read_pack
from huying.packs.rules.shape import Component
from huying.packs.rules.shape import Pack as File
from huying.packs.tests.conftest import World
from huying.packs.tests.driven import DRIVEN
from huying.packs.tests.effects import EFFECTS, OFFERED, in_order, is_ours
from huying.places import queries as place_queries
from huying.places.models import Place, Standard
from huying.places.tests.factories import place

SHIPPED = Path(__file__).parent.parent / "shipped"
PATHS = {f"{one.parent.name}.{one.stem}": one for one in sorted(SHIPPED.glob("*/*.yaml"))}
OWN = {key: path for key, path in PATHS.items() if not key.startswith("example.")}
GIVEN = {
    "chengguan.five_links": (5, 1),
    "chengxi.eight_devices": (8, 6),
    "chengxi.nine_tasks": (9, 4),
    "manzhouli.twelve_classes": (12, 11),
    "nujiang.subcentres": (17, 3),
    "wuxi.charity_plus": (8, 3),
    "yingxiu.ones": (18, 0),
    "tongren.five_platforms": (5, 0),
    "longyan.five_cards": (5, 1),
    "haidian.seven_entries": (7, 0),
    "huixian.seven_entries": (7, 0),
    "malong.eight_small": (8, 0),
}
"""As the page says: so many there are, so many it gives."""
OF_A_PREFECTURE = {"nujiang.levels"}
"""Switched on above the counties: it adds a level there."""
UNDRIVEN = {"jiayuguan.street_duty"}
"""Holds a first ring that no component of its own stands for."""
CLASHES = {
    "五联": {"chengguan.five_links", "tongren.five_links"},
    "四化": {"haidian.four_izations", "manzhouli.four_izations", "nujiang.four_izations"},
    "七进": {"haidian.seven_entries", "huixian.seven_entries"},
}
"""One name, several meanings (catalogue 4.3)."""


def text_of(key: str) -> str:
    return PATHS[key].read_text(encoding="utf-8")


def file_of(key: str) -> File:
    return read_pack(text_of(key), file=f"{key}.yaml")[0]


def walk(
    parts: Iterable[Component], above: tuple[Component, ...] = ()
) -> Iterator[tuple[Component, tuple[Component, ...]]]:
    for one in parts:
        yield one, above
        yield from walk(one.parts, (*above, one))


# ── every file ──────────────────────────────────────────────────────────────
@pytest.mark.parametrize("key", PATHS)
def test_a_shipped_pack_is_read_and_says_where_it_comes_from(key: str) -> None:
    file = file_of(key)

    assert file.key == key
    assert file.source.item == "example" or re.fullmatch(r"S[0-4]-[0-9][a-z]?", file.source.item)
    assert file.name.en and all(one.name.en for one, _above in walk(file.components))
    assert all(one.outside is None or one.outside.source for one, _above in walk(file.components))


@pytest.mark.parametrize("key", OWN)
def test_a_shipped_pack_loads_twice_without_a_difference(world: World, key: str) -> None:
    world.load(text_of(key))

    again = actions.load_pack(actor=actor(world.chief), text=text_of(key))

    assert again.lines == ()


def test_the_catalogue_is_shipped_whole() -> None:
    statuses = Counter(file_of(key).status for key in OWN)

    assert statuses == {"full": 67, "part": 7, "name": 20}
    assert set(DRIVEN) == {key for key in OWN if file_of(key).status == "full"}


@pytest.mark.parametrize("key", GIVEN)
def test_what_the_page_does_not_give_stays_an_empty_slot(key: str) -> None:
    counted = [one for one, _above in walk(file_of(key).components) if one.count]

    assert (sum(one.count or 0 for one in counted), sum(len(one.parts) for one in counted)) == GIVEN[key]
    assert sum(one.empty for one in counted) == GIVEN[key][0] - GIVEN[key][1]


def test_no_code_is_used_by_two_packs_of_one_namespace() -> None:
    """Rows of packs are stored under namespace and code: all packs of a place can be on together."""
    held: Counter[tuple[str, str, str]] = Counter()
    for key in OWN:
        file = file_of(key)
        held.update((file.namespace, kind, one.code) for kind in EFFECTS for one in getattr(file.things, kind))

    assert [one for one, n in held.items() if n > 1] == []


def test_a_name_with_several_meanings_is_several_packs() -> None:
    for name, keys in CLASHES.items():
        assert {key for key in OWN if file_of(key).name.zh == name} == keys


@pytest.mark.parametrize("key", OWN)
def test_our_mechanism_shows_every_part_and_every_empty_slot(world: World, key: str) -> None:
    """What others say of it stands marked, and what is not given as so many slots."""
    world.on(world.load(text_of(key)))
    parts = [one for one, _above in walk(file_of(key).components)]

    page = unescape(Client().get(reverse("packs:ours", args=[world.east.public_id])).content.decode())

    assert [one.name.zh for one in parts if one.name.zh not in page] == []
    assert page.count("未给出</li>") == sum(one.empty for one in parts)
    assert page.count("外部说法，不是本地原文") == sum(one.outside is not None for one in parts)
    missing = [one.name.zh for kind in EFFECTS for one in getattr(file_of(key).things, kind) if one.name.zh not in page]
    assert not missing or key in UNDRIVEN, missing


# ── the full ones ───────────────────────────────────────────────────────────
@pytest.mark.parametrize("key", DRIVEN)
def test_every_part_of_a_full_mechanism_drives_what_the_table_says(key: str) -> None:
    parts = list(walk(file_of(key).components))

    assert sorted({drive.partition("/")[0] for one, _above in parts for drive in one.drives}) == sorted(
        DRIVEN[key].split()
    )
    idle = [one.code for one, above in parts if not one.parts and not any(up.drives for up in (one, *above))]
    assert idle == []


@pytest.mark.parametrize("key", DRIVEN)
def test_a_full_mechanism_does_what_its_components_drive_where_it_is_on_and_nowhere_else(
    world: World, key: str
) -> None:
    """Nothing of it is there before; all of it in its county, nothing in the next; nothing when it is switched off."""
    file, at = file_of(key), world.city if key in OF_A_PREFECTURE else world.east
    drives = in_order(DRIVEN[key])
    own = [(kind, code) for kind, code in drives if kind in OFFERED and is_ours(code)]
    assert own or key == "tongren.savings_bank"
    pack = world.load(text_of(key))
    elsewhere = world.west if at == world.east else other_prefecture()

    assert offered(world, file, own, world.home) == []
    world.on(pack, at)
    assert offered(world, file, own, world.home) == own
    assert offered(world, file, own, elsewhere) == []
    for kind, code in drives:
        EFFECTS[kind](world, file, code)
    actions.switch_off(actor=actor(world.chief), switch=Switch.objects.get(), reason="试完了")
    assert offered(world, file, own, world.home) == []


def offered(world: World, file: File, own: list[tuple[str, str]], at: Place) -> list[tuple[str, str]]:
    """Which of the things that a pack brings are there at a place."""
    return [(kind, code) for kind, code in own if OFFERED[kind](world, file, code, at)]


def other_prefecture() -> Place:
    return place("county", place("prefecture", None, "白水市"), "南县")


# ── side by side ────────────────────────────────────────────────────────────
def test_two_five_links_and_three_four_izations_stand_side_by_side(world: World) -> None:
    """At one place: each keeps its own words, its own themes and its own checklist."""
    for name in ("五联", "四化"):
        for key in sorted(CLASHES[name]):
            world.on(world.load(text_of(key)))

    offered = {one.code for one in themes(places=[world.home])}
    assert {f"tongren-link_{one}" for one in ("platform", "teams", "projects", "civility", "mechanism")} <= offered
    station = place("station", world.home)
    asked = {one.code: [item.name for item in one.items.order_by("number")] for one in place_queries.asked_of(station)}
    assert asked == {
        "manzhouli_service_ways": ["精准化", "常态化", "便利化", "品牌化"],
        "nujiang_four_ways": ["大众化", "通俗化", "互动化", "融合化"],
    }
    links = {key: file_of(key).components[0] for key in CLASHES["五联"]}
    assert links["chengguan.five_links"].empty == 4
    assert {one.name.zh for one, _above in walk(file_of("tongren.five_links").components)} == {
        *("平台联搭", "队伍联动", "项目联推", "文明联创", "机制联通")
    }
    assert {one.pack.key for one in in_force(world.home)} == CLASHES["五联"] | CLASHES["四化"]


def test_every_full_mechanism_of_the_catalogue_can_be_on_at_one_place(world: World) -> None:
    """Rings of a place are one set: the first pack that brings them keeps them, nothing else is in each other's way."""
    for key in DRIVEN:
        world.on(world.load(text_of(key)))

    assert Switch.objects.filter(place=world.east, off_at=None).count() == len(DRIVEN)
    files = [file_of(key) for key in DRIVEN]
    assert Standard.objects.filter(place=world.east, ended_at=None).count() == sum(
        len(one.things.standards) for one in files
    )
    assert pack_by_key("longyan.m14363").switches.get().place == world.east
