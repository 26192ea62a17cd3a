"""How a number changed against an earlier one: arithmetic that says when nothing can be said."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import Enum
from fractions import Fraction
from math import floor


class Way(Enum):
    """Which way a number went; UNKNOWN where one of the two is missing."""

    UP = "up"
    DOWN = "down"
    SAME = "same"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Change:
    """``by``: the difference, in the unit of the number (shares: percentage points).

    ``percent``: how much that is of the earlier one; None for shares and where the earlier one was nothing.
    """

    way: Way
    by: Decimal = Decimal(0)
    percent: Decimal | None = None


UNKNOWN = Change(Way.UNKNOWN)


def amount_changed(now: int | None, before: int | None) -> Change:
    """Of counts: more, fewer or the same; from nothing there is no percentage."""
    if now is None or before is None:
        return UNKNOWN
    percent = rounded(Decimal(100 * abs(now - before)) / before) if before else None
    return Change(way(now - before), Decimal(abs(now - before)), percent)


def share_changed(now: Fraction | None, before: Fraction | None) -> Change:
    """Of shares in percent, not rounded yet: by how many points; a share of nothing is not known."""
    if now is None or before is None:
        return UNKNOWN
    by = rounded(abs(now - before))
    return Change(way(now - before) if by else Way.SAME, by)


def way(difference: int | Fraction) -> Way:
    return Way.UP if difference > 0 else Way.DOWN if difference < 0 else Way.SAME


def rounded(value: Decimal | Fraction) -> Decimal:
    """To one decimal, half up."""
    if isinstance(value, Decimal):
        return value.quantize(Decimal("0.1"), ROUND_HALF_UP)
    return Decimal(floor(10 * value + Fraction(1, 2))).scaleb(-1)
