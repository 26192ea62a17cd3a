"""Switching on and off: what a pack brings is offered at its places and below, and nowhere else."""

from __future__ import annotations

from datetime import timedelta

import pytest

from huying.activities.actions.packing import rhythms_at
from huying.activities.models import RhythmPlan
from huying.activities.queries import themes
from huying.calls import queries as call_queries
from huying.calls.actions import Ask, ask
from huying.calls.actions.intake import KindNotOffered
from huying.calls.models import Ring, ServiceKind
from huying.calls.tests.factories import actor
from huying.cockpit.models import BoardSetting
from huying.cockpit.queries import report_templates
from huying.kernel import clock
from huying.kernel.actor import ANONYMOUS, Actor
from huying.kernel.errors import Forbidden, InvalidInput
from huying.packs import actions
from huying.packs.models import Kept, Switch
from huying.packs.queries import in_force, words_at
from huying.packs.rules.reading import PackWrong
from huying.packs.tests.conftest import LISTS, SEASONS, World
from huying.people.models import Person
from huying.places.models import Place, Standard
from huying.points.actions import packing as points
from huying.points.models import Edition
from huying.volunteers import queries as volunteer_queries

RINGS = """  rings:
    - {code: around, name: {zh: 身边}, asks: around, minutes: 30}
    - {code: unit, name: {zh: 送暖队}, asks: partners, team_kind: warmth, duty: true, level: centre}
"""
CHECK = """  standards:
    - code: rooms
      name: {zh: 站里的标准}
      kinds: [platform:station]
      items:
        - {code: door, name: {zh: 门口有牌子}, weight: 2}
        - {code: hours, name: {zh: 写明开放时间}, proof: {zh: 照片}}
"""


def codes(rows: object) -> set[str]:
    return {one.code for one in rows if one.code.startswith("example-")}  # type: ignore[attr-defined]


def test_things_are_offered_at_the_place_and_below_only(world: World) -> None:
    world.on(world.load())

    assert codes(themes(places=[world.home])) == {f"example-{one}" for one in ("spring", "summer", "autumn", "winter")}
    assert codes(themes(places=[world.west])) == codes(themes(places=[world.city])) == set()
    assert codes(call_queries.menu(actor(world.resident))) == {"example-cool_room"}
    assert codes(call_queries.menu(actor(world.westerner))) == codes(call_queries.menu(ANONYMOUS)) == set()
    assert codes(call_queries.menu(actor(world.chief))) == {"example-cool_room"}  # below his city
    assert codes(volunteer_queries.team_kinds(actor(world.clerk))) == {"example-warmth"}
    assert codes(volunteer_queries.team_kinds(actor(world.westerner))) == set()


def test_a_service_of_a_pack_is_asked_for_only_where_it_is_on(world: World) -> None:
    world.on(world.load())
    kind = ServiceKind.objects.get(code="example-cool_room")
    neighbour = Person.objects.create(name="邻居", home_place=world.west, sort_key="l", created_at=clock.now())
    made = ask(actor=actor(world.resident), what=Ask(kind, world.home, world.resident, "坐一坐"))

    assert made.kind == kind
    with pytest.raises(KindNotOffered):
        ask(actor=actor(neighbour), what=Ask(kind, world.west, neighbour, "坐一坐"))


def test_switched_off_nothing_is_offered_and_records_stay(world: World) -> None:
    world.on(world.load())
    made = ask(
        actor=actor(world.resident),
        what=Ask(ServiceKind.objects.get(code="example-cool_room"), world.home, world.resident, "坐一坐"),
    )
    plan = RhythmPlan.objects.get()
    actions.switch_off(actor=actor(world.easterner), switch=Switch.objects.get(), reason="换新的")

    assert codes(call_queries.menu(actor(world.resident))) == codes(themes(places=[world.home])) == set()
    made.refresh_from_db()
    assert made.kind.code == "example-cool_room"
    plan.refresh_from_db()
    assert plan.ends == clock.today()
    assert not Kept.objects.exclude(kind="rhythms").exists()  # the ended plan goes on when it is on again
    with pytest.raises(actions.AlreadyOff):
        actions.switch_off(actor=actor(world.easterner), switch=Switch.objects.get(), reason="再来")


def test_on_at_two_places_and_off_at_one(world: World) -> None:
    pack = world.load()
    world.on(pack, world.east)
    world.on(pack, world.west)
    actions.switch_off(actor=actor(world.chief), switch=Switch.objects.get(place=world.east), reason="停一停")

    assert codes(themes(places=[world.west])) and not codes(themes(places=[world.home]))
    actions.switch_on(actor=actor(world.easterner), pack=pack, place=world.east)
    assert codes(themes(places=[world.home]))
    plan = RhythmPlan.objects.get(place=world.east)
    assert (plan.ends.month, plan.ends.day) == (12, 31)  # the plan that had ended goes on


def test_on_twice_is_refused(world: World) -> None:
    pack = world.load()
    world.on(pack)
    with pytest.raises(actions.AlreadyOn):
        world.on(pack)


def test_who_may_switch(world: World) -> None:
    pack = world.load()
    for who in (world.westerner, world.clerk, world.resident):
        with pytest.raises(Forbidden):
            actions.switch_on(actor=actor(who), pack=pack, place=world.east)
    with pytest.raises(Forbidden):
        actions.switch_on(actor=actor(world.easterner), pack=pack, place=world.city)
    actions.switch_on(actor=actor(world.easterner), pack=pack, place=world.street)


YEAR_EN = "A theme each season and something every week"


def test_the_english_of_a_focus_is_kept_and_told_again(world: World) -> None:
    world.on(world.load(SEASONS.replace("title: {zh: 夏有凉}", "title: {zh: 夏有凉, en: A cool summer}")))

    (told,) = rhythms_at(world.east)

    assert [one["title"]["en"] for one in told["focuses"] if one["title"]["zh"] == "夏有凉"] == ["A cool summer"]


def test_a_plan_of_the_year_with_its_focuses(world: World) -> None:
    world.on(world.load())
    plan = RhythmPlan.objects.get()

    assert (plan.place, plan.begins.year, plan.ends.month) == (world.east, 2026, 12)
    assert list(plan.rules.order_by("order").values_list("every", "wants")) == [
        ("season", "focus"),
        ("week", "activity"),
    ]
    assert plan.focuses.count() == 4
    (told,) = rhythms_at(world.east)
    assert (plan.name_en, told["name"]["en"]) == (f"{YEAR_EN} (2026)", YEAR_EN)
    with clock.frozen(clock.now() + timedelta(days=365)):
        assert actions.renew(actor=Actor.system("tests")) == 1
        actions.renew(actor=Actor.system("tests"))
    assert list(RhythmPlan.objects.order_by("begins").values_list("begins__year", flat=True)) == [2026, 2027]


def test_rings_standards_and_templates_of_a_place(world: World) -> None:
    pack = world.load(SEASONS + RINGS + CHECK)
    world.on(pack)
    world.on(world.load(LISTS))

    assert list(Ring.objects.filter(place=world.east).order_by("order").values_list("asks", "duty")) == [
        ("around", False),
        ("partners", True),
    ]
    standard = Standard.objects.get(code="example_rooms")
    assert (standard.place, standard.pack, standard.items.count()) == (world.east, "example.four_seasons", 2)
    assert "example_lists" in [one.code for one in report_templates.in_force(world.home)]
    for one in Switch.objects.all():
        actions.switch_off(actor=actor(world.chief), switch=one, reason="都停")
    standard.refresh_from_db()
    assert not Ring.objects.filter(place=world.east).exists()
    assert standard.ended_at is not None
    assert "example_lists" not in [one.code for one in report_templates.in_force(world.home)]


def test_rings_of_the_place_itself_stay_in_force(world: World) -> None:
    Ring.objects.create(place=world.east, order=1, name="自己的", asks="around")
    world.on(world.load(SEASONS + RINGS))

    assert list(Ring.objects.filter(place=world.east).values_list("name", flat=True)) == ["自己的"]
    assert Kept.objects.get(kind="rings").key == ""


def test_a_standard_gets_a_version_only_when_its_words_change(world: World) -> None:
    world.on(world.load(SEASONS + CHECK))
    second = (SEASONS + CHECK).replace("version: 1", "version: 2").replace("120", "130")
    world.load(second)
    assert Standard.objects.get(code="example_rooms").version == 1
    world.load(second.replace("version: 2", "version: 3").replace("门口有牌子", "门口有明显的牌子"))

    assert [(one.version, one.ended_at is None) for one in Standard.objects.order_by("version")] == [
        (1, False),
        (2, True),
    ]


def test_the_order_of_units_is_the_one_function_a_pack_turns_on(world: World) -> None:
    world.on(world.load(f"{SEASONS}switches: [unit_order]\n"))
    assert BoardSetting.objects.get(place=world.east).ranks
    actions.switch_off(actor=actor(world.easterner), switch=Switch.objects.get(), reason="停")
    assert not BoardSetting.objects.get(place=world.east).ranks


def test_until_a_day(world: World) -> None:
    pack = world.load()
    with pytest.raises(InvalidInput):
        actions.switch_on(actor=actor(world.chief), pack=pack, place=world.east, until=clock.today())
    until = clock.today() + timedelta(days=3)
    actions.switch_on(actor=actor(world.chief), pack=pack, place=world.east, until=until)

    assert actions.lapse(actor=Actor.system("tests")) == 0
    with clock.frozen(clock.now() + timedelta(days=3)):
        assert actions.lapse(actor=Actor.system("tests")) == 1
    assert Switch.objects.get().off_at is not None


def test_in_force_here_and_above_the_nearest_words_win(world: World) -> None:
    seasons, lists = world.load(SEASONS + "words:\n  page_title: {zh: 四季}\n"), world.load(LISTS)
    world.on(seasons, world.city)
    world.on(lists, world.east)

    assert [one.pack.key for one in in_force(world.home)] == ["example.three_lists", "example.four_seasons"]
    assert words_at(in_force(world.home))["page_title"].zh == "三张单子怎么用"
    assert words_at(in_force(world.west))["page_title"].zh == "四季"
    assert in_force(Place.objects.get(pk=world.west.pk))[0].switch.place == world.city


BOOK = """  rule_books:
    - code: thanks
      name: {zh: 说声谢谢}
      items:
        - {code: hour, name: {zh: 参加活动}, amount: 2, cap_month: 20, proof: {zh: 签到记录}}
"""


def test_rules_of_points_are_drafted_and_nothing_more(world: World) -> None:
    world.on(world.load(SEASONS + BOOK))
    edition = Edition.objects.get()

    assert (edition.book.place, edition.state) == (world.east, "draft")
    assert [(row["name"], row["amount"], row["cap_month"]) for row in edition.items] == [("参加活动", 2, 20)]
    world.load((SEASONS + BOOK).replace("version: 1", "version: 2").replace("amount: 2", "amount: 3"))
    edition.refresh_from_db()
    assert edition.items[0]["amount"] == 3 and Edition.objects.count() == 1
    actions.switch_off(actor=actor(world.chief), switch=Switch.objects.get(off_at__isnull=True), reason="停")
    assert Edition.objects.get().state == "draft"  # paper: it does nothing, and nobody's draft is thrown away


def test_a_place_with_a_book_of_its_own_keeps_it(world: World) -> None:
    points.draft_book(
        Actor.system("tests"),
        world.east,
        {"name": "自己的", "items": [{"code": "a", "name": "好事", "amount": 1, "proof": "看见"}]},
    )
    world.on(world.load(SEASONS + BOOK))

    assert [row["name"] for row in Edition.objects.get().items] == ["好事"]
    assert Kept.objects.get(kind="rule_books").key == ""


def test_an_item_that_points_refuse_names_its_line(world: World) -> None:
    with pytest.raises(PackWrong) as wrong:
        world.load(SEASONS + BOOK.replace("参加活动", "拿低保"))

    assert "积分规则“hour”不能用" in wrong.value.told()[0]
