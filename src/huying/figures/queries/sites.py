"""Sites of the tree as words: each from the day it opened, and off again from the day it closed."""

from __future__ import annotations

from collections.abc import Iterator

from huying.figures.states import Word
from huying.kernel import clock
from huying.places.models import Place

SITES = "sites"
CLOSED = f"{Place._meta.label}.closed"


def words_of_site(place: Place, metric: str) -> list[Word]:
    """What one site adds to ``metric``: one when it opened, less one when it closed. ``place`` with its kind."""
    if not place.kind.is_site:
        return []
    opened = place.opened_date or clock.local(place.created_at).date()
    closed = max(place.closed_date, opened) if place.closed_date else opened
    return [
        Word(Place._meta.label, place.pk, metric, place.pk, opened, 1),
        Word(CLOSED, place.pk, metric, place.pk, closed, -1 if place.closed_date else 0),
    ]


def recounted_sites(source: str) -> Iterator[Word]:
    """All words of sites under this source, by place: the whole, and the part of its kind."""
    for place in Place.objects.filter(kind__is_site=True).select_related("kind").order_by("pk").iterator():
        for metric in (SITES, f"{SITES}_{place.kind_id}"):
            yield from (one for one in words_of_site(place, metric) if one.source == source)
