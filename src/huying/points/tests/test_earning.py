"""Earning: stated by one, confirmed by another, cut to the caps, under the rules of the day on which it was done."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from huying.kernel import clock
from huying.kernel.actor import ANONYMOUS, Actor
from huying.kernel.errors import Forbidden
from huying.ledger import queries as ledger_queries
from huying.ledger.models import Transfer
from huying.people.models import Guardianship, Household, Notice
from huying.people.states import Tie
from huying.points import actions, queries, rules
from huying.points.actions import Deed, Done
from huying.points.models import Claim, Passbook
from huying.points.rules import Used
from huying.points.states import BookletState, ClaimState, Measure
from huying.points.tests.factories import ITEMS, World, actor, balance
from huying.volunteers import actions as volunteer_actions
from huying.volunteers.models import ServiceRecord
from huying.volunteers.states import Evidence
from huying.volunteers.tests.factories import START, person

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SYSTEM = Actor.system("tests")


# ── arithmetic ──────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("measure", "quantity", "points"),
    [
        (Measure.TIME, 3, 18),
        (Measure.HOUR, 90, 9),
        (Measure.HOUR, 59, 5),
        (Measure.KILO, 2500, 15),
        (Measure.KILO, 1, 0),
    ],
)
def test_whole_points_only(measure: str, quantity: int, points: int) -> None:
    assert rules.worth(6, measure, quantity) == points


def test_the_smallest_cap_leaves_what_it_leaves() -> None:
    used = Used({"day": 5, "month": 18}, {"year": 90})

    assert rules.room({"day": 10, "month": 20, "year": None}, {"year": 100}, used) == 2
    assert rules.room({"day": 4}, {}, used) == 0
    assert rules.room({"day": None}, {"day": None}, used) is None


def test_spans_are_days_months_and_years_of_the_calendar() -> None:
    spans = rules.spans_of(date(2026, 12, 31))

    assert spans == {
        "day": (date(2026, 12, 31), date(2027, 1, 1)),
        "month": (date(2026, 12, 1), date(2027, 1, 1)),
        "year": (date(2026, 1, 1), date(2027, 1, 1)),
    }


# ── claims ──────────────────────────────────────────────────────────────────
def test_what_one_stated_and_another_confirmed_stands_in_the_ledger(world: World) -> None:
    passbook = world.passbook(world.cast.resident)
    claim = world.claim(passbook)
    before = balance(passbook)

    done = actions.confirm(actor=world.keeper, claim=claim)

    posted = Transfer.objects.get(pk=done.transfer_id)
    assert (before, balance(passbook), done.amount) == (0, 10, 10)
    assert (posted.made_by_id, posted.approved_by_id) == (world.cast.resident.pk, world.cast.keeper.pk)
    assert (posted.rule_version, posted.evidence) == ("1:bridge", f"points.Claim:{claim.pk}")
    assert Notice.objects.filter(person=world.cast.resident, kind="points").count() == 1


def test_nobody_confirms_his_own_nor_what_he_stated_nor_that_of_his_family(world: World) -> None:
    keeper = world.cast.keeper
    own = world.claim(world.passbook(keeper))
    stated = actions.state_claim(
        actor=world.keeper, passbook=world.passbook(), rule=world.rule("bridge"), done=Done("扶老人", clock.today(), 1)
    )
    home = Household.objects.create(place=world.home)
    kin = person("王家人", world.home, household=home)
    keeper.household = home
    keeper.save()
    ward = person("王家老人", world.home)
    Guardianship.objects.create(
        ward=ward, guardian=keeper, tie=Tie.ENTRUSTED, starts_at=START, confirmed_at=START, confirmed_by=keeper
    )
    of_kin, of_ward = world.claim(world.passbook(kin)), world.claim(world.passbook(ward))

    for claim in (own, stated, of_kin, of_ward):
        with pytest.raises(actions.NotForOneself):
            actions.confirm(actor=world.keeper, claim=claim)
        with pytest.raises(actions.NotForOneself):
            actions.refuse(actor=world.keeper, claim=claim, reason="不对")

    assert Claim.objects.filter(state=ClaimState.CONFIRMED).count() == 0


def test_the_database_refuses_who_rewards_himself_whatever_the_code_does(world: World) -> None:
    claim = world.confirmed(world.passbook())

    for who in (claim.person_id, claim.made_by_id):
        with pytest.raises(IntegrityError), transaction.atomic():
            Claim.objects.filter(pk=claim.pk).update(ended_by=who)
    for change in ({"amount": 0}, {"amount": None}, {"transfer_id": None}, {"quantity": 0}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Claim.objects.filter(pk=claim.pk).update(**change)


def test_the_rule_says_which_office_confirms(world: World) -> None:
    claim = world.claim(world.passbook(), "merit")

    with pytest.raises(Forbidden):
        actions.confirm(actor=world.second, claim=claim)
    assert actions.confirm(actor=world.office, claim=claim).amount == 50


def test_outsiders_and_those_who_only_look_confirm_nothing(world: World) -> None:
    claim = world.claim(world.passbook())

    for who in (world.outsider, world.inspector, world.auditor, actor(world.cast.li.person), ANONYMOUS):
        with pytest.raises(Forbidden):
            actions.confirm(actor=who, claim=claim)


def test_a_refusal_says_why_and_gives_nothing(world: World) -> None:
    passbook = world.passbook()
    claim = world.claim(passbook)
    with pytest.raises(actions.ReasonMissing):
        actions.refuse(actor=world.keeper, claim=claim, reason=" ")

    done = actions.refuse(actor=world.keeper, claim=claim, reason="照片看不清")

    assert (done.state, done.reason, balance(passbook)) == ("refused", "照片看不清", 0)
    with pytest.raises(actions.StepRefused):
        actions.confirm(actor=world.keeper, claim=claim)


def test_a_claim_is_confirmed_once(world: World) -> None:
    passbook = world.passbook()
    claim = world.confirmed(passbook)

    with pytest.raises(actions.StepRefused):
        actions.confirm(actor=world.office, claim=claim)
    assert balance(passbook) == 10


def test_it_is_taken_back_only_before_anybody_looked(world: World) -> None:
    passbook = world.passbook()
    first, second = world.claim(passbook), world.confirmed(passbook)
    owner = Actor(person_id=passbook.person_id)

    assert actions.withdraw(actor=owner, claim=first).state == "withdrawn"
    with pytest.raises(actions.StepRefused):
        actions.withdraw(actor=owner, claim=second)


@pytest.mark.parametrize(("ago", "why"), [(-1, actions.DayUnclear), (61, actions.DayUnclear), (30, actions.NoRules)])
def test_days_to_come_long_past_or_before_the_book_count_nothing(world: World, ago: int, why: type[Exception]) -> None:
    with pytest.raises(why):
        world.claim(world.passbook(), done_on=clock.today() - timedelta(days=ago))


def test_nobody_states_for_others(world: World) -> None:
    passbook = world.passbook()
    done = Done("扶老人", clock.today(), 1)

    for who in (world.outsider, actor(world.cast.he.person), world.auditor):
        with pytest.raises(Forbidden):
            actions.state_claim(actor=who, passbook=passbook, rule=world.rule("bridge"), done=done)


# ── caps ────────────────────────────────────────────────────────────────────
def test_caps_cut_what_is_booked_and_then_refuse(world: World) -> None:
    passbook = world.passbook()
    today = [world.confirmed(passbook).amount for _ in range(2)]

    with pytest.raises(actions.CapReached):
        world.confirmed(passbook)

    assert (today, balance(passbook)) == ([10, 10], 20)


def test_a_cap_leaves_a_part(world: World) -> None:
    passbook = world.passbook()
    for _ in range(4):
        world.confirmed(passbook, "talk")

    last = world.claim(passbook, "talk")
    with pytest.raises(actions.CapReached):
        actions.confirm(actor=world.keeper, claim=last)
    with clock.frozen(START + 29 * DAY):  # another month
        assert world.confirmed(passbook, "talk").amount == 5


def test_the_caps_of_the_book_hold_over_all_items(world: World) -> None:
    world.next_edition(ITEMS, after=HOUR, caps={"cap_day": 13})
    passbook = world.passbook()

    with clock.frozen(START + 2 * HOUR):
        amounts = [world.confirmed(passbook, code).amount for code in ("bridge", "talk")]

    assert amounts == [10, 3]


def test_a_year_is_a_year_of_what_was_done(world: World) -> None:
    passbook = world.passbook()
    for day in range(5):
        with clock.frozen(START + day * DAY):
            world.confirmed(passbook, done_on=clock.today())
            world.confirmed(passbook, done_on=clock.today())

    with clock.frozen(START + 6 * DAY), pytest.raises(actions.CapReached):
        world.confirmed(passbook)
    assert balance(passbook) == 100


# ── versions ────────────────────────────────────────────────────────────────
def test_a_claim_made_before_the_rules_changed_is_confirmed_by_those_of_its_day(world: World) -> None:
    passbook = world.passbook()
    claim = world.claim(passbook)
    changed = [{**one, "amount": one["amount"] * 3, "cap_day": None, "cap_year": None} for one in ITEMS]
    world.next_edition(changed, after=HOUR)

    with clock.frozen(START + 3 * DAY):
        done = actions.confirm(actor=world.keeper, claim=claim)
        later = world.confirmed(passbook)
        with pytest.raises(actions.OtherRules):
            old = claim.rule
            actions.state_claim(
                actor=world.keeper, passbook=passbook, rule=old, done=Done("新的一天", clock.today(), 1)
            )

    assert (done.amount, later.amount, balance(passbook)) == (10, 30, 40)


def test_an_item_that_was_dropped_is_still_confirmed_for_its_day(world: World) -> None:
    passbook = world.passbook()
    claim = world.claim(passbook)
    world.next_edition([one for one in ITEMS if one["code"] != "bridge"], after=HOUR)

    with clock.frozen(START + 3 * DAY):
        assert actions.confirm(actor=world.keeper, claim=claim).amount == 10


# ── service ─────────────────────────────────────────────────────────────────
def served(world: World, hours: float = 2, ago: float = 1, **more: Any) -> ServiceRecord:
    begin = START - timedelta(hours=ago)
    facts: dict[str, Any] = {
        "volunteer": world.cast.li,
        "place": world.home,
        "title": "周三助餐",
        "starts_at": begin,
        "ends_at": begin + timedelta(hours=hours),
        "minutes": int(hours * 60),
        "evidence": Evidence.A,
        "team": world.cast.team,
    }
    with clock.frozen(START + 5 * HOUR):
        record = volunteer_actions.submit_record(
            actor=actor(world.cast.wu.person), served=volunteer_actions.Served(**(facts | more))
        )
        return volunteer_actions.confirm(actor=world.keeper, record=record)


def earned(record: ServiceRecord) -> Claim | None:
    with clock.frozen(START + 6 * HOUR):
        return actions.earn_service(actor=SYSTEM, record_id=record.pk)


def test_confirmed_hours_become_points_by_the_two_who_stand_for_them(world: World) -> None:
    passbook = world.passbook(world.cast.li.person)
    record = served(world)

    first, again = earned(record), earned(record)

    assert first is not None and again is not None
    assert (first.pk, first.amount, balance(passbook)) == (again.pk, 12, 12)
    assert (first.made_by, first.ended_by) == (world.cast.wu.person, world.cast.keeper)


def test_who_wants_no_passbook_gets_none_and_loses_nothing(world: World) -> None:
    record = served(world)

    assert earned(record) is None
    assert not Passbook.objects.exists()
    assert record.state == "confirmed"


def test_hours_over_the_cap_stand_there_with_the_reason(world: World) -> None:
    passbook = world.passbook(world.cast.li.person)
    with clock.frozen(START + 5 * HOUR):
        earned(served(world, hours=5, ago=0))
    second = earned(served(world, hours=1, ago=1))

    assert second is None
    assert balance(passbook) == 30
    assert Claim.objects.get(state=ClaimState.REFUSED).reason


def test_corrected_hours_are_booked_anew_by_the_two_who_corrected_them(world: World) -> None:
    passbook = world.passbook(world.cast.li.person)
    record = served(world)
    earned(record)
    with clock.frozen(START + 7 * HOUR):
        record = volunteer_actions.correct(
            actor=world.second,
            record=record,
            starts_at=record.starts_at,
            ends_at=record.starts_at + HOUR,
            minutes=60,
            reason="只做了一小时",
        )
        record = volunteer_actions.accept(actor=world.keeper, record=record)
        again = actions.earn_service(actor=SYSTEM, record_id=record.pk)
        same = actions.earn_service(actor=SYSTEM, record_id=record.pk)

    assert again is not None and same is not None
    assert (again.amount, same.pk, balance(passbook)) == (6, again.pk, 6)
    states = Claim.objects.order_by("id").values_list("state", flat=True)
    assert list(states) == [ClaimState.REVERSED, ClaimState.CONFIRMED]


def test_hours_that_did_not_take_place_take_their_points_back_unless_they_are_spent(world: World) -> None:
    passbook = world.passbook(world.cast.li.person)
    record = served(world)
    earned(record)
    good = world.good(stock=5, points=12)
    with clock.frozen(START + 7 * HOUR):
        gift = world.gift(good, passbook)
        record = volunteer_actions.correct(
            actor=world.second,
            record=record,
            starts_at=record.starts_at,
            ends_at=record.ends_at,
            minutes=0,
            reason="没来",
        )
        record = volunteer_actions.accept(actor=world.keeper, record=record)
        actions.earn_service(actor=SYSTEM, record_id=record.pk)
        short = ledger_queries.balance(passbook.account_id)
        actions.cancel(actor=Actor(person_id=passbook.person_id), gift=gift)
        actions.earn_service(actor=SYSTEM, record_id=record.pk)

    assert (short, balance(passbook)) == (12, 0)


# ── the door for other rooms ────────────────────────────────────────────────
def test_learning_and_nominations_come_in_by_the_door_each_once(world: World) -> None:
    resident = world.cast.resident
    passbook = world.passbook(resident)
    deed = Deed("春季夜校", clock.today(), ("learning.Attendance", 7), minutes=90)
    two = {"maker_id": world.cast.keeper.pk, "checker_id": world.cast.office.pk}

    made = [actions.earn(actor=SYSTEM, person=resident, source="learning", deed=deed, **two) for _ in range(2)]
    other = Deed("好邻居", clock.today(), ("honours.Title", 3))
    actions.earn(actor=SYSTEM, person=resident, source="honour", deed=other, **two)

    assert made[0] == made[1]
    assert balance(passbook) == 55


def test_the_door_is_for_the_platform_and_for_two_people(world: World) -> None:
    resident, keeper = world.cast.resident, world.cast.keeper
    world.passbook(resident)
    deed = Deed("夜校", clock.today(), ("learning.Attendance", 7))

    with pytest.raises(Forbidden):
        actions.earn(
            actor=world.keeper, person=resident, source="learning", deed=deed, maker_id=1, checker_id=keeper.pk
        )
    for maker, checker in ((keeper.pk, keeper.pk), (resident.pk, keeper.pk), (keeper.pk, resident.pk)):
        with pytest.raises(actions.NotForOneself):
            actions.earn(
                actor=SYSTEM, person=resident, source="learning", deed=deed, maker_id=maker, checker_id=checker
            )


# ── passbooks ───────────────────────────────────────────────────────────────
def test_a_passbook_is_opened_by_ones_own_wish(world: World) -> None:
    resident = world.cast.resident

    first = world.passbook(resident)
    again = actions.open_passbook(actor=world.keeper, book=world.book, person=resident)

    assert (first.pk, first.state, len(first.number)) == (again.pk, BookletState.OPEN, 10)
    with pytest.raises(Forbidden):
        actions.open_passbook(actor=world.outsider, book=world.book, person=world.cast.he.person)
    with pytest.raises(Forbidden):
        actions.open_passbook(actor=actor(world.cast.li.person), book=world.book, person=world.cast.he.person)


def test_leaving_costs_nothing_and_one_may_come_back(world: World) -> None:
    passbook = world.passbook(world.cast.li.person, points=40)
    owner, good = actor(world.cast.li.person), world.good(stock=3)

    left = actions.leave(actor=owner, passbook=passbook)
    record = served(world)
    nothing = earned(record)
    used = world.gift(good, passbook)

    assert (left.state, nothing, record.state, used.points) == (BookletState.LEFT, None, "confirmed", 40)
    with pytest.raises(actions.NotOpen):
        world.claim(passbook)
    assert actions.rejoin(actor=owner, passbook=passbook).state == BookletState.OPEN
    assert earned(record) is not None


def test_only_its_owner_shows_it_leaves_it_and_takes_it_up_again(world: World) -> None:
    passbook = world.passbook()

    for who in (world.keeper, world.office, world.outsider, actor(world.cast.he.person)):
        for act in (
            lambda who: actions.leave(actor=who, passbook=passbook),
            lambda who: actions.share(actor=who, passbook=passbook, shares=True),
        ):
            with pytest.raises(Forbidden):
                act(who)


def test_a_frozen_passbook_exchanges_nothing_earns_on_and_opens_by_itself(world: World) -> None:
    passbook, good = world.passbook(points=80), world.good(stock=3)
    owner = Actor(person_id=passbook.person_id)
    gift = world.gift(good, passbook)
    with pytest.raises(actions.ReasonMissing):
        actions.freeze(actor=owner, passbook=passbook, reason="")
    actions.freeze(actor=world.keeper, passbook=passbook, reason="存折丢了，电话来说的")

    with pytest.raises(actions.NotOpen):
        world.gift(good, passbook)
    with pytest.raises(actions.NotOpen):
        actions.hand(actor=world.keeper, gift=gift)
    with pytest.raises(Forbidden):
        actions.unfreeze(actor=owner, passbook=passbook)
    assert world.confirmed(passbook).amount == 10

    early = actions.unfreeze(actor=SYSTEM, passbook=passbook)
    with clock.frozen(START + 16 * DAY):
        assert list(queries.over_now()["unfreeze"]) == [passbook.pk]
        opened = actions.unfreeze(actor=SYSTEM, passbook=passbook)
    assert (early.state, opened.state) == (BookletState.FROZEN, BookletState.OPEN)
