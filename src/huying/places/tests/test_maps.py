"""Maps: positions and shapes, borders that people hand in, and the drawing without a script."""

from __future__ import annotations

import json
import math
import re
from datetime import date
from itertools import pairwise

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from hypothesis import example, given, settings
from hypothesis import strategies as st

from huying.kernel.errors import Forbidden, InvalidInput
from huying.kernel.geojson import MapRefused
from huying.places import actions, queries
from huying.places.models import MapLayer, Place
from huying.places.queries.maps import Spot
from huying.places.rules.positions import box, from_gcj02, metres, to_gcj02, walk_reach
from huying.places.rules.shapes import holds, inner_point, thinned
from huying.places.tests.factories import SYSTEM, place, staff

LON, LAT = st.floats(74, 134), st.floats(18, 53)


def square(west: float, south: float, size: float = 0.01) -> dict:
    east, north = west + size, south + size
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


def collection(*features: tuple[dict, dict]) -> bytes:
    listed = [{"type": "Feature", "properties": facts, "geometry": shape} for facts, shape in features]
    return json.dumps({"type": "FeatureCollection", "features": listed}).encode()


def draw(at: Place, upload: bytes, kind: str = "areas", **facts: object) -> actions.LayerImported:
    known = {"source": "测试绘制", "approval": "浙S(2026)01号", "as_of_date": date(2026, 1, 1), **facts}
    return actions.import_layer(actor=SYSTEM, place=at, kind=kind, upload=upload, **known)


# ── positions and shapes ───────────────────────────────────────────────────
def test_the_shift_to_gcj02_is_the_published_one():
    """Domain 2.10. 北京 (116.404, 39.915) shifts to (116.41024, 39.91640): the value other implementations give."""
    assert [round(part, 4) for part in to_gcj02(116.404, 39.915)] == [116.4102, 39.9164]


@given(lon=LON, lat=LAT)
def test_there_and_back_is_within_a_centimetre(lon, lat):
    there = to_gcj02(lon, lat)
    back = from_gcj02(*there)

    assert 10 < metres(lon, lat, *there) < 2000
    assert metres(lon, lat, *back) < 0.01


@given(lon=LON, lat=LAT, radius=st.floats(10, 50_000), angle=st.floats(0, 2 * math.pi))
def test_the_box_holds_every_point_of_the_circle(lon, lat, radius, angle):
    west, south, east, north = box(lon, lat, radius)
    along = math.degrees(radius * 0.999 / 6_371_008.8)
    point = (lon + along * math.sin(angle) / math.cos(math.radians(lat)), lat + along * math.cos(angle))

    if metres(lon, lat, *point) <= radius:
        assert west <= point[0] <= east and south <= point[1] <= north


def test_a_walk_of_fifteen_minutes_is_865_metres_in_a_straight_line():
    assert round(walk_reach(15)) == 865
    assert round(metres(120.0, 30.0, 120.0, 31.0)) == 111195


@settings(max_examples=60)
@example(points=[(1.0, 1.0), (1.0, 1.0), (1.0, 1.0), (0.0, 0.0), (1.0, 1.0)], t=0.25)
@given(points=st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=2, max_size=60), t=st.floats(0.001, 0.3))
def test_a_thinned_line_keeps_its_ends_and_stays_near(points, t):
    line = thinned(points, t)

    assert line[0] == points[0] and line[-1] == points[-1]
    assert set(line) <= set(points)
    for point in points:
        stretches = pairwise(line)
        assert min((off(point, a, b) for a, b in stretches), default=0) <= t + 1e-9


def off(point, a, b):
    dx, dy = b[0] - a[0], b[1] - a[1]
    length = dx * dx + dy * dy
    along = max(0, min(1, ((point[0] - a[0]) * dx + (point[1] - a[1]) * dy) / length)) if length else 0
    return math.hypot(point[0] - a[0] - along * dx, point[1] - a[1] - along * dy)


@given(radii=st.lists(st.floats(0.2, 1.0), min_size=5, max_size=30), turn=st.floats(0, 6), size=st.floats(0.001, 0.2))
def test_the_name_of_an_area_stands_inside_it(radii, turn, size):
    steps = len(radii)
    ring = [
        (
            120 + size * r * math.cos(turn + 2 * math.pi * n / steps),
            30 + size * r * math.sin(turn + 2 * math.pi * n / steps),
        )
        for n, r in enumerate(radii)
    ]
    geometry = {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}

    assert holds(geometry, inner_point(geometry))


def test_a_hole_is_not_inside():
    outer, hole = square(120, 30, 0.1)["coordinates"][0], square(120.04, 30.04, 0.02)["coordinates"][0]
    geometry = {"type": "Polygon", "coordinates": [outer, hole]}

    assert holds(geometry, (120.01, 30.01))
    assert not holds(geometry, (120.05, 30.05))


# ── handing in a map ───────────────────────────────────────────────────────
pytestmark = pytest.mark.django_db


@pytest.fixture
def street() -> Place:
    street = place("street", place("county", name="青禾区"), name="青禾街道")
    place("community", street, name="和平社区", code="330999001001")
    place("community", street, name="云栖社区")
    return street


TWO = collection(
    ({"code": "330999001001", "name": "旧名"}, square(120.0, 30.0)),
    ({"name": "云栖社区"}, square(120.01, 30.0)),
    ({"name": "不认识的"}, square(120.02, 30.0)),
)


def test_areas_are_tied_to_places_by_code_then_name_and_give_them_a_position(street):
    done = draw(street, TWO)

    peace, clouds = Place.objects.get(name="和平社区"), Place.objects.get(name="云栖社区")
    assert (done.matched, done.unknown, done.positioned) == (2, ("不认识的",), 2)
    assert [one["properties"].get("place") for one in done.layer.geojson["features"]] == [peace.pk, clouds.pk, None]
    assert (round(peace.lon, 3), round(peace.lat, 3), peace.crs) == (120.005, 30.005, "WGS84")
    layer = MapLayer.objects.get()
    assert (layer.source, layer.approval, layer.west, layer.north) == ("测试绘制", "浙S(2026)01号", 120.0, 30.01)


def test_a_new_map_takes_the_place_of_the_old_one(street):
    draw(street, TWO)
    draw(street, collection(({"name": "云栖社区"}, square(120.01, 30.0))), source="新来源", crs="CGCS2000")

    assert [(layer.source, layer.feature_count, layer.crs) for layer in MapLayer.objects.all()] == [
        ("新来源", 1, "CGCS2000")
    ]


@pytest.mark.parametrize(
    ("upload", "facts", "field"),
    [
        (TWO, {"source": " "}, "source"),
        (TWO, {"approval": ""}, "approval"),
        (TWO, {"approval": "长" * 200}, "approval"),
        (TWO, {"source": "长" * 10_000_000}, "source"),
        (TWO, {"crs": "BD09"}, "crs"),
        (collection(({"name": "写反"}, square(30.0, 80.0))), {}, "upload"),
        (collection(({"name": "外国"}, square(2.0, 48.0))), {}, "upload"),
        (collection(({"name": "点"}, {"type": "Point", "coordinates": [120, 30]})), {}, "upload"),
        (b"", {}, "upload"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>", {}, "upload"),
        (b'{"type": "FeatureCollection", "features": [', {}, "upload"),
        (b'{"type": "FeatureCollection", "features": []}', {}, "upload"),
        (collection(({}, {"type": "Polygon", "coordinates": [[[120, 30], [121, 30]]]})), {}, "upload"),
    ],
)
def test_a_map_that_cannot_be_shown_is_refused_by_field(street, upload, facts, field):
    with pytest.raises(InvalidInput) as refusal:
        draw(street, upload, **facts)

    assert list(refusal.value.fields) == [field]
    assert MapLayer.objects.count() == 0


def test_swapped_coordinates_are_named_as_such(street):
    ring = [[30.0, 80.0], [30.1, 80.0], [30.1, 80.1], [30.0, 80.0]]

    with pytest.raises(InvalidInput) as refusal:
        draw(street, collection(({}, {"type": "Polygon", "coordinates": [ring]})))

    assert "写反" in str(refusal.value.fields["upload"])


def test_a_million_points_are_refused_and_many_are_thinned(street):
    """Issue 2, bad input: GeoJSON with a million points."""

    def circle(steps: int) -> dict:
        ring = [
            [120 + 0.02 * math.cos(2 * math.pi * n / steps), 30 + 0.02 * math.sin(2 * math.pi * n / steps)]
            for n in range(steps)
        ]
        return {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}

    with pytest.raises(MapRefused):
        draw(street, collection(({}, circle(1_000_000))))
    done = draw(street, collection(({"name": "和平社区"}, circle(50_000))))

    (ring,) = done.layer.geojson["features"][0]["geometry"]["coordinates"]
    assert 60 < len(ring) < 400
    worst = max(abs(math.hypot(lon - 120, lat - 30) - 0.02) for lon, lat in ring)
    assert worst < 0.00002


def test_maps_are_put_up_by_the_centre_only(street):
    for actor in (staff(street), staff(place("street"), "dispatcher"), staff(street, "station_keeper")):
        with pytest.raises(Forbidden):
            actions.import_layer(
                actor=actor,
                place=street,
                kind="areas",
                upload=TWO,
                source="某",
                approval="某",
                as_of_date=date(2026, 1, 1),
            )


# ── drawing ────────────────────────────────────────────────────────────────
def test_a_small_map_shows_the_area_its_neighbours_and_the_points(street, django_assert_max_num_queries):
    draw(street, TWO)
    road = {"type": "LineString", "coordinates": [[120.0, 30.005], [120.03, 30.005]]}
    draw(street, collection(({"kind": "road", "rank": 1}, road), ({}, square(120.001, 30.001, 0.002))), kind="base")
    grid = place("grid", Place.objects.get(name="和平社区"))

    with django_assert_max_num_queries(3):
        picture = queries.mini_map(grid, 340, 170, [Spot(120.005, 30.005, "陈奶奶家", here=True), Spot(121.0, 31.0)])

    assert picture.view_box == "0 0 340 170"
    assert [(area.name, area.here) for area in picture.areas] == [
        ("旧名", True),
        ("云栖社区", False),
        ("不认识的", False),
    ]
    assert [(point.name, point.x, point.y, point.here) for point in picture.points] == [("陈奶奶家", 170.0, 85.0, True)]
    assert len(picture.roads) == len(picture.parks) == 1
    assert re.fullmatch(r"M[\d.-]+ [\d.-]+l([\d.-]+ [\d.-]+ ?)+z", picture.areas[0].path)
    assert (picture.source, picture.approval, picture.as_of) == ("测试绘制", "浙S(2026)01号", "2026-01-01")


def test_a_site_is_shown_on_the_finest_map_around_it(street):
    """A centre hangs under the county, but the street's own map knows the corner better."""
    county = street.parent
    draw(county, collection(({"name": "青禾街道"}, square(120.0, 30.0, 0.05))))
    draw(street, TWO)
    centre = place("centre", county, lon=120.005, lat=30.005)

    shown = queries.mini_map(centre)

    assert [area.name for area in shown.areas if area.here] == ["旧名"]
    assert [area.name for area in queries.mini_map(street).areas] == ["青禾街道"]
    assert queries.mini_map(county) is not None
    assert queries.mini_map(place("community")) is None


def test_colours_go_by_number_and_nothing_has_its_own(street):
    draw(street, TWO)
    peace = Place.objects.get(name="和平社区")
    for number in range(8):
        place("hall", peace, name=f"室{number}")
    place("hall", Place.objects.get(name="云栖社区"))

    picture = queries.map_of(street)
    numbers = queries.numbers_by_area(picture, kind="hall")

    assert [(area.number, area.step) for area in queries.coloured(picture, numbers).areas] == [
        (8, 4),
        (1, 1),
        (None, 0),
    ]
    assert queries.numbers_by_area(picture, flag="canteen") == {peace.pk: 0, Place.objects.get(name="云栖社区").pk: 0}


def test_the_map_page_prints_source_and_approval_and_says_it_all_in_a_table(anonymous, street):
    """Domain 2.10: 审图号 shown; no script, no request to anybody else."""
    draw(street, TWO)
    place("station", Place.objects.get(name="和平社区"), name="和平站", lon=120.005, lat=30.005)

    response = anonymous.get(reverse("places:map", args=[street.public_id]), {"what": "kind:station"})
    page = response.content.decode()

    assert response.status_code == 200
    assert "审图号：浙S(2026)01号" in page and "边界来源：测试绘制" in page
    assert page.count("hy-map__area--4") + page.count("hy-map__area--1") == 1 and "hy-map__area--none" in page
    assert "和平站" in page and "http://" not in page.split("<body")[1] and "https://" not in page.split("<body")[1]
    assert anonymous.get(reverse("places:map", args=[place("county").public_id])).status_code == 200
    odd = anonymous.get(reverse("places:map", args=[street.public_id]), {"what": "kind:' OR 1=1"})
    assert odd.status_code == 200


def test_a_map_is_put_up_and_taken_down_on_pages(as_actor, street):
    centre = as_actor(staff(street.parent, "dispatcher"))
    url = reverse("places:add_layer", args=[street.public_id])
    facts = {
        "kind": "areas",
        "source": "区自规局",
        "approval": "浙S(2026)02号",
        "as_of_date": "2026-02-01",
        "crs": "WGS84",
    }

    missing = centre.post(url, {**facts, "approval": "", "upload": SimpleUploadedFile("a.geojson", TWO)})
    put_up = centre.post(url, {**facts, "upload": SimpleUploadedFile("a.geojson", TWO)})
    layer = MapLayer.objects.get()
    gone = reverse("places:remove_layer", args=[street.public_id, layer.public_id])

    assert missing.status_code == 422 and put_up.status_code == 303
    assert as_actor(staff(street)).get(url).status_code == 403
    assert as_actor(staff(street)).post(gone).status_code == 403
    centre = as_actor(staff(street.parent, "dispatcher"))
    assert centre.post(gone).status_code == 303
    assert centre.post(gone).status_code == 404
    assert MapLayer.objects.count() == 0
