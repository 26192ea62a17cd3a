"""Everything that stands on the board of a place: asked of the rooms below, worked out nowhere else."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from uuid import UUID

from django.db.models import Q

from huying.activities import queries as activity_queries
from huying.activities.models import Session
from huying.calls import queries as call_queries
from huying.cockpit import rules
from huying.cockpit.models import BoardSetting
from huying.cockpit.rules.board_periods import Span
from huying.cockpit.rules.board_scenes import FIRST, Scene
from huying.figures import queries as figure_queries
from huying.figures.models import Metric
from huying.figures.queries import Period, Value
from huying.figures.states import MetricKind
from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.kernel.errors import NotFound
from huying.places import queries as place_queries
from huying.places.models import Place
from huying.places.queries.maps import Picture
from huying.volunteers import queries as volunteer_queries

LATEST = 8
COMING = 5
BY_PLACE = (
    *("calls_submitted", "calls_on_time_rate", "calls_solved_rate"),
    *("service_minutes", "attended", "sites", "points_given"),
)
"""What a map can be coloured by, and units be ordered by where that is switched on."""
RANKED = "calls_on_time_rate"
SITES = "sites_"
COUNTER = Actor.system("board")
"""Counts calls for whoever may see the board: administrators read its numbers, though they have no desk."""
MAP_SIZE = (760, 560)


@dataclass(frozen=True, slots=True)
class Unit:
    """A place right below, with its values by code."""

    place: Place
    values: dict[str, Value]


@dataclass(frozen=True, slots=True)
class Board:
    """``now`` and ``before``: values of figures by code.

    ``scene``: what it is looked at for. ``curves``: code -> first day -> amount.
    ``units`` in the order of the tree. ``areas``: values of the drawn areas by
    key, ``pages`` where they lead. ``own``: what was counted at the place itself and at none of the units.
    """

    place: Place
    span: Span
    scene: Scene
    at: datetime
    metrics: dict[str, Metric]
    now: dict[str, Value]
    before: dict[str, Value]
    active: int
    clocks: call_queries.Clocks
    mix: call_queries.Mix
    curves: dict[str, dict[date, int]]
    units: list[Unit]
    own: dict[str, Value]
    areas: dict[int, dict[str, Value]]
    pages: dict[int, UUID]
    picture: Picture | None
    latest: list[call_queries.Latest]
    coming: list[Session]


def place_of(actor: Actor, public_id: UUID) -> Place:
    """A place whose board the actor sees, with what was set for it; NotFound for others."""
    rows = Place.objects.filter(rules.visible_to(actor), public_id=public_id)
    found = rows.select_related("kind", "parent", "board__set_by").first()
    if found is None:
        raise NotFound
    return found


def setting_of(place: Place) -> BoardSetting | None:
    """What was set for the board of a place; None where nothing ever was."""
    return getattr(place, "board", None)


def stamp() -> str:
    """Changes with every step of a call anywhere and with every minute, by when all else on a board is read again."""
    return call_queries.stamp(COUNTER)


def board(actor: Actor, place: Place, span: Span, scene: Scene = FIRST) -> Board:
    """The board of a place for who may see it. NotFound."""
    if not rules.can_see_board(actor, place):
        raise NotFound
    metrics = {one.pk: one for one in figure_queries.register()}
    picture = place_queries.map_of(place, width=MAP_SIZE[0], height=MAP_SIZE[1])
    below = units_and_areas(place, picture)
    spread = figure_queries.spread(actor, metrics.values(), place, span.shown, below)
    before = span.before
    return Board(
        place=place,
        span=span,
        scene=scene,
        at=clock.now(),
        metrics=metrics,
        now=spread[place.pk],
        before=figure_queries.values(actor, flows(metrics.values()), place, before) if before else {},
        active=volunteer_queries.active_below(place),
        clocks=call_queries.open_clocks(place),
        mix=call_queries.submitted_mix(place, *moments(span.shown)),
        curves=curves(place, span, traced(metrics, scene)),
        units=[Unit(one, spread[one.pk]) for one in below if one.parent_id == place.pk],
        own=spread[figure_queries.OWN],
        areas={key: values for key, values in spread.items() if key not in {place.pk, figure_queries.OWN}},
        pages={one.pk: one.public_id for one in below},
        picture=picture,
        latest=call_queries.latest_steps(place, LATEST),
        coming=coming(place),
    )


def units_and_areas(place: Place, picture: Picture | None) -> list[Place]:
    """The places right below, and those of the areas drawn, in the order of the tree; one query."""
    drawn = {one.place_id for one in picture.areas if one.place_id} if picture else set()
    wanted = Q(parent=place) | Q(pk__in=drawn, path__startswith=place.path)
    rows = Place.objects.filter(wanted).exclude(pk=place.pk).select_related("kind")
    return list(rows.order_by("kind__order", "sort_key", "id"))


def flows(metrics: Iterable[Metric]) -> list[Metric]:
    """What happens in a period, and ratios of it: all that a period before can be compared by."""
    return [one for one in metrics if one.kind != MetricKind.STOCK]


def traced(metrics: dict[str, Metric], scene: Scene) -> list[str]:
    """The flows that a scene draws over time: its curves, and what its key figures are or are made of."""
    codes = dict.fromkeys(scene.curves)
    for one in (metrics[code] for code in scene.tiles if code in metrics):
        parts = [one.numerator_id, one.denominator_id] if one.kind == MetricKind.RATIO else [one.pk]
        codes |= dict.fromkeys(code for code in parts if code and metrics[code].kind == MetricKind.FLOW)
    return list(codes)


def curves(place: Place, span: Span, codes: list[str]) -> dict[str, dict[date, int]]:
    """Flows by day or month, from the very totals of figures; one statement."""
    found = figure_queries.amounts(codes, [place.pk], span.trend, span.grain)
    days = figure_queries.stretches(span.trend, span.grain)
    return {code: {day: found.get((place.pk, code, day), 0) for day in days} for code in codes}


def coming(place: Place) -> list[Session]:
    """The next sessions below a place; one query."""
    rows = activity_queries.listed(activity_queries.Asked(within=place, first=clock.today()))
    rows = rows.filter(starts_at__gt=clock.now()).prefetch_related(None)
    return list(rows.order_by("starts_at", "id")[:COMING])


def moments(period: Period) -> tuple[datetime, datetime]:
    """From midnight to midnight in China."""
    since, until = (datetime.combine(day, time(), tzinfo=clock.SHANGHAI) for day in (period.since, period.until))
    return since, until
