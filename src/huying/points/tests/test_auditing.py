"""What one keeper could do alone is refused, and what he could do with friends is shown to whoever audits."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.kernel.errors import Forbidden
from huying.ledger import queries as ledger_queries
from huying.people.models import Notice, Person
from huying.points import actions, queries
from huying.points.models import Book, Gift
from huying.points.states import BOOK, GiftState
from huying.points.tests.factories import ITEMS, START, VOTE, World, actor, balance, code_of, mark_of
from huying.volunteers.tests.factories import browser, person, role, sent

pytestmark = pytest.mark.django_db


# ── one keeper alone ────────────────────────────────────────────────────────
def test_a_number_from_the_list_empties_no_passbook(world: World) -> None:
    passbook, good = world.passbook(points=200), world.good(stock=9)
    number = queries.found_passbooks(world.keeper).get(pk=passbook.pk).number

    for mark in ("", number, number[-6:], "000000"):
        with pytest.raises(actions.BookletWrong):
            actions.serve(actor=world.keeper, passbook=passbook, good=good, mark=mark)
    gift = actions.reserve(actor=world.keeper, passbook=passbook, good=good)
    for code in ("", "00000000", str(gift.public_id)):
        with pytest.raises(actions.CodeWrong):
            actions.hand(actor=world.keeper, gift=gift, code=code)
    for step in (
        lambda: actions.hand(actor=world.keeper, gift=gift, code=code_of(gift)),
        lambda: actions.hand_over(actor=world.keeper, bank=good.bank, code=code_of(gift)),
    ):
        with pytest.raises(actions.AnotherPerson):  # who reserved it does not hand it over, even with the code
            step()

    assert balance(passbook) == 200
    assert world.handed(gift, world.second).way == "paper"


def test_what_staff_reserved_for_somebody_without_a_telephone_is_fetched_with_his_booklet(world: World) -> None:
    passbook, good = world.passbook(points=200), world.good(stock=9)
    other = world.passbook(points=200)
    gift = actions.reserve(actor=world.keeper, passbook=passbook, good=good)

    for booklet in (f"{other.number}-{mark_of(other)}", f"{passbook.number}-{mark_of(other)}", passbook.number):
        with pytest.raises(actions.CodeWrong):
            actions.hand(actor=world.keeper, gift=gift, code=booklet)
    done = actions.hand(actor=world.keeper, gift=gift, code=f"{passbook.number}-{mark_of(passbook)}")

    assert (done.way, balance(passbook)) == ("booklet", 160)


def test_who_acts_for_the_owner_sees_no_code_and_takes_no_other(world: World, settings: Any) -> None:
    settings.HUYING_STAFF_SECOND_FACTOR = False
    passbook, good = world.passbook(world.cast.resident, points=100), world.good(stock=9)
    gift = world.gift(good, passbook)
    acting = replace(world.keeper, on_behalf_of_id=passbook.person_id)

    with pytest.raises(Forbidden):
        actions.renew_code(actor=acting, gift=gift)
    html = browser(world.cast.keeper).get(reverse("points:gift", args=[gift.public_id])).content.decode()
    assert code_of(gift)[:4] + " " + code_of(gift)[4:] not in html
    page = browser(world.cast.keeper).get(reverse("points:passbook", args=[passbook.public_id])).content.decode()
    assert "存折的二维码" not in page
    assert (
        "存折的二维码"
        in browser(passbook.person).get(reverse("points:passbook", args=[passbook.public_id])).content.decode()
    )


def test_guessing_the_digits_of_a_booklet_is_stopped(world: World) -> None:
    passbook, good = world.passbook(points=200), world.good(stock=9)

    for number in range(20):
        with pytest.raises(actions.BookletWrong):
            actions.serve(actor=world.keeper, passbook=passbook, good=good, mark=f"{number:06d}")
    with pytest.raises(actions.CodesUsedUp):
        actions.serve(actor=world.keeper, passbook=passbook, good=good, mark=mark_of(passbook))


@pytest.mark.parametrize("by_staff", [True, False])
def test_a_lost_booklet_is_good_no_more(world: World, by_staff: bool) -> None:
    passbook, good = world.passbook(points=200), world.good(stock=9)
    old = mark_of(passbook)
    who = world.keeper if by_staff else Actor(person_id=passbook.person_id)
    frozen = actions.freeze(actor=who, passbook=passbook, reason="丢了")
    fresh = actions.unfreeze(actor=who, passbook=frozen)

    with pytest.raises(actions.BookletWrong):
        actions.serve(actor=world.keeper, passbook=fresh, good=good, mark=old)
    assert actions.serve(actor=world.keeper, passbook=fresh, good=good, mark=mark_of(fresh)).way == "booklet"


def test_a_booklet_is_printed_by_its_owner_or_a_keeper_and_the_owner_hears_of_the_second(world: World) -> None:
    passbook = world.passbook()
    told = Notice.objects.filter(person=passbook.person, title="工作人员打印了您的纸质存折")
    for who in (world.outsider, world.auditor, Actor(person_id=None)):
        with pytest.raises(Forbidden):
            actions.print_booklet(actor=who, passbook=passbook)
    actions.print_booklet(actor=Actor(person_id=passbook.person_id), passbook=passbook)
    assert not told.exists()
    actions.print_booklet(actor=world.keeper, passbook=passbook)
    assert told.count() == 1


def test_who_printed_the_booklet_gives_nothing_out_for_it(world: World) -> None:
    passbook, good = world.passbook(points=200, reads=False), world.good(stock=9)
    waiting = actions.reserve(actor=world.second, passbook=passbook, good=good)
    printed = actions.print_booklet(actor=world.keeper, passbook=passbook)
    scanned = f"{printed.number}-{mark_of(printed)}"

    for step in (
        lambda: actions.serve(actor=world.keeper, passbook=passbook, good=good, mark=mark_of(passbook)),
        lambda: actions.hand(actor=world.keeper, gift=waiting, code=scanned),
    ):
        with pytest.raises(actions.PrintedByYou):
            step()
    assert balance(passbook) == 200
    assert actions.serve(actor=world.second, passbook=passbook, good=good, mark=mark_of(passbook)).way == "booklet"
    assert actions.hand(actor=world.second, gift=waiting, code=scanned).way == "booklet"


def test_a_booklet_that_another_printed_later_is_known_to_both_and_a_new_one_to_neither(world: World) -> None:
    passbook, good = world.passbook(points=200), world.good(stock=9)
    for who in (world.keeper, world.second):
        actions.print_booklet(actor=who, passbook=passbook)
    for who in (world.keeper, world.second):
        with pytest.raises(actions.PrintedByYou):
            actions.serve(actor=who, passbook=passbook, good=good, mark=mark_of(passbook))
    frozen = actions.freeze(actor=Actor(person_id=passbook.person_id), passbook=passbook, reason="丢了")
    fresh = actions.unfreeze(actor=Actor(person_id=passbook.person_id), passbook=frozen)
    actions.print_booklet(actor=Actor(person_id=passbook.person_id), passbook=fresh)  # he himself: nobody else knows it

    assert actions.serve(actor=world.keeper, passbook=fresh, good=good, mark=mark_of(fresh)).way == "booklet"


def test_it_is_written_down_how_something_was_fetched(world: World) -> None:
    passbook, good = world.passbook(points=400), world.good(stock=9)
    one, two = world.gift(good, passbook), world.gift(good, passbook)

    ways = [
        actions.hand_over(actor=world.keeper, bank=good.bank, code=code_of(one)).way,
        world.handed(two).way,
        actions.serve(actor=world.keeper, passbook=passbook, good=good, mark=mark_of(passbook)).way,
    ]

    assert ways == ["code", "paper", "booklet"]
    with pytest.raises(IntegrityError), transaction.atomic():
        Gift.objects.filter(pk=one.pk).update(way="")


def test_on_the_page_of_an_exchange_the_slip_is_asked_for_and_a_wrong_code_stays(world: World, settings: Any) -> None:
    settings.HUYING_STAFF_SECOND_FACTOR = False
    gift = world.gift(world.good(stock=9), world.passbook(points=100))
    staff, hand = browser(world.cast.keeper), reverse("points:gift_step", args=[gift.public_id, "hand"])

    wrong = sent(staff, hand, code="1234 5678")
    assert (wrong.status_code, "1234 5678" in wrong.content.decode()) == (422, True)
    assert "没有这个领取码" in wrong.content.decode()
    assert sent(staff, hand, code=code_of(gift)).status_code == 303
    assert Gift.objects.get().state == GiftState.HANDED


# ── with friends ────────────────────────────────────────────────────────────
def audited(world: World, settings: Any) -> str:
    settings.HUYING_STAFF_SECOND_FACTOR = False
    answer = browser(Person.objects.get(pk=world.auditor.person_id)).get(
        reverse("points:keep", args=[world.book.public_id])
    )
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", answer.content.decode())


def test_the_auditor_sees_the_sums_as_the_ledger_has_them(world: World, settings: Any) -> None:
    passbook, good = world.passbook(points=300), world.good(stock=9)
    world.handed(world.gift(good, passbook))
    actions.serve(actor=world.keeper, passbook=passbook, good=good, mark=mark_of(passbook))
    asset = world.book.asset_code
    issued, taken = (ledger_queries.account_of(BOOK, world.book.pk, asset, one) for one in ("issuing", "taken"))
    assert issued is not None and taken is not None

    html = audited(world, settings)

    assert (-issued.balance, taken.balance) == (300, 80)
    assert "账本发出 300 分、收回 80 分，与上面一致" in html
    assert f"三个月里 {world.cast.keeper.name} 没有凭领取码交付过 1 次，涉及 1 人" in html
    Gift.objects.filter(way="booklet").update(points=39)
    assert "与上面不一致" in audited(world, settings)


def test_points_that_come_from_one_confirmer_only_are_shown(world: World, settings: Any) -> None:
    friend, quiet = world.passbook(person("亲近的人", world.home)), world.passbook(person("普通居民", world.home))
    for _ in range(3):
        actions.confirm(actor=world.second, claim=world.claim(friend, "litter", 5_000))
    for _ in range(9):
        actions.confirm(actor=world.keeper, claim=world.claim(quiet, "litter", 5_000))
    for _ in range(3):
        actions.confirm(actor=world.office, claim=world.claim(quiet, "litter", 5_000))

    found = queries.audit(world.book).leanings

    assert [(one.who, one.by, one.share, one.whole) for one in found] == [("亲近的人", "谢文博", 100, 20)]
    assert "三个月里 亲近的人 的积分有 100% 由 谢文博 核对（3 次），而全部积分只有 20% 由 谢文博 核对" in audited(
        world, settings
    )


def above_book(world: World, one: Actor, other: Actor) -> Book:
    """The book of the street, beside that of the community."""
    place = world.home.parent
    assert place is not None
    with clock.frozen(START - timedelta(days=1)):
        edition = actions.make_book(actor=one, place=place, draft=actions.Draft(items=ITEMS, name="街道积分办法"))
        actions.adopt(actor=one, edition=edition, vote=VOTE)
        return actions.publish(actor=other, edition=edition, valid_from=clock.now()).book


def test_two_who_confirm_each_other_in_two_books_are_shown(world: World) -> None:
    above = world.home.parent
    assert above is not None
    friend, me = person("往来人", world.home), world.cast.keeper
    for who in (friend, person("街道的人", world.home)):
        role(who, "office", above)
    book = above_book(world, actor(friend), actor(Person.objects.get(name="街道的人")))
    here, there = world.passbook(friend), actions.open_passbook(actor=actor(me), book=book, person=me)
    actions.confirm(actor=world.keeper, claim=world.claim(here))
    alone = queries.audit(world.book).pairs
    done = actions.Done("扶老人过桥", clock.today(), 1)
    rule = book.editions.get().rules.get(code="bridge")
    claim = actions.state_claim(actor=actor(me), passbook=there, rule=rule, done=done)
    actions.confirm(actor=actor(friend), claim=claim)

    found = queries.audit(world.book).pairs

    assert alone == []
    assert [(one.who, one.by, one.times, one.back) for one in found] == [(friend.name, me.name, 1, 1)]


def test_the_owner_hears_of_each_exchange(world: World) -> None:
    passbook, good = world.passbook(points=100), world.good(stock=9)

    actions.serve(actor=world.keeper, passbook=passbook, good=good, mark=mark_of(passbook))

    assert Notice.objects.filter(person=passbook.person, title__contains="已领取").count() == 1
