"""What one person was asked: his own offers, in whatever state."""

from __future__ import annotations

from uuid import UUID

from huying.calls import rules
from huying.calls.models import Offer
from huying.kernel.actor import Actor
from huying.kernel.errors import NotFound


def offer_to(actor: Actor, call_id: UUID, offer: UUID | None = None) -> Offer:
    """That offer of the call (public ids) to this person or to a team he leads, else the newest; NotFound when he was
    never asked.
    """
    rows = rules.offers_ever_to(actor).filter(call__public_id=call_id, **({"public_id": offer} if offer else {}))
    rows = rows.order_by("-id")
    found = rows.select_related(
        "call__kind", "call__place__parent", "call__requester", "team", "volunteer__person"
    ).first()
    if found is None:
        raise NotFound
    return found
