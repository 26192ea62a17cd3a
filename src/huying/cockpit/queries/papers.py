"""Papers as everybody reads them: public round-ups that are published, and what is left of one that was taken back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet

from huying.cockpit.models import Report, ReportEvent
from huying.cockpit.rules import reports as rules
from huying.cockpit.states import ReportState, Verb
from huying.kernel.errors import NotFound
from huying.places.models import Place

ORDER = ("-signed_at", "-id")
"""The newest first; every published paper has its day."""
MOST_PLACES = 300


def published(within: Place | None = None, year: int | None = None, template: str = "") -> QuerySet[Report]:
    """Published papers of a place and everywhere below it, signed in a year (of its number), made of any version of a
    template (its code); without what they say.
    """
    rows = Report.objects.filter(rules.PUBLIC).select_related("place").defer("frozen", "overrides")
    if within is not None:
        rows = rows.filter(place__path__startswith=within.path)
    if year is not None:
        rows = rows.filter(year=year)
    if template:
        rows = rows.filter(template__code=template)
    return rows.order_by(*ORDER)


def years() -> list[int]:
    """Years from which there is a published paper, the newest first."""
    found = Report.objects.filter(rules.PUBLIC).order_by("-year").values_list("year", flat=True).distinct()
    return [year for year in found if year]


def publishing_places() -> QuerySet[Place]:
    """Places that published a paper, in the order of the tree; as many as a list to choose from can hold."""
    own = Report.objects.filter(rules.PUBLIC, place=OuterRef("pk"))
    return Place.objects.filter(Exists(own)).order_by("depth", "sort_key", "id")[:MOST_PLACES]


def paper(public_id: UUID) -> Report:
    """One that is published, or was and is taken back (``withdrawal`` says why). NotFound."""
    out = ReportEvent.objects.filter(report=OuterRef("pk"), verb=Verb.PUBLISH)
    found = Report.objects.filter(rules.PUBLIC | rules.TAKEN_BACK & Exists(out), public_id=public_id)
    one = found.select_related("place", "place__parent", "template").first()
    if one is None:
        raise NotFound
    return one


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """When a paper was taken back, and why; by whom is nobody's business."""

    at: datetime
    reason: str


def withdrawal(of: Report) -> Withdrawal | None:
    """None of a paper that stands."""
    if of.state != ReportState.WITHDRAWN:
        return None
    event = ReportEvent.objects.filter(report=of, verb=Verb.WITHDRAW).latest("id")
    return Withdrawal(event.at, event.reason)
