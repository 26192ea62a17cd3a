"""Background doors of volunteers: what follows when somebody moves, word of papers and checks that end soon."""

from __future__ import annotations

from huying.kernel import jobs
from huying.kernel.actor import Actor
from huying.volunteers import actions


@jobs.task("volunteers.follow_home")
def follow_home(person_id: int) -> None:
    """Somebody belongs to another place: its auditors see his hours from now on."""
    actions.follow_home(actor=Actor.system("volunteers.follow_home"), person_id=person_id)


@jobs.task("volunteers.tell_expiring", cron="20 9 * * *")
def tell_expiring() -> None:
    """Each morning: tell volunteers, once each, what ends within thirty days."""
    actions.tell_expiring(actor=Actor.system("volunteers.clocks"))
