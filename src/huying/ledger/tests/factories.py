"""Accounts and entries for tests: an issuer, and people who have something."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import count
from typing import Any

from huying.kernel.actor import Actor
from huying.ledger import actions
from huying.ledger.actions import Entry
from huying.ledger.models import Account, Transfer

START = datetime(2026, 3, 2, 1, tzinfo=UTC)
SYSTEM = Actor.system("ledger.test")
MAKER, CHECKER = 101, 102
_numbers = count(1)


def person(person_id: int = MAKER, *roles: tuple[str, str]) -> Actor:
    return Actor(person_id=person_id, roles=roles)


def key(word: str = "test") -> str:
    return f"{word}-{next(_numbers)}"


def account(amount: int = 0, *, asset: str = "points", purpose: str = "main", **facts: Any) -> Account:
    """An account of somebody new, with ``amount`` on it."""
    opened = actions.open_account(
        actor=SYSTEM, asset=asset, owner_type="tests.Owner", owner_id=next(_numbers), purpose=purpose, **facts
    )
    if amount:
        give(opened, amount)
    return opened


def issuer(asset: str = "points") -> Account:
    return actions.open_account(actor=SYSTEM, asset=asset, owner_type="ledger", owner_id=0, purpose="issue", floor=None)


def give(to: Account, amount: int, **facts: Any) -> Transfer:
    """Issued by two people, with evidence."""
    entry = Entry(
        debit=issuer(to.asset.code).pk,
        credit=to.pk,
        amount=amount,
        key=key("give"),
        evidence="tests.Record:1",
        made_by=MAKER,
        approved_by=CHECKER,
        **facts,
    )
    return actions.transfer(actor=SYSTEM, entry=entry)


def entry(debit: Account, credit: Account, amount: int, **facts: Any) -> Entry:
    return Entry(debit=debit.pk, credit=credit.pk, amount=amount, **{"key": key(), **facts})
