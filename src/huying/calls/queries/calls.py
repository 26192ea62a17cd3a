"""Single calls, and the lists of people who ask and who help."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.db.models import Q, QuerySet

from huying.calls import rules
from huying.calls.models import Call, Offer, ServiceKind
from huying.calls.states import OPEN_STATES, State
from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.kernel.errors import NotFound
from huying.kernel.sealed import blind_index
from huying.kernel.search import matching

DUPLICATE_DAYS = 7


def calls_for(actor: Actor) -> QuerySet[Call]:
    """Every call the actor may see, with what a row shows."""
    return Call.objects.filter(rules.visible_to(actor)).select_related("kind", "place", "requester")


def by_public_id(actor: Actor, public_id: UUID) -> Call:
    """One call the actor may see; NotFound for all others, so that nothing tells that it exists.

    Pooled calls near a volunteer may be looked at by him too.
    """
    seen = rules.visible_to(actor) | rules.claimable_by(actor)
    call = Call.objects.filter(seen).select_related("kind", "place", "requester", "asked_by", "duplicate_of")
    found = call.filter(public_id=public_id).first()
    if found is None:
        raise NotFound
    return found


def my_calls(actor: Actor) -> QuerySet[Call]:
    """Calls I asked, for myself or for others."""
    mine = Call.objects.filter(rules.asked_by(actor))
    return mine.select_related("kind", "place", "requester", "asked_by").order_by("-id")


def my_offers(actor: Actor) -> QuerySet[Offer]:
    """Offers that wait for my answer, that I accepted, or that are done; for me and for teams I lead."""
    return (
        rules.offers_to(actor)
        .select_related("call__kind", "call__place", "call__requester", "team", "volunteer__person")
        .order_by("-id")
    )


def nearby_pool(actor: Actor) -> QuerySet[Call]:
    """Calls near me that anybody may take, oldest first; never one's own."""
    return (
        Call.objects.filter(rules.claimable_by(actor))
        .exclude(requester_id=actor.person_id)
        .exclude(kind__answered_by="team")
        .select_related("kind", "place")
        .order_by("id")
    )


def menu() -> QuerySet[ServiceKind]:
    """The service menu, in its order."""
    return ServiceKind.objects.filter(active=True).order_by("order", "id")


def duplicates(actor: Actor, call: Call) -> QuerySet[Call]:
    """Open calls of the last week that may be the same matter: same person or phone, or same kind at the same place."""
    same_person = Q(requester_id=call.requester_id)
    if call.contact_phone:
        same_person |= Q(contact_index=blind_index(call.contact_phone.open(), "phone"))
    same_matter = Q(kind_id=call.kind_id, place_id=call.place_id, title=call.title)
    since = call.created_at - timedelta(days=DUPLICATE_DAYS)
    return (
        calls_for(actor)
        .filter(same_person & Q(kind_id=call.kind_id) | same_matter, state__in=OPEN_STATES | {State.DELIVERED})
        .filter(created_at__gte=since)
        .exclude(pk=call.pk)
        .order_by("id")[:5]
    )


def found(rows: QuerySet[Call], words: str) -> QuerySet[Call]:
    """Rows whose number, title, person, place or kind holds the words; pinyin and initials too."""
    return matching(rows, words) if words.strip() else rows


def due_now() -> QuerySet[Call]:
    """Calls at which silence is to be noticed now: a clock has run out and nobody noted it yet; longest silence first."""
    return Call.objects.filter(lift_at__lte=clock.now()).order_by("lift_at", "id")
