"""What was not used in time goes to the account of the expired: by lot, never what is held, never twice.

Rooms above that promise word before something ends, or time to use it, say which lots may go (``guard_lots``).
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import timedelta

from django.utils.translation import gettext as _

from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.kernel.transactions import begin
from huying.ledger.actions.accounts import open_account
from huying.ledger.actions.posting import Entry, asked
from huying.ledger.actions.writing import lapse, lock
from huying.ledger.models import Account, Transfer
from huying.ledger.queries.lots import Left, lots_left
from huying.ledger.states import EXPIRED, OWNER

Guard = Callable[[int], Collection[int] | None]
"""Key of an account -> keys of its lots that may go now; None: not an account of that room. It may lock its own rows,
which come before accounts in the order of locks.
"""
GUARDS: dict[str, Guard] = {}


def guard_lots(room: str, guard: Guard) -> None:
    """Ask ``guard`` before lots of an account go; called by the room's app when the program starts."""
    GUARDS[room] = guard


def expire_lots(*, actor: Actor, account: Account) -> list[Transfer]:
    """Move what is left of the account's lots that have expired. Run again it finds nothing more to do.

    Units that are held stay, and so do lots that a room above still guards; a later run takes them.
    """
    with begin(actor):
        answers = [answer for guard in GUARDS.values() if (answer := guard(account.pk)) is not None]
        bin_ = open_account(actor=actor, asset=account.asset, owner_type=OWNER, owner_id=0, purpose=EXPIRED)
        lock({account.pk, bin_.pk})
        moved: list[Transfer] = []
        for left in lots_left(account.pk, clock.now() + timedelta(microseconds=1)):
            if left.free == 0 or all(left.lot.pk in answer for answer in answers):
                moved += expired(actor, left, bin_)
        return moved


def expired(actor: Actor, left: Left, bin_: Account) -> list[Transfer]:
    """One lot: its free units go; it is closed when none of it is held."""
    lot, closed_at = left.lot, None if left.held else clock.now()
    if left.free == 0:
        return lapse(lot, None, closed_at) if closed_at else []
    entry = Entry(
        debit=lot.account_id,
        credit=bin_.pk,
        amount=left.free,
        key=f"ledger.lapse:{lot.pk}:{lot.gone}",
        reason=_("到期未用"),
        evidence=f"ledger.Lot:{lot.pk}",
        occurred_at=lot.expires_at,
    )
    return lapse(lot, asked(actor, entry), closed_at)
