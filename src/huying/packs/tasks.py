"""Background doors of packs: what has its day is switched off, plans of a new year are written."""

from __future__ import annotations

from huying.kernel import jobs
from huying.kernel.actor import Actor
from huying.packs import actions


@jobs.task("packs.keep", cron="13 0 * * *")
def keep() -> None:
    """Each night, a little after midnight."""
    actor = Actor.system("packs.keep")
    actions.lapse(actor=actor)
    actions.renew(actor=actor)
