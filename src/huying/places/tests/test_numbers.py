"""Counts, coverage and reach come from the tree: the catalogue's own numbers, and 20,000 places in few queries."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from huying.kernel.errors import InvalidInput
from huying.places import actions, queries
from huying.places.models import CoverageRule, Place, PlaceFlag
from huying.places.queries.reach import in_reach
from huying.places.rules.positions import metres, walk_reach
from huying.places.tests import bulk
from huying.places.tests.factories import SYSTEM, place

pytestmark = pytest.mark.django_db


def flagged(kind: str, number: int, flag: str) -> None:
    keys = Place.objects.filter(kind=kind).order_by("id").values_list("id", flat=True)[:number]
    Place.objects.filter(pk__in=list(keys)).update(flags=[flag])


def test_counts_by_level_and_flag_are_those_of_the_prefecture():
    """C01 and S2-3e.1: 12 centres; 182 offices, 27 of them demonstration; 2,929 stations, 99 of them demonstration."""
    prefecture = place("prefecture", name="州")
    bulk.level("county", "prefecture", 12)
    bulk.level("centre", "county", 1)
    county = Place.objects.filter(kind="county").first()
    bulk.level("town", "county", 15)
    bulk.level("office", "town", 1)
    for number in range(2):
        place("office", place("town", county, name=f"加镇{number}"))
    bulk.level("village", "town", 16)
    bulk.level("station", "village", 1)
    short = 2929 - Place.objects.filter(kind="station").count()
    assert short > 0
    for number in range(short):
        place("station", place("village", Place.objects.filter(kind="town").first(), name=f"加村{number}"))
    Place.objects.update(flags=[])
    flagged("office", 27, "demonstration")
    flagged("station", 99, "demonstration")

    found = queries.counts(prefecture)

    assert (found.of("centre"), found.of("office"), found.of("station")) == (12, 182, 2929)
    assert (found.of("office", "demonstration"), found.of("station", "demonstration")) == (27, 99)
    assert dict(found.levels) == {20: 1, 30: 12, 40: 182, 50: 2929}
    assert found.sites == 12 + 182 + 2929


def test_one_network_of_four_levels_adds_up_to_a_thousand():
    """C01: 1+29+648+100+222 = 1,000 sites, and each part can be opened as a list."""
    county = place("county", name="县")
    place("centre", county)
    bulk.level("town", "county", 29)
    bulk.level("office", "town", 1)
    bulk.level("village", "town", 24)
    bulk.level("station", "village", 1)
    extra = Place.objects.filter(kind="station").order_by("-id").values_list("pk", flat=True)[: 29 * 24 - 648]
    Place.objects.filter(pk__in=list(extra)).delete()
    bulk.level("point", "county", 100)
    bulk.level("base", "county", 222)

    found = queries.counts(county)

    parts = [found.of(kind) for kind in ("centre", "office", "station", "point", "base")]
    assert parts == [1, 29, 648, 100, 222]
    assert found.sites == 1000
    assert [queries.listed(within=county, kind=kind).count() for kind in ("office", "station")] == [29, 648]


def test_coverage_counts_and_lists_each_gap():
    """S3-1a.3: every township has an office, every village a station; 138 townships against 137 offices."""
    county = place("county", name="县")
    place("centre", county)
    bulk.level("town", "county", 138)
    bulk.level("office", "town", 1)
    bulk.level("village", "town", 2)
    bulk.level("station", "village", 1)
    lost = Place.objects.filter(kind="office").first()
    actions.close_place(actor=SYSTEM, place=lost, reason="撤并")
    village = Place.objects.filter(kind="village").first()
    Place.objects.filter(parent=village, kind="station").delete()

    found = {(c.rule.container_id, c.rule.site_id): c for c in queries.coverage(county)}

    town, station = found["town", "office"], found["village", "station"]
    assert (town.places, town.covered, town.missing) == (138, 137, 1)
    assert (station.places, station.covered, round(station.percent, 2)) == (276, 275, 99.64)
    assert found["county", "centre"].percent == 100
    assert (found["street", "office"].places, found["street", "office"].percent) == (0, 100)
    assert list(queries.gaps(town.rule, county)) == [lost.parent]
    assert list(queries.gaps(station.rule, county)) == [village]
    assert list(queries.gaps(station.rule, lost.parent)) == ([village] if village.parent == lost.parent else [])


def test_coverage_rules_are_rows():
    """S3-5a.2: a locality that wants a base in every town says so with one row."""
    town = place("town")
    kinds = queries.kinds_by_code()

    rule = actions.add_coverage_rule(actor=SYSTEM, container=kinds["town"], site=kinds["base"])
    with pytest.raises(InvalidInput):
        actions.add_coverage_rule(actor=SYSTEM, container=kinds["base"], site=kinds["town"])

    found = next(c for c in queries.coverage(town.parent) if c.rule == rule)
    assert (found.places, found.covered) == (1, 0)
    actions.remove_coverage_rule(actor=SYSTEM, rule=rule)
    assert not CoverageRule.objects.filter(pk=rule.pk).exists()


def test_shares_split_a_place_by_its_parts():
    county = place("county")
    one, two = place("street", county, name="甲街"), place("street", county, name="乙街")
    place("station", place("community", one))
    place("office", two)

    assert [(share.place, share.numbers) for share in queries.shares(county)] == [
        (one, {"community": 1, "station": 1}),
        (two, {"office": 1}),
    ]


def test_reach_says_who_has_a_canteen_within_a_walk():
    """S1-8f.1, C01: 15 minutes' walk as a straight line of 865 m; those without a position are counted apart."""
    county = place("county", name="区")
    community = place("community", place("street", county))
    canteen = place("station", community, lon=120.0, lat=30.0)
    near = place("grid", community, name="近", lon=120.0, lat=30.0077)
    far = place("grid", community, name="远", lon=120.0, lat=30.0079)
    place("grid", community, name="未标注")
    flag = PlaceFlag.objects.get(pk="canteen")
    actions.set_flag(actor=SYSTEM, place=canteen, flag=flag)

    found = queries.reach(county, targets=["grid"], flag="canteen")

    assert round(found.radius_m) == round(walk_reach(15)) == 865
    assert (found.places, found.reached, found.unplaced, found.sites) == (2, 1, 1, 1)
    assert [(gap.place, gap.nearest, round(gap.nearest_m)) for gap in found.gaps] == [(far, canteen, 878)]
    assert metres(120.0, 30.0, near.lon, near.lat) < 865
    actions.clear_flag(actor=SYSTEM, place=canteen, flag=flag)
    empty = queries.reach(county, targets=["grid"], flag="canteen")
    assert [(gap.place, gap.nearest) for gap in empty.gaps] == [(near, None), (far, None)]
    with pytest.raises(InvalidInput):
        queries.reach(county, targets=["grid"], flag="canteen", minutes=0)
    with pytest.raises(InvalidInput):
        queries.reach(county, targets=["grid"])


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10**6), lat=st.floats(3.5, 53.0), radius=st.floats(50, 5000))
def test_squares_find_exactly_what_measuring_every_pair_finds(seed, lat, radius):
    chance = random.Random(seed)
    spots = [(n, 120 + chance.uniform(-0.05, 0.05), lat + chance.uniform(-0.05, 0.05)) for n in range(60)]
    targets, sites = spots[:40], spots[40:]

    by_pair = {t[0] for t in targets if any(metres(t[1], t[2], s[1], s[2]) <= radius for s in sites)}

    assert in_reach(targets, sites, radius) == by_pair


def test_twenty_thousand_places_take_few_queries_and_little_time(django_assert_max_num_queries):
    """Issue 2 item 4: 20,000 places, every number in a fixed number of queries."""
    county = bulk.county_of_20_000()
    grid = Place.objects.filter(kind="grid").last()

    with django_assert_max_num_queries(4):
        found = queries.counts(county)
    with django_assert_max_num_queries(2):
        covered = queries.coverage(county)
    with django_assert_max_num_queries(2):
        shares = queries.shares(county)
    with django_assert_max_num_queries(1):
        nodes = queries.tree(None, opened=grid)
    with django_assert_max_num_queries(3):
        reach = queries.reach(county, targets=["grid"], flag="demonstration")

    assert found.of("grid") == 19_200
    assert {(c.places, c.covered) for c in covered if c.places} == {(1, 0), (20, 20), (400, 400)}
    assert sum(share.numbers["grid"] for share in shares) == 19_200
    assert nodes[0].place == county and [len(nodes[0].children)] == [20]
    assert reach.places == 19_200


def test_an_opened_tree_shows_the_way_down_and_nothing_else():
    county = place("county")
    street, other = place("street", county, name="甲街"), place("street", county, name="乙街")
    community = place("community", street)
    place("grid", community)
    place("community", other)

    top = queries.tree(None, opened=community)
    inner = queries.tree(street)

    assert [n.place for n in top] == [county]
    assert [(n.place, n.open, n.has_children) for n in top[0].children] == [
        (street, True, True),
        (other, False, True),
    ]
    assert [n.place for n in top[0].children[0].children] == [community]
    assert [n.place.kind_id for n in top[0].children[0].children[0].children] == ["grid"]
    assert top[0].children[1].children == []
    assert [n.place for n in inner] == [community]
