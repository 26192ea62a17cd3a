"""Background doors of the ledger: holds whose time is over, lots that expire, places that move, seals."""

from __future__ import annotations

from huying.kernel import jobs
from huying.kernel.actor import Actor
from huying.ledger import actions, queries

BATCH = 500


@jobs.task("ledger.tick", cron="* * * * *")
def tick() -> None:
    """Each minute: one job for each hold that is over; the key keeps it from queueing twice."""
    for hold_id in queries.overdue_holds().values_list("pk", flat=True)[:BATCH]:
        jobs.enqueue("ledger.void_overdue", key=f"ledger.void_overdue:{hold_id}", hold_id=hold_id)


@jobs.task("ledger.void_overdue")
def void_overdue(hold_id: int) -> None:
    """Give back what one hold set aside."""
    actions.void_overdue(actor=Actor.system("ledger.void_overdue"), hold=queries.hold(hold_id))


@jobs.task("ledger.expire", cron="23 0 * * *")
def expire() -> None:
    """Each night: one job for each account with a lot that has expired."""
    for account_id in queries.accounts_expiring():
        jobs.enqueue("ledger.expire_lots", key=f"ledger.expire_lots:{account_id}", account_id=account_id)


@jobs.task("ledger.expire_lots")
def expire_lots(account_id: int) -> None:
    """Move what is left of one account's expired lots."""
    actions.expire_lots(actor=Actor.system("ledger.expire_lots"), account=queries.account(account_id))


@jobs.task("ledger.follow_move")
def follow_move(place_id: int, before: str, after: str) -> None:
    """A place hangs elsewhere: accounts of it and of all below it are found there."""
    actions.follow_places(actor=Actor.system("ledger.follow_move"), below=before)


@jobs.task("ledger.follow_places", cron="47 3 * * *")
def follow_places() -> None:
    """Each night: accounts that were being opened while their place moved."""
    actions.follow_places(actor=Actor.system("ledger.follow_places"))


@jobs.task("ledger.seal", cron="* * * * *")
def seal() -> None:
    """Each minute: seal what is new."""
    actions.seal(actor=Actor.system("ledger.seal"))
