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


@jobs.task("volunteers.place_skills", cron="*/10 * * * *")
def place_skills() -> None:
    """Every ten minutes: skills that were written in bulk learn where their holders start from."""
    actions.place_skills(actor=Actor.system("volunteers.place_skills"))


@jobs.task("volunteers.count")
def count(volunteer_id: int) -> None:
    """Somebody joined, moved or stopped: the figures follow."""
    actions.count_volunteer(actor=Actor.system("volunteers.count"), volunteer_id=volunteer_id)


@jobs.task("volunteers.count_service")
def count_service(record_id: int, version: int) -> None:
    """Hours were confirmed, corrected or taken back: the figures follow, whichever version the job was queued for."""
    actions.count_service(actor=Actor.system("volunteers.count_service"), record_id=record_id)
