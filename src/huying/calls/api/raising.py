"""A place raises a call in its own name (吹哨), and how far its goods are promised: as on the pages."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from ninja import Field, Router, Schema, Status
from pydantic import AwareDatetime

from huying.calls import actions, queries
from huying.calls.actions.widening import MOST_SEATS
from huying.calls.api.calls import CallOut, place_of
from huying.calls.models.goods import MOST
from huying.calls.queries.raising import Line, goods_of
from huying.calls.states import Channel
from huying.kernel.errors import InvalidInput
from huying.kernel.requests import Request
from huying.kernel.rest import Strict, gives
from huying.people.models import Person

router = Router(tags=["calls"])


class GoodIn(Strict):
    """One line of goods: ``amount`` of ``unit``."""

    name: Annotated[str, Field(min_length=1, max_length=40)]
    amount: Annotated[int, Field(ge=1, le=MOST)]
    unit: Annotated[str, Field(min_length=1, max_length=10)]


class RaiseIn(Strict):
    """``raised_for``: the place in whose name; ``place``: the part of its tree that it concerns, itself without it;
    ``until``: wanted by then; ``address``: where to meet; ``contact_phone``: shown to those who say yes.
    """

    raised_for: UUID
    kind: Annotated[str, Field(max_length=40)]
    title: Annotated[str, Field(min_length=1, max_length=60)]
    people: Annotated[int, Field(ge=1, le=MOST_SEATS)]
    address: Annotated[str, Field(min_length=1, max_length=200)]
    contact_phone: Annotated[str, Field(min_length=1, max_length=20)]
    place: UUID | None = None
    details: Annotated[str, Field(max_length=2000)] = ""
    until: AwareDatetime | None = None
    urgent: bool = False
    goods: Annotated[list[GoodIn], Field(max_length=20)] = []


class GoodOut(Schema):
    """One line of goods: ``line`` is its number when somebody says what he brings; ``found``: promised so far."""

    line: int = Field(alias="good.order")
    name: str = Field(alias="good.name")
    unit: str = Field(alias="good.unit")
    amount: int = Field(alias="good.amount")
    found: int


@router.post("/raise", response=gives(CallOut, 201), url_name="raise")
def raise_call(request: Request, payload: RaiseIn) -> Any:
    """Raise a call in the name of a place where the caller is on duty; it goes to its first ring at once."""
    kind = queries.menu(request.actor).filter(code=payload.kind).first()
    if kind is None:
        raise InvalidInput(fields={"kind": "unknown"})
    raised_for = place_of(payload.raised_for)
    where = place_of(payload.place) if payload.place else raised_for
    what = actions.Ask(
        kind=kind,
        place=where,
        requester=Person(),
        title=payload.title,
        details=payload.details,
        address=payload.address,
        contact_phone=payload.contact_phone,
        lon=where.lon,
        lat=where.lat,
        wanted_to=payload.until,
        people_needed=payload.people,
        urgent=payload.urgent,
        channel=Channel.API,
    )
    goods = [actions.Goods(one.name, one.amount, one.unit) for one in payload.goods]
    return Status(201, actions.raise_call(actor=request.actor, what=what, raised_for=raised_for, goods=goods))


@router.get("/{uuid:public_id}/goods", response=gives(list[GoodOut]), url_name="goods")
def goods(request: Request, public_id: UUID) -> list[Line]:
    """The goods a call asks for and how much of each is promised; [] for a call that no place raised."""
    return goods_of(queries.by_public_id(request.actor, public_id))
