"""Records of service: who sees them, who makes them, who confirms them, and how long a day may be.

Nobody credits himself and nobody confirms what he entered (K10, security 4 no. 3); the database repeats both.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.db.models import Exists, OuterRef, Q, Value
from django.db.models.functions import Coalesce

from huying.kernel import clock, worktime
from huying.kernel.actor import Actor
from huying.people import rules as people_rules
from huying.people.states import RoleKind
from huying.places.models import Place
from huying.volunteers.models import (
    Attendance,
    HoursRule,
    ServiceRecord,
    ServiceSession,
    StarLevel,
    Team,
)
from huying.volunteers.rules.joining import KEEPERS, leads, leads_itself, led_team_ids, nearer_leaders
from huying.volunteers.states import WORKING_DAYS_TO_RECORD, Approval, Evidence, RecordState, Way

READERS = KEEPERS | {RoleKind.INSPECTOR, RoleKind.AUDITOR}
OFFICES = frozenset({RoleKind.OFFICE, RoleKind.DISPATCHER})
DAY = timedelta(days=1)


def records_visible_to(actor: Actor) -> Q:
    """One's own records, those of teams one leads, and those at the places one keeps, inspects or audits."""
    if actor.is_system:
        return Q()
    if actor.person_id is None:
        return Q(pk__in=())
    led = Q(team_id__in=led_team_ids(actor))
    return Q(person_id=actor.person_id) | led | people_rules.within(actor, READERS, "place__path")


def records_kept_by(actor: Actor) -> Q:
    """Records this actor has to see to: of teams he leads and at places he keeps."""
    if actor.is_system:
        return Q()
    return Q(team_id__in=led_team_ids(actor)) | people_rules.within(actor, KEEPERS, "place__path")


def sessions_visible_to(actor: Actor) -> Q:
    """Sessions this actor may run: of teams he leads and at places he keeps."""
    if actor.is_system:
        return Q()
    return Q(team_id__in=led_team_ids(actor)) | people_rules.within(actor, KEEPERS, "place__path")


def organises(actor: Actor, team: Team | None, place: Place) -> bool:
    """A leader of the team, or a keeper of the place."""
    if actor.is_system or people_rules.reaches(actor, KEEPERS, place):
        return True
    return team is not None and leads(actor, team)


def is_organiser(actor: Actor) -> bool:
    """Leads a team or keeps a place: the pages of sessions and of confirming are for him."""
    return actor.is_system or bool(people_rules.held(actor, KEEPERS)) or led_team_ids(actor).exists()


def can_open_session(actor: Actor, team: Team | None, place: Place) -> bool:
    """Leaders open sessions of their teams, keepers at their places."""
    return organises(actor, team, place)


def can_run(actor: Actor, session: ServiceSession) -> bool:
    """May show the code, call the roll, copy the sheet and close; agrees with ``sessions_visible_to``."""
    return organises(actor, session.team, session.place)


def can_make(actor: Actor, record: ServiceRecord) -> bool:
    """May hand in again, withdraw or ask to correct: an organiser, never the volunteer himself."""
    return record.person_id != actor.person_id and organises(actor, record.team, record.place)


def can_check(actor: Actor, record: ServiceRecord) -> bool:
    """May confirm or give back: an organiser who is neither the volunteer nor who entered or wants to correct it.

    A leader of a team above confirms only where no leader nearer to the volunteer can (two people for every minute).
    """
    makers = {record.person_id, record.entered_by_id, record.corrected_by_id}
    if actor.person_id in makers or not organises(actor, record.team, record.place):
        return False
    if people_rules.reaches(actor, KEEPERS, record.place) or record.team is None:
        return True
    if leads_itself(actor, record.team):
        return True
    nearer = nearer_leaders(actor, Value(record.team.pk))
    return not nearer.exclude(volunteer__person_id__in=[one or 0 for one in makers]).exists()


def to_check(actor: Actor) -> Q:
    """Records that wait for this actor's word; agrees with ``can_check``."""
    if actor.person_id is None:
        return Q(pk__in=())
    nearer = nearer_leaders(actor, OuterRef("team_id")).filter(
        ~Q(volunteer__person_id=OuterRef("person_id")),
        ~Q(volunteer__person_id=OuterRef("entered_by_id")),
        ~Q(volunteer__person_id=Coalesce(OuterRef("corrected_by_id"), 0)),
    )
    led = Q(team_id__in=led_team_ids(actor)) & ~Exists(nearer)
    mine = led | people_rules.within(actor, KEEPERS, "place__path")
    waiting = Q(state__in=[RecordState.SUBMITTED, RecordState.CORRECTING])
    own = Q(person_id=actor.person_id) | Q(entered_by_id=actor.person_id)
    asked = Q(state=RecordState.CORRECTING, corrected_by_id=actor.person_id)
    return mine & waiting & ~own & ~asked


def can_audit(actor: Actor) -> bool:
    """Audits some place: odd records are for his eyes."""
    return actor.is_system or bool(people_rules.held(actor, [RoleKind.AUDITOR]))


def can_allow(actor: Actor, record: ServiceRecord, approval: str) -> bool:
    """Whether this actor's word is enough for a day of that length."""
    return approval != Approval.OFFICE or people_rules.reaches(actor, OFFICES, record.place)


def approval_for(day: date, minutes: int, rows: Iterable[HoursRule]) -> tuple[str, int]:
    """(whose word a day of ``minutes`` needs, version of the rule), by the version that held on ``day``.

    ``rows`` are all rules. No rule yet: the usual second person, version 0.
    """
    valid = [row for row in rows if row.valid_from <= day]
    if not valid:
        return Approval.NONE, 0
    version = max(valid, key=lambda row: (row.valid_from, row.version)).version
    bands = [row for row in valid if row.version == version and minutes > row.over_minutes]
    top = max(bands, key=lambda row: row.over_minutes, default=None)
    return (top.approval if top else Approval.NONE), version


def overdue_before(now: datetime) -> datetime:
    """Service that ended before this moment should be recorded and confirmed by ``now``; the inverse of ``due_at``.

    A deadline is the same for a whole day, so it is the midnight after the last day that is due.
    """
    day = clock.local(now).replace(hour=0, minute=0, second=0, microsecond=0) - WORKING_DAYS_TO_RECORD * DAY
    calendar = worktime.calendar_for()  # read once for all the days looked at
    while due_at(day, calendar) >= now:
        day -= DAY
    return day + DAY


def due_at(ends_at: datetime, calendar: worktime.Calendar | None = None) -> datetime:
    """Until when service that ended then is to be recorded (民政部令第67号 art. 11)."""
    found = worktime.deadline_in_days(ends_at, WORKING_DAYS_TO_RECORD, worktime.OFFICE, calendar=calendar).at
    assert found is not None  # no pauses were given
    return found


def evidence_of(attendance: Attendance) -> Evidence:
    """A when an organiser other than the person saw him: called him in and out, or said at the end that he was there.

    A scan alone is B, for a code can be passed on (security 4, no. 1 and 2); a paper code stays B whoever saw what.
    """
    ways = {attendance.in_way, attendance.out_way}
    called = ways == {Way.ROLL} and attendance.in_by_id is not None and attendance.out_by_id is not None
    seen = attendance.seen_by_id is not None and Way.PAPER not in ways
    return Evidence.A if called or seen else Evidence.B


def stars_for(minutes: int, day: date, rows: Iterable[StarLevel]) -> int:
    """How many stars so many confirmed minutes have by the table that held on ``day``; ``rows`` are all tables."""
    valid = [row for row in rows if row.valid_from <= day]
    table = max((row.valid_from for row in valid), default=None)
    return max((row.stars for row in valid if row.valid_from == table and minutes >= row.over_minutes), default=0)
