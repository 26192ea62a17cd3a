"""People: those who sign in (by real actions), staff of every place, residents, and the registered volunteers."""

from __future__ import annotations

import random
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from itertools import accumulate
from typing import Any, NamedTuple

from django.db import connection

from huying.config.demo import calls as small
from huying.config.demo import people as figures_of_the_demo
from huying.config.demo.city import names
from huying.config.demo.city.plan import Plan
from huying.config.demo.city.writing import apportioned, copy, found_by, keys
from huying.figures import actions as figures
from huying.figures.actions import Word
from huying.kernel import chance as ids
from huying.kernel import clock
from huying.kernel.sealed import blind_indexes, seal_many
from huying.people.models import Person, Role
from huying.people.states import RoleKind
from huying.places.models import Place
from huying.volunteers.models import Volunteer
from huying.volunteers.queries.counting import words_of_volunteer

CHUNK = 10_000
WINDOW = timedelta(days=731)
"""Two years: what is made took place in them; who signs in was there before."""
EAGER = 0.35
"""So many of a neighbourhood registered before the two years began: those who serve are drawn from them."""
STAFF_FROM, RESIDENTS_FROM, VOLUNTEERS_FROM = 0, 1_000_000, 2_000_000
PHONE = "1540{:07d}"
"""154 is a range that no operator gives out."""
PERSON = (
    *("id", "public_id", "name", "sex", "birth_date", "phone", "phone_index", "home_place_id", "lon", "lat"),
    *("created_at", "sort_key", "search_text", "search_terms"),
)
ROLE = ("public_id", "person_id", "kind", "place_id", "starts_at", "granted_at")
VOLUNTEER = (
    *("id", "public_id", "person_id", "availability", "base_place_id", "lon", "lat", "travel_km", "weekly_limit"),
    *("shares_phone", "joined_at"),
)
HABITS: tuple[list[int], ...] = (
    [],
    [15, 16, 18, 19],
    [2, 5, 8, 11, 14],
    [0, 3, 6, 9, 12],
    [16, 19],
    [0, 1, 3, 4, 6, 7, 9, 10, 12, 13],
)
"""When people say they have time: not said, weekends, evenings, weekday mornings, weekend afternoons, working days."""

ASKERS = """
    SELECT p.id, p.name, p.home_place_id, EXISTS (SELECT FROM people_account a WHERE a.person_id = p.id)
    FROM people_person p
    WHERE p.home_place_id IS NOT NULL AND NOT EXISTS (SELECT FROM volunteers_volunteer v WHERE v.person_id = p.id)
    AND NOT EXISTS (SELECT FROM people_role r WHERE r.person_id = p.id AND r.kind <> 'resident') ORDER BY p.id
"""


class Asker(NamedTuple):
    person: int
    name: str
    signs_in: bool


def one(_plan: Plan) -> int:
    return 1


def known(plan: Plan, _number: int) -> None:
    """Those who sign in, with menu, profiles and teams of the small demonstration, as if since before the two years."""
    with clock.frozen(plan.now - WINDOW):
        people = figures_of_the_demo.load()
        small.load_menu()
        small.load_helpers([*people["helpers"], *small.young(people["others"])])


def staff(plan: Plan, _number: int) -> None:
    """A keeper for each neighbourhood, an office worker for each town, a dispatcher for each county; who signs in stays."""
    chance, held = plan.drawn("staff"), set(Role.objects.values_list("kind", "place_id"))
    wanted = [(RoleKind.STATION_KEEPER, one) for one in plan.neighbourhoods]
    wanted += [(RoleKind.OFFICE, one) for one in plan.towns]
    wanted += [(RoleKind.DISPATCHER, one) for one in Place.objects.filter(kind="county").order_by("id")]
    missing = [(kind, place) for kind, place in wanted if (kind, place.pk) not in held]
    homes, since = [place for _kind, place in missing], plan.now - WINDOW
    people = persons(plan, chance, homes, STAFF_FROM, (24, 58))
    roles = zip(ids.uuid7s(len(people)), people, missing, strict=True)
    copy(Role, ROLE, [(public, person, kind, place.pk, since, since) for public, person, (kind, place) in roles])


def residents_chunks(plan: Plan) -> int:
    return -(-plan.shape.residents // CHUNK)


def residents(plan: Plan, number: int) -> None:
    """People who live here and ask for help, many of them old."""
    first, last = number * CHUNK, min(plan.shape.residents, (number + 1) * CHUNK)
    homes = [plan.neighbourhoods[n] for n in spread(plan, "residents", plan.shape.residents, first, last)]
    persons(plan, plan.drawn("residents", number), homes, RESIDENTS_FROM + first, (30, 92))


def volunteers_chunks(plan: Plan) -> int:
    return -(-bulk(plan) // CHUNK)


def bulk(plan: Plan) -> int:
    """How many volunteers are made in bulk: all but those who sign in."""
    return max(0, plan.shape.volunteers - known_volunteers())


def known_volunteers() -> int:
    """Volunteers by the real actions: they alone have roles."""
    return Role.objects.filter(person__volunteer__isnull=False).values("person").distinct().count()


def volunteers(plan: Plan, number: int) -> None:
    """Registered volunteers, neighbourhood by neighbourhood, those who joined first at the front; told to the figures."""
    total = bulk(plan)
    first, last = number * CHUNK, min(total, (number + 1) * CHUNK)
    chance = plan.drawn("volunteers", number)
    sizes = shares(plan, "volunteers", total)
    ends = list(accumulate(sizes))
    homes, ranks = [], []
    for serial in range(first, last):
        at = bisect_right(ends, serial)
        homes.append(plan.neighbourhoods[at])
        ranks.append((serial - (ends[at] - sizes[at])) / sizes[at])
    people = persons(plan, chance, homes, VOLUNTEERS_FROM + first, (16, 78))
    made = list(volunteer_rows(plan, chance, people, homes, ranks))
    copy(Volunteer, VOLUNTEER, made)
    told = (Volunteer(pk=row[0], base_place_id=row[4], joined_at=row[10]) for row in made)
    words: list[Word] = [word for row in told for word in words_of_volunteer(row) if word.amount]
    if number == 0:
        words += [word for row in Volunteer.objects.all() for word in words_of_volunteer(row) if word.amount]
    figures.count(actor=figures_of_the_demo.DEMO, words=words)


def volunteer_rows(
    plan: Plan, chance: random.Random, people: Sequence[int], homes: Sequence[Place], ranks: Sequence[float]
) -> Iterator[tuple[Any, ...]]:
    drives = drive_days(plan)
    publics = ids.uuid7s(len(people))
    rows = zip(keys(Volunteer, len(people)), publics, people, homes, ranks, strict=True)
    for key, public, person, home, rank in rows:
        joined = drives[min(len(drives) - 1, int(rank * len(drives)))]
        at = datetime.combine(joined, time(8 + chance.randrange(12), chance.randrange(60)), clock.SHANGHAI)
        habit = HABITS[chance.randrange(len(HABITS))]
        travel, limit = (2, 3, 3, 5, 8)[chance.randrange(5)], (1, 2, 3, 5, 5)[chance.randrange(5)]
        yield key, public, person, habit, home.pk, home.lon, home.lat, travel, limit, chance.random() < 0.1, at


def drive_days(plan: Plan) -> list[date]:
    """Days on which people registered: of each month four, the fifth of March (Lei Feng) thrice. The first ``EAGER`` of
    them lie before the two years, the last one before today.
    """
    chance, today, begins = plan.drawn("drives"), clock.local(plan.now).date(), clock.local(plan.now - WINDOW).date()
    days = [begins - timedelta(days=1 + chance.randrange(1800)) for _n in range(240)]
    days += [date(year, 3, 5) for year in range(begins.year - 5, begins.year + 1) for _n in range(3)]
    before = sorted(one for one in days if one < begins)
    within = sorted(begins + timedelta(days=chance.randrange((today - begins).days)) for _n in range(300))
    count = int(len(before) / EAGER * (1 - EAGER))
    return before + [within[n * len(within) // count] for n in range(count)]


def persons(plan: Plan, chance: random.Random, homes: Sequence[Place], serial: int, ages: tuple[int, int]) -> list[int]:
    """One person at each home, their keys. Phone numbers are sealed and can be found; the rest is invented."""
    count = len(homes)
    made, publics = keys(Person, count), ids.uuid7s(count)
    phones = [PHONE.format(serial + n) for n in range(count)]
    sealed = seal_many(phones, Person._meta.db_table, "phone", [one.bytes for one in publics])
    indexes = blind_indexes(phones, "phone")
    year, at = clock.local(plan.now).year, plan.now - WINDOW

    def rows() -> Iterator[tuple[Any, ...]]:
        for n, home in enumerate(homes):
            name = names.PEOPLE[chance.randrange(len(names.PEOPLE))]
            born = date(year - chance.randrange(*ages), 1 + chance.randrange(12), 1 + chance.randrange(28))
            sex = "female" if chance.random() < 0.55 else "male"
            lon, lat = (home.lon or 0) + (chance.random() - 0.5) / 200, (home.lat or 0) + (chance.random() - 0.5) / 200
            spot = (home.pk, round(lon, 6), round(lat, 6), at)
            yield made[n], publics[n], name, sex, born, sealed[n], indexes[n], *spot, *found_by(name)

    copy(Person, PERSON, rows())
    return made


def shares(plan: Plan, what: str, total: int) -> list[int]:
    """How many of ``total`` live in each neighbourhood: some are three times as large as others."""
    chance = plan.drawn("sizes", what)
    return apportioned(total, [0.5 + chance.random() for _one in plan.neighbourhoods])


def spread(plan: Plan, what: str, total: int, first: int, last: int) -> list[int]:
    """Of the serials from ``first`` to before ``last``, in which neighbourhood each lives."""
    ends = list(accumulate(shares(plan, what, total)))
    return [bisect_right(ends, serial) for serial in range(first, last)]


def askers() -> dict[int, list[Asker]]:
    """Residents who do not serve, by the key of their neighbourhood."""
    found: dict[int, list[Asker]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(ASKERS)
        for person, name, home, signs_in in cursor.fetchall():
            found[home].append(Asker(person, name, signs_in))
    return found
