"""Points at the same moment: caps, stock, codes and takings back hold whoever presses together. Each counts once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from huying.kernel import clock, locks
from huying.kernel.actor import Actor
from huying.kernel.transactions import begin
from huying.ledger import queries as ledger_queries
from huying.people.models import Household, Person
from huying.places.tests.factories import kinds
from huying.points import actions
from huying.points.models import Book, Claim, Gift, Good, Passbook
from huying.points.rules import codes
from huying.points.states import GOOD, ClaimState, GiftState, Ground, IntakeKind, Outcome
from huying.points.tests.factories import START, VOTE, World, balance
from tests.concurrency.racing import all_at_once, race, race_without_locks, refusals
from tests.invariants import broken_points

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("committed_db")]
DAY = timedelta(days=1)


@pytest.fixture
def world(committed_db: None) -> Iterator[World]:
    kinds()
    with clock.frozen(START):
        yield World()
    assert broken_points() == []


def shelf(good: Good, purpose: str = "stock") -> int:
    account = ledger_queries.account_of(GOOD, good.pk, good.asset_code, purpose)
    return account.balance if account else 0


def owner(passbook: Passbook) -> Actor:
    return Actor(person_id=passbook.person_id)


# ── earning ─────────────────────────────────────────────────────────────────
def test_two_confirm_one_claim_and_it_is_booked_once(world: World) -> None:
    passbook = world.passbook()
    claim = world.claim(passbook)

    results = race(
        lambda: actions.confirm(actor=world.keeper, claim=claim),
        lambda: actions.confirm(actor=world.office, claim=claim),
    )

    assert refusals(results) == ["StepRefused"]
    assert balance(passbook) == 10


def test_three_claims_at_once_pass_no_cap(world: World) -> None:
    passbook = world.passbook()
    claims = [world.claim(passbook) for _ in range(3)]

    results = all_at_once(*[lambda one=one: actions.confirm(actor=world.keeper, claim=one) for one in claims])

    assert refusals(results) == ["CapReached"]
    assert balance(passbook) == 20  # the cap of a day


def test_without_locks_the_cap_is_passed(world: World) -> None:
    """The negative control: what the lock of the passbook is for."""
    passbook = world.passbook()
    world.confirmed(passbook)
    first, second = (world.claim(passbook) for _ in range(2))

    race_without_locks(
        lambda: actions.confirm(actor=world.keeper, claim=first),
        lambda: actions.confirm(actor=world.office, claim=second),
        at="SAVEPOINT",
    )

    over = Claim.objects.filter(state=ClaimState.CONFIRMED).count()
    Claim.objects.filter(pk=max(first.pk, second.pk), state=ClaimState.CONFIRMED).update(title="over the cap")
    assert over == 3


def test_one_record_of_another_room_comes_in_once(world: World) -> None:
    resident = world.cast.resident
    passbook = world.passbook(resident)
    deed = actions.Deed("夜校", clock.today(), ("learning.Attendance", 7))
    facts: dict[str, Any] = {"maker_id": world.cast.keeper.pk, "checker_id": world.cast.office.pk}
    system = Actor.system("tests")

    def earn() -> Any:
        return actions.earn(actor=system, person=resident, source="learning", deed=deed, **facts)

    results = all_at_once(earn, earn, earn)

    assert refusals(results) == []
    assert balance(passbook) == 5


def moved_in(who: Person, beside: Person) -> None:
    """Staff write down that they live together, as people are written: behind the lock of the person."""
    with begin(Actor.system("tests")):
        fresh = locks.one(Person, pk=who.pk)
        fresh.household = Household.objects.create(place=fresh.home_place)
        fresh.save(update_fields=["household"])
        Person.objects.filter(pk=beside.pk).update(household=fresh.household)


def test_who_becomes_family_while_confirming_confirms_nothing(world: World) -> None:
    passbook, keeper = world.passbook(), world.cast.keeper
    claim = world.claim(passbook)

    results = race(
        lambda: moved_in(keeper, passbook.person), lambda: actions.confirm(actor=world.keeper, claim=claim), at=Person
    )

    assert (refusals(results), balance(passbook)) == (["NotForOneself"], 0)


def test_nobody_becomes_family_between_the_question_and_the_booking(world: World) -> None:
    passbook, keeper = world.passbook(), world.cast.keeper
    claim = world.claim(passbook)

    results = race(
        lambda: actions.confirm(actor=world.keeper, claim=claim), lambda: moved_in(keeper, passbook.person), at=Claim
    )

    assert (refusals(results), balance(passbook)) == ([], 10)
    assert Person.objects.get(pk=keeper.pk).household_id is not None


def test_confirming_and_exchanging_at_once_do_not_wait_in_a_circle(world: World) -> None:
    passbook, good = world.passbook(points=40), world.good(stock=3)
    claim = world.claim(passbook)

    results = race(lambda: world.gift(good, passbook), lambda: actions.confirm(actor=world.keeper, claim=claim))

    assert (refusals(results), balance(passbook)) == ([], 50)


def test_an_owner_who_confirms_himself_on_two_connections_gets_nothing(world: World) -> None:
    passbook = world.passbook(world.cast.keeper)
    claim = world.claim(passbook)

    def own() -> Any:
        return actions.confirm(actor=world.keeper, claim=claim)

    results = all_at_once(own, own, lambda: actions.confirm(actor=world.office, claim=claim))

    assert sorted(refusals(results)) in (["NotForOneself"] * 2, ["NotForOneself", "StepRefused"], ["StepRefused"] * 2)
    assert (balance(passbook), Claim.objects.get(pk=claim.pk).ended_by_id) == (10, world.office.person_id)


def test_a_claim_stated_anew_is_confirmed_once(world: World) -> None:
    claim = actions.refuse(actor=world.second, claim=world.claim(world.passbook()), reason="看不清")
    case = actions.file_appeal(actor=owner(claim.passbook), passbook=claim.passbook, claim=claim, words="看得清")
    actions.mark_appeal(actor=world.keeper, appeal=case)
    actions.decide_appeal(actor=world.keeper, appeal=case, outcome=Outcome.UPHELD, reason="看得清")
    again = Claim.objects.get(former=claim)

    results = race(
        lambda: actions.confirm(actor=world.keeper, claim=again),
        lambda: actions.confirm(actor=world.office, claim=again),
    )

    assert (refusals(results), balance(claim.passbook)) == (["StepRefused"], 10)


def test_an_exchange_is_returned_once(world: World) -> None:
    gift = world.handed(world.gift(world.good(stock=3), passbook := world.passbook(points=100)))

    results = race(
        lambda: actions.return_gift(actor=world.second, gift=gift, reason="错了"),
        lambda: actions.return_gift(actor=world.office, gift=gift, reason="错了"),
    )

    assert (refusals(results), balance(passbook), shelf(gift.good)) == (["StepRefused"], 100, 3)


# ── exchanging ──────────────────────────────────────────────────────────────
def test_one_passbook_pays_once_on_two_connections(world: World) -> None:
    passbook, good = world.passbook(points=40), world.good(stock=9)

    results = race(lambda: world.gift(good, passbook), lambda: world.gift(good, passbook))

    assert refusals(results) == ["NotEnoughPoints"]
    assert (shelf(good), shelf(good, "reserved")) == (8, 1)


def test_twenty_gifts_at_once_for_three_on_the_shelf(world: World) -> None:
    good = world.good(stock=3)
    passbooks = [world.passbook(points=40) for _ in range(20)]

    results = all_at_once(*[lambda one=one: world.gift(good, one) for one in passbooks])

    assert refusals(results) == ["OutOfStock"] * 17
    assert (shelf(good), shelf(good, "reserved"), Gift.objects.count()) == (0, 3, 3)
    assert sum(ledger_queries.account(one.account_id).available for one in passbooks) == 20 * 40 - 3 * 40


def test_a_code_shown_at_two_counters_at_once_is_good_once(world: World) -> None:
    passbook, good = world.passbook(points=100), world.good(stock=3)
    gift = world.gift(good, passbook)
    code = codes.digits(gift.public_id, gift.serial)

    results = race(
        lambda: actions.hand_over(actor=world.keeper, bank=good.bank, code=code),
        lambda: actions.hand_over(actor=world.second, bank=good.bank, code=code),
    )

    assert refusals(results) == ["StepRefused"]
    assert (balance(passbook), shelf(good, "given")) == (60, 1)


def test_fetched_and_cancelled_at_once_is_one_of_both(world: World) -> None:
    passbook, good = world.passbook(points=100), world.good(stock=3)
    gift = world.gift(good, passbook)

    results = race(lambda: actions.cancel(actor=owner(passbook), gift=gift), lambda: world.handed(gift))

    assert refusals(results) == ["StepRefused"]
    assert Gift.objects.get(pk=gift.pk).state == GiftState.CANCELLED
    assert (balance(passbook), shelf(good)) == (100, 3)


def test_the_clock_and_the_counter_at_once(world: World) -> None:
    passbook, good = world.passbook(points=100), world.good(stock=3)
    gift = world.gift(good, passbook)

    with clock.frozen(START + 14 * DAY):
        results = all_at_once(
            lambda: actions.lapse(actor=Actor.system("tests"), gift=gift),
            lambda: world.handed(gift),
            lambda: actions.lapse(actor=Actor.system("tests"), gift=gift),
        )

    assert len(refusals(results)) == 1
    assert (balance(passbook), shelf(good)) == (100, 3)


def test_a_month_has_its_most_also_for_two_at_once(world: World) -> None:
    passbook, good = world.passbook(points=200), world.good(stock=9, month_most=1)

    results = race(lambda: world.gift(good, passbook), lambda: world.gift(good, passbook))

    assert refusals(results) == ["MonthMost"]


def test_what_broke_and_what_is_given_cannot_both_go(world: World) -> None:
    passbook, good = world.passbook(points=100), world.good(stock=1)
    facts: dict[str, Any] = {"kind": IntakeKind.LOSS, "amount": 1, "evidence": "照片"}
    broken = actions.enter_intake(actor=world.keeper, book=world.book, good=good, **facts)

    results = all_at_once(
        lambda: actions.confirm_intake(actor=world.office, intake=broken), lambda: world.gift(good, passbook)
    )

    assert refusals(results) == ["OutOfStock"]
    assert shelf(good) == 0


def test_a_delivery_is_counted_once(world: World) -> None:
    good = world.good()
    facts: dict[str, Any] = {"kind": IntakeKind.GOODS, "amount": 5, "evidence": "单"}
    row = actions.enter_intake(actor=world.keeper, book=world.book, good=good, **facts)

    results = race(
        lambda: actions.confirm_intake(actor=world.office, intake=row),
        lambda: actions.confirm_intake(actor=world.second, intake=row),
    )

    assert refusals(results) == ["StepRefused"]
    assert shelf(good) == 5


# ── sheets, takings back, books ─────────────────────────────────────────────
def test_two_sheets_at_once_share_no_exchange(world: World) -> None:
    merchant, sponsor = world.partner(), world.funded(100_000)
    passbook, good = world.passbook(points=200), world.good(stock=5, partner=merchant)
    for _ in range(3):
        world.handed(world.gift(good, passbook))
    facts: dict[str, Any] = {"partner": merchant, "funded_by": sponsor, "since": clock.today()}
    facts |= {"until": clock.today() + DAY}

    results = race(
        lambda: actions.make_sheet(actor=world.keeper, **facts), lambda: actions.make_sheet(actor=world.office, **facts)
    )

    assert refusals(results) == ["NothingToSettle"]


def test_taken_back_once_and_never_what_is_spent_meanwhile(world: World) -> None:
    passbook, good = world.passbook(), world.good(stock=3, points=10)
    claim = world.confirmed(passbook)

    results = race(
        lambda: actions.propose_reversal(actor=world.keeper, claim=claim, ground=Ground.ERROR, evidence="记重了"),
        lambda: world.gift(good, passbook),
    )

    assert refusals(results) == ["NotEnoughPoints"]
    row = claim.reversals.get()
    actions.agree_reversal(actor=owner(passbook), reversal=row)
    both = race(
        lambda: actions.carry_reversal(actor=world.second, reversal=row),
        lambda: actions.carry_reversal(actor=world.office, reversal=row),
    )
    assert refusals(both) == ["StepRefused"]
    assert balance(passbook) == 0


def test_a_rule_book_is_published_once_while_claims_are_open(world: World) -> None:
    passbook = world.passbook()
    claim = world.claim(passbook)
    items = [{"code": "bridge", "name": "帮助邻里出行", "amount": 99, "proof": "照片"}]
    edition = actions.draft_edition(actor=world.keeper, book=world.book, draft=actions.Draft(items=items))
    actions.adopt(actor=world.keeper, edition=edition, vote=VOTE)
    later = clock.now() + timedelta(hours=1)

    results = all_at_once(
        lambda: actions.publish(actor=world.office, edition=edition, valid_from=later),
        lambda: actions.publish(actor=world.second, edition=edition, valid_from=later + DAY),
        lambda: actions.confirm(actor=world.keeper, claim=claim),
    )

    assert refusals(results) == ["StepRefused"]
    assert balance(passbook) == 10


def test_two_draft_a_book_of_one_place_at_once(world: World) -> None:
    items = [{"code": "x", "name": "参加植树", "amount": 5, "proof": "签到"}]
    draft = actions.Draft(items=items, name="另一个办法")
    place = world.cast.next_door

    results = race(
        lambda: actions.make_book(actor=world.office, place=place, draft=draft),
        lambda: actions.make_book(actor=world.office, place=place, draft=draft),
    )

    assert refusals(results) == ["BookHere"]
    assert Book.objects.filter(place=place).count() == 1


def test_two_open_a_passbook_for_one_person(world: World) -> None:
    who = world.cast.resident

    results = race(
        lambda: actions.open_passbook(actor=Actor(person_id=who.pk), book=world.book, person=who),
        lambda: actions.open_passbook(actor=world.keeper, book=world.book, person=who),
    )

    assert refusals(results) == []
    assert Passbook.objects.filter(person=who).count() == 1
