"""Writes of several requests in one transaction, for the moment when hundreds want the same row (group commit).

A write waits for its turn, as it would wait for the row; whoever has the turn carries out everything that waits in this
process by then. No thread and no delay: alone, a write is carried out at once, and the longer the line, the more is done
in one transaction (docs/decisions/0018).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from threading import Lock
from typing import Generic, TypeVar

from django.db import connection

T = TypeVar("T")
R = TypeVar("R")
MOST = 256
"""Writes in one transaction: so many are still a few milliseconds, and the row is free again soon."""


class _Waiting(Generic[T, R]):
    """One write in the line, and what became of it."""

    def __init__(self, wanted: T) -> None:
        self.wanted = wanted
        self.done = False
        self.result: R | None = None
        self.trouble: BaseException | None = None


class Line(Generic[T, R]):
    """The line of one kind of write in this process. ``write`` does several, each as if it were alone, in order.

    ``write`` gives for each what became of it; a refusal is given (an exception object), not raised, so that it concerns
    nobody else.
    """

    def __init__(self, write: Callable[[Sequence[T]], Sequence[R]]) -> None:
        self.write = write
        self.waiting: deque[_Waiting[T, R]] = deque()
        self.turn = Lock()

    def join(self, wanted: T) -> R:
        """What became of ``wanted``, after its commit. Inside a transaction it is written there, alone."""
        if connection.in_atomic_block:
            return self.write([wanted])[0]
        mine: _Waiting[T, R] = _Waiting(wanted)
        self.waiting.append(mine)
        with self.turn:
            while not mine.done:
                self.carry_out([self.waiting.popleft() for _ in range(min(len(self.waiting), MOST))])
        if mine.trouble is not None:
            raise mine.trouble
        return mine.result  # type: ignore[return-value]  # done, and without trouble

    def carry_out(self, batch: list[_Waiting[T, R]]) -> None:
        """Write a batch; when that fails as a whole, one by one, so that trouble stays with whoever brings it."""
        try:
            for one, result in zip(batch, self.write([one.wanted for one in batch]), strict=True):
                one.result = result
        except Exception as trouble:
            if len(batch) == 1:
                batch[0].trouble = trouble
            else:
                for one in batch:
                    self.carry_out([one])
        finally:
            for one in batch:
                one.done = True
