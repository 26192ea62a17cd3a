"""Two years of activities and the fortnight ahead: who signed up, who came, who did not, who waited; results and words."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from itertools import accumulate, islice, pairwise
from typing import Any
from uuid import UUID

from django.db import connection

from huying.activities import models as m
from huying.activities.states import WHOLE, ActivityState, Measure, SessionState, SignUpState, Source
from huying.config.demo.city import service
from huying.config.demo.city.calendar import MINUTES, Almanac, Gathering, almanac
from huying.config.demo.city.plan import DEMO, Keeper, Plan
from huying.config.demo.city.scripts import SCRIPTS, WHY_OFF, WORDS, Script
from huying.config.demo.city.service import Hour
from huying.config.demo.city.writing import copy, keys, spelled
from huying.figures import actions as figures
from huying.figures.actions import Word
from huying.kernel import chance as ids
from huying.kernel.search import pieces
from huying.places.models import Place

CHUNK = 1500
"""Activities of one part, at least; a part ends with a day, so that nobody is in two places on one day."""
ACTIVITY = (
    *("id", "public_id", "kind_id", "place_id", "title", "summary", "contact_name", "contact_phone", "where"),
    *("risks", "guarantees", "first_at", "length", "needs_sign_up", "state", "reason", "sequence", "created_by_id"),
    *("created_at", "changed_at", "published_at", "search_text", "search_terms"),
)
SESSION = (
    "id",
    "public_id",
    "activity_id",
    "starts_at",
    "ends_at",
    "state",
    "reason",
    "sequence",
    "held_at",
    "held_by_id",
)
EVENT = ("id", "activity_id", "session_id", "at", "verb", "person_id")
ROLE = ("id", "activity_id", "name", "capacity", "is_volunteer", "category_id")
SHIFT = ("id", "session_id", "role_id", "capacity", "taken", "waiting")
SIGN_UP = ("id", "public_id", "session_id", "shift_id", "person_id", "asked_by_id", "state", "at", "changed_at")
CHECK_IN = ("session_id", "sign_up_id", "key", "count", "in_at", "in_by_id", "out_at", "out_by_id")
RESULT = ("session_id", "measure", "amount", "unit_id", "source", "at")
FEEDBACK = ("session_id", "person_id", "score", "words", "at")
RECORDED_AFTER = timedelta(days=21)
GIVEN_BACK, MISSED, IN_LINE, SAID = 0.06, 0.05, 0.04, 0.08
"""Shares: sign-ups taken back, those who did not come, activities with a line of people waiting, who says something."""
TRAIL = """
    INSERT INTO kernel_auditline (at, person_id, system, channel, verb, subject_type, subject_id, place_path, changes, reason)
    SELECT e.at, e.person_id, '', 'web', 'activity.' || e.verb, 'activities.Activity', a.id, p.path,
           CASE WHEN e.session_id IS NULL THEN '{}' ELSE jsonb_build_object('session', e.session_id) END, ''
    FROM activities_activityevent e JOIN activities_activity a ON a.id = e.activity_id JOIN places_place p ON p.id = a.place_id
    WHERE e.id = ANY(%s) ORDER BY e.id
"""


def cuts(plan: Plan) -> list[int]:
    """Where each part begins among the gatherings, and their end."""
    found, rows = [0], almanac(plan).gatherings
    for number, (before, here) in enumerate(pairwise(rows), start=1):
        if number - found[-1] >= CHUNK and here.day != before.day:
            found.append(number)
    return [*found, len(rows)]


def chunks(plan: Plan) -> int:
    return len(cuts(plan)) - 1


def write(plan: Plan, number: int) -> None:
    """One part with everything that hangs on it, its service and what all of it adds to the figures."""
    first, last = cuts(plan)[number : number + 2]
    stage = Stage(plan, plan.drawn("activities", number))
    stage.add(almanac(plan).gatherings[first:last])
    stage.copy()
    words = [*stage.words, *service.write(plan, plan.drawn("service", number), stage.hours)]
    figures.count(actor=DEMO, words=words)


@dataclass
class Stage:
    """Rows of one part, by table; ``busy`` is who is somewhere on a day already."""

    plan: Plan
    chance: random.Random
    rows: dict[str, list[tuple[Any, ...]]] = field(default_factory=dict)
    hours: list[Hour] = field(default_factory=list)
    words: list[Word] = field(default_factory=list)
    busy: set[tuple[date, int]] = field(default_factory=set)

    @cached_property
    def almanac(self) -> Almanac:
        return almanac(self.plan)

    @cached_property
    def kinds(self) -> dict[str, m.ActivityKind]:
        return {one.code: one for one in m.ActivityKind.objects.all()}

    @cached_property
    def categories(self) -> dict[str, int]:
        return service.categories()

    @cached_property
    def unit(self) -> int:
        return m.Unit.objects.get(code="person_time").pk

    @cached_property
    def scripts(self) -> tuple[list[Script], list[float], list[float]]:
        """Scripts with their weights summed up: of the holidays of summer, and of other days."""
        plain = [one.weight for one in SCRIPTS]
        summer = [one.weight * (3 if one.kind == "children" else 1) for one in SCRIPTS]
        return list(SCRIPTS), list(accumulate(summer)), list(accumulate(plain))

    def drawing(self, model: type[Any]) -> Iterator[int]:
        """Keys of one table, drawn by the thousand."""
        while True:
            yield from keys(model, 1000)

    def put(self, table: str, *row: Any) -> None:
        self.rows.setdefault(table, []).append(row)

    def add(self, gatherings: Sequence[Gathering]) -> None:
        self.roles, self.sign_ups, self.events = map(self.drawing, (m.ActivityRole, m.SignUp, m.ActivityEvent))
        self.shifts, self.publics = self.drawing(m.Shift), fresh_ids()
        count = len(gatherings)
        for one, activity, session in zip(gatherings, keys(m.Activity, count), keys(m.Session, count), strict=True):
            self.one(one, activity, session)
            for theme in self.almanac.themes_on(one.day):
                self.put("theme", activity, theme.pk)

    def where(self) -> tuple[Place, Keeper]:
        """A neighbourhood, now and then its town or the whole place, with who runs it."""
        home, dice = (
            self.plan.neighbourhoods[self.chance.randrange(len(self.plan.neighbourhoods))],
            self.chance.random(),
        )
        above = home.parent if dice < 0.08 else self.plan.root if dice < 0.09 else home
        place = above if above is not None and above.pk in self.plan.keepers else home
        return place, self.plan.keepers[place.pk]

    def script(self, day: date) -> Script:
        scripts, summer, plain = self.scripts
        return self.chance.choices(scripts, cum_weights=summer if day.month in {7, 8} else plain)[0]

    def one(self, one: Gathering, activity: int, session: int) -> None:
        """One activity, its session, its history, and who had to do with it."""
        chance, (place, keeper) = self.chance, self.where()
        script = self.script(one.day)
        if self.almanac.in_flood(one.day) and chance.random() < 0.5:
            script = SCRIPTS[0]
        starts = self.almanac.begins(one.day, script.kind, chance)
        ends = starts + timedelta(minutes=MINUTES[chance.randrange(len(MINUTES))])
        published = min(starts - timedelta(days=2 + chance.randrange(12), minutes=chance.randrange(600)), self.plan.now)
        made, off = published - timedelta(minutes=5 + chance.randrange(90)), one.state == "cancelled"
        title = self.title(script, one.day)
        steps: list[tuple[str, datetime, int | None]] = [("make", made, None), ("publish", published, None)]
        why, changed = "", published
        if off:
            why, changed = (
                WHY_OFF[chance.randrange(len(WHY_OFF))],
                max(published, starts - timedelta(hours=4 + chance.randrange(30))),
            )
            steps.append(("cancel", changed, None))
        state, held = SessionState.CANCELLED if off else SessionState.PLANNED, None
        if one.state == "held":
            held = ends + timedelta(minutes=5 + chance.randrange(40))
            steps.append(("hold", held, session))
            state = SessionState.HELD
            if self.plan.now - held > RECORDED_AFTER:
                steps.append(("record", held + timedelta(days=1 + chance.randrange(9)), session))
                state = SessionState.RECORDED
        words = (title, script.summary, self.kinds[script.kind].name, f"{place.name}广场")
        text = " | ".join(map(spelled, words))
        facts = (keeper.name, "0500-8885000", f"{place.name}广场", script.risks, script.guarantees)
        published_state = ActivityState.CANCELLED if off else ActivityState.PUBLISHED
        self.put(
            *("activity", activity, next(self.publics), self.kinds[script.kind].pk, place.pk, title, script.summary),
            *(*facts, starts, ends - starts, script.helpers + script.guests > 0, published_state, why, int(off)),
            *(keeper.person_id, made, changed, published, text, pieces(text)),
        )
        by = keeper.person_id if held else None
        self.put("session", session, next(self.publics), activity, starts, ends, state, why, int(off), held, by)
        self.put("party", activity, "host", place.name, 0, WHOLE)
        for verb, at, of in steps:
            self.put("event", next(self.events), activity, of, at, verb, keeper.person_id)
            if verb == "cancel":
                self.put("note", self.rows["event"][-1][0], why)
        self.people(one, script, (activity, session), (place, keeper), (published, starts, ends), title)

    def title(self, script: Script, day: date) -> str:
        """With the festival before it, around festivals."""
        if day not in self.almanac.festivals:
            return script.title
        near = [one for one in self.almanac.themes_on(day) if one.group == "festival"]
        return f"{near[0].name}·{script.title}" if near else script.title

    def people(
        self,
        one: Gathering,
        script: Script,
        of: tuple[int, int],
        at: tuple[Place, Keeper],
        times: tuple[datetime, datetime, datetime],
        title: str,
    ) -> None:
        """Sign-ups for each role, the door, results, and hours of those who served."""
        (activity, session), (place, keeper), (published, starts, ends) = of, at, times
        come = one.come
        for name, wanted, serves in (("志愿者", script.helpers, True), ("参加者", script.guests, False)):
            if not wanted:
                continue
            number = 1 + int(self.chance.expovariate(1 / wanted))
            number = min(number, come, 40) if one.state == "held" else min(number, 40)
            crowd = self.crowd(place, one.day, max(1, number) + 5, keeper.person_id)
            present = [next(crowd, None) for _n in range(number)]
            there = [row for row in present if row is not None]
            role, shift = next(self.roles), next(self.shifts)
            category = self.categories.get(script.category) if serves else None
            taken, waiting, room = self.sign_up(one, (session, shift), there, crowd, (published, starts, ends), keeper)
            self.put("role", role, activity, name, room, serves, category)
            self.put("shift", shift, session, role, room, taken, waiting)
            if one.state == "held":
                come -= len(there)
                if serves:
                    self.serve(title, script, place, keeper, starts, ends)
        if one.state == "held":
            if come:
                walked = (
                    session,
                    None,
                    f"demo:{self.plan.seed}:{one.number}",
                    come,
                    starts,
                    keeper.person_id,
                    None,
                    None,
                )
                self.put("check_in", *walked)
            self.put("result", session, Measure.PARTICIPANTS, one.come, self.unit, Source.COUNTED, ends)
            label, day = m.Session._meta.label, one.day
            self.words += [
                Word(label, session, "attended", place.pk, day, one.come),
                Word(label, session, "sessions_held", place.pk, day, 1),
            ]

    def crowd(self, place: Place, day: date, most: int, keeper: int) -> Iterator[tuple[int, int]]:
        """Volunteers near by, rather those who always come (a few serve much, most never); each once a day."""
        homes = [place] if place.pk in self.plan.locals else self.below(place)
        for _try in range(6 * most):
            here = self.plan.locals[homes[self.chance.randrange(len(homes))].pk]
            at = int(len(here.volunteers) * 0.35 * self.chance.random() ** 4)
            key = (day, here.volunteers[at])
            if key not in self.busy:
                self.busy.add(key)
                yield here.volunteers[at], here.people[at]

    def below(self, place: Place) -> list[Place]:
        inside = [one for one in self.plan.neighbourhoods if one.path.startswith(place.path)]
        return [one for one in inside if one.pk in self.plan.locals]

    def sign_up(
        self,
        one: Gathering,
        of: tuple[int, int],
        there: list[tuple[int, int]],
        crowd: Iterator[tuple[int, int]],
        times: tuple[datetime, datetime, datetime],
        keeper: Keeper,
    ) -> tuple[int, int, int]:
        """Who signed up for one role and what became of it: (taken, waiting, capacity)."""
        published, starts, ends = times
        (session, shift), chance, last = of, self.chance, min(starts, self.plan.now)
        self.came: list[tuple[int, int, int]] = []

        def signed(person: int, state: SignUpState, *, changed: datetime | None = None) -> int:
            at, key = published + (last - published) * chance.random(), next(self.sign_ups)
            self.put("sign_up", key, next(self.publics), session, shift, person, person, state, at, changed or at)
            return key

        missed = gone = 0
        if one.state == "planned":
            for _volunteer, person in there:
                signed(person, SignUpState.SIGNED)
        elif one.state == "cancelled":
            for _volunteer, person in there:
                signed(person, SignUpState.DROPPED, changed=last)
        else:
            for volunteer, person in there:
                key = signed(person, SignUpState.PRESENT, changed=starts)
                self.came.append((volunteer, person, key))
                late, early = timedelta(minutes=chance.randrange(-10, 8)), timedelta(minutes=chance.randrange(-5, 6))
                out = (ends - early, keeper.person_id) if chance.random() > 0.02 else (None, None)
                self.put("check_in", session, key, None, 1, starts + late, keeper.person_id, *out)
                if chance.random() < SAID:
                    score = (5, 5, 5, 5, 4, 4, 4, 3, 2)[chance.randrange(9)]
                    words = WORDS[chance.randrange(len(WORDS))] if chance.random() < 0.4 else ""
                    self.put("feedback", session, person, score, words, ends + timedelta(hours=2))
            missed = sum(chance.random() < MISSED for _one in there)
            for _volunteer, person in islice(crowd, missed):
                signed(person, SignUpState.ABSENT, changed=ends)
                gone += 1
        for _volunteer, person in islice(crowd, sum(chance.random() < GIVEN_BACK for _one in there)):
            signed(person, SignUpState.CANCELLED)
        taken = 0 if one.state == "cancelled" else len(there) + gone
        full = taken > 2 and chance.random() < IN_LINE
        room = max(1, taken) if full else max(5, -(-(taken + 1) // 5) * 5)
        waiting = self.in_line(one, signed, crowd, starts) if full else 0
        return taken, waiting, room

    def in_line(self, one: Gathering, signed: Any, crowd: Iterator[tuple[int, int]], starts: datetime) -> int:
        """Where it is full some wait: before it, in line; after it, let go."""
        rows = list(islice(crowd, 1 + self.chance.randrange(3)))
        ahead = one.state == "planned"
        for _volunteer, person in rows:
            signed(person, SignUpState.WAITING if ahead else SignUpState.DROPPED, changed=None if ahead else starts)
        return len(rows) if ahead else 0

    def serve(self, title: str, script: Script, place: Place, keeper: Keeper, starts: datetime, ends: datetime) -> None:
        """Hours of those who came and were seen going."""
        out = {row[1]: row[6] for row in self.rows["check_in"][-len(self.came) :]} if self.came else {}
        self.hours += [
            Hour(volunteer, person, place, keeper, self.categories.get(script.category), key, title, starts, ends)
            for volunteer, person, key in self.came
            if out.get(key)
        ]

    def copy(self) -> None:
        """All rows into their tables, parents before children; the trail of each step."""
        tables: tuple[tuple[str, type[Any], tuple[str, ...]], ...] = (
            ("activity", m.Activity, ACTIVITY),
            ("theme", m.Activity.themes.through, ("activity_id", "theme_id")),
            ("party", m.Party, ("activity_id", "side", "name", "part_from", "part_to")),
            ("session", m.Session, SESSION),
            ("event", m.ActivityEvent, EVENT),
            ("note", m.ActivityNote, ("event_id", "text")),
            ("role", m.ActivityRole, ROLE),
            ("shift", m.Shift, SHIFT),
            ("sign_up", m.SignUp, SIGN_UP),
            ("check_in", m.CheckIn, CHECK_IN),
            ("result", m.Result, RESULT),
            ("feedback", m.Feedback, FEEDBACK),
        )
        for name, model, columns in tables:
            copy(model, columns, sorted(self.rows.get(name, ())) if name == "event" else self.rows.get(name, ()))
        with connection.cursor() as cursor:
            cursor.execute(TRAIL, [[row[0] for row in self.rows["event"]]])


def fresh_ids() -> Iterator[UUID]:
    """Public ids, drawn by the thousand."""
    while True:
        yield from ids.uuid7s(1000)


TABLES = (m.Activity, m.Session, m.SignUp, m.CheckIn, m.ActivityEvent, m.Shift, m.ActivityRole)
