"""Records of service: who sees them, who makes them, who confirms them, and how long a day may be.

Nobody credits himself and nobody confirms what he entered (K10, security 4 no. 3); the database repeats both.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from django.db.models import Q

from huying.kernel import worktime
from huying.kernel.actor import Actor
from huying.people import rules as people_rules
from huying.people.states import RoleKind
from huying.places.models import Place
from huying.volunteers.models import (
    Attendance,
    HoursRule,
    ProtectionCheck,
    ServiceCategory,
    ServiceRecord,
    ServiceSession,
    StarLevel,
    Team,
    Volunteer,
)
from huying.volunteers.rules.joining import KEEPERS, leads, led_team_ids
from huying.volunteers.states import WORKING_DAYS_TO_RECORD, Approval, Evidence, RecordState, Way

READERS = KEEPERS | {RoleKind.INSPECTOR, RoleKind.AUDITOR}
OFFICES = frozenset({RoleKind.OFFICE, RoleKind.DISPATCHER})


def records_visible_to(actor: Actor) -> Q:
    """One's own records, those of teams one leads, and those at the places one keeps, inspects or audits."""
    if actor.is_system:
        return Q()
    if actor.person_id is None:
        return Q(pk__in=())
    led = Q(team_id__in=led_team_ids(actor))
    return Q(person_id=actor.person_id) | led | people_rules.within(actor, READERS, "place__path")


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
    """May confirm or give back: an organiser who is neither the volunteer nor who entered or wants to correct it."""
    makers = {record.person_id, record.entered_by_id, record.corrected_by_id}
    return actor.person_id not in makers and organises(actor, record.team, record.place)


def to_check(actor: Actor) -> Q:
    """Records that wait for this actor's word; agrees with ``can_check``."""
    if actor.person_id is None:
        return Q(pk__in=())
    mine = Q(team_id__in=led_team_ids(actor)) | people_rules.within(actor, KEEPERS, "place__path")
    waiting = Q(state__in=[RecordState.SUBMITTED, RecordState.CORRECTING])
    own = Q(person_id=actor.person_id) | Q(entered_by_id=actor.person_id)
    asked = Q(state=RecordState.CORRECTING, corrected_by_id=actor.person_id)
    return mine & waiting & ~own & ~asked


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


def due_at(ends_at: datetime) -> datetime:
    """Until when service that ended then is to be recorded (民政部令第67号 art. 11)."""
    found = worktime.deadline_in_days(ends_at, WORKING_DAYS_TO_RECORD, worktime.OFFICE).at
    assert found is not None  # no pauses were given
    return found


def evidence_of(attendance: Attendance) -> Evidence:
    """A when an organiser witnessed both coming and going, else B; the weaker end decides."""
    ways = {attendance.in_way, attendance.out_way}
    seen = attendance.in_by_id is not None and attendance.out_by_id is not None
    return Evidence.A if seen and Way.PAPER not in ways else Evidence.B


def stars_for(minutes: int, day: date, rows: Iterable[StarLevel]) -> int:
    """How many stars so many confirmed minutes have by the table that held on ``day``; ``rows`` are all tables."""
    valid = [row for row in rows if row.valid_from <= day]
    table = max((row.valid_from for row in valid), default=None)
    return max((row.stars for row in valid if row.valid_from == table and minutes >= row.over_minutes), default=0)


def missing_for(volunteer: Volunteer, category: ServiceCategory | None, day: date) -> list[str]:
    """What this volunteer lacks for service of this kind: ``check`` (child protection), ``insurance``; usually nothing."""
    missing = []
    if category is not None and category.needs_check:
        last = ProtectionCheck.objects.filter(volunteer=volunteer, checked_at__date__lte=day).order_by("-id").first()
        if last is None or not last.passed or last.valid_until < day:
            missing.append("check")
    uninsured = volunteer.insured_until is None or volunteer.insured_until < day
    if category is not None and category.needs_insurance and uninsured:
        missing.append("insurance")
    return missing
