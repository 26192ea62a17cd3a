"""A share in percent, rounded once."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from math import floor


def percent(part: int | Fraction, whole: int, places: int) -> Decimal | None:
    """``part`` of ``whole`` in percent, half up, from the two numbers themselves: rounded twice 12.447 would become 12.5.

    Not all is never 100 and not nothing never 0, however near: 99.96 is 99.9 with one decimal. None of nothing.
    """
    if not whole:
        return None
    scale = 10**places
    units = floor(Fraction(part) * 100 * scale / whole + Fraction(1, 2))
    if 0 < part < whole:
        units = min(max(units, 1), 100 * scale - 1)
    return Decimal(units).scaleb(-places)
