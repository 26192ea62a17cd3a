"""Tables from outside: read as they are meant, or refused with the row and column at fault; never
half-read, never a burden.
"""

from __future__ import annotations

import io
import itertools
import time
import zipfile
from datetime import date, datetime
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from huying.kernel import imports
from huying.kernel.children import start
from huying.kernel.imports import Record, Row, TableLimits, TableRefused, letters, records, rows
from huying.kernel.tests.tables import SHEET, cells_xlsx, csv_upload, raw_xlsx, xlsx_upload

TEXT = "姓名,电话\n王秀英,13800138000\n镕基,010-88886666\n"
READ = [Row(1, ("姓名", "电话")), Row(2, ("王秀英", "13800138000")), Row(3, ("镕基", "010-88886666"))]
COLUMNS = {"name": ("姓名", "名字"), "phone": ("电话", "手机"), "note": ("备注",)}


def fault(upload: Any, limits: TableLimits = imports.DEFAULT) -> tuple[str, int | None, int | None]:
    """(key of the advice, row, column) of the refusal."""
    with pytest.raises(TableRefused) as caught:
        list(rows(upload, limits))
    error = caught.value
    key = next(key for key, text in imports.ADVICE.items() if text is error.message)
    assert str(error) == error.fields["upload"] and "{" not in str(error)
    return key, error.row, error.column


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030"])
def test_csv_is_read_in_every_code_that_offices_use(encoding: str) -> None:
    assert list(rows(csv_upload(TEXT, encoding))) == READ


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
def test_csv_is_read_with_any_delimiter_and_line_end(delimiter: str, ending: str) -> None:
    text = TEXT.replace(",", delimiter).replace("\n", ending)

    assert list(rows(csv_upload(text))) == READ


def test_quotes_line_breaks_and_empty_rows_keep_the_count() -> None:
    text = '姓名,备注\n"王, 秀英","第一行\n第二行 ""引"""\n\n , \n李雷,\n'

    assert list(rows(csv_upload(text))) == [
        Row(1, ("姓名", "备注")),
        Row(2, ("王, 秀英", '第一行\n第二行 "引"')),
        Row(5, ("李雷",)),
    ]


def test_emoji_direction_marks_and_formulas_in_csv_are_text_like_any_other() -> None:
    cells = ("🎉👨‍👩‍👧", "\u202eabc", "=cmd|' /C calc'!A0", "+1", "@x", "𠮷野家")

    assert list(rows(csv_upload("\t".join(cells)))) == [Row(1, cells)]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"", ("empty", None, None)),
        (b"\n\n , ,\n", ("empty", None, None)),
        (TEXT.encode("utf-16"), ("encoding", 1, None)),
        (TEXT.encode("utf-16-be"), ("encoding", 2, None)),
        ("a,b\ncafé,x\n".encode("latin-1"), ("encoding", 2, None)),
        (b"a,b\nc\xff\xfe,d", ("encoding", 2, None)),
        (b"a,b\n\x00,c", ("binary", 2, None)),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), ("encoding", None, None)),
        (b"%PDF-1.7\x00\x01", ("binary", 1, None)),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 500, ("xls", None, None)),
        (b'a,b\n"c,d\n', ("quotes", 2, None)),
        (b'a,b\nc,"d"x\n', ("quotes", 2, None)),
    ],
    ids=itertools.count(),
)
def test_what_is_no_table_is_refused_where_it_goes_wrong(
    body: bytes, expected: tuple[str, int | None, int | None]
) -> None:
    found = fault(SimpleUploadedFile("a.csv", body))

    assert found[0] == expected[0]
    assert expected[1] is None or found == expected


def test_xlsx_cells_become_the_text_that_people_see() -> None:
    row = [
        "文字",
        5,
        5.0,
        1.5,
        True,
        date(2026, 11, 20),
        datetime(2026, 11, 20, 8, 30),
        None,
        "末",
        "13800138000",
        13800138000,
    ]

    assert list(rows(xlsx_upload([row]))) == [
        Row(
            1,
            (
                "文字",
                "5",
                "5",
                "1.5",
                "TRUE",
                "2026-11-20",
                "2026-11-20 08:30:00",
                "",
                "末",
                "13800138000",
                "13800138000",
            ),
        )
    ]


def test_xlsx_rows_and_columns_are_counted_as_the_sheet_shows_them() -> None:
    upload = xlsx_upload([["姓名"], [], ["王秀英"]], start="B3")

    assert list(rows(upload)) == [Row(3, ("", "姓名")), Row(5, ("", "王秀英"))]


def test_a_number_that_lost_its_digits_is_refused_with_its_place() -> None:
    assert fault(xlsx_upload([["证件号"], ["x", 110101199003070000]])) == ("digits", 2, 2)


def test_a_formula_counts_by_its_result_and_is_refused_without_one() -> None:
    with_result = cells_xlsx('<c r="A1"><f>1+1</f><v>2</v></c><c r="B1" t="str"><f>"a"</f><v>a</v></c>')

    assert list(rows(with_result)) == [Row(1, ("2", "a"))]
    assert fault(xlsx_upload([["合计", 1], ["=1+1", 2]])) == ("formula", 2, 1)
    assert fault(cells_xlsx('<c r="AB7"><f t="shared" si="0"/></c>')) == ("formula", 7, 28)


def test_limits_name_the_row_and_column() -> None:
    small = TableLimits(rows=3, columns=2, cell=10)

    assert fault(csv_upload("a\n" * 4), small) == ("rows", 4, None)
    assert fault(csv_upload("a,b\n1,2,3\n"), small) == ("columns", 2, 3)
    assert fault(csv_upload("a,b\n1," + "长" * 11), small) == ("cell", 2, 2)
    assert fault(xlsx_upload([["a", "长" * 11]]), small) == ("cell", 1, 2)
    assert [letters(n) for n in (1, 26, 27, 52, 53, 702, 703)] == ["A", "Z", "AA", "AZ", "BA", "ZZ", "AAA"]


def test_a_name_of_ten_megabytes_is_refused_with_its_place() -> None:
    upload = csv_upload("姓名\n" + "长" * 3_400_000)

    assert fault(upload) == ("cell", 2, None)
    assert fault(csv_upload("姓名,电话\n王秀英," + "长" * 2_001)) == ("cell", 2, 2)


def test_files_over_the_limit_are_refused_unread(settings: Any) -> None:
    settings.HUYING_IMPORT_BYTES = 1024 * 1024

    assert fault(csv_upload("a" * (1024 * 1024 + 1))) == ("size", None, None)


def zip_of(parts: dict[str, bytes]) -> SimpleUploadedFile:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in parts.items():
            archive.writestr(name, body)
    return SimpleUploadedFile("a.xlsx", file.getvalue())


def lying_zip() -> SimpleUploadedFile:
    """The directory says one byte, the content goes on for 400 MB."""
    body = bytearray(raw_xlsx(b" " * 400_000_000).read())
    size = (400_000_000).to_bytes(4, "little")
    while (at := body.find(size)) >= 0:
        body[at : at + 4] = (1).to_bytes(4, "little")
    return SimpleUploadedFile("a.xlsx", bytes(body))


BOMBS = {
    "many zeros in the sheet": (lambda: raw_xlsx(b" " * 300_000_000), {"bomb"}),
    "many zeros beside the sheet": (lambda: raw_xlsx("<x/>", **{"xl/media/a.png": b"\x00" * 100_000_000}), {"bomb"}),
    "a directory that lies": (lying_zip, {"bomb", "damaged", "limits"}),
    "three thousand parts": (lambda: zip_of({f"p{n}": b"" for n in range(3000)}), {"bomb"}),
    "no workbook inside": (lambda: zip_of({"a.txt": b"a"}), {"kind"}),
    "a cut off archive": (lambda: SimpleUploadedFile("a.xlsx", b"PK\x03\x04" + b"\x00" * 100), {"damaged"}),
    "broken XML": (lambda: raw_xlsx("<worksheet><sheetData><row"), {"damaged", "empty"}),
    "noise as XML": (lambda: raw_xlsx(bytes(range(256)) * 40), {"damaged", "empty"}),
    "a cell at the far corner": (
        lambda: raw_xlsx(
            SHEET.format('<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>')
        ),
        {"limits", "columns", "damaged"},
    ),
    "entities that multiply": (
        lambda: raw_xlsx(
            '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">'
            + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9))
            + "]>"
            + SHEET.format('<row r="1"><c r="A1" t="inlineStr"><is><t>&j;</t></is></c></row>')
        ),
        {"damaged", "limits", "empty", "cell", ""},
    ),
    "an outside entity": (
        lambda: raw_xlsx(
            '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
            + SHEET.format('<row r="1"><c r="A1" t="inlineStr"><is><t>&e;</t></is></c></row>')
        ),
        {"damaged", "limits", "empty", ""},
    ),
}


@pytest.mark.parametrize("name", BOMBS)
def test_bombs_are_refused_within_the_limits(name: str) -> None:
    make, expected = BOMBS[name]
    upload = make()
    began = time.monotonic()

    try:
        read = list(rows(upload))
    except TableRefused as error:
        found = next(key for key, text in imports.ADVICE.items() if text is error.message)
    else:
        found = ""
        assert "root:" not in str(read) and len(str(read)) < 1000

    assert found in expected
    assert time.monotonic() - began < 25


def test_a_child_that_hangs_or_says_too_much_is_stopped() -> None:
    endless = start.Limits(wall_seconds=0.2)
    with pytest.raises(start.ChildFailed):
        start.run("sheet", csv_upload("a,b\n" * 2_000_000), endless, "csv", "9999999", "10", "10")
    with pytest.raises(start.ChildFailed):
        start.run("sheet", csv_upload("a,b\n" * 1000), start.Limits(answer_bytes=100), "csv", "9999", "10", "10")
    with pytest.raises(start.ChildFailed):
        start.run("sheet", csv_upload("a,b\n" * 2_000_000), start.Limits(memory_mb=24), "csv", "9999999", "10", "10")


def test_a_reader_who_stops_early_leaves_no_child_behind() -> None:
    found = rows(csv_upload("a,b\n" * 200_000), TableLimits(rows=300_000))

    assert next(found) == Row(1, ("a", "b"))
    found.close()  # type: ignore[attr-defined]


def test_records_find_their_columns_by_any_of_their_headings() -> None:
    text = "序号, 手 机 ,*姓名：,其他\n1,13800138000,王秀英 ,x\n2,,,y\n3,,李雷\n"

    found = list(records(csv_upload(text), COLUMNS, required=("name",)))

    assert found == [
        Record(2, {"name": "王秀英", "phone": "13800138000", "note": ""}),
        Record(4, {"name": "李雷", "phone": "", "note": ""}),
    ]


def test_missing_and_double_headings_are_named() -> None:
    with pytest.raises(TableRefused, match="姓名"):
        list(records(csv_upload("电话\n1\n"), COLUMNS, required=("name",)))
    with pytest.raises(TableRefused, match="名字"):
        list(records(csv_upload("姓名,名字\na,b\n"), COLUMNS))


def test_fifty_thousand_rows_are_read_in_a_few_seconds() -> None:
    text = "姓名,电话\n" + "王秀英,13800138000\n" * 49_999
    began = time.process_time()

    assert sum(1 for _row in rows(csv_upload(text, "gbk"))) == 50_000
    assert time.process_time() - began < 5
