"""The one writer of CSV, XLSX and JSON. No cell can become a formula, sealed values stay masked, memory stays
small.

Spreadsheets run what begins with = + - @ (their full-width twins too) or a control character, also behind
spaces. In CSV such text gets an apostrophe in front; in XLSX text is stored as text, with the mark that
keeps it text when somebody edits the cell. JSON is for programs: an array of objects whose keys are the same in
every language and never change with the headings.
"""

from __future__ import annotations

import csv
import json
import math
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from operator import attrgetter
from typing import Any, Generic, Literal, TypeVar, cast

from django.db.models import QuerySet
from django.http import FileResponse, HttpResponseBase, StreamingHttpResponse
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from huying.kernel import audit, clock
from huying.kernel.actor import Actor
from huying.kernel.errors import NotFound, Text

R = TypeVar("R")
Kind = Literal["csv", "xlsx", "json"]
TYPES: dict[str, str] = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json",
}
INVISIBLE = r"\s\x00-\x20\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff"
ACTIVE = re.compile(rf"[{INVISIBLE}]*[=+\-@＝＋－＠\t\r\n\x00]")
CHUNK = 2000


@dataclass(frozen=True)
class Column(Generic[R]):
    """One column: its heading and how a row gives its value (a function, or an attribute path like
    ``place.name``). ``key`` is what programs call it; a path is its own.
    """

    heading: Text
    value: Callable[[R], Any] | str
    key: str = ""

    def called(self) -> str:
        """The key in JSON. ValueError (a bug) where a function has none."""
        found = self.key or (re.sub(r"\.|__", "_", self.value) if isinstance(self.value, str) else "")
        if not found:
            raise ValueError(f"the column {self.heading} needs a key")
        return found

    def getter(self) -> Callable[[R], Any]:
        return attrgetter(self.value.replace("__", ".")) if isinstance(self.value, str) else self.value


def kind_of(asked: str) -> Kind:
    """The kind of file that an address asks for; NotFound for others."""
    if asked not in TYPES:
        raise NotFound
    return cast(Kind, asked)


def addresses(name: str, *args: Any, query: str = "") -> list[tuple[str, str]]:
    """Where a list is had as a file: (kind, address). ``name``: a route whose last argument is the kind."""
    more = f"?{query}" if query else ""
    return [(kind, reverse(name, args=[*args, kind]) + more) for kind in TYPES]


def respond(
    *, actor: Actor, name: str, kind: Kind, columns: Sequence[Column[R]], rows: Iterable[R], place_path: str = ""
) -> HttpResponseBase:
    """A download of ``rows`` (a queryset is read in chunks), with a line in the trail saying who took what.

    ``name`` is the file's name without ending. The caller has narrowed the rows to what the actor may see.
    """
    headings = [str(column.heading) for column in columns]
    audit.record(
        actor, "export", None, place_path=place_path, changes={"name": name, "kind": kind, "columns": headings}
    )
    response: HttpResponseBase
    if kind in STREAMS:
        response = StreamingHttpResponse(STREAMS[kind](columns, rows))
    else:
        from huying.kernel.workbooks import xlsx_file  # noqa: PLC0415 - its library is slow to load, and few need it

        response = FileResponse(xlsx_file(name, columns, rows))
    return download(response, f"{name}-{clock.today():%Y%m%d}.{kind}", kind)


def written(name: str, kind: Kind, columns: Sequence[Column[R]], rows: Iterable[R]) -> bytes:
    """The whole file at once, for one that is kept; small tables only."""
    if kind in STREAMS:
        return b"".join(STREAMS[kind](columns, rows))
    from huying.kernel.workbooks import xlsx_file  # noqa: PLC0415 - see above

    with xlsx_file(name, columns, rows) as file:
        return file.read()


def download(response: HttpResponseBase, filename: str, kind: Kind) -> HttpResponseBase:
    """The response as a file that is saved, never shown or stored on the way."""
    response.headers["Content-Type"] = TYPES[kind]
    response.headers["Content-Disposition"] = content_disposition_header(True, filename) or "attachment"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "no-store"
    return response


def csv_stream(columns: Sequence[Column[R]], rows: Iterable[R]) -> Iterator[bytes]:
    """UTF-8 with a mark, so that Excel and WPS read Chinese; every text in quotes, so that no separator
    splits it.
    """
    line = Line()
    writer = csv.writer(line, quoting=csv.QUOTE_NONNUMERIC)
    writer.writerow([guarded(str(column.heading)) for column in columns])
    yield "\ufeff".encode() + line.take()
    getters = [column.getter() for column in columns]
    for row in each(rows):
        writer.writerow([csv_cell(plain(getter(row))) for getter in getters])
        yield line.take()


def json_stream(columns: Sequence[Column[R]], rows: Iterable[R]) -> Iterator[bytes]:
    """An array of objects, one a line: moments with their offset, days, numbers, true and false, null; the rest is text."""
    getters = [(column.called(), column.getter()) for column in columns]
    before = "[\n"
    for row in each(rows):
        text = json.dumps({key: json_value(getter(row)) for key, getter in getters}, ensure_ascii=False)
        yield (before + text).encode("utf-8", "replace")
        before = ",\n"
    yield b"[]\n" if before.startswith("[") else b"\n]\n"


def json_value(value: Any) -> str | int | float | bool | None:
    """A value as programs read it."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, datetime):
        return (clock.local(value) if value.tzinfo else value).isoformat(timespec="seconds")
    if isinstance(value, Decimal) and value.is_finite():
        return int(value) if value == value.to_integral_value() else float(value)
    found = plain(value)
    return found.isoformat() if isinstance(found, date) else found if isinstance(found, int | float) else str(found)


class Line:
    """A file for the csv module that holds one line."""

    def __init__(self) -> None:
        self.text = ""

    def write(self, text: str) -> None:
        self.text += text

    def take(self) -> bytes:
        text, self.text = self.text, ""
        return text.encode("utf-8", "replace")


def each(rows: Iterable[R]) -> Iterator[R]:
    return rows.iterator(chunk_size=CHUNK) if isinstance(rows, QuerySet) else iter(rows)


def plain(value: Any) -> str | int | float | Decimal | datetime | date | None:
    """A value as a cell can hold it: moments in China's time, yes and no in words, sealed values masked."""
    if value is None:
        return None
    if isinstance(value, bool):
        return _("是") if value else _("否")
    if isinstance(value, float | Decimal):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, datetime):
        return clock.local(value).replace(tzinfo=None, microsecond=0) if value.tzinfo else value
    if isinstance(value, int | date):
        return value
    if isinstance(value, timedelta):
        return round(value.total_seconds() / 60)
    return str(value)  # Sealed gives its mask


def guarded(text: str) -> str:
    """Text that no spreadsheet runs."""
    return f"'{text}" if ACTIVE.match(text) else text


def csv_cell(value: str | int | float | Decimal | datetime | date | None) -> str | int | float | Decimal:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat(" ")
    if isinstance(value, date):
        return value.isoformat()
    return guarded(value.replace("\x00", "\ufffd")) if isinstance(value, str) else value


STREAMS: dict[str, Callable[[Sequence[Column[Any]], Iterable[Any]], Iterator[bytes]]] = {
    "csv": csv_stream,
    "json": json_stream,
}
"""Kinds of files that are made as they are sent."""
