"""The records behind a number: what each adds, and as much of it as the reader may see.

Rooms above say how their records are called and opened (``records_from``), since this room may not ask upwards; what
they do not show to this reader is only counted.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet
from django.utils.functional import Promise

from huying.figures import rules
from huying.figures.models import Contribution, Metric
from huying.figures.queries.amounts import Period
from huying.figures.states import MetricKind
from huying.kernel import paging
from huying.kernel.actor import Actor
from huying.kernel.errors import NotFound
from huying.places.models import Place

ORDER = ("-day", "-source_id", "-source")
CHUNK = 500


@dataclass(frozen=True, slots=True)
class Shown:
    """How a record is called, and where it opens."""

    title: str
    href: str


@dataclass(frozen=True, slots=True)
class Behind:
    """One record behind a number: what it adds, on which day, at which place."""

    kind: str | Promise
    title: str
    href: str
    day: date
    place: Place
    amount: int


@dataclass(frozen=True, slots=True)
class RecordPage:
    """Records of one page that the reader may see, and how many more stand on it that he may not."""

    rows: list[Behind]
    hidden: int
    next: str | None
    previous: str | None


Show = Callable[[Actor, Collection[int]], Mapping[int, Shown]]
_shows: dict[str, tuple[str | Promise, Show]] = {}


def records_from(source: str, kind: str | Promise, show: Show) -> None:
    """What records of ``source`` are called, and ``show``: of these keys those that the actor may see, key -> Shown.
    Rooms above say so when they start.
    """
    _shows[source] = (kind, show)


def kind_of(source: str) -> str:
    """What records of this source are called; the source itself where nobody said so."""
    return str(_shows[source][0]) if source in _shows else source


def contributions(actor: Actor, of: Metric, place: Place, period: Period) -> QuerySet[Contribution]:
    """What adds to a flow in the period, or to a stock until its end, at the place and below. NotFound for who does not
    read the place: single records would give small numbers away; and for a ratio, whose two sums have records each.
    """
    if not rules.can_read(actor, place) or of.kind == MetricKind.RATIO:
        raise NotFound
    rows = Contribution.objects.filter(metric=of, day__lt=period.until).exclude(amount=0)
    if of.kind == MetricKind.FLOW:
        rows = rows.filter(day__gte=period.since)
    return rows.filter(place__path__startswith=place.path).select_related("place")


def records(
    actor: Actor, of: Metric, place: Place, period: Period, cursor: str | None = None, size: int = 25
) -> RecordPage:
    """One page of the records behind a number, the newest day first. NotFound, InvalidInput for a cursor not made here."""
    rows = contributions(actor, of, place, period)
    page = paging.page(rows, ORDER, cursor, size, whole=True)
    seen = list(shown(actor, page.rows))
    return RecordPage(seen, len(page.rows) - len(seen), page.next, page.previous)


def all_records(actor: Actor, of: Metric, place: Place, period: Period) -> Iterator[Behind]:
    """All records behind a number that the actor may see, read in chunks, for files. NotFound at once."""
    return in_chunks(actor, contributions(actor, of, place, period).order_by(*ORDER))


def in_chunks(actor: Actor, rows: QuerySet[Contribution]) -> Iterator[Behind]:
    chunk: list[Contribution] = []
    for one in rows.iterator(chunk_size=CHUNK):
        chunk.append(one)
        if len(chunk) == CHUNK:
            yield from shown(actor, chunk)
            chunk = []
    yield from shown(actor, chunk)


def shown(actor: Actor, rows: Collection[Contribution]) -> Iterator[Behind]:
    """Those that the actor may see, in their order; one question a source."""
    keys: dict[str, list[int]] = {}
    for one in rows:
        keys.setdefault(one.source, []).append(one.source_id)
    seen = {source: _shows[source][1](actor, ids) for source, ids in keys.items() if source in _shows}
    for one in rows:
        found = seen.get(one.source, {}).get(one.source_id)
        if found is not None:
            kind = _shows[one.source][0]
            yield Behind(kind, found.title, found.href, one.day, one.place, one.amount)
