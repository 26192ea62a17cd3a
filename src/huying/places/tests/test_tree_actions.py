"""The shape of the tree: what may hang where, who may change it, and that paths always agree with parents."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from huying.kernel.errors import Forbidden, InvalidInput
from huying.kernel.models.audit import AuditLine
from huying.places import actions
from huying.places.models import DEEPEST, Place, PlaceKind
from huying.places.tests import factories
from huying.places.tests.factories import SYSTEM, place, staff

pytestmark = pytest.mark.django_db


def broken_paths() -> list[int]:
    """Places whose path is not their parent's path followed by their own id."""
    return [
        row.pk
        for row in Place.objects.select_related("parent")
        if row.path != f"{row.parent.path if row.parent else '/'}{row.pk}/" or row.depth != row.path.count("/") - 1
    ]


def test_a_new_place_gets_its_path_order_and_search_words_in_one_insert():
    county = place("county", name="青禾区")

    street = place("street", county, name="第三街道")

    assert (street.path, street.depth) == (f"/{county.pk}/{street.pk}/", 2)
    assert street.sort_key == "di 000003 jiedao"
    assert "disanjiedao" in street.search_text and "dsjd" in street.search_text
    assert [line.verb for line in AuditLine.objects.filter(subject_id=street.pk)] == ["place.create"]


def test_numbers_in_names_sort_by_size():
    community = place("community")
    for name in ("第十二网格", "第二网格", "3号网格", "12号网格", "百合网格"):
        place("grid", community, name=name)

    names = list(Place.objects.filter(parent=community).order_by("sort_key").values_list("name", flat=True))

    assert names == ["3号网格", "12号网格", "百合网格", "第二网格", "第十二网格"]


def test_a_kind_hangs_only_where_its_row_allows():
    street = place("street")

    with pytest.raises(actions.KindNotAllowed):
        place("room", street)
    with pytest.raises(actions.KindNotAllowed):
        actions.create_place(actor=SYSTEM, parent=None, kind="room", facts=actions.Facts(name="没有上级的房间"))
    with pytest.raises(InvalidInput):
        actions.create_place(actor=SYSTEM, parent=street, kind="no_such", facts=actions.Facts(name="某处"))


def test_a_level_above_the_county_needs_rows_only():
    """C01: 怒江 puts a prefecture, with its own centre, above the three levels (S3-5a.1)."""
    county = place("county", name="某县")
    place("centre", county, name="县实践中心")

    prefecture = place("prefecture", name="某州")
    actions.move_place(actor=SYSTEM, place=county, parent=prefecture)
    actions.save_kind(actor=SYSTEM, code="league", name="旗县联合区", level=35, parents=["county"], is_site=False)
    actions.save_kind(actor=SYSTEM, code="street", name="街道", level=40, parents=["county", "league"])
    league = place("league", county, name="东片")
    street = place("street", league, name="一街")
    place("centre", prefecture, name="州实践中心")

    assert street.path == f"/{prefecture.pk}/{county.pk}/{league.pk}/{street.pk}/"
    assert PlaceKind.objects.get(pk="league").is_division
    assert broken_paths() == []


def test_the_same_name_is_taken_once_among_open_siblings_of_one_kind():
    street = place("street")
    first = place("community", street, name="和平社区")

    with pytest.raises(actions.NameTaken) as refusal:
        place("community", street, name="和平社区")
    assert set(refusal.value.fields) == {"name"}

    actions.close_place(actor=SYSTEM, place=first, reason="合并")
    again = place("community", street, name="和平社区")
    with pytest.raises(actions.NameTaken):
        actions.reopen_place(actor=SYSTEM, place=first)
    assert again.pk != first.pk


def test_a_code_belongs_to_one_place():
    place("county", code="110101")

    with pytest.raises(actions.CodeTaken):
        place("county", code="110101")


def test_moving_takes_the_whole_subtree_in_one_update(django_assert_max_num_queries):
    street, other = place("street"), place("street")
    community = place("community", street)
    grid = place("grid", community)
    hall = place("hall", grid)
    room = place("room", hall)

    with django_assert_max_num_queries(25) as seen:
        actions.move_place(actor=SYSTEM, place=community, parent=other, reason="区划调整")

    room.refresh_from_db()
    assert room.path == f"{other.path}{community.pk}/{grid.pk}/{hall.pk}/{room.pk}/"
    assert room.depth == 6
    assert broken_paths() == []
    updates = [q["sql"] for q in seen.captured_queries if q["sql"].startswith("UPDATE")]
    assert len(updates) == 1
    line = AuditLine.objects.filter(verb="place.move").get()
    assert (line.subject_id, line.reason) == (community.pk, "区划调整")
    assert line.changes == {"path": [f"{street.path}{community.pk}/", f"{other.path}{community.pk}/"]}


def test_a_place_cannot_move_below_itself():
    community = place("community")
    grid = place("grid", community)
    building = place("building", grid)
    PlaceKind.objects.get(pk="community").parents.add("building")

    with pytest.raises(actions.BelowItself):
        actions.move_place(actor=SYSTEM, place=community, parent=building)
    with pytest.raises(actions.BelowItself):
        actions.move_place(actor=SYSTEM, place=community, parent=community)


def test_the_tree_has_a_bottom():
    PlaceKind.objects.get(pk="building").parents.add("building")
    top = place("building", place("community"))
    for _level in range(DEEPEST - top.depth):
        top = place("building", top)

    with pytest.raises(actions.TooDeep):
        place("building", top)
    with pytest.raises(actions.TooDeep):
        actions.move_place(actor=SYSTEM, place=top.parent, parent=place("building", top.parent.parent))


def test_closing_keeps_history_and_takes_the_rooms_along():
    station = place("station", name="和平实践站")
    room = place("room", station)

    with pytest.raises(actions.StillInUse):
        actions.close_place(actor=SYSTEM, place=station.parent, reason="撤并")
    actions.close_place(actor=SYSTEM, place=station, reason="搬迁")

    room.refresh_from_db()
    assert (station.status, room.status, room.closed_reason) == ("closed", "closed", "搬迁")
    with pytest.raises(actions.PlaceClosedAlready):
        actions.close_place(actor=SYSTEM, place=station, reason="再来")
    with pytest.raises(actions.ParentClosed):
        place("room", station)
    actions.reopen_place(actor=SYSTEM, place=station)
    with pytest.raises(actions.PlaceOpenAlready):
        actions.reopen_place(actor=SYSTEM, place=station)
    assert [line.verb for line in AuditLine.objects.filter(subject_id=station.pk).order_by("id")] == [
        "place.create",
        "place.close",
        "place.reopen",
    ]


def test_only_those_at_the_place_or_above_change_it():
    street, elsewhere = place("street"), place("street")
    community = place("community", street)
    facts = actions.Facts(name="新名字")

    for actor in (staff(elsewhere), staff(community, "grid_worker"), staff(community, "station_keeper")):
        with pytest.raises(Forbidden):
            actions.change_place(actor=actor, place=community, facts=facts)
        with pytest.raises(Forbidden):
            actions.close_place(actor=actor, place=community, reason="不该")
        with pytest.raises(Forbidden):
            actions.create_place(actor=actor, parent=community, kind="grid", facts=facts)
    with pytest.raises(Forbidden):
        actions.move_place(actor=staff(street), place=community, parent=elsewhere)
    with pytest.raises(Forbidden):
        actions.create_place(actor=staff(street.parent), parent=None, kind="county", facts=facts)

    changed = actions.change_place(actor=staff(street), place=community, facts=facts)
    assert changed.name == "新名字"
    actions.create_place(actor=staff(street.parent, "administrator"), parent=None, kind="county", facts=facts)


def test_two_writers_of_one_page_do_not_overwrite_each_other():
    community = place("community", name="旧名")
    seen = community.changed_at
    actions.change_place(actor=SYSTEM, place=community, facts=actions.Facts(name="甲改的"), seen=seen)

    with pytest.raises(actions.PlaceChanged):
        actions.change_place(actor=SYSTEM, place=community, facts=actions.Facts(name="乙改的"), seen=seen)

    community.refresh_from_db()
    assert community.name == "甲改的"


def test_the_trail_holds_only_what_changed():
    community = place("community", name="旧名", address="一路1号")
    facts = actions.Facts(name="旧名", address="二路2号")

    actions.change_place(actor=SYSTEM, place=community, facts=facts)
    actions.change_place(actor=SYSTEM, place=community, facts=facts)

    lines = AuditLine.objects.filter(subject_id=community.pk, verb="place.change")
    assert [line.changes for line in lines] == [{"address": ["一路1号", "二路2号"]}]


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "  \u200b\u202e "}, "name"),
        ({"name": "🎉🎉"}, "name"),
        ({"name": "长" * 121}, "name"),
        ({"name": "十" * 10_000_000}, "name"),
        ({"name": "甲", "code": "a b"}, "code"),
        ({"name": "甲", "lon": 30.2, "lat": 120.1}, "lon"),
        ({"name": "甲", "lon": 120.1}, "lat"),
        ({"name": "甲", "lon": float("nan"), "lat": 30.0}, "lon"),
        ({"name": "甲", "lon": 120.0, "lat": 60.0}, "lat"),
        ({"name": "甲", "age_from": 9, "age_to": 6}, "age_to"),
        ({"name": "甲", "capacity": 0}, "capacity"),
        ({"name": "甲", "phone": "打我"}, "phone"),
        ({"name": "甲", "crs": "GCJ02"}, "crs"),
    ],
)
def test_what_cannot_be_kept_is_named_field_by_field(facts, field):
    with pytest.raises(InvalidInput) as refusal:
        place("county", **facts) if facts["name"] else actions.create_place(
            actor=SYSTEM, parent=None, kind="county", facts=actions.Facts(**facts)
        )

    assert list(refusal.value.fields) == [field]
    assert Place.objects.count() == 0


def test_hidden_marks_in_a_name_are_dropped_and_the_rest_is_kept():
    community = place("community", name="\u202e和平\u200b社区 🏠\x07 A座")

    assert community.name == "和平社区 🏠 A座"


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_sequence_of_moves_keeps_paths_and_parents_in_step(data):
    """Moves that are refused change nothing; moves that happen leave a tree (no circle, no stray path)."""
    factories.kinds()
    PlaceKind.objects.get(pk="building").parents.add("building")
    root = place("community")
    nodes = [place("building", root) for _number in range(7)]
    for _step in range(data.draw(st.integers(1, 12))):
        node = data.draw(st.sampled_from(nodes))
        target = data.draw(st.sampled_from([root, *nodes]))
        below = Place.objects.get(pk=target.pk).path.startswith(Place.objects.get(pk=node.pk).path)
        try:
            actions.move_place(actor=SYSTEM, place=node, parent=target)
            assert not below
        except actions.BelowItself:
            assert below

    assert broken_paths() == []
    assert Place.objects.filter(path__startswith=Place.objects.get(pk=root.pk).path).count() == 8
