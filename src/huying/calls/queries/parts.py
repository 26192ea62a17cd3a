"""The parts of the week as bits, for weighing: when volunteers have time, when help is wished to begin.

``wishes`` says the same of one call. The week is the one in which most calls wish for help, each part of it a bit that a
volunteer has who named it and has not promised it. A wish for several parts, or for another week, has a bit of its own: who
has it is free in one of its parts, on those very days.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db.models import BigIntegerField, Func

from huying.calls.queries.wishes import A_DAY, BEGIN, THURSDAY
from huying.matching.problem import Week
from huying.volunteers.states import SLOTS

ANY_TIME = SLOTS
WEEK = Week(slots=SLOTS + 3, a_day=3, minutes=480)
"""The parts of a week as volunteers name them, and one more in which everybody has time: calls without a wish."""
EVERY = (1 << (ANY_TIME + 1)) - 1
NO_WISH = -1
"""Instead of the minute of a wish, and of its parts, where there is none."""
ROOM = 38
"""Wishes that may have a bit of their own; those of later calls wait for the next proposal."""
A_WHOLE_DAY, A_WHOLE_WEEK = 24 * 60, 7 * 24 * 60
ANY_MINUTE = 1 << 40
"""When help begins that may begin at any time: everybody will be rested by then."""


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


@dataclass(frozen=True)
class Slots:
    """Which bit stands for which time: ``bit`` for each call (NO_WISH: no room for its wish), the ``day`` (since 1970) on which
    the week begins, and the wishes with bits of their own as (first part, last part).
    """

    bit: Any
    day: int
    own: list[tuple[int, int]]

    @property
    def week(self) -> Week:
        more = -(-max(0, len(self.own) - 2) // A_DAY) * A_DAY  # WEEK has room for two
        return Week(WEEK.slots + more, WEEK.a_day, WEEK.minutes)

    @property
    def every(self) -> int:
        """Free at any time."""
        return (1 << (ANY_TIME + 1 + len(self.own))) - 1


def wished(since: Any, until: Any, now: int, soon: Any = 0) -> tuple[Any, Any, Any]:
    """First and last part of each wish and the minute at which help begins, for columns of minutes in China (``until`` the
    last one; NO_WISH without), as ``wishes.wish_of`` says it of one call. ``soon`` (1): without a wish help begins now.
    """
    first, last, today = part_of(since), part_of(np.maximum(since, until)), int(part_of(np.int64(now)))
    weeks = np.maximum(0, -((last - today) // SLOTS))
    first, last = np.maximum(first + weeks * SLOTS, today), last + weeks * SLOTS
    begins = np.maximum(np.maximum(since + weeks * A_WHOLE_WEEK, begin_of(last)), now)
    any_time = (since == NO_WISH) | (part_of(np.maximum(since, until)) - part_of(since) + 1 >= SLOTS)
    without = np.where(soon, now, ANY_MINUTE)
    return np.where(any_time, NO_WISH, first), np.where(any_time, NO_WISH, last), np.where(any_time, without, begins)


def part_of(minute: Any) -> Any:
    """The part in which a minute falls, counted from 1970 on."""
    day, hour = np.divmod(np.asarray(minute) // 60, 24)
    return A_DAY * day + (hour >= BEGIN[1]) + (hour >= BEGIN[2])


def begin_of(part: Any) -> Any:
    """The minute at which a part begins."""
    return part // A_DAY * A_WHOLE_DAY + np.array(BEGIN)[part % A_DAY] * 60


def week_part(part: Any) -> Any:
    return (part + A_DAY * THURSDAY) % SLOTS


def slots_of(first: Any, last: Any) -> Slots:
    """Bits for the wishes of calls, the oldest first: most have one of the week in which most are."""
    plain = (first == last) & (first != NO_WISH)
    days, many = np.unique(first[plain] // A_DAY, return_counts=True)
    inside = [int(many[(days >= day) & (days < day + 7)].sum()) for day in days]
    day = int(days[np.argmax(inside)]) if inside else 0
    plain &= (first // A_DAY >= day) & (first // A_DAY < day + 7)
    bit = np.where(plain, week_part(first), np.where(first == NO_WISH, ANY_TIME, NO_WISH))
    others = np.flatnonzero(bit == NO_WISH)
    own: dict[tuple[int, int], int] = {}
    for row, wish in zip(others.tolist(), zip(first[others].tolist(), last[others].tolist(), strict=True), strict=True):
        if wish in own or len(own) < ROOM:
            bit[row] = ANY_TIME + 1 + own.setdefault(wish, len(own))
    return Slots(bit, day, list(own))


def movable(slots: Slots, now: int) -> Any:
    """Into which parts each call may be moved, as a mask: those that follow each other in time and hold its own, without
    what is over at the minute ``now``. The week of ``slots`` begins on any day, so its bits are two stretches: where they
    meet, the next bit is six days off. 0 for a wish that has a bit of its own.
    """
    begins, every = int(week_part(slots.day * A_DAY)), np.arange(SLOTS)
    ahead = slots.day * A_DAY + (every - begins) % SLOTS >= int(part_of(np.int64(now)))
    first = int((1 << every[ahead & (every >= begins)]).sum())
    second = int((1 << every[ahead & (every < begins)]).sum())
    return np.where(slots.bit >= SLOTS, 0, np.where(slots.bit >= begins, first, second))


def free(named: Any, slots: Slots, helper: Any, promised: Any) -> Any:
    """When each volunteer is free, as a mask: what he ``named`` without what he promised, helper by helper and part by part."""
    found = named.copy()
    soon = (promised // A_DAY >= slots.day) & (promised // A_DAY < slots.day + 7)
    np.bitwise_and.at(found, helper[soon], ~np.left_shift(1, week_part(promised[soon])))
    for at, (first, last) in enumerate(slots.own, start=ANY_TIME + 1):
        for part in range(first, last + 1):
            then = named >> week_part(part) & 1
            then[helper[promised == part]] = 0
            found |= then << at
    return found
