"""Who can answer: helpers and teams in the neighbourhood, nearest first, with the reasons in words.

Ranked in SQL by skills, distance (straight line), what somebody has done this week and has in hand, and whether he came
last time: the rules and the cost of matching (decision 0019). What never enters: declines, ratings, points (domain 7,
safeguards 1 and 13). The order serves one call and is shown nowhere else.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from math import cos, inf, radians
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import ArrayField
from django.db.models import (
    BigIntegerField,
    BooleanField,
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

from huying.calls.models import Call, Offer
from huying.calls.queries.preferring import answerers, is_wished, team_speaks
from huying.calls.queries.reasons import (
    language_in_words,
    skills_in_words,
    time_in_words,
    way_in_words,
    work_in_words,
)
from huying.calls.queries.wishes import (
    A_DAY,
    Wish,
    begins_at,
    has_time,
    is_now,
    is_rested,
    names_one,
    promises,
    week_start,
    wish_of,
)
from huying.calls.states import LIVE_OFFERS, OfferState
from huying.kernel import clock, prepared
from huying.kernel.actor import Actor
from huying.people import rules as people_rules
from huying.places.models import Place
from huying.ui.naming import named
from huying.volunteers import queries as volunteer_queries
from huying.volunteers import rules as volunteer_rules
from huying.volunteers.models import Membership, Skill, Team, Volunteer
from huying.volunteers.queries import Ground

KM_A_DEGREE = 111.195
"""Length of one degree of a great circle (earth radius 6371 km)."""
LOAD_KM = 0.5
"""One call in hand, or done this week, weighs as much as this way; so that work spreads over the neighbourhood."""
STRANGER_KM = 0.5
"""Where somebody helped this person before, everybody else comes later by this way."""
NEAREST = (160, 1024)
"""So many of the nearest are weighed first, and then; if neither is enough, everybody in the area."""
OF_PLACE = ("name", "name_en", "lon", "lat")
SHOWN = ("public_id", "availability", "person__name", *(f"base_place__{name}" for name in OF_PLACE))
GONE = Q(state=OfferState.WITHDRAWN) | Q(state=OfferState.EXPIRED, answered_at__lt=F("call__waiting_since"))
"""Questions that were taken back: whoever got one may be asked again."""
WIDER = 2
"""How many levels above the call's own place are looked through, nearest first, until there are enough."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One who could be asked: ``km`` straight line or None, ``missing`` how many skills, ``open`` calls held now (of a
    volunteer also those he is asked about), ``effort`` what he is ordered by (kilometres, or what counts as such; None
    where the way is unknown).

    ``public_id`` is sent as ``field`` when dispatching: volunteers or teams. ``spot`` is where the place they start from
    lies, never somebody's home.
    """

    field: str
    public_id: UUID
    name: str
    where: str
    km: float | None
    missing: int
    open: int
    effort: float | None
    reasons: list[str]
    spot: tuple[float, float] | None = None

    @property
    def tone(self) -> str:
        """Persons and teams look different."""
        return "gui" if self.field == "teams" else "dai"


@dataclass(frozen=True, slots=True)
class Sought:
    """What is looked for: the skills that are ``needed`` by their keys, ``where`` (longitude and latitude), when, the moment at which
    help ``begins`` (None: it can wait until anybody has rested), and the volunteers who are ``known`` to the person served.
    """

    call: Call
    needed: dict[int, Skill]
    where: tuple[Any, Any]
    wish: Wish | None
    begins: datetime | None
    known: frozenset[int]


def sought(call: Call, now: bool = False) -> Sought:
    """``now``: it goes out in a ring, so help is to begin at once where no other time is wished."""
    place = call.place
    where = (call.lon, call.lat) if call.lon is not None else (place.lon, place.lat)
    needed = {skill.pk: skill for skill in call.kind.skills.all()}
    wish, soon = wish_of(call), clock.now() if now or is_now(call) else None
    return Sought(call, needed, where, wish, wish.begins if wish else soon, known_to(call))


def known_to(call: Call) -> frozenset[int]:
    """Volunteers who came to the person served before. A place that raises a call knows nobody, and who came for a whistle
    of an officer is no known face in his own home.
    """
    if call.raised_for_id is not None:
        return frozenset()
    came = Offer.objects.filter(state=OfferState.DONE, volunteer__isnull=False, call__requester_id=call.requester_id)
    return frozenset(came.filter(call__raised_for=None).values_list("volunteer_id", flat=True))


def candidates(actor: Actor, call: Call, limit: int = 8) -> list[Candidate]:
    """Volunteers and teams that ``actor`` may ask for this call, best first; [] when the neighbourhood has nobody."""
    what, around, found = sought(call), areas(call.place.path), list[Candidate]()
    groups: list[Team] = []
    people_may, teams_may = answerers(call)
    if teams_may:  # few, so looked for at once: enough near ones, and as many wider ones
        groups = list(teams(actor, what, around)[: 2 * limit])
    for area in around:
        found = []
        if people_may:
            found += [of_volunteer(one, what) for one in first(actor, what, area, limit)]
        found += [of_team(one, what) for one in groups if one.place.path.startswith(area)][:limit]
        if len(found) >= limit:
            break
    return sorted(found, key=lambda one: (one.missing, one.effort is None, one.effort or 0))[:limit]


def areas(path: str) -> list[str]:
    """The subtrees to look through: that of the place's parent first (for a village, its township), then wider."""
    parts = path.strip("/").split("/")
    ends = range(len(parts) - 1, max(len(parts) - 1 - WIDER, 0), -1)
    return [f"/{'/'.join(parts[:end])}/" for end in ends] or [path]


def first(actor: Actor, what: Sought, area: str, limit: int) -> list[Any]:
    """The first ``limit`` of ``volunteers``. A town has thirty thousand, so only the nearest, and those who are known, are
    weighed where that proves enough: nobody else lacks fewer skills, and the way alone makes everybody else come later.
    """
    rows, (lon, lat), every = volunteers(actor, what, area), what.where, len(what.needed)
    at = volunteer_queries.ground(what.needed, lon, lat) if every and lon is not None and lat is not None else None
    for most in NEAREST if lon is not None and lat is not None and (at or not every) else ():
        keys = set(what.known)
        for lacking in range(every + 1):  # whoever lacks one skill comes after everybody who lacks none
            nearer, beyond = nearest(actor, what, area, at, lacking, most)
            keys |= nearer
            if beyond == inf and (lacking == every or len(keys) < limit):
                continue
            found = weighed(rows, keys, limit)
            if len(found) == limit and all((one.missing, effort(one)) < (lacking, beyond) for one in found):
                return found
            if beyond < inf:
                break
        else:  # not even so many: everybody is soon weighed
            break
    return list(rows[:limit])


def weighed(rows: QuerySet[Volunteer], keys: Iterable[int], limit: int) -> list[Any]:
    """The first ``limit`` of ``rows`` among ``keys``; in the same words each time, for to plan them takes longest."""
    told = tuple(rows.query.annotations)
    among = rows.filter(OneOf(F("pk"), Value(sorted(keys), ArrayField(BigIntegerField()))))
    text, values = prepared.words(None, lambda: among.values_list("pk", *told)[:limit]) or ("", ())
    weights = prepared.rows(text, values) if text else []
    read = Volunteer.objects.select_related("person", "base_place").only(*SHOWN)
    people: dict[int, Any] = read.in_bulk([key for key, *_facts in weights])
    for key, *facts in weights:
        vars(people[key]).update(zip(told, facts, strict=True))
    return [people[key] for key, *_facts in weights]


def nearest(
    actor: Actor, what: Sought, area: str, at: Ground | None, lacking: int, most: int
) -> tuple[set[int], float]:
    """Keys of the nearest who may be asked at all, named all but ``lacking`` of the skills and usually have time, and how
    much way (km) all the others who did count at least.
    """
    kept = people_rules.within(actor, volunteer_rules.KEEPERS, "base_place__path")
    rows = Volunteer.objects.filter(kept, not_resting(clock.today()), base_place__path__startswith=area)
    rows = rows.filter(is_wished(what.call))
    if what.wish:
        rows = rows.filter(names_one(what.wish))
    stranger = STRANGER_KM if what.known else 0.0
    if at and lacking < len(what.needed):
        keys, beyond = volunteer_queries.nearest_holders(at, rows, lacking, most)
        return keys, beyond + stranger
    apart = Apart(F("lon"), F("lat"), Value(what.where[0]), Value(what.where[1]))
    found = list(rows.filter(lon__isnull=False).order_by(apart).values_list("pk", apart)[:most])
    beyond = found[-1][1] * KM_A_DEGREE * cosine(what.where[1]) if len(found) == most else inf
    return {key for key, _degrees in found}, beyond + stranger


class OneOf(Func):
    """Whether a key is one of an array: the same words for any number of them."""

    template, arg_joiner, output_field = "(%(expressions)s))", " = ANY(", BooleanField()


class Apart(Func):
    """Degrees between a row's position and a point, on which the index of positions walks outwards."""

    output_field = FloatField()

    def as_sql(self, compiler: Any, connection: Any, **context: Any) -> tuple[str, list[Any]]:  # type: ignore[override]
        parts, values = zip(*(compiler.compile(one) for one in self.get_source_expressions()), strict=True)
        lon, lat, x, y = parts
        return f"(point({lon}, {lat}) <-> point({x}, {y}))", [one for some in values for one in some]


def effort(one: Any) -> float:
    """What ``ranked`` orders by after the skills."""
    return inf if one.effort is None else one.effort


def volunteers(actor: Actor, what: Sought, area: str) -> QuerySet[Volunteer]:
    """Those who are based there, do not rest, have time then and room for one more, have the checks that this kind needs,
    are as the person served wishes, and for whom it is not too far.
    """
    call, needed = what.call, what.needed
    kept = people_rules.within(actor, volunteer_rules.KEEPERS, "base_place__path")
    ready = volunteer_rules.ready_for(call.kind.category, clock.today())
    rows = Volunteer.objects.filter(kept, ready, is_wished(call), base_place__path__startswith=area)
    rows = rows.filter(not_resting(clock.today()), ~asked_before(call, volunteer=OuterRef("pk")))
    rows = rows.exclude(person_id=call.requester_id)
    if what.wish:
        rows = rows.filter(has_time(what.wish)).annotate(promised=promised_times(what.wish))
    if what.begins:
        rows = rows.filter(is_rested(what.begins))
    counts = volunteer_rules.proven_on(clock.today())
    rows = rows.annotate(
        fitting=which_fit(Volunteer.skills.through, "volunteer", needed, counts),
        missing=len(needed) - how_many(Volunteer.skills.through, "volunteer", counts, skill_id__in=list(needed)),
        open=how_many(Offer, "volunteer", state__in=LIVE_OFFERS),  # a no is an open question to its end (decision 0021)
        week=how_many(Offer, "volunteer", state=OfferState.DONE, call__delivered_at__gte=week_start()),
        km=distance("lon", "lat", what.where),
    )
    rows = rows.filter(Q(km__isnull=True) | Q(km__lte=F("travel_km")), open__lt=F("weekly_limit"))
    known = [When(pk__in=what.known, then=Value(0.0))] if what.known else []
    stranger = Case(*known, default=Value(STRANGER_KM if known else 0.0), output_field=FloatField())
    rows = ranked(rows, F("open") + F("week"), stranger).select_related("person", "base_place")
    return rows.only(*SHOWN)


def teams(actor: Actor, what: Sought, around: list[str]) -> QuerySet[Team]:
    """Teams in the widest of the areas that have room, those of the nearest first; a team is asked as one."""
    near, widest, needed = around[0], around[-1], what.needed
    rows = Team.objects.filter(volunteer_rules.teams_visible_to(actor), place__path__startswith=widest, active=True)
    rows = rows.filter(team_speaks(what.call), ~asked_before(what.call, team=OuterRef("pk"))).annotate(
        fitting=which_fit(Team.skills.through, "team", needed),
        missing=len(needed) - how_many(Team.skills.through, "team", skill_id__in=list(needed)),
        open=how_many(Offer, "team", state=OfferState.ACCEPTED),
        members=how_many(Membership, "team", ends_at__isnull=True),
        km=distance("place__lon", "place__lat", what.where),
    )
    rows = rows.filter(open__lt=F("open_limit"))
    if needed:  # a team is for something: one without any of the skills is not proposed
        rows = rows.filter(missing__lt=len(needed))
    rows = rows.annotate(near=Case(When(place__path__startswith=near, then=Value(0)), default=Value(1)))
    stranger = Value(STRANGER_KM if what.known else 0.0, FloatField())
    rows = ranked(rows, F("open"), stranger, "near").select_related("place")
    return rows.only("public_id", "name", "place__path", *(f"place__{name}" for name in OF_PLACE))


def ranked(rows: QuerySet[Any], load: Any, stranger: Any, *first: str) -> QuerySet[Any]:
    """Fewest missing skills, then the least effort: the way, with ``load`` and a ``stranger`` counted as way; unknown
    positions last.
    """
    effort = ExpressionWrapper(F("km") + LOAD_KM * load + stranger, output_field=FloatField())
    rows = rows.annotate(effort=effort)
    return rows.order_by(*first, "missing", F("effort").asc(nulls_last=True), "open", "id")


def promised_times(wish: Wish) -> ArraySubquery:
    """When the outer row is expected elsewhere on the days of the wish."""
    ends = begins_at(wish.last - wish.last % A_DAY + A_DAY)
    then = promises().filter(volunteer=OuterRef("pk"), at__gte=begins_at(wish.first), at__lt=ends)
    return ArraySubquery(then.order_by().values("at"))


def asked_before(call: Call, **who: Any) -> Exists:
    """Asked for this very call already, and not taken back: not asked again, whatever the answer was. Who said no and
    who did not answer are the same here, as everywhere (decision 0021); a new search may ask both again.
    """
    return Exists(Offer.objects.filter(call=call, **who).exclude(GONE))


def not_resting(day: date) -> Q:
    """Volunteers who take part on ``day``: they did not stop and do not rest."""
    return Q(Q(paused_until__isnull=True) | Q(paused_until__lt=day), left_at__isnull=True)


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


def of_volunteer(one: Any, what: Sought) -> Candidate:
    reasons = [*way_in_words(one.km, on_foot=True), *skills_in_words(one, what.needed), *language_in_words(what.call)]
    reasons += time_in_words(what.wish, one.availability, one.promised if what.wish else ())
    reasons += work_in_words(one.open, one.week)
    if one.pk in what.known:
        reasons.append(_("以前帮过这位居民"))
    return Candidate(
        field="volunteers",
        public_id=one.public_id,
        name=one.person.name,
        where=named(one.base_place),
        km=one.km,
        missing=one.missing,
        open=one.open,
        effort=one.effort,
        reasons=reasons,
        spot=spot_of(one.base_place),
    )


def of_team(one: Any, what: Sought) -> Candidate:
    reasons = [*way_in_words(one.km, on_foot=False), *skills_in_words(one, what.needed)]
    reasons += language_in_words(what.call, team=True)
    reasons.append(ngettext("队员 %(n)d 人", "队员 %(n)d 人", one.members) % {"n": one.members})
    reasons += work_in_words(one.open, 0)
    return Candidate(
        field="teams",
        public_id=one.public_id,
        name=one.name,
        where=named(one.place),
        km=one.km,
        missing=one.missing,
        open=one.open,
        effort=one.effort,
        reasons=reasons,
        spot=spot_of(one.place),
    )


def spot_of(place: Place) -> tuple[float, float] | None:
    """Longitude and latitude of a place, when it has a position."""
    return None if place.lon is None or place.lat is None else (place.lon, place.lat)
