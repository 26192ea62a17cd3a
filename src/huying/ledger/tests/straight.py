"""Straight to the functions of the database, past every action: what a stolen credential of the application could try."""

from __future__ import annotations

import json
from dataclasses import fields
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from huying.ledger.actions.posting import asked
from huying.ledger.actions.writing import MANY, as_columns, as_json
from huying.ledger.models import Account
from huying.ledger.rules.entries import Asked
from huying.ledger.tests.factories import entry, person


def call(sql: str, *given: Any) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, given)


def written(way: str, wanted: list[dict[str, Any]], schema: str = "") -> None:
    """Straight to the functions of the database: the one for one row, or the one for batches (also with one row)."""
    if way == "one":
        call(f"SELECT * FROM {schema}ledger_write_one(%s)", json.dumps(wanted[0]))
    else:
        call(
            MANY.replace("ledger_write", f"{schema}ledger_write"), None, *as_columns([as_asked(one) for one in wanted])
        )


def as_asked(row: dict[str, Any]) -> Asked:
    moments = {name: row[name] and datetime.fromisoformat(row[name]) for name in row if name.endswith("_at")}
    facts = {**row, **moments, "public_id": UUID(row["public_id"])}
    return Asked(**{one.name: facts[one.name] for one in fields(Asked)})


def row(debit: Account, credit: Account, units: int, **facts: Any) -> dict[str, Any]:
    return {**as_json(asked(person(), entry(debit, credit, units, evidence="tests.Record:1"))), **facts}
