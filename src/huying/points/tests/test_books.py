"""Rule books: rewards only, adopted by an assembly that was large enough, published by another, never retroactive."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, ProgrammingError, transaction

from huying.kernel import clock
from huying.kernel.actor import ANONYMOUS, Actor
from huying.kernel.errors import Forbidden, InvalidInput
from huying.points import actions, queries, rules
from huying.points.actions import Draft
from huying.points.actions.packing import draft_book
from huying.points.models import Adoption, Book, Edition, Rule
from huying.points.states import Assembly, EditionState
from huying.points.tests.factories import ITEMS, VOTE, World

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def items(**more: Any) -> list[dict[str, Any]]:
    return [{"code": "x", "name": "参加植树", "amount": 5, "proof": "签到", **more}]


def test_a_draft_does_nothing_until_it_is_adopted_and_published(world: World) -> None:
    edition = actions.draft_edition(actor=world.keeper, book=world.book, draft=Draft(items=items()))

    assert (edition.number, edition.state, edition.rules.count()) == (2, EditionState.DRAFT, 0)
    assert {one.code for one in queries.rules_of(queries.edition_now(world.book))} == {one["code"] for one in ITEMS}


def test_what_was_published_says_who_adopted_it_and_can_never_be_changed(world: World) -> None:
    edition = queries.edition_now(world.book)

    assert edition is not None
    assert (edition.adoption.in_favour, edition.adoption.assembly) == (150, Assembly.ALL)
    assert edition.adoption.recorded_by_id != edition.published_by_id
    for rows, change in ((Rule.objects, {"amount": 9}), (Adoption.objects, {"in_favour": 180})):
        with pytest.raises(ProgrammingError), transaction.atomic():
            rows.update(**change)
        with pytest.raises(ProgrammingError), transaction.atomic():
            rows.all().delete()


@pytest.mark.parametrize("amount", [0, -1, -20, 1.5, "5", True, None, 10_001])
def test_no_item_gives_nothing_or_less(world: World, amount: Any) -> None:
    with pytest.raises(actions.ItemsUnclear):
        actions.draft_edition(actor=world.keeper, book=world.book, draft=Draft(items=items(amount=amount)))


def test_the_database_holds_no_minus_item_whatever_the_code_does(world: World) -> None:
    row = Rule.objects.first()
    assert row is not None
    for amount in (0, -5):
        row.pk, row.code, row.amount = None, "minus", amount
        with pytest.raises(IntegrityError), transaction.atomic():
            row.save(force_insert=True)


@pytest.mark.parametrize(
    "name",
    [
        *(
            "滥办酒席",
            "不收高额彩 礼",
            "婚事新办",
            "丧事简办",
            "按政策生育",
            "不参加宗教活动",
            "到寺庙烧香",
            "夫妻不吵架",
        ),
        *("红白喜事简办", "喜事新办白事简办", "办酒不超过十桌", "摆酒从简", "不铺张操办", "聘礼不超标", "赡养老人"),
        *("孝敬公婆", "家庭和睦", "带头讲普通话"),
        *("入户检查被褥", "清洁户评比", "门前三包", "家访配合", "升学宴不办", "Ｂａｎｑｕｅｔ", "small wedding"),
        *(
            "乱扔垃圾扣分",
            "上黑榜",
            "被通报批评",
            "积分排名前十",
            "低保申请加分",
            "优先入学",
            "信用 分",
            "不上访",
            "转发朋友圈",
        ),
    ],
)
def test_private_life_minus_items_and_rights_are_refused_by_name_with_the_reason(world: World, name: str) -> None:
    with pytest.raises(actions.ItemRefused) as caught:
        actions.draft_edition(actor=world.keeper, book=world.book, draft=Draft(items=items(name=name)))

    assert name in str(caught.value)
    assert len(str(caught.value.facts["why"])) > 10


def test_what_was_drafted_before_the_list_grew_is_refused_when_it_is_published(world: World) -> None:
    edition = actions.draft_edition(actor=world.keeper, book=world.book, draft=Draft(items=items()))
    Edition.objects.filter(pk=edition.pk).update(items=[{**edition.items[0], "name": "办酒席"}])
    actions.adopt(actor=world.keeper, edition=edition, vote=VOTE)

    with pytest.raises(actions.ItemRefused):
        actions.publish(actor=world.office, edition=edition, valid_from=clock.now() + HOUR)


@pytest.mark.parametrize(
    "wrong",
    [
        {"code": "X"},
        {"name": ""},
        {"proof": ""},
        {"measure": "day"},
        {"validity_days": 89},
        {"cap_day": 0},
        {"bonus": 1},
    ],
)
def test_unclear_items_are_named_with_their_row(world: World, wrong: dict[str, Any]) -> None:
    with pytest.raises(actions.ItemsUnclear) as caught:
        actions.draft_edition(actor=world.keeper, book=world.book, draft=Draft(items=items(**wrong)))

    assert "1" in str(caught.value)


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"in_favour": 90, "against": 90, "abstained": 0}, actions.VoteLost),
        ({"in_favour": 151}, actions.VoteUnclear),
        ({"eligible": 100}, actions.VoteUnclear),
        ({"eligible": 360}, actions.TooFewThere),
        ({"assembly": Assembly.DEPUTIES, "eligible": 271}, actions.TooFewThere),
        ({"assembly": Assembly.HOUSEHOLDS, "eligible": 271}, actions.TooFewThere),
        ({"held_on": date(2026, 4, 1)}, actions.VoteUnclear),
        ({"minutes": " "}, actions.VoteUnclear),
        ({"assembly": "me"}, actions.VoteUnclear),
    ],
)
def test_only_a_vote_that_counts_adopts(world: World, wrong: dict[str, Any], why: type[Exception]) -> None:
    edition = actions.draft_edition(actor=world.keeper, book=world.book, draft=Draft(items=items()))

    with pytest.raises(why):
        actions.adopt(actor=world.keeper, edition=edition, vote=replace(VOTE, **wrong))

    facts = {name: getattr(replace(VOTE, **wrong), name) for name in actions.Vote.__slots__} | {"digest": "x"}
    if why is not actions.VoteUnclear or "in_favour" in wrong or "eligible" in wrong:
        with pytest.raises(IntegrityError), transaction.atomic():
            Adoption.objects.create(edition=edition, recorded_at=clock.now(), **facts)


def test_two_thirds_of_deputies_are_enough(world: World) -> None:
    edition = actions.draft_edition(actor=world.keeper, book=world.book, draft=Draft(items=items()))

    vote = replace(VOTE, assembly=Assembly.DEPUTIES, eligible=270)

    assert actions.adopt(actor=world.keeper, edition=edition, vote=vote).edition_id == edition.pk


def test_who_wrote_the_vote_down_does_not_publish(world: World) -> None:
    edition = actions.draft_edition(actor=world.keeper, book=world.book, draft=Draft(items=items()))
    actions.adopt(actor=world.office, edition=edition, vote=VOTE)

    with pytest.raises(actions.AnotherPerson):
        actions.publish(actor=world.office, edition=edition, valid_from=clock.now() + HOUR)

    assert actions.publish(actor=world.keeper, edition=edition, valid_from=clock.now() + HOUR).state == "published"


def test_items_changed_after_the_vote_are_not_published(world: World) -> None:
    edition = actions.draft_edition(actor=world.keeper, book=world.book, draft=Draft(items=items()))
    actions.adopt(actor=world.keeper, edition=edition, vote=VOTE)
    with pytest.raises(actions.StepRefused):
        actions.draft_edition(actor=world.keeper, book=world.book, draft=Draft(items=items(amount=50)))
    Edition.objects.filter(pk=edition.pk).update(items=items(amount=50))

    with pytest.raises(actions.OtherItems):
        actions.publish(actor=world.office, edition=edition, valid_from=clock.now() + HOUR)


def test_nothing_is_retroactive(world: World) -> None:
    edition = actions.draft_edition(actor=world.keeper, book=world.book, draft=Draft(items=items()))
    actions.adopt(actor=world.keeper, edition=edition, vote=VOTE)

    for when in (clock.now() - timedelta(seconds=1), clock.now() - timedelta(days=1)):
        with pytest.raises(actions.NeverBack):
            actions.publish(actor=world.office, edition=edition, valid_from=when)
    with pytest.raises(IntegrityError), transaction.atomic():
        now = clock.now()
        Edition.objects.filter(pk=edition.pk).update(state="published", published_at=now, valid_from=now - HOUR)


def test_no_edition_begins_before_the_one_before_it(world: World) -> None:
    second = world.next_edition(items(), after=timedelta(days=30))
    third = actions.draft_edition(actor=world.keeper, book=world.book, draft=Draft(items=items()))
    actions.adopt(actor=world.keeper, edition=third, vote=VOTE)

    assert second.valid_from is not None
    for when in (clock.now() + timedelta(days=10), second.valid_from):
        with pytest.raises(actions.NeverBack):
            actions.publish(actor=world.office, edition=third, valid_from=when)


def test_the_clock_set_back_publishes_nothing_before_what_holds(world: World) -> None:
    edition = actions.draft_edition(actor=world.keeper, book=world.book, draft=Draft(items=items()))
    actions.adopt(actor=world.keeper, edition=edition, vote=VOTE)

    with clock.frozen(clock.now() - timedelta(days=30)), pytest.raises(actions.NeverBack):
        actions.publish(actor=world.office, edition=edition, valid_from=clock.now() + HOUR)


def test_a_dropped_draft_makes_room_for_the_next(world: World) -> None:
    edition = actions.draft_edition(actor=world.keeper, book=world.book, draft=Draft(items=items()))
    with pytest.raises(actions.ReasonMissing):
        actions.drop(actor=world.keeper, edition=edition, reason=" ")
    actions.drop(actor=world.keeper, edition=edition, reason="另起一稿")

    assert actions.draft_edition(actor=world.keeper, book=world.book, draft=Draft(items=items())).number == 3


def test_a_place_has_one_book_and_outsiders_write_none(world: World) -> None:
    with pytest.raises(actions.BookHere):
        world.draft()
    for who in (world.outsider, actor_of(world.cast.resident.pk), ANONYMOUS, world.inspector):
        with pytest.raises(Forbidden):
            actions.draft_edition(actor=who, book=world.book, draft=Draft(items=items()))
        with pytest.raises(Forbidden):
            actions.make_book(actor=who, place=world.cast.next_door, draft=Draft(items=items(), name="别处"))


def actor_of(person_id: int) -> Actor:
    return Actor(person_id=person_id)


def test_the_nearest_book_reaches_a_place(world: World) -> None:
    whole = actions.make_book(
        actor=world.office, place=world.cast.street, draft=Draft(items=items(), name="街道积分办法")
    )
    actions.adopt(actor=world.office, edition=whole, vote=VOTE)
    actions.publish(actor=world.boss(), edition=whole, valid_from=clock.now())

    assert queries.book_at(world.home) == world.book
    assert queries.book_at(world.cast.next_door) == whole.book
    assert queries.book_at(world.cast.away) is None


# ── packs ───────────────────────────────────────────────────────────────────
def test_a_pack_drafts_a_book_that_does_nothing(world: World) -> None:
    data = {"name": "积分办法", "items": items(), "cap_month": 100, "source": "机制包 345 第 1 版"}

    made = draft_book(world.office, world.cast.next_door, data)
    again = draft_book(world.office, world.cast.next_door, {**data, "items": items(amount=6)})

    assert (made.book, made.pk, again.items[0]["amount"], again.cap_month) == (again.book, again.pk, 6, 100)
    assert queries.edition_now(made.book) is None
    assert Book.objects.filter(place=world.cast.next_door).count() == 1


@pytest.mark.parametrize(
    "wrong",
    [{"items": []}, {"items": "x"}, {"colour": 1}, {"items": items(name="彩礼限额")}, {"cap_day": -1}, {"items": [1]}],
)
def test_a_pack_with_something_wrong_drafts_nothing(world: World, wrong: dict[str, Any]) -> None:
    data = {"name": "积分办法", "items": items(), **wrong}

    with pytest.raises(InvalidInput):
        draft_book(world.office, world.cast.next_door, data)

    assert not Book.objects.filter(place=world.cast.next_door).exists()


def test_the_names_that_are_refused_are_found_however_they_are_written() -> None:
    for text in ("彩 礼", "彩·礼", "彩\u3000礼", "ＷＥＤＤＩＮＧ gift"):
        assert rules.refused(text, rules.RULES), text
    for text in ("参加移风易俗宣讲", "Devoted reader of the library", "Helped at a birthday party"):
        assert rules.refused(text, rules.RULES) is None, text
    assert rules.refused("Birthday banquet", rules.RULES) and rules.refused("Votes cast", rules.RULES)
