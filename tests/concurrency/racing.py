"""Two people press at the same moment: real connections, and proof that the race has really happened.

``race`` lets the first one go as far as its first row lock and stop there until the second one waits for that lock (or
has passed it, which is what the negative controls look for).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any

import pytest
from django.db import connection

from huying.kernel import locks
from huying.kernel.actor import Actor
from huying.kernel.errors import NotFound

Work = Callable[[], Any]
WAITING = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    " AND pid <> pg_backend_pid()"
)


def waiting() -> int:
    """How many other connections of this database wait for a lock."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(WAITING)
        return int(cursor.fetchone()[0])


def all_at_once(*works: Callable[[], Any]) -> list[Any]:
    """Run each in a thread with a connection of its own; results in order, exceptions as values."""
    results: list[Any] = [None] * len(works)

    def run(n: int) -> None:
        try:
            results[n] = works[n]()
        except Exception as error:
            results[n] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(n,), daemon=True) for n in range(len(works))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert not any(thread.is_alive() for thread in threads), "a race that never ends"
    return results


class Gate:
    """Stops the first one to come through until the second one waits behind it."""

    def __init__(self, patience: float = 10) -> None:
        self.first = threading.Lock()
        self.inside, self.met = threading.Event(), False
        self.patience = patience

    def pass_through(self) -> None:
        """Called right after a row lock was got."""
        if not self.first.acquire(blocking=False):
            return
        self.inside.set()
        until = time.monotonic() + self.patience
        while time.monotonic() < until:
            if waiting():
                self.met = True
                return
            time.sleep(0.005)
        raise AssertionError("nobody waited for the lock: the race did not happen")


@contextmanager
def gate_at_first_lock(at: Any = None) -> Iterator[Gate]:
    """Inside, whoever gets the first row lock (of the model ``at``) waits until somebody else waits for it."""
    gate = Gate()
    one, many, keyed = locks.one, locks.many, locks.keyed

    def gated_one(model: Any, **lookup: Any) -> Any:
        row = one(model, **lookup)
        if at in {None, model}:
            gate.pass_through()
        return row

    def gated_many(rows: Any) -> Any:
        found = many(rows)
        if at in {None, rows.model}:
            gate.pass_through()
        return found

    def gated_keyed(rows: Any, keys: Any) -> Any:
        found = keyed(rows, keys)
        if at in {None, rows.model}:
            gate.pass_through()
        return found

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(locks, "one", gated_one)
        patched.setattr(locks, "many", gated_many)
        patched.setattr(locks, "keyed", gated_keyed)
        yield gate


def race(first: Callable[[], Any], second: Callable[[], Any], *, at: Any = None) -> list[Any]:
    """``first`` holds its first row lock (of the model ``at``) until ``second`` waits for it; what each gave or raised."""
    with gate_at_first_lock(at) as gate:

        def after() -> Any:
            assert gate.inside.wait(10)
            return second()

        results = all_at_once(first, after)
        assert gate.met, results
    return results


@contextmanager
def without_locks() -> Iterator[None]:
    """Inside, a lock is a plain read at which both wait for each other: the race as it would be without locking."""
    both = threading.Barrier(2, timeout=10)
    passed = threading.local()

    def meet() -> None:
        if not getattr(passed, "yes", False):
            passed.yes = True
            both.wait()

    def plain_one(model: Any, **lookup: Any) -> Any:
        row = model._default_manager.filter(**lookup).first()
        if row is None:
            raise NotFound
        meet()
        return row

    def plain_many(rows: Any) -> Any:
        found = list(rows.order_by("pk"))
        meet()
        return found

    def plain_keyed(rows: Any, keys: Any) -> Any:
        return plain_many(rows.model._default_manager.filter(pk__in=keys))

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(locks, "one", plain_one)
        patched.setattr(locks, "many", plain_many)
        patched.setattr(locks, "keyed", plain_keyed)
        patched.setattr(locks, "still", lambda rows: list(rows.order_by("pk")))
        yield


WRITES = ("INSERT", "UPDATE", "DELETE")


def race_without_locks(
    first: Callable[[], Any], second: Callable[[], Any], *, at: str | tuple[str, ...] = WRITES
) -> list[Any]:
    """Both read, then both write: each stops before its first statement that begins with ``at`` until the other one
    is there too, or has ended. Without this second meeting the quicker one may be through before the other reads on.
    """
    both = threading.Barrier(2, timeout=10)

    def met(work: Callable[[], Any]) -> Any:
        waits = True

        def before(execute: Any, sql: str, *rest: Any) -> Any:
            nonlocal waits
            if waits and sql.startswith(at):
                waits = False
                with suppress(threading.BrokenBarrierError):
                    both.wait()
            return execute(sql, *rest)

        try:
            with connection.execute_wrapper(before):
                return work()
        finally:
            both.abort()  # whoever has ended will not come: nobody waits for it

    with without_locks():
        return all_at_once(partial(met, first), partial(met, second))


def refusals(results: list[Any]) -> list[str]:
    """Names of the errors among the results."""
    return sorted(type(one).__name__ for one in results if isinstance(one, Exception))


CLOCKS = Actor.system("calls.clocks")
