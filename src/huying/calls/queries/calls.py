"""Single calls, their history, and the lists of people who ask and who help."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import Q, QuerySet

from huying.calls import rules
from huying.calls.models import Call, CallEvent, CallMessage, Offer, ServiceKind
from huying.calls.states import OPEN_STATES, State
from huying.kernel import attachments, clock
from huying.kernel.actor import Actor
from huying.kernel.errors import NotFound
from huying.kernel.search import matching

if TYPE_CHECKING:
    from huying.kernel.models import Attachment

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
    mine = Q(requester_id=actor.person_id) | Q(asked_by_id=actor.person_id)
    return Call.objects.filter(mine).select_related("kind", "place", "requester").order_by("-id")


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


def history(actor: Actor, call: Call) -> QuerySet[CallEvent]:
    """Every step, oldest first; steps for staff only are left out for others."""
    events = call.events.select_related("person").order_by("id")
    return events if rules.can_handle(actor, call) else events.filter(staff_only=False)


def duplicates(actor: Actor, call: Call) -> QuerySet[Call]:
    """Open calls of the last week that may be the same matter: same person or phone, or same kind at the same place."""
    same_person = Q(requester_id=call.requester_id)
    if call.contact_index:
        same_person |= Q(contact_index=call.contact_index)
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


@dataclass(frozen=True, slots=True)
class Story:
    """Everything one page about one call shows."""

    call: Call
    steps: list[str]
    events: list[CallEvent]
    messages: list[CallMessage]
    helpers: list[Offer]
    asked: list[Offer]
    photos: list[Attachment]
    parties: frozenset[str]
    sees_address: bool


def story(actor: Actor, call: Call) -> Story:
    """The call with its history, words, helpers, photos, and the steps this actor may take."""
    offers = list(call.offers.select_related("volunteer__person", "team").order_by("id"))
    known = rules.parties(actor, call)
    inside = bool(known & {"requester", "staff", "helper"})
    return Story(
        call=call,
        steps=[verb for verb in rules.TRANSITIONS if rules.can_take(actor, verb, call, known)],
        events=list(history(actor, call)),
        messages=list(call.messages.select_related("person").order_by("id")) if inside else [],
        helpers=[one for one in offers if one.state in {"accepted", "done"}],
        asked=[one for one in offers if one.state == "offered"] if "staff" in known else [],
        photos=list(attachments.of(call)) if inside else [],
        parties=known,
        sees_address=rules.can_see_address(actor, call),
    )


def due_now() -> QuerySet[Call]:
    """Calls whose clock has run out and was not noted yet, most urgent first."""
    return Call.objects.filter(stage_due_at__lte=clock.now(), overdue=False).order_by("stage_due_at", "id")
