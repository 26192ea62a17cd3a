"""Pages by key: the database goes straight to the next row by index, however far back the page lies, and
never counts.

A cursor holds the order values of the row at the page's edge, so rows that are added or removed meanwhile
neither repeat nor hide others. Cursors are signed and bound to the table and its order; anything else is
InvalidInput.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.core.exceptions import FieldError, ValidationError
from django.db import models
from django.db.models import Expression, F, Func, OrderBy, Q, QuerySet, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from huying.kernel import signing
from huying.kernel.errors import InvalidInput

LARGEST = 200
LONGEST_CURSOR = 4096
M = TypeVar("M", bound=models.Model)
R = TypeVar("R")


class CursorUnknown(InvalidInput):
    code = "cursor_unknown"
    message = _("翻页的位置已经失效，请回到第一页。")


@dataclass(frozen=True)
class Page(Generic[R]):
    """Rows of one page, and the cursors of its neighbours; None where the list ends."""

    rows: list[R]
    next: str | None
    previous: str | None

    @property
    def is_first(self) -> bool:
        return self.previous is None


@dataclass(frozen=True, slots=True)
class Key:
    """One column of the order."""

    name: str
    descending: bool
    nullable: bool
    field: models.Field[Any, Any]

    def turned(self) -> Key:
        return Key(self.name, not self.descending, self.nullable, self.field)

    def ordering(self) -> OrderBy:
        """PostgreSQL's own placing of NULL: last when ascending, first when descending; so plain indexes
        serve.
        """
        return OrderBy(F(self.name), descending=self.descending)

    def after(self, value: Any) -> Q:
        """Rows that come strictly later in this column."""
        if self.descending:
            return Q(**{f"{self.name}__isnull": False}) if value is None else Q(**{f"{self.name}__lt": value})
        if value is None:
            return Q(pk__in=[])
        later = Q(**{f"{self.name}__gt": value})
        return later | Q(**{f"{self.name}__isnull": True}) if self.nullable else later

    def equal(self, value: Any) -> Q:
        return Q(**{f"{self.name}__isnull": True}) if value is None else Q(**{self.name: value})


class RowAfter(Func):
    """``(a, b) > (x, y)`` as one comparison, which an index on (a, b) answers with one descent."""

    output_field = models.BooleanField()
    conditional = True

    def __init__(self, keys: Sequence[Key], values: Sequence[Any]):
        self.sign = "<" if keys[0].descending else ">"
        bound = [Value(value, output_field=key.field) for key, value in zip(keys, values, strict=True)]
        super().__init__(*[F(key.name) for key in keys], *bound)

    def as_sql(  # type: ignore[override]
        self, compiler: Any, connection: Any, **context: Any
    ) -> tuple[str, list[Any]]:
        parts, params = [], []
        for expression in self.get_source_expressions():
            sql, values = compiler.compile(expression)
            parts.append(sql)
            params.extend(values)
        half = len(parts) // 2
        return f"({', '.join(parts[:half])}) {self.sign} ({', '.join(parts[half:])})", params


def page(
    queryset: QuerySet[M, R],
    order: Sequence[str] = ("-created_at", "-id"),
    cursor: str | None = None,
    size: int = 25,
    *,
    whole: bool = False,
) -> Page[R]:
    """One page of ``queryset`` in ``order`` (field names, ``-`` for descending; the last must be unique, or with
    ``whole`` all of them together), in one query.

    ``cursor`` comes from an earlier Page of the same order (None or empty: the first page); ``size`` 1 to
    200. Rows may be model objects or ``values()``. CursorUnknown (InvalidInput) for a cursor that was not
    made here for this order.

    Do not order a large table by a column that may be NULL: that is correct, but read row by row. Annotate
    ``Coalesce(column, constant)`` and index that expression.
    """
    if not 1 <= size <= LARGEST:
        raise InvalidInput(fields={"size": _("每页 1 到 200 条。")})
    keys = keys_of(queryset, order, whole=whole)
    seal = f"{queryset.model._meta.label}:{','.join(order)}"
    backwards, values = read_cursor(cursor, keys, seal) if cursor else (False, None)
    walk = [key.turned() for key in keys] if backwards else keys
    rows = queryset.order_by(*[key.ordering() for key in walk])
    if values is not None:
        rows = rows.filter(later(walk, values))
    found = list(rows[: size + 1])
    more = len(found) > size
    found = found[:size]
    if backwards:
        found.reverse()
    if not found and values is not None:  # the rows behind this cursor are gone: the way back stays open
        back = write_cursor(not backwards, values, keys, seal)
        return Page([], back if backwards else None, None if backwards else back)
    return Page(
        found,
        write_cursor(False, values_of(found[-1], keys), keys, seal) if found and (backwards or more) else None,
        write_cursor(True, values_of(found[0], keys), keys, seal)
        if found and (more if backwards else values is not None)
        else None,
    )


def keys_of(queryset: QuerySet[Any, Any], order: Sequence[str], *, whole: bool = False) -> list[Key]:
    """The order as columns; ValueError when it does not end in a unique column (a bug: rows could be
    skipped) and nobody says that the columns are so together.
    """
    keys = []
    for term in order:
        name = term.removeprefix("-")
        field, nullable = resolve(queryset, name)
        keys.append(Key("pk" if name == "id" else name, term.startswith("-"), nullable, field))
    last = keys[-1].field if keys else None
    unique = last is not None and (whole or last.primary_key or last.unique)
    if not unique or keys[-1].nullable:
        raise ValueError("the order must end in a unique column that is never empty")
    return keys


def resolve(queryset: QuerySet[Any, Any], name: str) -> tuple[models.Field[Any, Any], bool]:
    """The field behind a name (own, across foreign keys, or annotated), and whether it may be NULL."""
    annotation = queryset.query.annotations.get(name)
    if isinstance(annotation, Expression):
        return annotation.output_field, not never_null(annotation)
    model, nullable = queryset.model, False
    for part in name.split("__"):
        found = model._meta.pk if part == "pk" else model._meta.get_field(part)
        if not isinstance(found, models.Field):
            raise FieldError(f"cannot order by {name}")
        nullable = nullable or bool(found.null)
        model = found.remote_field.model if found.remote_field else model
    return found, nullable


def never_null(expression: Expression) -> bool:
    """True for COALESCE with a constant: ordered by such an expression, a nullable column can use an
    index too.
    """
    return isinstance(expression, Coalesce) and any(
        isinstance(part, Value) and part.value is not None for part in expression.get_source_expressions()
    )


def later(keys: Sequence[Key], values: Sequence[Any]) -> Q | RowAfter:
    """Rows strictly behind ``values``. With one direction and no NULLs this is a single row comparison."""
    alike = len({key.descending for key in keys}) == 1
    if alike and not any(key.nullable for key in keys):
        return RowAfter(keys, values)
    wanted = Q()
    for number in range(len(keys) - 1, -1, -1):
        key, value = keys[number], values[number]
        wanted = key.after(value) | (key.equal(value) & wanted) if number < len(keys) - 1 else key.after(value)
    first, value = keys[0], values[0]
    if value is not None and not first.nullable:  # redundant, but a bound that an index can use
        bound = "lte" if first.descending else "gte"
        wanted &= Q(**{f"{first.name}__{bound}": value})
    return wanted


def values_of(row: Any, keys: Sequence[Key]) -> list[Any]:
    """The order values of one row."""
    values = []
    for key in keys:
        if isinstance(row, dict):
            values.append(row[key.name] if key.name in row else row["id"])
            continue
        value = row
        for part in key.name.split("__"):
            value = None if value is None else getattr(value, part)
        values.append(value.pk if isinstance(value, models.Model) else value)
    return values


def write_cursor(backwards: bool, values: Sequence[Any], keys: Sequence[Key], seal: str) -> str:
    texts = [None if value is None else plain(value) for value in values]
    return signing.sign(json.dumps([int(backwards), texts], separators=(",", ":")).encode(), f"cursor:{seal}")


def plain(value: Any) -> str:
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def read_cursor(cursor: str, keys: Sequence[Key], seal: str) -> tuple[bool, list[Any]]:
    """Direction and order values; CursorUnknown when the cursor is not ours, or its values no longer fit."""
    if len(cursor) > LONGEST_CURSOR:
        raise CursorUnknown
    try:
        backwards, texts = json.loads(signing.unsign(cursor, f"cursor:{seal}"))
        values = [key.field.to_python(text) for key, text in zip(keys, texts, strict=True)]
    except (signing.BadSignature, ValueError, TypeError, ValidationError):
        raise CursorUnknown from None
    return bool(backwards), values
