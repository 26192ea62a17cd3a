"""What must be written even when everything else is rolled back: an alarm about the attempt itself.

A refused request leaves nothing in the database, so its alarm cannot be part of it. ``later(f)`` keeps
``f`` until the outermost transaction of this request or action has ended, either way, and runs it then in
a transaction of its own.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

log = logging.getLogger("huying.afterwards")
_kept: ContextVar[list[Callable[[], None]] | None] = ContextVar("huying_afterwards", default=None)


@contextmanager
def scope() -> Iterator[None]:
    """Wrap the outermost transaction from outside; inside another scope this does nothing."""
    if _kept.get() is not None:
        yield
        return
    kept: list[Callable[[], None]] = []
    mark = _kept.set(kept)
    try:
        yield
    finally:
        _kept.reset(mark)
        for function in kept:
            try:
                function()
            except Exception:
                log.exception("could not be done after the transaction")


def later(function: Callable[[], None]) -> None:
    """Run ``function`` when the present transaction has ended, committed or not; at once when there is
    none.
    """
    kept = _kept.get()
    if kept is None:
        function()
    else:
        kept.append(function)
