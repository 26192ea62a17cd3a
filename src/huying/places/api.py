"""REST for places: what is public about them, for everybody."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from ninja import Field, Router, Schema

from huying.kernel import paging
from huying.kernel.requests import Request
from huying.kernel.rest import Plain, gives
from huying.places import queries
from huying.places.models import Place

router = Router(tags=["places"])
Words = Annotated[Plain, Field(max_length=200)]
Cursor = Annotated[Plain, Field(max_length=4096)]
ORDER = ("sort_key", "id")


class PlaceOut(Schema):
    """One place; ``parent`` is null for the top of a tree. Private contacts are no part of it."""

    id: UUID = Field(alias="public_id")
    name: str
    name_en: str
    kind: str = Field(alias="kind_id")
    parent: UUID | None
    code: str
    address: str
    lon: float | None
    lat: float | None
    flags: list[str]
    status: str

    @staticmethod
    def resolve_parent(place: Place) -> UUID | None:
        return place.parent.public_id if place.parent else None


class PlacesOut(Schema):
    """One page; ``next`` goes back in as ``cursor``."""

    places: list[PlaceOut]
    next: str | None


@router.get("", response=gives(PlacesOut), auth=None, url_name="places")
def listing(request: Request, words: Words = "", within: UUID | None = None, cursor: Cursor = "") -> Any:
    """Open places by name, pinyin, initials or code, in name order, 25 a page; the tops when nothing is asked."""
    if words or within is not None:
        rows = queries.listed(words=words, within=queries.by_public_id(within) if within else None)
    else:
        rows = queries.tops().select_related("parent")
    page = paging.page(rows, order=ORDER, cursor=cursor or None)
    return {"places": page.rows, "next": page.next}


@router.get("/{uuid:public_id}", response=gives(PlaceOut), auth=None, url_name="place")
def place(request: Request, public_id: UUID) -> Any:
    """One place."""
    return queries.by_public_id(public_id)


@router.get("/{uuid:public_id}/children", response=gives(PlacesOut), auth=None, url_name="children")
def children(request: Request, public_id: UUID, cursor: Cursor = "") -> Any:
    """What hangs directly below it, in name order, 25 a page."""
    rows = queries.children(queries.by_public_id(public_id)).select_related("parent")
    page = paging.page(rows, order=ORDER, cursor=cursor or None)
    return {"places": page.rows, "next": page.next}
