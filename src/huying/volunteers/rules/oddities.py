"""Records that look odd, for somebody above to read: never a score, and never a list of persons (security 4, no. 3; G16).

Pure functions over confirmed records. Each gives the keys of the records it finds; an honest record may be among them,
so what follows is a person who reads, asks, and corrects in the open.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median
from typing import Any, TypeVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from huying.kernel import clock
from huying.places.rules import positions

ONE_PAIR = 0.8
"""More than this share of a team's minutes went through the same two hands."""
MUCH, TIMES = 900, 4
"""Minutes of one person in the weeks that are looked at: so many at least, and so many times the middle of all. At a
small station one keeper confirms everything, and two keepers confirm each other: alone that says nothing."""
LONGEST_RING = 4
LONG_DAY, LONG_DAYS = 12 * 60, 3
"""Minutes of one day, and on how many days of one week."""
FULL_DAY, FULL_DAYS = 450, 10
"""Just what needs nobody's consent (eight hours and a little less), and on how many days of five weeks."""
NIGHT_FROM, NIGHT_UNTIL, NIGHT_BULK, AFTERWARDS = 23, 5, 10, timedelta(hours=4)
"""Entered by one person in one night between these hours: so many at least, of service that ended long before."""
ALIKE, ALIKE_DAYS, ALIKE_SHARE = 20, 5, 0.9
"""So many records entered by one person on so many days, nearly all of the same odd length."""
ROUND = 5
"""Lengths that are a multiple of this are how people write times down, and say nothing."""
ROLL, ROLL_DAYS = 10, 5
"""The same people, so many, at the same hour for the same minutes on so many days: real attendance varies."""
BACK, BACK_BULK, BACK_DAYS = timedelta(days=14), 10, 5
"""Entered by one person on one day: so many records of so many days, all longer ago than the ten working days."""
FAR, SPEED = 5_000, 25.0
"""Metres between two places, and metres a second from the end at one to the beginning at the other (90 km/h)."""


T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Entry:
    """What is looked at of one confirmed record; people are keys, and are not shown by these rules."""

    key: int
    team: int | None
    person: int
    entered_by: int
    confirmed_by: int | None
    starts_at: datetime
    ends_at: datetime
    minutes: int
    recorded_at: datetime
    lon: float | None = None
    lat: float | None = None


def much_of(entries: Iterable[Entry]) -> float:
    """How many minutes of one person are far more than is usual among these records."""
    totals: Counter[int] = Counter()
    for one in entries:
        totals[one.person] += one.minutes
    return max(MUCH, TIMES * median(totals.values())) if totals else MUCH


def one_pair(entries: Sequence[Entry]) -> set[int]:
    """Records of teams with far more minutes a head than is usual, nearly all entered and confirmed by the same two."""
    found, much = set[int](), much_of(entries)
    in_teams = (one for one in entries if one.team is not None)
    for rows in grouped(in_teams, lambda one: one.team).values():
        for mine in grouped(rows, lambda one: (one.entered_by, one.confirmed_by)).values():
            minutes = sum(one.minutes for one in mine)
            heads = len({one.person for one in mine})
            if minutes >= much * heads and minutes > ONE_PAIR * sum(one.minutes for one in rows):
                found |= keys(mine)
    return found


def rings(entries: Sequence[Entry]) -> set[int]:
    """Records of two to four people who confirm far more than is usual for each other, or in a circle."""
    much, given = much_of(entries), grouped(entries, lambda one: (one.confirmed_by, one.person))
    heavy = {pair: rows for pair, rows in given.items() if pair[0] and sum(one.minutes for one in rows) >= much}
    onward: dict[int, list[int]] = defaultdict(list)
    for checker, person in heavy:
        onward[checker].append(person)
    circles = (way for start in list(onward) for way in ways_back(onward, (start,)))
    return {key for way in circles for pair in pairwise(way) for key in keys(heavy[pair])}


def ways_back(onward: Mapping[int, list[int]], way: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    """Every way from the first of ``way`` back to him over at most four people; the first stands at both ends."""
    for person in onward.get(way[-1], ()):
        if person == way[0] and len(way) > 1:
            yield (*way, person)
        elif person not in way and len(way) < LONGEST_RING:
            yield from ways_back(onward, (*way, person))


def long_weeks(entries: Iterable[Entry]) -> set[int]:
    """Records of days of over twelve hours, where somebody has three of them in one week."""
    found: set[int] = set()
    for mine in grouped(entries, lambda one: one.person).values():
        if len(mine) < LONG_DAYS:
            continue
        days = [rows for rows in grouped(mine, day_of).values() if sum(row.minutes for row in rows) > LONG_DAY]
        for long in grouped(days, lambda rows: day_of(rows[0]).isocalendar()[:2]).values():
            if len(long) >= LONG_DAYS:
                found |= {row.key for day in long for row in day}
    return found


def full_days(entries: Iterable[Entry]) -> set[int]:
    """Records of days that are as long as they may be without consent, where somebody has many of them."""
    found: set[int] = set()
    for rows in grouped(entries, lambda one: one.person).values():
        if len(rows) < FULL_DAYS:
            continue
        days = grouped(rows, day_of).values()
        full = [day for day in days if FULL_DAY <= sum(row.minutes for row in day) <= LONG_DAY]
        if len(full) >= FULL_DAYS:
            found |= {row.key for day in full for row in day}
    return found


def by_night(entries: Iterable[Entry]) -> set[int]:
    """Records entered in bulk in one night; a roll that is closed at night right after a festival is not among them."""
    late = [one for one in entries if is_night(one.recorded_at) and one.recorded_at - one.ends_at > AFTERWARDS]
    nights = grouped(late, lambda one: (one.entered_by, (clock.local(one.recorded_at) - NOON).date()))
    return {key for rows in nights.values() if len(rows) >= NIGHT_BULK for key in keys(rows)}


def long_ago(entries: Iterable[Entry]) -> set[int]:
    """Records of many days long past, entered by one person on one day."""
    late = [one for one in entries if one.recorded_at - one.ends_at > BACK]
    found: set[int] = set()
    for rows in grouped(late, lambda one: (one.entered_by, clock.local(one.recorded_at).date())).values():
        if len(rows) >= BACK_BULK and len({day_of(one) for one in rows}) >= BACK_DAYS:
            found |= keys(rows)
    return found


def same_roll(entries: Iterable[Entry]) -> set[int]:
    """Records of a team whose same people come to the minute alike, day after day, as if a sheet had been copied."""
    found: set[int] = set()
    in_teams = (one for one in entries if one.team is not None)
    for rows in grouped(in_teams, lambda one: one.team).values():
        if len(rows) < ROLL * ROLL_DAYS:
            continue
        sheets = grouped(rows, lambda one: (one.starts_at, one.minutes)).values()
        alike = grouped(sheets, lambda sheet: frozenset(one.person for one in sheet))
        for people, copies in alike.items():
            if len(people) >= ROLL and len({day_of(sheet[0]) for sheet in copies}) >= ROLL_DAYS:
                found |= {key for sheet in copies for key in keys(sheet)}
    return found


def too_far(entries: Iterable[Entry]) -> set[int]:
    """Records of one person at two places between which nobody gets in the time that lies between them."""
    found: set[int] = set()
    placed = [one for one in entries if one.lon is not None and one.lat is not None]
    for rows in grouped(placed, lambda one: one.person).values():
        rows.sort(key=lambda one: one.starts_at)
        for before, after in pairwise(rows):
            metres = positions.metres(before.lon, before.lat, after.lon, after.lat)  # type: ignore[arg-type]
            if metres > FAR and metres > SPEED * (after.starts_at - before.ends_at).total_seconds():
                found |= {before.key, after.key}
    return found


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


def is_night(moment: datetime) -> bool:
    hour = clock.local(moment).hour
    return hour >= NIGHT_FROM or hour < NIGHT_UNTIL


def grouped(entries: Iterable[T], by: Callable[[T], object]) -> dict[Any, list[T]]:
    found: dict[Any, list[T]] = defaultdict(list)
    for one in entries:
        found[by(one)].append(one)
    return found


def keys(entries: Iterable[Entry]) -> set[int]:
    return {one.key for one in entries}


ODDITIES: dict[str, tuple[Promise, Callable[[Sequence[Entry]], set[int]]]] = {
    "one_pair": (_("一支队伍人均时长远高于一般，几乎都由同样两个人登记、确认"), one_pair),
    "rings": (_("几个人互相或者轮流确认，时长远高于一般"), rings),
    "long_weeks": (_("一周里有三天以上，每天超过 12 小时"), long_weeks),
    "full_days": (_("五周里有十天以上，每天都刚好不到要审批的时长"), full_days),
    "by_night": (_("服务早已结束，深夜成批登记"), by_night),
    "long_ago": (_("一天之内补登许多天以前的服务"), long_ago),
    "all_alike": (_("同一个人登记的，几乎都是一分不差的时长"), all_alike),
    "same_roll": (_("同一批人，许多天的到场和时长一模一样"), same_roll),
    "too_far": (_("同一个人接连在两个地方服务，中间的时间赶不过去"), too_far),
}
"""Code -> what is odd, in words, and the rule that finds it."""
