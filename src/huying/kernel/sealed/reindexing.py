"""Changing the key of the blind index: a new one hashes from now on, both are found by, every row is hashed anew.

Which rows are left is written in the rows (a hash begins with the id of its key), so a run that was cut off goes on
where it was. A row is hashed anew only when its hash is really that of its sealed value, and only if it still holds
what was read. Unique columns stay unique: a row that would meet another one is left, counted, and keeps its key alive.
"""

# ruff: noqa: S608 - the only names put into statements here are our own tables and columns, quoted

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, fields
from datetime import datetime

from django.apps import apps
from django.db import IntegrityError, connection, models, transaction

from huying.kernel import audit, clock
from huying.kernel.actor import Actor
from huying.kernel.sealed import keyring
from huying.kernel.sealed.envelope import Spot, unseal
from huying.kernel.sealed.index import IndexField, blind_index
from huying.kernel.sealed.rotation import BATCH, SETTLED_AFTER, KeyTooFresh
from huying.kernel.transactions import begin

BARE_LENGTH = 32
MADE_BY = f"CASE WHEN octet_length({{column}}) = {BARE_LENGTH} THEN %(bare)s::bytea"
MADE_BY += f" ELSE substring({{column}} from 1 for {keyring.ID_BYTES}) END"


@dataclass(frozen=True, slots=True)
class IndexColumn:
    """One column of a blind index, and the sealed column it hashes (empty names when nothing of it is kept)."""

    table: str
    column: str
    pk: str
    purpose: str = ""
    join: str = ""
    source: str = ""
    sealed: str = ""
    row: str = ""
    source_pk: str = ""

    def quoted(self) -> dict[str, str]:
        return {one.name: connection.ops.quote_name(getattr(self, one.name)) for one in fields(self)}


@dataclass(slots=True)
class Done:
    """Rows hashed anew; ``left`` hash something else than their sealed value, ``clashing`` would meet another row."""

    changed: int = 0
    left: int = 0
    clashing: int = 0


def index_columns(all_models: Iterable[type[models.Model]] | None = None) -> Iterator[IndexColumn]:
    """Every blind index of the product's own tables."""
    for model in apps.get_models() if all_models is None else all_models:
        for field in model._meta.local_concrete_fields:
            if isinstance(field, IndexField):
                yield column_of(model, field)


def column_of(model: type[models.Model], field: IndexField) -> IndexColumn:
    meta, pk = model._meta, str(model._meta.pk.column)
    if not field.of:
        return IndexColumn(meta.db_table, str(field.column), pk)
    through, _dot, name = field.of.rpartition(".")
    tie = meta.get_field(through) if through else None
    source = tie.related_model._meta if tie is not None else meta  # type: ignore[union-attr]
    sealed, row = source.get_field(name), source.get_field("public_id")
    return IndexColumn(
        table=meta.db_table,
        column=str(field.column),
        pk=pk,
        purpose=field.purpose,
        join=str(tie.column) if tie is not None else pk,  # type: ignore[union-attr]
        source=source.db_table,
        sealed=str(sealed.column),  # type: ignore[union-attr]
        row=str(row.column),  # type: ignore[union-attr]
        source_pk=str(source.pk.column),
    )


def rotate_index(
    *,
    actor: Actor,
    fresh: bool = True,
    columns: Iterable[IndexColumn] | None = None,
    told: Callable[[str, int], None] = lambda column, done: None,
) -> Done:
    """Make a new index key (unless ``fresh`` is False: go on with a run cut off) and hash every row with it."""
    if fresh:
        key = keyring.add_index_key()
        with begin(actor):
            audit.record(actor, "keys.index_add", None, changes={"key": key.id.hex()})
    total = Done()
    for column in list(index_columns() if columns is None else columns):
        last: int | None = -(1 << 63)
        while column.source and last is not None:
            last = rehash(actor, column, last, total)
            told(f"{column.table}.{column.column}", total.changed)
    changes = {"key": keyring.load().index_keys[0].id.hex(), "rows": total.changed}
    with begin(actor):
        audit.record(actor, "keys.index_rotated", None, changes=changes | {"left": total.left + total.clashing})
    return total


def rehash(actor: Actor, column: IndexColumn, after: int, done: Done) -> int | None:
    """Hash the next rows behind primary key ``after`` anew and count them: the last key seen, None at the end."""
    name, ring = column.quoted(), keyring.load()
    made_by = MADE_BY.format(column=f"t.{name['column']}")
    with begin(actor), connection.cursor() as cursor:
        cursor.execute(
            f"SELECT t.{name['pk']}, t.{name['column']}, s.{name['row']}, s.{name['sealed']} FROM {name['table']} t"
            f" JOIN {name['source']} s ON s.{name['source_pk']} = t.{name['join']}"
            f" WHERE t.{name['pk']} > %(after)s AND {made_by} <> %(current)s ORDER BY t.{name['pk']} LIMIT {BATCH}",
            {"after": after, "current": ring.index_keys[0].id, "bare": bare_id()},
        )
        rows = cursor.fetchall()
        for pk, stored, row, blob in rows:
            plain = unseal(bytes(blob), Spot(column.source, column.sealed, row.bytes)) if blob is not None else ""
            index = blind_index(plain, column.purpose)
            if not plain or not index.fits(stored):
                done.left += 1
                continue
            try:
                with transaction.atomic():
                    cursor.execute(
                        f"UPDATE {name['table']} SET {name['column']} = %s"
                        f" WHERE {name['pk']} = %s AND {name['column']} = %s",
                        [bytes(index), pk, bytes(stored)],
                    )
                    done.changed += cursor.rowcount
            except IntegrityError:  # the same value was written twice while the key changed
                done.clashing += 1
    return rows[-1][0] if rows else None


def bare_id() -> bytes:
    """The id of the key whose hashes carry none; no id at all once it is forgotten."""
    return next((key.id for key in keyring.load().index_keys if key.bare), b"")


def index_keys_in_use(columns: Iterable[IndexColumn] | None = None) -> dict[bytes, dict[str, int]]:
    """Key id -> "table.column" -> how many rows it hashed."""
    found: dict[bytes, dict[str, int]] = {}
    for column in list(index_columns() if columns is None else columns):
        name = column.quoted()
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT {MADE_BY.format(**name)}, count(*) FROM {name['table']}"
                f" WHERE {name['column']} IS NOT NULL GROUP BY 1",
                {"bare": bare_id()},
            )
            for key_id, count in cursor.fetchall():
                found.setdefault(bytes(key_id), {})[f"{column.table}.{column.column}"] = count
    return found


def retire_index_unused(
    *, actor: Actor, void: bool = False, columns: Iterable[IndexColumn] | None = None
) -> tuple[list[str], dict[str, int]]:
    """Forget every index key but the current one that no row needs: (keys forgotten, rows that keep the others).

    ``void`` first deletes codes that cannot be hashed anew (one-time codes, recovery codes on paper): their owners make
    new ones. Raises KeyTooFresh in the first ten minutes, while somebody may still be writing with an older key.
    """
    ring, columns = keyring.load(), list(index_columns() if columns is None else columns)
    current = ring.index_keys[0]
    if clock.now() - datetime.fromisoformat(current.made_at) < SETTLED_AFTER:
        raise KeyTooFresh
    gone_codes = sum(drop_codes(actor, column) for column in columns if not column.source) if void else 0
    used = index_keys_in_use(columns)
    gone = {key.id for key in ring.index_keys if key.id not in used and key != current}
    keyring.retire_index(gone)
    names = sorted(key_id.hex() for key_id in gone)
    with begin(actor):
        audit.record(actor, "keys.index_retire", None, changes={"keys": names, "codes": gone_codes})
    held: dict[str, int] = {}
    for key_id, where in used.items():
        for column, count in where.items() if key_id != current.id else ():
            held[column] = held.get(column, 0) + count
    return names, held


def drop_codes(actor: Actor, column: IndexColumn) -> int:
    """Delete the rows of a column that an older key hashed and nobody can hash anew."""
    name = column.quoted()
    with begin(actor), connection.cursor() as cursor:
        cursor.execute(
            f"DELETE FROM {name['table']} WHERE {MADE_BY.format(**name)} <> %(current)s",
            {"bare": bare_id(), "current": keyring.load().index_keys[0].id},
        )
        return int(cursor.rowcount)
