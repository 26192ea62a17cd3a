"""The parts of the week as bits, for weighing: when volunteers have time, when help is wished to begin."""

from __future__ import annotations

from typing import Any

import numpy as np
from django.db.models import BigIntegerField, Func

from huying.matching.problem import Week
from huying.volunteers.states import SLOTS

ANY_TIME = SLOTS
WEEK = Week(slots=SLOTS + 3, a_day=3, minutes=480)
"""The parts of a week as volunteers name them, and one more in which everybody has time: calls without a wish."""
EVERY = (1 << (ANY_TIME + 1)) - 1
NO_WISH = -1
"""Instead of the hour of a wish, where there is none."""
THURSDAY = 3
"""The day on which the hours are counted from."""


class Parts(Func):
    """The parts of the week that volunteers named as a mask; who named none has time at any.

    A sum of bits for each number of parts: nearly a million volunteers are read, and to ask for each part whether it is
    named takes four times as long. Whatever does not fit that (an empty part, more parts than there are) is asked so.
    """

    output_field = BigIntegerField()

    def __init__(self) -> None:
        named, any_time = '"volunteers_volunteer"."availability"', f"{1 << ANY_TIME}::bigint"
        bits = [f" | (1::bigint << {named}[{at}])" for at in range(1, SLOTS + 1)]
        sums = (f"WHEN {many} THEN {any_time}{''.join(bits[:many])}" for many in range(1, SLOTS + 1))
        parts = (f"CASE WHEN {part} = ANY({named}) THEN {1 << part} ELSE 0 END" for part in range(SLOTS))
        slow = f"{any_time} + {' + '.join(parts)}"
        quick = f"CASE cardinality({named}) WHEN 0 THEN {EVERY} {' '.join(sums)} END"
        super().__init__(template=f"(COALESCE({quick}, {slow}) & {EVERY})")


def wanted(hours: Any) -> Any:
    """The part of the week in which help is wished to begin, as its bit; the extra one without a wish."""
    day, hour = np.divmod(hours, 24)
    part = 3 * ((day + THURSDAY) % 7) + (hour >= 12) + (hour >= 18)
    return np.left_shift(1, np.where(hours == NO_WISH, ANY_TIME, part))
