"""Any sequence of steps against a plain model in Python: same answers, same balances, and nothing else moves.

HUYING_LEDGER_STEPS sets how many steps all examples together may take (a whole run: 20,000, security G1).
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, Phase, settings, strategies
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from huying.kernel import clock
from huying.kernel.errors import DomainError
from huying.ledger import actions
from huying.ledger.actions import Entry
from huying.ledger.models import Account, Hold, Lot, Transfer
from huying.ledger.queries import lots
from huying.ledger.queries.verifying import of_sums
from huying.ledger.rules.lots import leftovers
from huying.ledger.tests.factories import CHECKER, MAKER, START, SYSTEM, person

STEPS = int(os.environ.get("HUYING_LEDGER_STEPS", "1500"))
DEEP = 50
OWNERS = 4
AMOUNTS = strategies.integers(min_value=1, max_value=40)
WHO = strategies.integers(min_value=0, max_value=OWNERS)  # the last one issues
HOURS = strategies.integers(min_value=1, max_value=200)


@dataclass
class Came:
    """Units as they came: when they expire, and how many are still there."""

    units: int
    expires_at: datetime | None = None


@dataclass
class Purse:
    """One account in the plain model: units in the order in which they came, and what is set aside."""

    issuing: bool = False
    given: int = 0
    came: list[Came] = field(default_factory=list)
    held: int = 0
    spent: int = 0

    @property
    def balance(self) -> int:
        return sum(one.units for one in self.came) - self.spent

    @property
    def free(self) -> int:
        return self.balance - self.held

    def take(self, amount: int) -> None:
        """Spending empties the oldest first; an issuing account only counts what it gave."""
        if self.issuing:
            self.spent += amount
            return
        for one in self.came:
            part = min(one.units, amount)
            one.units -= part
            amount -= part
        assert amount == 0

    def lapse(self, now: datetime) -> int:
        """What is left of expired units goes, but for those that are held: the oldest are held first."""
        gone, held = 0, self.held
        for one in self.came:
            kept = min(one.units, held)
            held -= kept
            if one.expires_at is not None and one.expires_at <= now:
                gone += one.units - kept
                one.units = kept
        return gone


def refused(step: Callable[[], Any]) -> str:
    """The name of the error; empty when the step went through."""
    try:
        step()
    except DomainError as error:
        return type(error).__name__
    return ""


class Ledgers(RuleBasedStateMachine):
    """The database beside the model; each example in a transaction that is taken back."""

    transfers = Bundle("transfers")
    holds = Bundle("holds")

    def __init__(self) -> None:
        super().__init__()
        self.outer = transaction.atomic()
        self.outer.__enter__()
        self.now, self.count = START, 0
        self.frozen = clock.frozen(lambda: self.now)
        self.frozen.__enter__()

    def teardown(self) -> None:
        self.frozen.__exit__(None, None, None)
        transaction.set_rollback(True)
        self.outer.__exit__(None, None, None)

    def key(self) -> str:
        self.count += 1
        return f"machine-{self.count}"

    @initialize()
    def begin(self) -> None:
        facts = {"actor": SYSTEM, "asset": "points", "owner_type": "tests.Machine"}
        self.accounts = [actions.open_account(owner_id=n, **facts) for n in range(OWNERS)]
        self.accounts.append(actions.open_account(owner_id=OWNERS, floor=None, **facts))
        self.bin = actions.open_account(
            actor=SYSTEM, asset="points", owner_type="ledger", owner_id=0, purpose="expired"
        )
        self.purses = [*(Purse() for _ in range(OWNERS)), Purse(issuing=True)]
        self.bin_purse = Purse()
        for who in range(OWNERS):
            for amount, hours in ((7, 40), (11, None), (13, 20), (5, 60)):
                expires_at = START + timedelta(hours=hours) if hours else None
                actions.transfer(actor=person(), entry=self.entry(OWNERS, who, amount, expires_at=expires_at))
                self.move(OWNERS, who, amount, expires_at)

    def entry(self, giver: int, taker: int, amount: int, **facts: Any) -> Entry:
        return Entry(
            debit=self.accounts[giver].pk,
            credit=self.accounts[taker].pk,
            amount=amount,
            **{"key": self.key(), "evidence": "tests.Machine:1", "approved_by": CHECKER, **facts},
        )

    def expected(self, giver: int, taker: int, amount: int) -> str:
        if giver == taker:
            return "SameAccount"
        purse = self.purses[giver]
        return "" if purse.issuing or amount <= purse.free else "NotEnough"

    def move(self, giver: int, taker: int, amount: int, expires_at: datetime | None = None) -> None:
        self.purses[giver].take(amount)
        self.purses[taker].came.append(Came(amount, expires_at))

    @rule(target=transfers, giver=WHO, taker=WHO, amount=AMOUNTS, hours=strategies.none() | HOURS)
    def transfer(self, giver: int, taker: int, amount: int, hours: int | None) -> Any:
        expires_at = self.now + timedelta(hours=hours) if hours else None
        wanted = self.entry(giver, taker, amount, expires_at=expires_at)

        assert refused(lambda: actions.transfer(actor=person(), entry=wanted)) == self.expected(giver, taker, amount)
        if self.expected(giver, taker, amount):
            return None
        self.move(giver, taker, amount, expires_at)
        return wanted

    @rule(wanted=transfers, other=strategies.booleans())
    def repeat(self, wanted: Entry | None, other: bool) -> None:
        if wanted is None:
            return
        again = Entry(**{**{n: getattr(wanted, n) for n in Entry.__slots__}, "reason": "别的" if other else ""})

        assert refused(lambda: actions.transfer(actor=person(), entry=again)) == ("KeyTaken" if other else "")

    @rule(
        legs=strategies.lists(strategies.tuples(WHO, WHO, AMOUNTS), min_size=1, max_size=6), whole=strategies.booleans()
    )
    def batch(self, legs: list[tuple[int, int, int]], whole: bool) -> None:
        wanted = [self.entry(*leg) for leg in legs]
        copies = [(Purse(one.issuing, came=[Came(one.free)]), one) for one in self.purses]
        expected = []
        for giver, taker, amount in legs:
            purse = copies[giver][0]
            verdict = "SameAccount" if giver == taker else ""
            if not verdict and not purse.issuing and purse.balance < amount:
                verdict = "NotEnough"
            if not verdict:
                purse.take(amount)
                copies[taker][0].came.append(Came(amount))
            expected.append(verdict)
        first = next((verdict for verdict in expected if verdict), "")
        if whole:
            assert refused(lambda: actions.post(actor=person(), entries=wanted)) == first
            if first:
                return
        else:
            made = actions.post_each(actor=person(), entries=wanted)
            assert [type(one).__name__ if isinstance(one, DomainError) else "" for one in made] == expected
        for leg, verdict in zip(legs, expected, strict=True):
            if not verdict:
                self.move(*leg)

    @rule(target=holds, giver=strategies.integers(0, OWNERS - 1), taker=WHO, amount=AMOUNTS, hours=HOURS)
    def hold(self, giver: int, taker: int, amount: int, hours: int) -> Any:
        wanted, until = self.entry(giver, taker, amount), self.now + timedelta(hours=hours)
        expected = self.expected(giver, taker, amount)

        assert refused(lambda: actions.hold(actor=person(), entry=wanted, until=until)) == expected
        if expected:
            return None
        self.purses[giver].held += amount
        return giver, taker, amount, Hold.objects.get(key=wanted.key)

    @rule(held=consumes(holds), part=strategies.integers(1, 50))
    def settle(self, held: Any, part: int) -> None:
        if held is None:
            return
        giver, taker, amount, row = held
        expected = "HoldEnded" if row.until <= self.now else "MoreThanHeld" if part > amount else ""

        step = lambda: actions.settle(actor=person(), hold=row, amount=part, key=self.key())  # noqa: E731
        assert refused(step) == expected
        if expected:
            actions.void(actor=person(), hold=row, reason="")
        self.purses[giver].held -= amount
        if not expected:
            self.move(giver, taker, part)

    @rule(held=consumes(holds), by_clock=strategies.booleans())
    def void(self, held: Any, by_clock: bool) -> None:
        if held is None:
            return
        giver, _taker, amount, row = held
        if by_clock:
            actions.void_overdue(actor=SYSTEM, hold=row)
            if row.until > self.now:
                actions.void(actor=SYSTEM, hold=row, reason="")
        else:
            actions.void(actor=person(), hold=row, reason="")
        self.purses[giver].held -= amount

    @rule(hours=HOURS)
    def wait(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    @rule(who=strategies.integers(0, OWNERS - 1))
    def expire(self, who: int) -> None:
        made = actions.expire_lots(actor=SYSTEM, account=self.accounts[who])
        gone = self.purses[who].lapse(self.now)
        self.bin_purse.came.append(Came(gone))

        assert sum(one.amount for one in made) == gone
        assert actions.expire_lots(actor=SYSTEM, account=self.accounts[who]) == []

    @invariant()
    def same(self) -> None:
        if not hasattr(self, "accounts"):
            return
        rows = {one.pk: one for one in Account.objects.filter(pk__in=[*(one.pk for one in self.accounts), self.bin.pk])}
        for account, purse in zip([*self.accounts, self.bin], [*self.purses, self.bin_purse], strict=True):
            found = rows[account.pk]
            assert (found.balance, found.held) == (purse.balance, purse.held)
            assert found.issuing or found.available >= 0
        assert sum(one.balance for one in rows.values()) == 0
        assert list(of_sums()) == []
        assert all(lot.gone <= lot.amount for lot in Lot.objects.all())


@pytest.mark.django_db
def test_any_sequence_of_steps_agrees_with_the_plain_model(tally: Callable[..., None]) -> None:
    steps = 0
    same = Ledgers.same

    class Counted(Ledgers):
        @invariant()
        def counted(self) -> None:
            nonlocal steps
            steps += 1

    run_state_machine_as_test(
        Counted,
        settings=settings(
            max_examples=max(STEPS // DEEP, 1),
            stateful_step_count=DEEP,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )

    assert same is Ledgers.same
    assert not connection.needs_rollback
    assert Transfer.objects.count() == 0
    tally("ledger", hypothesis_steps=steps)
    assert MAKER != CHECKER


@pytest.mark.django_db
def test_negative_control_a_ledger_that_spends_the_youngest_first_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    def backwards(came: Any, used: int) -> dict[int, int]:
        return leftovers(list(reversed(list(came))), used)

    monkeypatch.setattr(lots, "leftovers", backwards)
    with pytest.raises(AssertionError):
        run_state_machine_as_test(
            Ledgers,
            settings=settings(
                max_examples=100,
                stateful_step_count=DEEP,
                deadline=None,
                database=None,
                derandomize=True,
                phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
            ),
        )
