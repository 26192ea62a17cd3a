"""What of an account is about to expire, and what has."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, Sum

from huying.ledger.models import Account, Lot, Transfer
from huying.ledger.rules.lots import Came, leftovers


@dataclass(frozen=True, slots=True)
class Left:
    """A lot that is not closed: ``free`` units can expire, ``held`` more are set aside for now."""

    lot: Lot
    free: int
    held: int


def lots_left(account_id: int, before: datetime) -> list[Left]:
    """The account's open lots with ``expires_at`` < ``before``, oldest first, and what is left of each.

    Spent is what was debited, but for what expired and for reversals of what had come, which take back that very lot.
    """
    account = Account.objects.get(pk=account_id)
    lots = {lot.transfer_id: lot for lot in Lot.objects.filter(account_id=account_id)}
    back = Transfer.objects.filter(reverses=OuterRef("pk"))
    rows = Transfer.objects.filter(credit_account_id=account_id).annotate(undone=Exists(back)).order_by("pk")
    came, undone = [], 0
    for row in rows.values_list("pk", "amount", "undone"):
        gone = row[1] if row[2] else lots[row[0]].gone if row[0] in lots else 0
        undone += row[1] if row[2] else 0
        came.append(Came(row[0], row[1], gone))
    expired = Lot.objects.filter(account_id=account_id).aggregate(gone=Sum("gone"))["gone"] or 0
    used = account.debits - expired - undone
    free, whole = leftovers(came, used + account.held), leftovers(came, used)
    due = sorted(
        (lot for lot in lots.values() if lot.closed_at is None and lot.expires_at < before), key=lambda x: x.pk
    )
    return [Left(lot, free[lot.transfer_id], whole[lot.transfer_id] - free[lot.transfer_id]) for lot in due]
