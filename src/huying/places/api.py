"""REST for places: what is public about them, for everybody; checks against standards, for who keeps and verifies."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from ninja import Field, Router, Schema, Status

from huying.kernel import paging
from huying.kernel.errors import Forbidden
from huying.kernel.requests import Request
from huying.kernel.rest import Plain, Strict, gives
from huying.places import actions, queries, rules
from huying.places.models import Place, SiteCheck, Standard, StandardItem
from huying.places.states import Answer, CheckState, Standing

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


class ItemOut(Schema):
    """One thing a standard asks, what proves it, and its weight."""

    number: int
    name: str
    name_en: str
    proof: str
    proof_en: str
    weight: int


class StandardOut(Schema):
    """One standard in force; ``place`` is null when it is asked everywhere, ``kinds`` are codes of kinds of sites."""

    id: UUID = Field(alias="public_id")
    code: str
    version: int
    place: UUID | None
    name: str
    name_en: str
    about: str
    about_en: str
    kinds: list[str]
    items: list[ItemOut]

    @staticmethod
    def resolve_place(standard: Standard) -> UUID | None:
        return standard.place.public_id if standard.place else None

    @staticmethod
    def resolve_kinds(standard: Standard) -> list[str]:
        return sorted(one.pk for one in standard.kinds.all())

    @staticmethod
    def resolve_items(standard: Standard) -> list[StandardItem]:
        return sorted(standard.items.all(), key=lambda one: one.number)


class StandingOut(Schema):
    """How a site stands against one standard: sums of weights of the check that holds, and its id; null before one was
    verified. ``check`` is null for those who may not read checks.
    """

    standard: UUID
    code: str
    standing: Standing
    met: int | None
    applies: int | None
    verified_at: datetime | None
    check: UUID | None


class AnswerIn(Strict):
    """What is said of one item; ``na`` (does not apply) says why in ``note``."""

    number: int = Field(ge=1, le=1000)
    answer: Answer
    note: Annotated[Plain, Field(max_length=200)] = ""


class CheckIn(Strict):
    """A self-check: one answer to each item."""

    standard: UUID
    answers: list[AnswerIn] = Field(max_length=100)


class ReturnIn(Strict):
    """What is to be mended."""

    reason: Annotated[Plain, Field(min_length=1, max_length=200)]


class CheckOut(Schema):
    """One check. ``state``: self_checked, verified, returned; ``holds``: the newest that was verified."""

    id: UUID = Field(alias="public_id")
    place: UUID
    standard: UUID
    state: CheckState
    met: int
    applies: int
    holds: bool
    checked_at: datetime
    decided_at: datetime | None
    reason: str

    @staticmethod
    def resolve_place(check: SiteCheck) -> UUID:
        return check.place.public_id

    @staticmethod
    def resolve_standard(check: SiteCheck) -> UUID:
        return check.standard.public_id


class ChecksOut(Schema):
    """One page, the newest first; ``next`` goes back in as ``cursor``."""

    checks: list[CheckOut]
    next: str | None


@router.get("/standards", response=gives(list[StandardOut]), auth=None, url_name="standards")
def standards(request: Request) -> Any:
    """The standards that sites are checked against now."""
    return list(queries.in_force().prefetch_related("kinds", "items"))


@router.get("/checks/{uuid:public_id}", response=gives(CheckOut), url_name="check")
def check(request: Request, public_id: UUID) -> Any:
    """One check; 404 for those who may not read it."""
    return queries.check(request.actor, public_id)


@router.post("/checks/{uuid:public_id}/verify", response=gives(CheckOut), url_name="verify_check")
def verify_check(request: Request, public_id: UUID) -> Any:
    """Say that it is so, as another person than who checked; 409 when somebody has decided."""
    row = queries.check(request.actor, public_id)
    return actions.verify_check(actor=request.actor, check=row)


@router.post("/checks/{uuid:public_id}/return", response=gives(CheckOut), url_name="return_check")
def return_check(request: Request, public_id: UUID, payload: ReturnIn) -> Any:
    """Send it back with what is to be mended; 409 when somebody has decided."""
    row = queries.check(request.actor, public_id)
    return actions.return_check(actor=request.actor, check=row, reason=payload.reason)


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


@router.get("/{uuid:public_id}/standards", response=gives(list[StandingOut]), auth=None, url_name="site_standards")
def site_standards(request: Request, public_id: UUID) -> Any:
    """How a site stands against what is asked of it; the public gets what is met and verified, and nothing else."""
    place = queries.by_public_id(public_id)
    reads = rules.can_read_checks(request.actor, place)
    return [
        {
            "standard": one.standard.public_id,
            "code": one.standard.code,
            "standing": one.standing,
            "met": one.holding.met if one.holding else None,
            "applies": one.holding.applies if one.holding else None,
            "verified_at": one.holding.decided_at if one.holding else None,
            "check": one.holding.public_id if one.holding and reads else None,
        }
        for one in queries.of_site(place)
        if reads or one.standing == Standing.MET
    ]


@router.get("/{uuid:public_id}/checks", response=gives(ChecksOut), url_name="site_checks")
def site_checks(request: Request, public_id: UUID, cursor: Cursor = "") -> Any:
    """Every check of a site, the newest first, 25 a page, for those who read them."""
    place = queries.by_public_id(public_id)
    if not rules.can_read_checks(request.actor, place):
        raise Forbidden
    rows = queries.last_of(place).select_related("place")
    page = paging.page(rows, order=("-checked_at", "-id"), cursor=cursor or None)
    return {"checks": page.rows, "next": page.next}


@router.post("/{uuid:public_id}/checks", response=gives(CheckOut, 201), url_name="site_checks")
def self_check(request: Request, public_id: UUID, payload: CheckIn) -> Any:
    """Check the site oneself; 409 while another one waits or the standard is not asked here."""
    place, standard = queries.by_public_id(public_id), queries.standard(payload.standard)
    said = [actions.Said(one.number, one.answer, one.note) for one in payload.answers]
    row = actions.self_check(actor=request.actor, place=place, standard=standard, said=said)
    return Status(201, row)
