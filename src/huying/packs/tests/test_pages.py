"""Pages: the library for everybody, loading with the difference first, "our mechanism" with live numbers and empty slots."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from huying.activities import actions as activities
from huying.activities.models import ActivityKind
from huying.calls.actions import Ask, ask
from huying.calls.models import ServiceKind
from huying.calls.tests.browsing import browser, sent
from huying.calls.tests.factories import START, actor, place
from huying.kernel.actor import Actor
from huying.packs.models import Pack, Switch
from huying.packs.rules.reading import read_pack
from huying.packs.tests.conftest import LISTS, SEASONS, World
from huying.packs.tests.test_switching import CHECK, RINGS


def text(answer: Any) -> str:
    return unescape(answer.content.decode())


def plain(answer: Any) -> str:
    """What a reader sees, spaces single."""
    return " ".join(re.sub(r"<[^>]+>", " ", text(answer)).split())


@pytest.fixture
def chief(world: World, settings: Any) -> Client:
    settings.HUYING_STAFF_SECOND_FACTOR = False
    return browser(world.chief)


def test_the_library_is_for_everybody_and_can_be_narrowed(world: World) -> None:
    empty = plain(Client().get(reverse("packs:library")))
    world.on(world.load())
    world.load(LISTS)
    page = plain(Client().get(reverse("packs:library")))
    part = plain(Client().get(reverse("packs:library") + "?status=part"))
    none = plain(Client().get(reverse("packs:library") + "?q=没有的"))

    assert "还没有机制包" in empty and "载入机制包" not in empty
    assert "四季服务" in page and "example.four_seasons · 第 1 版 · 在 1 个地方启用" in page and "内容齐全" in page
    assert "三张单子" in part and "四季服务" not in part
    assert "没有找到机制包" in none


def test_a_file_is_tried_then_loaded_and_the_text_stays(world: World, chief: Client) -> None:
    address = reverse("packs:load")
    upload = SimpleUploadedFile("四季.yaml", SEASONS.encode())
    tried = sent(chief, address, upload=upload, **{"try": "1"})

    assert tried.status_code == 200 and not Pack.objects.exists()
    assert "example.four_seasons 第 1 版会改什么" in plain(tried) and "春有学" in plain(tried)
    assert "namespace: example" in text(tried)  # in the field, to be loaded or mended
    loaded = sent(chief, address, text=SEASONS, load="1")
    assert (loaded.status_code, loaded["Location"]) == (303, reverse("packs:pack", args=["example", "four_seasons"]))
    assert "没有差异" in plain(sent(chief, address, text=SEASONS, **{"try": "1"}))


def test_a_broken_file_is_told_line_by_line_and_nothing_is_loaded(world: World, chief: Client) -> None:
    broken = SEASONS.replace("minutes: 120", "minutes: x") + "switches: [face_recognition]\n"
    answer = sent(chief, reverse("packs:load"), text=broken, load="1")

    assert answer.status_code == 422 and not Pack.objects.exists()
    assert "pack.yaml 第 56 行：" in plain(answer) and "K02：这项功能任何机制包都不能打开" in plain(answer)
    assert "minutes: x" in text(answer)
    assert sent(chief, reverse("packs:load")).status_code == 422


def test_who_may_not_load(world: World, settings: Any) -> None:
    settings.HUYING_STAFF_SECOND_FACTOR = False
    for who in (world.easterner, world.clerk, world.resident):
        assert browser(who).get(reverse("packs:load")).status_code == 403


def test_a_pack_shows_parts_slots_versions_and_the_difference(world: World) -> None:
    world.load(LISTS)
    world.load(LISTS.replace("version: 1", "version: 2").replace("说说这里缺什么。", "说说缺什么。"))
    page = plain(Client().get(reverse("packs:pack", args=["example", "three_lists"])))
    difference = plain(Client().get(reverse("packs:difference", args=["example", "three_lists"]) + "?from=1&to=2"))

    assert "未给出" in page and "荣誉称号，只显示" in page and "部分给出" in page
    assert "外部说法，不是本地原文：一般指场地、设备、人员。（来源：example）" in page
    assert "第 2 版" in page and "看差异" in page
    assert "说说这里缺什么。" in difference and "说说缺什么。" in difference and "修改" in difference
    now = Client().get(reverse("packs:difference", args=["example", "three_lists"]))
    assert "没有差异" in plain(now)
    assert Client().get(reverse("packs:difference", args=["example", "three_lists"]) + "?from=9").status_code == 404


def test_the_file_of_a_pack_is_for_everybody(world: World) -> None:
    world.load(LISTS)
    answer = Client().get(reverse("packs:file", args=["example", "three_lists"]))

    assert answer["Content-Type"].startswith("application/yaml")
    assert read_pack(answer.content.decode())[0].things == read_pack(LISTS)[0].things
    assert Client().get(reverse("packs:schema")).json()["title"] == "Pack"


def test_switching_on_and_off_by_pages(world: World, settings: Any) -> None:
    settings.HUYING_STAFF_SECOND_FACTOR = False
    world.load()
    east = browser(world.easterner)
    address = reverse("packs:on", args=[world.east.public_id])

    assert "四季服务（example.four_seasons）" in text(east.get(address))
    assert sent(east, address, pack="example.four_seasons", until="2026-03-01").status_code == 422
    assert sent(east, address, pack="example.four_seasons", until="2026-12-31", reason="试行").status_code == 303
    assert "没有可以启用的机制包" in plain(east.get(address))
    off = reverse("packs:off", args=[Switch.objects.get().public_id])
    assert sent(east, off).status_code == 422
    assert sent(east, off, reason="试完了").status_code == 303
    assert sent(east, off, reason="再停").status_code == 422
    assert browser(world.westerner).get(address).status_code == 403


def test_our_mechanism_shows_each_component_with_its_live_work(world: World, settings: Any) -> None:
    settings.HUYING_STAFF_SECOND_FACTOR = False
    world.on(
        world.load(
            SEASONS.replace(
                "drives: [themes.winter, team_kinds.warmth]",
                "drives: [themes.winter, team_kinds.warmth, rings.around, standards.rooms]",
            )
            + RINGS
            + CHECK
        )
    )
    world.on(world.load(LISTS))
    make_work(world)
    address = reverse("packs:ours", args=[world.east.public_id])
    public, staff = Client().get(address), browser(world.clerk).get(address)
    keeper = browser(world.easterner).get(address)

    assert "三张单子怎么用" in plain(public)  # the words of the pack
    assert "四季主题" in plain(public) and "由 实践中心办公室 负责" in plain(public).replace(
        "由实践", "由 实践"
    ).replace("室负", "室 负")
    assert plain(public).count("未给出") == 1
    assert "即将举办 1" in plain(public) and "全部求助" not in plain(public)
    assert "全部求助 1" in plain(staff) and "没有办结 1" in plain(staff)
    assert "要对照的阵地 1" in plain(staff) and "没查过 1" in plain(staff) and "缺口" in plain(staff)
    assert "启用机制包" in plain(keeper) and "启用机制包" not in plain(public) + plain(staff)


def test_every_number_of_our_mechanism_opens_to_what_it_counts(world: World, settings: Any) -> None:
    settings.HUYING_STAFF_SECOND_FACTOR = False
    world.on(world.load(SEASONS + CHECK))
    make_work(world)
    client = browser(world.clerk)
    page = text(client.get(reverse("packs:ours", args=[world.east.public_id])))
    found = re.findall(r'<a class="hy-link" href="([^"]+)">([^<]+) <span class="hy-num">(\d+)</span>', page)

    assert len(found) >= 10
    for href, label, _number in found:
        assert client.get(href).status_code == 200, (label, href)
    soon = next(href for href, label, number in found if label == "即将举办" and number == "1")
    assert "春天一起学" in text(client.get(soon))
    calls = next(href for href, label, number in found if label == "全部求助" and number == "1")
    assert "坐一坐" in text(client.get(calls))


def make_work(world: World) -> None:
    """An activity of spring, a call for the cool room, a station to be checked."""
    facts = activities.Facts(
        kind=ActivityKind.objects.get(code="culture"),
        place=world.home,
        title="春天一起学",
        starts_at=START.replace(day=10),
        ends_at=START.replace(day=10, hour=4),
        contact_name="王守一",
        where="广场",
        roles=[activities.RoleFacts("参加者", 5)],
        parties=[activities.PartyFacts("和平社区")],
    )
    system = Actor.system("tests")
    activities.publish(actor=system, activity=activities.save_draft(actor=system, facts=facts))
    kind = ServiceKind.objects.get(code="example-cool_room")
    ask(actor=actor(world.resident), what=Ask(kind, world.home, world.resident, "坐一坐"))
    place("和平站", world.home, "station")


def test_questions_do_not_grow_with_work_or_components(world: World) -> None:
    world.on(world.load(SEASONS + CHECK))
    make_work(world)
    address = reverse("packs:ours", args=[world.east.public_id])
    client = Client()
    client.get(address)
    with CaptureQueriesContext(
        connection,
    ) as once:
        client.get(address)
    for number in range(2):
        make_work_again(world, number)
    with CaptureQueriesContext(connection) as more:
        client.get(address)

    assert len(more) == len(once) <= 14


def make_work_again(world: World, number: int) -> None:
    kind = ServiceKind.objects.get(code="example-cool_room")
    ask(actor=actor(world.resident), what=Ask(kind, world.home, world.resident, "再坐一坐"))
    place(f"第{number}网格", world.home, "grid")


def test_a_place_without_packs_says_so(world: World) -> None:
    page = plain(Client().get(reverse("packs:ours", args=[world.west.public_id])))

    assert "这里还没有启用机制包" in page
    assert (
        Client()
        .get(reverse("packs:here") + f"?within={world.west.public_id}")["Location"]
        .endswith(f"{world.west.public_id}/")
    )
    assert Client().get(reverse("packs:here"))["Location"] == reverse("packs:library")


def test_the_set_up_of_a_place_leaves_as_a_file(world: World, settings: Any) -> None:
    settings.HUYING_STAFF_SECOND_FACTOR = False
    world.on(world.load())
    client, address = browser(world.easterner), reverse("packs:set_up", args=[world.east.public_id])
    answer = sent(client, address, namespace="dongshan", code="ours", name="东山做法")

    assert read_pack(answer.content.decode())[0].key == "dongshan.ours"
    assert sent(client, address, namespace="platform", code="ours", name="东山").status_code == 422


def test_rest_says_the_same(world: World) -> None:
    world.on(world.load())
    client = Client()
    listed = client.get("/api/v1/packs").json()
    one = client.get("/api/v1/packs/is/example.four_seasons").json()
    here = client.get(f"/api/v1/packs/at/{world.home.public_id}").json()
    differs = client.get("/api/v1/packs/is/example.four_seasons/difference").json()

    assert [(row["key"], row["places"]) for row in listed["packs"]] == [("example.four_seasons", 1)] and listed[
        "next"
    ] is None
    assert one["body"]["namespace"] == "example" and one["on"][0]["place"] == str(world.east.public_id)
    assert [(row["key"], row["place_name"]) for row in here] == [("example.four_seasons", "东山县")]
    assert differs == []
    assert client.get("/api/v1/packs/is/no.pack").status_code == 404
