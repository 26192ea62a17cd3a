"""Our mechanism: for each mechanism that is full, every number under a component is that of the list it opens to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from huying.activities.models import RhythmPlan
from huying.activities.queries.gaps import gaps
from huying.calls.tests.factories import account, actor, person, role
from huying.cockpit.models import Report
from huying.figures.actions import Word, count
from huying.figures.templatetags.figures import in_figures
from huying.kernel.actor import Actor
from huying.packs.queries import in_force
from huying.packs.rules.reading import PackWrong, read_pack
from huying.packs.rules.shape import Pack as File
from huying.packs.rules.shape import walk
from huying.packs.rules.writing import unsigned
from huying.packs.tests.conftest import LISTS, World
from huying.packs.tests.driven import DRIVEN
from huying.packs.tests.effects import EFFECTS, in_order
from huying.packs.tests.test_shipped import OF_A_PREFECTURE, file_of, text_of
from huying.packs.tests.working import below
from huying.packs.views.links import SAID
from huying.places import actions as places
from huying.places.models import Place, PlaceFlag
from huying.places.tests.factories import place
from huying.volunteers import actions as volunteers

NUMBER = re.compile(r'<a class="hy-link" href="([^"]+)">([^<]*) <span class="hy-num">([^<]*)</span></a>')
BY_HAND = "a section that its writer fills: the platform keeps no such records; the theme beside it has its numbers"
SILENT: dict[str, dict[str, str]] = {
    "jiayuguan.eight_actions": {"templates.eight/7": BY_HAND},
    "qingyang.four_joinings": {"templates.joinings/3": BY_HAND},
    "tongren.m345": {
        "templates.m345/4": "a table by place of what section 2 counts; the theme beside it has its numbers"
    },
}
"""What is driven and shows no number on the page, and why. Everything else shows one, or says where it stands."""


def chief_of_desk(world: World) -> Client:
    """Somebody who reads every list of the city: desk, volunteers, points and checks."""
    who = person("总值班", world.city)
    for kind in ("dispatcher", "office", "administrator"):
        role(who, kind, world.city)
    client = Client()
    client.force_login(account(who, f"desk{who.pk}"))
    return client


def listed(client: Client, href: str) -> str:
    """How many the list says there are, counted from what it shows."""
    answer = client.get(href)
    assert answer.status_code == 200, href
    context: Any = answer.context
    if "/n/" in href or "figures" in href:
        return in_figures(context["value"])
    if "/rhythm/" in href:
        plan = RhythmPlan.objects.get(public_id=re.findall(r"[0-9a-f-]{36}", href)[0])
        rules, number = gaps(plan), href.partition("#rule-")[2]
        wanted = rules[int(number) - 1 : int(number)] if number else rules
        return str(sum(one.beats - one.kept for one in wanted))
    return str(len(list(context["page"].rows)))


@pytest.mark.parametrize("key", DRIVEN)
def test_every_component_with_live_work_shows_a_number_that_its_list_has(world: World, settings: Any, key: str) -> None:
    settings.HUYING_STAFF_SECOND_FACTOR = False
    file, at = file_of(key), world.city if key in OF_A_PREFECTURE else world.east
    world.on(world.load(text_of(key)), at)
    for kind, code in in_order(DRIVEN[key]):
        EFFECTS[kind](world, file, code)
    client = chief_of_desk(world)

    answer: Any = client.get(reverse("packs:ours", args=[at.public_id]))

    page = unescape(answer.content.decode())
    found = NUMBER.findall(page)
    assert len(found) == len(set(found)) and found, "one number under several components"
    assert len({href for href, _label, _number in found}) == len(found)
    assert [(href, label, number) for href, label, number in found if listed(client, href) != number] == []
    (pack,) = answer.context["packs"]
    assert silent(file, pack["parts"]) == sorted(SILENT.get(key, {}))


def silent(file: File, nodes: list[dict[str, Any]]) -> list[str]:
    """What is driven and tells neither a number nor where it stands nor why there is none."""
    parts = [drive for part, _path in walk(file.components) for drive in part.drives]
    shown = [drive for node in every(nodes) for drive in node["drives"]]
    return sorted(
        drive for drive, one in zip(parts, shown, strict=True) if not one["numbers"] and not str(one["words"])
    )


def every(nodes: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The nodes of a page in the order of the file."""
    for node in nodes:
        yield node
        yield from every(node["parts"])


@pytest.fixture(autouse=True)
def one_factor(settings: Any) -> None:
    settings.HUYING_STAFF_SECOND_FACTOR = False


def test_what_is_not_yet_there_is_zero_and_not_missing(world: World) -> None:
    """Two that had no figure at all before rings and templates were counted."""
    world.on(world.load(text_of("chengguan.five_aims")))
    page = Client().get(reverse("packs:ours", args=[world.east.public_id])).content.decode()

    assert "公开的通报" in page and not Report.objects.exists()
    assert [one.pack.key for one in in_force(world.east)] == ["chengguan.five_aims"]
    assert set(map(str, SAID.values())) >= {"公开的通报", "呼到这一圈的求助", "缺这一项的阵地"}
    assert actor(world.clerk).roles


def test_everybody_gets_the_figures_of_last_year_and_who_reads_the_place_those_of_this_one(world: World) -> None:
    """It is March 2026: the year that runs is not told to everybody (decision 0038)."""
    world.on(world.load(text_of("tongren.savings_bank")), world.city)
    words = [
        Word("tests.Record", key, "points_passbooks", world.city.pk, day, amount)
        for key, day, amount in ((1, date(2025, 5, 1), 30), (2, date(2026, 1, 5), 12))
    ]
    count(actor=Actor.system("tests"), words=words)
    address = reverse("packs:ours", args=[world.city.public_id])

    everybody = Client().get(address)
    reader = unescape(chief_of_desk(world).get(address).content.decode())

    assert everybody.status_code == 200
    told = {(label, number): href for href, label, number in NUMBER.findall(unescape(everybody.content.decode()))}
    href = told["积分存折（2025 年）", "30"]
    assert Client().get(href).status_code == 200
    assert ("积分存折", "42") in {(label, number) for _href, label, number in NUMBER.findall(reader)}
    assert "2025 年" not in reader


def test_the_numbers_of_a_name_are_compared_with_the_sites_there_are(world: World) -> None:
    """1+7+6: what is missing is said beside what is there."""
    world.on(world.load(text_of("yingxiu.m176")))
    for kind, above in (("office", world.street), ("station", world.home), ("station", world.home)):
        place(kind, above)

    page = Client().get(reverse("packs:ours", args=[world.east.public_id])).content.decode()

    assert [
        one for one in ("目标 1 处，已经够了", "目标 7 处，还差 5 处", "目标 6 处，还差 6 处") if one not in page
    ] == []


def test_every_county_a_brand_names_those_that_have_none(world: World) -> None:
    """S0-1b.4: on at the city; a brand of one county leaves the other one to be named."""
    world.on(world.load(text_of("longyan.one_each")), world.city)
    address = reverse("packs:ours", args=[world.city.public_id])
    before = Client().get(address).content.decode()
    flag = PlaceFlag.objects.get(code="longyan_brand")
    for at in (world.east, world.west):
        places.set_flag(actor=Actor.system("tests"), place=place("station", below(at, "community")), flag=flag)
        if at == world.east:
            one = Client().get(address).content.decode()
    both = Client().get(address).content.decode()

    assert "还没有的：东山县、西山县" in before
    assert "还没有的：西山县" in one and "还没有的：东山县" not in one
    assert "下级都有了" in both and "还没有的" not in both


def test_a_target_without_a_kind_of_site_is_refused_in_its_line() -> None:
    text = unsigned(text_of("yingxiu.m176")).replace("drives: ['place_kinds.platform:office', ", "drives: [")
    with pytest.raises(PackWrong) as wrong:
        read_pack(text)

    assert ["目标是一种阵地的数目" in str(one) for one in wrong.value.problems] == [True]


def test_an_owner_leads_to_its_place_or_unit_where_there_is_one(world: World) -> None:
    """By division code, by the name of a team; without either it is words."""
    Place.objects.filter(pk=world.east.pk).update(code="350800")
    unit = volunteers.save_team(actor=actor(world.clerk), facts=volunteers.TeamFacts("供电所服务队", world.east))
    owned = LISTS.replace("components:\n", "components:\n" + OWNED, 1)
    world.on(world.load(owned))

    page = chief_of_desk(world).get(reverse("packs:ours", args=[world.east.public_id])).content.decode()

    assert f'href="{reverse("places:detail", args=[world.east.public_id])}">县文明办</a>' in page
    assert f'href="{reverse("volunteers:team", args=[unit.public_id])}">供电所</a>' in page
    assert "由不在这里的单位负责" in page and "由谁都行负责" in page


OWNED = """  - {code: own_a, name: {zh: 甲}, owner: {zh: 县文明办, place: '350800'}}
  - {code: own_b, name: {zh: 乙}, owner: {zh: 供电所, team: 供电所服务队}}
  - {code: own_c, name: {zh: 丙}, owner: {zh: 不在这里的单位, place: '999999', team: 没有的队}}
  - {code: own_d, name: {zh: 丁}, owner: {zh: 谁都行}}
"""
