"""The way to the database's own functions (migrations/0002_writers): one row goes in as JSON, a batch as columns."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models.base import ModelState

from huying.kernel import locks, prepared
from huying.kernel.actor import Actor
from huying.ledger.models import Account, Hold, Lot, Transfer
from huying.ledger.rules.entries import Asked, Standing

LOCK = (
    "SELECT id, asset_id, floor, credits - debits - held FROM ledger_account WHERE id = ANY(%s)"
    " ORDER BY id FOR NO KEY UPDATE"
)

ONE = "SELECT id, asset_id, issuing FROM ledger_write_one(%s)"
MANY = f"SELECT id, asset_id, issuing FROM ledger_write({', '.join(['%s'] * 16)})"  # noqa: S608 - places only
COMPACT = json.JSONEncoder(separators=(",", ":"))
COLUMNS = [field.attname for field in Transfer._meta.concrete_fields]
KNOWN = f"SELECT {', '.join(COLUMNS)} FROM ledger_transfer WHERE key = ANY(%s)"  # noqa: S608 - our own columns


def as_json(row: Asked) -> dict[str, Any]:
    """One row as ``ledger_write_one`` reads it."""
    recorded = row.recorded_at.isoformat()
    return {
        "public_id": row.public_id.hex,
        "debit": row.debit,
        "credit": row.credit,
        "amount": row.amount,
        "key": row.key,
        "reverses": row.reverses,
        "made_by": row.made_by,
        "approved_by": row.approved_by,
        "on_behalf": row.on_behalf,
        "reason": row.reason,
        "rule_version": row.rule_version,
        "evidence": row.evidence,
        "occurred_at": row.occurred_at.isoformat() if row.occurred_at else recorded,
        "recorded_at": recorded,
        "expires_at": row.expires_at.isoformat() if row.expires_at else None,
    }


def as_columns(rows: Sequence[Asked]) -> list[Any]:
    """All rows as ``ledger_write`` reads them: a column of values for each field. They were asked at one moment."""
    return [
        rows[0].recorded_at,
        f"{{{','.join([row.public_id.hex for row in rows])}}}",
        numbers([row.debit for row in rows]),
        numbers([row.credit for row in rows]),
        numbers([row.amount for row in rows]),
        [row.key for row in rows],
        numbers([row.reverses for row in rows]),
        numbers([row.made_by for row in rows]),
        numbers([row.approved_by for row in rows]),
        numbers([row.on_behalf for row in rows]),
        column([row.reason for row in rows]),
        column([row.rule_version for row in rows]),
        column([row.evidence for row in rows]),
        column([row.occurred_at for row in rows]),
        column([row.expires_at for row in rows]),
    ]


def numbers(values: Sequence[int | None]) -> str:
    """A column of numbers, as PostgreSQL writes an array; ValueError for anything that is no number."""
    if values.count(None) == len(values):
        return "{}"
    return f"{{{','.join(['NULL' if one is None else f'{one:d}' for one in values])}}}"


def column(values: list[Any]) -> Any:
    """A column of anything else; an empty one when nothing is in it."""
    return values if any(values) else "{}"


def write(rows: Sequence[Asked], actor: Actor | None = None) -> list[Transfer]:
    """Write all rows, in order, and move their accounts; for ``actor`` when no action says who acts.

    IntegrityError when one of them breaks a rule or its key is known: then nothing was written.
    """
    locks.note(Account)
    acting = str(actor.person_id or actor.name) if actor else None
    with connection.cursor() as cursor:
        cursor.execute(MANY, [acting, *as_columns(rows)])
        return [as_transfer(row, *given) for row, given in zip(rows, cursor.fetchall(), strict=True)]


def write_one(actor: Actor, row: Asked) -> Transfer | None:
    """Write one row in one statement, which also says who acts; None when its key is known.

    IntegrityError when it breaks a rule.
    """
    locks.note(Account)
    given = as_json(row)
    given["actor"] = str(actor.person_id or actor.name)
    found = prepared.rows(ONE, [COMPACT.encode(given)])
    return as_transfer(row, *found[0]) if found else None


def as_transfer(row: Asked, key: int, asset_id: int, issuing: bool) -> Transfer:
    """What was written, without reading it again; the values in the order of the columns."""
    values = (
        key,
        row.public_id,
        asset_id,
        row.debit,
        row.credit,
        issuing,
        row.amount,
        row.key,
        row.reverses,
        row.made_by,
        row.approved_by,
        row.on_behalf,
        row.reason,
        row.rule_version,
        row.evidence,
        row.occurred_at or row.recorded_at,
        row.recorded_at,
    )
    return loaded(values)


def loaded(values: Iterable[Any]) -> Transfer:
    """A saved transfer from the values of all its columns: what ``from_db`` makes, without asking each field."""
    made = Transfer.__new__(Transfer)
    made.__dict__.update(zip(COLUMNS, values, strict=True))
    made._state = ModelState()
    made._state.adding, made._state.db = False, DEFAULT_DB_ALIAS
    return made


def known(keys: Iterable[str]) -> dict[str, Transfer]:
    """The transfers that stand under these keys; one parameter, however many there are."""
    with connection.cursor() as cursor:
        cursor.execute(KNOWN, [list(keys)])
        return {one.key: one for one in map(loaded, cursor.fetchall())}


def lock(account_ids: Iterable[int]) -> dict[int, Standing]:
    """Lock these accounts in the order of their keys; how they stand."""
    locks.note(Account)
    with connection.cursor() as cursor:
        cursor.execute(LOCK, [sorted(account_ids)])
        return {
            key: Standing(asset, None if floor is None else rest - floor)
            for key, asset, floor, rest in cursor.fetchall()
        }


def hold_write(row: Asked, until: datetime) -> list[Hold]:
    """Set the amount aside; nothing comes back when the key is known."""
    locks.note(Account)
    text = json.dumps({**as_json(row), "until": until.isoformat()})
    return list(Hold.objects.raw("SELECT * FROM ledger_hold_write(%s)", [text]))


def hold_end(hold: Hold, row: Asked | None, ended_at: datetime, person_id: int | None, why: str) -> list[Hold]:
    """Post ``row`` in place of what was held, or (None) give it back; nothing comes back when the hold has ended."""
    locks.note(Hold)
    locks.note(Account)
    text = json.dumps(as_json(row)) if row is not None else None
    given = [hold.pk, text, ended_at, person_id, why]
    return list(Hold.objects.raw("SELECT * FROM ledger_hold_end(%s, %s, %s, %s, %s)", given))


def lapse(lot: Lot, row: Asked | None, closed_at: datetime | None) -> list[Transfer]:
    """Move ``row`` out of a lot that expired (None: nothing is left of it) and close it when ``closed_at`` says so."""
    locks.note(Account)
    text = json.dumps(as_json(row)) if row is not None else None
    return list(Transfer.objects.raw("SELECT * FROM ledger_lapse(%s, %s, %s)", [lot.pk, text, closed_at]))
