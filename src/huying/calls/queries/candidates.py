"""Who can answer: helpers and teams in the neighbourhood, nearest first, with the reasons in words.

Ranked in SQL by skills, distance (straight line) and open work. What never enters: declines, ratings, points
(domain 7, safeguards 1 and 13). The order serves one call and is shown nowhere else.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from math import cos, inf, radians
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import (
    Case,
    Count,
    Exists,
    ExpressionWrapper,
    F,
    FloatField,
    Func,
    IntegerField,
    Model,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce, Power, Sqrt
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from huying.calls.models import Call, Offer, ServiceKind
from huying.calls.states import OfferState
from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.people import rules as people_rules
from huying.places.models import Place
from huying.ui.naming import named
from huying.volunteers import rules as volunteer_rules
from huying.volunteers.models import Membership, Skill, Team, Volunteer

KM_A_DEGREE = 111.195
"""Length of one degree of a great circle (earth radius 6371 km)."""
WALK_KM_AN_HOUR = 4.5
DETOUR = 1.3
"""Streets are longer than the straight line; the same proxy as in the reach report."""
LOAD_KM = 0.5
"""One open call weighs as much as this way; so that work spreads over the neighbourhood."""
NEAREST = (64, 1024)
"""So many of the nearest are weighed first, and then; if neither is enough, everybody in the area."""
OF_PLACE = ("name", "name_en", "lon", "lat")
GONE = Q(state=OfferState.WITHDRAWN) | Q(state=OfferState.EXPIRED, answered_at__lt=F("call__waiting_since"))
"""Questions that were taken back: whoever got one may be asked again."""
WIDER = 2
"""How many levels above the call's own place are looked through, nearest first, until there are enough."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One who could be asked: ``km`` straight line or None, ``missing`` how many skills, ``open`` calls held now.

    ``field`` is the name under which ``public_id`` is sent when dispatching: volunteers or teams. ``spot`` is the
    public position of the place they start from, never somebody's home.
    """

    field: str
    public_id: UUID
    name: str
    where: str
    km: float | None
    missing: int
    open: int
    reasons: list[str]
    spot: tuple[float, float] | None = None

    @property
    def tone(self) -> str:
        """Persons and teams look different."""
        return "gui" if self.field == "teams" else "dai"


def candidates(actor: Actor, call: Call, limit: int = 8) -> list[Candidate]:
    """Volunteers and teams that ``actor`` may ask for this call, best first; [] when the neighbourhood has nobody."""
    place = call.place
    where = (call.lon, call.lat) if call.lon is not None else (place.lon, place.lat)
    needed = {skill.pk: skill for skill in call.kind.skills.all()}
    around, found = areas(place.path), list[Candidate]()
    groups: list[Team] = []
    people_may, teams_may = taken_by(call.kind)
    if teams_may:  # few, so looked for at once: enough near ones, and as many wider ones
        groups = list(teams(actor, call, around, needed, where)[: 2 * limit])
    for area in around:
        found = []
        if people_may:
            found += [of_volunteer(one, needed) for one in first(actor, call, area, needed, where, limit)]
        found += [of_team(one, needed) for one in groups if one.place.path.startswith(area)][:limit]
        if len(found) >= limit:
            break
    return sorted(found, key=lambda one: (one.missing, one.km is None, (one.km or 0) + LOAD_KM * one.open))[:limit]


def areas(path: str) -> list[str]:
    """The subtrees to look through: that of the place's parent first (for a village, its township), then wider."""
    parts = path.strip("/").split("/")
    ends = range(len(parts) - 1, max(len(parts) - 1 - WIDER, 0), -1)
    return [f"/{'/'.join(parts[:end])}/" for end in ends] or [path]


def first(
    actor: Actor, call: Call, area: str, needed: dict[int, Skill], where: tuple[Any, Any], limit: int
) -> list[Any]:
    """The first ``limit`` of ``volunteers``. A town has thirty thousand, so only the nearest are weighed where that
    proves enough: nobody else lacks fewer skills, and the way alone makes everybody else come later.
    """
    rows = volunteers(actor, call, area, needed, where)
    for most in NEAREST if where[0] is not None and where[1] is not None else ():
        keys, beyond = nearest(actor, area, needed, where, most)
        if beyond == inf:  # not even so many: everybody is soon weighed
            break
        found: list[Any] = list(rows.filter(pk__in=keys)[:limit])
        if len(found) == limit and all(one.missing == 0 and effort(one) < beyond for one in found):
            return found
    return list(rows[:limit])


def nearest(
    actor: Actor, area: str, needed: dict[int, Skill], where: tuple[float, float], most: int
) -> tuple[list[int], float]:
    """Keys of the nearest who may be asked at all and named every skill, and how far (km) all the others are at least."""
    kept = people_rules.within(actor, volunteer_rules.KEEPERS, "base_place__path")
    rows = Volunteer.objects.filter(kept, not_resting(clock.today()), base_place__path__startswith=area)
    for skill in needed:
        rows = rows.filter(skills=skill)
    apart = Apart(F("lon"), F("lat"), Value(where[0]), Value(where[1]))
    found = list(rows.filter(lon__isnull=False).order_by(apart).values_list("pk", apart)[:most])
    keys = [key for key, _degrees in found]
    return keys, found[-1][1] * KM_A_DEGREE * cosine(where[1]) if len(found) == most else inf


class Apart(Func):
    """Degrees between a row's position and a point, on which the index of positions walks outwards."""

    output_field = FloatField()

    def as_sql(self, compiler: Any, connection: Any, **context: Any) -> tuple[str, list[Any]]:  # type: ignore[override]
        parts, values = zip(*(compiler.compile(one) for one in self.get_source_expressions()), strict=True)
        lon, lat, x, y = parts
        return f"(point({lon}, {lat}) <-> point({x}, {y}))", [one for some in values for one in some]


def effort(one: Any) -> float:
    """What ``ranked`` orders by after the skills."""
    return inf if one.km is None else one.km + LOAD_KM * one.open


def volunteers(
    actor: Actor, call: Call, area: str, needed: dict[int, Skill], where: tuple[Any, Any]
) -> QuerySet[Volunteer]:
    """Those who are based there, do not rest, have room for one more, have the checks that this kind needs, and for whom
    it is not too far.
    """
    kept = people_rules.within(actor, volunteer_rules.KEEPERS, "base_place__path")
    ready = volunteer_rules.ready_for(call.kind.category, clock.today())
    rows = Volunteer.objects.filter(kept, ready, base_place__path__startswith=area)
    rows = rows.filter(not_resting(clock.today()), ~asked_before(call, volunteer=OuterRef("pk")))
    rows = rows.exclude(person_id=call.requester_id)
    done = Offer.objects.filter(state=OfferState.DONE, volunteer=OuterRef("pk"))
    counts = volunteer_rules.proven_on(clock.today())
    rows = rows.annotate(
        fitting=which_fit(Volunteer.skills.through, "volunteer", needed, counts),
        missing=len(needed) - how_many(Volunteer.skills.through, "volunteer", counts, skill_id__in=list(needed)),
        open=how_many(Offer, "volunteer", state=OfferState.ACCEPTED),
        week=how_many(Offer, "volunteer", state__in=["accepted", "done"], answered_at__gte=week_start()),
        knows=Exists(done.filter(call__requester_id=call.requester_id)),
        km=distance("lon", "lat", where),
    )
    rows = rows.filter(Q(km__isnull=True) | Q(km__lte=F("travel_km")), open__lt=F("weekly_limit"))
    rows = ranked(rows).select_related("person", "base_place")
    return rows.only("public_id", "person__name", *(f"base_place__{name}" for name in OF_PLACE))


def teams(
    actor: Actor, call: Call, around: list[str], needed: dict[int, Skill], where: tuple[Any, Any]
) -> QuerySet[Team]:
    """Teams in the widest of the areas that have room, those of the nearest first; a team is asked as one."""
    near, widest = around[0], around[-1]
    rows = Team.objects.filter(volunteer_rules.teams_visible_to(actor), place__path__startswith=widest, active=True)
    rows = rows.filter(~asked_before(call, team=OuterRef("pk"))).annotate(
        fitting=which_fit(Team.skills.through, "team", needed),
        missing=len(needed) - how_many(Team.skills.through, "team", skill_id__in=list(needed)),
        open=how_many(Offer, "team", state=OfferState.ACCEPTED),
        members=how_many(Membership, "team", ends_at__isnull=True),
        km=distance("place__lon", "place__lat", where),
    )
    rows = rows.filter(open__lt=F("open_limit"))
    if needed:  # a team is for something: one without any of the skills is not proposed
        rows = rows.filter(missing__lt=len(needed))
    rows = rows.annotate(near=Case(When(place__path__startswith=near, then=Value(0)), default=Value(1)))
    rows = ranked(rows, "near").select_related("place")
    return rows.only("public_id", "name", "place__path", *(f"place__{name}" for name in OF_PLACE))


def ranked(rows: QuerySet[Any], *first: str) -> QuerySet[Any]:
    """Fewest missing skills, then the shortest way with open work counted as way; unknown positions last."""
    effort = ExpressionWrapper(F("km") + LOAD_KM * F("open"), output_field=FloatField())
    return rows.order_by(*first, "missing", effort.asc(nulls_last=True), "open", "id")


def asked_before(call: Call, **who: Any) -> Exists:
    """Asked for this very call already, and not taken back: not asked again, whatever the answer was. Who said no and
    who did not answer are the same here, as everywhere (decision 0021); a new search may ask both again.
    """
    return Exists(Offer.objects.filter(call=call, **who).exclude(GONE))


def not_resting(day: date) -> Q:
    """Volunteers who take part on ``day``: they did not stop and do not rest."""
    return Q(Q(paused_until__isnull=True) | Q(paused_until__lt=day), left_at__isnull=True)


def taken_by(kind: ServiceKind) -> tuple[bool, bool]:
    """Whether volunteers, and whether teams, may answer this kind: with children everybody must be known by name."""
    by_name = volunteer_rules.is_by_name(kind.category)
    return kind.answered_by != "team", kind.answered_by != "volunteer" and not by_name


def how_many(model: type[Model], owner: str, *also: Q, **which: Any) -> Coalesce:
    """Rows of ``model`` that belong to the outer row, counted without joining it."""
    rows = model._default_manager.filter(*also, **{owner: OuterRef("pk")}, **which).order_by().values(owner)
    return Coalesce(Subquery(rows.annotate(n=Count("*")).values("n"), output_field=IntegerField()), 0)


def which_fit(model: type[Model], owner: str, needed: Iterable[int], *also: Q) -> ArraySubquery:
    """Keys of the needed skills that the outer row has, read along with it."""
    rows = model._default_manager.filter(*also, **{owner: OuterRef("pk")}, skill_id__in=list(needed))
    return ArraySubquery(rows.order_by().values("skill_id"))


def distance(lon: str, lat: str, where: tuple[Any, Any]) -> Any:
    """Kilometres in a straight line from a row's position to ``where``; NULL when either is unknown.

    On a plane that touches the earth at ``where``: within 0.5 % up to 200 km, the farthest anybody may offer to travel.
    """
    if where[0] is None or where[1] is None:
        return Value(None, output_field=FloatField())
    narrow = Value(cosine(where[1]))
    east, north = (F(lon) - where[0]) * narrow, F(lat) - where[1]
    return ExpressionWrapper(KM_A_DEGREE * Sqrt(Power(east, 2) + Power(north, 2)), output_field=FloatField())


def cosine(degrees: float) -> float:
    """How much shorter a degree of longitude is there than at the equator."""
    return cos(radians(degrees))


def week_start() -> datetime:
    """Monday midnight in China: how much somebody did this week is said, and nothing more."""
    today = clock.today()
    return datetime.combine(today - timedelta(days=today.weekday()), time(), tzinfo=clock.SHANGHAI)


def of_volunteer(one: Any, needed: dict[int, Skill]) -> Candidate:
    reasons = [*way_in_words(one.km, on_foot=True), *skills_in_words(one, needed)]
    reasons.append(work_in_words(one.open, one.week))
    if one.knows:
        reasons.append(_("以前帮过这位居民"))
    return Candidate(
        field="volunteers",
        public_id=one.public_id,
        name=one.person.name,
        where=named(one.base_place),
        km=one.km,
        missing=one.missing,
        open=one.open,
        reasons=reasons,
        spot=spot_of(one.base_place),
    )


def of_team(one: Any, needed: dict[int, Skill]) -> Candidate:
    reasons = [*way_in_words(one.km, on_foot=False), *skills_in_words(one, needed)]
    reasons.append(ngettext("队员 %(n)d 人", "队员 %(n)d 人", one.members) % {"n": one.members})
    reasons.append(work_in_words(one.open, 0))
    return Candidate(
        field="teams",
        public_id=one.public_id,
        name=one.name,
        where=named(one.place),
        km=one.km,
        missing=one.missing,
        open=one.open,
        reasons=reasons,
        spot=spot_of(one.place),
    )


def spot_of(place: Place) -> tuple[float, float] | None:
    """Longitude and latitude of a place, when it has a position."""
    return None if place.lon is None or place.lat is None else (place.lon, place.lat)


def work_in_words(held: int, week: int) -> str:
    """What is in hand counts first; what was done this week is said when the hands are free."""
    if held:
        return ngettext("手上 %(n)d 件", "手上 %(n)d 件", held) % {"n": held}
    if week:
        return ngettext("本周做了 %(n)d 件", "本周做了 %(n)d 件", week) % {"n": week}
    return _("手上没有事")


def way_in_words(km: float | None, *, on_foot: bool) -> list[str]:
    """How far: minutes on foot for a neighbour, kilometres for a team or a long way; nothing when unknown."""
    if km is None:
        return []
    minutes = max(1, round(km * DETOUR / WALK_KM_AN_HOUR * 60))
    if on_foot and minutes <= 45:
        return [ngettext("步行约 %(n)d 分钟", "步行约 %(n)d 分钟", minutes) % {"n": minutes}]
    return [_("约 %(km).1f 公里") % {"km": max(km, 0.1)}]


def skills_in_words(one: Any, needed: dict[int, Skill]) -> list[str]:
    """What fits and what is missing, by name."""
    said = [_("会%(skill)s") % {"skill": named(skill)} for pk, skill in needed.items() if pk in one.fitting]
    lacking = [named(skill) for pk, skill in needed.items() if pk not in one.fitting]
    if lacking:
        said.append(_("没有登记：%(skills)s") % {"skills": _("、").join(lacking)})
    return said
