"""Banks: stock that two people counted, reserve and hand over, codes that are good once, litter, sponsors and sheets."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from huying.kernel import clock
from huying.kernel.actor import ANONYMOUS, Actor
from huying.kernel.errors import Forbidden, InvalidInput, NotFound
from huying.ledger import queries as ledger_queries
from huying.ledger.models import Transfer
from huying.people.models import Notice
from huying.points import actions, queries
from huying.points.models import Gift, Good, Intake, Passbook, Sheet
from huying.points.states import GOOD, PARTNER, GiftState, IntakeKind
from huying.points.tests.factories import START, World, actor, balance, code_of, mark_of

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
SYSTEM = Actor.system("tests")


def shelf(good: Good, purpose: str = "stock") -> int:
    account = ledger_queries.account_of(GOOD, good.pk, good.asset_code, purpose)
    return account.balance if account else 0


def free(passbook: Passbook) -> int:
    return ledger_queries.account(passbook.account_id).available


# ── stock ───────────────────────────────────────────────────────────────────
def test_goods_come_in_by_two_people(world: World) -> None:
    good = world.good()
    facts: dict[str, Any] = {"kind": IntakeKind.GOODS, "amount": 20, "evidence": "送货单"}
    row = actions.enter_intake(actor=world.keeper, book=world.book, good=good, **facts)
    with pytest.raises(actions.AnotherPerson):
        actions.confirm_intake(actor=world.keeper, intake=row)
    before = shelf(good)

    actions.confirm_intake(actor=world.second, intake=row)

    assert (before, shelf(good)) == (0, 20)
    with pytest.raises(actions.StepRefused):
        actions.confirm_intake(actor=world.office, intake=row)
    with pytest.raises(IntegrityError), transaction.atomic():
        Intake.objects.filter(pk=row.pk).update(checked_by=row.made_by)


def test_no_more_breaks_than_is_there(world: World) -> None:
    good = world.good(stock=3)
    facts: dict[str, Any] = {"kind": IntakeKind.LOSS, "evidence": "过期，有照片"}
    much = actions.enter_intake(actor=world.keeper, book=world.book, good=good, amount=4, **facts)
    some = actions.enter_intake(actor=world.keeper, book=world.book, good=good, amount=2, **facts)

    with pytest.raises(actions.OutOfStock):
        actions.confirm_intake(actor=world.office, intake=much)
    actions.confirm_intake(actor=world.office, intake=some)
    actions.refuse_intake(actor=world.keeper, intake=much)

    assert (shelf(good), shelf(good, "lost")) == (1, 2)


def test_outsiders_keep_no_stock(world: World) -> None:
    good = world.good()
    facts: dict[str, Any] = {"kind": IntakeKind.GOODS, "amount": 1, "evidence": "单"}

    for who in (world.outsider, actor(world.cast.resident), world.auditor, ANONYMOUS):
        with pytest.raises(Forbidden):
            actions.enter_intake(actor=who, book=world.book, good=good, **facts)


@pytest.mark.parametrize("name", ["低保优先名额", "入学加分", "现金红包", "信用分"])
def test_rights_and_money_are_no_goods(world: World, name: str) -> None:
    with pytest.raises(actions.GoodRefused):
        world.good(name=name)


# ── reserve, hand over, cancel ──────────────────────────────────────────────
def test_reserving_holds_points_and_goods_and_handing_over_posts_both(world: World) -> None:
    passbook, good = world.passbook(points=100), world.good(stock=5)
    gift = world.gift(good, passbook, 2)
    held = (balance(passbook), free(passbook), shelf(good), shelf(good, "reserved"))

    done = actions.hand_over(actor=world.keeper, bank=good.bank, code=code_of(gift))

    assert held == (100, 20, 3, 2)
    assert (done.state, balance(passbook), shelf(good, "reserved"), shelf(good, "given")) == ("handed", 20, 0, 2)
    assert Notice.objects.filter(person=passbook.person, title__contains="已领取").count() == 1


def test_a_code_is_good_once_at_its_own_counter_for_its_time(world: World) -> None:
    passbook, good = world.passbook(points=200), world.good(stock=5)
    first, second, third = (world.gift(good, passbook) for _ in range(3))
    other = world.bank("别处储蓄所")
    actions.hand_over(actor=world.keeper, bank=good.bank, code=code_of(first))

    for bank, code in ((good.bank, code_of(first)), (other, code_of(second)), (good.bank, "00000000"), (good.bank, "")):
        with pytest.raises(actions.CodeWrong):
            actions.hand_over(actor=world.keeper, bank=bank, code=code)
    with clock.frozen(START + 15 * DAY), pytest.raises(actions.CodeWrong):
        actions.hand_over(actor=world.keeper, bank=good.bank, code=code_of(third))
    assert actions.hand_over(actor=world.keeper, bank=good.bank, code=f" {code_of(second)[:4]} {code_of(second)[4:]}")


def test_no_code_is_kept_and_a_new_one_ends_the_old(world: World) -> None:
    passbook, good = world.passbook(points=100), world.good(stock=5)
    gift = world.gift(good, passbook)
    old = code_of(gift)

    new = actions.renew_code(actor=Actor(person_id=passbook.person_id), gift=gift)

    assert old.encode() not in bytes(Gift.objects.get(pk=gift.pk).code_index or b"")
    assert code_of(new) != old
    with pytest.raises(actions.CodeWrong):
        actions.hand_over(actor=world.keeper, bank=good.bank, code=old)
    assert actions.hand_over(actor=world.keeper, bank=good.bank, code=code_of(new)).state == "handed"


def test_guessing_is_stopped(world: World) -> None:
    good = world.good(stock=1)

    for number in range(20):
        with pytest.raises(actions.CodeWrong):
            actions.hand_over(actor=world.keeper, bank=good.bank, code=f"{number:08d}")

    with pytest.raises(actions.CodesUsedUp):
        actions.hand_over(actor=world.keeper, bank=good.bank, code="99999999")


def test_only_who_stands_at_the_counter_hands_over_and_never_to_himself(world: World) -> None:
    passbook, good = world.passbook(world.cast.keeper, points=0), world.good(stock=5)
    actions.confirm(actor=world.office, claim=world.claim(passbook, "litter", 20_000))
    gift = world.gift(good, passbook)

    for who in (world.outsider, actor(world.cast.resident), world.auditor, ANONYMOUS):
        with pytest.raises(Forbidden):
            actions.hand_over(actor=who, bank=good.bank, code=code_of(gift))
    with pytest.raises(actions.NotForOneself):
        actions.hand_over(actor=world.keeper, bank=good.bank, code=code_of(gift))
    with pytest.raises(actions.NotForOneself):
        actions.serve(actor=world.keeper, passbook=passbook, good=good, mark=mark_of(passbook))


def test_cancelling_and_lapsing_give_everything_back(world: World) -> None:
    passbook, good = world.passbook(points=100), world.good(stock=5)
    first, second = world.gift(good, passbook), world.gift(good, passbook)

    actions.cancel(actor=Actor(person_id=passbook.person_id), gift=first)
    kept = actions.lapse(actor=SYSTEM, gift=second)
    with clock.frozen(START + 14 * DAY):
        assert list(queries.over_now()["lapse"]) == [second.pk]
        gone = actions.lapse(actor=SYSTEM, gift=second)
        actions.lapse(actor=SYSTEM, gift=second)

    assert (kept.state, gone.state) == (GiftState.RESERVED, GiftState.LAPSED)
    assert (free(passbook), shelf(good), shelf(good, "reserved")) == (100, 5, 0)
    for gift in (first, second):
        with pytest.raises(actions.StepRefused):
            world.handed(gift)


def test_the_ledgers_own_clock_cannot_come_first(world: World) -> None:
    passbook, good = world.passbook(points=40), world.good(stock=1)
    gift = world.gift(good, passbook)
    hold = ledger_queries.hold(gift.hold_id or 0)

    assert hold.until > gift.until


def test_nothing_is_exchanged_without_points_stock_or_right(world: World) -> None:
    good = world.good(stock=1)
    poor, rich, other = world.passbook(points=39), world.passbook(points=80), world.passbook(points=80)

    with pytest.raises(actions.NotEnoughPoints) as caught:
        world.gift(good, poor)
    assert caught.value.facts == {"need": 40, "have": 39}
    with pytest.raises(actions.OutOfStock):
        world.gift(good, rich, 2)
    assert free(rich) == 80
    with pytest.raises(Forbidden):
        actions.reserve(actor=Actor(person_id=rich.person_id), passbook=other, good=good)
    for wrong in (0, -1, 21):
        with pytest.raises(InvalidInput):
            world.gift(good, rich, wrong)


def test_so_many_a_month(world: World) -> None:
    passbook = world.passbook(points=400)
    good = world.good(stock=9, month_most=2)
    gifts = [world.gift(good, passbook) for _ in range(2)]

    with pytest.raises(actions.MonthMost):
        world.gift(good, passbook)
    actions.cancel(actor=Actor(person_id=passbook.person_id), gift=gifts[0])
    assert world.gift(good, passbook)


def test_goods_that_are_taken_off_and_banks_that_closed_exchange_nothing_new(world: World) -> None:
    passbook, good = world.passbook(points=100), world.good(stock=5)
    gift = world.gift(good, passbook)
    actions.close_bank(actor=world.keeper, bank=good.bank)

    with pytest.raises(actions.NotOffered):
        world.gift(good, passbook)
    assert world.handed(gift).state == "handed"


def test_at_the_counter_without_a_telephone(world: World) -> None:
    passbook, good = world.passbook(points=100), world.good(stock=5)

    gift = actions.serve(actor=world.keeper, passbook=passbook, good=good, mark=mark_of(passbook), quantity=2)

    assert (gift.state, balance(passbook), shelf(good), shelf(good, "given")) == ("handed", 20, 3, 2)
    assert Notice.objects.filter(person=passbook.person, title__contains="已领取").count() == 1


def test_another_price_changes_nothing_that_waits(world: World) -> None:
    passbook, good = world.passbook(points=100), world.good(stock=5)
    gift = world.gift(good, passbook)
    facts = actions.Shelf(name="食用油", unit="桶", points=90, value_fen=9000)
    actions.save_good(actor=world.keeper, bank=good.bank, shelf=facts, good=good)

    done = world.handed(gift)

    assert (done.points, done.value_fen, balance(passbook)) == (40, 4990, 60)


def test_points_go_to_nobody_else(world: World) -> None:
    """There is no action that moves points between people, and the accounts of people give only to the book."""
    names = {name for name in actions.__all__ if name[0].islower()}
    assert not {name for name in names if "transfer" in name or "send" in name or "give" in name}

    passbook, good = world.passbook(points=100), world.good(stock=5)
    world.handed(world.gift(good, passbook))
    gone = Transfer.objects.filter(debit_account_id=passbook.account_id).select_related("credit_account")
    assert {one.credit_account.owner_type for one in gone} == {"points.Book"}


# ── litter ──────────────────────────────────────────────────────────────────
def test_litter_is_goods_by_weight_and_nobodys_name(world: World) -> None:
    good = world.good(stock=5, name="肥皂", unit="块", litter="烟头", litter_grams=250)

    row = actions.weigh(actor=world.keeper, good=good, grams=620)

    assert (row.quantity, shelf(good), shelf(good, "given")) == (2, 3, 2)
    assert not [field for field in row._meta.get_fields() if "person" in field.name]
    for grams in (0, 249, -5, 6000):
        with pytest.raises(InvalidInput):
            actions.weigh(actor=world.keeper, good=good, grams=grams)
    with pytest.raises(actions.OutOfStock):
        actions.weigh(actor=world.keeper, good=good, grams=1000)
    with pytest.raises(actions.NotOffered):
        actions.weigh(actor=world.keeper, good=world.good(good.bank), grams=500)


# ── money in the books ──────────────────────────────────────────────────────
def fen(partner: Any, purpose: str) -> int:
    account = ledger_queries.account_of(PARTNER, partner.pk, "fen", purpose)
    return account.balance if account else 0


def test_a_sheet_settles_each_exchange_once_by_two_people_out_of_a_fund(world: World) -> None:
    merchant, sponsor = world.partner(), world.funded(10_000)
    passbook, good = world.passbook(points=200), world.good(stock=5, partner=merchant)
    for _ in range(2):
        world.handed(world.gift(good, passbook))
    span = {"since": clock.today(), "until": clock.today() + DAY}

    sheet = actions.make_sheet(actor=world.keeper, partner=merchant, funded_by=sponsor, **span)
    with pytest.raises(actions.NothingToSettle):
        actions.make_sheet(actor=world.keeper, partner=merchant, funded_by=sponsor, **span)
    with pytest.raises(actions.AnotherPerson):
        actions.approve_sheet(actor=world.keeper, sheet=sheet, evidence="收据 7 号")
    done = actions.approve_sheet(actor=world.office, sheet=sheet, evidence="收据 7 号")

    assert (done.total_fen, done.gifts.count()) == (9980, 2)
    assert (fen(sponsor, "fund"), fen(merchant, "earned")) == (20, 9980)
    with pytest.raises(IntegrityError), transaction.atomic():
        Sheet.objects.filter(pk=done.pk).update(approved_by=done.made_by)


def test_no_more_is_settled_than_the_fund_holds_and_a_dropped_sheet_frees_its_lines(world: World) -> None:
    merchant, sponsor = world.partner(), world.funded(1000)
    passbook, good = world.passbook(points=100), world.good(stock=5, partner=merchant)
    world.handed(world.gift(good, passbook))
    span = {"since": clock.today(), "until": clock.today() + DAY}
    sheet = actions.make_sheet(actor=world.keeper, partner=merchant, funded_by=sponsor, **span)

    with pytest.raises(actions.FundTooSmall) as caught:
        actions.approve_sheet(actor=world.office, sheet=sheet, evidence="收据")
    actions.drop_sheet(actor=world.keeper, sheet=sheet)

    assert caught.value.facts == {"need": "49.90", "have": "10.00"}
    assert actions.make_sheet(actor=world.keeper, partner=merchant, funded_by=sponsor, **span).gifts.count() == 1


def test_what_waits_to_be_fetched_is_on_no_sheet(world: World) -> None:
    merchant, sponsor = world.partner(), world.funded(1000)
    world.gift(world.good(stock=5, partner=merchant), world.passbook(points=100))

    with pytest.raises(actions.NothingToSettle):
        actions.make_sheet(
            actor=world.keeper, partner=merchant, funded_by=sponsor, since=clock.today(), until=clock.today() + DAY
        )
    with pytest.raises((NotFound, InvalidInput)):
        actions.make_sheet(
            actor=world.keeper, partner=sponsor, funded_by=sponsor, since=clock.today(), until=clock.today() + DAY
        )
