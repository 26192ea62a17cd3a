"""Who sees an activity, who writes and runs it, who sees the people in it. Every list and page asks here."""

from __future__ import annotations

from django.db.models import Q

from huying.activities.models import Activity, SignUp
from huying.activities.states import GIVEN_BACK, ActivityState
from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.people import rules as people_rules
from huying.people.models import Person
from huying.people.states import RoleKind
from huying.places.models import Place
from huying.volunteers import rules as volunteer_rules

KEEPERS = frozenset({RoleKind.STATION_KEEPER, RoleKind.OFFICE, RoleKind.DISPATCHER})
PROXIES = KEEPERS | {RoleKind.GRID_WORKER}
PLANNERS = KEEPERS | {RoleKind.ADMINISTRATOR}
DATA_KEEPERS = frozenset({RoleKind.DISPATCHER, RoleKind.ADMINISTRATOR})
READERS = PLANNERS | {RoleKind.INSPECTOR, RoleKind.AUDITOR}


def visible_to(actor: Actor) -> Q:
    """What was published is for everybody; drafts for those who keep the place, and for whoever wrote them."""
    if actor.is_system:
        return Q()
    public = Q(published_at__isnull=False)
    own = Q(created_by_id=actor.person_id) if actor.person_id else Q(pk__in=())
    return public | own | people_rules.within(actor, READERS, "place__path")


def is_visible(actor: Actor, activity: Activity) -> bool:
    """The same for one activity at hand; what was published costs no question."""
    return activity.published_at is not None or Activity.objects.filter(visible_to(actor), pk=activity.pk).exists()


def runs(actor: Actor) -> Q:
    """Activities this actor runs: at the places he keeps, those he wrote, those of the teams he leads."""
    if actor.is_system:
        return Q()
    if actor.person_id is None:
        return Q(pk__in=())
    own = Q(created_by_id=actor.person_id)
    led = Q(parties__team_id__in=volunteer_rules.led_team_ids(actor))
    return own | led | people_rules.within(actor, KEEPERS, "place__path")


def is_organiser(actor: Actor) -> bool:
    """Keeps some place, so that he writes activities: the desk of this room is for him."""
    return actor.is_system or bool(people_rules.held(actor, PLANNERS))


def can_keep_data(actor: Actor) -> bool:
    """May change what activities can be: kinds, themes and their days, units of results."""
    return bool(people_rules.held(actor, DATA_KEEPERS))


def can_make(actor: Actor, place: Place) -> bool:
    """May write an activity of this place."""
    return actor.is_system or people_rules.reaches(actor, KEEPERS, place)


def can_write(actor: Actor, activity: Activity) -> bool:
    """May change, publish, move and cancel it: the keepers of its place; a draft also its writer."""
    own = actor.person_id is not None and activity.created_by_id == actor.person_id
    return can_make(actor, activity.place) or (own and activity.state == ActivityState.DRAFT)


def can_run(actor: Actor, activity: Activity) -> bool:
    """May see who comes, check in and write results: keepers, the writer, leaders of a team that takes part."""
    if actor.is_system or can_make(actor, activity.place):
        return True
    if actor.person_id is None:
        return False
    led = activity.parties.filter(team_id__in=volunteer_rules.led_team_ids(actor))
    return activity.created_by_id == actor.person_id or led.exists()


def can_see_people(actor: Actor, activity: Activity) -> bool:
    """Names of those who signed up are for those who run it, never for other guests."""
    return can_run(actor, activity)


def can_sign_up_for(actor: Actor, person: Person) -> bool:
    """For oneself, for family and wards, for the one he acts for, and staff for the people of their places."""
    if person.erased_at is not None or actor.is_anonymous:
        return False
    if actor.is_system or person.pk in {actor.person_id, actor.on_behalf_of_id}:
        return True
    if people_rules.is_ward_of(actor.person_id, person):
        return True
    return bool(people_rules.held(actor, PROXIES)) and people_rules.can_act_for(actor, person)


def sign_ups_visible_to(actor: Actor) -> Q:
    """One's own, those one made for others, those of the teams one leads; organisers see theirs through the session."""
    if actor.is_system:
        return Q()
    if actor.person_id is None:
        return Q(pk__in=())
    served = {actor.person_id, actor.on_behalf_of_id} - {None}
    led = Q(team_id__in=volunteer_rules.led_team_ids(actor))
    return Q(person_id__in=served) | Q(asked_by_id=actor.person_id) | led


def still_told() -> Q:
    """Sign-ups that lists and copies still show: once a session is over, nobody reads any more who gave his place back or
    did not answer (K10: no rank, no shame).
    """
    return ~Q(state__in=GIVEN_BACK) | Q(session__ends_at__gt=clock.now())


def can_leave(actor: Actor, sign_up: SignUp) -> bool:
    """May take this sign-up back or confirm it: whose it is, who made it, who runs the activity."""
    mine = SignUp.objects.filter(sign_ups_visible_to(actor), pk=sign_up.pk).exists()
    return mine or can_run(actor, sign_up.session.activity)


def plans_visible_to(actor: Actor) -> Q:
    """Plans are inner papers: of the places where one plans, keeps or oversees, and of those above, whose plans one
    helps to keep.
    """
    if actor.is_system:
        return Q()
    paths = people_rules.held(actor, READERS)
    above = {path[: at + 1] for path in paths for at, letter in enumerate(path) if letter == "/" and at}
    return people_rules.within(actor, READERS, "place__path") | Q(place__path__in=above)


def can_plan(actor: Actor, place: Place) -> bool:
    """May write rhythm plans of a place."""
    return actor.is_system or people_rules.reaches(actor, PLANNERS, place)
