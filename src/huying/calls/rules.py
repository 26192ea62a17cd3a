"""Who sees a call and who may take which step. Lists, pages, API, exports and search all ask here."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from huying.calls.models import Call, Offer
from huying.calls.states import LIVE_OFFERS, MAX_REOPENED, TRANSITIONS, OfferState, State
from huying.kernel.actor import Actor
from huying.people import rules as people_rules
from huying.people.states import RoleKind
from huying.volunteers import rules as volunteer_rules

HANDLERS = frozenset({RoleKind.STATION_KEEPER, RoleKind.OFFICE, RoleKind.DISPATCHER})
READERS = HANDLERS | {RoleKind.INSPECTOR, RoleKind.AUDITOR}
PROXIES = HANDLERS | {RoleKind.GRID_WORKER}
MENU_KEEPERS = frozenset({RoleKind.DISPATCHER, RoleKind.ADMINISTRATOR})


def visible_to(actor: Actor) -> Q:
    """Calls this actor may see: his own, those he asked for others, those offered to him or his team, those at his places.

    A helper who was asked sees the call while the question is open or after he said yes; a decline closes it to him.
    """
    if actor.is_system:
        return Q()
    if actor.person_id is None:
        return Q(pk__in=())
    drafts = Q(state=State.DRAFT)
    mine = Q(requester_id=actor.person_id) | Q(asked_by_id=actor.person_id)
    offered = Q(pk__in=offers_to(actor).values("call_id"))
    return mine | offered | (people_rules.within(actor, READERS, "place__path") & ~drafts)


def offers_to(actor: Actor) -> QuerySet[Offer]:
    """Offers that this person answers, alone or as leader of a team: open, accepted or done."""
    live = Offer.objects.filter(state__in=[*LIVE_OFFERS, OfferState.DONE])
    return live.filter(
        Q(volunteer__person_id=actor.person_id) | Q(team_id__in=volunteer_rules.led_team_ids(actor))
    )


def claimable_by(actor: Actor) -> Q:
    """Pooled calls near a volunteer that he may take by himself (抢单): no address shows before he does."""
    return Q(state=State.POOLED) & volunteer_rules.reachable(actor, "place__path")


def parties(actor: Actor, call: Call) -> frozenset[str]:
    """What this actor is to this call: system, requester, staff, offered, helper, volunteer."""
    if actor.is_system:
        return frozenset({"system"})
    if actor.person_id is None:
        return frozenset()
    found = set()
    if actor.person_id in {call.requester_id, call.asked_by_id}:
        found.add("requester")
    if can_handle(actor, call):
        found.add("staff")
    states = set(offers_to(actor).filter(call=call).values_list("state", flat=True))
    if OfferState.OFFERED in states:
        found.add("offered")
    if OfferState.ACCEPTED in states:
        found.add("helper")
    if volunteer_rules.may_volunteer(actor) and not found & {"requester", "helper", "offered"}:
        found.add("volunteer")
    return frozenset(found)


def can_handle(actor: Actor, call: Call) -> bool:
    """May review, dispatch and decide on this call."""
    return people_rules.reaches(actor, HANDLERS, call.place)


def can_take(actor: Actor, verb: str, call: Call, known: frozenset[str] | None = None) -> bool:
    """May this actor take this step on this call now; ``known`` are his parties when already asked for."""
    step = TRANSITIONS[verb]
    if call.state not in step.from_:
        return False
    if verb == "reopen" and call.reopened_count >= MAX_REOPENED:
        return False
    if verb == "claim" and call.kind.answered_by == "team":
        return False
    return bool(step.by & (parties(actor, call) if known is None else known))


def steps(actor: Actor, call: Call) -> list[str]:
    """The steps this actor may take now, in the order of the table: the buttons of every screen."""
    known = parties(actor, call)
    return [verb for verb in TRANSITIONS if can_take(actor, verb, call, known)]


def can_ask_for_others(actor: Actor) -> bool:
    """Grid workers and staff may ask on behalf of a person without a phone (S0-3a; domain 7, safeguard 17)."""
    return bool(people_rules.held(actor, PROXIES))


def can_see_address(actor: Actor, call: Call) -> bool:
    """The exact address and phone: the person served, those on duty, and helpers only once they accepted (security 5 no. 7)."""
    return call.state not in {State.CLOSED, State.CANCELLED, State.REJECTED} and bool(
        parties(actor, call) & {"requester", "staff", "helper"}
    )


def can_keep_menu(actor: Actor) -> bool:
    """May change the service menu and its clocks."""
    return bool(people_rules.held(actor, MENU_KEEPERS))
