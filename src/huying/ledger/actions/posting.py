"""Transfers, one by one and in batches. Same key and content: the same transfer again; other content: KeyTaken."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError
from psycopg.errors import UniqueViolation

from huying.kernel import chance, clock
from huying.kernel.actor import Actor
from huying.kernel.errors import DomainError, SignInNeeded
from huying.kernel.transactions import at_once, begin
from huying.ledger.actions.refusals import (
    REFUSALS,
    AmountOdd,
    KeyOdd,
    MakerNamed,
    Rushed,
    WordsTooLong,
)
from huying.ledger.actions.writing import known, lock, write, write_one
from huying.ledger.models import Transfer
from huying.ledger.rules.entries import LARGEST, Asked, Verdict, decide

LENGTHS = {"reason": 300, "rule_version": 60, "evidence": 120}


@dataclass(frozen=True, slots=True)
class Entry:
    """``amount`` units from account ``debit`` to account ``credit`` (keys of accounts).

    ``key`` makes it happen once. ``evidence`` names what proves it (``volunteers.ServiceRecord:123``). From an issuing
    account it takes two people: the maker (who acts; for a reaction ``made_by``, who was witnessed) and ``approved_by``
    (who confirmed). ``expires_at``: what is not used by then goes to the account of the expired.
    """

    debit: int
    credit: int
    amount: int
    key: str
    reason: str = ""
    rule_version: str = ""
    evidence: str = ""
    occurred_at: datetime | None = None
    approved_by: int | None = None
    expires_at: datetime | None = None
    made_by: int | None = None


def transfer(*, actor: Actor, entry: Entry) -> Transfer:
    """Post one entry.

    Raises AmountOdd, KeyOdd, KeyTaken, AccountUnknown, SameAccount, AssetsDiffer, TwoPeopleNeeded, NotEnough.
    """
    row = asked(actor, entry)
    return (at_once_or_not(actor, [row]) or [one_of(posted(actor, [row]))])[0]


def post(*, actor: Actor, entries: Iterable[Entry]) -> list[Transfer]:
    """Post all entries as if one after another, or none of them; their transfers in the same order.

    The first one that cannot be posted is raised, with its place in ``facts["position"]``.
    """
    rows = all_asked(actor, entries)
    return at_once_or_not(actor, rows) or [one_of([one]) for one in posted(actor, rows, whole=True)]


def post_each(*, actor: Actor, entries: Iterable[Entry]) -> list[Transfer | DomainError]:
    """Post each entry on its own, one after another, in one transaction; for each its transfer or why not."""
    return posted(actor, all_asked(actor, entries))


def reverse(
    *, actor: Actor, transfer: Transfer, reason: str, key: str, approved_by: int | None, made_by: int | None = None
) -> Transfer:
    """Put a transfer right by the same amount the other way, once and whole. Raises AlreadyReversed, NotEnough.

    Two people, as for what is issued: who takes something away alone could take it from anybody. A reaction names both
    of them (``made_by`` as in Entry). The writers in the database hold the same rule.
    """
    entry = Entry(
        debit=transfer.credit_account_id,
        credit=transfer.debit_account_id,
        amount=transfer.amount,
        key=key,
        reason=reason,
        evidence=f"ledger.Transfer:{transfer.pk}",
        approved_by=approved_by,
        made_by=made_by,
    )
    row = asked(actor, entry)
    row.reverses = transfer.pk
    return one_of(posted(actor, [row]))


def asked(actor: Actor, entry: Entry) -> Asked:
    """The entry as a row, with who answers for it; refuses what no ledger could hold."""
    return as_row(actor, entry, chance.uuid7(), clock.now())


def all_asked(actor: Actor, entries: Iterable[Entry]) -> list[Asked]:
    """The entries as rows that are asked at one moment."""
    entries, now = list(entries), clock.now()
    return [
        as_row(actor, entry, public_id, now)
        for entry, public_id in zip(entries, chance.uuid7s(len(entries)), strict=True)
    ]


def as_row(actor: Actor, entry: Entry, public_id: UUID, now: datetime) -> Asked:
    by_system, me, made_by = actor.is_system, actor.person_id, entry.made_by
    if me is None and not by_system:
        raise SignInNeeded
    check(entry)
    if not by_system and made_by is not None and made_by != me:
        raise MakerNamed
    return Asked(
        public_id,
        entry.debit,
        entry.credit,
        entry.amount,
        entry.key,
        None,
        made_by if by_system else me,
        entry.approved_by,
        actor.on_behalf_of_id,
        entry.reason,
        entry.rule_version,
        entry.evidence,
        entry.occurred_at,
        now,
        entry.expires_at,
    )


def check(entry: Entry) -> None:
    """Refuse what no ledger could hold."""
    if type(entry.amount) is not int or not 0 < entry.amount <= LARGEST:
        raise AmountOdd(fields={"amount": AmountOdd.message})
    if not 0 < len(entry.key) <= 120:
        raise KeyOdd(fields={"key": KeyOdd.message})
    if len(entry.reason) > 300 or len(entry.rule_version) > 60 or len(entry.evidence) > 120:
        too_long = [name for name, most in LENGTHS.items() if len(getattr(entry, name)) > most]
        raise WordsTooLong(fields=dict.fromkeys(too_long, WordsTooLong.message))


def at_once_or_not(actor: Actor, rows: Sequence[Asked]) -> list[Transfer]:
    """All rows, written by one statement; nothing when one breaks a rule or has a known key: which, is found under
    locks.
    """
    try:
        with at_once(actor):
            return write(rows, actor) if len(rows) > 1 else [one for row in rows if (one := write_one(actor, row))]
    except IntegrityError:
        return []


def posted(actor: Actor, rows: Sequence[Asked], whole: bool = False) -> list[Transfer | DomainError]:
    """Decide under locks, then write what may be written in one statement; ``whole``: all or nothing."""
    with begin(actor):
        standings = lock({row.debit for row in rows} | {row.credit for row in rows})
        there = known({row.key for row in rows})
        undo = {row.reverses for row in rows if row.reverses is not None}
        undone = Transfer.objects.filter(reverses__in=undo).values_list("reverses_id", flat=True) if undo else ()
        verdicts = decide(rows, standings, there, (one for one in undone if one is not None))
        refused = [(n, REFUSALS[one]) for n, one in enumerate(verdicts) if one in REFUSALS]
        if whole and refused:
            raise refused[0][1](position=refused[0][0])
        fresh = [row for row, verdict in zip(rows, verdicts, strict=True) if verdict == Verdict.WRITE]
        there.update((one.key, one) for one in (under_locks(fresh) if fresh else []))
        return [
            there[row.key] if verdict not in REFUSALS else REFUSALS[verdict](position=n)
            for n, (row, verdict) in enumerate(zip(rows, verdicts, strict=True))
        ]


def under_locks(rows: Sequence[Asked]) -> list[Transfer]:
    """Write what was decided; Rushed when another connection took one of the keys since we looked."""
    try:
        return write(rows)
    except IntegrityError as error:
        if isinstance(error.__cause__, UniqueViolation):
            raise Rushed from None
        raise


def one_of(results: Sequence[Transfer | DomainError]) -> Transfer:
    if isinstance(results[0], DomainError):
        raise results[0]
    return results[0]
