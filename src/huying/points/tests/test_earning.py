"""Earning: stated by one, confirmed by another, cut to the caps, under the rules of the day on which it was done."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from huying.kernel import clock
from huying.kernel.actor import ANONYMOUS, Actor
from huying.kernel.errors import Forbidden
from huying.ledger.models import Transfer
from huying.people.models import Guardianship, Household, Notice
from huying.people.states import Tie
from huying.points import actions, rules
from huying.points.actions import Done
from huying.points.models import Claim
from huying.points.rules import Used
from huying.points.states import ClaimState, Measure
from huying.points.tests.factories import ITEMS, World, actor, balance
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


def test_service_is_not_stated_for_it_comes_in_by_itself(world: World) -> None:
    with pytest.raises(actions.ByItself):
        world.claim(world.passbook(), "service", 60)


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

    with clock.frozen(START + DAY):
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
        late = world.confirmed(passbook, done_on=START.date())  # done that day, stated under the list of today

    assert (done.amount, later.amount, late.amount, balance(passbook)) == (10, 30, 10, 50)
    assert late.rule.edition_id == claim.rule.edition_id


def test_a_new_book_of_rules_counts_from_the_next_day_on(world: World) -> None:
    passbook = world.passbook()
    world.next_edition([{**one, "amount": 1} for one in ITEMS], after=HOUR)

    with clock.frozen(START + 2 * HOUR):
        assert world.confirmed(passbook).amount == 10
    with clock.frozen(START + DAY):
        assert world.confirmed(passbook).amount == 1


def test_an_item_that_was_dropped_is_still_confirmed_for_its_day(world: World) -> None:
    passbook = world.passbook()
    claim = world.claim(passbook)
    world.next_edition([one for one in ITEMS if one["code"] != "bridge"], after=HOUR)

    with clock.frozen(START + 3 * DAY):
        assert actions.confirm(actor=world.keeper, claim=claim).amount == 10
