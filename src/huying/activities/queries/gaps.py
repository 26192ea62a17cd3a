"""Rhythm plans: which beats keep what they must, and which do not (S0-1d.1, S3-5c.2)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import QuerySet

from huying.activities import rules
from huying.activities.models import Focus, RhythmPlan, RhythmRule, Session
from huying.activities.queries.listing import midnight
from huying.activities.rules import Beat
from huying.activities.rules.beats import start_of
from huying.activities.states import TOOK_PLACE, ActivityState, SessionState, Span, Wanted
from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.kernel.errors import NotFound
from huying.people import rules as people_rules
from huying.places.models import Place
from huying.places.queries.tree import ids_in
from huying.places.states import Status


@dataclass(frozen=True, slots=True)
class Gap:
    """A beat that lacks something at a place: how many there are of how many; ``over``: it cannot be mended any more."""

    beat: Beat
    place: Place
    there: int
    minimum: int
    over: bool


@dataclass(frozen=True, slots=True)
class Kept:
    """One rule of a plan: how many of its beats (up to today) were kept, the gaps, and the focuses that were named."""

    rule: RhythmRule
    beats: int
    kept: int
    gaps: tuple[Gap, ...]
    focuses: tuple[tuple[Beat, str], ...]


def plans(actor: Actor) -> QuerySet[RhythmPlan]:
    """Plans of the places where the actor plans or oversees; all of them are read by staff only."""
    rows = RhythmPlan.objects.filter(rules.plans_visible_to(actor))
    return rows.select_related("place").order_by("-begins", "name", "id")


def plan(actor: Actor, public_id: UUID) -> RhythmPlan:
    """One plan; NotFound."""
    found = plans(actor).filter(public_id=public_id).first()
    if found is None:
        raise NotFound
    return found


def gaps(found: RhythmPlan) -> list[Kept]:
    """Every rule of the plan against what took place and what is planned: three queries a rule at most."""
    focuses = {(one.every, one.starts_on): one.title for one in Focus.objects.filter(plan=found)}
    rows = found.rules.select_related("kind", "theme", "site_kind").order_by("order", "id")
    return [against(found, rule, focuses) for rule in rows]


def against(found: RhythmPlan, rule: RhythmRule, focuses: dict[tuple[str, date], str]) -> Kept:
    every = Span(rule.every)
    beats = rules.beats(every, found.begins, found.ends)
    places = scopes(found, rule)
    if rule.wants == Wanted.FOCUS:
        there = Counter((found.place.pk, one.starts) for one in beats if (every, one.starts) in focuses)
    else:
        there = counted(found, rule, places)
    missing, today = [], clock.today()
    begun = [one for one in beats if one.starts <= today]
    for one in beats:
        for place in places:
            if there[place.pk, one.starts] < rule.minimum:
                missing.append(Gap(one, place, there[place.pk, one.starts], rule.minimum, over=one.ends <= today))
    late = sum(one.beat.starts <= today for one in missing)
    named = tuple((one, focuses.get((every, one.starts), "")) for one in beats) if rule.wants == Wanted.FOCUS else ()
    return Kept(rule, len(begun) * len(places), len(begun) * len(places) - late, tuple(missing), named)


def scopes(found: RhythmPlan, rule: RhythmRule) -> list[Place]:
    """The plan's own place, or every open place of the wanted kind in it."""
    if rule.site_kind_id is None or rule.wants == Wanted.FOCUS:
        return [found.place]
    rows = Place.objects.filter(path__startswith=found.place.path, kind=rule.site_kind_id, status=Status.OPEN)
    return list(rows.order_by("sort_key", "id"))


def counted(found: RhythmPlan, rule: RhythmRule, places: Iterable[Place]) -> Counter[tuple[int, date]]:
    """(place, first day of the beat) -> sessions there: held, or published and still to come. One query."""
    rows = Session.objects.filter(
        activity__place__path__startswith=found.place.path,
        activity__state__in=[ActivityState.PUBLISHED, ActivityState.ENDED],
        state__in=[SessionState.PLANNED, *TOOK_PLACE],
        starts_at__gte=midnight(start_of(Span(rule.every), found.begins)),
        starts_at__lt=midnight(rules.beats(Span(rule.every), found.ends, found.ends)[-1].ends),
    )
    if rule.kind_id:
        rows = rows.filter(activity__kind=rule.kind_id)
    if rule.theme_id:
        rows = rows.filter(activity__themes=rule.theme_id)
    there: Counter[tuple[int, date]] = Counter()
    wanted = {place.pk for place in places}
    for starts_at, path, venue in rows.values_list("starts_at", "activity__place__path", "venue__path"):
        starts = start_of(Span(rule.every), clock.local(starts_at).date())
        for key in wanted & {*ids_in(path), *ids_in(venue or path)}:
            there[key, starts] += 1
    return there


def my_plan_places(actor: Actor) -> list[Place]:
    """Divisions for which the actor may write plans, nearest to the top first."""
    rows = Place.objects.filter(people_rules.within(actor, rules.PLANNERS, "path"), status=Status.OPEN)
    return list(rows.filter(kind__is_division=True).exclude(kind="grid").order_by("depth", "sort_key", "id")[:200])
