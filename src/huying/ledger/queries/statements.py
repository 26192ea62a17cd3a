"""Statements: what was on the account, each line, what was on it afterwards. By the moment of recording.

A past statement never changes: a line that was entered late stands where it was recorded, and shows when it happened.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from huying.kernel import signing
from huying.kernel.paging import CursorUnknown
from huying.ledger.models import Account, Transfer
from huying.ledger.queries.balances import balance, sealed_before

PAGE = 50
CHUNK = 2000
PURPOSE = "ledger.statement"


@dataclass(frozen=True, slots=True)
class Line:
    """One transfer as the account sees it: ``amount`` positive for what came, negative for what went."""

    transfer: Transfer
    amount: int
    balance: int

    @property
    def other_id(self) -> int:
        """The account on the other side."""
        return self.transfer.debit_account_id if self.amount > 0 else self.transfer.credit_account_id


@dataclass(frozen=True, slots=True)
class Statement:
    """``opening`` before ``since``, ``closing`` after everything before ``until``; one page of lines, oldest first."""

    account: Account
    since: datetime
    until: datetime
    opening: int
    closing: int
    lines: list[Line]
    next: str | None


def side(account_id: int, name: str, since: datetime, until: datetime, after: int) -> QuerySet[Transfer]:
    rows = Transfer.objects.filter(**{f"{name}_account_id": account_id}, recorded_at__gte=since, recorded_at__lt=until)
    return rows.filter(pk__gt=after).order_by("pk")


def chunk(account_id: int, since: datetime, until: datetime, after: int, size: int) -> list[Transfer]:
    """The next ``size`` transfers of the account: each side by its own index, then merged."""
    both = [
        *side(account_id, "debit", since, until, after)[:size],
        *side(account_id, "credit", since, until, after)[:size],
    ]
    return sorted(both, key=lambda one: one.pk)[:size]


def told(account_id: int, rows: list[Transfer], before: int) -> list[Line]:
    lines = []
    for row in rows:
        amount = row.amount if row.credit_account_id == account_id else -row.amount
        before += amount
        lines.append(Line(row, amount, before))
    return lines


def statement(
    account: Account, since: datetime, until: datetime, cursor: str | None = None, size: int = PAGE
) -> Statement:
    """One page of the account's lines with ``since`` <= recorded < ``until``. CursorUnknown for a foreign cursor."""
    opening = balance(account, since)
    after, before = read_cursor(account, cursor) if cursor else (sealed_before(since), opening)
    rows = chunk(account.pk, since, until, after, size + 1)
    lines = told(account.pk, rows[:size], before)
    more = len(rows) > size
    return Statement(
        account=account,
        since=since,
        until=until,
        opening=opening,
        closing=balance(account, until),
        lines=lines,
        next=write_cursor(account, lines[-1].transfer.pk, lines[-1].balance) if more else None,
    )


def all_lines(account: Account, since: datetime, until: datetime) -> Iterator[Line]:
    """Every line of the statement, read in chunks, for exports."""
    after, before = sealed_before(since), balance(account, since)
    while rows := chunk(account.pk, since, until, after, CHUNK):
        lines = told(account.pk, rows, before)
        yield from lines
        after, before = lines[-1].transfer.pk, lines[-1].balance


def write_cursor(account: Account, after: int, before: int) -> str:
    return signing.sign(json.dumps([account.pk, after, before]).encode(), PURPOSE)


def read_cursor(account: Account, cursor: str) -> tuple[int, int]:
    try:
        key, after, before = json.loads(signing.unsign(cursor, PURPOSE))
    except (signing.BadSignature, ValueError):
        raise CursorUnknown from None
    if key != account.pk:
        raise CursorUnknown
    return int(after), int(before)
