"""Who answers: a volunteer for himself, a leader for his team; who may see and change them."""

from __future__ import annotations

from typing import Any

from django.db.models import BigIntegerField, Func, Q, QuerySet, Value
from django.db.models.expressions import RawSQL

from huying.kernel.actor import Actor
from huying.people import rules as people_rules
from huying.people.states import RoleKind
from huying.places.models import Place
from huying.volunteers.models import Membership, Team, Volunteer

KEEPERS = frozenset({RoleKind.STATION_KEEPER, RoleKind.OFFICE, RoleKind.DISPATCHER})
PRESENT = Q(ends_at__isnull=True)
"""Memberships that hold now."""


LED = """(WITH RECURSIVE led (id) AS (
    SELECT t.id FROM {team} t JOIN {membership} m ON m.team_id = t.id JOIN {volunteer} v ON v.id = m.volunteer_id
    WHERE v.person_id = %s AND m.is_leader AND m.ends_at IS NULL AND t.active
    UNION SELECT t.id FROM {team} t JOIN led ON t.parent_id = led.id
) SELECT id FROM led)"""
"""A team and everything below it; UNION also ends a circle that should not be there."""


def tables() -> dict[str, str]:
    """Names of the tables for the recursive questions of this file."""
    return {model._meta.model_name or "": model._meta.db_table for model in (Team, Membership, Volunteer)}


def led_team_ids(actor: Actor) -> QuerySet[Team, int]:
    """Keys of the active teams that this person leads now: his own, and all teams below them, to any depth."""
    led = RawSQL(LED.format(**tables()), [actor.person_id or 0])  # noqa: S611 - own tables
    return Team.objects.filter(pk__in=led, active=True).values_list("pk", flat=True)


def own_team_ids(actor: Actor) -> QuerySet[Membership, int]:
    """Keys of the teams of which he is a leader himself. Calls ask these: an address is for the nearest only."""
    return Membership.objects.filter(
        PRESENT, volunteer__person_id=actor.person_id or 0, is_leader=True, team__active=True
    ).values_list("team_id", flat=True)


def is_leader(actor: Actor) -> bool:
    """Leads an active team now, with or without an office: the leader's desk is for him."""
    return actor.person_id is not None and led_team_ids(actor).exists()


class Above(Func):
    """Keys of a team and of all teams above it; with ``person_id``, only up to (without) those he leads himself."""

    template = """(WITH RECURSIVE up (id, parent_id) AS (
        SELECT t.id, t.parent_id FROM {team} t WHERE t.id = %(expressions)s AND NOT {own}
        UNION SELECT t.id, t.parent_id FROM {team} t JOIN up ON t.id = up.parent_id WHERE NOT {own}
    ) SELECT id FROM up)"""
    OWN = """EXISTS (SELECT 1 FROM {membership} m JOIN {volunteer} v ON v.id = m.volunteer_id
        WHERE m.team_id = t.id AND v.person_id = {person} AND m.is_leader AND m.ends_at IS NULL)"""
    output_field = BigIntegerField()

    def __init__(self, team: Any, person_id: int = 0):
        own = self.OWN.format(**tables(), person=int(person_id)) if person_id else "false"
        super().__init__(team, template=self.template.format(**tables(), own=own))


def nearer_leaders(actor: Actor, team: Any) -> QuerySet[Membership]:
    """Leaders now of the team (an expression for its key) and of teams above it, below those this person leads."""
    between = Above(team, actor.person_id or 0)
    return Membership.objects.filter(PRESENT, is_leader=True, team__active=True, team_id__in=between)


def may_volunteer(actor: Actor) -> bool:
    """True when this person registered as a volunteer and did not leave (by own choice, 志愿服务条例 art. 7)."""
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
    """The path of the place around the volunteer's base (its parent); empty for somebody who does not volunteer."""
    if actor.person_id is None:
        return ""
    base = (
        Volunteer.objects.filter(person_id=actor.person_id, left_at__isnull=True)
        .values_list("base_place__parent__path", "base_place__path")
        .first()
    )
    return (base[0] or base[1]) if base else ""


def visible_to(actor: Actor) -> Q:
    """Volunteers this actor may see: himself, those based at the places he keeps, and those of the teams he leads."""
    if actor.is_system:
        return Q()
    own = Q(person_id=actor.person_id) | people_rules.within(actor, KEEPERS, "base_place__path")
    mates = Membership.objects.filter(PRESENT, team_id__in=led_team_ids(actor)).values("volunteer_id")
    return own | Q(pk__in=mates)


def teams_visible_to(actor: Actor) -> Q:
    """Teams this actor may dispatch to or change: those at the places he keeps, and those above them that serve his
    places too; and the teams he leads.
    """
    if actor.is_system:
        return Q()
    paths = people_rules.held(actor, KEEPERS)
    above = {path[: end + 1] for path in paths for end, letter in enumerate(path) if letter == "/" and end}
    led = Q(pk__in=led_team_ids(actor))
    return led | people_rules.within(actor, KEEPERS, "place__path") | Q(place__path__in=above)


def teams_open_to(actor: Actor) -> Q:
    """Teams whose page this actor may read: all of the above, those he is in, and those in his neighbourhood."""
    mine = Membership.objects.filter(PRESENT, volunteer__person_id=actor.person_id or 0).values("team_id")
    return teams_visible_to(actor) | Q(pk__in=mine) | (Q(active=True) & reachable(actor, "place__path"))


def can_make_team(actor: Actor, place: Place) -> bool:
    """Keepers found teams at their own places."""
    return actor.is_system or people_rules.reaches(actor, KEEPERS, place)


def can_keep_team(actor: Actor, team: Team) -> bool:
    """May change the team's facts and name its leaders: keepers at its place or above."""
    return actor.is_system or people_rules.reaches(actor, KEEPERS, team.place)


def leads(actor: Actor, team: Team) -> bool:
    """One of the leaders now of the team, or of an active team above it."""
    return Membership.objects.filter(
        PRESENT,
        Q(team=team) | Q(team__active=True),
        team_id__in=Above(Value(team.pk)),
        is_leader=True,
        volunteer__person_id=actor.person_id or 0,
    ).exists()


def leads_itself(actor: Actor, team: Team) -> bool:
    """One of the team's own leaders now."""
    return Membership.objects.filter(
        PRESENT, team=team, is_leader=True, volunteer__person_id=actor.person_id or 0
    ).exists()


def can_keep_members(actor: Actor, team: Team) -> bool:
    """May add and remove members: keepers of the team and its leaders."""
    return can_keep_team(actor, team) or leads(actor, team)


def is_keeper(actor: Actor) -> bool:
    """Keeps volunteers and teams somewhere: the desk's pages of this room are for him."""
    return actor.is_system or bool(people_rules.held(actor, KEEPERS))
