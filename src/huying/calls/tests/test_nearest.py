"""The nearest are weighed first only where nobody else could come before them: the order is that of weighing everybody."""

from __future__ import annotations

import random
from datetime import timedelta
from importlib import import_module

import pytest

from huying.calls.models import Offer
from huying.calls.queries.candidates import areas, first, sought, volunteers
from huying.calls.states import OfferState
from huying.calls.tests.factories import START, Cast, actor, person, skill, volunteer
from huying.kernel.actor import Actor
from huying.volunteers.actions import place_skills
from huying.volunteers.states import SLOTS

pytestmark = pytest.mark.django_db
candidates = import_module("huying.calls.queries.candidates")
CROWD = 40
SYSTEM = Actor.system("tests")


def crowd(cast: Cast, chance: random.Random) -> None:
    """Helpers strewn about, some without a position, some busy, resting, known or free at times only, with some or none of
    three skills; some moved after their skills were placed, and the skills of the last are not placed yet.
    """
    held = [skill("accompany", "陪同就医"), skill("drive", "驾驶"), skill("piano", "弹琴")]
    cast.kind.skills.set(chance.sample(held, chance.randrange(4)))
    busy = [cast.call(title=f"别的事{n}") for n in range(3)]
    placed = chance.choice([0, CROWD - 5, CROWD])
    for number in range(CROWD):
        spot = (
            {}
            if chance.random() < 0.1
            else {"lon": 120.05 + chance.gauss(0, 0.01), "lat": 30.28 + chance.gauss(0, 0.01)}
        )
        one = volunteer(
            person(f"某{number:02d}", cast.home), cast.home, *chance.sample(held, chance.choice([0, 1, 2, 3])), **spot
        )
        if number + 1 == placed:
            place_skills(actor=SYSTEM)
        one.travel_km = chance.choice([0.5, 1, 3])
        one.left_at = START if chance.random() < 0.1 else None
        if one.lon is not None and one.lat is not None and chance.random() < 0.2:
            one.lon, one.lat = one.lon + chance.gauss(0, 0.02), one.lat + chance.gauss(0, 0.02)
        one.availability = chance.sample(range(SLOTS), chance.choice([0, 10, 15]))
        one.save()
        if chance.random() < 0.1:
            Offer.objects.create(
                call=busy[0], volunteer=one, state=OfferState.DONE, offered_at=START, answered_at=START
            )
        for call in chance.sample(busy, chance.randrange(3)):
            Offer.objects.create(
                call=call, volunteer=one, state=OfferState.ACCEPTED, offered_at=START, answered_at=START
            )


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("looked_at", [(2, 5), (8, 20), (30,), (200,)])
def test_the_order_is_that_of_weighing_everybody(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, seed: int, looked_at: tuple[int, ...]
) -> None:
    chance = random.Random(seed)
    crowd(cast, chance)
    monkeypatch.setattr(candidates, "NEAREST", looked_at)
    call, who = cast.call(lon=120.05, lat=30.28), actor(cast.keeper)
    if chance.random() < 0.5:
        call.wanted_from = START + timedelta(hours=chance.randrange(3 * 24))
    if chance.random() < 0.3:
        Offer.objects.filter(state=OfferState.DONE).update(
            call=cast.call(requester=cast.resident)
        )  # now they are known
    what = sought(call)

    for area in areas(call.place.path):
        assert [one.pk for one in first(who, what, area, 5)] == [one.pk for one in volunteers(who, what, area)[:5]]


def test_few_are_weighed_where_the_nearest_are_enough(cast: Cast) -> None:
    for number in range(30):
        volunteer(person(f"某{number:02d}", cast.home), cast.home, lon=120.05 + number / 1000, lat=30.28)
    call = cast.call(lon=120.05, lat=30.28)

    keys, beyond = candidates.nearest(actor(cast.keeper), sought(call), areas(call.place.path)[0], None, 0, 10)

    assert len(keys) == 10
    assert 0.6 < beyond <= 0.9, (
        "the tenth lives nine thousandths of a degree to the east, or the cast's own helper is in"
    )
