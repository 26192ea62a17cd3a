"""What goes on under the components of a mechanism at a place: live work and figures, for whoever reads.

Each number counts what the list it opens to holds, under that list's own rules; where the reader has no such list there is
no number. One or two queries a kind, however many things a pack drives.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import Any

from django.db.models import Count, QuerySet

from huying.activities import queries as activity_queries
from huying.activities import rules as activity_rules
from huying.activities.models import RhythmPlan
from huying.activities.queries import Asked
from huying.activities.queries.gaps import gaps_of
from huying.calls import queries as call_queries
from huying.calls import rules as call_rules
from huying.calls.queries.listing import Wanted, passing
from huying.cockpit.queries.papers import published
from huying.figures import queries as figure_queries
from huying.figures import rules as figure_rules
from huying.figures.models import Metric
from huying.figures.queries import Period, Value
from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.places import queries as place_queries
from huying.places import rules as place_rules
from huying.places.models import Place
from huying.places.states import Standing
from huying.volunteers import queries as volunteer_queries
from huying.volunteers import rules as volunteer_rules

Numbers = dict[str, dict[str, int]]
"""By stored code: what is counted -> how many."""


def live(actor: Actor, place: Place, keys: Mapping[str, Collection[str]]) -> dict[str, Numbers]:
    """By kind and stored code, the numbers this reader can open. ``keys``: what the packs in force drive."""
    return {kind: COUNTED[kind](actor, place, set(codes)) for kind, codes in keys.items() if codes and kind in COUNTED}


def grouped(rows: QuerySet[Any], by: str, codes: set[str]) -> dict[str, int]:
    """How many rows there are for each code."""
    plain = rows.prefetch_related(None).select_related(None).order_by().filter(**{f"{by}__in": codes})
    return dict(plain.values_list(by).annotate(n=Count("pk", distinct=True)))


def put(found: Numbers, what: str, counts: Mapping[str, int], codes: Iterable[str]) -> None:
    for code in codes:
        found.setdefault(code, {})[what] = counts.get(code, 0)


def sessions(by: str, place: Place, codes: set[str]) -> Numbers:
    """Sessions to come, and those of this year until today."""
    found: Numbers = {}
    put(found, "soon", grouped(activity_queries.listed(Asked(within=place)), by, codes), codes)
    put(found, "held", grouped(activity_queries.listed(this_year(place)), by, codes), codes)
    return found


def this_year(place: Place) -> Asked:
    today = clock.today()
    return Asked(within=place, first=date(today.year, 1, 1), last=today)


def of_themes(actor: Actor, place: Place, codes: set[str]) -> Numbers:
    return sessions("activity__themes__code", place, codes)


def of_activity_kinds(actor: Actor, place: Place, codes: set[str]) -> Numbers:
    return sessions("activity__kind__code", place, codes)


def of_services(actor: Actor, place: Place, codes: set[str]) -> Numbers:
    """Calls of the kind on the reader's desk below the place, and those that are open."""
    if not call_rules.can_desk(actor) or call_queries.desk_place(actor, place.public_id) is None:
        return {}
    found: Numbers = {}
    for what, state in (("calls", ""), ("open", "open")):
        wanted = Wanted(filters=call_queries.Filters(place_path=place.path), state=state)
        rows = passing(actor, wanted, call_queries.desk_calls(actor))
        put(found, what, grouped(rows, "kind__code", codes), codes)
    return found


def of_team_kinds(actor: Actor, place: Place, codes: set[str]) -> Numbers:
    """Teams below the place that the reader may open."""
    if actor.is_anonymous:
        return {}
    found: Numbers = {}
    put(found, "teams", grouped(volunteer_queries.teams(actor, within=place), "kind__code", codes), codes)
    return found


def of_skills(actor: Actor, place: Place, codes: set[str]) -> Numbers:
    """Volunteers below the place who said so, for those who keep the list."""
    if not volunteer_rules.is_keeper(actor):
        return {}
    found: Numbers = {}
    rows = volunteer_queries.listed(actor, within=place)
    put(found, "people", grouped(rows, "skills__code", codes), codes)
    return found


def of_place_kinds(actor: Actor, place: Place, codes: set[str]) -> Numbers:
    found: Numbers = {}
    put(found, "sites", grouped(place_queries.listed(within=place), "kind_id", codes), codes)
    return found


def of_flags(actor: Actor, place: Place, codes: set[str]) -> Numbers:
    """Sites that hold the mark; flags are few, and an array is counted one flag at a time."""
    counts = {code: place_queries.listed(within=place, flag=code).count() for code in sorted(codes)}
    found: Numbers = {}
    put(found, "sites", counts, codes)
    return found


def without(place: Place, flags: Collection[str]) -> dict[str, list[Place]]:
    """By mark: the divisions right below the place that have no open site with it, in name order. Two queries and one a
    mark.
    """
    if not flags:
        return {}
    below = [one for one in place_queries.children(place) if one.kind.is_division]
    found = {}
    for flag in sorted(flags):
        paths = list(place_queries.listed(within=place, flag=flag).values_list("path", flat=True))
        found[flag] = [one for one in below if not any(path.startswith(one.path) for path in paths)]
    return found


def of_standards(actor: Actor, place: Place, keys: set[str]) -> Numbers:
    """Sites the standard is asked of, and how they stand, for those who read checks here. Keys: public ids of standards,
    with ``/2`` for the sites that lack its second item.
    """
    if not place_rules.can_read_checks(actor, place):
        return {}
    tallies = {str(one.standard.public_id): one for one in place_queries.tallies(place)}
    lacking = {
        key: {item.number: number for item, number in place_queries.missing_items(tallies[key].standard, place)}
        for key in {key.partition("/")[0] for key in keys if "/" in key} & set(tallies)
    }
    found: Numbers = {}
    for key in keys:
        public_id, _slash, item = key.partition("/")
        if (one := tallies.get(public_id)) is None:
            continue
        found[key] = {"asked": one.sites, **{standing.value: one.of(standing) for standing in Standing}}
        found[key]["score"] = 100 * one.met // one.sites if one.sites else 0
        if item:
            found[key]["lacking"] = lacking[public_id].get(int(item), 0)
    return found


def of_rings(actor: Actor, place: Place, keys: set[str]) -> Numbers:
    """Calls on the reader's desk below the place that got as far as the ring. Keys: those of rings."""
    if not call_rules.can_desk(actor) or call_queries.desk_place(actor, place.public_id) is None:
        return {}
    found: Numbers = {}
    for key in keys - {""}:
        wanted = Wanted(filters=call_queries.Filters(place_path=place.path), ring=int(key))
        found[key] = {"rung": passing(actor, wanted, call_queries.desk_calls(actor)).order_by().count()}
    return found


def of_templates(actor: Actor, place: Place, keys: set[str]) -> Numbers:
    """Papers that were published of a template, for everybody. Keys: codes of templates, with ``/2`` or without."""
    counts = {
        code: published(place, template=code).order_by().count() for code in {key.partition("/")[0] for key in keys}
    }
    return {key: {"papers": counts[key.partition("/")[0]]} for key in keys}


def of_rhythms(actor: Actor, place: Place, keys: set[str]) -> Numbers:
    """Beats that were kept of those that have begun, and gaps, for those who read plans. Keys: public ids of plans, with
    ``/2`` of one rule alone.
    """
    ids = {key.partition("/")[0] for key in keys} - {""}
    rows = RhythmPlan.objects.filter(activity_rules.plans_visible_to(actor), public_id__in=ids)
    plans = {str(plan.public_id): plan for plan in rows.select_related("place")}
    lines = gaps_of(list(plans.values())) if plans else {}
    found: Numbers = {}
    for key in keys:
        public_id, _slash, rule = key.partition("/")
        if public_id in plans:
            kept = lines[plans[public_id].pk]
            kept = kept[int(rule) - 1 : int(rule)] if rule else kept
            done, beats = sum(one.kept for one in kept), sum(one.beats for one in kept)
            found[key] = {"kept": done, "beats": beats, "gaps": beats - done}
    return found


COUNTED = {
    "themes": of_themes,
    "activity_kinds": of_activity_kinds,
    "service_kinds": of_services,
    "team_kinds": of_team_kinds,
    "skills": of_skills,
    "place_kinds": of_place_kinds,
    "place_flags": of_flags,
    "standards": of_standards,
    "rhythms": of_rhythms,
    "rings": of_rings,
    "templates": of_templates,
}
"""Points of a book are figures of its place (``figures_under``), like what a section of a template tells."""


def told_in(actor: Actor, place: Place) -> Period:
    """The year whose figures this reader gets: the one that runs for who reads the place, for all others the last one that
    has ended (decision 0038).
    """
    year = clock.today().year
    return Period.year(year if figure_rules.can_read(actor, place) else year - 1)


def figures_under(actor: Actor, place: Place, codes: Iterable[str]) -> dict[str, tuple[Metric, Value]]:
    """Metrics of the year (``told_in``) that this reader can open, with their values; names that are no metric are left
    out.
    """
    wanted, year = set(codes), told_in(actor, place)
    rows = [one for one in figure_queries.register() if one.pk in wanted] if wanted else []
    if figure_rules.can_read(actor, place):
        values = figure_queries.values(actor, rows, place, year) if rows else {}
        return {one.pk: (one, values[one.pk]) for one in rows}
    eye = figure_queries.Eye()
    return {one.pk: (one, figure_queries.value(actor, one, place, year, eye)) for one in rows if one.is_public}
