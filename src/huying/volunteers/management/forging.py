"""Ways to forge hours that no lock stops, for two hands have agreed on them: each leaves a trace that a rule may find.

What one hand alone may try is refused outright, and is listed with its tests in docs/decisions/0017. Here each function
adds one case to a window and gives the keys of its forged records; how many people, days and minutes is drawn anew.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from huying.volunteers.management.attendance import DAY, DAYS, HOUR, MINUTE, Team, World, without_overlap
from huying.volunteers.rules import Entry


def two_hands(here: World) -> list[Entry]:
    """A clerk and a leader write down hours for a list of names, at different times of different days."""
    team, days = fake_team(here, here.luck.randint(5, 25)), here.luck.randint(7, 14)
    made = [
        here.entry(team, one, here.moment(day, 8, 15), here.luck.choice((150, 180, 210, 240, 270)))
        for one in team.members
        for day in here.luck.sample(range(DAYS), days)
    ]
    return without_overlap(made)


def ring(here: World, people: int) -> list[Entry]:
    """Each confirms what the next is said to have done."""
    ones, clerk, made = here.people(people), here.number(), list[Entry]()
    for n, checker in enumerate(ones):
        for day in here.luck.sample(range(DAYS), here.luck.randint(9, 16)):
            person, minutes = ones[(n + 1) % people], here.luck.randint(120, 240)
            made.append(
                here.entry(None, person, here.moment(day, 8, 17), minutes, entered_by=clerk, confirmed_by=checker)
            )
    return made


def ring_of_two(here: World) -> list[Entry]:
    return ring(here, 2)


def ring_of_three(here: World) -> list[Entry]:
    return ring(here, 3)


def ring_of_four(here: World) -> list[Entry]:
    return ring(here, 4)


def endless_days(here: World) -> list[Entry]:
    """Three to five days of twelve to sixteen hours in one week."""
    team, first = here.luck.choice(here.teams), 7 * here.luck.randrange(DAYS // 7)
    person = here.number()
    days = here.luck.sample(range(first, first + 7), here.luck.randint(3, 5))
    return [here.entry(team, person, here.begins + n * DAY + 7 * HOUR, here.luck.randint(721, 960)) for n in days]


def below_consent(here: World) -> list[Entry]:
    """Day after day just below what somebody else would have to allow, in one piece or split in two."""
    team, person, made = here.luck.choice(here.teams), here.number(), list[Entry]()
    for day in here.luck.sample(range(DAYS), here.luck.randint(11, 22)):
        total, at = here.luck.randint(455, 480), here.begins + day * DAY + 7 * HOUR
        parts = [total] if here.luck.random() < 0.5 else [total // 2, total - total // 2]
        for n, minutes in enumerate(parts):
            made.append(here.entry(team, person, at + 5 * n * HOUR, minutes))
    return made


def night_shift(here: World) -> list[Entry]:
    """A night at the keyboard: a batch of small turns of many teams' people."""
    team, by = here.luck.choice(here.teams), here.number()
    night = here.begins + here.luck.randrange(10, DAYS) * DAY + 23 * HOUR
    return [
        here.entry(
            team,
            here.number(),
            here.moment(here.luck.randrange(7), 8, 18),
            here.luck.choice((60, 90, 120)),
            entered_by=by,
            recorded_at=night + here.luck.randrange(5 * 60) * MINUTE,
        )
        for _n in range(here.luck.randint(12, 40))
    ]


def back_fill(here: World) -> list[Entry]:
    """A season that nobody remembers, written down in one day."""
    team, by = here.luck.choice(here.teams), here.number()
    now = here.begins + 34 * DAY + 14 * HOUR
    people, days = here.people(here.luck.randint(3, 12)), here.luck.sample(range(15), here.luck.randint(6, 12))
    return [
        here.entry(team, one, here.begins + n * DAY + 9 * HOUR, 120, entered_by=by, recorded_at=now)
        for one in people
        for n in days
    ]


def program(here: World) -> list[Entry]:
    """Made by a program that writes down the same odd length."""
    team, by, minutes = here.luck.choice(here.teams), here.number(), here.luck.choice((61, 93, 117, 121, 173))
    days = here.luck.sample(range(DAYS), here.luck.randint(6, 20))
    people = here.people(here.luck.randint(4, 10))
    return [here.entry(team, one, here.moment(n, 8, 17), minutes, entered_by=by) for one in people for n in days]


def copied_sheet(here: World) -> list[Entry]:
    """One real afternoon, copied with another date."""
    team = here.luck.choice(here.teams)
    people, hour, minutes = (
        here.people(here.luck.randint(10, 40)),
        here.luck.randint(8, 16),
        here.luck.choice((60, 120)),
    )
    days = here.luck.sample(range(DAYS), here.luck.randint(5, 12))
    return [here.entry(team, one, here.begins + n * DAY + hour * HOUR, minutes) for n in days for one in people]


def friends_phone(here: World) -> list[Entry]:
    """A friend holds the phone: signed in across town a moment after signing out here."""
    person, made = here.number(), list[Entry]()
    far = [(a, b) for a in here.teams[:80] for b in here.teams[:80] if abs(a.lat - b.lat) > 0.07]
    for day in here.luck.sample(range(DAYS), here.luck.randint(2, 6)):
        starts, pair = here.moment(day, 8, 14), here.luck.choice(far)
        for team in pair:
            made.append(here.entry(team, person, starts, 100))
            starts += timedelta(minutes=100 + here.luck.randint(0, 3))
    return made


def fake_team(here: World, size: int) -> Team:
    """A team that stands on paper only: one enters, one confirms."""
    lon, lat = here.spot()
    return Team(here.number(), here.people(size), here.people(1), here.people(1), lon, lat, 1.0)


PLAYBOOKS: dict[str, Callable[[World], list[Entry]]] = {
    one.__name__: one
    for one in (
        *(two_hands, ring_of_two, ring_of_three, ring_of_four, endless_days, below_consent),
        *(night_shift, back_fill, program, copied_sheet, friends_phone),
    )
}
