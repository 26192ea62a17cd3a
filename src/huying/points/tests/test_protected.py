"""What protects the owner of a passbook and those who pay holds whoever presses, in whatever order."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.kernel.errors import Forbidden, InvalidInput
from huying.people.models import Household, Notice, Person
from huying.points import actions, queries, rules
from huying.points.models import Book, Claim, Edition, Partner, Passbook, Reversal
from huying.points.states import BookletState, ClaimState, IntakeKind, Outcome
from huying.points.tests.factories import START, World, balance
from huying.points.tests.test_disputes import appealed, owner, proposed, refused
from huying.points.tests.test_service import earned, served
from huying.volunteers import actions as volunteer_actions
from huying.volunteers.models import ServiceRecord

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SYSTEM = Actor.system("tests")


def acting(who: Actor, passbook: Passbook) -> Actor:
    """Staff who act for the owner, as a session carries it."""
    return replace(who, on_behalf_of_id=passbook.person_id)


def corrected(world: World, record: ServiceRecord, hours: float, at: timedelta) -> Claim | None:
    """Two people put the record right, and its points follow."""
    with clock.frozen(START + at):
        ends = record.starts_at + timedelta(hours=hours)
        facts: dict[str, Any] = {"starts_at": record.starts_at, "ends_at": ends, "minutes": int(hours * 60)}
        record = volunteer_actions.correct(actor=world.second, record=record, reason="时间记错了", **facts)
        record = volunteer_actions.accept(actor=world.keeper, record=record)
        return actions.earn_service(actor=SYSTEM, record_id=record.pk)


# ── acting for somebody ─────────────────────────────────────────────────────
def test_who_acts_for_the_owner_cannot_give_up_his_time_to_object(world: World) -> None:
    passbook = world.passbook()
    row = proposed(world, world.confirmed(passbook))

    for who in (world.keeper, world.second):
        with pytest.raises(Forbidden):
            actions.agree_reversal(actor=acting(who, passbook), reversal=row)
    with pytest.raises(actions.TooEarly):
        actions.carry_reversal(actor=world.second, reversal=row)


def test_who_acts_for_the_owner_cannot_close_his_appeal(world: World) -> None:
    case = appealed(refused(world))
    actions.mark_appeal(actor=world.second, appeal=case)
    actions.decide_appeal(actor=world.second, appeal=case, outcome=Outcome.KEPT, reason="没有照片")

    with pytest.raises(Forbidden):
        actions.accept_appeal(actor=acting(world.keeper, case.passbook), appeal=case)
    assert actions.accept_appeal(actor=owner(case.passbook), appeal=case).state == "closed"


def test_who_acts_for_the_owner_confirms_nothing_of_his(world: World) -> None:
    claim = world.claim(world.passbook())

    with pytest.raises(actions.NotForOneself):
        actions.confirm(actor=acting(world.keeper, claim.passbook), claim=claim)


def test_family_drops_no_proposal(world: World) -> None:
    passbook = world.passbook()
    row = proposed(world, world.confirmed(passbook))
    home = Household.objects.create(place=world.home)
    for person in (passbook.person, Person.objects.get(pk=world.second.person_id)):
        person.household = home
        person.save()

    with pytest.raises(actions.NotForOneself):
        actions.drop_reversal(actor=world.second, reversal=Reversal.objects.get(pk=row.pk), reason="算了")


def family(*people: Person) -> None:
    home = Household.objects.create(place=people[0].home_place)
    Person.objects.filter(pk__in=[one.pk for one in people]).update(household=home)


def test_hours_that_the_family_confirmed_wait_for_somebody_else(world: World) -> None:
    passbook = world.passbook(world.cast.li.person)
    family(world.cast.li.person, world.cast.keeper)
    record = served(world)  # entered by 吴, confirmed by the keeper

    claim = earned(record)

    assert claim is not None
    assert (claim.state, balance(passbook), earned(record)) == (ClaimState.WAITING, 0, claim)
    with pytest.raises(actions.NotForOneself):
        actions.confirm(actor=world.keeper, claim=claim)
    assert actions.confirm(actor=world.second, claim=claim).amount == 12
    assert earned(record) == claim


def test_hours_of_a_ward_and_of_who_entered_them_for_family_wait_too(world: World) -> None:
    world.passbook(world.cast.li.person)
    family(world.cast.wu.person, world.cast.keeper)  # who entered them and who confirmed them

    claim = earned(served(world))

    assert claim is not None
    assert claim.state == ClaimState.WAITING


def test_what_waits_for_somebody_else_follows_its_record(world: World) -> None:
    passbook = world.passbook(world.cast.li.person)
    family(world.cast.li.person, world.cast.keeper)
    record = served(world)
    first = earned(record)

    again = corrected(world, record, 1, at=7 * HOUR)

    assert first is not None and again is not None
    states = [one.state for one in Claim.objects.order_by("id")]
    assert (states, again.quantity, balance(passbook)) == (["withdrawn", "waiting"], 60, 0)


# ── frozen ──────────────────────────────────────────────────────────────────
def test_a_freeze_is_not_escaped_by_leaving(world: World) -> None:
    passbook, good = world.passbook(points=20), world.good(stock=3, points=10)
    waiting = world.gift(good, passbook)
    actions.freeze(actor=world.keeper, passbook=passbook, reason="有人反映")
    left = actions.leave(actor=owner(passbook), passbook=passbook)

    assert (left.state, left.frozen_for) == (BookletState.LEFT, "有人反映")
    with pytest.raises(actions.NotOpen):
        world.gift(good, left)
    with pytest.raises(actions.NotOpen):
        world.handed(waiting)
    with pytest.raises(Forbidden):
        actions.unfreeze(actor=owner(passbook), passbook=left)
    back = actions.rejoin(actor=owner(passbook), passbook=left)
    assert (back.state, back.frozen_until) == (BookletState.FROZEN, left.frozen_until)


def test_a_freeze_of_one_who_left_ends_by_the_clock_and_leaves_him_out(world: World) -> None:
    passbook = world.passbook(points=20)
    actions.freeze(actor=world.keeper, passbook=passbook, reason="有人反映")
    actions.leave(actor=owner(passbook), passbook=passbook)

    with clock.frozen(START + 60 * DAY):
        assert list(queries.over_now()["unfreeze"]) == [passbook.pk]
        done = actions.unfreeze(actor=SYSTEM, passbook=passbook)
    assert (done.state, done.frozen_until) == (BookletState.LEFT, None)
    with pytest.raises(IntegrityError), transaction.atomic():
        Passbook.objects.filter(pk=passbook.pk).update(state="frozen")


def test_to_appeal_makes_no_freeze_longer(world: World) -> None:
    passbook = world.passbook()
    about_claim = actions.refuse(actor=world.keeper, claim=world.claim(passbook), reason="看不清")
    actions.freeze(actor=world.keeper, passbook=passbook, reason="有人反映")
    actions.file_appeal(actor=owner(passbook), passbook=passbook, words="没有的事")
    actions.file_appeal(actor=owner(passbook), passbook=passbook, claim=about_claim, words="很清楚")

    with clock.frozen(START + 15 * DAY - timedelta(microseconds=1)):
        assert list(queries.over_now()["unfreeze"]) == []
    with clock.frozen(START + 15 * DAY):
        assert list(queries.over_now()["unfreeze"]) == [passbook.pk]
        assert actions.unfreeze(actor=SYSTEM, passbook=passbook).state == BookletState.OPEN


def test_who_froze_it_does_not_freeze_it_again_but_another_may(world: World) -> None:
    passbook = world.passbook()
    actions.freeze(actor=world.keeper, passbook=passbook, reason="有人反映")
    with clock.frozen(START + 15 * DAY):
        actions.unfreeze(actor=SYSTEM, passbook=passbook)
        for who in (world.keeper, acting(world.keeper, passbook)):
            with pytest.raises(actions.AnotherPerson):
                actions.freeze(actor=who, passbook=passbook, reason="又有人反映，换个说法")
        actions.freeze(actor=world.second, passbook=passbook, reason="还在核实")
    with clock.frozen(START + 30 * DAY):
        actions.unfreeze(actor=SYSTEM, passbook=passbook)
        for _ in range(2):  # its owner as often as he loses it
            actions.freeze(actor=owner(passbook), passbook=passbook, reason="丢了")
            actions.unfreeze(actor=owner(passbook), passbook=passbook)
    with clock.frozen(START + 181 * DAY):
        assert actions.freeze(actor=world.keeper, passbook=passbook, reason="另一件事").state == BookletState.FROZEN


# ── corrected service ───────────────────────────────────────────────────────
def test_hours_corrected_late_are_booked_anew_all_the_same(world: World) -> None:
    passbook = world.passbook(world.cast.li.person)
    record = served(world)
    earned(record)

    again = corrected(world, record, 3, at=70 * DAY)

    assert again is not None
    assert (again.amount, balance(passbook)) == (18, 18)


def test_hours_of_one_who_left_are_booked_anew_all_the_same(world: World) -> None:
    passbook = world.passbook(world.cast.li.person)
    record = served(world)
    earned(record)
    actions.leave(actor=owner(passbook), passbook=passbook)

    again = corrected(world, record, 1, at=7 * HOUR)

    assert again is not None
    assert (again.amount, balance(passbook)) == (6, 6)


def test_a_correction_answers_a_proposal_that_waits(world: World) -> None:
    passbook = world.passbook(world.cast.li.person)
    record = served(world, hours=3)
    claim = earned(record)
    assert claim is not None
    with clock.frozen(START + 6 * HOUR):
        row = proposed(world, claim)

    again = corrected(world, record, 2, at=7 * HOUR)

    assert again is not None
    states = [one.state for one in Reversal.objects.order_by("id")]
    assert (Reversal.objects.get(pk=row.pk).reason != "", states) == (True, ["dropped", "carried"])
    assert (again.amount, balance(passbook)) == (12, 12)


def test_what_is_counted_as_corrected_is_not_stated_once_more(world: World) -> None:
    passbook = world.passbook(world.cast.li.person)
    record = served(world)
    earned(record)
    corrected(world, record, 1, at=7 * HOUR)
    row = Reversal.objects.get(state="carried")
    with clock.frozen(START + 8 * HOUR):
        case = actions.file_appeal(actor=owner(passbook), passbook=passbook, reversal=row, words="就是两小时")
        actions.mark_appeal(actor=world.office, appeal=case)
        with pytest.raises(actions.CountedAnew):
            actions.decide_appeal(actor=world.office, appeal=case, outcome=Outcome.UPHELD, reason="有照片")
        done = actions.decide_appeal(actor=world.office, appeal=case, outcome=Outcome.KEPT, reason="请更正记录")

    assert (done.state, Claim.objects.filter(state=ClaimState.CONFIRMED).count()) == ("decided", 1)


# ── who is paid ─────────────────────────────────────────────────────────────
def test_who_is_paid_is_whose_good_it_was_when_it_was_given(world: World) -> None:
    first, sponsor = world.partner(), world.funded(10_000)
    second = actions.save_partner(
        actor=world.keeper, book=world.book, name="后来的店", is_sponsor=False, is_merchant=True
    )
    passbook, good = world.passbook(points=200), world.good(stock=5, partner=first)
    world.handed(world.gift(good, passbook))
    good.partner = second
    good.save()
    span = {"since": clock.today(), "until": clock.today() + DAY}

    with pytest.raises(actions.NothingToSettle):
        actions.make_sheet(actor=world.keeper, partner=second, funded_by=sponsor, **span)
    assert actions.make_sheet(actor=world.keeper, partner=first, funded_by=sponsor, **span).total_fen == 4990


def test_litter_is_exchanged_for_no_merchants_goods(world: World) -> None:
    with pytest.raises(actions.LitterNotSettled):
        world.good(stock=5, partner=world.partner(), litter="电池", litter_grams=100)


def test_nobody_is_concerned_who_is_not(world: World) -> None:
    claim = world.claim(world.passbook())

    assert rules.concerned(claim) == {claim.person_id, claim.made_by_id}
    assert not rules.is_his(world.keeper, claim.passbook)
    assert not rules.is_his(SYSTEM, claim.passbook)


# ── joining and leaving ─────────────────────────────────────────────────────
def test_who_did_not_open_his_passbook_himself_hears_of_it(world: World) -> None:
    for_somebody = actions.open_passbook(actor=world.keeper, book=world.book, person=world.cast.resident)
    by_himself = world.passbook()

    told = [
        Notice.objects.filter(person=one.person, title__contains="已为您开立").count()
        for one in (for_somebody, by_himself)
    ]
    assert told == [1, 0]


def test_what_waits_of_one_who_left_is_not_confirmed_until_he_is_back(world: World) -> None:
    passbook = world.passbook()
    claim = world.claim(passbook)
    actions.leave(actor=owner(passbook), passbook=passbook)

    assert not Claim.objects.filter(rules.claims_to_check(world.keeper), pk=claim.pk).exists()
    with pytest.raises(actions.NotOpen):
        actions.confirm(actor=world.keeper, claim=claim)
    actions.rejoin(actor=owner(passbook), passbook=passbook)
    assert actions.confirm(actor=world.keeper, claim=claim).state == ClaimState.CONFIRMED


# ── each book its own ───────────────────────────────────────────────────────
def test_nothing_of_one_book_is_written_into_another(world: World) -> None:
    good = world.good()
    other = Book.objects.create(place=world.cast.next_door, name="邻近的办法", created_at=clock.now())
    stranger = Partner.objects.create(book=other, name="别处的店", is_merchant=True)
    merchant = world.partner()
    goods = {"kind": IntakeKind.GOODS, "amount": 5, "evidence": "单"}
    money = {"kind": IntakeKind.MONEY, "amount": 500, "evidence": "票"}
    both = Actor(person_id=world.keeper.person_id, roles=(("station_keeper", world.cast.street.path),))

    for facts in (
        {"book": other, "good": good, **goods},
        {"book": world.book, "partner": merchant, **money},  # it sells, it does not give
        {"book": world.book, **money},
    ):
        with pytest.raises(InvalidInput):
            actions.enter_intake(actor=both, **facts)
    with pytest.raises(Forbidden):
        actions.enter_intake(actor=both, book=world.book, good=good, partner=stranger, **goods)
    with pytest.raises(InvalidInput):
        actions.save_good(
            actor=both, bank=good.bank, shelf=actions.Shelf("皂", "块", 5, 300, partner=stranger), good=good
        )


def test_the_first_edition_too_counts_from_the_next_day(world: World) -> None:
    book = Book.objects.create(place=world.cast.next_door, name="新办法", created_at=clock.now())
    edition = Edition.objects.create(
        book=book, number=1, state="published", drafted_at=START, published_at=START, valid_from=START
    )

    assert queries.edition_on(book, clock.today()) is None  # it was published at ten in the morning
    assert queries.edition_on(book, clock.today() + DAY) == edition
