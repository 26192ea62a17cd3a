"""Background doors of points: hours that were confirmed, exchanges nobody fetched, word before points end, figures."""

from __future__ import annotations

from huying.kernel import jobs
from huying.kernel.actor import Actor
from huying.points import actions, queries

CLOCKS = Actor.system("points.clocks")
BATCH = 500


@jobs.task("points.earn_service")
def earn_service(record_id: int, version: int) -> None:
    """Hours were confirmed or corrected: points for whoever has a passbook."""
    actions.earn_service(actor=Actor.system("points.earn_service"), record_id=record_id)


@jobs.task("points.book_ended")
def book_ended(book_id: int) -> None:
    """A rule book is over: one job for each passbook of it that is in use."""
    for key in queries.in_use(book_id):
        jobs.enqueue("points.tell_end", key=f"points.tell_end:{key}", row_id=key)


@jobs.task("points.tell_end")
def tell_end(row_id: int) -> None:
    """Tell one owner."""
    actions.tell_end(actor=CLOCKS, passbook=queries.any_passbook(row_id))


@jobs.task("points.earn_learning")
def earn_learning(
    sign_up_id: int, person_id: int, title: str, done_on: str, minutes: int, maker_id: int, checker_id: int
) -> None:
    """Somebody was at a lecture that was archived: points where his rule book has an item for it."""
    actions.earn_learning(
        actor=Actor.system("points.earn_learning"),
        sign_up_id=sign_up_id,
        person_id=person_id,
        title=title,
        done_on=done_on,
        minutes=minutes,
        maker_id=maker_id,
        checker_id=checker_id,
    )


@jobs.task("points.count")
def count(label: str, row_id: int) -> None:
    """A row of this room changed: what it adds to the figures may have changed too."""
    actions.count(actor=Actor.system("points.count"), label=label, row_id=row_id)


@jobs.task("points.tick", cron="*/5 * * * *")
def tick() -> None:
    """Every five minutes: one job for each exchange nobody fetched, each freeze that is over, each proposal and answer left alone."""
    for name, rows in queries.over_now().items():
        for key in rows[:BATCH]:
            jobs.enqueue(f"points.{name}", key=f"points.{name}:{key}", row_id=key)


@jobs.task("points.lapse")
def lapse(row_id: int) -> None:
    """Give points and goods of one exchange back."""
    actions.lapse(actor=CLOCKS, gift=queries.any_gift(row_id))


@jobs.task("points.lapse_reversal")
def lapse_reversal(row_id: int) -> None:
    """End one proposal to take points back that nobody decided in time."""
    actions.lapse_reversal(actor=CLOCKS, reversal=queries.any_reversal(row_id))


@jobs.task("points.tell_reversal")
def tell_reversal(row_id: int) -> None:
    """Tell one owner, who has an account now, what somebody wants to take back."""
    actions.tell_reversal(actor=CLOCKS, reversal=queries.any_reversal(row_id))


@jobs.task("points.give_back")
def give_back(row_id: int) -> None:
    """Somebody was forgotten: what waited for him goes back to the shelf; what was fetched meanwhile stays."""
    try:
        actions.cancel(actor=CLOCKS, gift=queries.any_gift(row_id))
    except actions.StepRefused:
        return


@jobs.task("points.unfreeze")
def unfreeze(row_id: int) -> None:
    """Open one passbook again; one that was opened meanwhile stays."""
    try:
        actions.unfreeze(actor=CLOCKS, passbook=queries.any_passbook(row_id))
    except actions.NotOpen:
        return


@jobs.task("points.close_appeal")
def close_appeal(row_id: int) -> None:
    """Nobody asked again in time: the first answer stands."""
    try:
        actions.accept_appeal(actor=CLOCKS, appeal=queries.any_appeal(row_id))
    except actions.StepRefused:
        return


@jobs.task("points.raise_appeal")
def raise_appeal(row_id: int) -> None:
    """Nobody answered in time: those above hear of it."""
    actions.raise_appeal(actor=CLOCKS, appeal=queries.any_appeal(row_id))


@jobs.task("points.warn", cron="12 1 * * *")
def warn() -> None:
    """Each night: one job for each passbook with points that end soon and whose owner has no word of it."""
    for key in queries.ending_soon():
        jobs.enqueue("points.warn_one", key=f"points.warn_one:{key}", row_id=key)


@jobs.task("points.warn_one")
def warn_one(row_id: int) -> None:
    """Tell one owner which points end when."""
    actions.warn_expiry(actor=CLOCKS, passbook=queries.any_passbook(row_id))
