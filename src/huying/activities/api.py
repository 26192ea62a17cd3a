"""REST for activities: what is on, signing up and leaving, with the same actions and rules as the pages."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from ninja import Field, Query, Router, Schema, Status

from huying.activities import actions, forms, queries
from huying.activities.models import Session, Shift, SignUp
from huying.activities.queries import Asked
from huying.kernel import paging
from huying.kernel.errors import InvalidInput
from huying.kernel.requests import Request
from huying.kernel.rest import Plain, Strict, gives
from huying.places import queries as place_queries

router = Router(tags=["activities"])
Words = Annotated[Plain, Field(max_length=60)]
Code = Annotated[Plain, Field(max_length=40)]
Cursor = Annotated[Plain, Field(max_length=4096)]


class ShiftOut(Schema):
    """A role with its places; ``free`` are those a newcomer gets at once. ``id`` is what a sign-up names."""

    id: int = Field(alias="pk")
    role: str
    capacity: int
    taken: int
    waiting: int
    free: int

    @staticmethod
    def resolve_role(shift: Shift) -> str:
        return shift.role.name


class SessionOut(Schema):
    """One time of an activity. Nobody who signed up is part of it."""

    id: UUID = Field(alias="public_id")
    activity: UUID
    title: str
    kind: str
    starts_at: datetime
    ends_at: datetime
    state: str
    where: str
    place: UUID
    themes: list[str]
    shifts: list[ShiftOut]

    @staticmethod
    def resolve_activity(session: Session) -> UUID:
        return session.activity.public_id

    @staticmethod
    def resolve_title(session: Session) -> str:
        return session.activity.title

    @staticmethod
    def resolve_kind(session: Session) -> str:
        return session.activity.kind.code

    @staticmethod
    def resolve_place(session: Session) -> UUID:
        return session.activity.place.public_id

    @staticmethod
    def resolve_where(session: Session) -> str:
        return " ".join(part for part in (session.venue.name if session.venue else "", session.where) if part)

    @staticmethod
    def resolve_themes(session: Session) -> list[str]:
        return [one.code for one in session.activity.themes.all()]

    @staticmethod
    def resolve_shifts(session: Session) -> list[Shift]:
        return list(session.shifts.all())


class SessionsOut(Schema):
    """One page in the order of time; ``next`` goes back in as ``cursor``."""

    sessions: list[SessionOut]
    next: str | None


class SignUpOut(Schema):
    """One sign-up of the caller."""

    id: UUID = Field(alias="public_id")
    session: UUID
    role: str
    count: int
    state: str
    at: datetime
    confirm_by: datetime | None

    @staticmethod
    def resolve_session(row: SignUp) -> UUID:
        return row.session.public_id

    @staticmethod
    def resolve_role(row: SignUp) -> str:
        return row.shift.role.name


class SignUpsOut(Schema):
    """One page, newest first."""

    sign_ups: list[SignUpOut]
    next: str | None


class FindIn(Schema):
    """Filters of the list; each may be left out. Days in China time, both included."""

    words: Words = ""
    within: UUID | None = None
    first: date | None = None
    last: date | None = None
    kind: Code = ""
    theme: Code = ""
    free: bool = False
    large: bool = False
    cursor: Cursor = ""


class JoinIn(Strict):
    """Which role; may be left out where there is only one."""

    shift: int | None = None


class NothingIn(Strict):
    """A step that takes no facts: ``{}``; what cannot be read or means nothing here is refused."""


@router.get("/sessions", response=gives(SessionsOut), auth=None, url_name="sessions")
def sessions(request: Request, find: Query[FindIn]) -> Any:
    """What is on, 25 a page."""
    given = find.dict(exclude={"cursor", "within"})
    place = place_queries.by_public_id(find.within) if find.within else None
    page = paging.page(queries.listed(Asked(within=place, **given)), ("starts_at", "id"), find.cursor or None)
    return {"sessions": page.rows, "next": page.next}


@router.get("/sessions/{uuid:public_id}", response=gives(SessionOut), auth=None, url_name="session")
def session(request: Request, public_id: UUID) -> Any:
    """One time of an activity."""
    return queries.session(request.actor, public_id)


@router.post("/sessions/{uuid:public_id}/sign-ups", response=gives(SignUpOut, 201), url_name="join")
def join(request: Request, public_id: UUID, payload: JoinIn) -> Any:
    """Take a place, or stand in line; again gives the sign-up that stands."""
    rows = list(queries.session(request.actor, public_id).shifts.all())
    wanted = [one for one in rows if payload.shift in {None, one.pk}]
    if len(wanted) != 1:
        raise InvalidInput(fields={"shift": "unknown" if payload.shift else "required"})
    return Status(201, actions.sign_up(actor=request.actor, shift=wanted[0]))


@router.post("/sessions/{uuid:public_id}/scans", response=gives(forms.ScansOut), url_name="scans")
def scans(request: Request, public_id: UUID, payload: forms.ScansIn) -> Any:
    """What a tablet or a turnstile saw at the door, for those who run the activity: at most 200 scans in any order, each
    counted once however often it comes. One answer a scan; 409 when the results are closed.
    """
    found = queries.session(request.actor, public_id)
    taken = actions.take_scans(actor=request.actor, session=found, scans=payload.seen())
    return forms.scans_told(payload, taken)


@router.get("/sign-ups", response=gives(SignUpsOut), url_name="sign_ups")
def sign_ups(request: Request, cursor: Cursor = "") -> Any:
    """What the caller signed up for, 25 a page."""
    page = paging.page(queries.my_sign_ups(request.actor), ("-id",), cursor or None)
    return {"sign_ups": page.rows, "next": page.next}


@router.post("/sign-ups/{uuid:public_id}/leave", response=gives(SignUpOut), url_name="leave")
def leave(request: Request, public_id: UUID, payload: NothingIn) -> Any:
    """Take a sign-up back; 409 when it cannot be any more."""
    return actions.leave(actor=request.actor, sign_up=queries.sign_up(request.actor, public_id))


@router.post("/sign-ups/{uuid:public_id}/confirm", response=gives(SignUpOut), url_name="confirm")
def confirm(request: Request, public_id: UUID, payload: NothingIn) -> Any:
    """Say yes to a place that became free."""
    return actions.confirm_place(actor=request.actor, sign_up=queries.sign_up(request.actor, public_id))
