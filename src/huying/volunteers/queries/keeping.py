"""Proofs and checks of one volunteer, campaigns, teams below teams, and counts of people kept apart."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db.models import Q, QuerySet
from django.db.models.expressions import RawSQL

from huying.kernel import attachments, clock
from huying.kernel.actor import Actor
from huying.kernel.attachments import Attachment
from huying.kernel.errors import Forbidden, NotFound
from huying.people import rules as people_rules
from huying.people.queries.offering import offered_to
from huying.places.models import Place
from huying.places.queries.offering import offered_somewhere
from huying.volunteers import rules
from huying.volunteers.models import (
    Campaign,
    CampaignJoin,
    ExternalId,
    Language,
    Membership,
    ProtectionCheck,
    ReportedCount,
    ServiceRecord,
    SkillProof,
    Team,
    TeamKind,
    Volunteer,
)
from huying.volunteers.states import ACTIVE_FOR_DAYS, COUNTED, Measure


def languages() -> QuerySet[Language]:
    """Languages and dialects, in their order."""
    return Language.objects.order_by("order", "id")


def team_kinds(actor: Actor | None = None, keep: Iterable[int] = ()) -> QuerySet[TeamKind]:
    """Kinds of teams, in their order; with ``actor`` those he is offered, and those with the keys in ``keep``."""
    rows = TeamKind.objects.order_by("order", "id")
    free = offered_somewhere(rows) if actor is None else offered_to(actor, rows)
    return free | rows.filter(pk__in=list(keep))


# ── teams below teams ───────────────────────────────────────────────────────
FAMILY = """(WITH RECURSIVE family (id) AS (
    SELECT %s::bigint UNION SELECT t.id FROM {team} t JOIN family f ON t.parent_id = f.id
) SELECT id FROM family)"""


def below(team: Team) -> list[Team]:
    """The team and everything below it, upper ones first, to any depth; one query."""
    family = RawSQL(FAMILY.format(team=Team._meta.db_table), [team.pk])  # noqa: S611 - own table
    kin = Team.objects.filter(pk__in=family).exclude(pk=team.pk).select_related("place", "kind")
    rows, found, edge = list(kin.order_by("name", "id")), [team], {team.pk}
    while edge:
        level = [row for row in rows if row.parent_id in edge]
        found, edge = [*found, *level], {row.pk for row in level}
    return found


@dataclass(frozen=True, slots=True)
class RollUp:
    """A federation with everything below it: teams, and persons counted once however many teams they are in."""

    teams: int
    members: int


def rolled_up(teams: Sequence[Team]) -> RollUp:
    """How many active teams and how many different volunteers these teams have together."""
    present = Membership.objects.filter(rules.PRESENT, team_id__in=[row.pk for row in teams])
    return RollUp(sum(row.active for row in teams), present.values("volunteer_id").distinct().count())


def possible_parents(actor: Actor, team: Team | None) -> QuerySet[Team]:
    """Teams under which this actor may put the team: those he keeps or leads, and where it is now; never below it."""
    kept = people_rules.within(actor, rules.KEEPERS, "place__path") | Q(pk__in=rules.led_team_ids(actor))
    if team is not None:
        kept |= Q(pk=team.parent_id or 0)
    rows = Team.objects.filter(kept, active=True)
    return rows.exclude(pk__in=[row.pk for row in below(team)] if team else []).order_by("name", "id")


# ── one volunteer, for his keeper ───────────────────────────────────────────
@dataclass(frozen=True, slots=True)
class Proof:
    """A proof with its picture."""

    row: SkillProof
    picture: Attachment | None
    expired: bool


@dataclass(frozen=True, slots=True)
class VolunteerStory:
    """What stands behind one volunteer."""

    volunteer: Volunteer
    proofs: list[Proof]
    checks: list[ProtectionCheck]
    external: list[ExternalId]


def proofs_of(volunteer: Volunteer) -> list[Proof]:
    """Proofs with their pictures, the latest first."""
    asked = SkillProof.objects.filter(volunteer=volunteer).select_related("skill", "verified_by", "refused_by")
    rows = list(asked.order_by("-id"))
    pictures = attachments.of_many(SkillProof, [row.pk for row in rows])
    today = clock.today()
    return [
        Proof(row, next(iter(pictures.get(row.pk, [])), None), bool(row.valid_until and row.valid_until < today))
        for row in rows
    ]


def volunteer_story(actor: Actor, public_id: UUID) -> VolunteerStory:
    """One volunteer of a place the actor keeps; NotFound for others, Forbidden for himself."""
    kept = people_rules.within(actor, rules.KEEPERS, "base_place__path")
    found = Volunteer.objects.filter(kept, public_id=public_id).select_related("person", "base_place").first()
    if found is None:
        raise NotFound
    if found.person_id == actor.person_id:
        raise Forbidden
    return VolunteerStory(
        volunteer=found,
        proofs=proofs_of(found),
        checks=list(ProtectionCheck.objects.filter(volunteer=found).select_related("checked_by").order_by("-id")),
        external=list(ExternalId.objects.filter(volunteer=found).order_by("system")),
    )


# ── campaigns ───────────────────────────────────────────────────────────────
def campaigns(actor: Actor) -> QuerySet[Campaign]:
    """Campaigns that are open now in the actor's neighbourhood, and all of teams he keeps or leads."""
    now = clock.now()
    open_now = Q(opens_at__lte=now, closes_at__gt=now, stopped_at__isnull=True)
    near = open_now & (rules.reachable(actor, "team__place__path") | Q(is_emergency=True))
    mine = Q(team__in=rules.led_team_ids(actor)) | people_rules.within(actor, rules.KEEPERS, "team__place__path")
    return Campaign.objects.filter(near | mine).select_related("team__place").distinct()


@dataclass(frozen=True, slots=True)
class CampaignStory:
    """A campaign, whether the reader joined by it, whether he runs it, and whether he volunteers at all."""

    campaign: Campaign
    joined: bool
    runs: bool
    open: bool
    full: bool
    volunteers: bool


def campaign_story(actor: Actor, public_id: UUID) -> CampaignStory:
    """One campaign; NotFound when it is not the actor's to read."""
    found = campaigns(actor).filter(public_id=public_id).first()
    if found is None:
        raise NotFound
    joined = CampaignJoin.objects.filter(campaign=found, volunteer__person_id=actor.person_id or 0).exists()
    is_open = found.stopped_at is None and found.opens_at <= clock.now() < found.closes_at
    return CampaignStory(
        found,
        joined,
        runs=rules.can_keep_members(actor, found.team),
        open=is_open,
        full=found.joined >= found.wanted,
        volunteers=rules.may_volunteer(actor),
    )


# ── counts ──────────────────────────────────────────────────────────────────
@dataclass(frozen=True, slots=True)
class Counted:
    """One measure below a place: our own count, and the latest that another system reported for the place itself."""

    measure: Measure
    own: int
    reported: ReportedCount | None


def is_active() -> Q:
    """Volunteers with confirmed service that ended within a year."""
    since = clock.now() - timedelta(days=ACTIVE_FOR_DAYS)
    served = ServiceRecord.objects.filter(state__in=COUNTED, ends_at__gte=since)
    return Q(pk__in=served.values("volunteer_id"))


def is_recruited() -> Q:
    """Volunteers who are in a team now."""
    return Q(pk__in=Membership.objects.filter(rules.PRESENT).values("volunteer_id"))


MEASURED: dict[str, Callable[[], Q]] = {Measure.RECRUITED: is_recruited, Measure.ACTIVE: is_active}
"""What makes a registered volunteer count under a measure."""


def active_below(place: Place) -> int:
    """Registered volunteers below a place with confirmed service that ended within a year; one query."""
    registered = Volunteer.objects.filter(left_at__isnull=True, base_place__path__startswith=place.path)
    return registered.filter(is_active()).count()


def counts_of(place: Place) -> list[Counted]:
    """Registered, recruited, active and teams below a place, each by its own definition, never added up.

    Registered: chose to volunteer and did not leave. Recruited: of these, in a team now. Active: of these, with
    confirmed service that ended within a year. A number below five is for the staff only.
    """
    registered = Volunteer.objects.filter(left_at__isnull=True, base_place__path__startswith=place.path)
    recruited = registered.filter(is_recruited())
    teams = Team.objects.filter(active=True, place__path__startswith=place.path)
    own = {
        Measure.REGISTERED: registered.count(),
        Measure.RECRUITED: recruited.count(),
        Measure.ACTIVE: active_below(place),
        Measure.TEAMS: teams.count(),
    }
    latest: dict[str, ReportedCount] = {}
    for row in ReportedCount.objects.filter(place=place).order_by("as_of_date", "id"):
        latest[row.measure] = row
    return [Counted(measure, count, latest.get(measure)) for measure, count in own.items()]
