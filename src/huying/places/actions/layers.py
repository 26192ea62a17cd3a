"""The jurisdiction's own map: borders and base as GeoJSON, with their source and 审图号 (地图管理条例; domain 2.10)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from huying.kernel import audit, geojson, locks
from huying.kernel.actor import Actor
from huying.kernel.errors import Forbidden, InvalidInput, NotFound, Text
from huying.kernel.transactions import begin
from huying.places import rules
from huying.places.models import MapLayer, Place
from huying.places.rules.shapes import inner_point, lines_of, thinned
from huying.places.rules.values import position_problems, tidy, too_long
from huying.places.states import Crs, LayerKind, Status

SHOWN_ACROSS = 2000  # a border is drawn at most this many pixels wide: finer detail is left out
MOST_POINTS = 30_000
BASE_KINDS = ("water", "park", "road")
CODE_NAMES = ("code", "adcode", "gb", "区划代码", "代码")
NAME_NAMES = ("name", "名称", "NAME")


@dataclass(frozen=True)
class LayerImported:
    """What reading a map did. ``unknown`` are names of areas that match no place below; they are drawn too."""

    layer: MapLayer
    matched: int
    unknown: tuple[str, ...]
    positioned: int


def import_layer(
    *,
    actor: Actor,
    place: Place,
    kind: str,
    upload: UploadedFile[Any] | bytes,
    source: str,
    approval: str,
    as_of_date: date,
    crs: str = Crs.WGS84,
) -> LayerImported:
    """Put a map of ``place`` in the stead of the one it has. Forbidden, MapRefused, InvalidInput.

    Areas are tied to places below by code, else by name; a place without a position gets a point inside its area.
    """
    source, approval = checked_source(source, approval, kind, crs)
    if not rules.can_draw(actor, place):
        raise Forbidden
    read = geojson.read(upload)  # takes a while, so before any lock
    features = fit_features(read, kind)
    with begin(actor):
        place = locks.one(Place, pk=place.pk)
        if not rules.can_draw(actor, place):
            raise Forbidden
        matched, unknown = tie(place, features) if kind == LayerKind.AREAS else ({}, ())
        positioned = give_positions(matched, crs)
        layer, _new = MapLayer.objects.update_or_create(
            place=place,
            kind=kind,
            defaults={
                "geojson": {"type": "FeatureCollection", "features": features},
                "feature_count": len(features),
                **dict(zip(("west", "south", "east", "north"), read.bounds, strict=True)),
                "source": source,
                "approval": approval,
                "as_of_date": as_of_date,
                "crs": crs,
            },
        )
        changes = {"kind": kind, "features": len(features), "source": source, "approval": approval}
        audit.record(actor, "place.map", place, place_path=place.path, changes=changes)
    return LayerImported(layer, len(matched), unknown, positioned)


def remove_layer(*, actor: Actor, layer: MapLayer) -> None:
    """Take a map away. Forbidden, NotFound."""
    with begin(actor):
        place = locks.one(Place, pk=layer.place_id)
        if not rules.can_draw(actor, place):
            raise Forbidden
        gone, _rows = MapLayer.objects.filter(pk=layer.pk).delete()
        if not gone:
            raise NotFound
        audit.record(actor, "place.map.remove", place, place_path=place.path, changes={"kind": layer.kind})


def checked_source(source: str, approval: str, kind: str, crs: str) -> tuple[str, str]:
    """Tidy source and 审图号; InvalidInput when one is missing or too long. A sketch says "示意图，不需审图"."""
    problems: dict[str, Text] = {}
    source, approval = tidy(source[:900]), tidy(approval[:300])
    if not source:
        problems["source"] = _("请写边界从哪里来。")
    if not approval:
        problems["approval"] = _("请写审图号；自绘的街区示意图写“示意图”。")
    if len(source) > 200:
        problems["source"] = too_long(200)
    if len(approval) > 60:
        problems["approval"] = too_long(60)
    if kind not in LayerKind.values:
        problems["kind"] = _("请选择图层。")
    if crs not in Crs.values:
        problems["crs"] = _("坐标系只能是 WGS84 或 CGCS2000。")
    if problems:
        raise InvalidInput(fields=problems)
    return source, approval


def fit_features(read: geojson.Map, kind: str) -> list[dict[str, Any]]:
    """The features of the wanted kind, thinned to what a screen can show. InvalidInput."""
    west, south, east, north = read.bounds
    for lon, lat in ((west, south), (east, north)):
        if problems := position_problems(lon, lat):
            raise InvalidInput(fields={"upload": next(iter(problems.values()))})
    wanted = ("Polygon", "MultiPolygon") if kind == LayerKind.AREAS else None
    chosen = [one for one in read.features if one["geometry"]["type"] != "Point" and lines_of(one["geometry"])]
    if wanted:
        chosen = [one for one in chosen if one["geometry"]["type"] in wanted]
    if not chosen:
        raise InvalidInput(fields={"upload": _("文件里没有可以画的面或线。")})
    tolerance = max(east - west, north - south) / SHOWN_ACROSS
    while True:
        features = [feature_of(one, kind, tolerance) for one in chosen]
        points = sum(len(line) for one in features for line in lines_of(one["geometry"]))
        if points <= MOST_POINTS or tolerance > (east - west + north - south):
            return features
        tolerance *= 2


def feature_of(raw: dict[str, Any], kind: str, tolerance: float) -> dict[str, Any]:
    """One feature with thinned lines and the few properties that are kept."""
    found = raw.get("properties") or {}
    named = first(found, NAME_NAMES)[:120]
    kept: dict[str, Any] = {"name": tidy(named)}
    if kind == LayerKind.AREAS:
        kept["code"] = first(found, CODE_NAMES)[:30]
    else:
        drawn = "road" if raw["geometry"]["type"].endswith("LineString") else "park"
        kept["kind"] = found["kind"] if found.get("kind") in BASE_KINDS else drawn
        kept["rank"] = 1 if found.get("rank") == 1 else 2
    return {"type": "Feature", "properties": kept, "geometry": thin(raw["geometry"], tolerance)}


def first(found: dict[str, Any], names: tuple[str, ...]) -> str:
    return next((str(found[name]) for name in names if found.get(name)), "")


def thin(geometry: dict[str, Any], tolerance: float) -> dict[str, Any]:
    """The same geometry with fewer points, to six places (a decimetre)."""

    def line(points: list[Any]) -> list[list[float]]:
        pairs = [(point[0], point[1]) for point in points]
        return [[round(lon, 6), round(lat, 6)] for lon, lat in thinned(pairs, tolerance)]

    depth = {"LineString": 1, "MultiLineString": 2, "Polygon": 2, "MultiPolygon": 3}[geometry["type"]]

    def walk(part: Any, level: int) -> Any:
        return line(part) if level == 1 else [walk(one, level - 1) for one in part]

    return {"type": geometry["type"], "coordinates": walk(geometry["coordinates"], depth)}


def tie(place: Place, features: list[dict[str, Any]]) -> tuple[dict[int, dict[str, Any]], tuple[str, ...]]:
    """Write the id of its place into each area; areas by place id, and the names that match nothing (or too much)."""
    below = Place.objects.filter(path__startswith=place.path, kind__is_division=True, status=Status.OPEN)
    by_code: dict[str, int] = {}
    by_name: dict[str, list[int]] = {}
    for key, code, name, short in below.values_list("id", "code", "name", "short_name"):
        by_code[code] = key
        for word in {name, short} - {""}:
            by_name.setdefault(word, []).append(key)
    by_code.pop("", None)
    matched: dict[int, dict[str, Any]] = {}
    unknown: list[str] = []
    for one in features:
        named = by_name.get(one["properties"]["name"], [])
        key = by_code.get(one["properties"].pop("code"), named[0] if len(named) == 1 else 0)
        if not key or key in matched:
            unknown.append(one["properties"]["name"] or "—")
            continue
        one["properties"]["place"] = key
        matched[key] = one
    return matched, tuple(unknown)


def give_positions(matched: dict[int, dict[str, Any]], crs: str) -> int:
    """Put places that have no position inside their area; how many."""
    rows = list(Place.objects.filter(pk__in=matched, lon__isnull=True))
    for row in rows:
        row.lon, row.lat = (round(part, 6) for part in inner_point(matched[row.pk]["geometry"]))
        row.crs = crs
    Place.objects.bulk_update(rows, ["lon", "lat", "crs"], 1000)
    return len(rows)
