"""Many made-up calls and helpers at once, to measure pages with: written straight into the tables, not played.

States, times and places are spread as a year of a district would spread them. Each call has the history, the answers,
the trail and the finished jobs that would have led to its state, so that what holds of played calls holds of these too.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from itertools import islice
from typing import Any

from django.db import connection

from huying.calls.actions.moving import TIMES
from huying.calls.models import Call, CallEvent, Offer, ServiceKind
from huying.calls.states import (
    ENDED_STATES,
    OPEN_STATES,
    STAGE_OF,
    TRANSITIONS,
    WAITING_FOR_HELP,
    Level,
    OfferState,
    State,
)
from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.kernel.search import pieces, search_text
from huying.people.models import Person, Role
from huying.people.states import RoleKind
from huying.places.models import Place
from huying.volunteers.actions import place_skills
from huying.volunteers.models import Skill, Team, Volunteer

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
ONLY_OPEN = tuple((state, share) for state, share in SPREAD if state in OPEN_STATES | {State.DELIVERED})
"""The same without those that have ended: what a board shows."""
WAY = "submit review dispatch accept schedule start deliver rate close"
ASIDE = {State.CANCELLED: "submit cancel", State.REJECTED: "submit review reject"}
ASIDE |= {State.TRANSFERRED: "submit review transfer", State.POOLED: "submit review pool"}
"""The steps that lead to a state: a beginning of WAY, or aside of it."""
PACE = timedelta(minutes=10)
LONGEST = PACE * 10
ANSWERS = {State.DISPATCHED: OfferState.OFFERED, State.CLOSED: OfferState.DONE}
ANSWERS |= dict.fromkeys([State.ACCEPTED, State.SCHEDULED, State.SERVING, State.DELIVERED], OfferState.ACCEPTED)
"""How the one who was asked has answered, by the state of the call; nobody was asked in other states."""
HELPERS_STEPS = {"accept", "schedule", "start", "deliver"}


@dataclass(frozen=True, slots=True)
class World:
    """Who and what the rows are drawn from."""

    chance: random.Random
    kinds: list[ServiceKind]
    places: list[Place]
    people: list[Person]
    staff: list[int]
    volunteers: list[Volunteer]
    teams: list[Team]
    spread: tuple[tuple[State, int], ...]


def fill(calls: int, volunteers: int, seed: int = 1, spread: tuple[tuple[State, int], ...] = SPREAD) -> None:
    """Add so many calls and volunteers; the same seed gives the same rows. ``spread`` says how many are in which state."""
    chance = random.Random(seed)  # noqa: S311 - made-up rows
    places = list(Place.objects.filter(kind_id__in=["community", "village"]))
    people = list(Person.objects.filter(erased_at__isnull=True, home_place__isnull=False).order_by("id")[:500])
    staff = list(Role.objects.filter(kind=RoleKind.DISPATCHER).values_list("person_id", flat=True))
    add_volunteers(volunteers, places, chance)
    helpers = list(Volunteer.objects.filter(left_at__isnull=True).order_by("-id")[:BATCH])
    teams = list(Team.objects.filter(active=True).order_by("id"))
    world = World(chance, list(ServiceKind.objects.all()), places, people, staff, helpers, teams, spread)
    rows = (made(pk, world) for pk in keys(calls))
    while batch := list(islice(rows, BATCH)):
        write(batch, world)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE calls_call, calls_callevent, calls_offer, volunteers_volunteer, people_person")


def write(calls: list[Call], world: World) -> None:
    """The calls, who was asked, and each step with its trail and its job."""
    Call.objects.bulk_create(calls)
    asked = [offer(call, world) for call in calls if call.state in ANSWERS]
    offers = {row.call_id: row for row in Offer.objects.bulk_create(asked)}
    events = (event for call in calls for event in steps(call, world, offers.get(call.pk)))
    written = [event.pk for event in CallEvent.objects.bulk_create(events) if event.verb != "draft"]
    with connection.cursor() as cursor:
        cursor.execute(TRAIL, [written])
        cursor.execute(JOBS, [written])


TRAIL = """
    INSERT INTO kernel_auditline (at, person_id, system, channel, verb, subject_type, subject_id, place_path, changes, reason)
    SELECT step.at, step.person_id, CASE WHEN step.person_id IS NULL THEN 'demo' ELSE '' END, 'web', 'call.' || step.verb,
           'calls.Call', call.id, place.path, jsonb_build_object('from', step.from_state, 'to', step.to_state), ''
    FROM calls_callevent step JOIN calls_call call ON call.id = step.call_id JOIN places_place place ON place.id = call.place_id
    WHERE step.id = ANY(%s) ORDER BY step.id
"""
JOBS = """
    WITH made AS (
        INSERT INTO procrastinate_jobs (queue_name, task_name, args, status, attempts)
        SELECT 'default', 'calls.tell', jsonb_build_object('call_id', call_id, 'event_id', id), 'succeeded', 1
        FROM calls_callevent WHERE id = ANY(%s) ORDER BY id
        RETURNING id, (args ->> 'event_id')::bigint AS event_id
    )
    INSERT INTO procrastinate_events (job_id, type, at)
    SELECT made.id, 'succeeded', step.at FROM made JOIN calls_callevent step ON step.id = made.event_id
"""
"""Done already, at the time of the step: the nightly cleaning takes the old ones away like any others."""


def keys(count: int) -> list[int]:
    """Fresh keys for calls, drawn at once."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence('calls_call', 'id')) FROM generate_series(1, %s)", [count]
        )
        return [int(row[0]) for row in cursor.fetchall()]


@lru_cache(4096)
def spelled(words: str) -> str:
    """What a name or title is found by; the same ones come again and again."""
    return search_text(words)


def verbs(state: State) -> list[str]:
    """The steps from the draft to ``state``."""
    if state in ASIDE:
        return ASIDE[state].split()
    way = WAY.split()
    return way[: [TRANSITIONS[verb].to for verb in way].index(state) + 1]


def made(pk: int, world: World) -> Call:
    """One call somewhere in the last year; open ones in the last two days."""
    chance, now = world.chance, clock.now()
    state = chance.choices([one for one, _share in world.spread], [share for _one, share in world.spread])[0]
    ended = state in ENDED_STATES
    ago = timedelta(minutes=chance.randrange(2 * 1440, 365 * 1440) if ended else chance.randrange(2 * 1440))
    at = now - LONGEST - ago
    kind, place, person = chance.choice(world.kinds), chance.choice(world.places), chance.choice(world.people)
    title = kind.example or kind.name
    number = f"HY{clock.local(at):%Y%m%d}-{pk:05d}"
    text = " | ".join(map(spelled, (number, title, person.name, place.name, kind.name)))
    times = {TRANSITIONS[verb].to: at + PACE * number for number, verb in enumerate(verbs(state), start=1)}
    due = times[state] + timedelta(hours=chance.randrange(1, 72)) if state in STAGE_OF else None
    return Call(
        pk=pk,
        number=number,
        kind=kind,
        place=place,
        requester=person,
        asked_by=person,
        title=title[:60],
        state=state,
        level=chance.choice(Level.values),
        urgent=chance.random() < 0.1,
        accepted_count=int(ANSWERS.get(state) in {OfferState.ACCEPTED, OfferState.DONE}),
        stage_started_at=times[state],
        stage_due_at=due,
        amber_at=times[state] + (due - times[state]) / 2 if due else None,
        lift_at=due,
        waiting_since=times.get(State.SUBMITTED) if state in WAITING_FOR_HELP else None,
        scheduled_at=times[State.SCHEDULED] + PACE if State.SCHEDULED in times else None,
        created_at=at,
        ended_at=times[state] if ended else None,
        transferred_to="12345" if state == State.TRANSFERRED else "",
        score=chance.randrange(3, 6) if state == State.CLOSED else None,
        solved=chance.random() < 0.9 if state == State.CLOSED else None,
        search_text=text,
        search_terms=pieces(text),
        **{TIMES[reached]: moment for reached, moment in times.items() if reached in TIMES},
    )


def offer(call: Call, world: World) -> Offer:
    """The one who was asked: a team where the kind is for teams, else a volunteer who is somebody else."""
    team = world.chance.choice(world.teams) if call.kind.answered_by == "team" else None
    volunteer = None if team else world.chance.choice(world.volunteers)
    if volunteer and volunteer.person_id == call.requester_id:
        volunteer = next(one for one in world.volunteers if one.person_id != call.requester_id)
    state, at = ANSWERS[State(call.state)], call.created_at + PACE * 3
    return Offer(
        call=call,
        volunteer=volunteer,
        team=team,
        state=state,
        offered_at=at,
        answer_due_at=call.stage_due_at if state == OfferState.OFFERED else at + timedelta(hours=2),
        answered_at=None if state == OfferState.OFFERED else at + PACE,
        answered_by_id=volunteer.person_id if volunteer and state != OfferState.OFFERED else None,
    )


def steps(call: Call, world: World, asked: Offer | None) -> Iterator[CallEvent]:
    """The history of a call from its draft to the state it is in, one step every ten minutes."""
    before, at = "", call.created_at
    for verb in ["draft", *verbs(State(call.state))]:
        after = TRANSITIONS[verb].to if verb != "draft" else State.DRAFT
        yield CallEvent(
            call=call,
            at=at,
            verb=verb,
            from_state=before,
            to_state=after,
            person_id=by_whom(verb, call, world, asked),
            facts=facts(verb, call, asked),
        )
        before, at = after, at + PACE


def by_whom(verb: str, call: Call, world: World, asked: Offer | None) -> int | None:
    """Key of the person who took a step: asker, helper or desk; None for the platform and for teams."""
    if verb == "close":
        return None
    if verb in HELPERS_STEPS:
        return asked.answered_by_id if asked else None
    desk = "staff" in TRANSITIONS[verb].by and "requester" not in TRANSITIONS[verb].by if verb != "draft" else False
    return world.staff[0] if desk and world.staff else call.requester_id


def facts(verb: str, call: Call, asked: Offer | None) -> dict[str, Any]:
    """What the line of history says beside the step."""
    if verb == "accept" and asked is not None:
        return {"offer": asked.pk, "released": []}
    if verb == "schedule" and call.scheduled_at is not None:
        return {"at": call.scheduled_at.isoformat()}
    known: dict[str, dict[str, Any]] = {"submit": {"channel": call.channel}, "dispatch": {"asked": 1}}
    known |= {"rate": {"score": call.score, "solved": call.solved}, "transfer": {"target": call.transferred_to}}
    return known.get(verb, {})


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
    place_skills(actor=Actor.system("demo"))
