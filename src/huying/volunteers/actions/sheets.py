"""The paper list: two people copy it, each for himself; only what both wrote alike becomes a record (class C)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext_lazy as _

from huying.kernel import audit, clock, locks
from huying.kernel.actor import Actor
from huying.kernel.errors import Forbidden, InvalidInput
from huying.kernel.transactions import begin
from huying.volunteers import rules
from huying.volunteers.actions.readiness import NotReady, check_ready
from huying.volunteers.actions.recording import Served, ServiceOverlaps, TimeUnclear, check_times, entered
from huying.volunteers.models import ServiceRecord, ServiceSession, SheetEntry, Volunteer
from huying.volunteers.states import Evidence


class OutsideSession(InvalidInput):
    code = "outside_session"
    message = _("抄录的时间要在这一场的时间之内（前后可差 6 小时）。")


class LineNotReady(InvalidInput):
    code = "line_not_ready"
    message = _("这一类服务要先有{what}，不能登记。请联系站点。")


AROUND = timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class SheetLine:
    """One line of the paper: who, from when to when (aware), minutes of rest."""

    volunteer: Volunteer
    starts_at: datetime
    ends_at: datetime
    break_minutes: int = 0


@dataclass(frozen=True, slots=True)
class SheetOutcome:
    """What became of the lines: records made, lines that wait for a second person, lines in which the two differ, and
    lines whose time is counted elsewhere already.
    """

    records: list[ServiceRecord]
    waiting: list[Volunteer]
    differing: list[Volunteer]
    overlapping: list[Volunteer]


def copy_sheet(*, actor: Actor, session: ServiceSession, lines: Sequence[SheetLine]) -> SheetOutcome:
    """Copy lines of the paper; copying a line again replaces one's own earlier copy.

    One's own line is refused. Raises Forbidden, TimeUnclear, OutsideSession, LineNotReady; ``fields`` names the volunteer
    by key.
    """
    outcome = SheetOutcome([], [], [], [])
    with begin(actor):
        rows = {one.pk: one for one in locks.many(Volunteer.objects.filter(pk__in=[x.volunteer.pk for x in lines]))}
        fresh = locks.one(ServiceSession, pk=session.pk)
        if actor.person_id is None or not rules.can_run(actor, fresh):
            raise Forbidden
        for line in lines:
            try:
                check_line(actor, fresh, line)
            except InvalidInput as error:
                error.fields = {str(line.volunteer.pk): str(error)}
                raise
            sort_in(actor, fresh, rows[line.volunteer.pk], line, outcome)
        changes = {"lines": len(lines), "records": len(outcome.records)}
        audit.record(actor, "session.sheet", fresh, place_path=fresh.place.path, changes=changes)
    return outcome


def check_line(actor: Actor, session: ServiceSession, line: SheetLine) -> None:
    if line.volunteer.person_id == actor.person_id:
        raise TimeUnclear(_("自己的那一行请另一位来抄。"))
    check_times(line.starts_at, line.ends_at, minutes_of(line.starts_at, line.ends_at, line.break_minutes))
    try:
        check_ready(actor, line.volunteer, session.category, clock.local(line.starts_at).date())
    except NotReady as refusal:
        raise LineNotReady(**refusal.facts) from None
    if line.starts_at < session.starts_at - AROUND or line.ends_at > session.ends_at + AROUND:
        raise OutsideSession


def minutes_of(starts_at: datetime, ends_at: datetime, rest: int) -> int:
    return (ends_at - starts_at) // timedelta(minutes=1) - rest


def sort_in(
    actor: Actor, session: ServiceSession, volunteer: Volunteer, line: SheetLine, outcome: SheetOutcome
) -> None:
    """Keep one line and see whether it meets its twin."""
    values = {"starts_at": line.starts_at, "ends_at": line.ends_at, "break_minutes": line.break_minutes}
    SheetEntry.objects.update_or_create(
        session=session,
        volunteer=volunteer,
        entered_by_id=actor.person_id,
        defaults=values | {"person_id": volunteer.person_id, "entered_at": clock.now()},
    )
    others = SheetEntry.objects.filter(session=session, volunteer=volunteer).exclude(entered_by_id=actor.person_id)
    twin = others.filter(**values).order_by("id").first()
    if twin is not None:
        try:
            outcome.records.append(record_of(actor, session, volunteer, twin))
        except ServiceOverlaps:
            outcome.overlapping.append(volunteer)
    elif others.exists():
        outcome.differing.append(volunteer)
    else:
        outcome.waiting.append(volunteer)


def record_of(actor: Actor, session: ServiceSession, volunteer: Volunteer, twin: SheetEntry) -> ServiceRecord:
    """The record that two equal lines prove: entered by the first, checked by the second."""
    served = Served(
        volunteer=volunteer,
        place=session.place,
        title=session.title,
        starts_at=twin.starts_at,
        ends_at=twin.ends_at,
        minutes=minutes_of(twin.starts_at, twin.ends_at, twin.break_minutes),
        evidence=Evidence.C,
        team=session.team,
        category=session.category,
        content=session.content,
        in_charge=session.opened_by.name,
        subject=session,
        second_by_id=actor.person_id,
    )
    return entered(actor, volunteer, served, twin.entered_by_id)
