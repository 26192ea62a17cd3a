"""Whole columns of numbers out of the database and into it: hundreds of thousands of rows without an object for each.

Out of it: the server makes one array of each column and sends it in its binary form (PostgreSQL source, array_send): number
of dimensions, whether a value is empty, type, length, lower bound, then each value after its own length. Values of eight
bytes are all of one length, so an array is read at once. Into it: COPY in its binary form (PostgreSQL manual, COPY, Binary
Format): the number of fields of a row, then each after its length, so that the rows of one call are all of one length.
Only for jobs that bring numpy along: pages do without.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import psycopg
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Model, QuerySet

CASTS = {int: ("bigint", ">i8"), float: ("double precision", ">f8")}
HEAD = 20
"""Bytes before the first value of an array of one dimension; its second four say whether a value is empty."""


def read(rows: QuerySet[Any], **kinds: type) -> dict[str, Any]:
    """Columns of ``rows``, in whatever order the rows come: ``kinds`` says for each name of a value int or float.

    Gives int64 and float64 arrays of one length. ValueError for a column that has an empty value.
    """
    try:
        sql, params = rows.order_by().values_list(*kinds).query.sql_with_params()
    except EmptyResultSet:  # the ORM knows without asking
        return {name: column(b"", kind) for name, kind in kinds.items()}
    names = [f"c{n}" for n in range(len(kinds))]
    gathered = ", ".join(f"array_agg({one}::{CASTS[kind][0]})" for one, kind in zip(names, kinds.values(), strict=True))
    told = binary(f"SELECT {gathered} FROM ({sql}) q ({', '.join(names)})", params)  # noqa: S608 - the ORM's
    for name, value in zip(kinds, told, strict=True):
        if value[4:8] == b"\0\0\0\1":
            raise ValueError(f"an empty value in {name}")
    return {name: column(value, kind) for (name, kind), value in zip(kinds.items(), told, strict=True)}


def write(model: type[Model], values: dict[str, Any], alike: dict[str, str]) -> None:
    """Add rows to the table of ``model``: ``values`` has an array for each column, ``alike`` a text for all rows.

    Arrays are written as what they are: int64 bigint, int32 integer, int16 smallint, float64 double precision, bool boolean,
    V16 uuid. Columns not named get what the table gives them. DataError when an array is of another type than its column.
    """
    texts = {name: np.bytes_(text.encode()) for name, text in alike.items()}
    kinds: list[tuple[str, Any]] = [("fields", np.dtype(">i2"))]
    for name, one in [*values.items(), *texts.items()]:
        kinds.append((f"length of {name}", np.dtype(">i4")))
        if one.dtype.itemsize and len(one.tobytes()):
            kinds.append((name, one.dtype.newbyteorder(">")))
    rows = np.empty(len(next(iter(values.values()))), np.dtype(kinds))
    rows["fields"] = len(values) + len(texts)
    for name, one in [*values.items(), *texts.items()]:
        rows[f"length of {name}"] = 0
        if name in dict(kinds):
            rows[f"length of {name}"], rows[name] = one.dtype.itemsize, one
    quoted = connection.ops.quote_name
    names = ", ".join(quoted(name) for name in [*values, *texts])
    statement = f"COPY {quoted(model._meta.db_table)} ({names}) FROM STDIN (FORMAT BINARY)"
    with connection.wrap_database_errors, connection.cursor() as cursor, cursor.cursor.copy(statement) as copy:
        copy.write(b"PGCOPY\n\xff\r\n\0" + bytes(8))
        copy.write(rows.tobytes())
        copy.write(b"\xff\xff")


def binary(sql: str, params: Any) -> list[bytes]:
    """The one row that the statement gives, each value as it came; logs, tests and drills see it as any other."""
    with connection.cursor() as cursor:
        text = cursor.mogrify(sql, params)
    plain: Any = _Binary(connection.connection)
    with connection.make_debug_cursor(plain) if connection.queries_logged else connection.make_cursor(plain) as cursor:
        cursor.execute(text.replace("%", "%%") if connection.queries_logged else text)
        found = plain.pgresult
        return [found.get_value(0, n) or b"" for n in range(found.nfields)]


class _Binary(psycopg.Cursor[tuple[Any, ...]]):
    """Asks for values in their binary form."""

    def execute(self, query: Any, params: Any = None, **_more: Any) -> Any:
        return super().execute(query, binary=True)


def column(value: bytes, kind: type) -> Any:
    """The values of one array."""
    kept = np.frombuffer(value, [("length", ">i4"), ("value", CASTS[kind][1])], offset=HEAD if value else 0)
    return kept["value"].astype(np.int64 if kind is int else np.float64)
