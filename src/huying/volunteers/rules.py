"""Who answers: a volunteer for himself, a leader for his team; who may see and change them."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from huying.kernel.actor import Actor
from huying.people import rules as people_rules
from huying.people.states import RoleKind
from huying.places.models import Place
from huying.volunteers.models import Membership, Volunteer

KEEPERS = frozenset({RoleKind.STATION_KEEPER, RoleKind.OFFICE, RoleKind.DISPATCHER})


def led_team_ids(actor: Actor) -> QuerySet[Membership, int]:
    """Keys of the teams that this person leads now."""
    return Membership.objects.filter(
        volunteer__person_id=actor.person_id or 0, is_leader=True, ends_at__isnull=True, team__active=True
    ).values_list("team_id", flat=True)


def may_volunteer(actor: Actor) -> bool:
    """True when this person registered as a volunteer and did not leave (by one's own choice, 志愿服务条例 art. 7)."""
    return Volunteer.objects.filter(person_id=actor.person_id or 0, left_at__isnull=True).exists()


def reachable(actor: Actor, path_field: str) -> Q:
    """Rows in the neighbourhood of the volunteer; none for somebody who does not volunteer."""
    area = neighbourhood(actor)
    return Q(**{f"{path_field}__startswith": area}) if area else Q(pk__in=())


def is_near(actor: Actor, place: Place) -> bool:
    """True when this person volunteers and ``place`` lies in his neighbourhood; agrees with ``reachable``."""
    area = neighbourhood(actor)
    return bool(area) and place.path.startswith(area)


def neighbourhood(actor: Actor) -> str:
    """The path of the place around the volunteer's base (its parent); empty when the person does not volunteer."""
    if actor.person_id is None:
        return ""
    base = (
        Volunteer.objects.filter(person_id=actor.person_id, left_at__isnull=True)
        .values_list("base_place__parent__path", "base_place__path")
        .first()
    )
    return (base[0] or base[1]) if base else ""


def visible_to(actor: Actor) -> Q:
    """Volunteers this actor may see: himself, and those based at the places he keeps."""
    if actor.is_system:
        return Q()
    return Q(person_id=actor.person_id) | people_rules.within(actor, KEEPERS, "base_place__path")


def teams_visible_to(actor: Actor) -> Q:
    """Teams this actor may see: those at the places he keeps, and those above them that serve his places too."""
    if actor.is_system:
        return Q()
    paths = people_rules.held(actor, KEEPERS)
    above = {path[: end + 1] for path in paths for end, letter in enumerate(path) if letter == "/" and end}
    led = Q(pk__in=led_team_ids(actor))
    return led | people_rules.within(actor, KEEPERS, "place__path") | Q(place__path__in=above)


def can_pause(actor: Actor, volunteer: Volunteer) -> bool:
    """Only the volunteer decides when to rest."""
    return actor.person_id == volunteer.person_id
