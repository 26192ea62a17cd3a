"""Accounts by owner, and what is on them, now or at any moment before."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import connection
from django.db.models import QuerySet

from huying.kernel import clock
from huying.kernel.errors import NotFound
from huying.ledger.models import Account, Asset, Hold, Lot, Seal
from huying.ledger.states import HoldState

CLOCKS_APART = timedelta(hours=1)
"""How far the clocks of our machines may differ: nobody would set up more than that unnoticed."""
# The counters as they are, less what came later: one statement, so both are of the same moment.
AT = """
SELECT a.credits - a.debits
    - coalesce((SELECT sum(t.amount) FROM ledger_transfer t
        WHERE t.credit_account_id = a.id AND t.id > %(after)s AND t.recorded_at >= %(at)s), 0)
    + coalesce((SELECT sum(t.amount) FROM ledger_transfer t
        WHERE t.debit_account_id = a.id AND t.id > %(after)s AND t.recorded_at >= %(at)s), 0)
FROM ledger_account a WHERE a.id = %(account)s
"""


def sealed_before(at: datetime) -> int:
    """A key up to which every transfer was recorded before ``at``, so that what came later is found by index."""
    seals = Seal.objects.filter(sealed_at__lt=at - CLOCKS_APART).order_by("-sealed_at")
    return seals.values_list("last_id", flat=True).first() or 0


def asset(code: str) -> Asset:
    """The asset with this code; NotFound."""
    found = Asset.objects.filter(code=code).first()
    if found is None:
        raise NotFound
    return found


def account_of(owner_type: str, owner_id: int, asset: Asset | str, purpose: str = "main") -> Account | None:
    """The owner's account, with its asset; None when it was never opened."""
    rows = Account.objects.filter(owner_type=owner_type, owner_id=owner_id, purpose=purpose).select_related("asset")
    rows = rows.filter(asset__code=asset) if isinstance(asset, str) else rows.filter(asset=asset)
    return rows.first()


def accounts_of(owner_type: str, owner_id: int) -> QuerySet[Account]:
    """All accounts of one owner, in the order in which they were opened."""
    return Account.objects.filter(owner_type=owner_type, owner_id=owner_id).select_related("asset").order_by("id")


def balance(account: Account | int, at: datetime | None = None) -> int:
    """Units on the account now, or after everything that was recorded before ``at``. NotFound."""
    key = account if isinstance(account, int) else account.pk
    with connection.cursor() as cursor:
        if at is None:
            cursor.execute("SELECT credits - debits FROM ledger_account WHERE id = %s", [key])
        else:
            cursor.execute(AT, {"account": key, "at": at, "after": sealed_before(at)})
        row = cursor.fetchone()
    if row is None:
        raise NotFound
    return int(row[0])


def account(account_id: int) -> Account:
    """The account with this key, with its asset; NotFound."""
    found = Account.objects.filter(pk=account_id).select_related("asset").first()
    if found is None:
        raise NotFound
    return found


def hold(hold_id: int) -> Hold:
    """The hold with this key; NotFound."""
    found = Hold.objects.filter(pk=hold_id).first()
    if found is None:
        raise NotFound
    return found


def overdue_holds() -> QuerySet[Hold]:
    """Holds that nobody ended in time, the longest overdue first."""
    return Hold.objects.filter(state=HoldState.PENDING, until__lte=clock.now()).order_by("until", "id")


def accounts_expiring() -> QuerySet[Lot, int]:
    """Keys of accounts with open lots that have expired."""
    due = Lot.objects.filter(closed_at__isnull=True, expires_at__lte=clock.now())
    return due.values_list("account_id", flat=True).distinct()
