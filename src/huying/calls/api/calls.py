"""Calls, the menu and every step of the table."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from django import forms
from ninja import Field, Query, Router, Schema, Status
from pydantic import AwareDatetime

from huying.calls import actions, queries, rules
from huying.calls.forms import questions
from huying.calls.models import Call, CallEvent, ServiceKind
from huying.calls.states import SEEKING, Channel, State, told
from huying.kernel import paging
from huying.kernel.actor import Actor
from huying.kernel.errors import InvalidInput, NotFound
from huying.kernel.requests import Request
from huying.kernel.rest import Plain, Strict, gives
from huying.people import queries as people_queries
from huying.people.models import Person
from huying.places import queries as place_queries
from huying.places.models import Place
from huying.volunteers import queries as volunteer_queries
from huying.volunteers.models import Language

router = Router(tags=["calls"])
Cursor = Annotated[Plain, Field(max_length=4096)]


class KindOut(Schema):
    """A line of the service menu; ``questions`` are what ``answers`` of a call hold by key."""

    code: str
    name: str
    name_en: str
    summary: str
    questions: list[dict[str, Any]]
    people_needed: int
    urgent: bool
    emergency: list[str]
    allow_preference: bool

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
    state: State
    level: str
    urgent: bool
    created_at: datetime
    due_at: datetime | None
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
    def resolve_state(call: Call, context: dict[str, Any]) -> State:
        """As it is for those on duty, who work with it; others are not told when somebody was asked and said no."""
        actor = context["request"].actor
        return State(call.state) if rules.can_handle(actor, call) else told(call.state)

    @staticmethod
    def resolve_due_at(call: Call, context: dict[str, Any]) -> datetime | None:
        """Another clock runs while somebody is asked, so this would tell the same."""
        hidden = call.state in SEEKING and not rules.can_handle(context["request"].actor, call)
        return None if hidden else call.stage_due_at

    @staticmethod
    def resolve_place(call: Call) -> UUID:
        return call.place.public_id


class CallsOut(Schema):
    """One page; ``next`` goes back in as ``cursor``."""

    calls: list[CallOut]
    next: str | None


class EventOut(Schema):
    """One step in the life of a call, as this caller may know it; who took it stays inside."""

    at: datetime
    verb: str
    from_state: str
    to_state: str
    on_behalf: bool


class MessageOut(Schema):
    """A short word that was left."""

    at: datetime
    side: str
    text: str


class AskIn(Strict):
    """``answers`` hold the kind's questions by key; ``for_person`` is somebody the caller may ask for. ``language`` is the code
    of one that volunteers speak; ``helper_sex`` and ``helper_age`` are taken where the menu says ``allow_preference``.
    """

    kind: Annotated[str, Field(max_length=40)]
    place: UUID
    title: Annotated[str, Field(min_length=1, max_length=60)]
    details: Annotated[str, Field(max_length=2000)] = ""
    answers: dict[str, Any] = {}
    for_person: UUID | None = None
    address: Annotated[str, Field(max_length=200)] = ""
    contact_phone: Annotated[str, Field(max_length=20)] = ""
    wanted_from: AwareDatetime | None = None
    wanted_to: AwareDatetime | None = None
    urgent: bool = False
    language: Annotated[str, Field(max_length=20)] = ""
    helper_sex: Literal["", "female", "male"] = ""
    helper_age: Literal["", "younger", "older"] = ""


class BringIn(Strict):
    """How much of one line of goods comes along."""

    line: Annotated[int, Field(ge=1, le=99)]
    amount: Annotated[int, Field(ge=1, le=100_000)]


class StepIn(Strict):
    """What a step needs; a value that the step does not take is refused. ``offer``: which one is answered, where the caller
    was asked for himself and for a team. ``team``: for which of his teams a leader takes a call from the pool. ``goods``:
    what comes along with a yes. ``until``: the new limit of a call that a place raised.
    """

    note: Annotated[str, Field(max_length=500)] = ""
    reason: Annotated[str, Field(max_length=300)] = ""
    at: AwareDatetime | None = None
    score: Annotated[int, Field(ge=1, le=5)] | None = None
    solved: bool = True
    seats: Annotated[int, Field(ge=0, le=2000)] = 0
    people: Annotated[int, Field(ge=2, le=2000)] | None = None
    until: AwareDatetime | None = None
    comment: Annotated[str, Field(max_length=300)] = ""
    target: Annotated[str, Field(max_length=10)] = ""
    excuse: Annotated[str, Field(max_length=10)] = ""
    offer: UUID | None = None
    team: UUID | None = None
    volunteers: Annotated[list[UUID], Field(max_length=50)] = []
    teams: Annotated[list[UUID], Field(max_length=20)] = []
    goods: Annotated[list[BringIn], Field(max_length=20)] = []


class SayIn(Strict):
    """A short word to the other sides of the call."""

    text: Annotated[str, Field(min_length=1, max_length=500)]


Verb = Literal[
    "submit", "review", "ask_info", "give_info", "reject", "pool", "dispatch", "claim", "accept", "decline", "arrive", "enough",
    "leave", "seek_more", "recall", "hand_back", "schedule", "start", "deliver", "rate", "reopen", "suspend", "resume",
    "cancel", "transfer",
]  # fmt: skip
TAKES: dict[str, tuple[str, ...]] = {
    "ask_info": ("note",),
    "give_info": ("note",),
    "reject": ("reason",),
    "seek_more": ("people", "until"),
    "dispatch": ("volunteers", "teams"),
    "claim": ("team", "seats"),
    "accept": ("seats", "offer", "goods"),
    "decline": ("reason", "excuse", "offer"),
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
REQUIRED = {"schedule": "at", "rate": "score", "seek_more": "people"}


@router.get("/menu", response=gives(list[KindOut]), url_name="menu")
def menu(request: Request) -> Any:
    """The service menu."""
    return queries.menu(request.actor)


@router.get("", response=gives(CallsOut), url_name="calls")
def listing(
    request: Request,
    state: Annotated[list[State], Query()] = [],  # noqa: B006 - ninja copies defaults
    cursor: Cursor = "",
) -> Any:
    """Calls the caller may see, newest first, 25 a page."""
    rows = queries.calls_for(request.actor)
    if state:
        wanted = set(state)
        if wanted & SEEKING and not rules.can_desk(request.actor):
            wanted |= SEEKING  # they read the same for whoever is not on duty
        rows = rows.filter(state__in=wanted)
    page = paging.page(rows, order=("-id",), cursor=cursor or None)
    return {"calls": page.rows, "next": page.next}


@router.post("", response=gives(CallOut, 201), url_name="ask")
def ask(request: Request, payload: AskIn) -> Any:
    """Make and submit a call, for oneself or, with the right to, for another person."""
    kind = queries.menu(request.actor).filter(code=payload.kind).first()
    if kind is None:
        raise InvalidInput(fields={"kind": "unknown"})
    requester = person_for(request.actor, payload.for_person)
    own = requester.pk == request.actor.person_id
    actor = request.actor if own else request.actor.behalf(requester.pk)
    given = payload.model_dump(exclude={"kind", "place", "for_person", "answers", "language"})
    what = actions.Ask(
        kind=kind,
        place=place_of(payload.place),
        requester=requester,
        channel=Channel.API,
        answers=answers_to(kind, payload.answers),
        language=language_of(payload.language),
        **given,
    )
    return Status(201, actions.ask(actor=actor, what=what))


@router.get("/{uuid:public_id}", response=gives(CallOut), url_name="call")
def call(request: Request, public_id: UUID) -> Any:
    """One call."""
    return queries.by_public_id(request.actor, public_id)


@router.get("/{uuid:public_id}/history", response=gives(list[EventOut]), url_name="history")
def history(request: Request, public_id: UUID) -> list[CallEvent]:
    """Its steps, oldest first, for the sides of the call."""
    return queries.story(request.actor, queries.by_public_id(request.actor, public_id)).events


@router.post("/{uuid:public_id}/messages", response=gives(MessageOut, 201), url_name="say")
def say(request: Request, public_id: UUID, payload: SayIn) -> Any:
    """Leave a short word for the other sides."""
    one = queries.by_public_id(request.actor, public_id)
    return Status(201, actions.say(actor=request.actor, call=one, text=payload.text))


@router.post("/{uuid:public_id}/{verb}", response=gives(CallOut), url_name="step")
def step(request: Request, public_id: UUID, verb: Verb, payload: StepIn) -> Any:
    """Take one step in the life of a call; 409 when the call has moved on meanwhile."""
    one = queries.by_public_id(request.actor, public_id)
    takes = TAKES.get(verb, ())
    surplus = payload.model_fields_set - set(takes)
    if surplus:
        raise InvalidInput(fields=dict.fromkeys(sorted(surplus), "not taken by this step"))
    given = {name: getattr(payload, name) for name in takes}
    needed = REQUIRED.get(verb)
    if needed and given[needed] is None:
        raise InvalidInput(fields={needed: "required"})
    if verb == "accept":
        given["goods"] = {one.line: one.amount for one in payload.goods}
    if verb == "dispatch":
        given["volunteers"] = volunteer_queries.volunteers_by_public_id(request.actor, payload.volunteers)
        given["teams"] = volunteer_queries.teams_by_public_id(request.actor, payload.teams)
    return getattr(actions, verb)(actor=request.actor, call=one, **given)


def person_for(actor: Actor, public_id: UUID | None) -> Person:
    """Whom the call is for: the caller, or somebody he may see."""
    if public_id is None:
        return people_queries.visible_persons(actor).get(pk=actor.person_id or 0)
    try:
        return people_queries.person_by_id(actor, public_id)
    except NotFound:
        raise InvalidInput(fields={"for_person": "unknown"}) from None


def language_of(code: str) -> Language | None:
    """The language of that code; None for any."""
    found = volunteer_queries.languages().filter(code=code).first() if code else None
    if code and found is None:
        raise InvalidInput(fields={"language": "unknown"})
    return found


def place_of(public_id: UUID) -> Place:
    try:
        return place_queries.by_public_id(public_id)
    except NotFound:
        raise InvalidInput(fields={"place": "unknown"}) from None


def answers_to(kind: ServiceKind, answers: dict[str, Any]) -> dict[str, Any]:
    """The answers as the form would keep them; InvalidInput names each question that is wrong or unknown."""
    fields = questions.fields_of(kind)
    words = {True: questions.YES, False: questions.NO}
    sent = {f"q_{key}": words[value] if isinstance(value, bool) else value for key, value in answers.items()}
    problems = {name: "unknown" for name, value in sent.items() if name not in fields or isinstance(value, list | dict)}
    form = type("Answers", (forms.Form,), fields)(sent)
    problems |= {name: str(errors[0]) for name, errors in form.errors.items()}
    if problems:
        raise InvalidInput(fields={f"answers.{name.removeprefix('q_')}": said for name, said in problems.items()})
    return questions.answers_of(kind, form.cleaned_data)
