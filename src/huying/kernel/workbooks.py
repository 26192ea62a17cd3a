"""The XLSX half of ``exports``: sheets written row by row (ECMA-376), every text as text and nothing but text.

A workbook is a zip of small XML files; the sheets are the large ones, and they are written as the rows come, so that a
million rows take no more memory than ten. Written here and not by a library, for it is several times as fast.
"""

from __future__ import annotations

import re
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import IO, Any, TypeVar
from xml.sax.saxutils import quoteattr  # only writes

from huying.kernel.exports import ACTIVE, Column, each, plain

R = TypeVar("R")
UNSTORABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
ODD = re.compile(r"[\x00-\x08\x0b-\x1f&<>\ud800-\udfff\ufffe\uffff]")
"""What XML cannot hold, or not as it is; most cells have nothing of it."""
LONGEST_CELL = 32_767  # what Excel holds
ROWS_PER_SHEET = 1_048_576
FIRST_DAY = date(1899, 12, 30).toordinal()
BLOCK = 500
BOLD, DAY, MOMENT, AS_TEXT = 1, 2, 3, 4
"""Styles of STYLES, by place."""
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
KINDS = "application/vnd.openxmlformats-officedocument.spreadsheetml"
XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
STYLES = f"""{XML}<styleSheet xmlns="{MAIN}"><numFmts count="2"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/>\
<numFmt numFmtId="165" formatCode="yyyy\\-mm\\-dd\\ hh:mm:ss"/></numFmts>\
<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts>\
<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>\
<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>\
<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>\
<cellXfs count="5"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>\
<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/>\
<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>\
<xf numFmtId="165" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>\
<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0" quotePrefix="1"/></cellXfs>\
<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>"""
CONTENTS = (
    f'{XML}<Types xmlns="{PACKAGE}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats'
    '-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{KINDS}.sheet.main+xml"/>'
    f'<Override PartName="/xl/styles.xml" ContentType="{KINDS}.styles+xml"/>'
)
RELATIONS = f'{XML}<Relationships xmlns="{PACKAGE}/relationships">'
ROOT = f'{RELATIONS}<Relationship Id="rId1" Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>'


def xlsx_file(title: str, columns: Sequence[Column[R]], rows: Iterable[R]) -> IO[bytes]:
    """An open temporary file with the workbook; rows beyond what a sheet holds go on in the next sheet."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it
    getters = [column.getter() for column in columns]
    left = iter(each(rows))
    names: list[str] = []
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as book:
        row = next(left, left)
        while row is not left or not names:
            names.append(sheet_name(title, len(names)))
            with book.open(f"xl/worksheets/sheet{len(names)}.xml", "w", force_zip64=True) as sheet:
                sheet.write(opening(columns).encode())
                row = written(sheet, getters, left, row)
                sheet.write(b"</sheetData></worksheet>")
        for path, text in frame(names):
            book.writestr(path, text)
    file.seek(0)
    return file


def written(sheet: IO[bytes], getters: Sequence[Callable[[R], Any]], left: Iterator[R], row: Any) -> Any:
    """Write rows until the sheet is full; the first that found no room, ``left`` itself when there is none."""
    columns = [(letters(number), getter) for number, getter in enumerate(getters)]
    lines, number = [], 1
    while row is not left and number < ROWS_PER_SHEET:
        number += 1
        cells = [f'<c r="{at}{number}"{cell(plain(getter(row)))}' for at, getter in columns]
        lines.append(f'<row r="{number}">{"".join(cells)}</row>')
        if len(lines) == BLOCK:
            sheet.write("".join(lines).encode())
            lines.clear()
        row = next(left, left)
    sheet.write("".join(lines).encode())
    return row


def letters(number: int) -> str:
    """A, B … Z, AA … for columns counted from 0."""
    return (letters(number // 26 - 1) if number >= 26 else "") + chr(65 + number % 26)


def cell(value: str | int | float | Decimal | datetime | date | None) -> str:
    """A cell after its address: numbers and dates as themselves, everything else as text and nothing but text."""
    if type(value) is str:
        return text_cell(value)
    if value is None:
        return "/>"
    if isinstance(value, datetime | date):
        return moment_cell(value)
    if isinstance(value, int) and abs(value) >= 10**15:
        return text_cell(str(value))  # a spreadsheet keeps fifteen digits
    return f"><v>{value}</v></c>" if isinstance(value, int | float | Decimal) else text_cell(str(value))


def moment_cell(value: datetime | date) -> str:
    """Days since the end of 1899, as spreadsheets count; before March 1900, where they count wrongly, as text."""
    day = value.toordinal() - FIRST_DAY
    if day < 61:
        return text_cell(str(value))
    if not isinstance(value, datetime):
        return f' s="{DAY}"><v>{day}</v></c>'
    part = (value.hour * 3600 + value.minute * 60 + value.second) / 86_400
    return f' s="{MOMENT}"><v>{day + part!r}</v></c>'


def text_cell(text: str, style: int = 0) -> str:
    """Text inline; what a sheet could run is marked, so that it stays text when somebody edits the cell."""
    style = style or (AS_TEXT if ACTIVE.match(text) else 0)
    if len(text) > LONGEST_CELL:
        text = text[: LONGEST_CELL - 1] + "…"
    if ODD.search(text):
        text = UNSTORABLE.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n"))
        text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    marked = f' s="{style}"' if style else ""
    return f'{marked} t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'


def opening(columns: Sequence[Column[Any]]) -> str:
    """A sheet up to its first row: the headings stay in sight and columns are as wide as they are."""
    widths = []
    for number, column in enumerate(columns, 1):
        width = sum(2 if ord(letter) > 0x2E80 else 1 for letter in str(column.heading))
        widths.append(f'<col min="{number}" max="{number}" width="{min(max(width + 4, 12), 60)}" customWidth="1"/>')
    heads = "".join(f'<c r="{letters(n)}1"{text_cell(str(column.heading), BOLD)}' for n, column in enumerate(columns))
    cols = f"<cols>{''.join(widths)}</cols>" if widths else ""
    return (
        f'{XML}<worksheet xmlns="{MAIN}"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2"'
        f' activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>{cols}<sheetData><row r="1">{heads}</row>'
    )


def sheet_name(title: str, before: int) -> str:
    safe = re.sub(r"[\[\]:*?/\\'\x00-\x1f]", " ", UNSTORABLE.sub(" ", title)).strip()[:25] or "Sheet"
    return f"{safe} {before + 1}" if before else safe


def frame(names: Sequence[str]) -> Iterator[tuple[str, str]]:
    """The small files around the sheets: path and text."""
    numbered = list(enumerate(names, 1))
    parts = [
        f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{KINDS}.worksheet+xml"/>' for n, _ in numbered
    ]
    yield "[Content_Types].xml", f"{CONTENTS}{''.join(parts)}</Types>"
    yield "_rels/.rels", ROOT
    sheets = [f'<sheet name={quoteattr(name)} sheetId="{n}" r:id="rId{n}"/>' for n, name in numbered]
    yield (
        "xl/workbook.xml",
        (f'{XML}<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>{"".join(sheets)}</sheets></workbook>'),
    )
    leads = [
        f'<Relationship Id="rId{n}" Type="{OFFICE}/worksheet" Target="worksheets/sheet{n}.xml"/>' for n, _ in numbered
    ]
    styles = f'<Relationship Id="rId{len(names) + 1}" Type="{OFFICE}/styles" Target="styles.xml"/>'
    yield "xl/_rels/workbook.xml.rels", f"{RELATIONS}{''.join(leads)}{styles}</Relationships>"
    yield "xl/styles.xml", STYLES
