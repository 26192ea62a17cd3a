"""Templates of a place: those in force, every version they have, one version by itself."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Q, QuerySet

from huying.cockpit.models import ReportTemplate
from huying.kernel.errors import NotFound
from huying.people.models import Person
from huying.places.models import Place


def reaching(place: Place) -> QuerySet[ReportTemplate]:
    """Every version that the place, those above it and the platform wrote, in no order."""
    chain = [int(part) for part in place.path.strip("/").split("/")]
    rows = ReportTemplate.objects.filter(Q(place__in=chain) | Q(place__isnull=True))
    return rows.select_related("place")


def in_force(place: Place) -> list[ReportTemplate]:
    """The newest version of each template of the nearest place that wrote one, in order of their codes."""
    newest: dict[tuple[str, int | None], ReportTemplate] = {}
    for row in reaching(place):
        held = newest.get((row.code, row.place_id))
        if held is None or row.version > held.version:
            newest[row.code, row.place_id] = row
    best: dict[str, ReportTemplate] = {}
    for row in sorted((one for one in newest.values() if not one.retired), key=nearness):
        best[row.code] = row
    return [best[code] for code in sorted(best)]


def nearness(row: ReportTemplate) -> tuple[int, int]:
    return (row.place.depth if row.place else -1, row.version)


def template(place: Place, code: str) -> ReportTemplate:
    """The one in force at a place; NotFound."""
    found = next((one for one in in_force(place) if one.code == code), None)
    if found is None:
        raise NotFound
    return found


def one_version(place: Place, code: str, key: str) -> ReportTemplate:
    """The version with this public id, if it reaches the place. NotFound."""
    try:
        found = reaching(place).filter(code=code, public_id=UUID(key)).first()
    except ValueError:
        found = None
    if found is None:
        raise NotFound
    return found


def versions(place: Place, code: str) -> QuerySet[ReportTemplate]:
    """What the place itself wrote, the newest first."""
    return ReportTemplate.objects.filter(place=place, code=code).order_by("-version")


def all_versions(place: Place) -> QuerySet[ReportTemplate]:
    """Every version that reaches the place, without its text; the order is that of the page."""
    return reaching(place).defer("body")


def makers(rows: list[ReportTemplate]) -> dict[int, str]:
    """Who wrote them, by key; nobody for those that came with the platform."""
    keys = {one.made_by for one in rows if one.made_by}
    return dict(Person.objects.filter(pk__in=keys).values_list("pk", "name")) if keys else {}
