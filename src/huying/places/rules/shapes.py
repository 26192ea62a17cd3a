"""Plane shapes in degrees: bounds, thinning of lines, a point inside an area. Coordinates are (lon, lat) pairs."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice, pairwise
from typing import Any

Pair = tuple[float, float]
Line = list[Pair]
Bounds = tuple[float, float, float, float]  # west, south, east, north


def lines_of(geometry: dict[str, Any]) -> list[Line]:
    """All rings or lines of a GeoJSON geometry, outer rings before their holes; points have none."""
    coordinates = geometry["coordinates"]
    nested = {
        "LineString": [coordinates],
        "MultiLineString": coordinates,
        "Polygon": coordinates,
        "MultiPolygon": [ring for polygon in coordinates for ring in polygon]
        if geometry["type"] == "MultiPolygon"
        else [],
    }
    return [[(point[0], point[1]) for point in line] for line in nested.get(geometry["type"], [])]


def outer_rings(geometry: dict[str, Any]) -> list[Line]:
    """The outer ring of each polygon."""
    polygons = [geometry["coordinates"]] if geometry["type"] == "Polygon" else geometry["coordinates"]
    return [[(point[0], point[1]) for point in polygon[0]] for polygon in polygons]


def bounds_of(points: Iterable[Pair]) -> Bounds:
    """The box around at least one point."""
    listed = list(points)
    lons, lats = [lon for lon, _lat in listed], [lat for _lon, lat in listed]
    return min(lons), min(lats), max(lons), max(lats)


def touch(one: Bounds, other: Bounds) -> bool:
    """Whether two boxes share a point."""
    return one[0] <= other[2] and other[0] <= one[2] and one[1] <= other[3] and other[1] <= one[3]


def thinned(line: Line, tolerance: float) -> Line:
    """The line without the points that lie within ``tolerance`` degrees of it (Douglas-Peucker, without recursion).

    Ends stay. A ring keeps at least four points, so that it stays a ring.
    """
    if len(line) <= 4:
        return line
    keep = {0, len(line) - 1}
    if line[0] == line[-1]:  # a ring: its farthest point is kept too, or the base line would have no length
        keep.add(max(range(len(line)), key=lambda n: _square(line[0], line[n])))
    ends = sorted(keep)
    spans = list(pairwise(ends))
    while spans:
        first, last = spans.pop()
        far, index = tolerance, 0
        for number in range(first + 1, last):
            distance = _off(line[number], line[first], line[last])
            if distance > far:
                far, index = distance, number
        if index:
            keep.add(index)
            spans += [(first, index), (index, last)]
    if line[0] == line[-1] and len(keep) < 4:
        keep |= set(islice((number for number in range(len(line)) if number not in keep), 4 - len(keep)))
    return [line[number] for number in sorted(keep)]


def _square(one: Pair, other: Pair) -> float:
    return (one[0] - other[0]) ** 2 + (one[1] - other[1]) ** 2


def _off(point: Pair, start: Pair, end: Pair) -> float:
    """Distance of a point from a stretch of line."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    length = dx * dx + dy * dy
    if length == 0:
        return math.sqrt(_square(point, start))
    along = max(0.0, min(1.0, ((point[0] - start[0]) * dx + (point[1] - start[1]) * dy) / length))
    return math.hypot(point[0] - start[0] - along * dx, point[1] - start[1] - along * dy)


def area(ring: Sequence[Pair]) -> float:
    """Twice the area inside a closed ring, without sign."""
    return abs(sum(a[0] * b[1] - b[0] * a[1] for a, b in pairwise(ring)))


def crossings(ring: Sequence[Pair], lat: float) -> Iterator[float]:
    """Longitudes at which the ring crosses a parallel."""
    for (lon_a, lat_a), (lon_b, lat_b) in pairwise(ring):
        if (lat_a > lat) != (lat_b > lat):
            yield lon_a + (lat - lat_a) * (lon_b - lon_a) / (lat_b - lat_a)


def holds(geometry: dict[str, Any], spot: Pair) -> bool:
    """Whether a polygon holds the spot, holes left out (even-odd rule)."""
    west_of = sum(cut < spot[0] for ring in lines_of(geometry) for cut in crossings(ring, spot[1]))
    return west_of % 2 == 1


def inner_point(geometry: dict[str, Any]) -> Pair:
    """A point well inside the largest polygon, for its name: the middle of its widest crossing near mid-height."""
    ring = max(outer_rings(geometry), key=area)
    _west, south, _east, north = bounds_of(ring)
    best = (0.0, ring[0])
    for share in (0.5, 0.42, 0.58, 0.34, 0.66):
        lat = south + (north - south) * share
        cuts = sorted(crossings(ring, lat))
        for start, end in zip(cuts[::2], cuts[1::2], strict=False):
            width = (end - start) * (1.0 if share == 0.5 else 0.9)
            if width > best[0]:
                best = (width, ((start + end) / 2, lat))
    return best[1]
