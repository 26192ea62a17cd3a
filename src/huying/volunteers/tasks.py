"""Background doors of volunteers: what follows when somebody moves, word of papers and checks that end soon."""

from __future__ import annotations

from huying.kernel import jobs
from huying.kernel.actor import Actor
from huying.volunteers import actions

WANTS = Actor.system("volunteers.end_wants")


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


@jobs.task("volunteers.end_wants", cron="7 * * * *")
def end_wants() -> None:
    """Each hour: invitations whose time has run out, wants whose last day has passed."""
    actions.end_wants(actor=WANTS)


@jobs.task("volunteers.drop_old_allocations", cron="17 * * * *")
def drop_old_allocations() -> None:
    """Each hour: plans that nobody confirmed in time."""
    actions.drop_old_allocations(actor=WANTS)


@jobs.task("volunteers.allocate")
def allocate(allocation_id: int) -> None:
    """Weigh all open wants of a place for one plan."""
    actions.calculate_allocation(actor=Actor.system("volunteers.allocate"), allocation_id=allocation_id)
