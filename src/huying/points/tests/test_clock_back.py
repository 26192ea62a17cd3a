"""The machine's clock is set back: nothing is given twice, no term is cut short, nothing ends sooner."""

from __future__ import annotations

from datetime import timedelta

import pytest

from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.kernel.errors import Forbidden
from huying.points import actions
from huying.points.models import Claim
from huying.points.states import ClaimState, GiftState, Outcome
from huying.points.tests.factories import START, World, balance, code_of
from huying.points.tests.test_disputes import appealed, owner, proposed, refused
from huying.points.tests.test_endings import END, end_now, warned

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
SYSTEM = Actor.system("tests")


def test_the_clock_set_back_gives_nothing_twice(world: World) -> None:
    passbook, good = world.passbook(points=100), world.good(stock=5)
    gift = world.gift(good, passbook)
    world.handed(gift)
    claim = world.claim(passbook)
    actions.confirm(actor=world.keeper, claim=claim)

    with clock.frozen(START - 10 * DAY):
        with pytest.raises(actions.StepRefused):
            world.handed(gift)
        with pytest.raises(actions.StepRefused):
            actions.confirm(actor=world.office, claim=claim)
        with pytest.raises((actions.DayUnclear, actions.NoRules)):
            done = actions.Done("还没有到的一天", clock.today() + 10 * DAY, 1)
            actions.state_claim(actor=world.keeper, passbook=passbook, rule=claim.rule, done=done)

    assert balance(passbook) == 70


def test_a_code_that_lapsed_is_good_no_more_when_the_clock_goes_back(world: World) -> None:
    passbook, good = world.passbook(points=100), world.good(stock=5)
    gift = world.gift(good, passbook)
    with clock.frozen(START + 15 * DAY):
        with pytest.raises(actions.CodeWrong):
            actions.hand_over(actor=world.keeper, bank=good.bank, code=code_of(gift))
        assert actions.lapse(actor=SYSTEM, gift=gift).state == GiftState.LAPSED

    with clock.frozen(START + 5 * DAY):
        with pytest.raises(actions.CodeWrong):
            actions.hand_over(actor=world.keeper, bank=good.bank, code=code_of(gift))
        with pytest.raises(actions.StepRefused):
            world.handed(gift)

    assert balance(passbook) == 100


def test_the_most_of_a_month_is_not_got_again_by_going_back(world: World) -> None:
    passbook, good = world.passbook(points=400), world.good(stock=9, month_most=1)
    world.gift(good, passbook)

    for back in (DAY, 10 * DAY, 40 * DAY):  # the second, of February, and of January
        with clock.frozen(START - back), pytest.raises(actions.MonthMost):
            world.gift(good, passbook)


def test_no_term_of_a_reversal_is_cut_short_and_it_is_carried_once(world: World) -> None:
    passbook = world.passbook()
    row = proposed(world, world.confirmed(passbook))

    with clock.frozen(START + 14 * DAY), pytest.raises(actions.TooEarly):
        actions.carry_reversal(actor=world.second, reversal=row)
    with clock.frozen(START - 30 * DAY), pytest.raises(actions.TooEarly):
        actions.carry_reversal(actor=world.second, reversal=row)
    with clock.frozen(START + 16 * DAY):
        actions.carry_reversal(actor=world.second, reversal=row)
    with clock.frozen(START - DAY), pytest.raises(actions.StepRefused):
        actions.carry_reversal(actor=world.second, reversal=row)

    assert (balance(passbook), Claim.objects.get().state) == (0, ClaimState.REVERSED)


def test_no_term_of_an_appeal_is_cut_short(world: World) -> None:
    case = appealed(refused(world))
    actions.mark_appeal(actor=world.second, appeal=case)
    actions.decide_appeal(actor=world.second, appeal=case, outcome=Outcome.KEPT, reason="没有人")

    with clock.frozen(START - 30 * DAY):
        with pytest.raises(Forbidden):  # the clock does not close it
            actions.accept_appeal(actor=SYSTEM, appeal=case)
        assert not actions.raise_appeal(actor=SYSTEM, appeal=case)
        assert actions.appeal_again(actor=owner(case.passbook), appeal=case, words="再看看").state == "again"


def test_points_that_ended_come_back_by_no_clock_and_others_do_not_end_sooner(world: World) -> None:
    gone, kept = warned(world), warned(world)
    with clock.frozen(END - DAY):
        end_now()
        assert (balance(gone), balance(kept)) == (40, 40)
    with clock.frozen(END):
        end_now()
    with clock.frozen(START):
        end_now()
        assert actions.warn_expiry(actor=SYSTEM, passbook=gone) == 0

    assert (balance(gone), balance(kept)) == (0, 0)
