"""REST for people: oneself only. Others are looked up on pages, where every look is limited and written down."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from ninja import Router, Schema

from huying.kernel.requests import Request
from huying.kernel.rest import gives
from huying.people import queries
from huying.people.models import Role

router = Router(tags=["people"])


class RoleOut(Schema):
    """A role that holds now, at a place and everything below it."""

    kind: str
    place: UUID

    @staticmethod
    def resolve_place(role: Role) -> UUID:
        return role.place.public_id


class MeOut(Schema):
    """The signed-in person; neither phone nor address leaves here."""

    id: UUID
    name: str
    roles: list[RoleOut]
    unread: int


@router.get("/me", response=gives(MeOut), url_name="me")
def me(request: Request) -> Any:
    """Who the caller is, what he may do where, and how many messages wait."""
    person_id = request.actor.person_id
    assert person_id is not None
    person = queries.visible_persons(request.actor).get(pk=person_id)
    return {
        "id": person.public_id,
        "name": person.name,
        "roles": list(queries.roles_now(person_id)),
        "unread": queries.unread_notices(person_id),
    }
