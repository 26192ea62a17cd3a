"""Reading tables that people hand in: CSV in UTF-8 or GBK, and XLSX; in a limited child process, with the
place of every fault.

for row in imports.records(upload, {"name": ("姓名", "名字"), "phone": ("电话", "手机")},
required=("name",)): row.number, row.values["name"]

Rows come one by one; a fault may turn up after many good rows, so a caller that writes does it in one
transaction.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.files.base import File
from django.utils.translation import gettext_lazy as _

from huying.kernel.children import start
from huying.kernel.errors import InvalidInput, Text

ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"


class TableRefused(InvalidInput):
    """The file cannot be taken. ``row`` and ``column`` (both from 1) say where, None where it is the
    whole file.
    """

    code = "table_refused"
    message = _("这个表格读不了，请另存为 .xlsx 或 CSV（UTF-8）后再试。")
    row: int | None = None
    column: int | None = None


ADVICE: dict[str, Text] = {
    "empty": _("表格是空的。"),
    "size": _("文件太大了，请拆成几个小一些的表格（每个不超过 {megabytes} MB）。"),
    "xls": _("这是旧式 .xls 或带密码的表格，请去掉密码并另存为 .xlsx 后再试。"),
    "password": _("这个表格带密码，请去掉密码后再试。"),
    "kind": _("这不是表格文件，请选 .xlsx 或 .csv 文件。"),
    "encoding": _("第 {row} 行的文字编码认不出来，请另存为 CSV（UTF-8）或 .xlsx 后再试。"),
    "binary": _("第 {row} 行有不是文字的内容，这不像是 CSV 文件。"),
    "quotes": _("第 {row} 行的引号不成对，请检查后再试。"),
    "rows": _("表格的行太多了，最多 {most} 行，请拆成几个表格。"),
    "columns": _("第 {row} 行的列太多了，最多 {most} 列。"),
    "cell": _("第 {row} 行{place}的内容太长了，最多 {most} 个字。"),
    "digits": _("第 {row} 行{place}的长号码在表格里已经丢了末尾几位，请把这一列设为文本格式，重新填写号码。"),
    "formula": _("第 {row} 行{place}是没有结果的公式，请在表格软件里打开并保存一次，或改成填好的内容。"),
    "damaged": _("这个表格已经损坏，打不开，请在表格软件里重新保存。"),
    "bomb": _("这个表格展开后大得不正常，不能上传。"),
    "limits": _("这个表格太复杂，处理不了，请只留下要导入的内容，另存为 CSV 后再试。"),
    "heading": _("表格第 {row} 行是标题，里面缺少这些列：{names}"),
    "twice": _("表格第 {row} 行是标题，里面有重复的列：{names}"),
}


@dataclass(frozen=True, slots=True)
class TableLimits:
    """How large a table may be."""

    rows: int = 50_000
    columns: int = 100
    cell: int = 2_000


@dataclass(frozen=True, slots=True)
class Row:
    """One row with something in it. ``number`` is what the spreadsheet shows beside it."""

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Record:
    """One row under its headings; columns not in the file are empty."""

    number: int
    values: dict[str, str]


DEFAULT = TableLimits()


def refused(kind: str, row: int | None = None, column: int | None = None, **facts: Any) -> TableRefused:
    """The error for a fault at a place."""
    place = _("{letters} 列").format(letters=letters(column)) if column else ""
    error = TableRefused(ADVICE[kind], fields={"upload": ADVICE[kind]}, row=row or 1, place=place, **facts)
    error.fields = {"upload": str(error)}
    error.row, error.column = row, column
    return error


def letters(column: int) -> str:
    """A column number as spreadsheets write it: 1 is A, 28 is AB."""
    text = ""
    while column:
        column, rest = divmod(column - 1, 26)
        text = chr(65 + rest) + text
    return text


def rows(upload: File[Any], limits: TableLimits = DEFAULT) -> Iterator[Row]:
    """The rows of the first sheet, cells as text (dates as 2026-11-20, whole numbers without a point).

    TableRefused says what is wrong and where. Old .xls, passwords, formulas without results and numbers
    that lost digits are refused, nothing is guessed. The child that reads may use 512 MB and 10 CPU
    seconds.
    """
    if (upload.size or 0) > settings.HUYING_IMPORT_BYTES:
        raise refused("size", megabytes=settings.HUYING_IMPORT_BYTES // (1024 * 1024))
    upload.seek(0)
    head = upload.read(8)
    upload.seek(0)
    if not head:
        raise refused("empty")
    if head.startswith(OLE):
        raise refused("xls")
    kind = "xlsx" if head.startswith(ZIP) else "csv"
    arguments = (kind, str(limits.rows), str(limits.columns), str(limits.cell))
    ended = False
    try:
        for line in start.lines("sheet", upload, start.Limits(answer_bytes=512 * 1024 * 1024), *arguments):
            message = json.loads(line)
            if isinstance(message, list):
                yield Row(message[0], tuple(message[1]))
            elif "error" in message:
                raise told(message, limits)
            else:
                ended = True
                if message["end"] == 0:
                    raise refused("empty")
    except start.ChildFailed:
        raise refused("limits") from None
    if not ended:
        raise refused("limits")


def told(message: dict[str, Any], limits: TableLimits) -> TableRefused:
    kind = message["error"]
    most = {"rows": limits.rows, "columns": limits.columns, "cell": limits.cell}.get(kind)
    return refused(kind, message["row"], message["column"], most=most)


def records(
    upload: File[Any],
    columns: Mapping[str, Sequence[str]],
    *,
    required: Sequence[str] = (),
    limits: TableLimits = DEFAULT,
) -> Iterator[Record]:
    """Rows under their headings: ``columns`` maps our name to the headings people use (compared without
    spaces and case).

    Columns nobody asked for are passed over. TableRefused when a ``required`` column is missing or one
    comes twice.
    """
    places: dict[str, int] | None = None
    for row in rows(upload, limits):
        if places is None:
            places = headings(row, columns, required)
            continue
        cells = row.cells
        values = {
            name: cells[place].strip() if (place := places.get(name, -1)) >= 0 and place < len(cells) else ""
            for name in columns
        }
        if any(values.values()):
            yield Record(row.number, values)


def headings(row: Row, columns: Mapping[str, Sequence[str]], required: Sequence[str]) -> dict[str, int]:
    known = {folded(heading): name for name, words in columns.items() for heading in (name, *words)}
    places: dict[str, int] = {}
    twice = []
    for number, cell in enumerate(row.cells):
        name = known.get(folded(cell))
        if name in places:
            twice.append(cell.strip())
        elif name is not None:
            places[name] = number
    missing = [str((*columns[name], name)[0]) for name in required if name not in places]
    if twice:
        raise refused("twice", row.number, names=_("、").join(twice))
    if missing:
        raise refused("heading", row.number, names=_("、").join(missing))
    return places


def folded(heading: str) -> str:
    return "".join(heading.casefold().split()).strip("*＊:：")
