"""Rows in bulk: keys drawn at once, columns by COPY, checks made batch by batch."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from itertools import islice
from typing import Any

from django.db import connection
from django.db.models import Field, Model
from django.db.models.fields import NOT_PROVIDED
from psycopg.types.json import Jsonb

from huying.kernel.pinyin import syllables
from huying.kernel.search import pieces, search_text

Row = Sequence[Any]
BATCH = 20_000
SETTLED = "DISCARD PLANS; SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED"
"""Foreign keys are checked on plans for the tables as they are now: a plan kept from when a table was small reads all of
it for every row."""


def copy(model: type[Model], names: Sequence[str], rows: Iterable[Row]) -> int:
    """Insert rows of these columns (attnames); other columns get what the model gives them. How many rows."""
    constants = others(model, tuple(names))
    fields = {one.attname: str(one.column) for one in model._meta.concrete_fields}
    columns = [fields[one] for one in names] + [column for column, _value in constants]
    return fill(model._meta.db_table, columns, rows, tuple(value for _column, value in constants))


def fill(table: str, columns: Sequence[str], rows: Iterable[Row], tail: tuple[Any, ...] = ()) -> int:
    """Insert rows into a table by COPY, each with the same ``tail`` behind it."""
    quoted = ", ".join(map(connection.ops.quote_name, columns))
    statement = f"COPY {connection.ops.quote_name(table)} ({quoted}) FROM STDIN"
    told, waiting = 0, iter(rows)
    while batch := list(islice(waiting, BATCH)):
        with connection.cursor() as cursor:
            with cursor.copy(statement) as writing:
                for row in batch:
                    writing.write_row((*row, *tail))
            cursor.execute(SETTLED)
        told += len(batch)
    return told


@lru_cache(256)
def others(model: type[Model], names: tuple[str, ...]) -> list[tuple[str, Any]]:
    """(column, value) of what is not given: the default of each field that may not be empty.

    LookupError for a default that is drawn anew for each row (a time, an id): such a column must be given.
    """
    found: list[tuple[str, Any]] = []
    for field in model._meta.concrete_fields:
        free = field.null or field.primary_key or field.generated or field.db_default is not NOT_PROVIDED
        if field.attname not in names and field.name not in names and not free:
            found.append((str(field.column), constant(model, field)))
    return found


def constant(model: type[Model], field: Field[Any, Any]) -> Any:
    if field.default not in {NOT_PROVIDED, dict, list} and callable(field.default):
        raise LookupError(f"{model._meta.label}.{field.name} must be given")
    value = field.get_default()
    return Jsonb(value) if isinstance(value, dict) else value


def keys(model: type[Model], count: int) -> list[int]:
    """Fresh keys, drawn at once."""
    sql = "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)"
    with connection.cursor() as cursor:
        cursor.execute(sql, [model._meta.db_table, count])
        return [int(key) for (key,) in cursor.fetchall()]


def look_over(*models: type[Model]) -> None:
    """Let the planner see what has become of these tables."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE " + ", ".join(connection.ops.quote_name(one._meta.db_table) for one in models))


@lru_cache(100_000)
def spelled(words: str) -> str:
    """What a name or title is found by; the same ones come again and again."""
    return search_text(words)


@lru_cache(200_000)
def found_by(name: str) -> tuple[str, str, list[str]]:
    """(sort_key, search_text, search_terms) of a name."""
    text = spelled(name)
    return " ".join(syllables(name.lower()))[:200], text, pieces(text)


def apportioned(total: int, weights: Sequence[float]) -> list[int]:
    """``total`` in whole parts by ``weights``: the largest remainders get what is left (Hamilton), the first of equals."""
    whole = sum(weights) or 1.0
    exact = [total * one / whole for one in weights]
    parts = [int(one) for one in exact]
    left = sorted(range(len(parts)), key=lambda n: (parts[n] - exact[n], n))
    for n in left[: total - sum(parts)]:
        parts[n] += 1
    return parts


def strewn(total: int, weights: Sequence[float]) -> list[int]:
    """``total`` in whole parts along a line by ``weights``: what is left of one goes to the next, so that few are spread
    over many days and not heaped on the first.
    """
    whole, seen, given, parts = sum(weights) or 1.0, 0.0, 0, []
    for one in weights:
        seen += one
        parts.append(int(total * seen / whole + 0.5) - given)
        given += parts[-1]
    return parts


Progress = Callable[[str, int, int], None]
"""(what, how many parts are done, of how many)"""
