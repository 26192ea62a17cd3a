"""Changing the key: a new one seals from now on, and every row is sealed anew in small steps.

Which rows are left is written in the rows themselves (the key id stands in each blob), so a run that was
cut off goes on where it was, and a row that somebody saves meanwhile is simply done already.
"""

# ruff: noqa: S608 - the only names put into statements here are our own tables and columns, quoted

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.apps import apps
from django.db import connection, models
from django.utils.translation import gettext_lazy as _

from huying.kernel import audit, clock
from huying.kernel.actor import Actor
from huying.kernel.errors import Conflict
from huying.kernel.sealed import keyring
from huying.kernel.sealed.algorithms import Algorithm
from huying.kernel.sealed.envelope import Spot, seal, unseal
from huying.kernel.sealed.field import SealedField
from huying.kernel.transactions import begin

BATCH = 500
KEY_AT = f"substring({{column}} from 3 for {keyring.ID_BYTES})"
SETTLED_AFTER = timedelta(
    minutes=10
)  # no transaction may last so long, so nothing is still being sealed with an older key


class KeyTooFresh(Conflict):
    code = "key_too_fresh"
    message = _("新密钥启用不到十分钟，请稍后再清除旧密钥。")


@dataclass(frozen=True, slots=True)
class Column:
    """One sealed column in the database."""

    table: str
    column: str
    row_column: str
    pk_column: str

    def quoted(self) -> dict[str, str]:
        quote = connection.ops.quote_name
        return {
            "table": quote(self.table),
            "column": quote(self.column),
            "row": quote(self.row_column),
            "pk": quote(self.pk_column),
        }


def sealed_columns(all_models: Iterable[type[models.Model]] | None = None) -> Iterator[Column]:
    """Every sealed column of the product's own tables."""
    for model in apps.get_models() if all_models is None else all_models:
        meta = model._meta
        for field in meta.local_concrete_fields:
            if isinstance(field, SealedField):
                columns = [each.column for each in (field, meta.get_field("public_id"), meta.pk)]  # type: ignore[union-attr]
                yield Column(meta.db_table, *map(str, columns))


def rotate(
    *,
    actor: Actor,
    algorithm: Algorithm | None = None,
    fresh: bool = True,
    columns: Iterable[Column] | None = None,
    told: Callable[[str, int], None] = lambda column, done: None,
) -> int:
    """Make a new key (unless ``fresh`` is False: go on with a run cut off) and seal every row with it;
    rows changed.
    """
    if fresh:
        key = keyring.add_key(algorithm)
        with begin(actor):
            audit.record(actor, "keys.add", None, changes={"key": key.id.hex(), "algorithm": key.algorithm.name})
    current, total = keyring.load().current, 0
    for column in list(sealed_columns() if columns is None else columns):
        done, last = 0, -(1 << 63)
        while (step := rewrap(actor, column, last)) is not None:
            last, changed = step
            done += changed
            told(f"{column.table}.{column.column}", done)
        total += done
    with begin(actor):
        audit.record(actor, "keys.rotated", None, changes={"key": current.id.hex(), "rows": total})
    return total


def rewrap(actor: Actor, column: Column, after: int) -> tuple[int, int] | None:
    """Seal the next rows behind primary key ``after`` anew: (last key seen, rows changed), None at the end.

    Each row is written only if it still holds what was read, so no lock is held while sealing.
    """
    name, current = column.quoted(), keyring.load().current.id
    with begin(actor), connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {name['pk']}, {name['row']}, {name['column']} FROM {name['table']}"
            f" WHERE {name['pk']} > %s AND {KEY_AT.format(**name)} <> %s ORDER BY {name['pk']} LIMIT {BATCH}",
            [after, current],
        )
        rows = cursor.fetchall()
        changed = 0
        for pk, row, blob in rows:
            spot = Spot(column.table, column.column, row.bytes)
            cursor.execute(
                f"UPDATE {name['table']} SET {name['column']} = %s WHERE {name['pk']} = %s AND {name['column']} = %s",
                [seal(unseal(bytes(blob), spot), spot), pk, bytes(blob)],
            )
            changed += cursor.rowcount
    return (rows[-1][0], changed) if rows else None


def keys_in_use(columns: Iterable[Column] | None = None) -> dict[bytes, int]:
    """How many values each key seals, over all columns."""
    found: dict[bytes, int] = {}
    for column in list(sealed_columns() if columns is None else columns):
        name = column.quoted()
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT {KEY_AT.format(**name)}, count(*) FROM {name['table']}"
                f" WHERE {name['column']} IS NOT NULL GROUP BY 1"
            )
            for key_id, count in cursor.fetchall():
                found[bytes(key_id)] = found.get(bytes(key_id), 0) + count
    return found


def retire_unused(*, actor: Actor, columns: Iterable[Column] | None = None) -> list[str]:
    """Forget every key but the current one that no row needs; backups made under them will not open any
    more.
    """
    ring = keyring.load()
    if clock.now() - datetime.fromisoformat(ring.current.made_at) < SETTLED_AFTER:
        raise KeyTooFresh
    used = keys_in_use(columns)
    gone = {key_id for key_id in ring.keys if key_id not in used and key_id != ring.current.id}
    keyring.retire(gone)
    names = sorted(key_id.hex() for key_id in gone)
    with begin(actor):
        audit.record(actor, "keys.retire", None, changes={"keys": names})
    return names
