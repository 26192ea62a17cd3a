"""Words on screens: a mechanism says them where it is on, in both languages, the nearest first; its file cannot say more."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from huying.calls.tests.browsing import browser
from huying.calls.tests.factories import actor, person, role
from huying.packs import actions
from huying.packs.models import Switch
from huying.packs.queries import exporting
from huying.packs.rules.reading import PackWrong, body_of, read_pack
from huying.packs.states import OWN_WORDS, WORDS
from huying.packs.tests.conftest import LISTS, SEASONS, World
from huying.packs.tests.test_shipped import text_of
from huying.packs.views import shown
from huying.people.models import Person
from huying.places import queries as place_queries
from huying.places.models import Place, Wording
from huying.places.states import OF_SITES, SCREEN_WORDS
from huying.places.tests.factories import place
from huying.points.models import Book
from huying.ui.navigation import entries

SOURCE = Path(__file__).parent.parent.parent


def words(**said: str) -> str:
    """The end of a file that says these words, ``中文|English``."""
    lines = [f"  {key}: {{zh: {one.partition('|')[0]}, en: '{one.partition('|')[2]}'}}\n" for key, one in said.items()]
    return "words:\n" + "".join(lines).replace(", en: ''", "")


ALL = {key: f"词{number}号|Word {number}" for number, key in enumerate(SCREEN_WORDS, start=10)}
PAGES = {
    **dict.fromkeys(("brand", "greeting", "call", "ask"), "calls:home"),
    "my_calls": "calls:mine",
    "help": "calls:help",
    "activities": "activities:list",
    "passbook": "points:mine",
    "board": "calls:board",
    "whistle": "calls:board",
}
"""A page where each word stands, for a resident, or the dispatcher of the board."""


@pytest.fixture
def duty(world: World, settings: Any) -> Callable[[Place], Person]:
    settings.HUYING_STAFF_SECOND_FACTOR = False

    def on_duty(at: Place) -> Person:
        made = person(f"值班{at.pk}", at)
        role(made, "dispatcher", at)
        return made

    return on_duty


def page_of(client: Client, name: str, **arguments: Any) -> str:
    answer = client.get(reverse(name, kwargs=arguments or None))
    assert answer.status_code == 200, (name, answer.status_code)
    return unescape(answer.content.decode())


def english(who: Person) -> Client:
    client = browser(who)
    client.cookies["django_language"] = "en"
    return client


@pytest.mark.parametrize("key", PAGES)
def test_a_word_stands_on_its_page_where_the_pack_is_on_and_nowhere_else(
    world: World, duty: Callable[[Place], Person], key: str
) -> None:
    desk = PAGES[key] == "calls:board"
    here = duty(world.east) if desk else world.resident
    there = duty(world.west) if desk else person("西民", world.west)
    chinese, english_word = ALL[key].split("|")
    before = page_of(browser(here), PAGES[key])

    world.on(world.load(SEASONS + words(**ALL)))

    assert chinese not in before and chinese in page_of(browser(here), PAGES[key])
    assert english_word in page_of(english(here), PAGES[key])
    assert chinese not in page_of(browser(there), PAGES[key])
    actions.switch_off(actor=actor(world.chief), switch=Switch.objects.get(), reason="试完了")
    assert chinese not in page_of(browser(here), PAGES[key]) and not Wording.objects.exists()


def test_every_word_of_the_list_has_a_page_here() -> None:
    apart = {"brand_line", "points_bank"} | {key for key in SCREEN_WORDS if key.startswith(OF_SITES)}

    assert set(PAGES) | apart == set(SCREEN_WORDS)
    assert set(WORDS) == {*OWN_WORDS, *SCREEN_WORDS}


def test_screens_ask_for_words_of_the_list_and_each_of_them_is_asked_for() -> None:
    files = [one for one in SOURCE.rglob("*.html") if "tests" not in one.parts]
    asked = {
        key for one in files for key in re.findall(r"ui\.words\.(?:given\.)?(\w+)", one.read_text()) if key != "given"
    }
    asked |= {one.word for one in entries() if one.word} | {"brand", "brand_line"}  # these two: ui/context.py

    assert asked == {key for key in SCREEN_WORDS if not key.startswith(OF_SITES)}


@pytest.mark.parametrize("kind", [key.removeprefix(OF_SITES) for key in SCREEN_WORDS if key.startswith(OF_SITES)])
def test_a_site_is_called_as_its_own_place_calls_it_whoever_reads(world: World, kind: str) -> None:
    east = place(kind, {"centre": world.east, "office": world.street}.get(kind, world.home), "东站")
    west = place(kind, west_of(world, kind), "西站")
    world.on(world.load(SEASONS + words(**ALL)))
    said = ALL[f"{OF_SITES}{kind}"].partition("|")[0]

    for client in (Client(), browser(world.resident)):
        assert said in page_of(client, "places:detail", public_id=east.public_id)
        other = page_of(client, "places:detail", public_id=west.public_id)
        assert said not in other and east.kind.name in other


def west_of(world: World, kind: str) -> Place:
    if kind == "centre":
        return world.west
    street = place("street", world.west, "西街")
    return street if kind == "office" else place("community", street, "西村")


def test_visitors_hear_the_words_of_the_whole_tree_and_of_one_tree_only(world: World) -> None:
    world.on(world.load(SEASONS + words(brand="青山有约|Green Hills", brand_line="一呼百应在青山")), world.east)
    before = page_of(Client(), "people:sign_in")
    actions.switch_off(actor=actor(world.chief), switch=Switch.objects.get(), reason="换地方")
    world.on(world.load(SEASONS + words(brand="青山有约|Green Hills", brand_line="一呼百应在青山")), world.city)
    after = page_of(Client(), "people:sign_in")
    place("prefecture", None, "白水市")
    two = page_of(Client(), "people:sign_in")

    assert "青山有约" not in before and "青山有约" not in two
    assert "青山有约" in after and "一呼百应在青山" in after


def test_the_nearest_place_wins_and_of_two_at_one_place_the_one_that_was_on_first(world: World) -> None:
    world.on(world.load(SEASONS + words(ask="市里说|City", help="市里帮|City help")), world.city)
    lists = LISTS.replace("words:\n", words(ask="县里说|County") + "  board: {zh: 县里台}\n", 1)
    world.on(world.load(lists))
    third = SEASONS.replace("code: four_seasons", "code: again").split("things:")[0].split("components:")[0]
    world.on(world.load(third + words(ask="后来说|Later", whistle="后来哨|Later")))

    home = page_of(browser(world.resident), "calls:home")
    assert "县里说" in home and "市里帮" in home and "市里说" not in home and "后来说" not in home
    spoken = place_queries.spoken_to(actor(world.clerk), "", stamp_now())
    assert (spoken["ask"], spoken["whistle"], spoken["help"]) == ("县里说", "后来哨", "市里帮")
    assert "市里说" in page_of(browser(person("西民", world.west)), "calls:home")


def stamp_now() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) || '.' || coalesce(max(id), 0) FROM places_wording")
        return str(cursor.fetchone()[0])


def test_without_english_readers_of_english_keep_the_usual_word(world: World) -> None:
    world.on(world.load(SEASONS + words(my_calls="我的诉求")))

    assert "我的诉求" in page_of(browser(world.resident), "calls:mine")
    page = page_of(english(world.resident), "calls:mine")
    assert "我的诉求" not in page and "<title>My calls" in page


def test_a_new_version_says_its_words_at_once_and_the_difference_shows_them(world: World) -> None:
    world.on(world.load(SEASONS + words(ask="头一回|First", board="头一台|First desk")))
    second = SEASONS.replace("version: 1", "version: 2") + words(ask="第二回|Second")

    lines = actions.try_pack(actor=actor(world.chief), text=second).lines
    told = {(one["code"], str(one["name"]), str(one["change"])) for one in shown.lines(lines)}
    before = page_of(browser(world.resident), "calls:home")
    world.load(second)
    after = page_of(browser(world.resident), "calls:home")

    assert ("ask", f"{SCREEN_WORDS['ask'].where}：第二回", "修改") in told
    assert ("board", f"{SCREEN_WORDS['board'].where}：头一台", "停用") in told
    assert "头一回" in before and "第二回" in after and "头一回" not in after
    assert list(Wording.objects.values_list("key", flat=True)) == ["ask"]


def test_words_are_exported_and_say_the_same_elsewhere(world: World) -> None:
    world.on(world.load(SEASONS + words(**ALL)))
    out = exporting.as_set_up(world.east, namespace="dongshan", code="ours", name="东山做法")

    assert {key: f"{one.zh}|{one.en}" for key, one in out.words.items()} == ALL
    running = body_of(exporting.as_running(Switch.objects.get().pack))
    assert set(running["words"]) == set(ALL)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("{zh: 一二三四五六七八九}", "请最多写 8 个字"),
        ("{zh: 求助, en: abcdefghijklmnopq}", "请最多写 16 个字"),
        ('{zh: "求\\n助"}', "请写成一行"),
        ('{zh: "求\\u202e助"}', "请写成一行"),
        ('{zh: "求\\u0007助"}', "看不见的控制字符"),
        ("{zh: ''}", "是空的"),
        ("{zh: 家庭排行榜}", "K03："),
        ("{en: Only}", "缺“words.ask.zh”"),
    ],
)
def test_what_no_screen_can_show_is_refused_in_its_line(said: str, told: str) -> None:
    text = f"{SEASONS}words:\n  board: {{zh: 调度台}}\n  ask: {said}\n"
    line = next(number for number, one in enumerate(text.splitlines(), start=1) if "  ask:" in one)

    with pytest.raises(PackWrong) as wrong:
        read_pack(text)
    assert [(one.line, told in str(one)) for one in wrong.value.problems] == [(line, True)]


def test_a_word_that_is_not_in_the_list_is_refused_with_those_there_are() -> None:
    with pytest.raises(PackWrong) as wrong:
        read_pack(f"{SEASONS}words:\n  bord: {{zh: 调度台}}\n")

    assert "是不是 board？" in str(wrong.value.problems[0])


def test_words_ask_the_database_nothing_more_of_who_is_signed_in(world: World) -> None:
    client = browser(world.resident)

    def asked() -> int:
        page_of(client, "calls:home")
        with CaptureQueriesContext(connection) as seen:
            page_of(client, "calls:home")
        return len(seen)

    before = asked()
    world.on(world.load(SEASONS + words(ask="东山说|East")))

    assert "东山说" in page_of(client, "calls:home") and asked() == before


def test_what_another_process_switched_on_is_heard_with_the_next_page(world: World) -> None:
    """Nothing in this process is told of it: the stamp alone says so."""
    world.on(world.load(SEASONS + words(ask="东山说")))
    client = browser(world.resident)
    first = page_of(client, "calls:home")
    one = Wording.objects.get()
    Wording.objects.all().delete()
    Wording.objects.create(place=one.place, key="ask", pack=one.pack, on_at=one.on_at, zh="东山再说")

    assert "东山说" in first
    assert "东山再说" in page_of(client, "calls:home")
    Wording.objects.all().delete()
    assert "我要求助" in page_of(client, "calls:home")


# ── shipped ones ────────────────────────────────────────────────────────────
def test_the_savings_bank_calls_its_counter_and_passbook_so(world: World, settings: Any) -> None:
    settings.HUYING_STAFF_SECOND_FACTOR = False
    world.on(world.load(text_of("tongren.savings_bank")))
    book = Book.objects.get()
    keep = page_of(browser(world.clerk), "points:keep", public_id=book.public_id)
    mine = page_of(browser(world.resident), "points:mine")
    me = page_of(browser(world.resident), "people:me")
    actions.switch_off(actor=actor(world.chief), switch=Switch.objects.get(), reason="试完了")

    assert "文明储蓄所</h2>" in keep
    assert "文明存折</h1>" in mine and "文明存折" in me
    assert "文明储蓄所</h2>" not in page_of(browser(world.clerk), "points:keep", public_id=book.public_id)
    assert "文明存折" not in page_of(browser(world.resident), "people:me")


def test_the_centre_calls_at_the_board_of_its_county(world: World, duty: Callable[[Place], Person]) -> None:
    world.on(world.load(text_of("xinzhou.one_call")))

    page = page_of(browser(duty(world.east)), "calls:board")

    assert "中心吹哨</h1>" in page and "<title>中心吹哨" in page and "派单台</h1>" not in page
    assert "派单台</h1>" in page_of(browser(duty(world.west)), "calls:board")


def test_the_sites_of_one_seven_six_have_their_own_names(world: World) -> None:
    station = place("station", world.home, "东站")
    before = page_of(Client(), "places:detail", public_id=station.public_id)
    world.on(world.load(text_of("yingxiu.m176")))
    after = page_of(Client(), "places:detail", public_id=station.public_id)

    assert ">文明实践站<" in before and ">实践站<" not in before
    assert ">实践站<" in after and ">文明实践站<" not in after
