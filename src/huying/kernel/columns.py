"""Whole columns of numbers out of the database: hundreds of thousands of rows without an object for each.

``COPY`` in its binary form (PostgreSQL manual, COPY, file formats) gives each row as the number of its fields and, for
each, its length and its bytes. Rows of numbers of eight bytes are all of one length, so they are one array at once.
Only for jobs that bring numpy along: pages do without.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet

SIGNATURE = b"PGCOPY\n\xff\r\n\0"
HEAD, TAIL = len(SIGNATURE) + 8, 2
"""Bytes before the first row (signature, flags, no extension) and after the last (-1 for the number of fields)."""
CASTS = {int: ("bigint", ">i8"), float: ("double precision", ">f8")}


def read(rows: QuerySet[Any], **kinds: type) -> dict[str, Any]:
    """Columns of ``rows``, in whatever order the rows come: ``kinds`` says for each name of a value int or float.

    Gives int64 and float64 arrays of one length. ValueError for a column that has an empty value.
    """
    try:
        sql, params = rows.order_by().values_list(*kinds).query.sql_with_params()
    except EmptyResultSet:  # the ORM knows without asking
        return {name: np.zeros(0, np.int64 if kind is int else np.float64) for name, kind in kinds.items()}
    columns = [f'"c{n}"' for n in range(len(kinds))]
    taken = ", ".join(f"{one}::{CASTS[kind][0]}" for one, kind in zip(columns, kinds.values(), strict=True))
    asked = f"COPY (SELECT {taken} FROM ({sql}) q ({', '.join(columns)})) TO STDOUT (FORMAT binary)"  # noqa: S608 - ORM's
    with connection.cursor() as cursor, cursor.copy(cursor.mogrify(asked, params)) as copy:
        told = b"".join(copy)
    kept = [
        part for n, kind in enumerate(kinds.values()) for part in ((f"length{n}", ">i4"), (f"value{n}", CASTS[kind][1]))
    ]
    row = np.dtype([("fields", ">i2"), *kept])
    count, rest = divmod(len(told) - HEAD - TAIL, row.itemsize)
    if rest:
        raise ValueError(f"an empty value in {', '.join(kinds)}")
    found = np.frombuffer(told, row, count, HEAD)
    for n, name in enumerate(kinds):
        if (found[f"length{n}"] != 8).any():
            raise ValueError(f"an empty value in {name}")
    return {
        name: found[f"value{n}"].astype(np.int64 if kind is int else np.float64)
        for n, (name, kind) in enumerate(kinds.items())
    }
