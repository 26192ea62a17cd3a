"""Between yes and no (asked again later, standing by) beside ``accept`` and ``decline``: as on the helper's own page."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from ninja import Field, Router, Schema
from pydantic import AwareDatetime

from huying.calls import actions
from huying.calls.models import Offer
from huying.calls.queries.offers import offer_to
from huying.calls.states import OfferState
from huying.kernel.requests import Request
from huying.kernel.rest import Strict, gives

router = Router(tags=["calls"])


class OfferOut(Schema):
    """What the caller was asked, and how it stands: his own, or of a team he leads (``team``, "" without).

    ``offered`` waits for an answer, until ``answer_due_at`` where there is a clock; ``remind_at`` is when he is asked
    again. ``withdrawn`` was taken back: he may stand by while the call is filled and not done; ``reserve`` does.
    ``must_answer``: a unit that owes an answer. Whoever said no reads ``expired``, nobody else reads anything of it.
    """

    id: UUID = Field(alias="public_id")
    call: UUID
    state: OfferState
    team: str
    must_answer: bool
    answer_due_at: datetime | None
    remind_at: datetime | None

    @staticmethod
    def resolve_call(offer: Offer) -> UUID:
        return offer.call.public_id

    @staticmethod
    def resolve_state(offer: Offer) -> OfferState:
        return OfferState.EXPIRED if offer.put_away else OfferState(offer.state)

    @staticmethod
    def resolve_team(offer: Offer) -> str:
        return str(offer.team or "")


class WhichIn(Strict):
    """``offer``: which one, where the caller was asked for himself and for a team; the newest without it."""

    offer: UUID | None = None


class LaterIn(WhichIn):
    """``at``: when to be asked again, inside the time the answer has."""

    at: AwareDatetime


@router.get("/{uuid:public_id}/offer", response=gives(OfferOut), url_name="offer")
def own(request: Request, public_id: UUID, offer: Annotated[UUID | None, Field()] = None) -> Any:
    """What the caller was asked about this call; 404 when he never was."""
    return offer_to(request.actor, public_id, offer)


@router.post("/{uuid:public_id}/later", response=gives(OfferOut), url_name="later")
def later(request: Request, public_id: UUID, payload: LaterIn) -> Any:
    """Be asked again at ``at``; the question stays open. 409 when nothing is asked any more."""
    mine = offer_to(request.actor, public_id, payload.offer)
    actions.later(actor=request.actor, call=mine.call, at=payload.at, offer=mine.public_id)
    return offer_to(request.actor, public_id, mine.public_id)


@router.post("/{uuid:public_id}/stand_by", response=gives(OfferOut), url_name="stand_by")
def stand_by(request: Request, public_id: UUID, payload: WhichIn) -> Any:
    """Come if somebody drops out of a call that was filled; 409 while it is not, or is done."""
    mine = offer_to(request.actor, public_id, payload.offer)
    actions.stand_by(actor=request.actor, call=mine.call, offer=mine.public_id)
    return offer_to(request.actor, public_id, mine.public_id)


@router.post("/{uuid:public_id}/step_back", response=gives(OfferOut), url_name="step_back")
def step_back(request: Request, public_id: UUID, payload: WhichIn) -> Any:
    """Stand by no longer; leaves nothing behind."""
    mine = offer_to(request.actor, public_id, payload.offer)
    actions.step_back(actor=request.actor, call=mine.call, offer=mine.public_id)
    return offer_to(request.actor, public_id, mine.public_id)
