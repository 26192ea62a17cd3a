"""Transfers, one by one and in batches. Same key and content: the same transfer again; other content: KeyTaken."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError

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
    row, written = asked(actor, entry), None
    try:
        with at_once(actor):
            written = write_one(actor, row)
    except IntegrityError:
        pass  # a rule is broken: which one is found under locks
    return written or one_of(posted(actor, [row]))


def post(*, actor: Actor, entries: Iterable[Entry]) -> list[Transfer]:
    """Post all entries as if one after another, or none of them; their transfers in the same order.

    The first one that cannot be posted is raised, with its place in ``facts["position"]``.
    """
    rows = [asked(actor, entry) for entry in entries]
    return [one_of([one]) for one in posted(actor, rows, whole=True)]


def post_each(*, actor: Actor, entries: Iterable[Entry]) -> list[Transfer | DomainError]:
    """Post each entry on its own, one after another, in one transaction; for each its transfer or why not."""
    return posted(actor, [asked(actor, entry) for entry in entries])


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
    if actor.is_anonymous:
        raise SignInNeeded
    if type(entry.amount) is not int or not 0 < entry.amount <= LARGEST:
        raise AmountOdd(fields={"amount": AmountOdd.message})
    if not 0 < len(entry.key) <= 120:
        raise KeyOdd(fields={"key": KeyOdd.message})
    if len(entry.reason) > 300 or len(entry.rule_version) > 60 or len(entry.evidence) > 120:
        too_long = [name for name, most in LENGTHS.items() if len(getattr(entry, name)) > most]
        raise WordsTooLong(fields=dict.fromkeys(too_long, WordsTooLong.message))
    if not actor.is_system and entry.made_by not in {None, actor.person_id}:
        raise MakerNamed
    return Asked(
        public_id=chance.uuid7(),
        debit=entry.debit,
        credit=entry.credit,
        amount=entry.amount,
        key=entry.key,
        reverses=None,
        made_by=entry.made_by if actor.is_system else actor.person_id,
        approved_by=entry.approved_by,
        on_behalf=actor.on_behalf_of_id,
        reason=entry.reason,
        rule_version=entry.rule_version,
        evidence=entry.evidence,
        occurred_at=entry.occurred_at,
        recorded_at=clock.now(),
        expires_at=entry.expires_at,
    )


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
        written = write(fresh) if fresh else []
        if len(written) != len(fresh):
            raise Rushed  # another connection took one of the keys between our look and our write
        there.update((one.key, one) for one in written)
        return [
            there[row.key] if verdict not in REFUSALS else REFUSALS[verdict](position=n)
            for n, (row, verdict) in enumerate(zip(rows, verdicts, strict=True))
        ]


def one_of(results: Sequence[Transfer | DomainError]) -> Transfer:
    if isinstance(results[0], DomainError):
        raise results[0]
    return results[0]
