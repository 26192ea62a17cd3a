"""Many made-up calls and helpers at once, to measure pages with: written straight into the tables, not played.

States, times and places are spread as a year of a district would spread them; nothing here tests rules.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice

from django.db import connection

from huying.calls.models import Call, CallEvent, ServiceKind
from huying.calls.states import ENDED_STATES, STAGE_OF, Level, State
from huying.kernel import clock
from huying.kernel.search import search_text, terms
from huying.people.models import Person
from huying.places.models import Place
from huying.volunteers.models import Skill, Volunteer

BATCH = 2000
SPREAD: tuple[tuple[State, int], ...] = (
    (State.CLOSED, 930),
    (State.CANCELLED, 20),
    (State.REJECTED, 10),
    (State.TRANSFERRED, 5),
    (State.SUBMITTED, 6),
    (State.REVIEWING, 4),
    (State.POOLED, 6),
    (State.DISPATCHED, 5),
    (State.ACCEPTED, 4),
    (State.SCHEDULED, 4),
    (State.SERVING, 3),
    (State.DELIVERED, 3),
)
"""How a thousand calls of a year are spread over the states."""


def fill(calls: int, volunteers: int, seed: int = 1) -> None:
    """Add so many calls and volunteers; the same seed gives the same rows."""
    chance = random.Random(seed)  # noqa: S311 - made-up rows
    places = list(Place.objects.filter(kind_id__in=["community", "village"]))
    people = list(Person.objects.filter(erased_at__isnull=True, home_place__isnull=False)[:500])
    add_volunteers(volunteers, places, chance)
    kinds = list(ServiceKind.objects.all())
    rows = (made(pk, chance, kinds, places, people) for pk in keys(calls))
    while batch := list(islice(rows, BATCH)):
        Call.objects.bulk_create(batch)
        CallEvent.objects.bulk_create(event for call in batch for event in steps(call))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE calls_call, calls_callevent, volunteers_volunteer, people_person")


def keys(count: int) -> list[int]:
    """Fresh keys for calls, drawn at once."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence('calls_call', 'id')) FROM generate_series(1, %s)", [count]
        )
        return [int(row[0]) for row in cursor.fetchall()]


def made(pk: int, chance: random.Random, kinds: list[ServiceKind], places: list[Place], people: list[Person]) -> Call:
    """One call somewhere in the last year; open ones in the last two days."""
    now = clock.now()
    state = chance.choices([one for one, _share in SPREAD], [share for _one, share in SPREAD])[0]
    ended = state in ENDED_STATES
    at = now - timedelta(minutes=chance.randrange(2 * 1440, 365 * 1440) if ended else chance.randrange(2 * 1440))
    kind, place, person = chance.choice(kinds), chance.choice(places), chance.choice(people)
    title = kind.example or kind.name
    words = (f"HY{clock.local(at):%Y%m%d}-{pk:05d}", title, person.name, place.name, kind.name)
    return Call(
        pk=pk,
        number=words[0],
        kind=kind,
        place=place,
        requester=person,
        asked_by=person,
        title=title[:60],
        state=state,
        level=chance.choice(Level.values),
        urgent=chance.random() < 0.1,
        stage_started_at=at,
        stage_due_at=at + timedelta(hours=chance.randrange(1, 72)) if state in STAGE_OF else None,
        created_at=at,
        submitted_at=at,
        accepted_at=at + timedelta(minutes=chance.randrange(5, 200)),
        ended_at=at + timedelta(hours=chance.randrange(2, 40)) if ended else None,
        transferred_to="12345" if state == State.TRANSFERRED else "",
        score=chance.randrange(3, 6) if state == State.CLOSED else None,
        search_text=search_text(*words),
        search_terms=terms(*words),
    )


def steps(call: Call) -> Iterator[CallEvent]:
    """A few lines of history for each call."""
    at: datetime = call.created_at
    for number, verb in enumerate(("draft", "submit", "review", "dispatch", "accept", "deliver", "close")):
        yield CallEvent(call=call, at=at + timedelta(minutes=10 * number), verb=verb, to_state=call.state)


def add_volunteers(count: int, places: list[Place], chance: random.Random) -> None:
    """Volunteers with one to three skills, based at places all over."""
    skills = list(Skill.objects.all())
    now = clock.now()
    for start in range(0, count, BATCH):
        size = min(BATCH, count - start)
        people = Person.objects.bulk_create(
            Person(name=f"志愿者{start + number}", created_at=now, home_place=chance.choice(places))
            for number in range(size)
        )
        rows = Volunteer.objects.bulk_create(
            Volunteer(
                person=person,
                base_place=person.home_place,
                lon=person.home_place.lon,
                lat=person.home_place.lat,
                joined_at=now,
            )
            for person in people
            if person.home_place
        )
        known = Volunteer.skills.through
        known.objects.bulk_create(
            known(volunteer_id=row.pk, skill_id=skill.pk)
            for row in rows
            for skill in chance.sample(skills, chance.randrange(1, 4))
        )
