"""REST for round-ups: the published papers for everybody, and one paper with what it says and where its numbers come from.

Whoever reads the figures of a place reads every round-up of it, drafts too (filled with the figures of this moment);
everybody else reads the public ones that are published, with small numbers hidden.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from ninja import Field, Query, Router, Schema

from huying.cockpit.models import Report
from huying.cockpit.queries import papers as queries
from huying.cockpit.queries import reports as report_queries
from huying.cockpit.queries.report_filling import Document
from huying.kernel import clock, paging
from huying.kernel.errors import NotFound, SignInNeeded
from huying.kernel.requests import Request
from huying.kernel.rest import Plain, gives
from huying.places import queries as place_queries

router = Router(tags=["papers"])
Cursor = Annotated[Plain, Field(max_length=4096)]


class PaperOut(Schema):
    """A round-up; ``until`` is the first day that no longer counts. ``number``, ``organ`` and ``signed`` (the day in China)
    are null before it is signed.
    """

    id: UUID
    title: str
    number: str | None
    organ: str | None
    place: UUID
    place_name: str
    since: date
    until: date
    signed: date | None
    public: bool
    state: str


class PapersOut(Schema):
    """One page; ``next`` goes back in as ``cursor``."""

    papers: list[PaperOut]
    next: str | None


class PieceOut(Schema):
    """Words of a paragraph. ``kind``: words, number, reported, hand (put by an editor instead of the computed one), typed
    (digits an editor wrote) or missing; ``n`` is the place of the number among ``numbers``.
    """

    kind: str
    text: str
    n: int | None = None


class CellNumberOut(Schema):
    """Which number a cell of a table holds."""

    row: int
    column: int
    metric: str
    place: UUID
    since: date
    until: date


class SeriesOut(Schema):
    """One curve or row of bars; null where nothing can be said."""

    name: str
    values: list[float | None]


class BlockOut(Schema):
    """``kind``: heading (``level``, ``text``), paragraph (``pieces``), table (``title``, ``heads``, ``rows``, ``cells``,
    ``note``), line or bar (``title``, ``labels``, ``series``, ``note``), photos (``captions``).
    """

    kind: str
    level: int | None = None
    text: str | None = None
    pieces: list[PieceOut] = []
    title: str | None = None
    heads: list[str] = []
    rows: list[list[str]] = []
    cells: list[CellNumberOut] = []
    labels: list[str] = []
    series: list[SeriesOut] = []
    captions: list[str] = []
    note: str = ""


class StretchOut(Schema):
    """Days from ``since`` until before ``until``."""

    since: date
    until: date


class PaperNumberOut(Schema):
    """A number of the text: ``told`` is how it was worked out and said, ``hand`` what an editor put instead. A counted one
    has its ``metrics`` and ``stretches`` (its own period and those it is compared with), a reported one its ``source``.
    ``codes`` open it: ``/n/CODE/`` and ``/api/v1/figures/numbers/CODE``.
    """

    n: int
    name: str
    field: str
    told: str
    hand: str | None
    counts: str | None
    metrics: list[str]
    stretches: list[StretchOut]
    source: str | None
    as_of: date | None
    codes: list[str]


class WithdrawnOut(Schema):
    """When a published paper was taken back, and why."""

    at: datetime
    reason: str


class WholePaperOut(PaperOut):
    """``as_of``: the moment of its figures; ``digest``: SHA-256 of the locked document. Of one that was taken back only
    ``withdrawn`` is told to who does not read the place: no title, no blocks, no numbers.
    """

    as_of: datetime | None
    digest: str | None
    blocks: list[BlockOut]
    numbers: list[PaperNumberOut]
    withdrawn: WithdrawnOut | None


class Wanted(Schema):
    """Of a place and everywhere below it, of a year of paper numbers."""

    within: UUID | None = None
    year: int | None = Field(default=None, ge=2000, le=2199)
    cursor: Cursor = ""


@router.get("", response=gives(PapersOut), auth=None, url_name="papers")
def listing(request: Request, wanted: Query[Wanted]) -> Any:
    """Published papers, the newest first, 25 a page."""
    within = place_queries.by_public_id(wanted.within) if wanted.within else None
    page = paging.page(queries.published(within, wanted.year), queries.ORDER, wanted.cursor or None)
    return {"papers": [facts(one) for one in page.rows], "next": page.next}


@router.get("/{uuid:public_id}", response=gives(WholePaperOut), auth=None, url_name="paper")
def paper(request: Request, public_id: UUID) -> Any:
    """One round-up as far as you may read it."""
    try:
        found = report_queries.report(request.actor, public_id)
    except NotFound:
        return taken_back(request, public_id)
    document, frozen = report_queries.document(found), found.frozen is not None
    return {
        **facts(found),
        "title": document["title"],
        "as_of": document["as_of"],
        "digest": found.digest if frozen else None,
        "blocks": [block(one) for one in document["blocks"]],
        "numbers": numbers(document),
        "withdrawn": withdrawn(found),
    }


def taken_back(request: Request, public_id: UUID) -> dict[str, Any]:
    """What is left for everybody of a paper that was out. SignInNeeded for those who might see more, else NotFound."""
    try:
        found = queries.paper(public_id)
    except NotFound:
        if request.actor.is_anonymous:
            raise SignInNeeded from None
        raise
    nothing: dict[str, Any] = {"title": "", "as_of": None, "digest": None, "blocks": [], "numbers": []}
    return {**facts(found), **nothing, "withdrawn": withdrawn(found)}


def facts(of: Report) -> dict[str, Any]:
    return {
        **{name: getattr(of, name) for name in ("title", "since", "until", "state")},
        "id": of.public_id,
        "number": of.paper_number or None,
        "organ": of.organ or None,
        "place": of.place.public_id,
        "place_name": of.place.name,
        "signed": clock.local(of.signed_at).date() if of.signed_at else None,
        "public": of.is_public,
    }


def withdrawn(of: Report) -> dict[str, Any] | None:
    found = queries.withdrawal(of)
    return {"at": found.at, "reason": found.reason} if found else None


def block(one: dict[str, Any]) -> dict[str, Any]:
    """A block of the document, without what only drawing needs."""
    if one["kind"] == "photos":
        return {"kind": "photos", "captions": [photo["caption"] for photo in one["photos"]]}
    if one["kind"] != "table":
        return one
    return {**one, "cells": [cell for n in range(len(one["rows"])) for cell in cells(one, n)]}


def cells(table: dict[str, Any], n: int) -> list[dict[str, Any]]:
    """The numbers of one row; none in papers locked before tables kept them, and of what was counted at the place itself."""
    place, since, until = table["of"][n] if "of" in table else ("", "", "")
    where = {"row": n, "place": place, "since": since, "until": until}
    return [{**where, "column": k, "metric": one} for k, one in enumerate(table["metrics"], start=1)] if place else []


def numbers(document: Document) -> list[dict[str, Any]]:
    return [
        {
            **{name: fact.get(name) for name in ("name", "field", "told", "hand", "counts", "source", "as_of")},
            "n": n,
            "metrics": fact.get("with", []),
            "stretches": [{"since": since, "until": until} for since, until in fact.get("stretches", [])],
            "codes": fact.get("codes", []),
        }
        for n, fact in enumerate(document["numbers"], start=1)
    ]
