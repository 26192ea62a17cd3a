"""Claims left out of the shares, or proposed to be: who sees them, and which wait for a second person."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from huying.calls import rules
from huying.calls.models import Call, Exclusion
from huying.calls.states import LIVE_EXCLUSIONS, ExclusionState
from huying.kernel.actor import Actor
from huying.kernel.errors import NotFound

JOINED = ("call__kind", "call__place", "call__requester", "proposed_by", "decided_by", "undone_by")


def exclusions(actor: Actor) -> QuerySet[Exclusion]:
    """All at the reader's places, newest first, whatever became of them."""
    rows = Exclusion.objects.filter(rules.exclusions_visible_to(actor))
    return rows.select_related(*JOINED).order_by("-id")


def waiting_exclusions(actor: Actor) -> QuerySet[Exclusion]:
    """Those that nobody has decided about and that somebody else proposed, oldest first."""
    rows = exclusions(actor).filter(state=ExclusionState.PROPOSED).exclude(proposed_by_id=actor.person_id or 0)
    return rows.order_by("id")


def exclusion_by_id(actor: Actor, public_id: UUID) -> Exclusion:
    """One at the reader's places; NotFound for all others."""
    found = exclusions(actor).filter(public_id=public_id).first()
    if found is None:
        raise NotFound
    return found


def live_exclusion(call: Call) -> Exclusion | None:
    """The one of this call that waits or holds; there is at most one."""
    return call.exclusions.filter(state__in=LIVE_EXCLUSIONS).first()
