"""One place with all that its page shows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from huying.kernel import worktime
from huying.kernel.actor import Actor
from huying.kernel.errors import NotFound
from huying.kernel.models.audit import AuditLine
from huying.places import rules
from huying.places.models import Contact, ImportDraft, Place, PlaceFlagging, Standard
from huying.places.queries.hours import Today, effective_hours, today_at, week_lines
from huying.places.queries.standards import met_at
from huying.places.queries.tree import ancestors, children
from huying.places.states import Status

MOST_SHOWN = 60


@dataclass(frozen=True)
class Detail:
    """A place's page: where it lies, when it is open, what it holds, whom to ask."""

    place: Place
    above: tuple[Place, ...]
    today: Today | None
    week: tuple[tuple[str, str], ...]
    own_hours: bool
    flags: tuple[PlaceFlagging, ...]
    contacts: tuple[Contact, ...]
    sites: tuple[Place, ...]
    rooms: tuple[Place, ...]
    parts: tuple[Place, ...]
    more: bool
    standards: tuple[tuple[Standard, datetime], ...]


def detail(actor: Actor, place: Place, *, at: datetime | None = None) -> Detail:
    """Everything on the page of ``place`` that ``actor`` may see, in a fixed number of queries (8)."""
    above = ancestors(place)
    hours = effective_hours(place, above) if place.status == Status.OPEN else None
    below = list(children(place)[: MOST_SHOWN + 1])
    held = PlaceFlagging.objects.filter(place=place, ended_date=None).select_related("flag")
    return Detail(
        place=place,
        above=tuple(above),
        today=today_at(hours, at=at, calendar=worktime.calendar_for(place.path)) if hours else None,
        week=tuple(week_lines(hours)) if hours else (),
        own_hours=place.hours is not None,
        flags=tuple(held.order_by("flag__group", "flag__order")),
        contacts=tuple(contacts_for(actor, place)),
        sites=tuple(one for one in below[:MOST_SHOWN] if one.kind.is_site),
        rooms=tuple(one for one in below[:MOST_SHOWN] if one.kind_id == "room"),
        parts=tuple(one for one in below[:MOST_SHOWN] if not one.kind.is_site and one.kind_id != "room"),
        more=len(below) > MOST_SHOWN,
        standards=tuple(met_at(place)) if place.kind.is_site else (),
    )


def contacts_for(actor: Actor, place: Place) -> QuerySet[Contact]:
    """The public contacts; for those who work here or above, the private ones too (numbers stay sealed)."""
    rows = Contact.objects.filter(place=place).order_by("order", "id")
    return rows if rules.can_see_private_contacts(actor, place) else rows.filter(is_public=True)


def contact(place: Place, public_id: UUID) -> Contact | None:
    """One contact of the place, or None."""
    return Contact.objects.filter(place=place, public_id=public_id).select_related("place").first()


def history(place: Place) -> QuerySet[AuditLine]:
    """What was done at the place itself, newest first."""
    return AuditLine.objects.filter(subject_type=Place._meta.label, subject_id=place.pk).order_by("-id")


def import_draft(actor: Actor, public_id: UUID) -> ImportDraft:
    """A checked table of the actor's own that waits for a yes; NotFound."""
    rows = ImportDraft.objects.filter(public_id=public_id, person_id=actor.person_id, done_at=None)
    draft = rows.select_related("place", "place__kind", "place__parent").first()
    if draft is None or actor.is_anonymous:
        raise NotFound
    return draft
