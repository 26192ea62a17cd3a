"""What is on: the public list by day under filters, what is near, and where it lies on the map."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple, TypeVar

from django.db.models import Exists, F, OuterRef, Prefetch, Q, QuerySet

from huying.activities.models import ActivityKind, Session, Shift, Theme, Unit
from huying.activities.states import LONGEST_SESSION_DAYS, ActivityState, SessionState
from huying.kernel import clock, prepared
from huying.kernel.search import matching
from huying.places.models import Place
from huying.places.queries.offering import offered_at, offered_somewhere

D = TypeVar("D", ActivityKind, Theme)
SHOWN = 3
MOST_SPOTS = 500
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Asked:
    """Filters of the public list; each may be empty. Days in China time, both included."""

    words: str = ""
    within: Place | None = None
    first: date | None = None
    last: date | None = None
    kind: str = ""
    theme: str = ""
    free: bool = False
    large: bool = False


def listed(asked: Asked) -> QuerySet[Session]:
    """The sessions of ``chosen`` with all that a card shows: two queries more, however many sessions there are."""
    return with_facts(chosen(asked))


def chosen(asked: Asked) -> QuerySet[Session]:
    """Sessions of published activities that are not over, under the filters, in the order of time (starts_at, id).

    With a first day in the past, also what was.
    """
    rows = Session.objects.filter(
        activity__state__in=[ActivityState.PUBLISHED, ActivityState.ENDED], activity__is_template=False
    ).exclude(state=SessionState.CANCELLED)
    rows = rows.filter(starts_at__gte=midnight(asked.first)) if asked.first else rows.filter(not_over())
    if asked.last:
        rows = rows.filter(starts_at__lt=midnight(asked.last) + DAY)
    if asked.within is not None:
        inside = Q(activity__place__path__startswith=asked.within.path) | Q(venue__path__startswith=asked.within.path)
        rows = rows.filter(inside)
    if asked.kind:
        rows = rows.filter(activity__kind__code=asked.kind)
    if asked.large:
        rows = rows.filter(activity__kind__is_large=True)
    if asked.theme:
        rows = rows.filter(activity__themes__code=asked.theme)
    if asked.free:
        rows = rows.filter(Exists(Shift.objects.filter(session=OuterRef("pk"), taken__lt=F("capacity"), waiting=0)))
    if asked.words.strip():
        rows = matching(rows, asked.words, prefix="activity__")
    return rows


def with_facts(rows: QuerySet[Session]) -> QuerySet[Session]:
    """Everything a card of a session shows, without a query for each."""
    return rows.select_related("activity__kind", "activity__place", "venue__parent").prefetch_related(
        shifts(), "activity__themes"
    )


def shifts() -> Prefetch[Any]:
    """The shifts of sessions with their roles, in order."""
    return Prefetch("shifts", queryset=Shift.objects.select_related("role").order_by("role__order", "id"))


def not_over() -> Q:
    """Sessions that have not ended; none lasts over 31 days, so the index on beginnings is entered near today."""
    now = clock.now()
    return Q(ends_at__gt=now, starts_at__gt=now - LONGEST_SESSION_DAYS * DAY)


def midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=clock.SHANGHAI)


def near(place: Place | None, limit: int = SHOWN) -> list[Session]:
    """What is on next around a place (in the area of its parent), one session an activity; one query."""
    rows = Session.objects.filter(not_over(), activity__state=ActivityState.PUBLISHED, state=SessionState.PLANNED)
    if place is not None:
        area = place.path[: place.path.rstrip("/").rindex("/") + 1] if place.depth > 1 else place.path
        rows = rows.filter(activity__place__path__startswith=area)
    first: dict[int, Session] = {}
    for one in rows.select_related("activity__kind", "venue__parent").order_by("starts_at", "id")[: limit * 5]:
        first.setdefault(one.activity_id, one)
    return list(first.values())[:limit]


def spots(asked: Asked) -> list[Session]:
    """The sessions of the list that can be shown on a map, next first."""
    known = Q(venue__lon__isnull=False) | Q(venue__parent__lon__isnull=False) | Q(activity__place__lon__isnull=False)
    return list(listed(asked).filter(known).order_by("starts_at", "id")[:MOST_SPOTS])


def position(session: Session) -> tuple[float, float] | None:
    """(lon, lat) of the venue, of the house around it, else of the place whose activity it is."""
    venue = session.venue
    for place in (venue, venue.parent if venue else None, session.activity.place):
        if place is not None and place.lon is not None and place.lat is not None:
            return place.lon, place.lat
    return None


def kinds(keep: Iterable[int] = (), places: Iterable[Place] | None = None) -> QuerySet[ActivityKind]:
    """Kinds on offer at one of the places (None: anywhere), in order; those in ``keep`` (keys) also when retired."""
    return on_offer(ActivityKind.objects.order_by("order", "id"), keep, places)


def themes(keep: Iterable[int] = (), places: Iterable[Place] | None = None) -> QuerySet[Theme]:
    """Themes on offer, in order; as with kinds."""
    return on_offer(Theme.objects.order_by("order", "id"), keep, places)


class Choice(NamedTuple):
    """What a sieve shows of a kind or a theme."""

    code: str
    name: str
    name_en: str


def choices_of(rows: Callable[[], QuerySet[Any, Any]]) -> list[Choice]:
    """Kinds or themes on offer anywhere to choose from; the public list asks on every page, so the question is written
    down once.
    """
    written = prepared.written_once(rows, lambda: rows().values_list(*Choice._fields))
    return [Choice(*row) for row in written]


def on_offer(rows: QuerySet[D], keep: Iterable[int], places: Iterable[Place] | None) -> QuerySet[D]:
    """Rows in force that are offered at one of the places, and those to keep."""
    used = rows.filter(active=True)
    return (offered_somewhere(used) if places is None else offered_at(used, places)) | rows.filter(pk__in=list(keep))


def units(keep: Iterable[int] = ()) -> QuerySet[Unit]:
    """Units of results on offer, in order; ``keep`` as with kinds."""
    return Unit.objects.filter(Q(active=True) | Q(pk__in=list(keep))).order_by("order", "id")
