"""What should stand in the records by now and does not (民政部令第67号 art. 11): sessions without records, records that
nobody confirmed.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.people import rules as people_rules
from huying.volunteers import rules
from huying.volunteers.models import Attendance, ServiceRecord, ServiceSession, SheetEntry
from huying.volunteers.states import RecordState, SessionState

SHOWN = 20


@dataclass(frozen=True, slots=True)
class BelowCount:
    """What is overdue at one place; for the office above, by name and never by number."""

    place: str
    sessions: int
    records: int


@dataclass(frozen=True, slots=True)
class Overdue:
    """The oldest sessions and records that are overdue, how many there are in all, and for an office where."""

    sessions: list[ServiceSession]
    records: list[ServiceRecord]
    session_count: int
    record_count: int
    places: list[BelowCount]


def overdue(actor: Actor) -> Overdue:
    """What is overdue in the teams and at the places this actor answers for."""
    sessions, records = late_sessions(actor), late_records(actor)
    shown = list(sessions.select_related("place", "team").order_by("ends_at", "id")[:SHOWN])
    waiting = list(records.select_related("person", "place", "team").order_by("due_at", "id")[:SHOWN])
    return Overdue(
        sessions=shown,
        records=waiting,
        session_count=sessions.count() if len(shown) == SHOWN else len(shown),
        record_count=records.count() if len(waiting) == SHOWN else len(waiting),
        places=by_place(actor, sessions, records) if people_rules.held(actor, rules.OFFICES) else [],
    )


def late_sessions(actor: Actor) -> QuerySet[ServiceSession]:
    """Sessions whose ten working days are over: still open, or with visits or copied lines that made no record."""
    records = ServiceRecord.objects.filter(
        subject_type=ServiceSession._meta.label, subject_id=OuterRef("session_id"), volunteer=OuterRef("volunteer")
    )
    left = Attendance.objects.filter(session=OuterRef("pk"), record__isnull=True, out_at__isnull=False)
    copied = SheetEntry.objects.filter(session=OuterRef("pk")).filter(~Exists(records))
    rows = ServiceSession.objects.filter(
        rules.sessions_visible_to(actor), ends_at__lt=rules.overdue_before(clock.now())
    )
    return rows.filter(Q(state=SessionState.OPEN) | Exists(left) | Exists(copied))


def late_records(actor: Actor) -> QuerySet[ServiceRecord]:
    """Records that nobody has confirmed within the ten working days; his own are for somebody else."""
    rows = ServiceRecord.objects.filter(rules.records_kept_by(actor), due_at__lt=clock.now())
    waiting = [RecordState.SUBMITTED, RecordState.RETURNED]
    return rows.filter(state__in=waiting).exclude(person_id=actor.person_id or 0)


def by_place(actor: Actor, sessions: QuerySet[ServiceSession], records: QuerySet[ServiceRecord]) -> list[BelowCount]:
    """The counts of each place below, by name."""
    found: dict[tuple[str, int], list[int]] = {}
    for at, rows in enumerate((sessions, records)):
        for row in rows.order_by().values("place__name", "place_id").annotate(n=Count("id")):
            found.setdefault((row["place__name"], row["place_id"]), [0, 0])[at] = row["n"]
    return [BelowCount(name, *counts) for (name, _key), counts in sorted(found.items())]
