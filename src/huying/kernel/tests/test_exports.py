"""What leaves as a spreadsheet: nothing in it runs, nothing sealed is open, and the memory does not grow
with the rows.
"""

from __future__ import annotations

import csv
import io
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
from django.utils.translation import gettext_lazy
from openpyxl import load_workbook

from huying.kernel import clock, exports, workbooks
from huying.kernel.actor import Actor
from huying.kernel.exports import Column, csv_stream, respond
from huying.kernel.models import AuditLine
from huying.kernel.workbooks import xlsx_file

STARTS = ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"]
BODIES = ["cmd|' /C calc'!A0", "1+1", 'HYPERLINK("http://evil.example","看")', "SUM(A1:A9)*cmd|' /C calc'!A0"]
BEFORE = ["", " ", "   ", "\u3000", "\u200b", "\ufeff", "\u202e"]
PAYLOADS = [before + start + body for before in BEFORE for start in STARTS for body in BODIES]
OTHERS = ["#N/A", "'=1+1", '",=1+1', "a;=1+1", "=", "-", "+8613800138000", "-5", "DDE", "{=1+1}"]
ROW = [Column[str]("内容", str)]


def csv_rows(columns: Any, rows: Any) -> list[list[str]]:
    text = b"".join(csv_stream(columns, rows)).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline="")))


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
    columns = [Column[str]("=1+1", str)]

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


def test_sealed_values_leave_masked(letters: Any) -> None:
    letters.objects.create(title="信", phone="13800138000", address="和平街 12 号")
    columns = [Column[Any]("标题", "title"), Column[Any]("电话", "phone"), Column[Any]("地址", "address")]

    written = csv_rows(columns, letters.objects.all())
    cells = [cell.value for cell in next(sheet_of(columns, letters.objects.all()).iter_rows(min_row=2))]

    assert written[1] == ["信", "••••8000", "••••"] == cells


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


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_download_is_named_dated_safe_and_in_the_trail(db: None, kind: Any) -> None:
    with clock.frozen(datetime(2026, 11, 20, 20, tzinfo=UTC)):
        answer = respond(
            actor=Actor(person_id=5), name="呼叫清单", kind=kind, columns=ROW, rows=["一"], place_path="/1/"
        )

    assert answer.headers["Content-Type"] == exports.TYPES[kind]
    assert "20261121" in answer.headers["Content-Disposition"] and "attachment" in answer.headers["Content-Disposition"]
    assert (answer.headers["Cache-Control"], answer.headers["X-Content-Type-Options"]) == ("no-store", "nosniff")
    assert b"".join(answer.streaming_content)[:2] in {b"\xef\xbb", b"PK"}  # type: ignore[attr-defined]
    line = AuditLine.objects.get()
    assert (line.person_id, line.verb, line.place_path) == (5, "export", "/1/")
    assert line.changes == {"name": "呼叫清单", "kind": kind, "columns": ["内容"]}


def test_rows_are_read_one_by_one() -> None:
    taken = 0

    def rows() -> Iterator[str]:
        nonlocal taken
        while True:
            taken += 1
            yield "x" * 1000

    stream = csv_stream(ROW, rows())
    for _number in range(50):
        next(stream)

    assert taken == 49


def test_memory_does_not_grow_with_the_rows() -> None:
    """A process of its own with 40 MB more than it starts with writes 60 000 rows (30 MB of text) to each
    kind.
    """
    program = """
import resource, sys, os
sys.path.insert(0, sys.argv[1])
import django
os.environ["DJANGO_SETTINGS_MODULE"] = "huying.config.settings"
django.setup()
from huying.kernel.exports import Column, csv_stream
from huying.kernel.workbooks import xlsx_file
def rows():
    for number in range(60_000):
        yield f"{number} " + "文字" * 80
columns = [Column("a", str), Column("b", len)]
xlsx_file("t", columns, ["warm"]).close()
used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + 40_000_000,) * 2)
assert sum(map(len, csv_stream(columns, rows()))) > 25_000_000
xlsx_file("t", columns, rows()).close()
"""
    source = Path(exports.__file__).parents[2]

    done = subprocess.run([sys.executable, "-c", program, str(source)], capture_output=True, text=True, timeout=120)

    assert (done.returncode, done.stderr[-300:]) == (0, "")
