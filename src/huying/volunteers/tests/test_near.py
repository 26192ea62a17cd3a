"""The nearest holders of skills are found ring by ring, nobody is left out, and the database keeps where they start from."""

from __future__ import annotations

import random
from collections.abc import Iterator
from math import cos, hypot, inf, radians
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.places.models import Place
from huying.volunteers import actions
from huying.volunteers.actions import Profile, place_skills
from huying.volunteers.models import Skill, Volunteer
from huying.volunteers.queries import near
from huying.volunteers.tests.factories import START, Cast, actor, person, skill

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("tests")
LON, LAT = 120.05, 30.28


@pytest.fixture
def cast(db: None) -> Iterator[Cast]:
    with clock.frozen(START):
        yield Cast()


def volunteer(name: str, home: Place, *skills: Skill, **more: Any) -> Volunteer:
    made = Volunteer.objects.create(person=person(name, home), base_place=home, joined_at=START, **more)
    made.skills.set(skills)
    return made


def cells(who: Volunteer) -> list[int | None]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT cell FROM volunteers_volunteer_skills WHERE volunteer_id = %s ORDER BY id", [who.pk])
        return [cell for (cell,) in cursor.fetchall()]


def cell_at(lon: float, lat: float) -> int:
    return int((lat + 90) * 2000) * 1_000_000 + int((lon + 180) * 2000)


def ground(*skills: Skill) -> near.Ground:
    found = near.ground([one.pk for one in skills], LON, LAT)
    assert found is not None
    return found


def km(one: Volunteer) -> float:
    assert one.lon is not None and one.lat is not None
    return 111.195 * hypot((one.lon - LON) * cos(radians(LAT)), one.lat - LAT)


def test_a_new_skill_waits_until_it_is_placed_and_is_then_carried_along(cast: Cast) -> None:
    cook = skill("cook", "做饭")
    who = volunteer("某人", cast.home, cook, lon=LON, lat=LAT)
    assert cells(who) == [None]

    assert place_skills(actor=SYSTEM) >= 1
    assert cells(who) == [cell_at(LON, LAT)]
    assert place_skills(actor=SYSTEM) == 0

    Volunteer.objects.filter(pk=who.pk).update(lon=121.0, lat=29.5)
    assert cells(who) == [cell_at(121.0, 29.5)]
    Volunteer.objects.filter(pk=who.pk).update(lon=None, lat=None)
    assert cells(who) == [near.NOWHERE]


def test_whoever_joins_or_shows_a_paper_is_placed_at_once(cast: Cast) -> None:
    newcomer = person("新来的", cast.home)
    profile = Profile(base_place=cast.home, skills=[skill("cook", "做饭"), skill("drive", "驾驶")])

    who = actions.save_profile(actor=actor(newcomer), profile=profile)

    assert cast.home.lon is not None and cast.home.lat is not None
    assert cells(who) == [cell_at(cast.home.lon, cast.home.lat)] * 2


def test_the_database_refuses_a_cell_that_is_not_the_holders(cast: Cast) -> None:
    who = volunteer("某人", cast.home, skill("cook", "做饭"), lon=LON, lat=LAT)
    place_skills(actor=SYSTEM)

    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE volunteers_volunteer_skills SET cell = cell + 1 WHERE volunteer_id = %s", [who.pk])


@pytest.mark.parametrize("seed", range(6))
def test_nobody_nearer_is_left_out(cast: Cast, seed: int) -> None:
    chance = random.Random(seed)
    held = [skill(f"s{n}", f"技能{n}") for n in range(3)]
    wide = chance.choice([0.0003, 0.003, 0.05, 0.4])
    everybody = [
        volunteer(
            f"某{n}",
            cast.home,
            *chance.sample(held, chance.choice([0, 1, 2, 3])),
            **(
                {"lon": LON + chance.gauss(0, wide), "lat": LAT + chance.gauss(0, wide)}
                if chance.random() < 0.9
                else {}
            ),
        )
        for n in range(60)
    ]
    place_skills(actor=SYSTEM)
    at, who = ground(*held), Volunteer.objects.filter(pk__in=[one.pk for one in everybody])
    has = {one.pk: one.skills.count() for one in everybody}

    for lacking in range(3):
        able = [one for one in everybody if has[one.pk] >= 3 - lacking]
        for most in (1, 4, 15, 1000):
            keys, beyond = near.nearest_holders(at, who, lacking, most)
            assert keys <= {one.pk for one in able}
            assert len(keys) >= min(most, len(able)) / (lacking + 1), "one who is walked by twice is one"
            left = [one for one in able if one.pk not in keys]
            assert all(one.lon is None or km(one) >= beyond for one in left)
            assert (beyond == inf) <= (not left)


def test_what_is_asked_of_people_is_asked_while_walking(cast: Cast) -> None:
    sing = skill("sing", "唱歌")
    near_one, far_one = (
        volunteer(name, cast.home, sing, lon=LON, lat=LAT + north) for name, north in (("近", 0.001), ("远", 0.01))
    )
    place_skills(actor=SYSTEM)

    keys, beyond = near.nearest_holders(ground(sing), Volunteer.objects.exclude(pk=near_one.pk), 0, 1)

    assert keys == {far_one.pk}
    assert 0.5 < beyond <= km(far_one)
    assert near.nearest_holders(ground(sing), Volunteer.objects.none(), 0, 5) == (set(), inf)


def test_the_rarest_round_here_is_walked_along_first(cast: Cast) -> None:
    often, seldom = skill("often", "常见"), skill("seldom", "少见")
    for n in range(5):
        volunteer(f"某{n}", cast.home, often, *([seldom] if n == 0 else []), lon=LON, lat=LAT)
    far_away = [volunteer(f"远{n}", cast.home, seldom, lon=LON + 5, lat=LAT) for n in range(9)]
    place_skills(actor=SYSTEM)

    assert ground(often, seldom).skills == [seldom.pk, often.pk]
    assert len(far_away) == 9


def test_too_many_that_wait_are_not_looked_for_ring_by_ring(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    cook = skill("cook", "做饭")
    waiting = {volunteer(f"某{n}", cast.home, cook, lon=LON, lat=LAT).pk for n in range(3)}
    assert ground(cook).unplaced == waiting

    monkeypatch.setattr(near, "UNPLACED", 2)
    assert near.ground([cook.pk], LON, LAT) is None
