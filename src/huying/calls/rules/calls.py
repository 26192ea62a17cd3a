"""Who sees a call and who may take which step; menu, rings, doors, proposals."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from django.db.models import Q, QuerySet

from huying.calls.models import Call, Offer, Proposal
from huying.calls.rules.claiming import claiming_teams, takes_people
from huying.calls.rules.offers import among_helpers, answered_by, offers_to
from huying.calls.states import (
    ENDED_STATES,
    HELPED,
    MAX_REOPENED,
    OPEN_STATES,
    REOPEN_DAYS,
    SORTABLE,
    TRANSITIONS,
    URGEABLE,
    Level,
    OfferState,
    ProposalState,
    ReachedBy,
    State,
)
from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.people import rules as people_rules
from huying.people.models import Person
from huying.people.states import RoleKind
from huying.places.models import Place
from huying.volunteers import rules as volunteer_rules

HANDLERS = frozenset({RoleKind.STATION_KEEPER, RoleKind.OFFICE, RoleKind.DISPATCHER})
READERS = HANDLERS | {RoleKind.INSPECTOR, RoleKind.AUDITOR}
PROXIES = HANDLERS | {RoleKind.GRID_WORKER}
LEVEL_OF = {
    RoleKind.STATION_KEEPER: Level.STATION,
    RoleKind.OFFICE: Level.OFFICE,
    RoleKind.DISPATCHER: Level.CENTRE,
}
FACE_TO_FACE = frozenset({ReachedBy.WORKER, ReachedBy.NEIGHBOUR, ReachedBy.SLIP})
"""Ways of hearing for which somebody has to go there or be asked."""
ABOVE_ALL = frozenset({RoleKind.INSPECTOR})
"""Those who look on from above every level."""
MENU_KEEPERS = frozenset({RoleKind.DISPATCHER, RoleKind.ADMINISTRATOR})
TOP = 2
"""So many strokes has the path of a place that nothing lies above ("/1/"); the platform itself holds "/"."""
DOOR_KEEPERS = frozenset({RoleKind.OFFICE, RoleKind.DISPATCHER})
"""Who lets other programs bring calls in at their places, and answers for what they bring."""
INSIDERS = frozenset({"requester", "staff", "helper"})
"""Sides of a call that read its history and its words, and may add to them."""


def visible_to(actor: Actor) -> Q:
    """Calls this actor may see: his own, those he asked for others, those offered to him or his team, those at his
    places.

    A helper who was asked sees the call while the question is open or after he said yes; a decline closes it to him.
    """
    if actor.is_system:
        return Q()
    if actor.person_id is None:
        return Q(pk__in=())
    offered = Q(pk__in=offers_to(actor).values("call_id"))
    return asked_by(actor) | offered | on_desk(actor)


def asked_by(actor: Actor) -> Q:
    """Calls he asked, for himself or others, those asked for him, and those of the person he acts for at the moment.

    A draft is seen by the one who writes it only.
    """
    if actor.person_id is None:
        return Q(pk__in=())
    served = {actor.person_id, actor.on_behalf_of_id} - {None}
    mine = Q(asked_by_id=actor.person_id) | (Q(requester_id__in=served) & ~Q(state=State.DRAFT))
    return mine & Q(raised_for=None)  # what he raised on duty is his place's, and stays there when he goes


def on_desk(actor: Actor) -> Q:
    """Calls at the places where this actor is on duty or oversees: board, list and export. A part of ``visible_to``."""
    return people_rules.within(actor, READERS, "place__path") & ~Q(state=State.DRAFT)


def can_desk(actor: Actor) -> bool:
    """May open the desk at all; what it shows is ``on_desk``."""
    return actor.is_system or bool(people_rules.held(actor, READERS))


def mine_to_handle(actor: Actor) -> Q:
    """Calls that wait for this actor's own level at his places: station for the keeper, office, centre."""
    found = Q(pk__in=())
    for kind, level in LEVEL_OF.items():
        if people_rules.holds(actor, kind):
            found |= people_rules.within(actor, [kind], "place__path") & Q(level=level)
    return found


def claimable_by(actor: Actor) -> Q:
    """Pooled calls near a volunteer that he may take by himself (抢单): no address shows before he does."""
    return Q(state=State.POOLED) & volunteer_rules.reachable(actor, "place__path")


def parties(actor: Actor, call: Call, offers: Iterable[Offer] | None = None) -> frozenset[str]:
    """What this actor is to this call: system, requester, raiser, staff, offered, helper (coming, there, last), volunteer (while
    it is in the pool).

    ``offers`` are all offers of the call with their volunteers, when they were read already.
    """
    found = set(parties_at_once(actor, call))
    if actor.is_system or actor.person_id is None:
        return frozenset(found)
    mine = list(offers_to(actor).filter(call=call)) if offers is None else answered_by(actor, offers)
    states = {one.state for one in mine}
    if OfferState.OFFERED in states:
        found.add("offered")
    if OfferState.ACCEPTED in states:
        found.add("helper")
        found |= among_helpers(call, [one for one in mine if one.state == OfferState.ACCEPTED], offers)
    free = call.state == State.POOLED and not found & {"requester", "helper", "offered"}
    if free and volunteer_rules.is_near(actor, call.place):
        found.add("volunteer")
    return frozenset(found)


def parties_at_once(actor: Actor, call: Call) -> frozenset[str]:
    """Those of ``parties`` that are known without asking the database."""
    if actor.is_system:
        return frozenset({"system"})
    if actor.person_id is None:
        return frozenset()
    asking = bool({call.requester_id, call.asked_by_id} & {actor.person_id, actor.on_behalf_of_id})
    if call.raised_for_id is not None:
        asking = speaks_for_raiser(actor, call)
    raiser = asking and call.raised_for_id is not None
    both = {"requester": asking, "raiser": raiser, "staff": can_handle(actor, call)}
    return frozenset(party for party, is_one in both.items() if is_one)


def can_handle(actor: Actor, call: Call) -> bool:
    """May review, dispatch and decide on this call."""
    return people_rules.reaches(actor, HANDLERS, call.place)


def can_raise(actor: Actor, place: Place | None = None) -> bool:
    """May raise a call in the name of this very place, or of any: those on duty there (S0-3a.1)."""
    return any(kind in HANDLERS and (place is None or path == place.path) for kind, path in actor.roles)


def speaks_for_raiser(actor: Actor, call: Call) -> bool:
    """Could have raised this call that a place raised: confirming and rating it are that place's."""
    return call.raised_for is not None and can_raise(actor, call.raised_for)


def can_sort(actor: Actor, call: Call) -> bool:
    """May put this call under another line of the menu: those who handle it, before anybody was asked."""
    return call.state in SORTABLE and not call.accepted_count and can_handle(actor, call)


def can_urge(actor: Actor, call: Call) -> bool:
    """May urge whoever holds the call (催办): those above the level that holds it, for a helper's call that level too."""
    if call.state not in URGEABLE:
        return False
    above = frozenset(LEVEL_OF) if call.state in HELPED else kinds_above(Level(call.level))
    return people_rules.reaches(actor, above | ABOVE_ALL, call.place)


def kinds_above(holder: Level) -> frozenset[RoleKind]:
    """Duties of the levels above the one that holds a call."""
    levels = list(Level)
    return frozenset(kind for kind, level in LEVEL_OF.items() if levels.index(level) > levels.index(holder))


def asked_as_team(actor: Actor, call: Call) -> Offer | None:
    """The open question that this person answers for a team; None without one."""
    asked = offers_to(actor).filter(call=call, state=OfferState.OFFERED, team__isnull=False)
    return asked.order_by("pk").first()


def can_propose(actor: Actor, place: Place) -> bool:
    """May have all open calls of this place weighed at once, and confirm what is proposed."""
    return people_rules.reaches(actor, HANDLERS, place)


def can_propose_anywhere(actor: Actor) -> bool:
    """Handles calls somewhere."""
    return bool(people_rules.held(actor, HANDLERS))


def too_old(proposal: Proposal) -> bool:
    """Ready, and nobody confirmed it in time."""
    limit = proposal.expires_at
    return proposal.state == ProposalState.READY and limit is not None and limit <= clock.now()


def proposals_visible_to(actor: Actor) -> Q:
    """Proposals for the places where this actor handles calls."""
    return Q() if actor.is_system else people_rules.within(actor, HANDLERS)


def can_take(actor: Actor, verb: str, call: Call, known: frozenset[str] | None = None) -> bool:
    """May this actor take this step on this call now; ``known`` are his parties when already asked for."""
    step = TRANSITIONS[verb]
    if call.state not in step.from_:
        return False
    if verb == "reopen" and call.reopened_count >= MAX_REOPENED:
        return False
    if verb == "claim" and not takes_people(call) and not claiming_teams(actor, call).exists():
        return False
    if verb == "enough" and not 0 < call.accepted_count < call.people_needed:
        return False
    if verb == "seek_more" and call.people_needed == 1 and call.raised_for_id is None:
        return False
    if verb in {"arrive", "leave"} and call.people_needed == 1:
        return False
    if known is None and step.by & parties_at_once(actor, call):
        return True
    return bool(step.by & (parties(actor, call) if known is None else known))


def steps(actor: Actor, call: Call, known: frozenset[str] | None = None) -> list[str]:
    """The steps this actor may take now, in the order of the table: the buttons of every screen."""
    known = parties(actor, call) if known is None else known
    late = call.ended_at is not None and call.ended_at < clock.now() - timedelta(days=REOPEN_DAYS)
    return [verb for verb in TRANSITIONS if can_take(actor, verb, call, known) and not (late and verb == "reopen")]


def can_ask_for_others(actor: Actor) -> bool:
    """Grid workers and staff may ask on behalf of a person without a phone (S0-3a; domain 7, safeguard 17)."""
    return bool(people_rules.held(actor, PROXIES))


def can_ask_for(actor: Actor, person: Person, place: Place) -> bool:
    """May ask in this person's name for help at this place: for himself, for family and wards, for the one he acts for,
    and staff for those they know, at their own places. Never for somebody who was erased.
    """
    if person.erased_at is not None:
        return False
    if actor.is_system or person.pk in {actor.person_id, actor.on_behalf_of_id}:
        return True
    if people_rules.is_ward_of(actor.person_id, person):
        return True
    return people_rules.reaches(actor, PROXIES, place) and people_rules.can_act_for(actor, person)


def is_own(actor: Actor, call: Call) -> bool:
    """The person served, or family who asked for him: they read what they wrote themselves. Of a call that a place
    raised: whoever is on duty there.
    """
    if call.raised_for_id is not None:
        return speaks_for_raiser(actor, call)
    family = actor.person_id == call.asked_by_id and not people_rules.is_staff(actor)
    return actor.person_id is not None and (actor.person_id == call.requester_id or family)


def is_serving(actor: Actor, call: Call) -> bool:
    """Accepted the call, and it is not done yet: only so long does he need the address."""
    busy = call.state in OPEN_STATES - {State.SUSPENDED}
    return busy and offers_to(actor).filter(call=call, state=OfferState.ACCEPTED).exists()


def can_see_helper(actor: Actor, call: Call, offer: Offer) -> bool:
    """The helper's own number: staff on duty always, the person served while he is being helped and if the helper
    agreed.
    """
    if offer.call_id != call.pk or offer.state != OfferState.ACCEPTED or offer.volunteer is None:
        return False
    known, agreed = parties(actor, call), offer.volunteer.shares_phone and call.state in OPEN_STATES
    return "staff" in known or ("requester" in known and agreed)


def can_see_address(actor: Actor, call: Call, known: frozenset[str] | None = None) -> bool:
    """The exact address and phone: the person served, those on duty, and helpers only once they accepted (security
    5 no. 7).
    """
    known = parties(actor, call) if known is None else known
    return call.state not in ENDED_STATES and bool(known & INSIDERS)


def can_see_tally(actor: Actor, call: Call) -> bool:
    """May see how a call fills: those on duty over it, and over places whose people it asks, each level its share."""
    if call.state == State.DRAFT or not can_desk(actor):
        return False
    return people_rules.reaches(actor, READERS, call.place) or offers_on_desk(actor, call).exists()


def offers_on_desk(actor: Actor, call: Call) -> QuerySet[Offer]:
    """Of the offers of a call those whose helpers this actor may know by name: all on his own desk, else his places'."""
    offers = Offer.objects.filter(call=call)
    if people_rules.reaches(actor, READERS, call.place):
        return offers
    near = people_rules.within(actor, READERS, "volunteer__base_place__path")
    return offers.filter(near | people_rules.within(actor, READERS, "team__place__path"))


def can_keep_menu(actor: Actor) -> bool:
    """May change the service menu and its clocks."""
    return bool(people_rules.held(actor, MENU_KEEPERS))


def can_set_rings(actor: Actor, place: Place | None) -> bool:
    """May change the rings of this place: keepers of the menu that reach it. Those without a place hold for everybody:
    only who keeps the menu at the top of the tree.
    """
    if place is None:
        return any(path.count("/") <= TOP for path in people_rules.held(actor, MENU_KEEPERS))
    return people_rules.reaches(actor, MENU_KEEPERS, place)


def can_keep_doors(actor: Actor, place: Place | None = None) -> bool:
    """May give keys to other programs, at this place or anywhere."""
    return people_rules.reaches(actor, DOOR_KEEPERS, place) if place else bool(people_rules.held(actor, DOOR_KEEPERS))


def can_take_tickets(actor: Actor, place: Place | None = None) -> bool:
    """May bring in tickets of a hotline, for this place or anywhere: those on duty, not grid workers."""
    return people_rules.reaches(actor, HANDLERS, place) if place else bool(people_rules.held(actor, HANDLERS))


def listed_for_all() -> Q:
    """Calls whose kind, rough place and progress anybody may read: of kinds that the keepers of the menu opened."""
    return Q(kind__public=True) & ~Q(state=State.DRAFT)


def told_through(actor: Actor) -> Q:
    """Calls whose news this actor carries to somebody without a telephone: those he asked for others, and those at his
    own grids whose person hears by the grid worker. He learns whose it is and how far, not what was written; who asked
    does so only while he may still ask for that person.
    """
    if actor.person_id is None:
        return Q(pk__in=())
    own = Q(asked_by_id=actor.person_id, reached_by__in=FACE_TO_FACE) & ~Q(requester_id=actor.person_id)
    own &= still_asks_for(actor)
    here = people_rules.within(actor, [RoleKind.GRID_WORKER], "place__path") & Q(reached_by=ReachedBy.WORKER)
    return (own | here) & ~Q(state=State.DRAFT)


def still_asks_for(actor: Actor) -> Q:
    """Calls of persons for whom this actor may ask there now: ``can_ask_for`` in one question."""
    alive = Person.objects.filter(erased_at__isnull=True)
    wards = alive.filter(people_rules.wards_of(actor.person_id))
    seen = Q(requester__in=alive.filter(people_rules.visible_to(actor)))
    served = Q(requester_id=actor.on_behalf_of_id or 0, requester__erased_at__isnull=True)
    return served | Q(requester__in=wards) | (people_rules.within(actor, PROXIES, "place__path") & seen)


def can_hand_slip(actor: Actor, call: Call) -> bool:
    """May print the paper slip of a call: those on duty at its place, and who asked it for another person as long as he
    may still ask for that person.
    """
    if call.state == State.DRAFT:
        return False
    proxy = actor.person_id == call.asked_by_id != call.requester_id
    return can_handle(actor, call) or (proxy and can_ask_for(actor, call.requester, call.place))
