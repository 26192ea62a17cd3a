"""Two at the same moment on one account: exactly one spends the last unit, and sums stay true.

What waits here waits inside the database's own functions, so the second connection is held up by a third that keeps the
account locked until both stand before it. The controls take the lock away: a function that reads, then writes.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from conftest import url_for
from django.db import DatabaseError, connection

from huying.kernel import clock
from huying.ledger import actions, queries
from huying.ledger.models import Account, Hold, Transfer
from huying.ledger.queries.verifying import of_sums
from huying.ledger.tests.factories import CHECKER, START, SYSTEM, account, entry, give, key, person
from tests.concurrency.racing import all_at_once, refusals, waiting

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("committed_db")]
Work = Callable[[], Any]
TOMORROW = START + timedelta(days=1)


@pytest.fixture(autouse=True)
def morning(committed_db: None) -> Iterator[None]:
    with clock.frozen(START):
        yield


def together(*works: Work, behind: Account) -> list[Any]:
    """Let all of them come as far as the lock on ``behind``, then open the gate."""
    with psycopg.connect(url_for(connection.settings_dict["NAME"], "huying_app")) as gate:
        gate.execute("SELECT FROM ledger_account WHERE id = %s FOR UPDATE", [behind.pk])

        def open_when_all_wait() -> None:
            until = time.monotonic() + 20
            while waiting() < len(works) and time.monotonic() < until:
                time.sleep(0.01)
            met.append(waiting())
            gate.rollback()
            connection.close()

        met: list[int] = []
        opener = threading.Thread(target=open_when_all_wait)
        opener.start()
        results = all_at_once(*works)
        opener.join()
    assert met == [len(works)], "not all of them waited: the race did not happen"
    return results


def spend(one: Account, shop: Account, amount: int, **facts: Any) -> Work:
    wanted = entry(one, shop, amount, **facts)
    return lambda: actions.transfer(actor=person(), entry=wanted)


def post(one: Account, shop: Account, amount: int) -> Work:
    wanted = [entry(one, shop, amount), entry(shop, one, 1)]
    return lambda: actions.post(actor=person(), entries=wanted)


def set_aside(one: Account, shop: Account, amount: int) -> Work:
    wanted = entry(one, shop, amount)
    return lambda: actions.hold(actor=person(), entry=wanted, until=TOMORROW)


WAYS = {"one by one": spend, "in a batch": post, "set aside": set_aside}


@pytest.mark.parametrize("second", WAYS)
@pytest.mark.parametrize("first", WAYS)
def test_the_last_units_go_once(first: str, second: str) -> None:
    one, shop = account(10), account(5)

    results = together(WAYS[first](one, shop, 8), WAYS[second](one, shop, 8), behind=one)

    assert refusals(results) == ["NotEnough"]
    assert Account.objects.get(pk=one.pk).available in {2, 3}
    assert list(of_sums()) == []


def test_negative_control_without_a_lock_the_constraint_stops_the_second() -> None:
    """Both looked before either wrote: only the CHECK of the table stands between them and a debt."""
    one, both = account(10), threading.Barrier(2, timeout=10)
    owner_url = url_for(connection.settings_dict["NAME"], "huying_owner")

    def look_then_write() -> str:
        enough = queries.balance(one) >= 8
        both.wait()
        assert enough
        with psycopg.connect(owner_url) as owner:
            owner.execute("UPDATE ledger_account SET debits = debits + 8 WHERE id = %s", [one.pk])
        return "spent"

    results = all_at_once(look_then_write, look_then_write)

    assert sorted(type(one).__name__ for one in results) == ["CheckViolation", "str"]


def test_negative_control_without_lock_and_constraint_the_account_goes_below_nothing() -> None:
    one, both = account(10), threading.Barrier(2, timeout=10)
    owner_url = url_for(connection.settings_dict["NAME"], "huying_owner")
    rule = "CHECK (floor IS NULL OR floor <= credits - debits - held)"

    def look_then_write() -> str:
        enough = queries.balance(one) >= 8
        both.wait()
        assert enough
        with psycopg.connect(owner_url) as owner:
            owner.execute("UPDATE ledger_account SET debits = debits + 8 WHERE id = %s", [one.pk])
        return "spent"

    with psycopg.connect(owner_url, autocommit=True) as owner:
        owner.execute("ALTER TABLE ledger_account DROP CONSTRAINT ledger_account_above_floor")
        try:
            assert all_at_once(look_then_write, look_then_write) == ["spent", "spent"]
            assert queries.balance(one) == -6
        finally:
            owner.execute("UPDATE ledger_account SET debits = 0 WHERE id = %s", [one.pk])
            owner.execute(f"ALTER TABLE ledger_account ADD CONSTRAINT ledger_account_above_floor {rule}")


def test_the_same_key_from_two_connections_moves_once() -> None:
    one, shop, same = account(10), account(), key()

    results = together(spend(one, shop, 3, key=same), spend(one, shop, 3, key=same), behind=one)

    assert {made.pk for made in results} == {Transfer.objects.get(key=same).pk}
    assert queries.balance(one) == 7


def test_the_same_key_for_two_things_is_refused_to_the_second() -> None:
    one, shop, same = account(10), account(), key()

    results = together(spend(one, shop, 3, key=same), spend(one, shop, 4, key=same), behind=one)

    assert refusals(results) == ["KeyTaken"]
    assert queries.balance(one) in {6, 7}


def test_a_transfer_is_reversed_once_though_two_press() -> None:
    one, shop = account(10), account()
    made = actions.transfer(actor=person(), entry=entry(one, shop, 4))

    def reverse(n: int) -> Work:
        again = key()
        return lambda: actions.reverse(
            actor=person(n), transfer=made, reason="记错", key=again, approved_by=CHECKER + 50
        )

    results = together(reverse(1), reverse(2), behind=one)

    assert refusals(results) == ["AlreadyReversed"]
    assert queries.balance(one) == 10


def test_a_hold_ends_once_though_one_posts_and_one_voids() -> None:
    one, shop = account(10), account()
    held = actions.hold(actor=person(), entry=entry(one, shop, 4), until=TOMORROW)
    again = key()

    results = together_at_hold(
        held,
        lambda: actions.settle(actor=person(), hold=held, key=again),
        lambda: actions.void(actor=person(), hold=held, reason=""),
    )

    assert refusals(results) == ["HoldEnded"]
    assert (queries.balance(one), Account.objects.get(pk=one.pk).held) in {(6, 0), (10, 0)}
    assert list(of_sums()) == []


def together_at_hold(held: Hold, *works: Work) -> list[Any]:
    with psycopg.connect(url_for(connection.settings_dict["NAME"], "huying_app")) as gate:
        gate.execute("SELECT FROM ledger_hold WHERE id = %s FOR UPDATE", [held.pk])

        def open_when_all_wait() -> None:
            until = time.monotonic() + 20
            while waiting() < len(works) and time.monotonic() < until:
                time.sleep(0.01)
            gate.rollback()
            connection.close()

        opener = threading.Thread(target=open_when_all_wait)
        opener.start()
        results = all_at_once(*works)
        opener.join()
    return results


def test_expiry_and_spending_never_take_the_same_units() -> None:
    one, shop = account(), account()
    give(one, 10, expires_at=TOMORROW)

    with clock.frozen(TOMORROW):
        actions.expire_lots(actor=SYSTEM, account=account())  # the account of the expired is open
        results = together(lambda: actions.expire_lots(actor=SYSTEM, account=one), spend(one, shop, 8), behind=one)
        actions.expire_lots(actor=SYSTEM, account=one)

    spent = queries.balance(shop)
    assert spent in {0, 8}
    assert refusals(results) == ([] if spent else ["NotEnough"])
    assert queries.balance(one) == 0
    assert list(of_sums()) == []


def test_crossing_transfers_never_wait_in_a_circle() -> None:
    """A to B and B to A, again and again, one by one and in batches: no deadlock, nothing lost."""
    one, other = account(1000), account(1000)

    def crowd(giver: Account, taker: Account, batch: bool) -> Work:
        def work() -> int:
            for _ in range(25):
                if batch:
                    actions.post(actor=person(), entries=[entry(giver, taker, 1), entry(taker, giver, 1)])
                else:
                    actions.transfer(actor=person(), entry=entry(giver, taker, 1))
            return 25

        return work

    results = all_at_once(
        crowd(one, other, False), crowd(other, one, False), crowd(one, other, True), crowd(other, one, True)
    )

    assert [one for one in results if isinstance(one, DatabaseError)] == []
    assert results == [25] * 4
    assert queries.balance(one) + queries.balance(other) == 2000
    assert list(of_sums()) == []
