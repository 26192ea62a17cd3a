"""Background doors of figures: changes are folded, totals follow the tree, sites are counted."""

from __future__ import annotations

from huying.figures import actions
from huying.kernel import jobs
from huying.kernel.actor import Actor

FOLDING = Actor.system("figures.fold")


@jobs.task("figures.fold", cron="* * * * *")
def fold() -> None:
    """Each minute: fold what was counted. Readers see it before that too, so nothing waits for this."""
    actions.fold(actor=FOLDING)


@jobs.task("figures.follow_move")
def follow_move(place_id: int, before: str, after: str) -> None:
    """A place hangs elsewhere: totals above it, before and now, are set right."""
    actions.follow_places(actor=Actor.system("figures.follow_move"))


@jobs.task("figures.count_sites")
def count_sites(first: int, last: int) -> None:
    """Places were made, changed, closed or opened again."""
    actions.count_sites(actor=Actor.system("figures.count_sites"), first=first, last=last)
