"""What leaves as a spreadsheet: nothing in it runs, nothing sealed is open, and the memory does not grow
with the rows.
"""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import translation
from django.utils.translation import gettext_lazy
from openpyxl import load_workbook

from huying.kernel import clock, exports, workbooks
from huying.kernel.actor import Actor
from huying.kernel.errors import NotFound
from huying.kernel.exports import Column, csv_stream, json_stream, respond
from huying.kernel.models import AuditLine
from huying.kernel.workbooks import xlsx_file

STARTS = ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"]
BODIES = ["cmd|' /C calc'!A0", "1+1", 'HYPERLINK("http://evil.example","看")', "SUM(A1:A9)*cmd|' /C calc'!A0"]
BEFORE = ["", " ", "   ", "\u3000", "\u200b", "\ufeff", "\u202e"]
PAYLOADS = [before + start + body for before in BEFORE for start in STARTS for body in BODIES]
OTHERS = ["#N/A", "'=1+1", '",=1+1', "a;=1+1", "=", "-", "+8613800138000", "-5", "DDE", "{=1+1}"]
ROW = [Column[str]("内容", str, "text")]


def csv_rows(columns: Any, rows: Any) -> list[list[str]]:
    text = b"".join(csv_stream(columns, rows)).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline="")))


def objects(columns: Any, rows: Any) -> Any:
    return json.loads(b"".join(json_stream(columns, rows)))


def sheet_of(columns: Any, rows: Any, title: str = "表") -> Any:
    return load_workbook(xlsx_file(title, columns, rows)).worksheets[0]


def test_three_hundred_payloads_never_run_in_csv() -> None:
    assert len(PAYLOADS) == 308
    cells = [row[0] for row in csv_rows(ROW, PAYLOADS + OTHERS)[1:]]

    running = [cell for cell in cells if cell.lstrip(" \u3000\u200b\ufeff\u202e").startswith(tuple(STARTS))]

    assert running == []
    assert [cell.removeprefix("'") for cell in cells[: len(PAYLOADS)]] == PAYLOADS  # nothing is lost


def test_three_hundred_payloads_are_text_in_xlsx() -> None:
    sheet = sheet_of(ROW, PAYLOADS + OTHERS)

    cells = [row[0] for row in sheet.iter_rows(min_row=2)]

    assert {cell.data_type for cell in cells} == {"s"}
    assert [cell.value for cell in cells] == [text.replace("\r", "\n") for text in PAYLOADS + OTHERS]
    assert all(cell.quotePrefix for cell in cells[: len(PAYLOADS)])


def test_the_stored_xml_holds_no_formula() -> None:
    with zipfile.ZipFile(xlsx_file("表", ROW, PAYLOADS)) as book:
        xml = book.read("xl/worksheets/sheet1.xml")

    assert b"<f>" not in xml and b"<f " not in xml


def test_a_heading_cannot_run_either() -> None:
    columns = [Column[str]("=1+1", str, "text")]

    assert csv_rows(columns, [])[0] == ["'=1+1"]
    assert sheet_of(columns, [])["A1"].data_type == "s"


class Kin:
    def __str__(self) -> str:
        return "=kin"


VALUES = SimpleNamespace(
    text='普通 文字, “引号” "q"\n第二行',
    nothing=None,
    yes=True,
    whole=-5,
    part=1.5,
    exact=Decimal("12.30"),
    endless=float("inf"),
    moment=datetime(2026, 11, 20, 16, 30, 15, 999, tzinfo=UTC),
    day=date(2026, 11, 20),
    span=timedelta(hours=1, minutes=30),
    words=gettext_lazy("文字"),
    kin=Kin(),
    number=11010119900307,
    longest=110101199003070000,
    place=SimpleNamespace(name="柳溪镇"),
)
COLUMNS = [Column[Any](name, name) for name in vars(VALUES) if name != "place"] + [Column[Any]("地点", "place__name")]


def test_values_keep_their_kind() -> None:
    [row] = csv_rows(COLUMNS, [VALUES])[1:]
    cells = [cell.value for cell in next(sheet_of(COLUMNS, [VALUES]).iter_rows(min_row=2))]

    assert row == [
        '普通 文字, “引号” "q"\n第二行',
        "",
        "是",
        "-5",
        "1.5",
        "12.30",
        "inf",
        "2026-11-21 00:30:15",
        "2026-11-20",
        "90",
        "文字",
        "'=kin",
        "11010119900307",
        "110101199003070000",
        "柳溪镇",
    ]
    assert cells[2:10] == ["是", -5, 1.5, 12.3, "inf", datetime(2026, 11, 21, 0, 30, 15), datetime(2026, 11, 20), 90]
    assert cells[12:] == [11010119900307, "110101199003070000", "柳溪镇"]


def test_text_that_a_spreadsheet_would_run_is_left_as_it_is_for_programs() -> None:
    assert [row["text"] for row in objects(ROW, PAYLOADS + OTHERS)] == PAYLOADS + OTHERS


def test_hostile_text_stays_inside_its_string() -> None:
    texts = [
        '"}, {"text": "',
        "\\",
        "\n]\n",
        "</script><!--",
        "\u2028\u2029",
        "a\x00b",
        "🎉",
        "\u202eabc",
        "字" * 40_000,
    ]

    body = b"".join(json_stream(ROW, texts))

    assert [row["text"] for row in json.loads(body)] == texts
    assert body.decode().count("\n") == len(texts) + 2  # one object a line: text brings no lines of its own
    assert objects(ROW, ["\ud800"]) == [{"text": "?"}]  # half a character is no UTF-8, and nothing breaks


def test_values_keep_their_kind_for_programs() -> None:
    [found] = objects(COLUMNS, [VALUES])

    assert found == {
        "text": '普通 文字, “引号” "q"\n第二行',
        "nothing": None,
        "yes": True,
        "whole": -5,
        "part": 1.5,
        "exact": 12.3,
        "endless": "inf",
        "moment": "2026-11-21T00:30:15+08:00",
        "day": "2026-11-20",
        "span": 90,
        "words": "文字",
        "kin": "=kin",
        "number": 11010119900307,
        "longest": 110101199003070000,
        "place_name": "柳溪镇",
    }
    assert type(found["whole"]) is int and found["yes"] is True
    assert objects([Column[Any]("数", "n")], [SimpleNamespace(n=Decimal("12.00"))]) == [{"n": 12}]
    assert objects([Column[Any]("数", "n")], [SimpleNamespace(n=Decimal("NaN"))]) == [{"n": "NaN"}]


def test_no_rows_are_an_empty_array() -> None:
    assert (objects(ROW, []), objects(ROW, iter(()))) == ([], [])


def test_keys_stay_when_headings_are_in_another_language() -> None:
    columns = [
        Column[Any](gettext_lazy("活动"), "title"),
        Column[Any](gettext_lazy("地点"), "place__name"),
        Column[Any](gettext_lazy("状态"), lambda row: "x", "state"),
    ]
    row = SimpleNamespace(title="一", place=SimpleNamespace(name="柳溪镇"))
    keys = []
    for language in ("zh-hans", "en"):
        with translation.override(language):
            keys.append([*objects(columns, [row])[0]])

    assert keys == [["title", "place_name", "state"]] * 2


def test_a_column_without_a_key_is_a_bug_seen_at_once() -> None:
    with pytest.raises(ValueError, match="needs a key"):
        objects([Column[str]("内容", str)], ["一"])


def test_sealed_values_leave_masked(letters: Any) -> None:
    letters.objects.create(title="信", phone="13800138000", address="和平街 12 号")
    columns = [Column[Any]("标题", "title"), Column[Any]("电话", "phone"), Column[Any]("地址", "address")]

    written = csv_rows(columns, letters.objects.all())
    cells = [cell.value for cell in next(sheet_of(columns, letters.objects.all()).iter_rows(min_row=2))]

    assert written[1] == ["信", "••••8000", "••••"] == cells
    assert objects(columns, letters.objects.all()) == [{"title": "信", "phone": "••••8000", "address": "••••"}]


def test_characters_that_a_sheet_cannot_hold_are_replaced_not_fatal() -> None:
    texts = ["a\x00b", "a\x0bb", "\ud800", "🎉", "\u202eabc", "字" * 40_000]

    sheet = sheet_of(ROW, texts)
    written = csv_rows(ROW, texts)

    assert [row[0].value for row in sheet.iter_rows(min_row=2, max_row=6)] == [
        "a\ufffdb",
        "a\ufffdb",
        "\ufffd",
        "🎉",
        "\u202eabc",
    ]
    assert len(sheet["A7"].value) == 32_767 and sheet["A7"].value.endswith("…")
    assert [row[0] for row in written[1:6]] == ["a\ufffdb", "a\x0bb", "?", "🎉", "\u202eabc"]
    assert len(written[6][0]) == 40_000


def test_a_full_sheet_goes_on_in_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbooks, "ROWS_PER_SHEET", 4)

    book = load_workbook(xlsx_file("名单/2026", ROW, [str(n) for n in range(7)]))

    assert book.sheetnames == ["名单 2026", "名单 2026 2", "名单 2026 3"]
    assert [[cell.value for cell in sheet["A"]] for sheet in book.worksheets] == [
        ["内容", "0", "1", "2"],
        ["内容", "3", "4", "5"],
        ["内容", "6"],
    ]


@pytest.mark.parametrize("kind", ["csv", "xlsx", "json"])
def test_a_download_is_named_dated_safe_and_in_the_trail(db: None, kind: Any) -> None:
    with clock.frozen(datetime(2026, 11, 20, 20, tzinfo=UTC)):
        answer = respond(
            actor=Actor(person_id=5), name="呼叫清单", kind=kind, columns=ROW, rows=["一"], place_path="/1/"
        )

    assert answer.headers["Content-Type"] == exports.TYPES[kind]
    assert "20261121" in answer.headers["Content-Disposition"] and "attachment" in answer.headers["Content-Disposition"]
    assert (answer.headers["Cache-Control"], answer.headers["X-Content-Type-Options"]) == ("no-store", "nosniff")
    assert b"".join(answer.streaming_content)[:2] in {b"\xef\xbb", b"PK", b"[\n"}  # type: ignore[attr-defined]
    line = AuditLine.objects.get()
    assert (line.person_id, line.verb, line.place_path) == (5, "export", "/1/")
    assert line.changes == {"name": "呼叫清单", "kind": kind, "columns": ["内容"]}


@pytest.mark.parametrize("stream_of", [csv_stream, json_stream])
def test_rows_are_read_one_by_one(stream_of: Any) -> None:
    taken, before = 0, 1 if stream_of is csv_stream else 0  # a CSV begins with its headings

    def rows() -> Iterator[str]:
        nonlocal taken
        while True:
            taken += 1
            yield "x" * 1000

    stream = stream_of(ROW, rows())
    for _number in range(50):
        next(stream)

    assert taken == 50 - before


def test_memory_does_not_grow_with_the_rows() -> None:
    """A process of its own with 40 MB more than it starts with writes 60 000 rows (30 MB of text) as CSV and XLSX, and
    200 000 (100 MB of text) as JSON.
    """
    program = """
import resource, sys, os
sys.path.insert(0, sys.argv[1])
import django
os.environ["DJANGO_SETTINGS_MODULE"] = "huying.config.settings"
django.setup()
from huying.kernel.exports import Column, csv_stream, json_stream
from huying.kernel.workbooks import xlsx_file
def rows(much=60_000):
    for number in range(much):
        yield f"{number} " + "文字" * 80
columns = [Column("a", str, "a"), Column("b", len, "b")]
xlsx_file("t", columns, ["warm"]).close()
used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + 40_000_000,) * 2)
assert sum(map(len, csv_stream(columns, rows()))) > 25_000_000
assert sum(map(len, json_stream(columns, rows(200_000)))) > 95_000_000
xlsx_file("t", columns, rows()).close()
"""
    source = Path(exports.__file__).parents[2]

    done = subprocess.run([sys.executable, "-c", program, str(source)], capture_output=True, text=True, timeout=120)

    assert (done.returncode, done.stderr[-300:]) == (0, "")


def test_a_list_is_offered_in_every_kind_and_in_no_other() -> None:
    found = exports.addresses("calls:export", query="q=a")

    assert found == [(kind, f"/desk/list/export/{kind}/?q=a") for kind in ("csv", "xlsx", "json")]
    assert [exports.kind_of(kind) for kind, _address in found] == [*exports.TYPES]
    with pytest.raises(NotFound):
        exports.kind_of("exe")
