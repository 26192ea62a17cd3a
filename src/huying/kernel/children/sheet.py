"""Child: read a table from CSV or XLSX and say it row by row.

Arguments: memory MB, CPU seconds, kind (csv | xlsx), most rows, most columns, longest cell. Answer: JSON
lines ``[row, [cells…]]`` with every cell as text, rows counted from 1 as a spreadsheet shows them, empty
rows left out; last ``{"end": rows}``, or ``{"error": code, "row": …, "column": …}`` where reading
stopped.
"""

from __future__ import annotations

import csv
import io
import json
import re
import sys
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Any, NoReturn

from huying.kernel.children import limits

MEGABYTE = 1024 * 1024
MOST_PARTS = 2_000
MOST_UNPACKED = 256 * MEGABYTE
WORST_RATIO = 300
DIGITS_KEPT = 10**15  # spreadsheets keep fifteen digits of a number
CHUNK = MEGABYTE
DELIMITERS = ",\t;|"
NOT_TEXT = re.compile(r"[\x00-\x08\x0e-\x1f\x7f\ufffe\uffff]")
SHEET = re.compile(rb"<sheet\s[^>]*?r:id=\"([^\"]+)\"")
TARGET = re.compile(rb"<Relationship\s[^>]*?>")


class Wrong(Exception):
    """What is wrong, and where."""

    def __init__(self, code: str, row: int | None = None, column: int | None = None):
        self.facts = {"error": code, "row": row, "column": column}


def main() -> None:
    memory, cpu = int(sys.argv[1]), int(sys.argv[2])
    limits.bind(memory, cpu)
    kind, most_rows, most_columns, longest = sys.argv[3], *(int(argument) for argument in sys.argv[4:7])
    try:
        rows = csv_rows(longest) if kind == "csv" else xlsx_rows()
        last = tell(rows, most_rows, most_columns, longest)
        say({"end": last})
    except Wrong as wrong:
        say(wrong.facts)


def say(message: Any) -> None:
    sys.stdout.write(json.dumps(message, ensure_ascii=False) + "\n")


def tell(rows: Iterator[tuple[int, list[str]]], most_rows: int, most_columns: int, longest: int) -> int:
    """Say every row that holds something, within the limits; how many."""
    sys.stdout.reconfigure(encoding="utf-8", errors="surrogatepass")  # type: ignore[union-attr]
    told = 0
    for number, cells in rows:
        while cells and not cells[-1].strip():
            cells.pop()
        if not cells:
            continue
        told += 1
        if told > most_rows:
            raise Wrong("rows", number)
        if len(cells) > most_columns:
            raise Wrong("columns", number, len(cells))
        for column, cell in enumerate(cells, 1):
            if len(cell) > longest:
                raise Wrong("cell", number, column)
        say([number, cells])
    return told


def csv_rows(longest: int) -> Iterator[tuple[int, list[str]]]:
    text = decoded(sys.stdin.buffer.read())
    csv.field_size_limit(max(longest * 4, 1))
    first = next((line for line in text.splitlines() if line.strip()), "")
    bare = re.sub(r'"[^"]*"', "", first)
    delimiter = max(DELIMITERS, key=lambda sign: (bare.count(sign), -DELIMITERS.index(sign)))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    number = 0
    while True:
        number += 1
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise Wrong("cell" if "field limit" in str(error) else "quotes", number) from None
        yield number, row


def decoded(data: bytes) -> str:
    """Text in UTF-8 (with or without its mark) or GB 18030 (which holds GBK and GB 2312); Wrong names the
    first bad line.

    Other double-byte codes such as Big5 often read as valid but senseless GB 18030: no program can tell,
    people see it.
    """
    if data[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        raise Wrong("encoding", 1)
    for name in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(name)
        except UnicodeDecodeError as error:
            bad = data.count(b"\n", 0, error.start) + 1
            continue
        if found := NOT_TEXT.search(text):
            raise Wrong("binary", text.count("\n", 0, found.start()) + 1)
        return text
    raise Wrong("encoding", bad)


def xlsx_rows() -> Iterator[tuple[int, list[str]]]:
    data = sys.stdin.buffer.read()
    check_parts(data)
    from python_calamine import CalamineError, CalamineWorkbook  # noqa: PLC0415 - not before the limits stand

    try:
        sheet = CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0)
        rows = sheet.to_python(skip_empty_area=False)
    except (CalamineError, ValueError, OSError, IndexError):
        raise Wrong("damaged") from None
    for number, row in enumerate(rows, 1):
        yield number, [cell_text(value, number, column) for column, value in enumerate(row, 1)]


def cell_text(value: Any, row: int, column: int) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float | int):
        if abs(value) >= DIGITS_KEPT:
            raise Wrong("digits", row, column)
        return str(int(value)) if value == int(value) else repr(value)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ", "seconds")
    if isinstance(value, date | time):
        return value.isoformat()
    return "" if value is None else str(value)


def check_parts(data: bytes) -> None:
    """Look at the zip directory before anything is unpacked, then for formulas whose result is not in the
    file.
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        raise Wrong("damaged") from None
    parts = archive.infolist()
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
        raise Wrong("bomb")
    for part in parts:
        if part.flag_bits & 1:
            raise Wrong("password")
        if part.file_size > MEGABYTE and part.file_size > WORST_RATIO * max(part.compress_size, 1):
            raise Wrong("bomb")
    if "xl/workbook.xml" not in archive.namelist():
        raise Wrong("kind")
    try:
        check_formulas(archive)
    except (zipfile.BadZipFile, KeyError, OSError, EOFError, ValueError, NotImplementedError):
        raise Wrong("damaged") from None
    except Exception as error:  # zlib.error has no public base class
        if type(error).__name__ == "error":
            raise Wrong("damaged") from None
        raise


def check_formulas(archive: zipfile.ZipFile) -> None:
    name = first_sheet(archive)
    rest = b""
    unpacked = 0
    with archive.open(name) as sheet:
        while chunk := sheet.read(CHUNK):
            unpacked += len(chunk)
            if unpacked > MOST_UNPACKED:  # the directory lied
                raise Wrong("bomb")
            *cells, rest = (rest + chunk).split(b"</c>")
            rest = rest[-CHUNK:]
            if b"<f" in chunk or b"<f" in rest:
                for cell in cells:
                    check_formula(cell)


def check_formula(cell: bytes) -> None:
    """A formula without a stored result would be read as an empty cell: better refused than lost."""
    body = cell[cell.rfind(b"<c ") :]
    if re.search(rb"<f[\s/>]", body) and not re.search(rb"<v[^>]*>[^<]|<is[\s>]|\st=\"str\"", body):
        found = re.search(rb'\sr="([A-Z]{1,3})([0-9]{1,7})"', body)
        refuse_formula(found)


def refuse_formula(found: re.Match[bytes] | None) -> NoReturn:
    if found is None:
        raise Wrong("formula")
    column = 0
    for letter in found[1]:
        column = column * 26 + letter - 64
    raise Wrong("formula", int(found[2]), column)


def first_sheet(archive: zipfile.ZipFile) -> str:
    """The part that holds the first sheet."""
    sheet = SHEET.search(archive.read("xl/workbook.xml"))
    if sheet is not None and "xl/_rels/workbook.xml.rels" in archive.namelist():
        for relation in TARGET.findall(archive.read("xl/_rels/workbook.xml.rels")):
            if b'Id="' + sheet[1] + b'"' in relation and (target := re.search(rb'Target="([^"]+)"', relation)):
                path = target[1].decode()
                return path.lstrip("/") if path.startswith("/") else f"xl/{path}"
    return "xl/worksheets/sheet1.xml"
