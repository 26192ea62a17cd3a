"""REST for calls: the same actions and the same rules as the pages (architecture section 5)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Field, Query, Router, Schema
from pydantic import ConfigDict

from huying.calls import actions, queries
from huying.calls.models import Call, ServiceKind
from huying.calls.states import Channel, State
from huying.kernel import paging
from huying.kernel.errors import InvalidInput
from huying.kernel.requests import Request
from huying.people import queries as people_queries
from huying.places import queries as place_queries
from huying.volunteers import queries as volunteer_queries

router = Router(tags=["calls"])
Text = Annotated[str, Field(max_length=2000)]


class Strict(Schema):
    """Unknown names are refused, so that nothing is set by surprise (security 5 no. 23)."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class KindOut(Schema):
    code: str
    name: str
    name_en: str
    summary: str
    questions: list[dict[str, Any]]
    people_needed: int
    urgent: bool
    emergency: list[str]

    @staticmethod
    def resolve_emergency(kind: ServiceKind) -> list[str]:
        return kind.emergency.split()


class CallOut(Schema):
    """One call: no address and no phone number ever leaves here."""

    id: UUID = Field(alias="public_id")
    number: str
    kind: str
    place: UUID
    title: str
    state: str
    level: str
    urgent: bool
    created_at: datetime
    due_at: datetime | None = Field(alias="stage_due_at")
    due_estimated: bool
    overdue: bool
    scheduled_at: datetime | None
    delivered_at: datetime | None
    ended_at: datetime | None
    score: int | None
    solved: bool | None

    @staticmethod
    def resolve_kind(call: Call) -> str:
        return call.kind.code

    @staticmethod
    def resolve_place(call: Call) -> UUID:
        return call.place.public_id


class CallsOut(Schema):
    calls: list[CallOut]
    next: str | None


class AskIn(Strict):
    kind: Annotated[str, Field(max_length=40)]
    place: UUID
    title: Annotated[str, Field(min_length=1, max_length=60)]
    details: Text = ""
    answers: dict[str, Any] = {}
    for_person: UUID | None = None
    address: Annotated[str, Field(max_length=200)] = ""
    contact_phone: Annotated[str, Field(max_length=20)] = ""
    wanted_from: datetime | None = None
    wanted_to: datetime | None = None
    urgent: bool = False


class StepIn(Strict):
    """What a step needs; each verb says which of these it takes (see docs of the states)."""

    note: Annotated[str, Field(max_length=500)] = ""
    reason: Annotated[str, Field(max_length=300)] = ""
    at: datetime | None = None
    score: Annotated[int, Field(ge=1, le=5)] | None = None
    solved: bool = True
    comment: Annotated[str, Field(max_length=300)] = ""
    target: Annotated[str, Field(max_length=10)] = ""
    volunteers: Annotated[list[UUID], Field(max_length=50)] = []
    teams: Annotated[list[UUID], Field(max_length=20)] = []


Verb = Literal[
    "review", "ask_info", "give_info", "reject", "pool", "dispatch", "claim", "accept", "decline", "recall", "hand_back",
    "schedule", "start", "deliver", "rate", "reopen", "suspend", "resume", "cancel", "transfer", "submit",
]  # fmt: skip
TAKES: dict[str, tuple[str, ...]] = {
    "ask_info": ("note",),
    "give_info": ("note",),
    "reject": ("reason",),
    "recall": ("reason",),
    "hand_back": ("reason",),
    "schedule": ("at",),
    "deliver": ("note",),
    "rate": ("score", "solved", "comment"),
    "reopen": ("reason",),
    "suspend": ("reason",),
    "cancel": ("reason",),
    "transfer": ("target", "note"),
}


@router.get("/menu", response=list[KindOut], url_name="menu")
def menu(request: Request) -> Any:
    """The service menu."""
    return queries.menu()


@router.get("", response=CallsOut, url_name="calls")
def listing(
    request: Request,
    state: Annotated[list[State], Query()] = [],  # noqa: B006 - ninja copies defaults
    cursor: Annotated[str, Field(max_length=300)] = "",
) -> Any:
    """Calls the caller may see, newest first, 25 a page."""
    rows = queries.calls_for(request.actor)
    if state:
        rows = rows.filter(state__in=state)
    page = paging.page(rows, order=("-id",), cursor=cursor or None)
    return {"calls": page.rows, "next": page.next}


@router.post("", response={201: CallOut}, url_name="ask")
def ask(request: Request, payload: AskIn) -> Any:
    """Make and submit a call, for oneself or, with the right to, for another person."""
    kind = queries.menu().filter(code=payload.kind).first()
    if kind is None:
        raise InvalidInput(fields={"kind": "unknown"})
    requester = people_queries.person_for(request.actor, payload.for_person)
    given = payload.model_dump(exclude={"kind", "place", "for_person"})
    what = actions.Ask(
        kind=kind,
        place=place_queries.by_public_id(payload.place),
        requester=requester,
        channel=Channel.API,
        **given,
    )
    return 201, actions.ask(actor=request.actor, what=what)


@router.get("/{uuid:public_id}", response=CallOut, url_name="call")
def call(request: Request, public_id: UUID) -> Any:
    """One call."""
    return queries.by_public_id(request.actor, public_id)


@router.post("/{uuid:public_id}/{verb}", response=CallOut, url_name="step")
def step(request: Request, public_id: UUID, verb: Verb, payload: StepIn) -> Any:
    """Take one step in the life of a call; 409 when the call has moved on meanwhile."""
    one = queries.by_public_id(request.actor, public_id)
    given = {name: getattr(payload, name) for name in TAKES.get(verb, ())}
    if verb == "schedule" and payload.at is None:
        raise InvalidInput(fields={"at": "required"})
    if verb == "rate" and payload.score is None:
        raise InvalidInput(fields={"score": "required"})
    if verb == "dispatch":
        given["volunteers"] = volunteer_queries.volunteers_by_public_id(request.actor, payload.volunteers)
        given["teams"] = volunteer_queries.teams_by_public_id(request.actor, payload.teams)
    return getattr(actions, verb)(actor=request.actor, call=one, **given)
