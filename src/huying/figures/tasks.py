"""Background doors of figures: changes are folded, totals follow the tree, sites are counted, files are made."""

from __future__ import annotations

from huying.figures import actions, queries
from huying.kernel import clock, jobs
from huying.kernel.actor import Actor

DUE_AT_ONCE = 200
FOLDING = Actor.system("figures.fold")


@jobs.task("figures.fold", cron="* * * * *")
def fold() -> None:
    """Each minute: fold what was counted. Readers see it before that too, so nothing waits for this."""
    actions.fold(actor=FOLDING)


@jobs.task("figures.tick", cron="*/5 * * * *")
def tick() -> None:
    """Every five minutes: one job for each file that is due."""
    queue_due()


def queue_due() -> None:
    """The key keeps a file from being queued twice."""
    for feed_id in queries.due_feeds(clock.now()).values_list("pk", flat=True)[:DUE_AT_ONCE]:
        jobs.enqueue("figures.make_file", key=f"figures.make_file:{feed_id}", feed_id=feed_id)


@jobs.task("figures.make_file")
def make_file(feed_id: int) -> None:
    """One file of a feed; run again it finds none due."""
    actions.make_file(actor=Actor.system("figures.make_file"), feed_id=feed_id)


@jobs.task("figures.forget_files", cron="40 3 * * *")
def forget_files() -> None:
    """Each night: files older than ninety days."""
    while actions.forget_files(actor=Actor.system("figures.forget_files")):
        pass


@jobs.task("figures.follow_move")
def follow_move(place_id: int, before: str, after: str) -> None:
    """A place hangs elsewhere: totals above it, before and now, are set right."""
    actions.follow_places(actor=Actor.system("figures.follow_move"))


@jobs.task("figures.count_sites")
def count_sites(first: int, last: int) -> None:
    """Places were made, changed, closed or opened again."""
    actions.count_sites(actor=Actor.system("figures.count_sites"), first=first, last=last)


@jobs.task("figures.count_check")
def count_check(check_id: int) -> None:
    """A site was checked, or its check was verified or returned."""
    actions.count_check(actor=Actor.system("figures.count_check"), check_id=check_id)
