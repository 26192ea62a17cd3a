"""Hours of those who served: records with their whole history, minutes in the ledger by its own batches, corrections."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection
from psycopg.types.json import Jsonb

from huying.activities.models import SignUp
from huying.config.demo.city.plan import Keeper, Plan
from huying.config.demo.city.writing import copy, keys
from huying.figures.actions import Word
from huying.kernel import chance as ids
from huying.kernel import clock
from huying.ledger import actions as ledger
from huying.ledger.models import Transfer
from huying.places.models import Place
from huying.volunteers import rules
from huying.volunteers.actions.crediting import POSTING
from huying.volunteers.models import HoursRule, ServiceCategory, ServiceEvent, ServiceRecord
from huying.volunteers.queries.counting import words_of_record
from huying.volunteers.states import COUNTED, LEDGER_OWNER, MINUTES, Evidence, RecordState

LATE, RETURNED, CORRECTED, TAKEN_AWAY = 0.04, 0.004, 0.006, 0.002
"""Shares: recorded after ten working days, given back, corrected to less, found not to have taken place."""
POSTED_AT_ONCE = 2000
RECORD = (
    *("id", "public_id", "volunteer_id", "person_id", "place_id", "category_id", "subject_type", "subject_id", "title"),
    *(
        "content",
        "host",
        "in_charge",
        "starts_at",
        "ends_at",
        "minutes",
        "evidence",
        "state",
        "version",
        "entered_by_id",
    ),
    *("confirmed_by_id", "recorded_at", "confirmed_at", "due_at", "is_late", "rule_version", "transfer_id"),
)
EVENT = (
    *("record_id", "verb", "from_state", "to_state", "version", "starts_at", "ends_at", "minutes", "correction"),
    *("by_id", "at"),
)
TRAIL = """
    INSERT INTO kernel_auditline (at, person_id, system, channel, verb, subject_type, subject_id, place_path, changes, reason)
    SELECT e.at, e.by_id, '', 'web', 'service.' || e.verb, 'volunteers.ServiceRecord', r.id, p.path, '{}', ''
    FROM volunteers_serviceevent e JOIN volunteers_servicerecord r ON r.id = e.record_id JOIN places_place p ON p.id = r.place_id
    WHERE r.id = ANY(%s) ORDER BY e.at, e.id
"""


class Hour(NamedTuple):
    """Somebody served at an activity of ``place``, seen coming and going by its keeper."""

    volunteer: int
    person: int
    place: Place
    keeper: Keeper
    category: int | None
    sign_up: int
    title: str
    starts: datetime
    ends: datetime


@dataclass(slots=True)
class Record:
    """One record on its way: what becomes of it, and which transfer stands for it."""

    key: int
    public: UUID
    hour: Hour
    checker: int
    recorded: datetime
    due: datetime
    confirmed: datetime | None
    minutes: int
    fate: str
    rule: int
    transfer: int | None = None
    version: int = 1
    state: RecordState = RecordState.SUBMITTED


def categories() -> dict[str, int]:
    return dict(ServiceCategory.objects.values_list("code", "id"))


def write(plan: Plan, chance: random.Random, hours: Sequence[Hour]) -> list[Word]:
    """Records of these hours, with history, trail and ledger; what they add to the figures."""
    records = list(made(plan, chance, hours))
    if not records:
        return []
    accounts = Accounts(plan, records)
    post(records, accounts)
    mend(records, accounts)
    copy(ServiceRecord, RECORD, [row(one) for one in records])
    copy(ServiceEvent, EVENT, [step for one in records for step in history(one)])
    with connection.cursor() as cursor:
        cursor.execute(TRAIL, [[one.key for one in records]])
    return [word for one in records for word in words(one)]


def made(plan: Plan, chance: random.Random, hours: Sequence[Hour]) -> Iterable[Record]:
    """When each was entered and confirmed. The last ones still wait, a few were given back or put right."""
    rules_of_hours, due, count = list(HoursRule.objects.all()), dict[date, datetime](), len(hours)
    rows = zip(hours, keys(ServiceRecord, count), ids.uuid7s(count), strict=True)
    for hour, key, public in rows:
        day = clock.local(hour.ends).date()
        if day not in due:
            due[day] = rules.due_at(hour.ends, plan.calendar)
        recorded = hour.ends + timedelta(minutes=15 + chance.randrange(2 * 1440))
        if chance.random() < LATE:
            recorded = due[day] + timedelta(minutes=1 + chance.randrange(20 * 1440))
        if recorded >= plan.now:
            recorded = min(plan.now, hour.ends + timedelta(minutes=15))
        confirmed: datetime | None = recorded + timedelta(minutes=120 + chance.randrange(3 * 1440))
        dice, fate = chance.random(), "confirmed"
        for name, share in (("returned", RETURNED), ("corrected", CORRECTED), ("taken_away", TAKEN_AWAY)):
            fate = name if 0 <= dice < share else fate
            dice -= share
        later = confirmed is not None and confirmed + timedelta(days=8) > plan.now
        if confirmed is None or confirmed > plan.now or fate == "returned":
            confirmed, fate = None, "returned" if fate == "returned" and not later else "submitted"
        elif later:
            fate = "confirmed"
        minutes = int((hour.ends - hour.starts).total_seconds() // 60)
        _approval, rule = rules.approval_for(day, minutes, rules_of_hours)
        checker = above(plan, hour)
        yield Record(key, public, hour, checker, recorded, due[day], confirmed, minutes, fate, rule if confirmed else 0)


def above(plan: Plan, hour: Hour) -> int:
    """Who confirms: the office of the town, else the first who keeps a place further up and is not the one who entered."""
    for key in reversed([int(one) for one in hour.place.path.strip("/").split("/")][:-1]):
        keeper = plan.keepers.get(key)
        if keeper is not None and keeper.person_id != hour.keeper.person_id:
            return keeper.person_id
    return next(one.person_id for one in plan.keepers.values() if one.person_id != hour.keeper.person_id)


class Accounts:
    """Accounts of places that issue and of people who are given, opened in one go."""

    def __init__(self, plan: Plan, records: Sequence[Record]):
        counted = [one for one in records if one.confirmed]
        places = {one.hour.place.pk: one.hour.place.path for one in counted}
        homes = homes_of({one.hour.person for one in counted})
        self.places = ledger.open_accounts(
            actor=POSTING, asset=MINUTES, owner_type="places.Place", owners=places, purpose="issuing", floor=None
        )
        self.people = ledger.open_accounts(actor=POSTING, asset=MINUTES, owner_type=LEDGER_OWNER, owners=homes)


HOMES = "SELECT e.id, p.path FROM people_person e JOIN places_place p ON p.id = e.home_place_id WHERE e.id = ANY(%s)"


def homes_of(people: set[int]) -> dict[int, str]:
    """The paths of the places where they live, by person."""
    with connection.cursor() as cursor:
        cursor.execute(HOMES, [sorted(people)])
        return dict(cursor.fetchall())


def entry(one: Record, accounts: Accounts, minutes: int, at: datetime) -> ledger.Entry:
    """What ``volunteers.actions.crediting`` posts for this version."""
    return ledger.Entry(
        debit=accounts.places[one.hour.place.pk],
        credit=accounts.people[one.hour.person],
        amount=minutes,
        key=f"service:{one.public}:{one.version}",
        reason="service",
        rule_version=str(one.rule),
        evidence=f"volunteers.ServiceRecord:{one.key} {Evidence.A.value}",
        occurred_at=one.hour.ends,
        made_by=one.hour.keeper.person_id,
        approved_by=one.checker,
    )


def post(records: Sequence[Record], accounts: Accounts) -> None:
    """Minutes of the confirmed ones, week by week as they were confirmed, by the ledger's own batches."""
    weeks: dict[tuple[int, int], list[Record]] = defaultdict(list)
    for one in records:
        if one.confirmed:
            one.state = RecordState.CONFIRMED
            weeks[tuple(one.confirmed.isocalendar()[:2])].append(one)  # type: ignore[index]
    for week in sorted(weeks):
        rows = sorted(weeks[week], key=lambda one: (one.confirmed, one.key))
        for batch in split(rows, POSTED_AT_ONCE):
            with clock.frozen(max(one.confirmed for one in batch if one.confirmed)):
                entries = [entry(one, accounts, one.minutes, one.hour.ends) for one in batch]
                for one, posted in zip(batch, ledger.post(actor=POSTING, entries=entries), strict=True):
                    one.transfer = posted.pk


def split(rows: Sequence[Record], size: int) -> Iterable[Sequence[Record]]:
    return (rows[start : start + size] for start in range(0, len(rows), size))


def mend(records: Sequence[Record], accounts: Accounts) -> None:
    """Corrections: what was posted is reversed, and less, or nothing, posted in its place."""
    for one in records:
        if one.fate not in {"corrected", "taken_away"} or one.confirmed is None:
            continue
        with clock.frozen(put_right(one)):
            ledger.reverse(
                actor=POSTING,
                transfer=Transfer.objects.get(pk=one.transfer or 0),
                reason="correction",
                key=f"service:{one.public}:1:back",
                made_by=one.checker,
                approved_by=one.hour.keeper.person_id,
            )
            one.version, one.transfer = 2, None
            if one.fate == "corrected":
                (posted,) = ledger.post(actor=POSTING, entries=[entry(one, accounts, less(one), one.hour.ends)])
                one.transfer = posted.pk
            else:
                one.state = RecordState.WITHDRAWN


def less(one: Record) -> int:
    """A quarter of an hour less than was entered."""
    return max(1, one.minutes - 15)


def put_right(one: Record) -> datetime:
    """When the correction was agreed to: within the week after the confirmation."""
    assert one.confirmed is not None
    return one.confirmed + timedelta(days=2 + one.public.int % 5)


def counted(one: Record) -> int:
    """The minutes that stand."""
    return less(one) if one.fate == "corrected" else one.minutes


def row(one: Record) -> tuple[Any, ...]:
    hour, late = one.hour, one.recorded > one.due
    if one.fate == "returned":
        one.state = RecordState.RETURNED
    subject, times = (SignUp._meta.label, hour.sign_up), (hour.starts, hour.ends)
    return (
        *(one.key, one.public, hour.volunteer, hour.person, hour.place.pk, hour.category, *subject, hour.title),
        *("志愿者", hour.place.name, hour.keeper.name, *times, counted(one), Evidence.A, one.state, one.version),
        *(hour.keeper.person_id, one.checker if one.confirmed else None, one.recorded, one.confirmed, one.due, late),
        *(one.rule, one.transfer),
    )


def history(one: Record) -> Iterable[tuple[Any, ...]]:
    """The steps of a record: entered, confirmed or given back; corrected and agreed to."""
    times, keeper = (one.hour.starts, one.hour.ends), one.hour.keeper.person_id
    submitted, confirmed, correcting = RecordState.SUBMITTED, RecordState.CONFIRMED, RecordState.CORRECTING
    yield one.key, "submit", "", submitted, 1, *times, one.minutes, None, keeper, one.recorded
    if one.fate == "returned":
        at = one.recorded + timedelta(hours=3)
        yield one.key, "give_back", submitted, RecordState.RETURNED, 1, *times, one.minutes, None, one.checker, at
    if one.confirmed is None:
        return
    yield one.key, "confirm", submitted, confirmed, 1, *times, one.minutes, None, one.checker, one.confirmed
    if one.version == 2:
        asked = one.confirmed + timedelta(days=1)
        minutes = counted(one) if one.state == confirmed else 0
        wanted = {"starts_at": times[0].isoformat(), "ends_at": times[1].isoformat(), "minutes": minutes}
        yield one.key, "correct", confirmed, correcting, 1, *times, one.minutes, Jsonb(wanted), keeper, asked
        yield one.key, "accept", correcting, one.state, 2, *times, counted(one), None, one.checker, put_right(one)


def words(one: Record) -> list[Word]:
    """What a confirmed record adds to the figures."""
    if one.state not in COUNTED:
        return []
    record = ServiceRecord(
        pk=one.key, place_id=one.hour.place.pk, starts_at=one.hour.starts, state=one.state, minutes=counted(one)
    )
    return words_of_record(record)


def seal(_plan: Plan, _number: int) -> None:
    """Seal what was posted."""
    ledger.seal(actor=POSTING)


TABLES = (ServiceRecord, ServiceEvent, Transfer)
