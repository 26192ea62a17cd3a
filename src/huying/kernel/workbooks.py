"""The XLSX half of ``exports``: sheets written row by row, every text as text and nothing but text."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import IO, Any, TypeVar

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from huying.kernel.exports import ACTIVE, Column, each, plain

R = TypeVar("R")
UNSTORABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
LONGEST_CELL = 32_767  # what Excel holds
ROWS_PER_SHEET = 1_048_576


def xlsx_file(title: str, columns: Sequence[Column[R]], rows: Iterable[R]) -> IO[bytes]:
    """An open temporary file with the workbook; rows beyond what a sheet holds go on in the next sheet."""
    book = Workbook(write_only=True)
    getters = [column.getter() for column in columns]
    sheet: Any = None
    number = ROWS_PER_SHEET
    for row in each(rows):
        if number >= ROWS_PER_SHEET:
            sheet, number = new_sheet(book, title, columns), 1
        sheet.append([xlsx_cell(sheet, plain(getter(row))) for getter in getters])
        number += 1
    if sheet is None:
        new_sheet(book, title, columns)
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it
    book.save(file)
    file.seek(0)
    return file


def new_sheet(book: Workbook, title: str, columns: Sequence[Column[Any]]) -> Any:
    safe = re.sub(r"[\[\]:*?/\\'\x00-\x1f]", " ", title).strip()[:25] or "Sheet"
    count = len(book.worksheets)
    sheet = book.create_sheet(f"{safe} {count + 1}" if count else safe)
    sheet.freeze_panes = "A2"
    for number, column in enumerate(columns, 1):
        width = sum(2 if ord(letter) > 0x2E80 else 1 for letter in str(column.heading))
        sheet.column_dimensions[get_column_letter(number)].width = min(max(width + 4, 12), 60)
    headings = [xlsx_cell(sheet, str(column.heading)) for column in columns]
    for cell in headings:
        cell.font = Font(bold=True)
    sheet.append(headings)
    return sheet


def xlsx_cell(sheet: Any, value: str | int | float | Decimal | datetime | date | None) -> Any:
    """Numbers and dates as themselves, everything else as text and nothing but text."""
    if isinstance(value, int) and abs(value) >= 10**15:
        value = str(value)  # a spreadsheet keeps fifteen digits
    if not isinstance(value, str):
        return WriteOnlyCell(sheet, value)  # type: ignore[arg-type]  # its stubs forget date and Decimal
    cell = WriteOnlyCell(sheet)
    text = UNSTORABLE.sub("\ufffd", value)
    cell.value = text if len(text) <= LONGEST_CELL else text[: LONGEST_CELL - 1] + "…"
    cell.data_type = "s"  # openpyxl has just taken "=…" for a formula and "#N/A" for an error
    cell.quotePrefix = bool(ACTIVE.match(text))
    return cell
