"""Calls as Open311 GeoReport v2 reads them: whose kind was opened for reading, and those a program brought in itself.

What is said of a call is chosen so that it leads to nobody: kind, progress, times, and a place as rough as its kind asks
for. No words, no position of a home, no names, whoever reads (security page; domain 7).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import DateTimeField, Q, QuerySet
from django.db.models.functions import Greatest

from huying.calls import rules
from huying.calls.models import Call, DoorKey
from huying.calls.queries.asking import NEIGHBOURHOOD_LEVEL
from huying.calls.states import State
from huying.kernel.errors import NotFound
from huying.places import queries as place_queries
from huying.places.models import Place

SPAN = timedelta(days=90)
MOST = 1000
"""What the standard gives at most: ninety days or the first thousand requests, whichever is less."""
STREET_LEVEL = 40
"""Streets, towns and townships: no narrower is the place of a call for which somebody came home."""
NEVER_SHOWN = (
    *("title", "details", "answers", "address", "contact_phone", "contact_index", "comment"),
    *("search_text", "search_terms"),
)
"""Columns that are not even read: what was written, where it is, and how somebody is reached."""
TIMES = ("submitted_at", "reviewed_at", "accepted_at", "started_at", "delivered_at", "rated_at", "ended_at")


@dataclass(frozen=True, slots=True)
class Search:
    """What is looked for. ``numbers`` override everything else; the span is half-open and 90 days at most."""

    since: datetime
    until: datetime
    numbers: Sequence[str] = ()
    codes: Sequence[str] = ()
    open: bool = True
    closed: bool = True
    page: int = 1
    size: int = MOST


@dataclass(frozen=True, slots=True)
class Shown:
    """One call and the place that may be named for it."""

    call: Call
    at: Place
    updated: datetime


def may_read(door: DoorKey | None) -> Q:
    """Which calls this reader may know of: those listed for all, and for a program those it brought in."""
    seen = rules.listed_for_all()
    return seen | (Q(door=door) & ~Q(state=State.DRAFT)) if door else seen


def requests(door: DoorKey | None, search: Search) -> list[Shown]:
    """The calls that fit, newest first; a call that was joined to another one says nothing of its own, it is left out."""
    rows = rows_for(door)
    if search.numbers:
        rows = rows.filter(number__in=list(search.numbers)[:MOST])
        return shown(rows.order_by("-submitted_at", "-id")[:MOST])
    rows = rows.filter(submitted_at__gte=search.since, submitted_at__lt=search.until)
    if search.codes:
        rows = rows.filter(kind__code__in=list(search.codes))
    if not (search.open and search.closed):
        rows = rows.filter(ended_at__isnull=search.open)
    first = (search.page - 1) * search.size
    return shown(rows.order_by("-submitted_at", "-id")[first : first + search.size])


def request(door: DoorKey | None, number: str) -> Shown:
    """One of them by its number; NotFound, also for one that may not be known of."""
    found = shown(rows_for(door).filter(number=number)[:1])
    if not found:
        raise NotFound
    return found[0]


def number_of(door: DoorKey | None, token: str) -> str:
    """The number of the call with this token, its public id; NotFound."""
    try:
        found = rows_for(door).filter(public_id=UUID(token)).values_list("number", flat=True).first()
    except ValueError:
        raise NotFound from None
    if found is None:
        raise NotFound
    return str(found)


def rows_for(door: DoorKey | None) -> QuerySet[Call]:
    """What the reader may know of, with when something was done last."""
    last = Greatest(*TIMES, output_field=DateTimeField())  # of PostgreSQL: it passes over what is empty
    rows = Call.objects.filter(may_read(door), duplicate_of=None, submitted_at__isnull=False)
    return rows.annotate(moved_at=last).select_related("kind", "place__kind").defer(*NEVER_SHOWN)


def shown(rows: QuerySet[Call]) -> list[Shown]:
    """Each with the place that may be named: two questions for all of them."""
    calls = list(rows)
    above = place_queries.ancestors_of_all({call.place_id: call.place for call in calls}.values())
    return [Shown(call, named_place(call, above[call.place_id]), moved(call)) for call in calls]


def moved(call: Call) -> datetime:
    """When it was ended, or moved last."""
    at: datetime = call.ended_at or call.moved_at  # type: ignore[attr-defined]
    return at


def named_place(call: Call, above: list[Place]) -> Place:
    """Of the place of the call and those above it the narrowest that may be named; the top when none is rough enough."""
    most = STREET_LEVEL if call.kind.visit else NEIGHBOURHOOD_LEVEL
    chain = [*above, call.place]
    rough = [one for one in chain if one.kind.is_division and (one.kind.level or 0) <= most]
    return rough[-1] if rough else chain[0]
