"""Pages of places: what everybody sees, what staff change, who is kept out, and how many queries it takes."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.urls import reverse

from huying.kernel import clock
from huying.places import actions, queries
from huying.places.models import Contact, CoverageRule, Place, PlaceFlag, PlaceKind
from huying.places.tests import bulk, factories
from huying.places.tests.factories import SYSTEM, place, staff

pytestmark = pytest.mark.django_db


def at(view: str, *args: object) -> str:
    return reverse(f"places:{view}", args=args)


def text_of(response) -> str:
    return response.content.decode()


@pytest.fixture
def station() -> Place:
    community = place("community", place("street", place("county", name="青禾区"), name="青禾街道"), name="和平社区")
    return place("station", community, name="和平社区文明实践站", address="和平路8号", phone="0571-88880001")


@pytest.fixture
def office(station, as_actor):
    """A browser of the office worker of the street above the station."""
    return as_actor(staff(station.parent.parent))


# ── everybody ──────────────────────────────────────────────────────────────
def test_the_tree_opens_without_script_and_branch_by_branch_with_it(anonymous, station):
    top = text_of(anonymous.get(at("tree")))
    opened = text_of(anonymous.get(at("tree"), {"open": station.parent.public_id}))
    branch = anonymous.get(at("tree"), {"open": station.parent.public_id}, HTTP_HX_REQUEST="true")

    assert "青禾区" in top and "青禾街道" in top and station.name not in top  # the first level is open
    assert all(name in opened for name in ("青禾区", "青禾街道", "和平社区", station.name))
    assert text_of(branch).strip().startswith("<li") and "<html" not in text_of(branch)


def test_a_place_is_found_by_two_letters_pinyin_and_initials(anonymous, station):
    """Issue 2 item 4: name, pinyin, initials; two-character Chinese."""
    for words in ("和平", "heping", "hpsq", "和平 实践", "ＨＰＳＱ"):
        assert station.parent.name in text_of(anonymous.get(at("tree"), {"q": words})), words
    assert "没有找到" in text_of(anonymous.get(at("tree"), {"q": "查无此处"}))
    found = anonymous.get(at("search"), {"q": "和平", "kinds": "station"}).json()
    assert found == {
        "places": [
            {
                "id": str(station.public_id),
                "name": station.name,
                "kind": "station",
                "where": "青禾区 青禾街道 和平社区",
            }
        ]
    }
    inside = anonymous.get(at("search"), {"q": "和平", "within": station.public_id}).json()
    assert [row["kind"] for row in inside["places"]] == ["station"]


@pytest.mark.parametrize("words", ["\x00", "%", "' OR 1=1 --", "\u202e平和", "😀", "x" * 5000, "<script>"])
def test_odd_words_find_nothing_and_break_nothing(anonymous, station, words):
    for view, key in (("tree", "q"), ("list", "q"), ("search", "q"), ("pick", "q")):
        response = anonymous.get(at(view), {key: words})
        assert response.status_code == 200
        assert "<script>" not in text_of(response).replace("<script type", "").replace("<script src", "")


def test_a_place_shows_its_hours_rooms_and_public_contacts_only(anonymous, station):
    """S1-6.1, S4-5.1: rooms with purpose, capacity, age group; open on weekends and holidays."""
    weekend = {"sat": [["09:00", "17:00"]], "sun": [["09:00", "17:00"]], "holidays": "usual", "makeup": []}
    actions.set_hours(actor=SYSTEM, place=station, hours=weekend)
    place("room", station, name="小小科技馆", purpose="科学启蒙", capacity=30, age_from=6, age_to=12, floor="二楼")
    actions.add_contact(actor=SYSTEM, place=station, role="站长", name="周明月", phone="0571-88880001", is_public=True)
    actions.add_contact(actor=SYSTEM, place=station, role="值班员", name="吴小满", phone="13900000001")

    with clock.frozen(datetime(2026, 10, 24, 2, 0, tzinfo=UTC)):  # Saturday, 10:00
        page = text_of(anonymous.get(at("detail", station.public_id)))
    with clock.frozen(datetime(2026, 10, 23, 2, 0, tzinfo=UTC)):
        friday = text_of(anonymous.get(at("detail", station.public_id)))

    for shown in ("开放中，到 17:00", "小小科技馆", "科学启蒙", "可容纳 30 人", "6 到 12 岁", "周明月", "和平路8号"):
        assert shown in page, shown
    assert "吴小满" not in page and "13900000001" not in page
    assert "现在没开" in friday and "今天休息" in friday
    assert "修改" not in page


def test_a_closed_place_says_so(anonymous, station):
    actions.close_place(actor=SYSTEM, place=station, reason="搬到新址")

    page = text_of(anonymous.get(at("detail", station.public_id)))

    assert "已停用" in page and "搬到新址" in page
    assert station.name not in text_of(anonymous.get(at("list")))


def test_the_list_narrows_pages_and_survives_bad_filters(anonymous, station):
    bulk.level("grid", "community", 70)

    first = anonymous.get(at("list"), {"kind": "grid"})
    page = first.context["page"]
    second = anonymous.get(at("list"), {"kind": "grid", "cursor": page.next})

    assert len(page.rows) == 30 and page.rows[-1] != second.context["page"].rows[0]
    assert {row.kind_id for row in second.context["page"].rows} == {"grid"}
    for filters in ({"kind": "nonsense"}, {"within": "x"}, {"flag": "x"}):
        assert anonymous.get(at("list"), filters).status_code == 200
    assert anonymous.get(at("list"), {"cursor": "forged"}).status_code == 422


# ── staff ──────────────────────────────────────────────────────────────────
def test_the_office_adds_changes_and_closes_places_below_it(office, station):
    community = station.parent
    kinds = text_of(office.get(at("choose_kind", community.public_id)))
    assert "网格" in kinds and "文明实践所" not in kinds

    made = office.post(at("create", community.public_id, "grid"), {"name": "第一网格", "crs": "WGS84"})
    grid = Place.objects.get(name="第一网格")
    assert (made.status_code, made["Location"]) == (303, at("detail", grid.public_id))

    form = office.get(at("change", grid.public_id))
    seen = form.context["form"].initial["seen"]
    changed = office.post(
        at("change", grid.public_id),
        {"name": "第一网格", "address": "和平路东侧", "lon": "120.02", "lat": "30.28", "crs": "CGCS2000", "seen": seen},
    )
    late = office.post(at("change", grid.public_id), {"name": "第二网格", "crs": "WGS84", "seen": seen})
    assert changed.status_code == 303
    assert late.status_code == 422 and "别人改过这里" in text_of(late)
    grid.refresh_from_db()
    assert (grid.name, grid.address, grid.lon, grid.crs) == ("第一网格", "和平路东侧", 120.02, "CGCS2000")

    assert office.post(at("close", grid.public_id), {"reason": "合并"}).status_code == 303
    assert office.post(at("close", grid.public_id), {"reason": "合并"}).status_code == 422
    assert office.post(at("reopen", grid.public_id), {}).status_code == 303
    trail = office.get(at("history", grid.public_id)).context["items"]
    assert [str(item["title"]) for item in trail] == ["恢复使用", "停用", "修改", "新增"]


def test_a_refused_form_comes_back_with_what_was_typed(office, station):
    swapped = {"name": "东风网格", "crs": "WGS84", "lon": "30.28", "lat": "120.02"}

    response = office.post(at("create", station.parent.public_id, "grid"), swapped)

    page = text_of(response)
    assert response.status_code == 422
    assert "写反了" in page and 'value="东风网格"' in page and 'value="120.02"' in page
    assert not Place.objects.filter(kind="grid").exists()


def test_a_place_moves_after_a_search_without_script(office, station):
    """The first send finds, the second chooses."""
    other = place("community", station.parent.parent, name="云栖社区")
    url = at("move", station.public_id)

    asked = office.post(url, {"to_q": "云栖"})
    assert asked.status_code == 422 and str(other.public_id) in text_of(asked)
    moved = office.post(url, {"to_q": "云栖", "to": str(other.public_id), "reason": "搬家"})

    station.refresh_from_db()
    assert moved.status_code == 303
    assert station.parent_id == other.pk
    assert text_of(office.get(at("pick"), {"name": "to", "to_q": "hp", "kinds": "community"})).count("<input") == 1


def test_hours_are_written_as_people_write_them(office, station):
    url = at("hours", station.public_id)
    good = {
        "mon": "9:00-12:00、14:00至17:30",
        "tue": "０９：００－１２：００",
        "sun": "休息",
        "holidays": "usual",
        "special": "2026-10-01 休息\n2026-10-08 09:00-12:00",
    }

    assert office.post(url, good).status_code == 303
    station.refresh_from_db()
    assert station.hours["mon"] == [["09:00", "12:00"], ["14:00", "17:30"]]
    assert station.hours["tue"] == [["09:00", "12:00"]]
    assert station.hours["special"] == {"2026-10-01": [], "2026-10-08": [["09:00", "12:00"]]}
    assert "2026-10-08 09:00-12:00" in text_of(office.get(url))

    for wrong in (
        {"mon": "早上到晚上"},
        {"mon": "12:00-09:00"},
        {"mon": "09:00-12:00 11:00-13:00"},
        {"mon": "25:00-26:00"},
        {"special": "十月一日 休息"},
        {"special": "2026-13-01 休息"},
        {"mon": "9" * 5000},
    ):
        refused = office.post(url, {"holidays": "closed", **wrong})
        assert refused.status_code == 422, wrong
    assert office.post(url, {"holidays": "closed"}).status_code == 303
    station.refresh_from_db()
    assert station.hours is None


def test_a_private_number_is_sealed_and_opened_with_a_reason(office, as_actor, station):
    office.post(at("add_contact", station.public_id), {"role": "值班员", "name": "吴小满", "phone": "139 0000 0001"})
    contact = Contact.objects.get()
    reveal = at("reveal_contact", station.public_id, contact.public_id)

    page = text_of(office.get(at("detail", station.public_id)))
    assert "吴小满" in page and "13900000001" not in page and "0001" in page
    assert office.post(reveal, {"reason": ""}).status_code == 422
    opened = office.post(reveal, {"reason": "核对值班表"})
    assert opened.status_code == 200 and "13900000001" in text_of(opened)
    kept = office.post(
        at("change_contact", station.public_id, contact.public_id), {"role": "值班员", "name": "吴小满", "phone": ""}
    )
    contact.refresh_from_db()
    assert kept.status_code == 303 and contact.phone.open() == "+8613900000001"
    outsider = as_actor(staff(place("street")))
    assert outsider.get(reveal).status_code == 403
    assert outsider.post(at("remove_contact", station.public_id, contact.public_id)).status_code == 403
    insider = as_actor(staff(station, "station_keeper"))
    assert insider.post(at("remove_contact", station.public_id, contact.public_id)).status_code == 303
    assert Contact.objects.count() == 0


def test_flags_carry_date_and_reason_and_grades_come_from_above(office, as_actor, station):
    """S1-2c.1, S3-1a.3: a station cannot call itself a model."""
    url = at("flag", station.public_id)

    assert office.post(url, {"flag": "demonstration"}).status_code == 422
    assert office.post(url, {"flag": "canteen", "given_date": "2026-01-05", "reason": "区里验收"}).status_code == 303
    centre = as_actor(staff(station.parent.parent.parent, "dispatcher"))
    assert centre.post(url, {"flag": "demonstration", "reason": "2026 年评选"}).status_code == 303

    station.refresh_from_db()
    assert station.flags == ["canteen", "demonstration"]
    assert centre.post(at("unflag", station.public_id, "canteen"), {"reason": "停办"}).status_code == 303
    station.refresh_from_db()
    assert station.flags == ["demonstration"]
    held = station.flaggings.get(flag="canteen")
    assert (held.given_date.isoformat(), held.reason, held.ended_date is None) == ("2026-01-05", "区里验收", False)


def test_kinds_and_flags_are_set_up_on_a_page(as_actor, station):
    """S3-5a.1: the number of levels is configuration."""
    centre = as_actor(staff(station.parent.parent.parent, "administrator"))
    kind = {
        "code": "micro_grid",
        "name": "微网格",
        "sort": "division",
        "level": "70",
        "parents": ["grid"],
        "icon": "map-pin-duotone",
        "tone": "ink",
    }

    assert centre.post(at("add_kind"), {**kind, "level": ""}).status_code == 422
    assert centre.post(at("add_kind"), kind).status_code == 303
    assert centre.post(at("add_kind"), kind).status_code == 422
    assert centre.post(at("kind", "station"), {**kind, "name": "站", "sort": "division"}).status_code == 422
    assert (
        centre.post(
            at("add_flag_kind"), {"code": "wifi", "name": "无线网", "group": "service", "tone": "dai"}
        ).status_code
        == 303
    )

    micro = PlaceKind.objects.get(pk="micro_grid")
    assert (micro.level, micro.is_division, [p.pk for p in micro.parents.all()]) == (70, True, ["grid"])
    assert PlaceFlag.objects.get(pk="wifi").name == "无线网"
    assert "微网格" in text_of(centre.get(at("kinds")))
    assert as_actor(staff(station.parent, "administrator")).get(at("kinds")).status_code == 403


def test_reports_open_to_the_records_behind_each_number(as_actor, station):
    """Architecture promise 1: every number on a page opens to the records behind it."""
    street = station.parent.parent
    centre = as_actor(staff(street.parent, "dispatcher"))
    office_rule = CoverageRule.objects.get(container="street", site="office")

    figures = text_of(centre.get(at("figures")))
    coverage = text_of(centre.get(at("coverage")))
    gaps = centre.get(at("gaps", office_rule.pk))
    csv = b"".join(centre.get(at("gaps", office_rule.pk), {"as": "csv"}).streaming_content).decode("utf-8-sig")

    assert f"within={street.parent.public_id}&amp;kind=station" in figures
    assert "每个街道都有文明实践所" in coverage and at("gaps", office_rule.pk) in coverage
    assert [row.pk for row in gaps.context["page"].rows] == [street.pk]
    assert "青禾街道" in csv
    assert centre.get(at("gaps", 999999)).status_code == 404
    assert centre.get(at("export"), {"as": "xlsx"}).status_code == 200


def test_reach_states_its_assumption_and_lists_who_is_left_out(as_actor, station):
    grid = place("grid", station.parent, lon=120.0, lat=30.0)
    centre = as_actor(staff(station.parent.parent.parent, "dispatcher"))

    empty = centre.get(at("reach"))
    found = centre.get(at("reach"), {"service": "flag:canteen", "target": "grid", "minutes": "15"})
    wrong = centre.get(at("reach"), {"service": "flag:nope", "target": "grid", "minutes": "0"})

    assert empty.status_code == 200
    assert "4.5 公里" in text_of(found) and "865 米" in text_of(found) and grid.name in text_of(found)
    assert wrong.status_code == 422


# ── who is kept out ────────────────────────────────────────────────────────
WRITES = ("history", "choose_kind", "change", "move", "close", "reopen", "hours", "flag", "add_contact", "add_photo")


@pytest.mark.parametrize("view", WRITES)
def test_pages_of_change_are_for_those_at_the_place_or_above(as_actor, station, view):
    url = at(view, station.public_id)
    above, outside = staff(station.parent.parent), staff(place("street"))

    assert as_actor(above).get(url).status_code == 200
    assert as_actor(outside).get(url).status_code == 403
    assert as_actor(outside).post(url, {"name": "x"}).status_code in (403, 405)
    assert as_actor(staff(station, "resident")).get(url).status_code == 403


@pytest.mark.parametrize("view", [*WRITES, "figures", "coverage", "reach", "kinds", "export"])
def test_strangers_are_sent_to_sign_in(anonymous, station, view):
    response = anonymous.get(at(view, station.public_id) if view in WRITES else at(view))

    assert response.status_code == 302 and "sign-in" in response["Location"]


def test_reports_are_for_staff(as_actor, station):
    for view in ("figures", "coverage", "reach", "export"):
        assert as_actor(staff(station, "volunteer")).get(at(view)).status_code == 403


# ── how many queries ───────────────────────────────────────────────────────
def test_no_tree_page_of_twenty_thousand_places_takes_ten_queries(as_actor, django_assert_max_num_queries):
    """Issue 2 item 4: 20,000 places: any tree page under 10 queries."""
    county = bulk.county_of_20_000()
    centre = as_actor(staff(county, "dispatcher"))
    grid = Place.objects.filter(kind="grid").select_related("parent").last()
    pages = [
        (at("tree"), {}),
        (at("tree"), {"open": grid.public_id}),
        (at("tree"), {"q": "grid1"}),
        (at("list"), {"kind": "grid"}),
        (at("detail", grid.parent.public_id), {}),
        (at("figures"), {}),
        (at("coverage"), {}),
        (at("reach"), {"service": "flag:canteen", "target": "grid", "minutes": "15"}),
    ]
    for url, data in pages:
        with django_assert_max_num_queries(9):
            assert centre.get(url, data).status_code == 200
    factories.kinds()
    assert queries.counts(county).of("grid") == 19_200


# ── two languages ──────────────────────────────────────────────────────────
def test_english_readers_choose_kinds_and_flags_by_their_english_names(office, station):
    office.cookies["django_language"] = "en"
    kind, flag = PlaceKind.objects.get(pk="station"), PlaceFlag.objects.order_by("order").first()
    listed, flagging = text_of(office.get(at("list"))), text_of(office.get(at("flag", station.public_id)))
    coverage = text_of(office.get(at("coverage")))

    assert kind.name_en and flag.name_en
    assert f">{kind.name_en}</option>" in listed and f">{kind.name}</option>" not in listed
    assert f">{flag.name_en}</option>" in listed and f">{flag.name}</option>" not in listed
    assert any(f">{one.name_en}</option>" in flagging for one in PlaceFlag.objects.all())
    assert not [one.name for one in PlaceFlag.objects.all() if f">{one.name}</option>" in flagging]
    assert kind.name not in coverage.replace(station.name, "")


def test_english_readers_hear_the_english_name_of_a_branch_and_of_the_way_to_it(anonymous, station):
    Place.objects.filter(pk=station.parent.parent.pk).update(name_en="Qinghe Subdistrict")
    anonymous.cookies["django_language"] = "en"
    tree, page = text_of(anonymous.get(at("tree"))), text_of(anonymous.get(at("detail", station.public_id)))

    assert 'aria-label="Expand Qinghe Subdistrict"' in tree and "青禾街道" not in tree
    assert ">Qinghe Subdistrict</a>" in page
