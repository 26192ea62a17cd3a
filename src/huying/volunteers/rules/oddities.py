"""Records that look odd, for somebody above to read: never a score, and never a list of persons (security 4, no. 3; G16).

Pure functions over confirmed records. Each gives the keys of the records it finds; an honest record may be among them,
so what follows is a person who reads, asks, and corrects in the open.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from huying.kernel import clock

ONE_HAND, LEAST_OF_TEAM = 0.8, 600
"""More than this share of a team's minutes confirmed by one person, where there are ten hours at least."""
EACH_OTHER = 2
"""Confirmed each other's service so often, each way."""
LONG_DAY, LONG_DAYS = 12 * 60, 3
"""Minutes of one day, and on how many days of one week."""
NIGHT_FROM, NIGHT_UNTIL, NIGHT_BULK = 23, 5, 10
"""Entered by one person in one night between these hours: so many at least."""
ALIKE, ALIKE_DAYS, ALIKE_SHARE = 20, 5, 0.9
"""So many records entered by one person on so many days, nearly all of the same odd length."""
ROUND = 5
"""Lengths that are a multiple of this are how people write times down, and say nothing."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What is looked at of one confirmed record; people are keys, and are not shown by these rules."""

    key: int
    team: int | None
    person: int
    entered_by: int
    confirmed_by: int | None
    starts_at: datetime
    minutes: int
    recorded_at: datetime


def one_hand(entries: Iterable[Entry]) -> set[int]:
    """Records of teams whose minutes nearly all were confirmed by the same person."""
    found: set[int] = set()
    in_teams = (one for one in entries if one.team is not None)
    for rows in grouped(in_teams, lambda one: one.team).values():
        total = sum(one.minutes for one in rows)
        for mine in grouped(rows, lambda one: one.confirmed_by).values():
            if total >= LEAST_OF_TEAM and sum(one.minutes for one in mine) > ONE_HAND * total:
                found |= keys(mine)
    return found


def each_other(entries: Iterable[Entry]) -> set[int]:
    """Records of two people who confirm each other."""
    pairs = grouped(entries, lambda one: (one.confirmed_by, one.person))
    found: set[int] = set()
    for (checker, person), rows in pairs.items():
        back = pairs.get((person, checker), []) if checker is not None else []
        if min(len(rows), len(back)) >= EACH_OTHER:
            found |= keys(rows)
    return found


def long_weeks(entries: Iterable[Entry]) -> set[int]:
    """Records of days of over twelve hours, where somebody has three of them in one week."""
    found: set[int] = set()
    for rows in grouped(entries, lambda one: (one.person, day_of(one).isocalendar()[:2])).values():
        days = grouped(rows, day_of)
        long = [one for one in days.values() if sum(row.minutes for row in one) > LONG_DAY]
        if len(long) >= LONG_DAYS:
            found |= {row.key for day in long for row in day}
    return found


def by_night(entries: Iterable[Entry]) -> set[int]:
    """Records entered in bulk in one night."""
    late = [one for one in entries if is_night(clock.local(one.recorded_at).hour)]
    nights = grouped(late, lambda one: (one.entered_by, (clock.local(one.recorded_at) - NOON).date()))
    return {key for rows in nights.values() if len(rows) >= NIGHT_BULK for key in keys(rows)}


def all_alike(entries: Iterable[Entry]) -> set[int]:
    """Records entered by one person that are nearly all of one length to the minute, day after day."""
    found: set[int] = set()
    for rows in grouped(entries, lambda one: one.entered_by).values():
        minutes, count = Counter(one.minutes for one in rows).most_common(1)[0]
        same = [one for one in rows if one.minutes == minutes]
        if minutes % ROUND == 0 or count < ALIKE or count < ALIKE_SHARE * len(rows):
            continue
        if len({day_of(one) for one in same}) >= ALIKE_DAYS:
            found |= keys(same)
    return found


NOON = timedelta(hours=12)
"""Taken off a moment of the night, so that both sides of midnight are one night."""


def day_of(entry: Entry) -> datetime:
    """Midnight in China of the day on which the service began."""
    return clock.local(entry.starts_at).replace(hour=0, minute=0, second=0, microsecond=0)


def is_night(hour: int) -> bool:
    return hour >= NIGHT_FROM or hour < NIGHT_UNTIL


def grouped(entries: Iterable[Entry], by: Callable[[Entry], object]) -> dict[Any, list[Entry]]:
    found: dict[Any, list[Entry]] = defaultdict(list)
    for one in entries:
        found[by(one)].append(one)
    return found


def keys(entries: Iterable[Entry]) -> set[int]:
    return {one.key for one in entries}


ODDITIES: dict[str, tuple[Promise, Callable[[Sequence[Entry]], set[int]]]] = {
    "one_hand": (_("一支队伍的时长，八成以上由同一个人确认"), one_hand),
    "each_other": (_("两个人互相确认对方的服务"), each_other),
    "long_weeks": (_("一周里有三天以上，每天超过 12 小时"), long_weeks),
    "by_night": (_("深夜成批登记"), by_night),
    "all_alike": (_("同一个人登记的，几乎都是一分不差的时长"), all_alike),
}
"""Code -> what is odd, in words, and the rule that finds it."""
