"""Background doors of volunteers: word of papers, checks and insurance that end soon."""

from __future__ import annotations

from huying.kernel import jobs
from huying.kernel.actor import Actor
from huying.volunteers import actions


@jobs.task("volunteers.tell_expiring", cron="20 9 * * *")
def tell_expiring() -> None:
    """Each morning: tell volunteers, once each, what ends within thirty days."""
    actions.tell_expiring(actor=Actor.system("volunteers.clocks"))
