"""A million random operations, each answered by us and by a ledger of other people's making: no two answers differ.

The other one is beancount (a test-only package): its inventories hold what each account has and what is set aside; who
may give what is asked of them. HUYING_LEDGER_OPERATIONS sets another number, HUYING_LEDGER_SEED another course.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from beancount.core.amount import Amount
from beancount.core.inventory import Inventory

from huying.kernel import clock
from huying.kernel.errors import DomainError
from huying.ledger import actions
from huying.ledger.actions import Entry
from huying.ledger.models import Account, Hold, Transfer
from huying.ledger.queries.verifying import of_sums
from huying.ledger.tests.factories import CHECKER, MAKER, START, SYSTEM

OPERATIONS = int(os.environ.get("HUYING_LEDGER_OPERATIONS", "1000000"))
SEED = int(os.environ.get("HUYING_LEDGER_SEED", "20260302"))
BATCH, SINGLE, PEOPLE, MOST = 4000, 8, 150, 60
CURRENCIES = {"points": "POINTS", "minutes": "MINUTES"}
UNITS = {name: [Amount(Decimal(n), name) for n in range(MOST + 1)] for name in CURRENCIES.values()}
LESS = {name: [Amount(Decimal(-n), name) for n in range(MOST + 1)] for name in CURRENCIES.values()}


class Books:
    """What beancount says: one inventory for what an account may give, one for what is set aside."""

    def __init__(self, accounts: list[Account]) -> None:
        self.currency = {one.pk: CURRENCIES[one.asset.code] for one in accounts}
        self.issuing = {one.pk for one in accounts if one.issuing}
        self.free = {one.pk: Inventory() for one in accounts}
        self.held = {one.pk: Inventory() for one in accounts}
        self.keys: dict[str, Entry] = {}

    def units(self, books: dict[int, Inventory], account: int) -> int:
        return int(books[account].get_currency_units(self.currency[account]).number)

    def verdict(self, entry: Entry) -> str:
        """What must become of a new entry."""
        if entry.debit not in self.free or entry.credit not in self.free:
            return "AccountUnknown"
        if entry.debit == entry.credit:
            return "SameAccount"
        if self.currency[entry.debit] != self.currency[entry.credit]:
            return "AssetsDiffer"
        if entry.debit in self.issuing:
            return "" if entry.approved_by not in {None, entry.made_by} and entry.evidence else "TwoPeopleNeeded"
        return "" if entry.amount <= self.units(self.free, entry.debit) else "NotEnough"

    def post(self, entry: Entry) -> str:
        earlier = self.keys.get(entry.key)
        if earlier is not None:
            return "" if earlier == entry else "KeyTaken"
        told = self.verdict(entry)
        if not told:
            self.keys[entry.key] = entry
            self.move(entry.debit, entry.credit, entry.amount)
        return told

    def move(self, giver: int, taker: int, amount: int) -> None:
        name = self.currency[giver]
        self.free[giver].add_amount(LESS[name][amount])
        self.free[taker].add_amount(UNITS[name][amount])

    def set_aside(self, account: int, amount: int, back: bool = False) -> None:
        name = self.currency[account]
        self.free[account].add_amount((UNITS if back else LESS)[name][amount])
        self.held[account].add_amount((LESS if back else UNITS)[name][amount])


class Course:
    """Random entries: mostly good ones, and every way of being wrong."""

    def __init__(self, accounts: list[Account], chance: random.Random) -> None:
        self.chance, self.count = chance, 0
        self.people = {
            code: [one.pk for one in accounts if one.asset.code == code and not one.issuing] for code in CURRENCIES
        }
        self.issuers = {one.asset.code: one.pk for one in accounts if one.issuing}
        self.sent: list[Entry] = []

    def entry(self) -> Entry:
        pick = self.chance.random()
        if pick < 0.04 and self.sent:
            return self.sent[int(self.chance.random() * len(self.sent))]  # the same again
        self.count += 1
        code = "points" if pick < 0.6 else "minutes"
        people, number = self.people[code], len(self.people[code])
        giver, taker = people[int(self.chance.random() * number)], people[int(self.chance.random() * number)]
        amount, key, approved_by = 1 + int(self.chance.random() * MOST), f"course-{self.count}", None
        turn = self.chance.random()
        if turn < 0.08:
            giver, approved_by = self.issuers[code], CHECKER
        elif turn < 0.09:
            giver, approved_by = self.issuers[code], self.chance.choice([None, MAKER])
        elif turn < 0.10:
            taker = self.issuers[code]
        elif turn < 0.11:
            taker = self.people["minutes" if code == "points" else "points"][0]
        elif turn < 0.115:
            taker = 10**12
        elif turn < 0.125 and self.sent:
            key = self.sent[-1].key  # somebody else's key
        made = Entry(
            debit=giver,
            credit=taker,
            amount=amount,
            key=key,
            evidence="tests.Course:1",
            made_by=MAKER,
            approved_by=approved_by,
        )
        if turn > 0.97:
            self.sent.append(made)
        return made


class Beside:
    """Both ledgers, step by step."""

    def __init__(self) -> None:
        accounts = [
            actions.open_account(
                actor=SYSTEM, asset=code, owner_type="tests.Course", owner_id=n, floor=None if n == PEOPLE else 0
            )
            for code in CURRENCIES
            for n in range(PEOPLE + 1)
        ]
        self.chance = random.Random(SEED)
        self.books, self.course = Books(accounts), Course(accounts, self.chance)
        self.done, self.refused = 0, 0
        self.divergences: list[str] = []
        self.holds: list[Hold] = []
        self.last: list[Transfer] = []

    def batch(self, size: int) -> None:
        wanted = [self.course.entry() for _ in range(size)]
        expected = [self.books.post(one) for one in wanted]
        made = actions.post_each(actor=SYSTEM, entries=wanted)
        for entry, told, result in zip(wanted, expected, made, strict=True):
            said = type(result).__name__ if isinstance(result, DomainError) else ""
            if said != told:
                self.divergences.append(f"{entry}: {said or 'posted'} instead of {told or 'posted'}")
        self.done += size
        self.refused += sum(1 for told in expected if told)
        self.last = [one for one in made[-SINGLE:] if isinstance(one, Transfer)]

    def compare(self) -> None:
        """Every account, as both see it."""
        rows = Account.objects.filter(owner_type="tests.Course").values_list("pk", "credits", "debits", "held")
        for key, credits, debits, held in rows:
            ours = (credits - debits - held, held)
            theirs = (self.books.units(self.books.free, key), self.books.units(self.books.held, key))
            if ours != theirs:
                self.divergences.append(f"account {key}: {ours} here, {theirs} there")

    def single(self) -> None:
        """One operation on its own: set aside, post, give back, put right."""
        self.done += 1
        step = self.chance.randrange(4)
        if step == 0 or not self.holds:
            self.hold()
        elif step == 3 and self.last:
            self.reverse(self.last.pop())
        else:
            held = self.holds.pop(self.chance.randrange(len(self.holds)))
            self.books.set_aside(held.debit_account_id, held.amount, back=True)
            if step == 1:
                part = self.chance.randint(1, held.amount)
                actions.settle(actor=SYSTEM, hold=held, amount=part, key=f"settle-{held.pk}")
                self.books.move(held.debit_account_id, held.credit_account_id, part)
            else:
                actions.void(actor=SYSTEM, hold=held, reason="")

    def hold(self) -> None:
        people = self.course.people["points"]
        entry = Entry(
            debit=self.chance.choice(people),
            credit=self.chance.choice(people),
            amount=self.chance.randint(1, MOST),
            key=f"hold-{self.done}",
        )
        told = self.books.verdict(entry)
        said = self.answer(
            lambda: self.holds.append(actions.hold(actor=SYSTEM, entry=entry, until=START + timedelta(days=1)))
        )
        if said != told:
            self.divergences.append(f"hold {entry}: {said or 'held'} instead of {told or 'held'}")
        if not told:
            self.books.set_aside(entry.debit, entry.amount)

    def reverse(self, made: Transfer) -> None:
        giver, taker = made.credit_account_id, made.debit_account_id
        back = Entry(
            debit=giver, credit=taker, amount=made.amount, key="", evidence="x", made_by=MAKER, approved_by=CHECKER
        )
        told = self.books.verdict(back)
        if Transfer.objects.filter(reverses=made).exists():
            told = "AlreadyReversed"
        said = self.answer(
            lambda: actions.reverse(
                actor=SYSTEM,
                transfer=made,
                reason="",
                key=f"reverse-{self.done}",
                made_by=MAKER,
                approved_by=CHECKER,
            )
        )
        if said != told:
            self.divergences.append(f"reversal of {made}: {said or 'posted'} instead of {told or 'posted'}")
        if not told:
            self.books.move(giver, taker, made.amount)

    def answer(self, step: Callable[[], Any]) -> str:
        try:
            step()
        except DomainError as error:
            return type(error).__name__
        return ""


@pytest.mark.django_db(transaction=True)
@pytest.mark.timeout(1800)
def test_a_million_operations_are_answered_as_beancount_answers_them(
    committed_db: None, tally: Callable[..., None]
) -> None:
    with clock.frozen(START):
        both, begun = Beside(), time.perf_counter()
        while both.done < OPERATIONS and not both.divergences:
            both.batch(min(BATCH, OPERATIONS - both.done))
            for _ in range(SINGLE):
                both.single()
            both.compare()
        seconds = time.perf_counter() - begun

    assert both.divergences == []
    assert list(of_sums()) == []
    assert both.done >= OPERATIONS
    assert both.refused > both.done // 50
    tally("ledger beside beancount", operations=both.done, refused=both.refused, divergences=0, seconds=round(seconds))
