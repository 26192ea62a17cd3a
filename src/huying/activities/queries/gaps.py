"""Rhythm plans: which beats keep what they must, and which do not (S0-1d.1, S3-5c.2)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Q, QuerySet

from huying.activities import rules
from huying.activities.models import Activity, Focus, RhythmPlan, RhythmRule, Session
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

Focuses = dict[tuple[str, date], Focus]
Written = Sequence[tuple[RhythmPlan, RhythmRule]]


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
    focuses: tuple[tuple[Beat, Focus | None], ...]


@dataclass(frozen=True, slots=True)
class Seen:
    """A session as rules count it: its day in China, every place around it or its venue, kind, and wanted themes."""

    day: date
    around: frozenset[int]
    kind_id: int
    themes: frozenset[int]


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
    """Every rule of one plan against what took place and what is planned."""
    return gaps_of([found])[found.pk]


def gaps_of(found: Sequence[RhythmPlan]) -> dict[int, list[Kept]]:
    """The same for many plans, by plan: five queries at most, however many plans and rules there are."""
    rows = RhythmRule.objects.filter(plan__in=found).select_related("kind", "theme", "site_kind")
    by_plan: dict[int, list[RhythmRule]] = defaultdict(list)
    for rule in rows.order_by("order", "id"):
        by_plan[rule.plan_id].append(rule)
    focuses: dict[int, Focuses] = defaultdict(dict)
    for one in Focus.objects.filter(plan__in=found):
        focuses[one.plan_id][one.every, one.starts_on] = one
    written = [(plan, rule) for plan in found for rule in by_plan[plan.pk]]
    sites, there = sites_of(written), sessions_of(written)
    return {
        plan.pk: [against(plan, rule, focuses[plan.pk], sites, there) for rule in by_plan[plan.pk]] for plan in found
    }


def against(
    found: RhythmPlan, rule: RhythmRule, focuses: Focuses, sites: Sequence[Place], seen: Mapping[str, Sequence[Seen]]
) -> Kept:
    every = Span(rule.every)
    beats = rules.beats(every, found.begins, found.ends)
    places = scopes(found, rule, sites)
    if rule.wants == Wanted.FOCUS:
        there = Counter((found.place.pk, one.starts) for one in beats if (every, one.starts) in focuses)
    else:
        there = counted(found, rule, places, seen)
    missing, today = [], clock.today()
    begun = [one for one in beats if one.starts <= today]
    for one in beats:
        for place in places:
            if there[place.pk, one.starts] < rule.minimum:
                missing.append(Gap(one, place, there[place.pk, one.starts], rule.minimum, over=one.ends <= today))
    late = sum(one.beat.starts <= today for one in missing)
    named = tuple((one, focuses.get((every, one.starts))) for one in beats) if rule.wants == Wanted.FOCUS else ()
    return Kept(rule, len(begun) * len(places), len(begun) * len(places) - late, tuple(missing), named)


def sites_of(written: Written) -> list[Place]:
    """Every open place of a kind that a rule wants in the area of its plan, in order. One query, or none."""
    wanted = Q(pk__in=())
    for plan, rule in written:
        if rule.site_kind_id is not None:
            wanted |= Q(path__startswith=plan.place.path, kind=rule.site_kind_id)
    return list(Place.objects.filter(wanted, status=Status.OPEN).order_by("sort_key", "id"))


def scopes(found: RhythmPlan, rule: RhythmRule, sites: Sequence[Place]) -> list[Place]:
    """The plan's own place, or every open place of the wanted kind in it."""
    if rule.site_kind_id is None or rule.wants == Wanted.FOCUS:
        return [found.place]
    return [one for one in sites if one.kind_id == rule.site_kind_id and one.path.startswith(found.place.path)]


def sessions_of(written: Written) -> dict[str, list[Seen]]:
    """Path of its activity's place -> sessions there: held, or published and still to come. Two queries at most."""
    counting = [(plan, rule) for plan, rule in written if rule.wants != Wanted.FOCUS]
    if not counting:
        return {}
    inside = Q(pk__in=())
    for path in {plan.place.path for plan, _rule in counting}:
        inside |= Q(activity__place__path__startswith=path)
    counts = Q(state__in=TOOK_PLACE) | Q(state=SessionState.PLANNED, ends_at__gt=clock.now())
    rows = Session.objects.filter(
        inside,
        counts,
        activity__state__in=[ActivityState.PUBLISHED, ActivityState.ENDED],
        starts_at__gte=midnight(min(start_of(Span(rule.every), plan.begins) for plan, rule in counting)),
        starts_at__lt=midnight(
            max(rules.beats(Span(rule.every), plan.ends, plan.ends)[-1].ends for plan, rule in counting)
        ),
    )
    themes = themes_in(rows, {rule.theme_id for _plan, rule in counting if rule.theme_id is not None})
    found: dict[str, list[Seen]] = defaultdict(list)
    facts = ("starts_at", "activity__place__path", "venue__path", "activity__kind_id", "activity_id")
    for starts_at, path, venue, kind_id, activity_id in rows.values_list(*facts):
        around = frozenset({*ids_in(path), *ids_in(venue or path)})
        found[path].append(Seen(clock.local(starts_at).date(), around, kind_id, themes.get(activity_id, frozenset())))
    return found


def themes_in(rows: QuerySet[Session], wanted: set[int]) -> dict[int, frozenset[int]]:
    """Activity -> those of the wanted themes that it has. One query, or none."""
    if not wanted:
        return {}
    given: dict[int, set[int]] = defaultdict(set)
    pairs = Activity.themes.through.objects.filter(theme_id__in=wanted, activity_id__in=rows.values("activity_id"))
    for activity_id, theme_id in pairs.values_list("activity_id", "theme_id"):
        given[activity_id].add(theme_id)
    return {activity_id: frozenset(ids) for activity_id, ids in given.items()}


def counted(
    found: RhythmPlan, rule: RhythmRule, places: Iterable[Place], seen: Mapping[str, Sequence[Seen]]
) -> Counter[tuple[int, date]]:
    """(place, first day of the beat) -> sessions that this rule counts there."""
    there: Counter[tuple[int, date]] = Counter()
    wanted = {place.pk for place in places}
    for path, rows in seen.items():
        for one in rows if path.startswith(found.place.path) else ():
            if rule.kind_id not in {None, one.kind_id} or (rule.theme_id and rule.theme_id not in one.themes):
                continue
            starts = start_of(Span(rule.every), one.day)
            for key in wanted & one.around:
                there[key, starts] += 1
    return there


def my_plan_places(actor: Actor) -> list[Place]:
    """Divisions for which the actor may write plans, nearest to the top first."""
    rows = Place.objects.filter(people_rules.within(actor, rules.PLANNERS, "path"), status=Status.OPEN)
    return list(rows.filter(kind__is_division=True).exclude(kind="grid").order_by("depth", "sort_key", "id")[:200])
