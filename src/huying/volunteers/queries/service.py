"""What somebody gave, what waits for a word, and where people sign in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, QuerySet, Sum
from django.db.models.functions import ExtractYear

from huying.kernel import clock, prepared
from huying.kernel.actor import Actor
from huying.kernel.errors import NotFound
from huying.kernel.search import matching
from huying.ledger import queries as ledger_queries
from huying.volunteers import rules
from huying.volunteers.models import (
    ServiceEvent,
    ServiceRecord,
)
from huying.volunteers.states import COUNTED, LEDGER_OWNER, MINUTES, TRANSITIONS

AROUND = timedelta(hours=6)


def minutes_of(person_id: int | None) -> int:
    """Confirmed minutes of this person: what his account in the ledger holds."""
    account = ledger_queries.account_of(LEDGER_OWNER, person_id, MINUTES) if person_id else None
    return ledger_queries.balance(account) if account else 0


@dataclass(frozen=True, slots=True)
class Year:
    """Confirmed service that began in one year (China's calendar)."""

    year: int
    minutes: int
    records: int


def years_of(person_id: int | None) -> list[Year]:
    """Confirmed service by year, latest first; their sum is what the ledger holds."""
    rows = (
        ServiceRecord.objects.filter(person_id=person_id or 0, state__in=COUNTED)
        .annotate(year=ExtractYear("starts_at", tzinfo=clock.SHANGHAI))
        .values("year")
        .annotate(minutes=Sum("minutes"), records=Count("id"))
        .order_by("-year")
    )
    return [Year(row["year"], row["minutes"], row["records"]) for row in rows]


def my_records(actor: Actor, year: int | None = None) -> QuerySet[ServiceRecord]:
    """The actor's own records, of one year if asked."""
    rows = ServiceRecord.objects.filter(person_id=actor.person_id or 0)
    return of_year(rows, year).select_related("team", "place", "category", "confirmed_by")


def of_year(rows: QuerySet[ServiceRecord], year: int | None) -> QuerySet[ServiceRecord]:
    if year is None:
        return rows
    first = datetime(year, 1, 1, tzinfo=clock.SHANGHAI)
    return rows.filter(starts_at__gte=first, starts_at__lt=first.replace(year=year + 1))


@dataclass(frozen=True, slots=True)
class RecordStory:
    """A record, its history oldest first, and the steps that this reader may take with it.

    ``receipt``: the code by which the volunteer, and nobody else, checks his own entry of the ledger; empty before.
    """

    record: ServiceRecord
    events: list[ServiceEvent]
    verbs: list[str]
    mine: bool
    proposed: tuple[datetime, datetime, int] | None
    receipt: str


def record_by_id(actor: Actor, public_id: UUID) -> ServiceRecord:
    """A record the actor may see; NotFound for others."""
    rows = ServiceRecord.objects.filter(rules.records_visible_to(actor), public_id=public_id)
    found = rows.select_related("person", "team", "place", "category", "entered_by", "confirmed_by").first()
    if found is None:
        raise NotFound
    return found


def records_by_ids(actor: Actor, ids: Iterable[int]) -> dict[int, ServiceRecord]:
    """Key -> record, of those with these keys that the actor may see."""
    return ServiceRecord.objects.filter(rules.records_visible_to(actor)).in_bulk(list(ids))


def record_story(actor: Actor, public_id: UUID) -> RecordStory:
    """One record with everything that happened to it."""
    record = record_by_id(actor, public_id)
    may = {"checker": rules.can_check(actor, record), "maker": rules.can_make(actor, record)}
    verbs = [verb for verb, step in TRANSITIONS.items() if record.state in step.from_ and may[step.by]]
    asked = record.correction
    proposed = None
    if asked:
        begin, end = (datetime.fromisoformat(asked[name]) for name in ("starts_at", "ends_at"))
        proposed = (begin, end, int(asked["minutes"]))
    events = list(record.events.select_related("by", "words").order_by("id"))
    mine = record.person_id == actor.person_id
    receipt = ledger_queries.receipt_code(record.transfer_id) if mine and record.transfer_id else ""
    return RecordStory(record, events, verbs, mine, proposed, receipt)


def waiting_records(actor: Actor) -> QuerySet[ServiceRecord]:
    """Records that wait for this actor's word."""
    rows = ServiceRecord.objects.filter(rules.to_check(actor))
    return rows.select_related("person", "team", "place", "entered_by")


def count_waiting(actor: Actor, enough: int = 100) -> int:
    """How many records wait for this actor's word; ``enough`` is as much as anybody needs to know."""

    def question() -> QuerySet[ServiceRecord, Any]:
        return ServiceRecord.objects.filter(rules.to_check(actor)).values_list("pk")[:enough]

    return len(prepared.written_once(("volunteers.count_waiting", enough, actor.rights), question))


def waiting_by_ids(actor: Actor, public_ids: Iterable[UUID]) -> list[ServiceRecord]:
    """Those of the records that wait for this actor's word."""
    return list(waiting_records(actor).filter(public_id__in=set(public_ids)).order_by("volunteer_id", "id"))


def records_kept(actor: Actor, *, state: str = "", words: str = "", late: bool = False) -> QuerySet[ServiceRecord]:
    """Records of the teams and places this actor answers for; his own are on his own page."""
    rows = ServiceRecord.objects.filter(rules.records_visible_to(actor)).exclude(person_id=actor.person_id or 0)
    if state:
        rows = rows.filter(state=state)
    if late:
        rows = rows.filter(is_late=True)
    if words.strip():
        rows = matching(rows, words, prefix="person__")
    return rows.select_related("person", "team", "place", "category", "entered_by", "confirmed_by")
