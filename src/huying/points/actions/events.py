"""What is told upwards: rows of this room that add to figures."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PointsMoved:
    """A row of this room (``label`` of its model) was made or changed. Reactions count it."""

    label: str
    row_id: int
