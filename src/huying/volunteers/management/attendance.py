"""Five weeks of honest service at a district, made up, with everything honest that looks a little like fraud.

Most small stations have one keeper who confirms all; two keepers confirm each other's own service; some people serve every
day; a flood brings days of fourteen hours; rolls are closed at midnight after a lantern festival; a sheet is found in a
drawer and entered weeks later; a choir always comes whole. Positions lie in a box of 26 × 18 km.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count

from huying.kernel import clock
from huying.volunteers.rules import Entry

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
DAYS = 35
WEST, SOUTH, EAST, NORTH = 104.0, 30.0, 104.27, 30.162


@dataclass(slots=True)
class Team:
    """Who comes, who enters, who confirms, and where; ``faithful``: the share of days on which a member comes."""

    key: int
    members: list[int]
    enters: list[int]
    confirms: list[int]
    lon: float
    lat: float
    faithful: float


@dataclass(slots=True)
class World:
    """One window of five weeks; ``luck`` makes it repeatable. ``numbers`` gives keys of people, teams and records."""

    luck: random.Random
    begins: datetime
    numbers: Iterator[int] = field(default_factory=lambda: count(1))
    teams: list[Team] = field(default_factory=list)

    def number(self) -> int:
        return next(self.numbers)

    def people(self, how_many: int) -> list[int]:
        return [self.number() for _n in range(how_many)]

    def spot(self) -> tuple[float, float]:
        return self.luck.uniform(WEST, EAST), self.luck.uniform(SOUTH, NORTH)

    def moment(self, day: int, first_hour: int, last_hour: int) -> datetime:
        """The quarter of an hour at which something begins on that day."""
        quarter = self.luck.randrange(first_hour * 4, last_hour * 4)
        return self.begins + day * DAY + quarter * 15 * MINUTE

    def entry(self, team: Team | None, person: int, starts: datetime, minutes: int, **more: object) -> Entry:
        """A record of this team, entered at once or in the days after, by one who may and is another."""
        by = [one for one in (team.enters if team else []) if one != person] or [0]
        facts: dict[str, object] = {
            "team": team.key if team else None,
            "entered_by": self.luck.choice(by),
            "ends_at": starts + minutes * MINUTE,
            "recorded_at": starts + minutes * MINUTE + self.luck.choice((0, 0, 1, 2, 5)) * DAY,
            "lon": team.lon if team else None,
            "lat": team.lat if team else None,
        } | more
        checkers = [one for one in (team.confirms if team else []) if one not in (person, facts["entered_by"])]
        facts.setdefault("confirmed_by", self.luck.choice(checkers) if checkers else None)
        return Entry(key=self.number(), person=person, starts_at=starts, minutes=minutes, **facts)  # type: ignore[arg-type]


def world(luck: random.Random, begins: datetime, records: int) -> tuple[World, list[Entry]]:
    """A window with about so many honest records."""
    here, made = World(luck, begins), list[Entry]()
    while len(made) < records:
        team = some_team(here)
        here.teams.append(team)
        made += ordinary(here, team)
        made += staff(here, team)
        for share, unusual in UNUSUAL:
            if luck.random() < share:
                made += unusual(here, team)
    return here, made


def some_team(here: World) -> Team:
    """Five to a few hundred members, one leader or some, one keeper or some; a place on the map."""
    luck = here.luck
    size = min(400, max(5, int(luck.lognormvariate(3.0, 0.8))))
    enters = here.people(luck.choice((1, 1, 1, 2, 3)))
    confirms = here.people(luck.choice((1, 1, 2, 2, 3)))
    lon, lat = here.spot()
    return Team(here.number(), here.people(size), enters, confirms, lon, lat, luck.betavariate(2, 3))


def ordinary(here: World, team: Team) -> list[Entry]:
    """Two to nine turns in five weeks, by the clock of who came and went or by the plan."""
    made = list[Entry]()
    for _turn in range(here.luck.randint(2, 9)):
        starts, planned = here.moment(here.luck.randrange(DAYS), 7, 19), here.luck.choice((60, 90, 120, 120, 150, 180))
        by_clock = here.luck.random() < 0.5
        for person in team.members:
            if here.luck.random() < team.faithful:
                off = here.luck.randint(-9, 14) if by_clock else 0
                late = here.luck.randint(-8, 10) * MINUTE if by_clock else timedelta()
                made.append(here.entry(team, person, starts + late, planned + off))
    return without_overlap(made)


def without_overlap(made: list[Entry]) -> list[Entry]:
    """What the database lets through: nobody is in two places at once."""
    ends: dict[int, datetime] = {}
    kept = list[Entry]()
    for one in sorted(made, key=lambda entry: entry.starts_at):
        if one.starts_at >= ends.get(one.person, one.starts_at):
            ends[one.person] = one.ends_at
            kept.append(one)
    return kept


def staff(here: World, team: Team) -> list[Entry]:
    """Keepers and leaders serve as well, and confirm each other for want of others."""
    people = [*team.enters, *team.confirms]
    made = list[Entry]()
    for person in people:
        for _turn in range(here.luck.randint(0, 3)):
            others = [one for one in people if one != person]
            by, checker = here.luck.sample(others, 2) if len(others) > 1 else (others[0], 0)
            starts = here.moment(here.luck.randrange(DAYS), 8, 18)
            made.append(here.entry(team, person, starts, 120, entered_by=by, confirmed_by=checker))
    return without_overlap(made)


def flood(here: World, team: Team) -> list[Entry]:
    """Three or four days of over twelve hours on the dyke."""
    first, people = here.luck.randrange(DAYS - 4), team.members[:6]
    days = range(first, first + here.luck.choice((3, 4)))
    return [here.entry(team, one, here.begins + n * DAY + 7 * HOUR, 760 + n) for n in days for one in people]


def every_day(here: World, team: Team) -> list[Entry]:
    """A student in the holidays: seven hours a day on weekdays for weeks."""
    return [here.entry(team, team.members[0], here.begins + n * DAY + 8 * HOUR, 425) for n in range(DAYS) if n % 7 < 5]


def lanterns(here: World, team: Team) -> list[Entry]:
    """A roll closed near midnight, when the festival is over."""
    day = here.luck.randrange(DAYS)
    starts, ends = here.begins + day * DAY + 18 * HOUR, here.begins + day * DAY + 23 * HOUR
    return [here.entry(team, one, starts, 300, recorded_at=ends + 30 * MINUTE) for one in team.members[:40]]


def drawer(here: World, team: Team) -> list[Entry]:
    """Sheets of two days, found and entered three weeks later."""
    now = here.begins + 30 * DAY + 10 * HOUR
    people = team.members[:15]
    return [
        here.entry(team, one, here.begins + n * DAY + 9 * HOUR, 120, recorded_at=now) for n in (2, 5) for one in people
    ]


def choir(here: World, team: Team) -> list[Entry]:
    """Twelve who come every week, now and then without one."""
    people = here.people(12)
    return [
        here.entry(team, one, here.begins + 7 * n * DAY + 19 * HOUR, 90)
        for n in range(5)
        for one in people
        if here.luck.random() < 0.97
    ]


def evening(here: World, team: Team) -> list[Entry]:
    """A leader who writes the week's turns down at night, a handful at a time."""
    night = here.begins + 20 * DAY + 23 * HOUR + 20 * MINUTE
    by = team.enters[0]
    return [
        here.entry(team, one, here.begins + 19 * DAY + 9 * HOUR, 90, entered_by=by, recorded_at=night)
        for one in here.people(8)
    ]


UNUSUAL = ((0.01, flood), (0.02, every_day), (0.05, lanterns), (0.05, drawer), (0.02, choir), (0.1, evening))
"""How often a team has such a thing in five weeks, and what it is."""


def monday() -> datetime:
    """The first midnight of the weeks; any Monday would do."""
    return clock.local(datetime.fromisoformat("2026-03-02T00:00:00+08:00"))
