"""Child: read GeoJSON (RFC 7946), check it, and say it feature by feature.

Arguments: memory MB, CPU seconds, most points, most features, longest properties. Answer: JSON lines, one
feature each, last ``{"end": features, "points": …, "bounds": [west, south, east, north]}``, or
``{"error": code, "feature": …}``.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Iterator
from typing import Any, NoReturn

from huying.kernel.children import limits

DEPTHS = {"Point": 0, "MultiPoint": 1, "LineString": 1, "MultiLineString": 2, "Polygon": 2, "MultiPolygon": 3}
PLACES = 7  # decimal places kept: about a centimetre
DEGREES = {"CRS84", "4326", "4490"}  # WGS 84 and CGCS2000, which differ by centimetres


class Wrong(Exception):
    def __init__(self, code: str):
        self.code = code


class Count:
    """Points seen and where they lie."""

    def __init__(self, most: int):
        self.most = most
        self.points = 0
        self.bounds = [180.0, 90.0, -180.0, -90.0]

    def add(self, lon: float, lat: float) -> None:
        self.points += 1
        if self.points > self.most:
            raise Wrong("points")
        west, south, east, north = self.bounds
        self.bounds = [min(west, lon), min(south, lat), max(east, lon), max(north, lat)]


def main() -> None:
    memory, cpu, most_points, most_features, longest = (int(argument) for argument in sys.argv[1:6])
    limits.bind(memory, cpu)
    number = 0
    try:
        data = parsed(sys.stdin.buffer.read(), most_points)
        count = Count(most_points)
        for number, feature in enumerate(features(data), 1):
            if number > most_features:
                raise Wrong("features")
            say(checked(feature, count, longest))
        say({"end": number, "points": count.points, "bounds": count.bounds if count.points else None})
    except Wrong as wrong:
        say({"error": wrong.code, "feature": number or None})


def say(message: Any) -> None:
    sys.stdout.write(json.dumps(message, ensure_ascii=True, allow_nan=False, separators=(",", ":")) + "\n")


def parsed(data: bytes, most_points: int) -> Any:
    # Each position opens one bracket and each ring of at least four one more: so many brackets are too many points.
    if data.count(b"[") > 2 * most_points + 100:
        raise Wrong("points")
    try:
        return json.loads(data.decode("utf-8-sig"), parse_constant=no_number)
    except RecursionError:
        raise Wrong("depth") from None
    except UnicodeDecodeError:
        raise Wrong("encoding") from None
    except ValueError:
        raise Wrong("json") from None


def no_number(word: str) -> NoReturn:
    raise Wrong("number")


def features(data: Any) -> Iterator[Any]:
    if not isinstance(data, dict):
        raise Wrong("geojson")
    check_crs(data.get("crs"))
    kind = data.get("type")
    if kind == "FeatureCollection":
        found = data.get("features")
        if not isinstance(found, list):
            raise Wrong("geojson")
        yield from found
    elif kind == "Feature":
        yield data
    elif kind in DEPTHS:
        yield {"type": "Feature", "properties": {}, "geometry": data}
    else:
        raise Wrong("geojson")


def check_crs(crs: Any) -> None:
    """Old files name their coordinate system; anything but degrees would put the map elsewhere."""
    if crs is None:
        return
    name = (
        crs.get("properties", {}).get("name")
        if isinstance(crs, dict) and isinstance(crs.get("properties"), dict)
        else None
    )
    if not isinstance(name, str) or name.replace("::", ":").rpartition(":")[2].upper() not in DEGREES:
        raise Wrong("crs")


def checked(feature: Any, count: Count, longest: int) -> dict[str, Any]:
    """The feature with its coordinates rounded and heights left out; Wrong when it is none."""
    if not isinstance(feature, dict) or feature.get("type") != "Feature":
        raise Wrong("feature")
    properties = feature.get("properties")
    if properties is None:
        properties = {}
    if not isinstance(properties, dict):
        raise Wrong("properties")
    try:
        text = json.dumps(properties, allow_nan=False, ensure_ascii=False)
        text.encode()
    except (ValueError, RecursionError):
        raise Wrong("properties") from None
    if len(text) > longest:
        raise Wrong("properties")
    geometry = feature.get("geometry")
    if not isinstance(geometry, dict) or geometry.get("type") not in DEPTHS:
        raise Wrong("geometry")
    kind = geometry["type"]
    coordinates = nested(geometry.get("coordinates"), DEPTHS[kind], count)
    check_shape(kind, coordinates)
    name = feature.get("id")
    answer = {"properties": properties, "geometry": {"type": kind, "coordinates": coordinates}}
    return {**answer, "id": name} if isinstance(name, str | int) and len(str(name)) <= 200 else answer


def nested(value: Any, depth: int, count: Count) -> Any:
    if not isinstance(value, list):
        raise Wrong("coordinates")
    if depth:
        return [nested(item, depth - 1, count) for item in value]
    if not 2 <= len(value) <= 4 or not all(is_number(item) for item in value):
        raise Wrong("coordinates")
    lon, lat = float(value[0]), float(value[1])
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):
        raise Wrong("range")
    count.add(lon, lat)
    return [round(lon, PLACES), round(lat, PLACES)]


def is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e9 and math.isfinite(value)


def check_shape(kind: str, coordinates: Any) -> None:
    """Lines have two points, rings four and end where they begin (RFC 7946 3.1)."""
    if kind != "Point" and not coordinates:
        raise Wrong("geometry")
    lines = {"LineString": [coordinates], "MultiLineString": coordinates}.get(kind, [])
    if any(len(line) < 2 for line in lines):
        raise Wrong("line")
    polygons = {"Polygon": [coordinates], "MultiPolygon": coordinates}.get(kind, [])
    for polygon in polygons:
        if not polygon or any(len(ring) < 4 or ring[0] != ring[-1] for ring in polygon):
            raise Wrong("ring")
