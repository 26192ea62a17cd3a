"""Who has a hand in a call and may therefore not judge it: calling back, and leaving a call out of the shares."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q

from huying.calls.models import Call, CallEvent, Exclusion, Offer
from huying.calls.rules.calls import ABOVE_ALL, HANDLERS, READERS, kinds_above
from huying.calls.states import ExclusionState, Level, State
from huying.kernel.actor import Actor
from huying.people import rules as people_rules
from huying.people.states import RoleKind
from huying.places.models import Place

DRAWERS = frozenset({RoleKind.OFFICE, RoleKind.DISPATCHER, RoleKind.INSPECTOR})
"""Those who have calls drawn and call back; whoever had a hand in a call never does (domain.md section 2.2: verified by
someone other than the handler).
"""


def can_draw(actor: Actor, place: Place | None = None) -> bool:
    """May have calls drawn for calling back, at this place or anywhere."""
    if place is None:
        return bool(people_rules.held(actor, DRAWERS))
    return people_rules.reaches(actor, DRAWERS, place)


def can_call_back(actor: Actor, call: Call) -> bool:
    """May hear the person served and write it down: reaches the place, and had no hand in the call at any time."""
    if actor.person_id is None or not people_rules.reaches(actor, DRAWERS, call.place):
        return False
    return not Call.objects.filter(had_a_hand(actor.person_id), pk=call.pk).exists()


def had_a_hand(person_id: int) -> Q:
    """Calls in which this person took a step, which he asked for, or which he or a team answered that he is or was in."""
    steps = CallEvent.objects.filter(call=OuterRef("pk"), person_id=person_id)
    his = Q(volunteer__person_id=person_id) | Q(team__memberships__volunteer__person_id=person_id)
    offers = Offer.objects.filter(his, call=OuterRef("pk"))
    return Q(requester_id=person_id) | Q(asked_by_id=person_id) | Q(Exists(steps)) | Q(Exists(offers))


def can_propose_exclusion(actor: Actor, call: Call) -> bool:
    """May ask that a call be left out of the shares: those on duty at its place, whoever handled it, and inspectors."""
    return call.state != State.DRAFT and people_rules.reaches(actor, HANDLERS | ABOVE_ALL, call.place)


def can_judge_exclusion(actor: Actor, call: Call) -> bool:
    """May decide that a call is left out, or counts again: from above the level that holds it, and without a hand in it at
    any time, so that nobody mends his own figures (domain.md 2.3). Who proposed it is kept away by the action.
    """
    if actor.person_id is None or not stands_above(actor, call):
        return False
    return not Call.objects.filter(had_a_hand(actor.person_id), pk=call.pk).exists()


def stands_above(actor: Actor, call: Call) -> bool:
    """On duty over the call, at a level above the one that holds it, or as inspector."""
    return people_rules.reaches(actor, kinds_above(Level(call.level)) | ABOVE_ALL, call.place)


def can_decide_exclusion(actor: Actor, one: Exclusion) -> bool:
    """May decide about this proposal now: a second person, never the one who proposed it."""
    waits = one.state == ExclusionState.PROPOSED and actor.person_id != one.proposed_by_id
    return waits and can_judge_exclusion(actor, one.call)


def can_withdraw_exclusion(actor: Actor, one: Exclusion) -> bool:
    """Whoever proposed it, while nobody has decided."""
    return one.state == ExclusionState.PROPOSED and actor.person_id == one.proposed_by_id


def can_undo_exclusion(actor: Actor, one: Exclusion) -> bool:
    """May let the call count again: whoever could have decided, the one who did among them."""
    return one.state == ExclusionState.IN_FORCE and can_judge_exclusion(actor, one.call)


def exclusions_visible_to(actor: Actor) -> Q:
    """Exclusions of calls at the places where this actor is on duty or oversees."""
    return people_rules.within(actor, READERS, "call__place__path")
