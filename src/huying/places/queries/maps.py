"""Maps as SVG paths, drawn on the server from the jurisdiction's own borders: no script, no tiles, no third party."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Q

from huying.places.models import MapLayer, Place
from huying.places.queries.tree import ids_in
from huying.places.rules.shapes import Bounds, Line, bounds_of, holds, inner_point, lines_of, touch
from huying.places.states import LayerKind, Status

STEPS = 4
MOST_POINTS = 500
MARGIN = 0.03
LIFT = 12
AROUND = 0.9  # how much of its own size is shown around an area in a small map
MOST_LAYERS = 12


@dataclass(frozen=True)
class Spot:
    """Something to mark: position in degrees, its name, and the page it leads to ("" for none)."""

    lon: float
    lat: float
    name: str = ""
    href: str = ""
    here: bool = False


@dataclass(frozen=True)
class Area:
    """One drawn area; ``step`` 0 has no number, 1 to 4 light to dark; ``x``, ``y`` is where its name stands."""

    path: str
    name: str
    place_id: int | None
    x: float
    y: float
    step: int = 0
    number: int | None = None
    here: bool = False

    @property
    def label_y(self) -> float:
        """A little higher, so that a site in the middle of its area does not hide under the name."""
        return round(self.y - LIFT, 1)


@dataclass(frozen=True)
class Point:
    x: float
    y: float
    name: str
    href: str
    here: bool


@dataclass(frozen=True)
class Picture:
    """A map ready to be drawn in a box of ``width`` × ``height``. Source and 审图号 are printed under it."""

    width: int
    height: int
    areas: tuple[Area, ...]
    water: tuple[str, ...]
    parks: tuple[str, ...]
    roads: tuple[tuple[str, int], ...]
    points: tuple[Point, ...]
    source: str
    approval: str
    as_of: str

    @property
    def view_box(self) -> str:
        return f"0 0 {self.width} {self.height}"


class Projection:
    """Degrees to pixels: equirectangular around the middle latitude, the whole box fitted in."""

    def __init__(self, bounds: Bounds, width: int, height: int):
        west, south, east, north = bounds
        self.size = (width, height)
        self.squeeze = math.cos(math.radians((south + north) / 2))
        across = max((east - west) * self.squeeze, 1e-6)
        up = max(north - south, 1e-6)
        self.scale = min(width / across, height / up) * (1 - 2 * MARGIN)
        self.lon, self.lat = (west + east) / 2, (south + north) / 2

    @property
    def view(self) -> Bounds:
        """What the box shows, in degrees: more than asked for on the longer side."""
        east = self.size[0] / 2 / self.scale / self.squeeze
        north = self.size[1] / 2 / self.scale
        return self.lon - east, self.lat - north, self.lon + east, self.lat + north

    def at(self, lon: float, lat: float) -> tuple[float, float]:
        x = self.size[0] / 2 + (lon - self.lon) * self.squeeze * self.scale
        y = self.size[1] / 2 - (lat - self.lat) * self.scale
        return round(x, 1), round(y, 1)

    def path(self, lines: Iterable[Line], *, closed: bool) -> str:
        """An SVG path in relative steps of tenths of a pixel, without points that fall on the one before."""
        parts = []
        for line in lines:
            last = self.at(*line[0])
            text = f"M{last[0]:g} {last[1]:g}l"
            steps = []
            for pair in line[1:]:
                x, y = self.at(*pair)
                if (x, y) != last:
                    steps.append(f"{round(x - last[0], 1):g} {round(y - last[1], 1):g}")
                    last = (x, y)
            if steps:
                parts.append(text + " ".join(steps) + ("z" if closed else ""))
        return "".join(parts)


def area_layers(place: Place) -> list[MapLayer]:
    """Borders that may show ``place``, the most detailed first: its own, those above, and those around its position."""
    ids = ids_in(place.path)
    wanted = Q(place__in=ids)
    if place.lon is not None and place.lat is not None:
        here = Q(west__lte=place.lon, east__gte=place.lon, south__lte=place.lat, north__gte=place.lat)
        wanted |= here & Q(place__path__startswith=f"/{ids[0]}/")
    rows = MapLayer.objects.filter(wanted, kind=LayerKind.AREAS).select_related("place")
    return list(rows.order_by("-place__depth", "id")[:MOST_LAYERS])


def base_layers(place: Place, view: Bounds) -> list[MapLayer]:
    """Water, parks and roads of the tree that touch the view, upper places first."""
    west, south, east, north = view
    rows = MapLayer.objects.filter(
        kind=LayerKind.BASE,
        place__path__startswith=f"/{ids_in(place.path)[0]}/",
        west__lte=east,
        east__gte=west,
        south__lte=north,
        north__gte=south,
    )
    return list(rows.order_by("place__depth", "id")[:MOST_LAYERS])


def own_layers(place: Place) -> list[MapLayer]:
    """The maps that were put up at this very place."""
    return list(MapLayer.objects.filter(place=place).order_by("kind"))


def map_of(
    place: Place,
    *,
    width: int = 480,
    height: int = 400,
    numbers: dict[int, int] | None = None,
    spots: Sequence[Spot] = (),
) -> Picture | None:
    """The map of a place, its areas coloured by ``numbers`` (by place id), with ``spots``. None without borders."""
    chain = ids_in(place.path)
    areas = next((layer for layer in area_layers(place) if layer.place_id in chain), None)
    if areas is None:
        return None
    projection = Projection(whole(areas), width, height)
    picture = draw(areas, base_layers(place, projection.view), projection, chain[-1:], spots)
    return coloured(picture, numbers) if numbers is not None else picture


def mini_map(place: Place, width: int = 340, height: int = 170, points: Sequence[Spot] = ()) -> Picture | None:
    """A small map around a place for panels of other rooms: its area and what surrounds it, with ``points``.

    None when nobody has put up borders that show it. Three queries at most.
    """
    layers = area_layers(place)
    if not layers:
        return None
    shown = ((layer, feature) for layer in layers if (feature := feature_of(layer, place)))
    areas, feature = next(shown, (layers[-1], None))
    box = box_of(lines_of(feature["geometry"])) if feature else whole(areas)
    spare_x, spare_y = ((box[2] - box[0]) * AROUND / 2, (box[3] - box[1]) * AROUND / 2) if feature else (0.0, 0.0)
    wide = (box[0] - spare_x, box[1] - spare_y, box[2] + spare_x, box[3] + spare_y)
    projection = Projection(wide, width, height)
    here = [feature["properties"].get("place")] if feature else []
    return draw(areas, base_layers(place, projection.view), projection, here, points)


def feature_of(layer: MapLayer, place: Place) -> dict[str, Any] | None:
    """The area of the layer that is the place or holds it: by the tree, for a site also by its position."""
    chain = ids_in(place.path)
    features = layer.geojson["features"]
    by_tree = {one["properties"].get("place"): one for one in features}
    found: dict[str, Any] | None = next((by_tree[key] for key in reversed(chain) if key in by_tree), None)
    if found is None and place.lon is not None and place.lat is not None and not place.kind.is_division:
        spot = (place.lon, place.lat)
        found = next((one for one in features if holds(one["geometry"], spot)), None)
    return found


def box_of(lines: list[Line]) -> Bounds:
    return bounds_of(pair for line in lines for pair in line)


def whole(layer: MapLayer) -> Bounds:
    return layer.west, layer.south, layer.east, layer.north


def draw(
    areas: MapLayer, base: list[MapLayer], projection: Projection, here: Sequence[int | None], spots: Sequence[Spot]
) -> Picture:
    """Everything that touches the box, as paths."""
    size = projection.size
    frame: Bounds = (0.0, 0.0, float(size[0]), float(size[1]))
    drawn: list[Area] = []
    for one in areas.geojson["features"]:
        lines = lines_of(one["geometry"])
        if touch(on_paper(projection, lines), frame):
            x, y = projection.at(*inner_point(one["geometry"]))
            key = one["properties"].get("place")
            path = projection.path(lines, closed=True)
            drawn.append(Area(path, one["properties"]["name"], key, x, y, here=key is not None and key in here))
    parts = base_parts(base, projection, frame)
    marks = [(projection.at(spot.lon, spot.lat), spot) for spot in spots[:MOST_POINTS]]
    return Picture(
        width=size[0],
        height=size[1],
        areas=tuple(drawn),
        water=tuple(path for path, _rank in parts.get("water", [])),
        parks=tuple(path for path, _rank in parts.get("park", [])),
        roads=tuple(parts.get("road", [])),
        points=tuple(
            Point(x, y, spot.name, spot.href, spot.here)
            for (x, y), spot in marks
            if 0 <= x <= size[0] and 0 <= y <= size[1]
        ),
        source=areas.source,
        approval=areas.approval,
        as_of=areas.as_of_date.isoformat(),
    )


def on_paper(projection: Projection, lines: list[Line]) -> Bounds:
    """The box of lines in pixels."""
    return bounds_of(projection.at(*pair) for line in lines for pair in line)


def base_parts(base: list[MapLayer], projection: Projection, frame: Bounds) -> dict[str, list[tuple[str, int]]]:
    """Paths of water, parks and roads inside the frame, with their rank."""
    parts: dict[str, list[tuple[str, int]]] = {}
    for one in (feature for layer in base for feature in layer.geojson["features"]):
        lines = lines_of(one["geometry"])
        if touch(on_paper(projection, lines), frame):
            kind = one["properties"]["kind"]
            closed = not one["geometry"]["type"].endswith("LineString")
            parts.setdefault(kind, []).append((projection.path(lines, closed=closed), one["properties"]["rank"]))
    return parts


def coloured(picture: Picture, numbers: dict[int, int]) -> Picture:
    """The areas with their numbers, in four steps of equal width up to the largest; none is a step of its own."""
    largest = max(max(numbers.values(), default=0), STEPS)

    def step(number: int) -> int:
        return math.ceil(number / largest * STEPS)

    areas: list[Area] = []
    for area in picture.areas:
        number = numbers.get(area.place_id) if area.place_id is not None else None
        areas.append(area if number is None else replace(area, number=number, step=step(number)))
    return replace(picture, areas=tuple(areas))


def numbers_by_area(picture: Picture, *, kind: str = "", flag: str = "") -> dict[int, int]:
    """How many open places of a kind (or with a flag) each area of the picture holds, in one query."""
    keys = [area.place_id for area in picture.areas if area.place_id is not None]
    table = Place._meta.db_table
    wanted = "site.kind_id = %s" if kind else "site.flags @> ARRAY[%s]::varchar[]"
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT above.id::bigint, count(*)"  # noqa: S608 - own table, fixed conditions
            f" FROM {table} site CROSS JOIN unnest(string_to_array(trim(both '/' from site.path), '/')) above(id)"
            f" WHERE site.status = 'open' AND {wanted} AND above.id::bigint = ANY(%s) GROUP BY 1",
            [kind or flag, keys],
        )
        found: dict[int, int] = dict(cursor.fetchall())
    return {key: found.get(key, 0) for key in keys}


def pages_of(keys: Iterable[int]) -> dict[int, UUID]:
    """Place id -> the id in its address."""
    return dict(Place.objects.filter(pk__in=list(keys)).values_list("pk", "public_id"))


def spots_of(place: Place, *, kind: str = "", flag: str = "") -> list[Place]:
    """Open sites below ``place`` that have a position, of a kind or with a flag."""
    rows = Place.objects.filter(path__startswith=place.path, status=Status.OPEN, kind__is_site=True, lon__isnull=False)
    chosen = Q(kind=kind) if kind else Q(flags__contains=[flag]) if flag else Q()
    return list(rows.filter(chosen).select_related("kind").order_by("sort_key", "id")[:MOST_POINTS])
