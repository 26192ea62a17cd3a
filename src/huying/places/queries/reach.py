"""Reach (15分钟生活圈, S1-8f.1, S2-7a.2): which grids or communities have a service within a walk?

The walk is a straight line made longer by streets: minutes × 4.5 km/h ÷ 1.3, measured from the one position that a
grid or community has. The page says so. Great-circle distance on WGS 84; CGCS2000 differs by less than a metre.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from huying.kernel.errors import InvalidInput
from huying.places.models import Place
from huying.places.queries.tree import LIST_ORDER
from huying.places.rules.positions import EARTH_RADIUS_M, box, metres, walk_reach
from huying.places.states import Status

Spot = tuple[int, float, float]  # place id, longitude, latitude
MOST_GAPS = 200


@dataclass(frozen=True)
class Gap:
    """A place without the service in reach; ``nearest_m`` is None when there is no such site at all."""

    place: Place
    nearest: Place | None
    nearest_m: float | None


@dataclass(frozen=True)
class Reach:
    """Who reaches the service. ``unplaced`` have no position and are counted apart, not as gaps."""

    minutes: int
    radius_m: float
    places: int
    reached: int
    unplaced: int
    sites: int
    gaps: tuple[Gap, ...]

    @property
    def missing(self) -> int:
        return self.places - self.reached


def reach(within: Place, *, targets: Iterable[str], flag: str = "", site_kind: str = "", minutes: int = 15) -> Reach:
    """Which open places of the kinds ``targets`` below ``within`` have an open site that holds ``flag`` (or is of
    ``site_kind``) in a walk of ``minutes``. Sites just outside the border count too. InvalidInput.
    """
    if not 1 <= minutes <= 120:
        raise InvalidInput(fields={"minutes": _("步行时间应在 1 到 120 分钟之间。")})
    if not flag and not site_kind:
        raise InvalidInput(fields={"service": _("请选择一种服务或一种阵地。")})
    radius = walk_reach(minutes)
    rows = Place.objects.filter(path__startswith=within.path, kind__in=list(targets), status=Status.OPEN)
    spots = list(rows.order_by("parent__sort_key", "parent", *LIST_ORDER).values_list("id", "lon", "lat"))
    placed = placed_only(spots)
    sites = site_spots(flag, site_kind)
    near = in_reach(placed, sites, radius)
    missing = [spot for spot in placed if spot[0] not in near]
    return Reach(
        minutes=minutes,
        radius_m=radius,
        places=len(placed),
        reached=len(near),
        unplaced=len(spots) - len(placed),
        sites=len(sites),
        gaps=tuple(with_nearest(missing[:MOST_GAPS], sites)),
    )


def site_spots(flag: str, site_kind: str) -> list[Spot]:
    """Positions of all open sites that offer what is asked for."""
    rows = Place.objects.filter(status=Status.OPEN, kind__is_site=True, lon__isnull=False)
    if flag:
        rows = rows.filter(flags__contains=[flag])
    if site_kind:
        rows = rows.filter(kind=site_kind)
    return placed_only(rows.values_list("id", "lon", "lat"))


def placed_only(rows: Iterable[tuple[int, float | None, float | None]]) -> list[Spot]:
    return [(key, lon, lat) for key, lon, lat in rows if lon is not None and lat is not None]


def in_reach(targets: list[Spot], sites: list[Spot], radius: float) -> set[int]:
    """Ids of the targets that have a site within ``radius`` metres.

    Sites are laid into squares at least as wide as the radius, so only the nine squares around a target matter.
    """
    if not targets or not sites:
        return set()
    north = math.degrees(radius / EARTH_RADIUS_M)
    widest = max(abs(lat) for _key, _lon, lat in targets + sites)
    west, _south, east, _north = box(0.0, widest, radius)
    across = max((east - west) / 2, 1e-9)
    squares: dict[tuple[int, int], list[Spot]] = {}
    for site in sites:
        squares.setdefault((math.floor(site[1] / across), math.floor(site[2] / north)), []).append(site)
    found = set()
    for key, lon, lat in targets:
        x, y = math.floor(lon / across), math.floor(lat / north)
        around = (site for i in (-1, 0, 1) for j in (-1, 0, 1) for site in squares.get((x + i, y + j), ()))
        if any(metres(lon, lat, site[1], site[2]) <= radius for site in around):
            found.add(key)
    return found


def with_nearest(missing: list[Spot], sites: list[Spot]) -> list[Gap]:
    """Each missing place with the nearest site, however far."""
    nearest = {
        key: min(((metres(lon, lat, site[1], site[2]), site[0]) for site in sites), default=None)
        for key, lon, lat in missing
    }
    wanted = [key for key, _lon, _lat in missing] + [best[1] for best in nearest.values() if best]
    rows = Place.objects.filter(pk__in=wanted).select_related("kind", "parent").in_bulk()
    return [Gap(rows[key], rows[best[1]] if best else None, best[0] if best else None) for key, best in nearest.items()]
