"""How the records of each room are counted afresh and told again: figures are compared with them, and may not ask upwards."""

from __future__ import annotations

from functools import partial

from huying.activities.queries import counting as activities
from huying.calls.queries import counting as calls
from huying.figures import queries as figures
from huying.figures.queries import site_checks, sites
from huying.kernel import jobs
from huying.places.models import Place
from huying.points.queries import counting as points
from huying.volunteers.queries import counting as volunteers


def again(task: str, name: str, record_id: int, **more: int) -> None:
    """Queue the job that tells one record."""
    jobs.enqueue(task, key=None, at=None, **{name: record_id}, **more)


def points_again(label: str, row_id: int) -> None:
    jobs.enqueue("points.count", label=label, row_id=row_id)


def stay_again(stay_id: int) -> None:
    for volunteer_id in volunteers.volunteers_of_stays([stay_id]).values():
        again("volunteers.count", "volunteer_id", volunteer_id)


def site_again(place_id: int) -> None:
    jobs.enqueue("figures.count_sites", first=place_id, last=place_id)


def register() -> None:
    """Tell figures; called once when Django starts."""
    figures.recount_from(calls.SOURCE, calls.recounted_calls, partial(again, "calls.count", "call_id"))
    figures.recount_from(
        activities.SOURCE, activities.recounted_sessions, partial(again, "activities.count_door", "session_id")
    )
    service = partial(again, "volunteers.count_service", "record_id", version=0)
    figures.recount_from(volunteers.SERVICE, volunteers.recounted_service, service)
    for source in (volunteers.JOINED, volunteers.LEFT):
        recount = partial(volunteers.recounted_volunteers, source)
        figures.recount_from(source, recount, partial(again, "volunteers.count", "volunteer_id"))
    for source in (volunteers.STAYED, volunteers.STAY_ENDED):
        figures.recount_from(source, partial(volunteers.recounted_stays, source), stay_again)
    for source, label in points.SOURCES.items():
        figures.recount_from(source, partial(points.recounted, source), partial(points_again, label))
    for source in (Place._meta.label, sites.CLOSED):
        figures.recount_from(source, partial(sites.recounted_sites, source), site_again)
    checked = partial(again, "figures.count_check", "check_id")
    figures.recount_from(site_checks.SOURCE, site_checks.recounted_checks, checked)
