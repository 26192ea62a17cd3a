"""Tickets of a hotline, handed in by a program that holds a key."""

from __future__ import annotations

from typing import Annotated, Any, cast

from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja import Field, Router, Schema
from ninja.security import APIKeyHeader
from pydantic import AwareDatetime

from huying.calls import actions
from huying.calls.actions import doors
from huying.calls.actions.hotline import Taken
from huying.calls.models import DoorKey
from huying.calls.states import Channel, State, told
from huying.kernel import idempotency
from huying.kernel.errors import SignInNeeded
from huying.kernel.requests import Request
from huying.kernel.rest import Strict, gives

router = Router(tags=["calls"])


class TicketIn(Strict):
    """One ticket of a hotline; ``number`` is what it is called there, kept as it is. ``kind`` is the code or the name of
    a line of the menu, ``place`` the name or the division code of a neighbourhood, ``sent_at`` ISO 8601.
    """

    number: Annotated[str, Field(min_length=1, max_length=60)]
    kind: Annotated[str, Field(min_length=1, max_length=40)]
    title: Annotated[str, Field(max_length=60)] = ""
    details: Annotated[str, Field(max_length=4000)] = ""
    place: Annotated[str, Field(max_length=120)] = ""
    address: Annotated[str, Field(max_length=200)] = ""
    name: Annotated[str, Field(max_length=50)] = ""
    phone: Annotated[str, Field(max_length=30)] = ""
    sent_at: AwareDatetime | None = None
    urgent: bool = False


class TicketsIn(Strict):
    """Tickets of one hotline, fifty at most; all come in or none."""

    source: Annotated[str, Field(min_length=1, max_length=20)]
    tickets: Annotated[list[TicketIn], Field(min_length=1, max_length=50)]


class TicketOut(Schema):
    """What became of a ticket: the call and how far it is; ``new`` when this request made it."""

    number: str
    call: str | None
    state: State | None
    new: bool


class TicketsOut(Schema):
    """In the order they were sent."""

    tickets: list[TicketOut]


class KeyHolder(APIKeyHeader):
    """A program with a key (page 接入钥匙): it speaks for whoever gave the key, and only here."""

    param_name = idempotency.PROGRAM

    def authenticate(self, request: HttpRequest, key: str | None) -> DoorKey:
        """The key, with its actor put on the request; SignInNeeded without one, Forbidden for a wrong one."""
        if not key:
            raise SignInNeeded
        address = request.META.get("REMOTE_ADDR", "")
        door = doors.open_door(text=key, address=address)
        cast(Request, request).actor = doors.enter(key=door, channel=Channel.HOTLINE, address=address)
        return door


@router.post("", response=gives(TicketsOut, 201), url_name="hotline", auth=KeyHolder())
def hotline(request: Request, payload: TicketsIn) -> Any:
    """Tickets of a hotline become calls; one whose number is here already is answered with its call, and not made again.
    Calls that may be the same matter are shown to the desk, where a person decides.

    The key was looked at and counted before: outside the transaction of the write, so that refusals count, and before an
    answer that was kept is given again.
    """
    door: DoorKey = request.auth  # type: ignore[attr-defined]
    rows = [{"row": place, **ticket_row(one)} for place, one in enumerate(payload.tickets)]

    def write(_request: HttpRequest) -> HttpResponse:
        taken = actions.take_tickets(actor=request.actor, area=door.place, source=payload.source, rows=rows, door=door)
        answer = TicketsOut(tickets=[ticket_out(one) for one in taken])
        return JsonResponse(answer.model_dump(mode="json"), status=201)

    return idempotency.IdempotencyMiddleware(write).once(request, request.ticket)


def ticket_out(one: Taken) -> TicketOut:
    """What the program is told of one ticket."""
    call = one.call
    return TicketOut(
        number=one.number,
        call=call.number if call else None,
        state=told(call.state) if call else None,
        new=one.is_new,
    )


def ticket_row(one: TicketIn) -> dict[str, str]:
    """A ticket as a row of a table says it."""
    given = one.model_dump(exclude={"sent_at", "urgent"})
    sent = {"sent_at": one.sent_at.isoformat()} if one.sent_at else {}
    return {**given, **sent, "urgent": "1" if one.urgent else ""}
