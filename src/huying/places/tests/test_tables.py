"""Villages and sites from tables: every fault has its row and column, and one fault writes nothing."""

from __future__ import annotations

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.urls import reverse
from openpyxl import Workbook

from huying.kernel.actor import Actor
from huying.kernel.errors import Forbidden, InvalidInput, NotFound
from huying.kernel.imports import TableRefused
from huying.places import actions
from huying.places.models import ImportDraft, Place, PlaceFlagging
from huying.places.tests.factories import SYSTEM, place, staff
from huying.places.tests.test_tree_actions import broken_paths

pytestmark = pytest.mark.django_db

GOOD = """名称,类型,上级,区划代码,经度,纬度,电话,标记,可容纳人数
麦田村,村,,330999100201,120.05,30.31,,,
麦田村文明实践站,文明实践站,麦田村,,120.051,30.311,0571-88880001,助餐、宣讲,60
第一网格,网格,麦田镇/麦田村,,,,,,
图书室,房间,麦田镇/麦田村/麦田村文明实践站,,,,,,30
"""


@pytest.fixture
def town() -> Place:
    return place("town", place("county", name="青禾区"), name="麦田镇")


def upload(text: str | bytes, name: str = "表.csv", encoding: str = "utf-8") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, text if isinstance(text, bytes) else text.encode(encoding))


def rows_of(text: str) -> list[dict[str, object]]:
    return actions.read_table(upload(text))


def problems(town: Place, text: str, actor: Actor = SYSTEM) -> list[tuple[int, str]]:
    return [(one.row, one.column) for one in actions.plan(actor, town, rows_of(text)).problems]


def names_below(town: Place) -> set[str]:
    return set(Place.objects.filter(path__startswith=town.path).exclude(pk=town.pk).values_list("name", flat=True))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030"])
def test_a_table_in_any_usual_encoding_becomes_places_under_each_other(town, encoding):
    """Issue 2: GBK, UTF-8 with and without a mark."""
    _draft, plan = actions.check_table(actor=SYSTEM, place=town, upload=upload(GOOD, encoding=encoding))

    assert (len(plan.added), plan.problems) == (4, [])
    assert names_below(town) == set()

    actions.write_rows(actor=SYSTEM, place=town, rows=rows_of(GOOD))
    station = Place.objects.get(kind="station")
    assert names_below(town) == {"麦田村", "麦田村文明实践站", "第一网格", "图书室"}
    assert [station.lon, station.lat, station.capacity, station.flags] == [120.051, 30.311, 60, ["canteen", "lecture"]]
    assert set(PlaceFlagging.objects.filter(place=station).values_list("flag", flat=True)) == {"canteen", "lecture"}
    assert Place.objects.get(kind="room").parent == station
    assert list(Place.objects.filter(kind="village").values_list("code", flat=True)) == ["330999100201"]
    assert broken_paths() == []


def test_the_same_table_again_changes_nothing_and_written_cells_only_are_changed(town):
    actions.write_rows(actor=SYSTEM, place=town, rows=rows_of(GOOD))

    again = actions.write_rows(actor=SYSTEM, place=town, rows=rows_of(GOOD))
    assert (len(again.added), len(again.changed), again.same) == (0, 0, 4)

    changed = "名称,类型,上级,代码,标记\n麦田新村,村,,330999100201,\n麦田村文明实践站,文明实践站,麦田新村,,示范\n"
    done = actions.write_rows(actor=SYSTEM, place=town, rows=rows_of("名称,类型,代码\n麦田新村,村,330999100201\n"))
    assert [one.changed for one in done.changed] == [{"name": ["麦田村", "麦田新村"]}]
    done = actions.write_rows(actor=SYSTEM, place=town, rows=rows_of(changed))
    station = Place.objects.get(kind="station")
    assert (len(done.changed), done.same) == (1, 1)
    assert station.flags == ["canteen", "demonstration", "lecture"]
    assert (station.lon, station.phone) == (120.051, "0571-88880001")


def test_each_fault_is_named_by_row_and_column_and_nothing_is_written(town):
    table = """名称,类型,上级,经度,纬度,可容纳人数,启用日期,标记,代码,电话
好村,村,,,,,,,,
坏类型,星球,,,,,,,,
,村,,,,,,,,
坏上级,网格,没有的村,,,,,,,
坏位置,村,,30.3,120.1,,,,,
坏数字,文明实践站,好村,,,很多,,,,
坏日期,文明实践站,好村,,,,去年,,,
坏标记,文明实践站,好村,,,,,金牌,,
房间,房间,好村,,,,,,,
好村,村,,,,,,,,
坏代码,村,,,,,,,a b,
坏电话,村,,,,,,,,打我
"""
    found = problems(town, table)

    assert found == [
        (3, "类型"),
        (4, "名称"),
        (5, "上级"),
        (6, "经度"),
        (7, "可容纳人数"),
        (8, "启用日期"),
        (9, "标记"),
        (10, "上级"),
        (11, "名称"),
        (12, "代码"),
        (13, "公开电话"),
    ]
    with pytest.raises(actions.TableHasProblems):
        actions.write_rows(actor=SYSTEM, place=town, rows=rows_of(table))
    assert names_below(town) == set()


def test_a_name_that_occurs_twice_wants_a_path(town):
    one, two = place("village", town, name="东村"), place("village", town, name="西村")
    place("grid", one, name="第一网格")
    place("grid", two, name="第一网格")

    assert problems(town, "名称,类型,上级\n1号楼,楼宇,第一网格\n") == [(2, "上级")]
    done = actions.write_rows(actor=SYSTEM, place=town, rows=rows_of("名称,类型,上级\n1号楼,楼宇,西村/第一网格\n"))
    assert done.added[0].place.path.startswith(two.path)


def test_codes_and_places_outside_cannot_be_touched(town):
    other = place("town", town.parent, name="别的镇")
    foreign = place("village", other, name="外村", code="330999100999")

    assert problems(town, "名称,类型,代码\n夺来的村,村,330999100999\n") == [(2, "代码")]
    assert problems(town, "名称,类型,上级\n某网格,网格,外村\n") == [(2, "上级")]
    with pytest.raises(Forbidden):
        actions.check_table(actor=staff(town), place=other, upload=upload("名称,类型\n甲,村\n"))
    assert problems(town, "名称,类型,标记\n甲村,村,示范\n", actor=staff(town)) == [(2, "标记")]
    foreign.refresh_from_db()
    assert foreign.name == "外村"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe\x00\x01" * 50,
        "名称,类型\n".encode(),
        "名字错了,类型\n甲,村\n".encode(),
        "名称,类型,名称\n甲,村,乙\n".encode(),
        b"PK\x03\x04 this is no workbook",
        b"\xd0\xcf\x11\xe0 old xls",
        ("名称,类型\n" + "长" * 3000 + ",村\n").encode(),
        '名称,类型\n"没有结束的引号,村\n'.encode(),
    ],
)
def test_what_is_no_table_is_refused_with_a_sentence(town, content):
    with pytest.raises(InvalidInput) as refusal:
        actions.check_table(actor=SYSTEM, place=town, upload=upload(content))

    assert isinstance(refusal.value, TableRefused | actions.NothingInTable)
    assert str(refusal.value)
    assert names_below(town) == set()


def test_odd_letters_are_kept_as_text_or_dropped_but_never_run(town, as_actor):
    """Formula cells, emoji, marks that turn the reading direction, markup (issue 2, bad input)."""
    rows = rows_of('名称,类型\n=1+1村,村\n😀喜乐村,村\n"\u202e倒村\u200b",村\n<script>x</script>村,村\n')

    actions.write_rows(actor=SYSTEM, place=town, rows=rows)

    assert names_below(town) == {"=1+1村", "😀喜乐村", "倒村", "<script>x</script>村"}
    centre = as_actor(staff(town, "dispatcher"))
    page = centre.get(reverse("places:list"), {"kind": "village"}).content.decode()
    assert "<script>x" not in page and "&lt;script&gt;x" in page
    csv = b"".join(centre.get(reverse("places:export"), {"as": "csv", "kind": "village"}).streaming_content).decode()
    assert '"\'=1+1村"' in csv


def test_a_workbook_is_read_like_a_table(town):
    book = Workbook()
    book.active.append(["名称", "类型", "经度", "纬度", "启用日期"])
    book.active.append(["云村", "村", 120.1, 30.2, "2024-05-01"])
    content = io.BytesIO()
    book.save(content)

    actions.write_rows(actor=SYSTEM, place=town, rows=actions.read_table(upload(content.getvalue(), "表.xlsx")))

    village = Place.objects.get(kind="village")
    assert (village.lon, village.lat, village.opened_date.isoformat()) == (120.1, 30.2, "2024-05-01")


def test_the_page_checks_first_and_writes_on_a_yes(town, as_actor):
    office = as_actor(staff(town))
    page = reverse("places:import", args=[town.public_id])

    bad = office.post(page, {"upload": upload("名称,类型\n甲,星球\n")})
    assert bad.status_code == 422 and "没有这种类型" in bad.content.decode()
    assert ImportDraft.objects.count() == 0
    checked = office.post(page, {"upload": upload(GOOD)})
    draft = ImportDraft.objects.get()
    assert (checked.status_code, checked["Location"]) == (303, reverse("places:import_draft", args=[draft.public_id]))
    shown = office.get(checked["Location"]).content.decode()
    assert "麦田村文明实践站" in shown and names_below(town) == set()

    stranger = as_actor(staff(town, person_id=2))
    assert stranger.get(checked["Location"]).status_code == 404
    assert stranger.post(checked["Location"]).status_code == 404
    office = as_actor(staff(town))
    assert office.post(checked["Location"]).status_code == 303
    assert len(names_below(town)) == 4
    assert office.post(checked["Location"]).status_code == 404
    assert office.get(page).status_code == 200
    assert as_actor(staff(place("street"))).get(page).status_code == 403


def test_a_tree_that_changed_since_the_check_is_seen(town):
    draft, _plan = actions.check_table(
        actor=SYSTEM, place=town, upload=upload("名称,类型,上级\n一网格,网格,东村\n东村,村,\n")
    )
    assert draft is None
    place("village", town, name="东村")
    draft, _plan = actions.check_table(actor=SYSTEM, place=town, upload=upload("名称,类型,上级\n一网格,网格,东村\n"))
    actions.close_place(actor=SYSTEM, place=Place.objects.get(name="东村"), reason="撤并")

    with pytest.raises(actions.TableHasProblems):
        actions.import_draft(actor=SYSTEM, draft=draft)
    draft.refresh_from_db()
    assert draft.done_at is None
    with pytest.raises(NotFound):
        actions.import_draft(actor=Actor(person_id=9), draft=draft)


def test_the_command_does_the_same(town, tmp_path, capsys):
    file = tmp_path / "villages.csv"
    file.write_text(GOOD, encoding="gbk")

    call_command("import_places", str(file), "--into", str(town.public_id), "--dry-run")
    assert names_below(town) == set() and "4 added" in capsys.readouterr().out
    call_command("import_places", str(file), "--into", str(town.public_id))
    assert len(names_below(town)) == 4
    file.write_text("名称,类型\n甲,星球\n", encoding="utf-8")
    with pytest.raises(CommandError):
        call_command("import_places", str(file), "--into", str(town.public_id))
    assert "2 类型" in capsys.readouterr().err
    with pytest.raises(CommandError, match=r"none\.csv"):
        call_command("import_places", str(tmp_path / "none.csv"), "--into", str(town.public_id))


def test_a_table_of_thousands_is_written_in_few_statements(town, django_assert_max_num_queries):
    lines = ["名称,类型,上级"]
    lines += [f"村{n},村," for n in range(1, 301)]
    lines += [f"站{n},文明实践站,村{n % 300 + 1}" for n in range(1, 2701)]
    rows = rows_of("\n".join(lines))

    with django_assert_max_num_queries(30):
        done = actions.write_rows(actor=SYSTEM, place=town, rows=rows)

    assert (len(done.added), Place.objects.filter(path__startswith=town.path).count()) == (3000, 3001)
