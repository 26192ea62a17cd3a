"""Calls that wait near one volunteer and fit him: the conditions of ``candidates`` turned round, nearest first.

What keeps the platform from *asking* him - that he rests, has enough in hand, served a moment ago, was asked before - does not
keep him from offering himself (decision 0047). What a step would refuse anyway is never shown. Words are looked for in what
the row shows, not in the name of the person served, which nobody learns before he says yes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import BooleanField, Case, Count, Exists, F, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from huying.calls import rules
from huying.calls.models import Call, HelperAge, Offer, ServiceKind
from huying.calls.queries.candidates import distance
from huying.calls.queries.helping import Near, band_of, kilometres
from huying.calls.queries.preferring import born_by
from huying.calls.queries.reasons import time_in_words
from huying.calls.queries.wishes import free_parts, promises, wish_of
from huying.calls.states import LIVE_OFFERS
from huying.kernel import clock, paging
from huying.kernel.actor import Actor
from huying.kernel.search import LONGEST, fold
from huying.places.models import Place
from huying.ui.naming import named
from huying.volunteers import rules as volunteer_rules
from huying.volunteers.models import Membership, Skill, Volunteer

NEAREST = 200
"""So many of the nearest that fit are gone through; whoever reads on asks for a kind, or in other words."""
A_PAGE = 20
FROM_ELSEWHERE = 50
REASONS = 2
MOST_PLACES = 300


@dataclass(frozen=True, slots=True)
class Sought:
    """What he looks for; empty means all that fits. ``every``: also what lies outside his skills, time and way."""

    kind: str = ""
    words: str = ""
    every: bool = False


@dataclass(frozen=True, slots=True)
class Brings:
    """What one volunteer brings: skills that count today, languages, promises, and the kinds he may answer himself, or with
    a team that he leads.
    """

    volunteer: Volunteer
    skills: frozenset[int]
    languages: tuple[int, ...]
    promised: tuple[datetime, ...]
    kinds: dict[int, ServiceKind]

    @property
    def where(self) -> tuple[float | None, float | None]:
        """Where he sets out from."""
        own, base = self.volunteer, self.volunteer.base_place
        return (own.lon, own.lat) if own.lon is not None else (base.lon, base.lat)

    def may(self, *, every: bool) -> list[int]:
        """Keys of the kinds to show: those of which he has every skill."""
        return [
            pk for pk, kind in self.kinds.items() if every or is_for_teams(kind) or self.skills.issuperset(needs(kind))
        ]


def needs(kind: ServiceKind) -> list[int]:
    """Keys of the skills of a kind, as they were read along with it."""
    found: list[int] = kind.needs  # type: ignore[attr-defined]
    return found


def is_for_teams(kind: ServiceKind) -> bool:
    return kind.answered_by == ServiceKind.AnsweredBy.TEAM


def brings(volunteer: Volunteer) -> Brings:
    """Two questions, however many kinds and categories there are."""
    today = clock.today()
    through = ServiceKind.skills.through._default_manager.filter(servicekind=OuterRef("pk")).order_by("skill_id")
    rows = ServiceKind.objects.select_related("category")
    kinds: list[Any] = list(rows.annotate(needs=ArraySubquery(through.values("skill_id"))).order_by("order", "id"))
    strict = {
        kind.category.pk: conditions
        for kind in kinds
        if kind.category and (conditions := volunteer_rules.ready_for(kind.category, today))
    }
    own = Volunteer.skills.through._default_manager.filter(volunteer_rules.proven_on(today), volunteer=OuterRef("pk"))
    spoken = Volunteer.languages.through._default_manager.filter(volunteer=OuterRef("pk"))
    led = Membership.objects.filter(
        volunteer=OuterRef("pk"), is_leader=True, ends_at__isnull=True, team__active=True
    ).order_by()
    promised = promises().filter(volunteer=OuterRef("pk"), at__isnull=False)
    facts: Any = Volunteer.objects.values(
        own=ArraySubquery(own.order_by().values("skill_id")),
        spoken=ArraySubquery(spoken.order_by().values("language_id")),
        promised=ArraySubquery(promised.order_by().values("at")),
        leads=ArraySubquery(led.values("team_id")),
        together=ArraySubquery(led.filter(team__skills__isnull=False).values("team__skills")),
        **{f"ready_{pk}": holds(conditions) for pk, conditions in strict.items()},
    ).get(pk=volunteer.pk)
    ready = {
        kind.pk: kind
        for kind in kinds
        if (leads_for(kind, facts) if is_for_teams(kind) else facts.get(f"ready_{kind.category_id}", True))
    }
    return Brings(volunteer, frozenset(facts["own"]), tuple(facts["spoken"]), tuple(facts["promised"]), ready)


def leads_for(kind: ServiceKind, facts: dict[str, Any]) -> bool:
    """He leads a team that may take calls of this kind (``rules.claiming_teams``, which looks at the call too)."""
    able = not needs(kind) or bool(set(needs(kind)) & set(facts["together"]))
    return bool(facts["leads"]) and able and not volunteer_rules.is_by_name(kind.category)


def holds(conditions: Q) -> Case:
    return Case(When(conditions, then=Value(True)), default=Value(False), output_field=BooleanField())


def waiting(actor: Actor, mine: Brings, sought: Sought) -> QuerySet[Call]:
    """Pooled calls in his neighbourhood that he could take on: not his own, of a kind he is ready for, for somebody who wishes
    for one like him, not in his hands already, and of use still.
    """
    held = Offer.objects.filter(call=OuterRef("pk"), volunteer=mine.volunteer, state__in=LIVE_OFFERS)
    rows = Call.objects.filter(rules.claimable_by(actor), wished(mine), ~Exists(held))
    rows = rows.filter(kind_id__in=mine.may(every=sought.every))
    rows = rows.exclude(requester_id=actor.person_id).exclude(asked_by_id=actor.person_id)
    rows = rows.exclude(raised_for__isnull=False, wanted_to__lte=clock.now())  # over: ``Call.limit_at``
    if sought.kind:
        rows = rows.filter(kind__code=sought.kind)
    for word in fold(sought.words)[:LONGEST].split():
        fields = ("title", "kind__name", "kind__name_en", "place__name", "place__name_en", "place__search_text")
        rows = rows.filter(any_of(Q(**{f"{field}__icontains": word}) for field in fields))
    return rows


def any_of(conditions: Iterable[Q]) -> Q:
    found = Q()
    for one in conditions:
        found |= one
    return found


def wished(mine: Brings) -> Q:
    """Calls whose wish of language, sex and age he meets: ``preferring.is_wished`` of one person."""
    person = mine.volunteer.person
    older = person.birth_date is not None and person.birth_date <= born_by(clock.today())
    age = (HelperAge.OLDER if older else HelperAge.YOUNGER) if person.birth_date else ""
    spoken = Q(language__isnull=True) | Q(language_id__in=mine.languages)
    liked = Q(helper_sex__in=["", person.sex or ""], helper_age__in=["", age])
    free = Q(kind__allow_preference=False) | Q(kind__answered_by=ServiceKind.AnsweredBy.TEAM)
    return spoken & (free | liked)


def near_home(actor: Actor, mine: Brings, sought: Sought, cursor: str) -> paging.Page[Near]:
    """One page of what fits, the nearest first; ``cursor``: how many were shown. Of the way nobody learns more than its band."""
    rows = waiting(actor, mine, sought)
    rows = rows.annotate(at_lon=Coalesce("lon", "place__lon"), at_lat=Coalesce("lat", "place__lat"))
    rows = rows.annotate(km=distance("at_lon", "at_lat", mine.where))
    if not sought.every:
        rows = rows.filter(Q(km__isnull=True) | Q(km__lte=mine.volunteer.travel_km))
    nearest = rows.order_by(F("km").asc(nulls_last=True), "id").values_list("pk", "km", "wanted_from", "wanted_to")
    ways = {pk: km for pk, km, since, until in nearest[:NEAREST] if sought.every or has_time(mine, since, until)}
    keys, at = list(ways), int(cursor) if cursor.isascii() and cursor.isdecimal() and len(cursor) < 4 else 0
    here = keys[at : at + A_PAGE]
    later = str(at + A_PAGE) if at + A_PAGE < len(keys) else None
    return paging.Page(in_words(mine, here, ways), later, str(max(0, at - A_PAGE)) if at else None)


def from_elsewhere(actor: Actor, mine: Brings, sought: Sought, here: Place) -> list[Near]:
    """What fits, the nearest to another place first. The place is chosen for this one search: it stands in no address, no
    question to the database and no log (S2-7c.2). The way is measured from place to place, so that asking from many places
    finds out nobody's home.
    """
    rows = waiting(actor, mine, sought)
    around = rows.order_by().values_list("place_id", "place__lon", "place__lat").annotate(n=Count("*"))
    km = {pk: way(here, lon, lat) for pk, lon, lat, _n in around}
    many = {pk: n for pk, _lon, _lat, n in around}
    chosen: list[int] = []
    for pk in sorted(km, key=lambda one: (km[one] is None, km[one] or 0.0, one)):
        if sum(many[one] for one in chosen) >= NEAREST or not (sought.every or reaches(mine, km[pk])):
            break
        chosen.append(pk)
    turn = Case(*(When(place_id=pk, then=Value(n)) for n, pk in enumerate(chosen)), default=Value(len(chosen)))
    nearest = rows.filter(place_id__in=chosen).order_by(turn, "id")[:NEAREST]  # one place alone may have very many
    found = nearest.values_list("pk", "place_id", "wanted_from", "wanted_to")
    ways = {pk: km[at] for pk, at, since, until in found if sought.every or has_time(mine, since, until)}
    keys = sorted(ways, key=lambda one: (ways[one] is None, ways[one] or 0.0, one))[:FROM_ELSEWHERE]
    return in_words(mine, keys, ways)


def way(here: Place, lon: float | None, lat: float | None) -> float | None:
    if here.lon is None or here.lat is None or lon is None or lat is None:
        return None
    return kilometres((here.lon, here.lat), (lon, lat))


def reaches(mine: Brings, km: float | None) -> bool:
    return km is None or km <= mine.volunteer.travel_km


def has_time(mine: Brings, since: datetime | None, until: datetime | None) -> bool:
    """He named a part of the wish, or none at all, and has not promised it; ``wishes.has_time`` of one person."""
    wish = wish_of(Call(wanted_from=since, wanted_to=until))
    return wish is None or bool(free_parts(wish, mine.volunteer.availability, mine.promised))


def in_words(mine: Brings, keys: Sequence[int], ways: dict[int, float | None]) -> list[Near]:
    """These calls with why they are his, in this order; two questions."""
    rows = Call.objects.filter(pk__in=keys).select_related("kind", "place", "language")
    found = {call.pk: call for call in rows}
    own = {one for call in found.values() for one in needs(mine.kinds[call.kind_id])} & mine.skills
    skills = {skill.pk: skill for skill in Skill.objects.filter(pk__in=own)}
    return [
        Near(found[pk], "", tuple(reasons(mine, found[pk], ways[pk], skills)[:REASONS])) for pk in keys if pk in found
    ]


def reasons(mine: Brings, call: Call, km: float | None, skills: dict[int, Skill]) -> list[str]:
    """Why this call: the way in bands, the language, the skill, the time; what somebody can do is said before what anybody
    could.
    """
    kind = mine.kinds[call.kind_id]
    if is_for_teams(kind):
        return [_("离您 %(band)s") % {"band": band_of(km)} if km is not None else _("就在您这一片"), _("可以带队来接")]
    said = [_("离您 %(band)s") % {"band": band_of(km)}] if km is not None else [_("就在您这一片")]
    said += [_("您会说%(language)s") % {"language": named(call.language)}] if call.language else []
    said += [_("您会%(skill)s") % {"skill": named(skills[pk])} for pk in needs(kind) if pk in skills]
    said += time_in_words(wish_of(call), mine.volunteer.availability, mine.promised)
    lacking = not mine.skills.issuperset(needs(kind))
    return [*said, _("要的技能您还没有登记") if lacking else _("不用特别的技能")]


def places_near(actor: Actor) -> list[Place]:
    """Divisions of his neighbourhood with a position, to look from."""
    here = volunteer_rules.reachable(actor, "path")
    rows = Place.objects.filter(here, kind__is_division=True, lon__isnull=False, lat__isnull=False)
    shown = rows.only("public_id", "name", "name_en", "lon", "lat", "depth")
    return list(shown.order_by("depth", "sort_key", "id")[:MOST_PLACES])
