"""Statements that every request makes are planned by the server once a connection, not once a request.

Django sends each statement with its values written into it, so the server parses and plans it anew, which takes longer
than to carry out a short one. ``rows`` sends text and values apart, as a prepared statement of this connection. The text
must be the same each time: whatever changes belongs into the values, and a list of many goes as one array. (psycopg
prepares again where values are of another size, such as numbers of four bytes and of eight; it keeps a hundred at most.)
``Shape`` makes objects of the rows. Both are for the few statements of every request and of a rush (decision 0018).
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping, Sequence
from threading import Lock
from typing import Any, Generic, TypeVar

import psycopg
from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, connection, connections, models
from django.db.models.base import ModelState
from django.db.models.fields.related_descriptors import ForeignKeyDeferredAttribute
from django.db.models.query_utils import DeferredAttribute
from psycopg.types.datetime import TimestamptzLoader

M = TypeVar("M", bound=models.Model)


class _Prepared(psycopg.Cursor[tuple[Any, ...]]):
    """Prepares at the first use already: connections live long, and their texts are few. Not while statements are logged,
    for a prepared one does not say what was sent.
    """

    logged, anew = False, False

    def __init__(self, connection: Any) -> None:
        """Moments are read by psycopg's own compiled reader, 1 µs each instead of the 8 of Django's, which exchanges the
        zone in Python; connections stand in UTC, so both give the same.
        """
        super().__init__(connection)
        self.adapters.register_loader("timestamptz", TimestamptzLoader)

    def execute(self, query: Any, params: Any = None, **_more: Any) -> Any:
        return super().execute(query, params, prepare=not (self.logged or self.anew))


def rows(sql: str, values: Sequence[Any] | Mapping[str, Any], *, anew: bool = False) -> list[tuple[Any, ...]]:
    """What the statement gives; an empty list when it gives no rows. Logs, tests and drills see it as any other.

    ``anew`` has it planned for these very values, a third of a millisecond each time: for the few where the best way
    hangs on them, such as a walk along an index that is right for a whole county and wrong for one station.
    """
    database = connections[DEFAULT_DB_ALIAS]  # looked up once: the proxy ``connection`` does so at each touch
    database.close_if_health_check_failed()
    database.ensure_connection()
    plain = _kept(database.connection)
    plain.logged, plain.anew = database.queries_logged, anew
    cursor = database.make_debug_cursor(plain) if plain.logged else database.make_cursor(plain)
    cursor.execute(sql, values)
    return cursor.fetchall() if plain.pgresult.nfields else []


def _kept(raw: Any) -> Any:
    """The one such cursor of a connection: all its rows are read at once, so that it is free for the next statement."""
    kept = raw.__dict__.get("huying_prepared")
    if kept is None or kept.closed:
        kept = raw.huying_prepared = _Prepared(raw)
    return kept


TEXTS = 512
"""So many questions are kept written down, those asked last."""
_texts: OrderedDict[Hashable, tuple[str, tuple[Any, ...]] | None] = OrderedDict()
_one_at_a_time = Lock()


def written_once(key: Hashable, question: Callable[[], models.QuerySet[Any, Any]]) -> list[tuple[Any, ...]]:
    """The rows of ``words(key, question)``."""
    text = words(key, question)
    return rows(*text) if text else []


def words(key: Hashable, question: Callable[[], models.QuerySet[Any, Any]]) -> tuple[str, tuple[Any, ...]] | None:
    """Text and values of a query set (of ``values_list``), put into words once for each ``key``, which takes Django
    longer than the database needs to answer; None where nothing can ever be found. Only the words are kept.

    The key must name the question and hold everything that its words and values hang on, such as ``Actor.rights``; a
    question about the present time does not belong here, unless its key is None: then it is written down anew.
    """
    with _one_at_a_time:
        if key in _texts:
            _texts.move_to_end(key)
            return _texts[key]
    try:
        text = question().query.sql_with_params()
    except EmptyResultSet:
        text = None
    with _one_at_a_time:
        if key is not None:
            _texts[key] = text
        while len(_texts) > TEXTS:
            _texts.popitem(last=False)
    return text


class Shape(Generic[M]):
    """Some fields of a model, or all: ``columns`` to select from ``table``, and objects of what was selected."""

    def __init__(self, model: type[M], table: str, *names: str) -> None:
        fields = [one for one in model._meta.concrete_fields if not names or one.name in names]
        self.model, self.table, self.width = model, table, len(fields)
        self.columns = ", ".join(f'{table}."{field.column}"' for field in fields)
        self.names = [field.attname for field in fields]
        self.readings = [
            (one.attname, made) for one in fields if (made := getattr(one, "from_db_value", None)) is not None
        ]
        self.guarded = [name for name in self.names if type(getattr(model, name)) not in PLAIN]

    def made(self, values: Sequence[Any], **beside: models.Model | None) -> M:
        """The object whose columns begin at the first of ``values``; the other fields are loaded when asked for.
        ``beside`` are rows that its foreign keys lead to, by name, when they are known.

        As ``Model.from_db`` makes it, without asking each of its fields first: a page makes two hundred.
        """
        own = dict(zip(self.names, values, strict=False))
        for name, read in self.readings:
            own[name] = read(own[name], None, connection)
        given = [(name, own.pop(name)) for name in self.guarded]
        state = ModelState()
        state.adding, state.db = False, DEFAULT_DB_ALIAS
        if beside:
            state.fields_cache.update(beside)
        row = self.model.__new__(self.model)
        row.__dict__ = {"_state": state, **own}
        for name, value in given:
            setattr(row, name, value)
        return row


PLAIN = (DeferredAttribute, ForeignKeyDeferredAttribute)
"""Fields whose value is what stands in the object's ``__dict__``; others (sealed ones, files) take it in themselves."""
