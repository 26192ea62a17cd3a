"""What those above look at: late, half gone, due today, by level and by place; and which calls press most."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet

from huying.calls import rules
from huying.calls.models import Call
from huying.calls.queries.board import coloured, desk_calls, with_offers
from huying.calls.queries.measuring.figures import below, names_of, own_root
from huying.calls.states import OPEN_STATES, Level, State
from huying.kernel import clock
from huying.kernel.actor import Actor

PRESSING = 20
COUNTED = ("open", "late", "amber", "due", "suspended")


@dataclass(frozen=True, slots=True)
class Tally:
    """One row: ``key`` as in the filters (a level, a place's public id), and how many calls of each sort."""

    key: str
    name: str
    open: int = 0
    late: int = 0
    amber: int = 0
    due: int = 0
    suspended: int = 0


@dataclass(frozen=True, slots=True)
class Watched:
    """All of it, by level that holds it, and by place right below."""

    whole: Tally
    levels: list[Tally]
    places: list[Tally]


def watched(actor: Actor, place_path: str = "") -> Watched:
    """Open calls on the reader's desk counted in one statement, and one for the names of the places."""
    rows = Call.objects.filter(rules.on_desk(actor), state__in=OPEN_STATES)
    rows = rows.filter(place__path__startswith=place_path)
    sorts = coloured(clock.now()) | {"suspended": Q(state=State.SUSPENDED)}
    rows = rows.annotate(part=below(place_path or own_root(actor)))
    counts = {name: Count("id", filter=sort) for name, sort in sorts.items()}
    found: list[Any] = list(rows.values("part", "level").annotate(open=Count("id"), **counts).order_by())
    levels = [summed(code, str(name), [r for r in found if r["level"] == code]) for code, name in Level.choices]
    names = names_of("place", {row["part"] for row in found})
    places = [summed(key, name, [r for r in found if r["part"] == part]) for part, (key, name) in names.items()]
    return Watched(summed("", "", found), levels, places)


def summed(key: str, name: str, rows: Iterable[Any]) -> Tally:
    rows = list(rows)
    return Tally(key, name, *(sum(row[sort] for row in rows) for sort in COUNTED))


def pressing(actor: Actor, place_path: str = "") -> QuerySet[Call]:
    """The calls whose time was over longest, then those whose half is gone, by what is due first."""
    sorts = coloured(clock.now())
    rows = desk_calls(actor).filter(sorts["late"] | sorts["amber"], place__path__startswith=place_path)
    return with_offers(rows).order_by("stage_due_at", "id")[:PRESSING]


def due_today(actor: Actor, place_path: str = "") -> QuerySet[Call]:
    """Calls still to be done before midnight, by what is due first."""
    rows = desk_calls(actor).filter(coloured(clock.now())["due"], place__path__startswith=place_path)
    return with_offers(rows).order_by("stage_due_at", "id")[:PRESSING]
