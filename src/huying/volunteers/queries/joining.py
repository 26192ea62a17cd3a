"""What can be asked about volunteers and teams."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.kernel.errors import NotFound
from huying.kernel.search import matching
from huying.people import rules as people_rules
from huying.people.models import Person
from huying.people.queries.offering import offered_to
from huying.places import queries as place_queries
from huying.places.models import Place
from huying.places.queries.offering import offered_at, offered_somewhere
from huying.places.states import Status
from huying.volunteers import rules
from huying.volunteers.models import Membership, Skill, Team, Volunteer
from huying.volunteers.queries.keeping import MEASURED, RollUp, below, rolled_up


def volunteers_by_public_id(actor: Actor, public_ids: Iterable[UUID]) -> list[Volunteer]:
    """The volunteers with these ids, ordered by key; NotFound when one of them is not the actor's to see."""
    wanted = set(public_ids)
    rows = Volunteer.objects.filter(rules.visible_to(actor), public_id__in=wanted).select_related("person")
    found = list(rows.order_by("id"))
    if len(found) != len(wanted):
        raise NotFound
    return found


def teams_by_public_id(actor: Actor, public_ids: Iterable[UUID]) -> list[Team]:
    """The teams with these ids, in the order of their keys; NotFound when one of them is not the actor's to see."""
    wanted = set(public_ids)
    rows = Team.objects.filter(rules.teams_visible_to(actor), public_id__in=wanted)
    found = list(rows.order_by("id"))
    if len(found) != len(wanted):
        raise NotFound
    return found


def profile_of(actor: Actor) -> Volunteer | None:
    """The actor's own row with place and skills, also after he left; None when he never joined."""
    rows = Volunteer.objects.filter(person_id=actor.person_id or 0)
    return rows.select_related("person", "base_place__parent").prefetch_related("skills").first()


def person_of(actor: Actor) -> Person:
    """The actor himself with his home."""
    found = Person.objects.filter(pk=actor.person_id or 0).select_related("home_place__parent").first()
    if found is None:
        raise NotFound
    return found


def skills(actor: Actor | None = None, keep: Iterable[int] = ()) -> QuerySet[Skill]:
    """What a helper can do, in the order of entry; with ``actor`` what he is offered, and those in ``keep``."""
    rows = Skill.objects.order_by("id")
    free = offered_somewhere(rows) if actor is None else offered_to(actor, rows)
    return free | rows.filter(pk__in=keep)


def skills_at(places: list[Place], volunteer: Volunteer | None) -> QuerySet[Skill]:
    """What somebody of these places can say he can do, and what he has said."""
    mine = list(volunteer.skills.values_list("pk", flat=True)) if volunteer else []
    rows = Skill.objects.order_by("id")
    return offered_at(rows, places) | rows.filter(pk__in=mine)


def places_named(words: str, actor: Actor | None = None, limit: int = 8) -> list[Place]:
    """Divisions by name, pinyin or initials; with ``actor`` only where he may found a team; an exact name wins."""
    rows = place_queries.search(words).filter(kind__is_division=True)
    if actor is not None:
        rows = rows.filter(people_rules.within(actor, rules.KEEPERS, "path"))
    found = list(rows[:limit])
    exact = [place for place in found if words.strip() in {place.name, place.short_name}]
    return exact if len(exact) == 1 else found


def open_place(public_id: UUID) -> Place | None:
    """An open division with this id."""
    rows = Place.objects.filter(public_id=public_id, status=Status.OPEN, kind__is_division=True)
    return rows.select_related("parent").first()


def my_memberships(actor: Actor) -> list[Membership]:
    """The teams the actor is in now, those he leads first."""
    rows = Membership.objects.filter(rules.PRESENT, volunteer__person_id=actor.person_id or 0)
    return list(rows.select_related("team__place").order_by("-is_leader", "team__name", "id"))


def listed(
    actor: Actor,
    *,
    words: str = "",
    skill: str = "",
    language: str = "",
    resting: bool = False,
    within: Place | None = None,
    only: str = "",
) -> QuerySet[Volunteer]:
    """Volunteers the keeper may see who have not left; by name or pinyin, skill, language, or only those who rest.

    ``only``: a measure (in a team, active), as ``counts_of`` counts it; ``within``: who serve from there or below.
    """
    rows = Volunteer.objects.filter(rules.visible_to(actor), left_at__isnull=True)
    if within:
        rows = rows.filter(base_place__path__startswith=within.path)
    if only in MEASURED:
        rows = rows.filter(MEASURED[only]())
    if words.strip():
        rows = matching(rows, words, prefix="person__")
    if skill:
        rows = rows.filter(skills__code=skill)
    if language:
        rows = rows.filter(languages__code=language)
    if resting:
        rows = rows.filter(paused_until__gte=clock.today())
    return rows.select_related("person", "base_place").prefetch_related("skills")


def teams(
    actor: Actor, *, words: str = "", within: Place | None = None, active: bool = False, kind: str = ""
) -> QuerySet[Team]:
    """Teams whose page the actor may read, with how many are in them; ``kind``: code of a kind of team."""
    rows = Team.objects.filter(rules.teams_open_to(actor))
    if within:
        rows = rows.filter(place__path__startswith=within.path)
    if active:
        rows = rows.filter(active=True)
    if words.strip():
        rows = rows.filter(name__icontains=words.strip())
    if kind:
        rows = rows.filter(kind__code=kind)
    members = Count("memberships", filter=Q(memberships__ends_at__isnull=True), distinct=True)
    return rows.select_related("place__parent", "kind", "parent").prefetch_related("skills").annotate(members=members)


@dataclass(frozen=True)
class TeamStory:
    """A team with its people, and what this reader may do with it."""

    team: Team
    members: list[Membership]
    mine: Membership | None
    keeps: bool
    keeps_members: bool
    may_join: bool

    @cached_property
    def below(self) -> list[Team]:
        """Every team below this one; asked for where it is shown only."""
        return below(self.team)[1:]

    @cached_property
    def roll_up(self) -> RollUp | None:
        """The team together with those below it, if there are any."""
        return rolled_up([self.team, *self.below]) if self.below else None


def team_story(actor: Actor, public_id: UUID) -> TeamStory:
    """One team; NotFound when it is not the actor's to read."""
    team = teams(actor).filter(public_id=public_id).first()
    if team is None:
        raise NotFound
    rows = team.memberships.filter(rules.PRESENT).select_related("volunteer__person", "volunteer__base_place")
    members = list(rows.order_by("-is_leader", "starts_at", "id"))
    mine = next((one for one in members if one.volunteer.person_id == actor.person_id), None)
    keeps = rules.can_keep_team(actor, team)
    return TeamStory(
        team=team,
        members=members,
        mine=mine,
        keeps=keeps,
        keeps_members=keeps or rules.leads(actor, team),
        may_join=mine is None and team.active and rules.may_volunteer(actor),
    )


def team_members(team: Team) -> QuerySet[Membership]:
    """Everybody who is in the team now, with what he can do, leaders first."""
    rows = team.memberships.filter(rules.PRESENT).select_related("volunteer__person", "volunteer__base_place")
    rows = rows.prefetch_related("volunteer__skills")
    return rows.order_by("-is_leader", "starts_at", "id")


def member(actor: Actor, public_id: UUID) -> Volunteer:
    """A volunteer the actor may see: his own, of his places, or of a team he leads; NotFound for others."""
    rows = Volunteer.objects.filter(rules.visible_to(actor), public_id=public_id)
    found = rows.select_related("person").first()
    if found is None:
        raise NotFound
    return found


def volunteers_named(actor: Actor, team: Team, words: str, limit: int = 8) -> list[Volunteer]:
    """Volunteers of the team's neighbourhood by name who are not in it yet; whoever adds them names them exactly
    enough.
    """
    if len(words.strip()) < 2:
        return []
    rows = Volunteer.objects.filter(left_at__isnull=True, base_place__path__startswith=team.place.path)
    if not rules.can_keep_team(actor, team):
        rows = rows.filter(person__name=words.strip())
    inside = team.memberships.filter(rules.PRESENT).values("volunteer_id")
    rows = matching(rows.exclude(pk__in=inside), words, prefix="person__")
    return list(rows.select_related("person", "base_place").order_by("id")[:limit])


def addable(actor: Actor, team: Team, public_id: UUID) -> Volunteer:
    """A member of the team, or a volunteer of its neighbourhood who can be added; NotFound for others."""
    inside = Q(memberships__team=team, memberships__ends_at__isnull=True)
    near = Q(base_place__path__startswith=team.place.path, left_at__isnull=True)
    found = Volunteer.objects.filter(inside | near, public_id=public_id).select_related("person").first()
    if found is None:
        raise NotFound
    return found


def kept_places(actor: Actor) -> list[Place]:
    """The places the keeper holds himself, nearest to the people first; six at most."""
    paths = people_rules.held(actor, rules.KEEPERS)
    rows = Place.objects.filter(path__in=paths, status=Status.OPEN).select_related("parent")
    return list(rows.order_by("-depth", "sort_key", "id")[:6])
