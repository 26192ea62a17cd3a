"""The steps in their order, each in parts; carried out, or gone on with where the last mark stands."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from django.db import connection

from huying.config.demo.city import activities, calls, people, plan, played, service, teams, told, tree
from huying.config.demo.city.plan import DEMO, Plan
from huying.config.demo.city.writing import Progress, look_over
from huying.figures import actions as figures
from huying.people.models import Person, Role
from huying.places.models import Place
from huying.volunteers.models import Membership, Team, Volunteer


class Step(NamedTuple):
    """``chunks``: how many parts there are; ``write`` makes one of them. Tables to look over afterwards. ``played``: by
    real actions, each with its own locks.
    """

    code: str
    title: str
    chunks: Callable[[Plan], int]
    write: Callable[[Plan, int], object]
    tables: tuple[type, ...] = ()
    played: bool = False


STEPS = (
    Step("tree", "Places", tree.chunks, tree.write, (Place,)),
    Step("sites", "Figures of sites", tree.counted_chunks, tree.counted),
    Step("known", "Who signs in", people.one, people.known),
    Step("staff", "Staff", people.one, people.staff, (Role,)),
    Step("residents", "Residents", people.residents_chunks, people.residents),
    Step("volunteers", "Volunteers", people.volunteers_chunks, people.volunteers, (Person, Volunteer)),
    Step("teams", "Teams", teams.chunks, teams.write, (Team, Membership)),
    Step(
        "activities", "Activities and service", activities.chunks, activities.write, activities.TABLES + service.TABLES
    ),
    Step("calls", "Calls", calls.chunks, calls.write, calls.TABLES),
    Step("packs", "Mechanisms", people.one, played.switched_on, played=True),
    Step("standards", "Standards of sites", played.checks_chunks, played.checks, played.CHECKS, played=True),
    Step("points", "Points", played.points_chunks, played.pointed, played.POINTS, played=True),
    Step("told", "Figures of the pages", people.one, told.write),
    Step("reports", "Round-ups", people.one, played.told, played=True),
    Step("seal", "Seals of the ledger", people.one, service.seal),
)
LIMITS = ["transaction_timeout", "statement_timeout", "idle_in_transaction_session_timeout"]


def run(made: Plan, say: Progress = lambda _what, _done, _of: None) -> None:
    """Make everything of the plan that has no mark yet; ``say`` hears of each part."""
    take_your_time()
    marks = plan.done()
    for step in STEPS:
        count = step.chunks(made)
        for number in range(count):
            say(step.title, number, count)
            if f"{step.code}:{number}" not in marks:
                plan.make(made, step.code, number, step.write, played=step.played)
                figures.fold(actor=DEMO)
        say(step.title, count, count)
        if step.tables and f"{step.code}:{count - 1}" not in marks:
            look_over(*step.tables)
    figures.fold(actor=DEMO)


def take_your_time() -> None:
    """Nobody waits for what is written here, also on a slow machine."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(set_config(name, '0', false)) FROM pg_settings WHERE name = ANY(%s)", [LIMITS])
