"""Rule books of packs: what a file says is what the assembly reads, what became of it is said, and it comes back as it was."""

from __future__ import annotations

from datetime import timedelta
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse

from huying.calls.tests.factories import actor, person, role
from huying.kernel import clock
from huying.packs import actions
from huying.packs.models import Kept, PackVersion, Switch
from huying.packs.queries import file_of, running
from huying.packs.rules.reading import PackWrong, read_pack, schema
from huying.packs.rules.writing import to_yaml
from huying.packs.tests.conftest import SEASONS, World
from huying.packs.tests.test_shipped import text_of
from huying.points import actions as points
from huying.points import queries as point_queries
from huying.points.actions.packing import months_of
from huying.points.models import Edition
from huying.points.tests.factories import VOTE

WHOLE = """  rule_books:
    - code: thanks
      name: {zh: 说声谢谢, en: Saying thanks}
      about: {zh: 谢谢为大家做事的人。}
      valid_months: 12
      cap_day: 30
      cap_month: 200
      cap_year: 1500
      items:
        - {code: serve, name: {zh: 参加志愿服务, en: Service}, amount: 6, source: service, measure: hour, cap_day: 30}
        - {code: talk, name: {zh: 听宣讲}, amount: 5, source: learning, proof: {zh: 签到表}, cap_month: 20, cap_year: 90}
        - {code: litter, name: {zh: 捡拾垃圾}, amount: 4, measure: kilo, proof: {zh: 过秤}, valid_months: 3}
        - {code: merit, name: {zh: 评议推荐的好事}, amount: 50, source: honour, confirmer: office}
"""


def ours(world: World) -> str:
    page = Client().get(reverse("packs:ours", args=[world.east.public_id])).content.decode()
    return unescape(page)


def test_everything_a_file_says_is_in_the_draft_that_is_voted_on(world: World) -> None:
    world.on(world.load(SEASONS + WHOLE))
    edition = Edition.objects.select_related("book").get()

    assert (edition.book.name, edition.book.name_en, edition.book.about) == (
        "说声谢谢",
        "Saying thanks",
        "谢谢为大家做事的人。",
    )
    assert (edition.cap_day, edition.cap_month, edition.cap_year, edition.source) == (
        *(30, 200, 1500),
        "example.four_seasons",
    )
    kept = ("code", "source", "measure", "confirmer", "proof", "validity_months", "cap_day", "cap_month", "cap_year")
    assert [tuple(row[name] for name in kept) for row in edition.items] == [
        ("serve", "service", "hour", "keeper", "参加志愿服务", 12, 30, None, None),
        ("talk", "learning", "time", "keeper", "签到表", 12, None, 20, 90),
        ("litter", "claim", "kilo", "keeper", "过秤", 3, None, None, None),
        ("merit", "honour", "time", "office", "评议推荐的好事", 12, None, None, None),
    ]


def test_the_shipped_savings_bank_rewards_learning_and_honours(world: World) -> None:
    world.on(world.load(text_of("tongren.savings_bank")))

    assert [(row["name"], row["source"]) for row in Edition.objects.get().items] == [
        ("参加学习", "learning"),
        ("得到荣誉", "honour"),
    ]


def test_a_book_is_written_and_read_back_the_same_and_stands_in_the_schema() -> None:
    pack, _tree = read_pack(SEASONS + WHOLE)

    assert read_pack(to_yaml(pack))[0].things == pack.things
    shapes = schema()["$defs"]
    assert {"source", "measure", "confirmer", "valid_months", "proof"} <= set(shapes["RuleItem"]["properties"])
    assert {"about", "cap_day", "cap_month", "cap_year"} <= set(shapes["RuleBook"]["properties"])
    assert shapes["RuleItem"]["properties"]["measure"]["enum"] == ["time", "hour", "kilo"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("valid_months: 12", "valid_months: 2"),
        ("valid_months: 3}", "valid_months: 1}"),
        ("听宣讲}", "听" * 41 + "}"),
        ("source: learning", "source: study"),
        ("measure: hour", "measure: minute"),
        ("confirmer: office", "confirmer: {zh: 组长}"),
        ("source: service, measure: hour", "source: service, measure: kilo"),
        ("cap_day: 30\n", "cap_day: 0\n"),
    ],
)
def test_what_the_room_of_points_cannot_hold_is_refused_in_its_line(world: World, before: str, after: str) -> None:
    text = (SEASONS + WHOLE).replace(before, after)
    line = next(n for n, row in enumerate(text.splitlines(), 1) if after.strip() in row)

    with pytest.raises(PackWrong) as wrong:
        actions.try_pack(actor=actor(world.chief), text=text)

    assert [one.line for one in wrong.value.problems] == [line]


def test_a_book_that_says_days_goes_out_in_months() -> None:
    days = {"validity_months": None}
    assert [months_of(days | {"validity_days": one}) for one in (90, 180, 365, 366, 730, 731, None)] == [
        *(3, 6, 12, 12, 24, 24),
        None,
    ]
    assert months_of({"validity_days": None, "validity_months": 18}) == 18


def test_a_version_loaded_while_books_said_less_is_still_read(world: World) -> None:
    pack = world.load(SEASONS + WHOLE)
    version = PackVersion.objects.get()
    old = {**version.body, "things": dict(version.body["things"])}
    item = {"code": "a", "name": {"zh": "好" * 60}, "amount": 1, "unit": {"zh": "次"}, "confirmer": {"zh": "组长"}}
    proved = {**item, "code": "b", "proof": {"zh": "看见", "en": "seen"}}
    old["things"]["rule_books"] = [
        {"code": "thanks", "name": {"zh": "谢" * 60}, "valid_months": 1, "items": [item, proved]}
    ]
    version.body = old

    book = file_of(version).things.rule_books[0]

    assert (len(book.name.zh), book.valid_months, len(book.items[0].name.zh)) == (40, 3, 40)
    assert book.items[1].proof is not None and book.items[1].proof.zh == "看见"
    assert running(pack)["namespace"] == "example"


def test_the_page_says_what_has_become_of_the_draft(world: World) -> None:
    world.on(world.load(text_of("tongren.savings_bank")))
    edition, office, boss = Edition.objects.get(), actor(world.clerk), person("区里的人", world.city)
    role(boss, "dispatcher", world.city)

    assert "草案，经议事会议通过才生效。" in ours(world)
    points.adopt(actor=office, edition=edition, vote=VOTE)
    assert "已表决通过，公布以后生效。" in ours(world) and "草案，经议事" not in ours(world)
    points.publish(actor=actor(boss), edition=edition)
    page = ours(world)
    assert f"已表决并公布，{clock.today().isoformat()} 起有效。" in page and "草案，经议事" not in page
    assert reverse("points:book", args=[edition.book.public_id]) in page
    later = points.draft_edition(
        actor=office,
        book=edition.book,
        draft=points.Draft(items=[{"code": "a", "name": "好事", "amount": 1, "proof": "看见"}]),
    )
    points.adopt(actor=office, edition=later, vote=VOTE)
    with clock.frozen(clock.now() + timedelta(days=1)):
        points.publish(actor=actor(boss), edition=later)
        assert "现在有效的是后来的一版" in ours(world)


def test_off_and_on_again_it_follows_its_own_draft(world: World) -> None:
    pack = world.load(SEASONS + WHOLE)
    world.on(pack)
    actions.switch_off(actor=actor(world.chief), switch=Switch.objects.get(), reason="停一停")
    world.load((SEASONS + WHOLE).replace("version: 1", "version: 2").replace("amount: 50", "amount: 40"))
    world.on(pack)

    assert Kept.objects.get(kind="rule_books").key == str(Edition.objects.get().public_id)
    assert Edition.objects.get().items[3]["amount"] == 40
    assert point_queries.book_at(world.home) is None
