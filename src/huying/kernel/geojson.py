"""Maps that people hand in as GeoJSON, read in a limited child process."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from huying.kernel.children import start
from huying.kernel.errors import InvalidInput, Text


class MapRefused(InvalidInput):
    """The map cannot be taken. ``feature`` (from 1) says which one is at fault, None where it is the
    whole file.
    """

    code = "map_refused"
    message = _("这个地图文件读不了，请提供 GeoJSON 文件。")
    feature: int | None = None


ADVICE: dict[str, Text] = {
    "empty": _("这个地图文件是空的。"),
    "size": _("地图文件太大了，最多 {megabytes} MB，请先简化边界。"),
    "points": _("地图的点太多了，最多 {most_points} 个，请先简化边界。"),
    "features": _("地图的要素太多了，最多 {most_features} 个。"),
    "depth": _("地图文件的层次太深，不能读取。"),
    "encoding": _("地图文件的编码不是 UTF-8，请转换后再试。"),
    "json": _("地图文件不是完整的 JSON。"),
    "number": _("地图文件里有不是数字的坐标（NaN 或 Infinity）。"),
    "geojson": _("这不是 GeoJSON：最外层应当是 FeatureCollection。"),
    "crs": _("地图的坐标系不是经纬度，请转换为 WGS 84 或 CGCS2000 经纬度后再试。"),
    "feature": _("第 {feature} 个要素的格式不对。"),
    "properties": _("第 {feature} 个要素的属性不对，或者太长。"),
    "geometry": _("第 {feature} 个要素没有图形，或者图形的种类不能用。"),
    "coordinates": _("第 {feature} 个要素的坐标不对。"),
    "range": _("第 {feature} 个要素的坐标超出经纬度范围，请检查是否把经度和纬度写反了。"),
    "line": _("第 {feature} 个要素的线不到两个点。"),
    "ring": _("第 {feature} 个要素的面没有闭合，或者不到四个点。"),
    "limits": _("这个地图文件太复杂，处理不了，请先简化边界。"),
}


@dataclass(frozen=True, slots=True)
class MapLimits:
    """How large a map may be."""

    points: int = 200_000
    features: int = 20_000
    properties: int = 10_000


@dataclass(frozen=True, slots=True)
class Map:
    """Features in degrees: ``{"type": "Feature", "properties": …, "geometry": …}``; bounds are west,
    south, east, north.
    """

    features: list[dict[str, Any]]
    points: int
    bounds: tuple[float, float, float, float]

    def collection(self) -> dict[str, Any]:
        """The whole as a FeatureCollection."""
        return {"type": "FeatureCollection", "features": self.features}


DEFAULT = MapLimits()


def refused(kind: str, limits: MapLimits, feature: int | None = None) -> MapRefused:
    """The error for a fault at a feature."""
    error = MapRefused(
        ADVICE[kind],
        most_points=limits.points,
        most_features=limits.features,
        feature=feature or 1,
        megabytes=settings.HUYING_IMPORT_BYTES // (1024 * 1024),
    )
    error.fields = {"upload": str(error)}
    error.feature = feature
    return error


def read(source: UploadedFile[Any] | bytes, limits: MapLimits = DEFAULT) -> Map:
    """A checked map. MapRefused says what is wrong and with which feature; nothing is repaired silently.

    Kept: properties, ids, longitude and latitude to seven places. Left out: heights, bounding boxes. A
    bare feature or geometry becomes a map of one feature. Points, features, depth, ranges, closed rings
    and the coordinate system are checked.
    """
    file = io.BytesIO(source) if isinstance(source, bytes) else source
    size = len(source) if isinstance(source, bytes) else source.size or 0
    if size == 0:
        raise refused("empty", limits)
    if size > settings.HUYING_IMPORT_BYTES:
        raise refused("size", limits)
    file.seek(0)
    arguments = (str(limits.points), str(limits.features), str(limits.properties))
    features: list[dict[str, Any]] = []
    try:
        for line in start.lines("geo", file, start.Limits(answer_bytes=256 * 1024 * 1024), *arguments):
            message = json.loads(line)
            if "error" in message:
                raise refused(message["error"], limits, message["feature"])
            if "end" in message:
                if not features:
                    raise refused("empty", limits)
                return Map(features, message["points"], tuple(message["bounds"]))
            features.append({"type": "Feature", **message})
    except start.ChildFailed:
        pass
    raise refused("limits", limits)
