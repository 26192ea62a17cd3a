"""Two years of calls with their whole history; what has not ended by now stands open on the boards.

Each call walks a way of steps from the table of calls; steps that would lie ahead have not happened yet. Trail and jobs
are written as ``config.demo.bulk`` writes them.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cached_property
from operator import attrgetter
from typing import Any, NamedTuple

from django.db import connection
from psycopg.types.json import Jsonb

from huying.calls.actions.moving import TIMES
from huying.calls.models import Call, CallEvent, CallNote, LateStage, Offer, ServiceKind
from huying.calls.queries.counting import words_of_call
from huying.calls.states import (
    ENDED_STATES,
    STAGE_OF,
    TRANSITIONS,
    WAITING_FOR_HELP,
    Channel,
    Level,
    OfferState,
    Stage,
    State,
)
from huying.config.demo.bulk import JOBS, TRAIL
from huying.config.demo.city.activities import fresh_ids
from huying.config.demo.city.calendar import Almanac, almanac
from huying.config.demo.city.people import Asker, askers
from huying.config.demo.city.plan import DEMO, Plan
from huying.config.demo.city.scripts import THANKS
from huying.config.demo.city.ways import (
    BY_ASKER,
    BY_HELPER,
    BY_HOUR,
    BY_PLATFORM,
    BY_WAY,
    LARGE_KIND,
    LARGE_TITLE,
    SILENCE,
    WAITS,
    WAYS,
    WHY,
)
from huying.config.demo.city.writing import copy, keys, spelled
from huying.figures import actions as figures
from huying.figures.actions import Word
from huying.kernel import clock
from huying.kernel.search import pieces
from huying.places.models import Place
from huying.volunteers.models import Membership

CHUNK = 2000
FRESH = 24
"""At least so many have come in within the last day and a half: boards shall be alive."""
LATE, LARGE, FLOOD_KIND, FLOOD_SHARE = 0.08, 0.08, "storm", 0.7
"""Shares: late in some stage; of the calls of a flood those for many hands; and of its calls those of the flood."""
FIELDS = [one.attname for one in Call._meta.concrete_fields]
EVENT = ("id", "call_id", "at", "verb", "from_state", "to_state", "person_id", "on_behalf", "facts")
OFFER = (
    *("id", "public_id", "call_id", "volunteer_id", "team_id", "state", "offered_at", "offered_by_id", "answer_due_at"),
    *("answered_at", "answered_by_id"),
)


class Helper(NamedTuple):
    """A volunteer or a team, and who says yes."""

    volunteer: int | None
    team: int | None
    person: int


def days(plan: Plan) -> list[date]:
    """The day of each call, in their order: two years up to yesterday, and what has just come in."""
    fresh = max(FRESH, plan.shape.calls // 365)
    return [day for day, count in almanac(plan).calls_by_day for _n in range(count)] + [almanac(plan).today] * fresh


def chunks(plan: Plan) -> int:
    return -(-len(days(plan)) // CHUNK)


def write(plan: Plan, number: int) -> None:
    """So many calls with offers, history, trail and jobs; told to the figures."""
    wanted = days(plan)[number * CHUNK : (number + 1) * CHUNK]
    desk = Desk(plan, plan.drawn("calls", number))
    for place, (key, day) in enumerate(zip(keys(Call, len(wanted)), wanted, strict=True)):
        desk.call(place, key, day)
    desk.copy()
    figures.count(actor=DEMO, words=desk.words)


@dataclass
class Desk:
    """The rows of one part."""

    plan: Plan
    chance: random.Random
    calls: list[Call] = field(default_factory=list)
    events: list[tuple[Any, ...]] = field(default_factory=list)
    notes: list[tuple[int, str]] = field(default_factory=list)
    offers: list[list[Any]] = field(default_factory=list)
    late: list[tuple[Any, ...]] = field(default_factory=list)
    words: list[Word] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.publics, self.event_ids = fresh_ids(), self.drawing(CallEvent)
        self.offer_ids, self.almanac = self.drawing(Offer), almanac(self.plan)

    almanac: Almanac = field(init=False)

    def drawing(self, model: type[Any]) -> Iterator[int]:
        while True:
            yield from keys(model, 1000)

    @cached_property
    def kinds(self) -> list[ServiceKind]:
        return list(ServiceKind.objects.order_by("order", "id"))

    @cached_property
    def askers(self) -> dict[int, list[Asker]]:
        return askers()

    @cached_property
    def homes(self) -> list[Place]:
        return [one for one in self.plan.neighbourhoods if self.askers.get(one.pk)]

    @cached_property
    def known(self) -> list[tuple[Place, Asker]]:
        return [(home, one) for home in self.homes for one in self.askers[home.pk] if one.signs_in]

    @cached_property
    def teams(self) -> dict[str, list[Helper]]:
        """Teams with a leader, by the path of their place."""
        found: dict[str, list[Helper]] = defaultdict(list)
        rows = Membership.objects.filter(is_leader=True, ends_at=None, team__active=True).order_by("id")
        for team, path, person in rows.values_list("team_id", "team__place__path", "volunteer__person_id"):
            found[path].append(Helper(None, team, person))
        return found

    def moment(self, day: date) -> datetime:
        if day == self.almanac.today:
            return self.plan.now - timedelta(minutes=2 + int(36 * 60 * self.chance.random() ** 3))
        hour = self.chance.choices(range(24), cum_weights=BY_HOUR)[0]
        return datetime.combine(day, time(hour, self.chance.randrange(60), self.chance.randrange(60)), clock.SHANGHAI)

    def call(self, number: int, key: int, day: date) -> None:
        """One call from its draft as far as it has come by now."""
        chance, flood = self.chance, self.almanac.in_flood(day)
        home, asker = self.someone(number)
        keeper = self.plan.keepers[home.pk]
        storm = flood and chance.random() < FLOOD_SHARE
        seats = 8 + chance.randrange(25) if storm and chance.random() < LARGE else 1
        code = LARGE_KIND if seats > 1 else FLOOD_KIND if storm else ""
        kind = next((one for one in self.kinds if one.code == code), None) or self.chance.choice(self.kinds)
        way = WAYS[0][1] if seats > 1 else chance.choices([one for _weight, one in WAYS], cum_weights=BY_WAY)[0]
        begun = self.moment(day)
        behalf = chance.random() < 0.35
        call = Call(
            pk=key,
            public_id=next(self.publics),
            number=f"HY{clock.local(begun):%Y%m%d}-{key:05d}",
            kind=kind,
            place=home,
            requester_id=asker.person,
            asked_by_id=keeper.person_id if behalf else asker.person,
            channel=(Channel.PHONE if chance.random() < 0.7 else Channel.PROXY) if behalf else Channel.WEB,
            title=LARGE_TITLE if seats > 1 else (kind.example or kind.name)[:60],
            lon=home.lon,
            lat=home.lat,
            people_needed=seats,
            urgent=storm or chance.random() < 0.08,
            level=Level.STATION if chance.random() < 0.85 else Level.OFFICE,
            state=State.DRAFT,
            created_at=begun,
            stage_started_at=begun,
        )
        walk = Walk(self, call, behalf, keeper.person_id, asker.person)
        walk.go(way.split())
        self.finish(walk, asker, home)

    def someone(self, number: int) -> tuple[Place, Asker]:
        """Who asks, and his neighbourhood: in each part once each who signs in, then anybody anywhere."""
        if number < len(self.known):
            return self.known[number]
        home = self.homes[self.chance.randrange(len(self.homes))]
        crowd = self.askers[home.pk]
        return home, crowd[self.chance.randrange(len(crowd))]

    def finish(self, walk: Walk, asker: Asker, home: Place) -> None:
        """Clocks of what is open, late stages of what is closed, what it is found by, and its words."""
        call = walk.call
        stage = STAGE_OF.get(State(call.state))
        if stage is not None:
            call.stage_due_at = call.stage_started_at + timedelta(hours=4 + self.chance.randrange(68))
            call.amber_at = call.stage_started_at + (call.stage_due_at - call.stage_started_at) / 2
            call.lift_at = call.stage_due_at
        if call.state in WAITING_FOR_HELP:
            call.waiting_since = call.submitted_at
        was_late = call.state == State.CLOSED and self.chance.random() < LATE
        due: datetime | None = None
        if was_late and call.delivered_at:
            due = call.delivered_at - timedelta(minutes=10 + self.chance.randrange(1440))
            self.late.append((call.pk, Stage.DELIVER, due, call.delivered_at))
        call.search_text = " | ".join(map(spelled, (call.number, call.title, asker.name, home.name, call.kind.name)))
        call.search_terms = pieces(call.search_text)
        call.first_late_at, call.is_left_out = due, False  # type: ignore[attr-defined]
        call.late_review, call.heard, call.middling = False, None, None  # type: ignore[attr-defined]
        did = {row[10] for row in walk.offers if row[5] == OfferState.DONE}
        call.is_verified = call.solved is True and asker.person not in did  # type: ignore[attr-defined]
        self.calls.append(call)
        self.words += [word for word in words_of_call(call) if word.amount]

    def helper(self, call: Call, asked: set[tuple[int | None, int | None]]) -> Helper:
        """Somebody near by who was not asked yet: a team for what teams do, else a volunteer."""
        town = call.place.parent
        if call.kind.answered_by == "team" and town is not None:
            near: list[Helper] = [*self.teams.get(call.place.path, []), *self.teams.get(town.path, [])]
            fresh = [one for one in near if (None, one.team) not in asked]
            anybody = [one for rows in self.teams.values() for one in rows]
            found: Helper = self.chance.choice(fresh or anybody)
            return found
        here = self.plan.locals.get(call.place_id) or next(iter(self.plan.locals.values()))
        for turn in range(1000):
            at = int(len(here.volunteers) * min(1.0, 0.35 + turn / 50) * self.chance.random() ** 3)
            if (here.volunteers[at], None) not in asked:
                break
        return Helper(here.volunteers[at], None, here.people[at])

    def copy(self) -> None:
        """All rows into their tables; the trail and the finished job of each step."""
        values = attrgetter(*FIELDS)
        copy(
            Call,
            FIELDS,
            (tuple(Jsonb(one) if isinstance(one, dict) else one for one in values(call)) for call in self.calls),
        )
        silent = {OfferState.OFFERED, OfferState.EXPIRED}
        copy(Offer, OFFER, ([*row[:-1], None if row[5] in silent else row[-1]] for row in self.offers))
        copy(CallEvent, EVENT, self.events)
        copy(CallNote, ("event_id", "text"), self.notes)
        copy(LateStage, ("call_id", "stage", "due_at", "left_at"), self.late)
        written = [row[0] for row in self.events if row[3] not in {"draft", "joined"}]
        with connection.cursor() as cursor:
            cursor.execute(TRAIL, [written])
            cursor.execute(JOBS, [written])


@dataclass
class Walk:
    """One call on its way through the steps."""

    desk: Desk
    call: Call
    behalf: bool
    keeper: int
    asker: int
    offers: list[list[Any]] = field(default_factory=list)
    asked: set[tuple[int | None, int | None]] = field(default_factory=set)
    person: int | None = None

    def go(self, way: list[str]) -> None:
        """Step by step until now."""
        at, before = self.call.created_at, ""
        self.line("draft", at, "", State.DRAFT)
        before = State.DRAFT
        for verb in self.steps(way):
            at = self.later(at, verb)
            if at > self.desk.plan.now:
                break
            after = State(before) if verb == "joined" else TRANSITIONS[verb].to
            self.act(verb, at)
            self.line(verb, at, before, after)
            if after != before:
                self.reached(after, at)
            before = after

    def steps(self, way: list[str]) -> list[str]:
        """A call for many hands is filled one by one before the last yes."""
        more = ["joined"] * (self.call.people_needed - 1)
        return [one for verb in way for one in ([*more, verb] if verb == "accept" else [verb])]

    def later(self, at: datetime, verb: str) -> datetime:
        """When the step is taken: a while after the one before, never at night; close follows at once."""
        if verb == "close":
            return at
        if verb == "auto_rate":
            return at + SILENCE
        at += timedelta(seconds=30 + int(60 * self.desk.chance.expovariate(1 / WAITS[verb])))
        if verb not in {"submit", "expire"}:
            here = clock.local(at)
            if not 7 <= here.hour < 22:
                morning = here.replace(hour=8, minute=self.desk.chance.randrange(60))
                at = morning if here.hour < 7 else morning + timedelta(days=1)
        return at

    def reached(self, state: State, at: datetime) -> None:
        """The state and its moments in the row."""
        call = self.call
        call.state, call.stage_started_at = state, at
        name = TIMES.get(state)
        if name and getattr(call, name) is None:
            setattr(call, name, at)
        call.ended_at = at if state in ENDED_STATES else None

    def act(self, verb: str, at: datetime) -> None:
        """What a step does beside moving the call: who is asked, who says yes, what is said in the end."""
        call, chance = self.call, self.desk.chance
        if verb in {"dispatch", "claim"}:
            for _seat in range(call.people_needed):
                self.ask(at)
        if verb == "expire":
            self.answer(OfferState.EXPIRED, None)
        if verb in {"accept", "claim", "joined"}:
            self.answer(OfferState.ACCEPTED, at)
            call.accepted_count += 1
        if verb == "cancel":
            self.end(OfferState.WITHDRAWN)
            call.accepted_count = 0
        if verb == "schedule":
            call.scheduled_at = at + timedelta(hours=2 + chance.randrange(40))
        if verb in {"rate", "auto_rate"}:
            self.end(OfferState.DONE)
        if verb == "rate":
            call.score = (5, 5, 5, 5, 5, 4, 4, 4, 3, 2)[chance.randrange(10)]
            call.solved, call.rated_at = chance.random() < 0.91, at
            call.comment = THANKS[chance.randrange(len(THANKS))] if chance.random() < 0.3 else ""
        if verb == "reopen":
            call.reopened_count, call.accepted_count = call.reopened_count + 1, 0
            call.score, call.solved, call.comment, call.scheduled_at = None, None, "", None

    def ask(self, at: datetime) -> None:
        """One more is asked."""
        helper = self.desk.helper(self.call, self.asked)
        self.asked.add((helper.volunteer, helper.team))
        self.person = helper.person
        due = at + timedelta(hours=2)
        row = [next(self.desk.offer_ids), next(self.desk.publics), self.call.pk, helper.volunteer, helper.team]
        self.offers.append([*row, OfferState.OFFERED, at, self.keeper, due, None, helper.person])
        self.desk.offers.append(self.offers[-1])

    def answer(self, state: OfferState, at: datetime | None) -> None:
        """The next who is still asked answers."""
        row = next(one for one in self.offers if one[5] == OfferState.OFFERED)
        row[5], row[9], self.person = state, at, row[10]

    def end(self, state: OfferState) -> None:
        """Those who said yes are done, or free again."""
        for row in self.offers:
            if row[5] == OfferState.ACCEPTED:
                row[5] = state

    def line(self, verb: str, at: datetime, before: str, after: str) -> None:
        """The line of history, with its words beside it."""
        call = self.call
        asks = verb in BY_ASKER
        by = None if verb in BY_PLATFORM else self.person if verb in BY_HELPER else self.asker if asks else self.keeper
        behalf = asks and self.behalf and verb in {"draft", "submit"}
        key = next(self.desk.event_ids)
        row = (key, call.pk, at, verb, before, after, self.keeper if behalf else by, behalf, Jsonb(self.facts(verb)))
        self.desk.events.append(row)
        if verb in WHY:
            self.desk.notes.append((key, WHY[verb]))

    def facts(self, verb: str) -> dict[str, Any]:
        """What the line says beside the step."""
        call = self.call
        if verb in {"accept", "claim"} and self.offers:
            return {"offer": self.offers[-1][0], "released": []}
        if verb == "schedule" and call.scheduled_at is not None:
            return {"at": call.scheduled_at.isoformat()}
        if verb == "transfer":
            call.transferred_to = "12345"
        known: dict[str, dict[str, Any]] = {
            "submit": {"channel": call.channel},
            "dispatch": {"asked": call.people_needed},
        }
        known |= {"rate": {"score": call.score, "solved": call.solved}, "transfer": {"target": call.transferred_to}}
        return known.get(verb, {})


TABLES = (Call, CallEvent, Offer)
