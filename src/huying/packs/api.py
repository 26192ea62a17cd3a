"""REST for packs: the library, one pack with its versions, what differs, what is in force at a place. Read only, for all."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from ninja import Field, Query, Router, Schema

from huying.kernel import paging
from huying.kernel.errors import NotFound
from huying.kernel.requests import Request
from huying.kernel.rest import Plain, gives
from huying.packs import queries
from huying.packs.models import Pack, PackVersion
from huying.places import queries as place_queries

router = Router(tags=["packs"])
Cursor = Annotated[Plain, Field(max_length=4096)]
Word = Annotated[Plain, Field(max_length=60)]
SIZE = 50


class PackOut(Schema):
    """The version in force of a pack. ``key``: namespace.code; ``checksum``: SHA-256 over the canonical form."""

    key: str
    version: int
    name: str
    name_en: str
    status: str
    checksum: str
    places: int


class PacksOut(Schema):
    """One page; ``next`` goes back in as ``cursor``."""

    packs: list[PackOut]
    next: str | None


class VersionOut(Schema):
    version: int
    checksum: str
    loaded_at: datetime


class OnOut(Schema):
    """That a pack is on at a place; ``until`` is the first day on which it is not."""

    key: str
    version: int
    place: UUID
    place_name: str
    since: datetime
    until: date | None


class WholePackOut(Schema):
    """``body``: the file of the version in force as plain values (schema: ``/packs/schema.json``)."""

    key: str
    version: int
    checksum: str
    body: dict[str, Any]
    versions: list[VersionOut]
    on: list[OnOut]


class FieldOut(Schema):
    name: str
    before: Any
    after: Any


class LineOut(Schema):
    """``change``: new, changed, renamed (from ``was``), anew (beside ``was``, which stays) or retired."""

    section: str
    code: str
    name: str
    change: str
    was: str
    fields: list[FieldOut]


@router.get("", response=gives(PacksOut), url_name="packs", auth=None)
def listing(
    request: Request, q: Word = "", namespace: Word = "", status: Word = "", cursor: Cursor = ""
) -> dict[str, Any]:
    """The library by name, 50 a page."""
    rows = queries.shelf(words=q, namespace=namespace, status=status)
    page = paging.page(rows, ("name", "id"), cursor or None, SIZE)
    return {"packs": [pack_out(one) for one in page.rows], "next": page.next}


@router.get("/at/{public_id}", response=gives(list[OnOut]), url_name="packs_at", auth=None)
def at(request: Request, public_id: UUID) -> list[dict[str, Any]]:
    """The packs in force at a place, those of places above too, the nearest first."""
    place = place_queries.by_public_id(public_id)
    return [on_out(one) for one in queries.on_at(place)]


@router.get("/is/{key}", response=gives(WholePackOut), url_name="pack", auth=None)
def one(request: Request, key: Word) -> dict[str, Any]:
    """One pack."""
    row = queries.pack_by_key(key)
    versions = list(queries.versions(row))
    if not versions:
        raise NotFound
    last = versions[0]
    return {
        "key": row.key,
        "version": last.version,
        "checksum": last.checksum,
        "body": last.body,
        "versions": [{"version": v.version, "checksum": v.checksum, "loaded_at": v.loaded_at} for v in versions],
        "on": [on_out(switch) for switch in queries.switches(row) if switch.off_at is None],
    }


@router.get("/is/{key}/difference", response=gives(list[LineOut]), url_name="pack_difference", auth=None)
def difference(
    request: Request,
    key: Word,
    before: Annotated[int, Query(ge=1, le=100_000)] = 1,
    after: Annotated[int, Query(ge=0, le=100_000)] = 0,
) -> list[dict[str, Any]]:
    """What version ``after`` (0: as it runs now) changed against ``before``."""
    row: Pack = queries.pack_by_key(key)
    first = queries.version(row, before).body
    second = queries.version(row, after).body if after else queries.running(row)
    return [
        {
            "section": line.section,
            "code": line.code,
            "name": line.name,
            "change": line.change.value,
            "was": line.was,
            "fields": [{"name": name, "before": old, "after": new} for name, old, new in line.fields],
        }
        for line in queries.compare(first, second)
    ]


def pack_out(row: PackVersion) -> dict[str, Any]:
    names = ("version", "name", "name_en", "status", "checksum", "places")
    return {"key": row.pack.key, **{name: getattr(row, name) for name in names}}


def on_out(switch: Any) -> dict[str, Any]:
    return {
        "key": switch.pack.key,
        "version": switch.version.version,
        "place": switch.place.public_id,
        "place_name": switch.place.name,
        "since": switch.on_at,
        "until": switch.until,
    }
