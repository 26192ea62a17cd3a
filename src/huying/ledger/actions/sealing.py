"""Seals: a Merkle root over each batch of new transfers, chained to the one before and signed.

A batch ends where every transfer up to it has been decided: keys are given before COMMIT, so one with a smaller key may
appear later. We look which transactions are under way, and seal when all of them have ended (security 9.7).
"""

from __future__ import annotations

import time

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Max

from huying.kernel import audit, clock, signing
from huying.kernel.actor import Actor
from huying.kernel.transactions import begin
from huying.ledger.models import Seal, Transfer
from huying.ledger.rules import merkle

SIZE = 4096
PATIENCE = 10.0
SIGNED = "ledger.seal"
ONE_SEALER = 4_809_002
UNDER_WAY = """
SELECT coalesce(array_agg(transactionid::text), '{}') FROM pg_locks
WHERE locktype = 'transactionid' AND mode = 'ExclusiveLock' AND granted AND (pid IS NULL OR pid IN (
    SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()))
"""
"""Every transaction that may write holds the lock on its own number, until it ends."""


def decided(patience: float = PATIENCE) -> int:
    """A key up to which every transfer is committed or will never be; 0 when somebody takes longer than ``patience``.

    Whoever writes a transfer locks its accounts first, and so has a transaction number before it gets a key.
    """
    last = Transfer.objects.aggregate(last=Max("pk"))["last"] or 0
    waited_for = under_way()
    until = time.monotonic() + patience
    while waited_for & under_way():
        if time.monotonic() > until:
            return 0
        time.sleep(0.05)
    return int(last)


def under_way() -> set[str]:
    """Numbers of the transactions of others that are open now."""
    with connection.cursor() as cursor:
        cursor.execute(UNDER_WAY)
        return set(cursor.fetchone()[0])


def seal(*, actor: Actor, patience: float = PATIENCE) -> list[Seal]:
    """Seal everything new, in batches of ``SIZE``; the seals made. Only one connection seals at a time."""
    limit, made = decided(patience), []
    while (one := seal_batch(actor, limit)) is not None:
        made.append(one)
    return made


def seal_batch(actor: Actor, limit: int) -> Seal | None:
    with begin(actor):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [ONE_SEALER])
            if not cursor.fetchone()[0]:
                return None
        last = Seal.objects.order_by("-number").defer("leaves").first()
        rows = Transfer.objects.filter(pk__gt=last.last_id if last else 0, pk__lte=limit).order_by("pk")
        leaves = [(row[0], merkle.leaf_hash(row)) for row in rows.values_list(*merkle.FIELDS)[:SIZE]]
        if not leaves:
            return None
        one = sealed(leaves, last)
        one.save(force_insert=True)
        audit.record(actor, "ledger.seal", one, changes={"number": one.number, "head": one.head.hex()})
        transaction.on_commit(lambda: remember(one))
        return one


def sealed(leaves: list[tuple[int, bytes]], last: Seal | None) -> Seal:
    """The seal over these leaves, after ``last``."""
    number, first_id, last_id = (last.number if last else 0) + 1, leaves[0][0], leaves[-1][0]
    root, previous = merkle.root_of([leaf for _key, leaf in leaves]), bytes(last.head) if last else merkle.EMPTY
    head = merkle.head_of(number, first_id, last_id, len(leaves), root, previous)
    return Seal(
        number=number,
        first_id=first_id,
        last_id=last_id,
        count=len(leaves),
        leaves=merkle.pack(leaves),
        root=root,
        previous=previous,
        head=head,
        signature=signing.sign(head, SIGNED),
        sealed_at=clock.now(),
    )


def remember(one: Seal) -> None:
    """Add the head to a file outside the database, so that seals cut off at the end are missed."""
    path = settings.DATA / "ledger" / "heads.txt"
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with path.open("a", encoding="ascii") as heads:
        heads.write(f"{one.number} {one.head.hex()} {one.sealed_at.isoformat()}\n")
