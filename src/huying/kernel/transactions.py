"""One short transaction per action, with the acting person known to the database for its length."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from django.db import connection, transaction

from huying.kernel import afterwards
from huying.kernel.actor import Actor


@dataclass(slots=True)
class Open:
    """What one outermost action has done so far: the highest rank in the lock order that it holds."""

    rank: int = -1


open_action: ContextVar[Open | None] = ContextVar("huying_open_action", default=None)


@contextmanager
def begin(actor: Actor) -> Iterator[None]:
    """Open a transaction (or a savepoint inside one) and set ``huying.actor`` for this transaction only."""
    mark = open_action.set(open_action.get() or Open())
    try:
        with afterwards.scope(), transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SELECT set_config('huying.actor', %s, true)", [str(actor.person_id or actor.name)])
            yield
    finally:
        open_action.reset(mark)


@contextmanager
def at_once(actor: Actor) -> Iterator[None]:
    """For a write that is one statement, which sets ``huying.actor`` itself: it is its own transaction.

    Inside another transaction this is ``begin``, so that a refusal does not spoil what surrounds it.
    """
    if connection.in_atomic_block:
        with begin(actor):
            yield
        return
    mark = open_action.set(Open())
    try:
        with afterwards.scope():
            yield
    finally:
        open_action.reset(mark)
