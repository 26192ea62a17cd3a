"""Which neighbourhood a report speaks of: by its position, by the words of an address, by a code."""

from __future__ import annotations

from uuid import UUID

from django.db.models import F, QuerySet, Value
from django.db.models.functions import Length, StrIndex

from huying.calls.queries.asking import neighbourhoods
from huying.places.models import Place
from huying.places.rules.positions import box, metres

NEAR_METRES = 5_000
"""So far from the middle of a neighbourhood a position may lie and still be counted to it; else the area decides."""
MOST_NEAR = 500


def inside(area: Place) -> QuerySet[Place]:
    """Neighbourhoods in use, at or below ``area``."""
    return neighbourhoods().filter(path__startswith=area.path).select_related("kind", "parent")


def at_position(area: Place, lon: float, lat: float) -> Place | None:
    """The neighbourhood of the area whose middle is closest to a position (WGS 84 degrees), None when none is near."""
    west, south, east, north = box(lon, lat, NEAR_METRES)
    rows = inside(area).filter(lon__range=(west, east), lat__range=(south, north))
    near = [(metres(lon, lat, one.lon or 0, one.lat or 0), one.pk, one) for one in rows[:MOST_NEAR]]
    near = [one for one in near if one[0] <= NEAR_METRES]
    return min(near)[2] if near else None


def in_address(area: Place, address: str) -> Place | None:
    """The neighbourhood whose whole name stands in the address; None when none does, or several of one name."""
    if not address.strip():
        return None
    named = inside(area).annotate(at=StrIndex(Value(address), F("name")), letters=Length("name")).filter(at__gt=0)
    found = list(named.order_by("-letters", "-depth", "id")[:2])
    if len(found) == 2 and found[0].name == found[1].name:
        return None
    return found[0] if found else None


def by_words(area: Place, words: str) -> list[Place]:
    """Neighbourhoods of the area whose name, short name or code is exactly this, two at most."""
    rows = inside(area)
    for field in ("name", "short_name", "code"):
        found = list(rows.filter(**{field: words}).order_by("id")[:2]) if words else []
        if found:
            return found
    return []


def by_id(area: Place, text: str) -> Place | None:
    """A neighbourhood of the area by its public id or its division code; None for others."""
    try:
        return inside(area).filter(public_id=UUID(text)).first()
    except ValueError:
        found = list(inside(area).filter(code=text)[:1]) if text else []
        return found[0] if found else None
