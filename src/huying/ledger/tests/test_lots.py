"""Units that expire: oldest spent first, what is left goes, never what is held, never twice."""

from __future__ import annotations

from datetime import timedelta

import pytest

from huying.kernel import clock
from huying.ledger import actions, queries, tasks
from huying.ledger.models import Account, Lot, Transfer
from huying.ledger.rules.lots import Came, leftovers
from huying.ledger.tests.factories import CHECKER, START, SYSTEM, account, entry, give, key, person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("morning")]
DAY = timedelta(days=1)


def at(days: int) -> object:
    return clock.frozen(START + days * DAY)


def lot(to: Account, amount: int, days: int) -> Transfer:
    return give(to, amount, expires_at=START + days * DAY)


def expire(one: Account) -> list[int]:
    return [made.amount for made in actions.expire_lots(actor=SYSTEM, account=one)]


def bin_of() -> int:
    found = queries.account_of("ledger", 0, "points", "expired")
    return queries.balance(found) if found else 0


def test_the_oldest_units_are_spent_first() -> None:
    came = [Came(1, 10), Came(2, 5, gone=2), Came(3, 7)]

    assert leftovers(came, 0) == {1: 10, 2: 3, 3: 7}
    assert leftovers(came, 11) == {1: 0, 2: 2, 3: 7}
    assert leftovers(came, 20) == {1: 0, 2: 0, 3: 0}


def test_what_was_not_used_in_time_goes_to_the_expired() -> None:
    one, shop = account(), account()
    lot(one, 10, 30)
    lot(one, 5, 60)
    actions.transfer(actor=person(), entry=entry(one, shop, 4))

    with at(29):
        assert expire(one) == []
    with at(30):
        assert expire(one) == [6]
        assert expire(one) == []

    assert (queries.balance(one), queries.balance(shop), bin_of()) == (5, 4, 6)
    assert list(Lot.objects.order_by("id").values_list("gone", "closed_at")) == [(6, START + 30 * DAY), (0, None)]


def test_a_younger_lot_that_expires_first_goes_without_touching_the_older() -> None:
    one, shop = account(), account()
    lot(one, 10, 90)
    lot(one, 5, 30)
    actions.transfer(actor=person(), entry=entry(one, shop, 4))

    with at(31):
        assert expire(one) == [5]
        actions.transfer(actor=person(), entry=entry(one, shop, 6))
    with at(91):
        assert expire(one) == []

    assert (queries.balance(one), bin_of()) == (0, 5)
    assert Lot.objects.filter(closed_at=None).count() == 0


def test_units_without_a_last_day_are_spent_in_their_turn_and_never_expire() -> None:
    one, shop = account(), account()
    lot(one, 3, 30)
    give(one, 10)
    lot(one, 4, 30)
    actions.transfer(actor=person(), entry=entry(one, shop, 5))

    with at(31):
        assert expire(one) == [4]

    assert queries.balance(one) == 8


def test_what_is_held_does_not_expire_until_it_comes_back() -> None:
    one, shop = account(), account()
    lot(one, 10, 30)
    held = actions.hold(actor=person(), entry=entry(one, shop, 7), until=START + 40 * DAY)

    with at(31):
        assert expire(one) == [3]
        assert (queries.lots_left(one.pk, START + 99 * DAY)[0].held, Account.objects.get(pk=one.pk).held) == (7, 7)
        actions.void(actor=person(), hold=held, reason="不换了")
        assert expire(one) == [7]

    assert (queries.balance(one), bin_of(), Lot.objects.get().closed_at) == (0, 10, START + 31 * DAY)


def test_what_was_held_and_then_posted_is_spent() -> None:
    one, shop = account(), account()
    lot(one, 10, 30)
    held = actions.hold(actor=person(), entry=entry(one, shop, 7), until=START + 40 * DAY)
    actions.settle(actor=person(), hold=held, key=key())

    with at(31):
        assert expire(one) == [3]

    assert (queries.balance(one), queries.balance(shop), bin_of()) == (0, 7, 3)


def test_a_reversed_lot_neither_expires_nor_counts_as_spending() -> None:
    one, shop = account(), account()
    lot(one, 10, 30)
    wrong = lot(one, 8, 30)
    actions.reverse(actor=person(), transfer=wrong, reason="记错", key=key(), approved_by=CHECKER)
    actions.transfer(actor=person(), entry=entry(one, shop, 4))

    with at(31):
        assert expire(one) == [6]

    assert queries.balance(one) == 0


def test_what_is_given_back_by_reversal_does_not_expire() -> None:
    one, shop = account(), account()
    lot(one, 10, 30)
    spent = actions.transfer(actor=person(), entry=entry(one, shop, 4))
    with at(31):
        assert expire(one) == [6]
        actions.reverse(actor=person(), transfer=spent, reason="缺货", key=key(), approved_by=CHECKER)
        assert expire(one) == []

    assert queries.balance(one) == 4


def test_each_night_a_job_is_queued_for_each_account_with_expired_lots() -> None:
    from procrastinate.contrib.django.models import ProcrastinateJob

    one = account()
    lot(one, 10, 30)
    with at(31):
        tasks.expire.func.__wrapped__()
        tasks.expire.func.__wrapped__()
        tasks.expire_lots.func.__wrapped__(one.pk)
        assert list(queries.accounts_expiring()) == []

    assert ProcrastinateJob.objects.filter(task_name="ledger.expire_lots").count() == 1
    assert bin_of() == 10
