"""At the counter: whose booklet was scanned, before anything is given."""

from __future__ import annotations

from huying.kernel import audit
from huying.kernel.actor import Actor
from huying.kernel.transactions import begin
from huying.points.actions.gifts import check_mark, check_printed
from huying.points.models import Bank, Passbook


def look_up(*, actor: Actor, bank: Bank, passbook: Passbook, mark: str) -> Passbook:
    """The passbook whose booklet was shown, so that its name and points can be held against who stands there.

    The trail keeps who looked. Raises Forbidden, NotForOneself, BookletWrong (which counts), CodesUsedUp, PrintedByYou.
    """
    check_mark(actor, bank, passbook, mark)
    with begin(actor):
        check_printed(actor, passbook)
        audit.record(actor, "points.look_up", passbook, place_path=bank.place.path)
        return passbook
