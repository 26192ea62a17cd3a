"""What an entry may do, decided without a database: the same answer for one entry and for a batch, in order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID

LARGEST = 10**15
"""Units of one transfer: far beyond any real one, and far from the end of a bigint."""


class Verdict(StrEnum):
    """What becomes of an entry. The codes are those of the errors that tell of it."""

    WRITE = "write"
    REPEAT = "repeat"
    KEY_TAKEN = "ledger_key_taken"
    ACCOUNT_UNKNOWN = "ledger_account_unknown"
    SAME_ACCOUNT = "ledger_same_account"
    ASSETS_DIFFER = "ledger_assets_differ"
    TWO_PEOPLE = "ledger_two_people"
    REVERSED = "ledger_already_reversed"
    NOT_ENOUGH = "ledger_not_enough"


@dataclass(slots=True)
class Asked:
    """One row to be written: an entry with who answers for it."""

    public_id: UUID
    debit: int
    credit: int
    amount: int
    key: str
    reverses: int | None
    made_by: int | None
    approved_by: int | None
    on_behalf: int | None
    reason: str
    rule_version: str
    evidence: str
    occurred_at: datetime | None
    recorded_at: datetime
    expires_at: datetime | None

    @property
    def content(self) -> tuple[Any, ...]:
        """What a second use of the key is compared by."""
        return (
            self.debit,
            self.credit,
            self.amount,
            self.reverses,
            self.made_by,
            self.approved_by,
            self.on_behalf,
            self.reason,
            self.rule_version,
            self.evidence,
        )


class Written(Protocol):
    """A transfer that stands in the ledger (models.Transfer)."""

    debit_account_id: int
    credit_account_id: int
    amount: int
    reverses_id: int | None
    made_by_id: int | None
    approved_by_id: int | None
    on_behalf: int | None
    reason: str
    rule_version: str
    evidence: str
    occurred_at: datetime


@dataclass(slots=True)
class Standing:
    """How an account stands while entries are decided; ``available`` None: it may go below nothing (issuing)."""

    asset: int
    available: int | None


def same(asked: Asked, row: Written | Asked) -> bool:
    """True when ``row`` says exactly what is asked; a moment that was not named may be any."""
    if isinstance(row, Asked):
        return asked.content == row.content and asked.occurred_at == row.occurred_at
    content = (
        row.debit_account_id,
        row.credit_account_id,
        row.amount,
        row.reverses_id,
        row.made_by_id,
        row.approved_by_id,
        row.on_behalf,
        row.reason,
        row.rule_version,
        row.evidence,
    )
    return asked.content == content and asked.occurred_at in {None, row.occurred_at}


def decide(
    rows: Sequence[Asked],
    standings: MutableMapping[int, Standing],
    known: Mapping[str, Written],
    reversed_ids: Iterable[int] = (),
) -> list[Verdict]:
    """What becomes of each row when they are taken one after another; ``standings`` follow what is written.

    ``known`` holds transfers by key, ``reversed_ids`` the transfers that were reversed before.
    """
    verdicts = []
    taken: dict[str, Asked] = {}
    undone = set(reversed_ids)
    for row in rows:
        earlier = known.get(row.key) or taken.get(row.key)
        if earlier is not None:
            verdicts.append(Verdict.REPEAT if same(row, earlier) else Verdict.KEY_TAKEN)
            continue
        verdict = judged(row, standings, undone)
        if verdict == Verdict.WRITE:
            taken[row.key] = row
            if row.reverses is not None:
                undone.add(row.reverses)
            move(standings, row)
        verdicts.append(verdict)
    return verdicts


def judged(row: Asked, standings: Mapping[int, Standing], undone: set[int]) -> Verdict:
    """One row with a new key, against the accounts as they stand."""
    debit, credit = standings.get(row.debit), standings.get(row.credit)
    if debit is None or credit is None:
        return Verdict.ACCOUNT_UNKNOWN
    if row.debit == row.credit:
        return Verdict.SAME_ACCOUNT
    if debit.asset != credit.asset:
        return Verdict.ASSETS_DIFFER
    if row.reverses is not None and row.reverses in undone:
        return Verdict.REVERSED
    if (debit.available is None or row.reverses is not None) and not by_two(row):
        return Verdict.TWO_PEOPLE
    if debit.available is None:
        return Verdict.WRITE
    return Verdict.WRITE if row.amount <= debit.available else Verdict.NOT_ENOUGH


def by_two(row: Asked) -> bool:
    """Maker and checker are two known people and something proves it (security 1.4; the same CHECK is in the table)."""
    return None not in {row.made_by, row.approved_by} and row.made_by != row.approved_by and row.evidence != ""


def move(standings: MutableMapping[int, Standing], row: Asked) -> None:
    debit, credit = standings[row.debit], standings[row.credit]
    if debit.available is not None:
        debit.available -= row.amount
    if credit.available is not None:
        credit.available += row.amount
