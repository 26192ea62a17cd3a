"""Crash points: a drill can kill this process before or after any statement and on either side of COMMIT."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection

WRITING_FUNCTIONS = re.compile(r"\b(?:ledger|procrastinate)_\w+\(|\bnextval\(")


class Points:
    """Counts the points passed; at number ``kill_at`` the process dies at once, as in a power cut."""

    def __init__(self, kill_at: int | None = None):
        self.kill_at = kill_at
        self.passed = 0
        self.names: list[str] = []

    def pass_one(self, name: str) -> None:
        if self.kill_at == self.passed:
            os.kill(os.getpid(), signal.SIGKILL)
        self.passed += 1
        self.names.append(name)

    def statement(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        name = ("quiet " if is_quiet(sql) else "") + sql[:60]
        self.pass_one(f"before {name}")
        result = execute(sql, params, many, context)
        self.pass_one(f"after {name}")
        return result


def is_quiet(sql: str) -> bool:
    """Whether the statement leaves nothing that the server would have to take back but a lock or a savepoint."""
    if sql.startswith(("SAVEPOINT ", "RELEASE SAVEPOINT ")):
        return True
    return sql.startswith("SELECT ") and not WRITING_FUNCTIONS.search(sql)


@contextmanager
def sweep(kill_at: int | None = None) -> Iterator[Points]:
    """Watch every statement and COMMIT on the default connection; kill this process at point ``kill_at``."""
    points = Points(kill_at)
    commit = connection._commit  # type: ignore[attr-defined]

    def watched() -> Any:
        points.pass_one("before COMMIT")
        result = commit()
        points.pass_one("after COMMIT")
        return result

    connection._commit = watched  # type: ignore[attr-defined]
    try:
        with connection.execute_wrapper(points.statement):
            yield points
    finally:
        connection._commit = commit  # type: ignore[attr-defined]
