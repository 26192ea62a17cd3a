"""Maps from outside: checked feature by feature, refused with a clear sentence."""

from __future__ import annotations

import itertools
import json
import time
from typing import Any

import pytest

from huying.kernel import geojson
from huying.kernel.geojson import Map, MapLimits, MapRefused, read
from huying.kernel.tests.tables import csv_upload

SQUARE = [[[121.0, 31.0], [121.1, 31.0], [121.1, 31.1], [121.0, 31.0]]]


def feature(kind: str = "Point", coordinates: Any = (121.5, 31.25), **more: Any) -> dict[str, Any]:
    return {"type": "Feature", "properties": {}, "geometry": {"type": kind, "coordinates": coordinates}, **more}


def collection(*features: Any, **more: Any) -> bytes:
    return json.dumps({"type": "FeatureCollection", "features": features, **more}).encode()


def fault(data: Any, limits: MapLimits = geojson.DEFAULT) -> tuple[str, int | None]:
    with pytest.raises(MapRefused) as caught:
        read(data, limits)
    error = caught.value
    assert "{" not in str(error) and error.fields["upload"] == str(error)
    return next(key for key, text in geojson.ADVICE.items() if text is error.message), error.feature


def test_a_map_keeps_shapes_properties_and_ids() -> None:
    data = collection(
        feature("Polygon", SQUARE, id="340101", properties={"name": "柳溪镇🎉", "n": 1, "deep": {"a": [1, None]}}),
        feature("Point", [121.123456789, 31.5, 12.5], properties=None),
        feature("MultiPolygon", [SQUARE, SQUARE]),
        feature("LineString", [[121, 31], [122, 32]]),
    )

    found = read(data)

    assert found == Map(
        [
            {
                "type": "Feature",
                "id": "340101",
                "properties": {"name": "柳溪镇🎉", "n": 1, "deep": {"a": [1, None]}},
                "geometry": {"type": "Polygon", "coordinates": SQUARE},
            },
            {"type": "Feature", "properties": {}, "geometry": {"type": "Point", "coordinates": [121.1234568, 31.5]}},
            {
                "type": "Feature",
                "properties": {},
                "geometry": {"type": "MultiPolygon", "coordinates": [SQUARE, SQUARE]},
            },
            {
                "type": "Feature",
                "properties": {},
                "geometry": {"type": "LineString", "coordinates": [[121.0, 31.0], [122.0, 32.0]]},
            },
        ],
        15,
        (121.0, 31.0, 122.0, 32.0),
    )
    assert read(json.dumps(found.collection()).encode()) == found


def test_a_bare_feature_a_bare_geometry_and_an_upload_with_a_mark_are_maps_too() -> None:
    geometry = {"type": "Point", "coordinates": [121.5, 31.25]}

    maps = [read(json.dumps(feature()).encode()), read(json.dumps(geometry).encode())]
    uploaded = read(csv_upload(json.dumps(feature()), "utf-8-sig", "a.geojson"))

    assert maps[0] == maps[1] == uploaded
    assert maps[0].features[0]["geometry"] == geometry


@pytest.mark.parametrize("name", ["urn:ogc:def:crs:OGC:1.3:CRS84", "EPSG:4326", "urn:ogc:def:crs:EPSG::4490"])
def test_degrees_by_any_name_are_taken(name: str) -> None:
    assert read(collection(feature(), crs={"type": "name", "properties": {"name": name}})).points == 1


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", ("empty", None)),
        (collection(), ("empty", None)),
        (b"{", ("json", None)),
        (b"\xff\xfe{\x00}\x00", ("encoding", None)),
        ("柳溪".encode("gbk"), ("encoding", None)),
        (b"[]", ("geojson", None)),
        (b'"x"', ("geojson", None)),
        (b"{}", ("geojson", None)),
        (b'{"type":"Topology"}', ("geojson", None)),
        (b'{"type":"FeatureCollection","features":{}}', ("geojson", None)),
        (b'{"type":"Point","coordinates":[NaN,1]}', ("number", None)),
        (b'{"type":"Point","coordinates":[1,Infinity]}', ("number", None)),
        (b'{"type":"Point","coordinates":[1,1e999]}', ("coordinates", 1)),
        (b'{"type":"Point","coordinates":[1,' + b"9" * 5000 + b"]}", ("json", None)),
        (b"[" * 100_000 + b"]" * 100_000, ("depth", None)),
        (b'{"a":' * 50_000 + b"1" + b"}" * 50_000, ("depth", None)),
        (collection(feature(), crs={"type": "name", "properties": {"name": "EPSG:3857"}}), ("crs", None)),
        (collection(feature(), crs="x"), ("crs", None)),
        (collection(feature(), 5), ("feature", 2)),
        (collection(feature(), {"type": "Thing"}), ("feature", 2)),
        (collection(feature(properties=[1])), ("properties", 1)),
        (collection(feature(properties={"name": "长" * 10_001})), ("properties", 1)),
        (collection(feature(properties={"a": "\ud800"})), ("properties", 1)),
        (collection({**feature(), "geometry": None}), ("geometry", 1)),
        (collection(feature("GeometryCollection", [])), ("geometry", 1)),
        (collection(feature("Polygon", [])), ("geometry", 1)),
        (collection(feature("Point", [])), ("coordinates", 1)),
        (collection(feature("Point", ["121", "31"])), ("coordinates", 1)),
        (collection(feature("Point", [True, False])), ("coordinates", 1)),
        (collection(feature("Point", [121.0])), ("coordinates", 1)),
        (collection(feature("Point", [[121.0, 31.0]])), ("coordinates", 1)),
        (collection(feature("Polygon", [121.0, 31.0])), ("coordinates", 1)),
        (collection(feature("Point", [31.0, 121.0])), ("range", 1)),
        (collection(feature("Point", [181.0, 0.0])), ("range", 1)),
        (collection(feature("Point", [13_500_000, 3_600_000])), ("range", 1)),
        (collection(feature("LineString", [[1, 1]])), ("line", 1)),
        (collection(feature("Polygon", [[[1, 1], [2, 2], [1, 1]]])), ("ring", 1)),
        (collection(feature("Polygon", [[[1, 1], [2, 2], [3, 3], [4, 4]]])), ("ring", 1)),
        (collection(feature("MultiPolygon", [[]])), ("ring", 1)),
    ],
    ids=itertools.count(),
)
def test_hostile_and_silly_maps_are_refused_by_name(data: bytes, expected: tuple[str, int | None]) -> None:
    assert fault(data) == expected


def test_a_million_points_are_refused_at_once() -> None:
    line = b'{"type":"LineString","coordinates":[' + b",".join([b"[121,31]"] * 1_000_000) + b"]}"
    began = time.monotonic()

    assert fault(line) == ("points", None)
    assert time.monotonic() - began < 5


def test_points_and_features_are_counted_exactly() -> None:
    limits = MapLimits(points=150, features=2)
    line = feature("LineString", [[121, 31]] * 150)

    assert read(collection(line), limits).points == 150
    assert fault(collection(line, feature()), limits) == ("points", 2)
    assert fault(collection(feature(), feature(), feature()), limits) == ("features", 3)


def test_what_would_fill_the_memory_is_refused() -> None:
    assert fault(b'{"type":"FeatureCollection","features":[' + b",".join([b"{}"] * 5_000_000) + b"]}")[0] in {
        "feature",
        "limits",
    }
    assert fault(b"{" + b",".join(b'"%d":{}' % n for n in range(1_200_000)) + b"}")[0] in {"geojson", "limits"}


def test_files_over_the_limit_are_refused_unread(settings: Any) -> None:
    settings.HUYING_IMPORT_BYTES = 1000

    assert fault(b" " * 1001) == ("size", None)
