"""Holds: set aside, posted in full or in part, given back by somebody or by the clock."""

from __future__ import annotations

from datetime import timedelta

import pytest

from huying.kernel import clock
from huying.kernel.errors import NotFound
from huying.ledger import actions, queries, tasks
from huying.ledger.models import Account, Hold
from huying.ledger.states import HoldState
from huying.ledger.tests.factories import CHECKER, MAKER, START, SYSTEM, account, entry, issuer, key, person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("morning")]
TOMORROW = START + timedelta(days=1)


def stands(one: Account) -> tuple[int, int, int]:
    """Balance, held, available."""
    now = Account.objects.get(pk=one.pk)
    return now.balance, now.held, now.available


def test_what_is_held_is_still_mine_but_cannot_be_given_away() -> None:
    one, shop = account(10), account()

    actions.hold(actor=person(), entry=entry(one, shop, 8), until=TOMORROW)

    assert (stands(one), stands(shop)) == ((10, 8, 2), (0, 0, 0))
    with pytest.raises(actions.NotEnough):
        actions.transfer(actor=person(), entry=entry(one, shop, 3))
    with pytest.raises(actions.NotEnough):
        actions.hold(actor=person(), entry=entry(one, shop, 3), until=TOMORROW)


@pytest.mark.parametrize(("amount", "left"), [(None, 2), (8, 2), (5, 5)])
def test_a_hold_is_posted_in_full_or_in_part(amount: int | None, left: int) -> None:
    one, shop = account(10), account()
    held = actions.hold(actor=person(), entry=entry(one, shop, 8, reason="换购"), until=TOMORROW)

    made = actions.settle(actor=person(CHECKER), hold=held, amount=amount, key=key())

    assert stands(one) == (left, 0, left)
    assert (made.made_by_id, made.approved_by_id, made.reason) == (MAKER, CHECKER, "换购")
    assert Hold.objects.get(pk=held.pk).state == HoldState.POSTED


def test_settling_twice_with_one_key_posts_once_and_with_another_is_refused() -> None:
    one, shop = account(10), account()
    held, again = actions.hold(actor=person(), entry=entry(one, shop, 8), until=TOMORROW), key()

    first = actions.settle(actor=person(), hold=held, key=again)

    assert actions.settle(actor=person(), hold=held, key=again).pk == first.pk
    with pytest.raises(actions.KeyTaken):
        actions.settle(actor=person(), hold=held, amount=3, key=again)
    with pytest.raises(actions.HoldEnded):
        actions.settle(actor=person(), hold=held, key=key())
    with pytest.raises(actions.HoldEnded):
        actions.void(actor=person(), hold=held, reason="晚了")
    assert stands(one) == (2, 0, 2)


def test_a_void_gives_everything_back_once() -> None:
    one, shop = account(10), account()
    held = actions.hold(actor=person(), entry=entry(one, shop, 8), until=TOMORROW)

    for _twice in range(2):
        actions.void(actor=person(), hold=held, reason="不换了")

    assert stands(one) == (10, 0, 10)
    with pytest.raises(actions.HoldEnded):
        actions.settle(actor=person(), hold=held, key=key())


def test_no_more_is_posted_than_was_held_and_nothing_less_than_one() -> None:
    held = actions.hold(actor=person(), entry=entry(account(10), account(), 8), until=TOMORROW)

    with pytest.raises(actions.MoreThanHeld):
        actions.settle(actor=person(), hold=held, amount=9, key=key())
    with pytest.raises(actions.AmountOdd):
        actions.settle(actor=person(), hold=held, amount=0, key=key())


def test_the_same_key_holds_once() -> None:
    one, shop = account(10), account()
    wanted = entry(one, shop, 4)

    first = actions.hold(actor=person(), entry=wanted, until=TOMORROW)

    assert actions.hold(actor=person(), entry=wanted, until=TOMORROW).pk == first.pk
    with pytest.raises(actions.KeyTaken):
        actions.hold(actor=person(), entry=entry(one, shop, 5, key=wanted.key), until=TOMORROW)
    with pytest.raises(actions.KeyTaken):
        actions.hold(actor=person(), entry=wanted, until=TOMORROW + timedelta(days=1))
    assert stands(one) == (10, 4, 6)


def test_a_key_of_another_transfer_does_not_settle() -> None:
    one, shop = account(10), account()
    used = actions.transfer(actor=person(), entry=entry(one, shop, 1))
    held = actions.hold(actor=person(), entry=entry(one, shop, 4), until=TOMORROW)

    with pytest.raises(actions.KeyTaken):
        actions.settle(actor=person(), hold=held, key=used.key)


def test_a_hold_needs_a_time_to_come() -> None:
    with pytest.raises(actions.UntilPast):
        actions.hold(actor=person(), entry=entry(account(10), account(), 8), until=START)


def test_the_clock_gives_back_what_nobody_ended() -> None:
    one, shop = account(10), account()
    late = actions.hold(actor=person(), entry=entry(one, shop, 4), until=START + timedelta(hours=1))
    early = actions.hold(actor=person(), entry=entry(one, shop, 3), until=TOMORROW)

    with clock.frozen(START + timedelta(hours=1)):
        assert list(queries.overdue_holds()) == [late]
        with pytest.raises(actions.HoldEnded):
            actions.settle(actor=person(), hold=late, key=key())
        for held in (late, late, early):
            actions.void_overdue(actor=SYSTEM, hold=held)
        assert list(queries.overdue_holds()) == []

    assert stands(one) == (10, 3, 7)
    assert [Hold.objects.get(pk=one.pk).state for one in (late, early)] == ["voided", "pending"]


def test_each_minute_a_job_is_queued_for_a_hold_that_is_over() -> None:
    from procrastinate.contrib.django.models import ProcrastinateJob

    held = actions.hold(actor=person(), entry=entry(account(10), account(), 4), until=START + timedelta(hours=1))

    with clock.frozen(TOMORROW):
        tasks.tick.func.__wrapped__()
        tasks.tick.func.__wrapped__()
        tasks.void_overdue.func.__wrapped__(held.pk)

    assert ProcrastinateJob.objects.filter(task_name="ledger.void_overdue").count() == 1
    assert Hold.objects.get(pk=held.pk).end_reason == "冻结到期，自动解冻"
    with pytest.raises(NotFound):
        queries.hold(10**9)


def test_a_hold_on_an_issuing_account_takes_two_people_to_settle() -> None:
    to = account()
    held = actions.hold(actor=person(), entry=entry(issuer(), to, 60, evidence="tests.Record:1"), until=TOMORROW)

    with pytest.raises(actions.TwoPeopleNeeded):
        actions.settle(actor=person(), hold=held, key=key())
    with pytest.raises(actions.TwoPeopleNeeded):
        actions.settle(actor=SYSTEM, hold=held, key=key())
    made = actions.settle(actor=person(CHECKER), hold=held, key=key())

    assert (made.made_by_id, made.approved_by_id, stands(to)) == (MAKER, CHECKER, (60, 0, 60))
