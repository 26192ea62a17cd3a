"""Packs beside each other, beside rows made by hand, and from version to version: nobody's rows are taken or lost."""

from __future__ import annotations

from datetime import timedelta

import pytest

from huying.activities.models import RhythmPlan, Theme
from huying.calls.actions.packing import RingInTheWay
from huying.calls.models import Ring
from huying.calls.tests.factories import actor
from huying.cockpit.actions import set_ranking, write_template
from huying.cockpit.actions.report_writing import Words
from huying.cockpit.models import BoardSetting
from huying.cockpit.queries import report_templates
from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.kernel.models.audit import AuditLine
from huying.packs import actions
from huying.packs.models import Kept, Pack, Switch
from huying.packs.queries import pack_by_key
from huying.packs.rules.reading import PackWrong
from huying.packs.tests.conftest import LISTS, SEASONS, World
from huying.packs.tests.test_switching import BOOK, CHECK, RINGS
from huying.places.models import Place, PlaceFlag, Standard
from huying.points.models import Edition

NIGHT = Actor.system("tests")
ORDER = "switches: [unit_order]\n"
HEAD = """format: 1
namespace: example
code: {code}
version: {version}
name: {{zh: 试一试}}
status: part
source: {{item: 条目}}
things:
"""
FLAG = "  place_flags:\n    - {code: free, name: {zh: 免费}, group: service}\n"
NEAR = "  rings:\n    - {code: near, name: {zh: 近处}, asks: around, minutes: 20}\n"


def pack(code: str, things: str, version: int = 1, namespace: str = "example") -> str:
    text = HEAD.format(code=code, version=version) + things
    return text.replace("namespace: example", f"namespace: {namespace}")


def themes(*rows: str) -> str:
    """``b<a``: the theme b, which was a."""
    lines = []
    for row in rows:
        code, _sign, was = row.partition("<")
        more = f", was: {was}" if was else ""
        lines.append(f"    - {{code: {code}{more}, name: {{zh: 主题{was or code}}}, group: topic}}\n")
    return "  themes:\n" + "".join(lines)


def off(key: str, world: World, at: Place | None = None) -> None:
    one = Switch.objects.get(pack=pack_by_key(key), place=at or world.east, off_at__isnull=True)
    actions.switch_off(actor=actor(world.chief), switch=one, reason="停")


def refused(world: World, text: str) -> str:
    """What the dry run says; loading says the same."""
    with pytest.raises(PackWrong) as tried:
        actions.try_pack(actor=actor(world.chief), text=text)
    with pytest.raises(PackWrong) as loaded:
        world.load(text)
    assert tried.value.told() == loaded.value.told()
    return "\n".join(tried.value.told())


# ---- rule books at several places


def test_a_new_version_with_rules_of_points_loads_at_two_places(world: World) -> None:
    first = world.load(SEASONS + BOOK + RINGS + CHECK)
    world.on(first, world.east)
    world.on(first, world.west)
    text = (SEASONS + BOOK + RINGS + CHECK).replace("version: 1", "version: 2").replace("amount: 2", "amount: 3")
    world.load(text.replace("门口有牌子", "门口有明显的牌子").replace("minutes: 30", "minutes: 31"))

    assert [one.items[0]["amount"] for one in Edition.objects.all()] == [3, 3]
    assert set(Edition.objects.values_list("book__place", flat=True)) == {world.east.pk, world.west.pk}


def test_a_draft_changed_by_hand_stays_as_it_is(world: World) -> None:
    first = world.load(SEASONS + BOOK)
    world.on(first, world.east)
    world.on(first, world.west)
    mine = Edition.objects.get(book__place=world.east)
    mine.items[0]["amount"] = 7
    mine.save()
    capped = (SEASONS + BOOK).replace("version: 1", "version: 2")
    world.load(capped.replace("120", "130"))  # other things change, the rules do not
    world.load(capped.replace("version: 2", "version: 3").replace("amount: 2", "amount: 3"))

    found = {one.book.place_id: one.items[0]["amount"] for one in Edition.objects.all()}
    assert found == {world.east.pk: 7, world.west.pk: 3}


# ---- rows made by hand and rows of the platform


def test_a_row_of_the_platform_is_not_taken_over(world: World) -> None:
    assert PlaceFlag.objects.filter(pk="step_free").exists()
    told = refused(world, pack("steps", FLAG, namespace="step"))

    assert "step_free" in told and "第 10 行" in told


def test_a_row_made_by_hand_is_not_taken_over(world: World) -> None:
    Theme.objects.create(code="example-spring", name="自己的", group="topic")
    assert "example-spring" in refused(world, SEASONS)
    assert Theme.objects.get(code="example-spring").name == "自己的"


def test_a_new_code_does_not_take_over_a_row_either(world: World) -> None:
    world.load(pack("one", themes("a")))
    Theme.objects.create(code="example-b", name="自己的", group="topic")

    assert "example-b" in refused(world, pack("one", themes("b<a"), version=2))


def test_a_standard_of_somebody_else_is_not_taken_over(world: World) -> None:
    Standard.objects.create(code="example_rooms", version=1, place=world.east, name="自己的")

    assert "example_rooms" in refused(world, SEASONS + CHECK)


def test_a_template_written_at_a_place_is_not_taken_over(world: World) -> None:
    words = Words("自己的小结", "month", "# 小结")
    write_template(actor=actor(world.easterner), place=world.east, code="example_lists", words=words, after=0)
    assert "example_lists" in refused(world, LISTS)


# ---- two packs at one place


def test_the_order_of_units_stays_while_another_pack_asks_for_it(world: World) -> None:
    world.on(world.load(SEASONS + ORDER))
    world.on(world.load(LISTS + ORDER))
    off("example.four_seasons", world)
    assert BoardSetting.objects.get(place=world.east).ranks
    off("example.three_lists", world)
    assert not BoardSetting.objects.get(place=world.east).ranks


def test_the_order_of_units_set_by_hand_outlives_every_pack(world: World) -> None:
    set_ranking(actor=actor(world.easterner), place=world.east, ranks=True, reason="我们自己要")
    world.on(world.load(SEASONS + ORDER))
    world.on(world.load(LISTS + ORDER))
    off("example.four_seasons", world)
    off("example.three_lists", world)

    setting = BoardSetting.objects.get(place=world.east)
    assert (setting.ranks, setting.reason) == (True, "我们自己要")


def test_two_packs_of_a_namespace_do_not_share_standards_and_templates(world: World) -> None:
    world.load(SEASONS + CHECK)
    assert "example.four_seasons" in refused(world, pack("other", CHECK))
    world.load(LISTS)
    template = "  templates:\n    - {code: lists, name: {zh: 小结}, stretch: month, body: '# 小结'}\n"
    assert "example.three_lists" in refused(world, pack("other", template))
    world.load(pack("other", CHECK, namespace="elsewhere"))


def names(at: Place) -> list[str]:
    return list(Ring.objects.filter(place=at).order_by("order").values_list("name", flat=True))


def test_rings_are_renewed_beside_a_ring_added_by_hand(world: World) -> None:
    world.on(world.load(pack("rings", NEAR)))
    Ring.objects.create(place=world.east, order=5, name="再远些", asks="around")
    world.load(pack("rings", NEAR.replace("20", "25"), version=2))

    assert names(world.east) == ["近处", "再远些"]
    assert Ring.objects.get(place=world.east, order=1).minutes == 25


def test_rings_in_the_way_are_told_and_none_is_lost(world: World) -> None:
    world.on(world.load(pack("rings", NEAR)))
    Ring.objects.create(place=world.east, order=2, name="再远些", asks="around")
    more = NEAR + "    - {code: far, name: {zh: 远处}, asks: around, minutes: 20}\n"
    with pytest.raises(RingInTheWay) as told:
        world.load(pack("rings", more, version=2))

    assert "第 2 圈“再远些”" in str(told.value) and "东山县" in str(told.value)
    assert names(world.east) == ["近处", "再远些"]


def test_rings_that_waited_come_into_force(world: World) -> None:
    world.on(world.load(pack("rings", NEAR)))
    world.on(world.load(pack("others", NEAR.replace("近处", "另一圈"))))
    assert names(world.east) == ["近处"]
    off("example.rings", world)
    assert names(world.east) == ["另一圈"]
    off("example.others", world)
    assert names(world.east) == []


# ---- codes that change


def test_a_standard_keeps_its_line_under_a_new_code(world: World) -> None:
    first = world.load(SEASONS + CHECK)
    world.on(first, world.east)
    world.on(first, world.west)
    off("example.four_seasons", world, world.west)
    keys = set(Standard.objects.values_list("pk", flat=True))
    text = (
        (SEASONS + CHECK).replace("version: 1", "version: 2").replace("code: rooms", "code: houses\n      was: rooms")
    )
    world.load(text)

    assert set(Standard.objects.values_list("pk", "code", "version")) == {(one, "example_houses", 1) for one in keys}
    assert Standard.objects.get(place=world.east).ended_at is None
    assert Kept.objects.get(kind="standards").key == "example_houses"
    world.load(text.replace("version: 2", "version: 3").replace("门口有牌子", "门口有明显的牌子"))
    found = Standard.objects.filter(place=world.east).order_by("version")
    assert [(one.version, one.ended_at is None) for one in found] == [(1, False), (2, True)]
    off("example.four_seasons", world)
    assert not Standard.objects.filter(ended_at__isnull=True).exists()


def test_a_rule_book_keeps_its_draft_under_a_new_code(world: World) -> None:
    world.on(world.load(SEASONS + BOOK))
    text = (
        (SEASONS + BOOK).replace("version: 1", "version: 2").replace("code: thanks", "code: praise\n      was: thanks")
    )
    world.load(text.replace("amount: 2", "amount: 3"))
    edition = Edition.objects.get()

    assert edition.items[0]["amount"] == 3
    assert Kept.objects.get(kind="rule_books").key == str(edition.public_id)


def test_codes_move_on_in_a_chain(world: World) -> None:
    world.on(world.load(pack("one", themes("a", "b"))))
    keys = dict(Theme.objects.filter(code__startswith="example-").values_list("code", "pk"))
    text = pack("one", themes("b<a", "c<b"), version=2)
    tried = actions.try_pack(actor=actor(world.chief), text=text)
    world.load(text)

    assert [(one.code, one.change, one.was) for one in tried.lines] == [("b", "renamed", "a"), ("c", "renamed", "b")]
    moved = {"example-b": keys["example-a"], "example-c": keys["example-b"]}
    assert dict(Theme.objects.filter(code__startswith="example-").values_list("code", "pk")) == moved
    assert actions.load_pack(actor=actor(world.chief), text=text).lines == ()
    third = actions.load_pack(actor=actor(world.chief), text=text.replace("version: 2", "version: 3"))
    assert third.lines == ()
    assert dict(Theme.objects.filter(code__startswith="example-").values_list("code", "pk")) == moved


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (("a", "b"), ("a<b", "b<a")),  # in a circle
        (("a", "b"), ("b<a",)),  # b is in force
        (("a",), ("b<a", "c<a")),  # twice from one
    ],
)
def test_codes_that_cannot_be_taken_are_told(world: World, before: tuple[str, ...], after: tuple[str, ...]) -> None:
    world.load(pack("one", themes(*before)))

    assert "不能改成" in refused(world, pack("one", themes(*after), version=2))


def test_a_code_retired_earlier_cannot_be_taken(world: World) -> None:
    world.load(pack("one", themes("a", "b")))
    world.load(pack("one", themes("a"), version=2))
    assert "“a”不能改成“b”" in refused(world, pack("one", themes("b<a"), version=3))
    world.on(world.load(pack("two", CHECK)))
    other = CHECK.replace("rooms", "halls")
    world.load(pack("two", other, version=2))
    told = refused(world, pack("two", other.replace("code: halls", "code: rooms\n      was: halls"), version=3))
    assert "“halls”不能改成“rooms”" in told


# ---- the night


def test_one_refusal_does_not_stop_the_night(world: World) -> None:
    first = world.load()
    world.on(first, world.east)
    world.on(first, world.west)
    mine = RhythmPlan.objects.get(place=world.east)
    with clock.frozen(clock.now() + timedelta(days=365)):
        name = mine.name.replace("2026", "2027")
        begins, ends = clock.today().replace(month=1, day=1), clock.today()
        hand = RhythmPlan.objects.create(place=world.east, name=name, begins=begins, ends=ends)
        assert actions.renew(actor=NIGHT) == 1

        assert RhythmPlan.objects.filter(place=world.west, begins__year=2027).count() == 1
        hand.refresh_from_db()
        assert (hand.ends, hand.rules.count()) == (ends, 0)  # a plan made by hand is nobody else's
        line = AuditLine.objects.get(verb="pack.left_out")
        assert line.place_path == world.east.path and "同名" in line.reason


def test_one_refusal_does_not_keep_others_from_ending(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    first, until = world.load(pack("rings", NEAR)), clock.today() + timedelta(days=3)
    for at in (world.east, world.west):
        actions.switch_on(actor=actor(world.chief), pack=first, place=at, until=until)
    usual = actions.switching.switch_off

    def stubborn(*, actor: Actor, switch: Switch, reason: str) -> Switch:
        if switch.place == world.east:
            raise RingInTheWay(place="东山县", order=1, name="自己的")
        return usual(actor=actor, switch=switch, reason=reason)

    monkeypatch.setattr(actions.switching, "switch_off", stubborn)
    with clock.frozen(clock.now() + timedelta(days=3)):
        assert actions.lapse(actor=NIGHT) == 1

    assert Switch.objects.get(off_at__isnull=True).place == world.east
    assert AuditLine.objects.get(verb="pack.left_out").place_path == world.east.path
    assert Pack.objects.count() == 1


def test_a_template_that_takes_another_code_begins_anew_and_the_dry_run_says_so(world: World) -> None:
    world.on(world.load(LISTS))
    text = LISTS.replace("version: 1", "version: 2").replace("templates.lists", "templates.sheets")
    text = text.replace("    - code: lists\n", "    - code: sheets\n      was: lists\n")
    tried = actions.try_pack(actor=actor(world.chief), text=text)

    assert [(one.code, one.change, one.was) for one in tried.lines if one.section == "templates"] == [
        ("sheets", "anew", "lists"),
        ("lists", "retired", ""),
    ]
    world.load(text)
    codes = [one.code for one in report_templates.in_force(world.home)]
    assert "example_sheets" in codes and "example_lists" not in codes
