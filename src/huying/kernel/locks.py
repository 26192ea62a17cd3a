"""Row locks in one declared order, so that two actions can wait for each other but never in a circle.

The order stands in ``settings.HUYING_LOCK_ORDER`` (model labels, outermost first); inside one model, rows are locked by key.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

from django.conf import settings
from django.db import models
from django.db.models import Q, QuerySet

from huying.kernel import prepared
from huying.kernel.errors import NotFound
from huying.kernel.prepared import Shape
from huying.kernel.transactions import open_action

M = TypeVar("M", bound=models.Model)


class LockOrderBroken(RuntimeError):
    """A bug: a lock was asked for outside an action, undeclared, or against the declared order."""


def _check(model: type[models.Model]) -> None:
    order: list[str] = settings.HUYING_LOCK_ORDER
    label = model._meta.label
    action = open_action.get()
    if action is None:
        raise LockOrderBroken(f"{label} locked outside begin()")
    if label not in order:
        raise LockOrderBroken(f"{label} has no place in HUYING_LOCK_ORDER")
    rank = order.index(label)
    if rank < action.rank:
        raise LockOrderBroken(f"{label} locked after {order[action.rank]}")
    action.rank = rank


def note(model: type[models.Model]) -> None:
    """Say that the next statement locks rows of ``model`` by itself, in the order of their keys."""
    _check(model)


def one(model: type[M], **lookup: Any) -> M:
    """Lock and return the one row; NotFound when there is none."""
    _check(model)
    row = model._default_manager.select_for_update(of=("self",)).filter(**lookup).first()
    if row is None:
        raise NotFound
    return row


def free(model: type[M], which: Q) -> M | None:
    """Lock and return the one row of ``which``; None when there is none, or when somebody holds it: nobody waits."""
    _check(model)
    return model._default_manager.select_for_update(of=("self",), skip_locked=True).filter(which).first()


def many(rows: QuerySet[M]) -> list[M]:
    """Lock and return all rows of the query, in the order of their keys."""
    _check(rows.model)
    return list(rows.select_for_update(of=("self",)).order_by("pk"))


def still(rows: QuerySet[M]) -> list[M]:
    """Keep all rows of the query from changing, in the order of their keys; others may still refer to them meanwhile, so
    whoever holds a later lock and writes a reference does not wait in a circle.
    """
    _check(rows.model)
    return list(rows.select_for_update(of=("self",), no_key=True).order_by("pk"))


def keyed(rows: Shape[M], keys: Iterable[int]) -> list[M]:
    """Lock and return the rows of these keys, in their order, by a prepared statement: for what hundreds want at once."""
    _check(rows.model)
    table = rows.model._meta.db_table
    statement = f"SELECT {rows.columns} FROM {table} {rows.table} WHERE id = ANY(%s) ORDER BY id FOR UPDATE"  # noqa: S608
    return [rows.made(row) for row in prepared.rows(statement, [list(keys)])]
