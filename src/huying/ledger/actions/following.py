"""Accounts follow the places that answer for them, so that the auditors of those places go on seeing them."""

from __future__ import annotations

from django.db import connection

from huying.kernel import locks
from huying.kernel.actor import Actor
from huying.kernel.transactions import begin
from huying.ledger.models import Account
from huying.places.models import Place

BATCH = 500
# The last number of a path is the place itself: where it hangs now is asked of the tree, not of whoever moved it, so
# that jobs may run late, twice, or in another order than the moves.
STALE = """
SELECT a.id FROM ledger_account a JOIN places_place p ON p.id = substring(a.place_path from '([0-9]+)/$')::bigint
WHERE a.place_path LIKE %s AND a.place_path <> p.path ORDER BY a.id LIMIT %s
"""
FOLLOW = """
UPDATE ledger_account a SET place_path = p.path FROM places_place p
WHERE a.id = ANY(%s) AND p.id = substring(a.place_path from '([0-9]+)/$')::bigint AND a.place_path <> p.path
"""


def follow_places(*, actor: Actor, below: str = "/") -> int:
    """Bring the paths of all accounts that are written as ``below`` this path up to date; how many were not.

    A batch is one short transaction, for postings wait behind it. Run again it finds nothing more to do.
    """
    done = 0
    while moved := batch_moved(actor, below):
        done += moved
    return done


def batch_moved(actor: Actor, below: str) -> int:
    with begin(actor), connection.cursor() as cursor:
        cursor.execute(STALE, [f"{below}%", BATCH])
        keys = [key for (key,) in cursor.fetchall()]
        if not keys:
            return 0
        locks.many(Account.objects.filter(pk__in=keys))
        cursor.execute(FOLLOW, [keys])
        return len(keys)


def follow_owner(*, actor: Actor, owner_type: str, owner_id: int, place: Place | None) -> int:
    """All accounts of this owner belong to ``place`` from now on (None: to nobody's); how many did not before."""
    path = place.path if place is not None else ""
    with begin(actor):
        moved = locks.many(Account.objects.filter(owner_type=owner_type, owner_id=owner_id).exclude(place_path=path))
        return Account.objects.filter(pk__in=[one.pk for one in moved]).update(place_path=path)
