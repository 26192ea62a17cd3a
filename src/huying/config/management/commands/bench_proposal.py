"""How long a proposal for all open calls takes from the database and back: the whole job that a dispatcher waits for.

The district is that of ``matching/district.py`` (910,000 volunteers, fifty thousand calls), written into the tables as
copies of one made-up volunteer and one call. What is timed is ``calls.actions.calculate`` as its job runs it: reading,
planning in a process of its own with the reasons for what stays empty, and writing the lines.
"""

from __future__ import annotations

import io
import json
import os
import resource
import statistics
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from unittest import mock

import django
import psycopg
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, models, transaction
from django.db.models import Count, F

from huying.calls import actions
from huying.calls.actions import calculating
from huying.calls.models import Call, Proposal, ProposalLine, ServiceKind
from huying.calls.queries import weighing
from huying.calls.states import LineState, ProposalState, State
from huying.config.demo import bulk, calls, people, places
from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.matching import district
from huying.matching.earth import Plane
from huying.people.models import Account, Person, Role
from huying.places.models import Place
from huying.volunteers.models import Skill, Volunteer
from huying.volunteers.states import SLOTS

GOAL_S, GOAL_MB = 5.0, 2048
NOT_COPIED = ("id", "public_id", "number")
LIMITS = ["transaction_timeout", "statement_timeout", "idle_in_transaction_session_timeout"]


class Command(BaseCommand):
    help = (
        "Measure proposals from the database and back (started by ./huying bench proposal, on a throw-away database)."
    )

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--volunteers", type=int, default=910_000)
        parser.add_argument("--calls", type=int, default=50_000)
        parser.add_argument("--rounds", type=int, default=5)
        parser.add_argument("--seed", type=int, default=1)

    def handle(self, *args: Any, **options: Any) -> None:
        url = os.environ.get("HUYING_BENCH_OWNER_URL")
        if not url or os.environ.get("HUYING_BENCH") != "1":
            raise CommandError("This fills the database with made-up people: measure with ./huying bench proposal.")
        sizes = {name: options[name] for name in ("volunteers", "calls", "rounds", "seed")}
        began = time.monotonic()
        root = fill(url, options["volunteers"], options["calls"], options["seed"])
        figures: dict[str, Any] = {"filling_s": round(time.monotonic() - began, 1)}
        actor, wrong = dispatcher(), list[str]()
        first, _proposal = one(actor, root)  # compiles the kernels, once in the life of a machine
        figures["first_s"] = first["whole_s"]
        rounds = [one(actor, root) for _ in range(options["rounds"])]
        for name in first:
            figures[name] = round(statistics.median(taken[name] for taken, _proposal in rounds), 3)
        last = rounds[-1][1]
        figures |= {name: last.figures[name] for name in ("seats", "helpers", "total", "bound")}
        figures |= {"lines": last.lines.count(), "gaps": last.gaps.count(), "own_mb": peak(resource.RUSAGE_SELF)}
        figures |= {"planner_mb": peak(resource.RUSAGE_CHILDREN)}
        figures["goal_met"] = figures["whole_s"] <= GOAL_S and figures["planner_mb"] <= GOAL_MB
        wrong += faults(last, options["calls"])
        versions = {"django": django.__version__, "psycopg": psycopg.__version__}
        self.stdout.write(json.dumps({"versions": versions, "sizes": sizes, "figures": figures, "wrong": wrong}))
        if wrong:
            raise CommandError("; ".join(wrong))


def peak(whose: int) -> float:
    return round(resource.getrusage(whose).ru_maxrss / 1e3, 1)


def dispatcher() -> Actor:
    person = Account.objects.get(username="dispatcher").person_id
    roles = Role.objects.filter(person=person).values_list("kind", "place__path")
    return Actor(person_id=person, roles=tuple(sorted(roles)))


def one(actor: Actor, root: Place) -> tuple[dict[str, float], Proposal]:
    """Seconds of one proposal by stage, the proposal that was made; it is put away, so that the next is a new one."""
    proposal = actions.propose(actor=actor, place=root)
    spent: dict[str, float] = {}
    began = time.perf_counter()
    with watched(spent, weighing, "matter", "reading_s"), watched(spent, calculating, "write_lines", "writing_s"):
        actions.calculate(actor=Actor.system("calls.propose"), proposal_id=proposal.pk, turn=proposal.turn)
    whole = time.perf_counter() - began
    proposal.refresh_from_db()
    Proposal.objects.filter(pk=proposal.pk).update(state=ProposalState.DROPPED)
    return {**spent, "planning_s": whole - sum(spent.values()), "whole_s": whole}, proposal


@contextmanager
def watched(spent: dict[str, float], module: Any, name: str, told: str) -> Iterator[None]:
    """Note how long that function of that module takes."""
    real = getattr(module, name)

    def timed(*args: Any, **given: Any) -> Any:
        began = time.perf_counter()
        try:
            return real(*args, **given)
        finally:
            spent[told] = time.perf_counter() - began

    with mock.patch.object(module, name, timed):
        yield


def faults(proposal: Proposal, wanted: int) -> list[str]:
    """What no proposal may be: a call with more lines than seats, a helper used twice, calls forgotten, no proof."""
    found = []
    lines = ProposalLine.objects.filter(proposal=proposal)
    many = lines.values("call", "call__people_needed").annotate(n=Count("id")).filter(n__gt=F("call__people_needed"))
    if many.exists():
        found.append("a call has more lines than seats")
    if lines.values("volunteer").annotate(n=Count("id")).filter(n__gt=1).exists():
        found.append("somebody stands in two lines")
    if proposal.figures["calls"] != wanted:
        found.append(f"{proposal.figures['calls']} of {wanted} calls were weighed")
    if proposal.figures["total"] > 1.02 * proposal.figures["bound"]:
        found.append("the plan is more than two in a hundred above what is proven")
    if lines.exclude(state=LineState.PROPOSED).exists() or not lines.exists():
        found.append("the lines are not as a new proposal's")
    return found


def fill(owner_url: str, volunteers: int, wanted: int, seed: int) -> Place:
    """The demonstration's tree with the district of the matching bench in it; the place to propose for."""
    call_command("make_keys", verbosity=0, stdout=io.StringIO())
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(set_config(name, '0', false)) FROM pg_settings WHERE name = ANY(%s)", [LIMITS])
    with transaction.atomic():
        people.load(places.load())
        calls.load_menu()
        bulk.fill(1, 1, seed, ((State.POOLED, 1),))
    call, volunteer = Call.objects.get(), Volunteer.objects.latest("id")
    Volunteer.objects.filter(pk=volunteer.pk).update(paused_until=None, left_at=None, weekly_limit=5, travel_km=8)
    home = call.place
    Volunteer.objects.filter(pk=volunteer.pk).update(base_place=home)
    plane = Plane.around([home.lon or 0.0], [home.lat or 0.0])
    skills = [Skill.objects.create(code=f"bench-{n}", name=f"技能 {n}") for n in range(district.SKILLS)]
    needs = district.calls(wanted, seed)
    kinds = {mask: kind_for(n, mask, skills) for n, mask in enumerate(sorted(set(needs.skills.tolist())))}
    with psycopg.connect(owner_url, autocommit=True) as owner:  # the application's role makes no tables
        owner.execute("SELECT set_config(name, '0', false) FROM pg_settings WHERE name = ANY(%s)", [LIMITS])
        add_volunteers(owner.cursor(), volunteer, district.volunteers(volunteers, seed), plane, skills)
        add_calls(owner.cursor(), call, needs, plane, kinds)
        owner.execute("DELETE FROM calls_callevent WHERE call_id = %s", [call.pk])
        owner.execute("DELETE FROM calls_call WHERE id = %s", [call.pk])
        owner.execute("VACUUM ANALYZE")
    return home


def copied(model: type[models.Model], source: int, values: dict[str, str], rows: str) -> str:
    """A statement that adds copies of one row of ``model``, with other ``values`` for some columns, in the order of n."""
    table = model._meta.db_table
    columns = [
        one.column for one in model._meta.concrete_fields if one.column and one.column not in (*NOT_COPIED, *values)
    ]
    names = ", ".join([*columns, "public_id", *values])
    taken = ", ".join([*(f"t.{one}" for one in columns), "gen_random_uuid()", *values.values()])
    return f"INSERT INTO {table} ({names}) SELECT {taken} FROM {table} t, {rows} WHERE t.id = {source} ORDER BY n"  # noqa: S608


def load(cursor: Any, name: str, kinds: str, rows: Iterable[Sequence[Any]]) -> None:
    """A table that lasts as long as the connection, filled by COPY."""
    cursor.execute(f"CREATE TEMP TABLE {name} ({kinds})")
    with cursor.copy(f"COPY {name} FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)
    cursor.execute(f"ANALYZE {name}")


def add_volunteers(cursor: Any, one: Volunteer, helpers: Any, plane: Plane, skills: list[Skill]) -> None:
    lon, lat = plane.degrees(helpers.x, helpers.y)
    every = 1 << SLOTS
    parts = ([n for n in range(SLOTS) if mask >> n & 1] for mask in (helpers.slots % every).tolist())
    rows = zip(range(len(helpers)), lon.tolist(), lat.tolist(), parts, helpers.skills.tolist(), strict=True)
    load(cursor, "bench_helper", "n bigint, lon float8, lat float8, parts smallint[], skills bigint", rows)
    person = grown(cursor, copied(Person, one.person_id, {}, "bench_helper b"))
    values = {"person_id": f"{person} + n", "lon": "b.lon", "lat": "b.lat", "availability": "b.parts"}
    first = grown(cursor, copied(Volunteer, one.pk, values, "bench_helper b"))
    cursor.execute(
        "INSERT INTO volunteers_volunteer_skills (volunteer_id, skill_id, cell) SELECT v.id, key, v.cell"
        " FROM bench_helper JOIN volunteers_volunteer v ON v.id = %s + n,"
        " unnest(%s::bigint[]) WITH ORDINALITY s (key, bit) WHERE skills >> (bit - 1)::int & 1 = 1",
        [first, [skill.pk for skill in skills]],
    )


def add_calls(cursor: Any, one: Call, needs: Any, plane: Plane, kinds: dict[int, int]) -> None:
    lon, lat = plane.degrees(needs.x, needs.y)
    monday = clock.local(clock.now()).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=7)
    monday -= timedelta(days=monday.weekday())
    begins = [wished(monday, int(minutes) // 480 % SLOTS) for minutes in needs.begins]
    of_kind = [kinds[mask] for mask in needs.skills.tolist()]
    rows = zip(range(len(needs)), of_kind, lon.tolist(), lat.tolist(), needs.headcount.tolist(), begins, strict=True)
    kept = "n bigint, kind bigint, lon float8, lat float8, many smallint, wished timestamptz"
    load(cursor, "bench_call", kept, rows)
    values = {"number": "'bench-' || n", "kind_id": "b.kind", "lon": "b.lon", "lat": "b.lat"}
    values |= {"people_needed": "b.many", "wanted_from": "b.wished", "wanted_to": "b.wished + interval '1 hour'"}
    grown(cursor, copied(Call, one.pk, values, "bench_call b"))


def grown(cursor: Any, statement: str) -> int:
    """Carry out an INSERT of many rows; the key of the first of them (they follow each other: nobody else writes)."""
    cursor.execute(f"WITH made AS ({statement} RETURNING id) SELECT min(id) FROM made")  # noqa: S608 - ours
    return int(cursor.fetchone()[0])


def wished(monday: datetime, part: int) -> datetime:
    """In the middle of that part of the week."""
    return monday + timedelta(days=part // 3, hours=(9, 14, 19)[part % 3])


def kind_for(n: int, mask: int, skills: list[Skill]) -> int:
    made = ServiceKind.objects.create(
        code=f"bench-{n}", name=f"事项 {n}", summary="", icon="hand-heart-duotone", people_needed=1
    )
    made.skills.set([skill for bit, skill in enumerate(skills) if mask >> bit & 1])
    return made.pk
