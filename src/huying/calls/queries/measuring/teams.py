"""The score of teams (domain.md section 1): what each did in a period, from offers, ratings and records.

Persons have no score and are in no list: this is about teams and units only (promise 3, domain 7 no. 14).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.db.models import BigIntegerField, Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Coalesce

from huying.calls import rules
from huying.calls.models import CallEvent, LateStage, Offer, ScoreRule
from huying.calls.queries.measuring.figures import score_rule
from huying.calls.queries.measuring.formulas import Value, Work, share, team_score
from huying.calls.states import BY_SLIP, OfferState, Stage, State
from huying.kernel.actor import Actor
from huying.people import rules as people_rules
from huying.people.models import Guardianship, Person, Role
from huying.people.states import STAFF
from huying.places.models import Place
from huying.volunteers.models import Membership, ServiceRecord, Team
from huying.volunteers.states import RecordState

COUNTY = "county"
"""The kind of place whose mean a team leans on; where there is none above a team, the top of its tree."""
NOBODY = share(0, 0)
SAID_YES = (OfferState.ACCEPTED, OfferState.DONE, OfferState.HANDED_BACK)


@dataclass(frozen=True, slots=True)
class TeamLine:
    """One team: its work, the mean it leans on, and its score; None means 暂不评."""

    team: Team
    work: Work
    mean: Fraction | None
    score: Decimal | None


def team_lines(actor: Actor, since: datetime, until: datetime, place_path: str = "") -> list[TeamLine]:
    """Teams on the reader's desk in the order of their places and names, never by their score.

    The mean of a county is made of all its teams' counted ratings, whoever reads.
    """
    seen = Team.objects.filter(people_rules.within(actor, rules.READERS, "place__path"), active=True)
    seen = seen.filter(place__path__startswith=place_path).select_related("place")
    teams = list(seen.order_by("place__sort_key", "place_id", "name", "id"))
    counties = counties_of(teams)
    near = Team.objects.filter(within_any(set(counties.values()))).values_list("pk", "place__path")
    ratings = ratings_of(list(dict(near)), since, until)
    means = {path: mean_of(ratings, [pk for pk, at in near if at.startswith(path)]) for path in set(counties.values())}
    works = works_of([team.pk for team in teams], since, until, ratings)
    rule = score_rule()
    return [scored(team, works[team.pk], means[counties[team.pk]], rule) for team in teams]


def scored(team: Team, work: Work, mean: Fraction | None, rule: ScoreRule) -> TeamLine:
    return TeamLine(team, work, mean, team_score(work, mean, rule))


def mean_of(ratings: dict[int, tuple[int, int]], teams: list[int]) -> Fraction | None:
    """Mean stars of the counted ratings of these teams; None without any."""
    n = sum(ratings[pk][0] for pk in teams if pk in ratings)
    return Fraction(sum(ratings[pk][1] for pk in teams if pk in ratings), n) if n else None


def counties_of(teams: list[Team]) -> dict[int, str]:
    """Path of the county above each team."""
    keys = {int(part) for team in teams for part in team.place.path.strip("/").split("/")}
    paths = dict(Place.objects.filter(pk__in=keys, kind=COUNTY).values_list("pk", "path"))
    found = {}
    for team in teams:
        above = [int(part) for part in team.place.path.strip("/").split("/")]
        found[team.pk] = next((paths[pk] for pk in above if pk in paths), f"/{above[0]}/")
    return found


def within_any(paths: set[str]) -> Q:
    found = Q(pk__in=())
    for path in paths:
        found |= Q(place__path__startswith=path)
    return found


def ratings_of(teams: list[int], since: datetime, until: datetime) -> dict[int, tuple[int, int]]:
    """Number and sum of the counted ratings of each team, of calls that were closed in the period.

    Only what the person served or his family said; what members of the team, their kin and staff said is dropped, and what
    came with a paper slip, for whoever printed it may have held it. A call that was never rated has nothing to say. A
    rating belongs to those who came last.
    """
    rows = done(teams, since, until).filter(call__score__isnull=False, call__raised_for=None, reopened_at__isnull=True)
    rows = rows.annotate(rater=Coalesce(Subquery(rater()), F("call__requester_id")))
    rows = rows.exclude(by_slip()).exclude(by_staff()).exclude(by_own("rater")).exclude(by_own("call__requester_id"))
    found = rows.values("team").annotate(n=Count("id"), stars=Sum("call__score")).order_by()
    return {one["team"]: (one["n"], one["stars"]) for one in found}


def rater() -> QuerySet[Any]:
    """Who gave the rating that stands."""
    steps = CallEvent.objects.filter(call=OuterRef("call"), verb="rate").order_by("-id")
    return steps.values("person_id")[:1]


def by_slip() -> Exists:
    """Given with the code of a paper slip, in the name of the person served and by nobody knows whom (decision 0022)."""
    steps = CallEvent.objects.filter(call=OuterRef("call"), verb="rate", at__gte=OuterRef("call__rated_at"))
    return Exists(steps.filter(facts__has_key=BY_SLIP))


def by_staff() -> Exists:
    """Given by somebody on duty: a grid worker, the station, the hotline (the agent path)."""
    at = OuterRef("call__rated_at")
    held = Role.objects.filter(person=OuterRef("rater"), kind__in=STAFF, starts_at__lte=at)
    return Exists(held.filter(Q(ends_at__isnull=True) | Q(ends_at__gt=at)))


def by_own(who: str) -> Q:
    """``who`` is a member of the team, or lives with one, or is tied to one as guardian or ward."""
    team = OuterRef("team")
    members = Membership.objects.filter(team=team, starts_at__lte=OuterRef("call__rated_at"))
    homes = Person.objects.filter(pk=OuterRef(OuterRef(who)), household__isnull=False).values("household")
    ties = Guardianship.objects.filter(confirmed_at__isnull=False)
    person = OuterRef("volunteer__person")
    guards = ties.filter(ward=OuterRef(OuterRef(who)), guardian=person)
    guarded = ties.filter(guardian=OuterRef(OuterRef(who)), ward=person)
    return (
        Q(Exists(members.filter(volunteer__person=OuterRef(who))))
        | Q(Exists(members.filter(volunteer__person__household__in=homes)))
        | Q(Exists(members.filter(Exists(guards) | Exists(guarded))))
    )


def done(teams: list[int], since: datetime, until: datetime) -> Any:
    """What teams carried out of calls closed in the period; ``reopened_at``: the person asked again afterwards."""
    again = CallEvent.objects.filter(call=OuterRef("call"), verb="reopen", at__gt=OuterRef("answered_at")).order_by(
        "id"
    )
    rows = Offer.objects.filter(team__in=teams, state=OfferState.DONE, call__state=State.CLOSED)
    rows = rows.filter(call__ended_at__gte=since, call__ended_at__lt=until)
    return rows.annotate(reopened_at=Subquery(again.values("at")[:1]))


def works_of(
    teams: list[int], since: datetime, until: datetime, ratings: dict[int, tuple[int, int]]
) -> dict[int, Work]:
    """What each team did in the period, in three statements."""
    carried = carried_out(teams, since, until)
    accepted, recorded = answered(teams, since, until), kept(teams, since, until)
    found = {}
    for pk in teams:
        on_time, lasting = carried.get(pk, (NOBODY, NOBODY))
        n, stars = ratings.get(pk, (0, 0))
        found[pk] = Work(n, stars, on_time, accepted.get(pk, NOBODY), lasting, recorded.get(pk, NOBODY))
    return found


def carried_out(teams: list[int], since: datetime, until: datetime) -> dict[int, tuple[Value, Value]]:
    """By team: in time, and not opened again, of what it carried out.

    Late is a visit agreed or made too late while the team held the call; what came before it, or after the person asked
    again, is not its delay.
    """
    over = Coalesce(OuterRef("reopened_at"), OuterRef("call__ended_at"))
    late = LateStage.objects.filter(call=OuterRef("call"), stage__in=[Stage.SCHEDULE, Stage.DELIVER])
    late = late.filter(left_at__gt=OuterRef("answered_at"), left_at__lte=over)
    rows = done(teams, since, until).annotate(late=Exists(late)).values("team").order_by()
    in_time, lasting = Count("id", filter=Q(late=False)), Count("id", filter=Q(reopened_at__isnull=True))
    counted = rows.annotate(n=Count("id"), in_time=in_time, lasting=lasting)
    return {one["team"]: (share(one["in_time"], one["n"]), share(one["lasting"], one["n"])) for one in counted}


def answered(teams: list[int], since: datetime, until: datetime) -> dict[int, Value]:
    """By team: accepted, of the offers that were answered or ran out. A refusal for a listed reason is none of them, so
    it lowers nothing (志愿服务条例 art. 15, 25); nor is a call that the unit on duty got unasked (兜底).
    """
    yes = Q(state__in=SAID_YES)
    whole = yes | Q(state=OfferState.EXPIRED) | Q(state=OfferState.DECLINED, excuse="")
    rows = Offer.objects.filter(team__in=teams, offered_at__gte=since, offered_at__lt=until).values("team").order_by()
    counted = rows.exclude(bound()).annotate(yes=Count("id", filter=yes), n=Count("id", filter=whole))
    return {one["team"]: share(one["yes"], one["n"]) for one in counted}


def bound() -> Exists:
    """The offer was given, not accepted: a line of the history names it."""
    key = Cast(KeyTextTransform("offer", "facts"), BigIntegerField())
    lines = CallEvent.objects.filter(call=OuterRef("call"), verb="bind").annotate(offer=key)
    return Exists(lines.filter(offer=OuterRef("pk")))


def kept(teams: list[int], since: datetime, until: datetime) -> dict[int, Value]:
    """By team: records of service entered within the ten working days of 民政部令67号 art. 11, of all it entered."""
    rows = ServiceRecord.objects.filter(team__in=teams, ends_at__gte=since, ends_at__lt=until)
    by_team = rows.exclude(state=RecordState.WITHDRAWN).values("team").order_by()
    counted = by_team.annotate(n=Count("id"), in_time=Count("id", filter=Q(is_late=False)))
    return {one["team"]: share(one["in_time"], one["n"]) for one in counted if one["team"]}
