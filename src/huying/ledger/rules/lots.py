"""What is left of each lot: spending takes the oldest units first (FIFO)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Came:
    """``amount`` units that came by one transfer, of which ``gone`` have already expired (or were reversed)."""

    transfer_id: int
    amount: int
    gone: int = 0


def leftovers(came: Iterable[Came], used: int) -> dict[int, int]:
    """Transfer key -> units still there after ``used`` were taken from the oldest on. ``came`` oldest first."""
    left = {}
    for one in came:
        there = one.amount - one.gone
        taken = min(there, used)
        used -= taken
        left[one.transfer_id] = there - taken
    return left
