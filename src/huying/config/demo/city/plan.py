"""What is to be made, and what is made already: a plan is kept in the database, and each part that is done leaves a mark.

A part is one transaction with its mark, drawn from its own seed: whoever is killed goes on where the last mark stands,
and ends with what an undisturbed run would have made.
"""

from __future__ import annotations

import hashlib
import random
from array import array
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import NamedTuple

from django.db import connection, transaction

from huying.config.demo.city.shape import SHAPES, Shape
from huying.kernel import chance, clock, worktime
from huying.kernel.actor import Actor
from huying.kernel.models import JobEffect
from huying.kernel.transactions import begin
from huying.people.models import Role
from huying.people.states import RoleKind
from huying.places.models import Place

DEMO = Actor.system("demo")
PLANNED, DONE = "demo.city.plan:", "demo.city.done:"
NEIGHBOURHOODS = ("community", "village")
TOWNS = ("street", "town")
LOCALS = "SELECT id, person_id, base_place_id FROM volunteers_volunteer WHERE left_at IS NULL ORDER BY id"


class Keeper(NamedTuple):
    person_id: int
    name: str


class Local(NamedTuple):
    """Volunteers of one neighbourhood, those who joined first at the front: keys of volunteers and of their persons."""

    volunteers: array[int]
    people: array[int]


@dataclass(frozen=True)
class Plan:
    """A shape in its scale, a seed, and the moment that counts as now."""

    like: str
    seed: int
    scale: float
    now: datetime

    @cached_property
    def shape(self) -> Shape:
        return SHAPES[self.like].scaled(self.scale)

    def drawn(self, *what: object) -> random.Random:
        """The chance of one part: always the same for the same seed and part."""
        return random.Random(self.number(*what))  # noqa: S311 - made-up rows

    def number(self, *what: object) -> int:
        return int.from_bytes(hashlib.sha256(repr((self.like, self.seed, *what)).encode()).digest()[:8])

    @cached_property
    def calendar(self) -> worktime.Calendar:
        return worktime.calendar_for()

    @cached_property
    def root(self) -> Place:
        return Place.objects.get(parent=None)

    @cached_property
    def neighbourhoods(self) -> list[Place]:
        return list(Place.objects.filter(kind_id__in=NEIGHBOURHOODS).select_related("parent").order_by("id"))

    @cached_property
    def towns(self) -> list[Place]:
        return list(Place.objects.filter(kind_id__in=TOWNS).order_by("id"))

    @cached_property
    def keepers(self) -> dict[int, Keeper]:
        """Who keeps a place: of a neighbourhood its station's, of a town its office's, of the root the dispatcher."""
        kinds = (RoleKind.STATION_KEEPER, RoleKind.OFFICE, RoleKind.DISPATCHER)
        rows = Role.objects.filter(kind__in=kinds).order_by("-id").values_list("place_id", "person_id", "person__name")
        return {place: Keeper(person, name) for place, person, name in rows}

    @cached_property
    def locals(self) -> dict[int, Local]:
        """Volunteers by the neighbourhood they start from."""
        found: dict[int, Local] = {}
        with connection.cursor() as cursor:
            cursor.execute(LOCALS)
            for volunteer, person, place in cursor:
                here = found.get(place) or found.setdefault(place, Local(array("q"), array("q")))
                here.volunteers.append(volunteer)
                here.people.append(person)
        return found


def standing() -> Plan | None:
    """The plan that this database was begun with."""
    row = JobEffect.objects.filter(key__startswith=PLANNED).first()
    if row is None:
        return None
    like, seed, scale = row.key.removeprefix(PLANNED).split(":")
    return Plan(like, int(seed), float(scale), row.at)


def begun(like: str, seed: int, scale: float) -> Plan:
    """Write the plan down; from here on its now stands still."""
    plan = Plan(like, seed, scale, clock.now().replace(microsecond=0))
    JobEffect.objects.create(key=f"{PLANNED}{like}:{seed}:{scale}", at=plan.now)
    return plan


def done() -> set[str]:
    """Marks of the parts that are made."""
    rows = JobEffect.objects.filter(key__startswith=DONE).values_list("key", flat=True)
    return {key.removeprefix(DONE) for key in rows}


def make(plan: Plan, step: str, number: int, write: Callable[[Plan, int], object], *, played: bool = False) -> None:
    """One part and its mark, in one transaction, under the plan's clock and the part's own chance.

    A part that is ``played`` calls many actions one after another: each of them locks in the declared order for itself.
    """
    whole = transaction.atomic() if played else begin(DEMO)
    with chance.seeded(plan.number(step, number)), clock.frozen(plan.now), whole:
        write(plan, number)
        JobEffect.objects.create(key=f"{DONE}{step}:{number}", at=plan.now)
