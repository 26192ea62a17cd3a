"""Records of service, from the entry to confirmed hours and their correction: two people for every minute.

Sources: 民政部令第67号 art. 7, 11, 13, 17, 19; domain.md 2.1 and 7 no. 4.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext_lazy as _

from huying.kernel import audit, clock, locks
from huying.kernel.actor import Actor
from huying.kernel.errors import Conflict, Forbidden, InvalidInput
from huying.kernel.transactions import begin
from huying.places.models import Place
from huying.volunteers import rules
from huying.volunteers.models import ServiceCategory, ServiceEvent, ServiceNote, ServiceRecord, Team, Volunteer
from huying.volunteers.states import (
    LIVE_RECORDS,
    LONGEST,
    Evidence,
)


class NotForOneself(Forbidden):
    code = "not_for_oneself"
    message = _("自己的服务不能由自己登记或确认，请另一位负责人来办。")


class ServiceOverlaps(Conflict):
    code = "service_overlaps"
    message = _("这段时间与这位志愿者的另一条服务记录重叠（不分队伍和站点），同一时间只能记一次。")


class TimeUnclear(InvalidInput):
    code = "time_unclear"
    message = _("请检查时间：结束要晚于开始，不能在将来，一次最多 24 小时，扣除休息后至少 1 分钟。")


@dataclass(frozen=True, slots=True)
class Served:
    """What somebody did, as it enters a record. Moments aware; ``minutes`` without travel, rest and meals.

    ``subject`` is the saved row behind it (a session, a shift, a call): each volunteer counts once for it.
    ``second_by_id``: who copied the same sheet independently (class C only).
    """

    volunteer: Volunteer
    place: Place
    title: str
    starts_at: datetime
    ends_at: datetime
    minutes: int
    evidence: Evidence
    team: Team | None = None
    category: ServiceCategory | None = None
    content: str = ""
    host: str = ""
    in_charge: str = ""
    subject: models.Model | None = None
    second_by_id: int | None = None


def submit_record(*, actor: Actor, served: Served) -> ServiceRecord:
    """Enter service that has ended; it counts once another person confirms it. The same subject again gives the record
    that is there.

    Raises Forbidden (no organiser there), NotForOneself, TimeUnclear, ServiceOverlaps. No page leads here directly:
    ``evidence`` is the finding of the caller, who watched the check-in or compared the sheets.
    """
    with begin(actor):
        volunteer = locks.one(Volunteer, pk=served.volunteer.pk)
        if actor.person_id is None or not rules.can_open_session(actor, served.team, served.place):
            raise Forbidden
        return entered(actor, volunteer, served, actor.person_id)


def hand_in(*, actor: Actor, served: Served, maker_id: int) -> ServiceRecord:
    """Enter service that another room watched from its start to its end, on the word of the person ``maker_id``; it
    counts once somebody else confirms it. The same subject again gives the record that is there.

    For the platform's own jobs. Raises Forbidden (a person asks), NotForOneself, TimeUnclear, ServiceOverlaps.
    """
    if not actor.is_system:
        raise Forbidden
    with begin(actor):
        return entered(actor, locks.one(Volunteer, pk=served.volunteer.pk), served, maker_id)


def entered(actor: Actor, volunteer: Volunteer, served: Served, maker_id: int) -> ServiceRecord:
    """The record, new or known, of a volunteer whose row is locked."""
    if volunteer.person_id in (maker_id, served.second_by_id):
        raise NotForOneself
    known = same_subject(volunteer, served.subject)
    if known is not None:
        return known
    check_times(served.starts_at, served.ends_at, served.minutes)
    check_overlap(volunteer, served.starts_at, served.ends_at)
    record = inserted(new_record(volunteer, served, maker_id))
    note(actor, record, "submit", "")
    audit.record(actor, "service.submit", record, place_path=served.place.path)
    return record


def new_record(volunteer: Volunteer, served: Served, maker_id: int) -> ServiceRecord:
    """The row as it is to be written."""
    now, due = clock.now(), rules.due_at(served.ends_at)
    return ServiceRecord(
        volunteer=volunteer,
        person_id=volunteer.person_id,
        team=served.team,
        place=served.place,
        category=served.category,
        subject_type=served.subject._meta.label if served.subject is not None else "",
        subject_id=served.subject.pk if served.subject is not None else None,
        title=served.title,
        content=served.content,
        host=served.host or (served.team.name if served.team else served.place.name),
        in_charge=served.in_charge,
        starts_at=served.starts_at,
        ends_at=served.ends_at,
        minutes=served.minutes,
        evidence=served.evidence,
        entered_by_id=maker_id,
        second_by_id=served.second_by_id,
        recorded_at=now,
        due_at=due,
        is_late=now > due,
    )


def same_subject(volunteer: Volunteer, subject: models.Model | None) -> ServiceRecord | None:
    """The record that this volunteer has for this row already."""
    if subject is None:
        return None
    rows = ServiceRecord.objects.filter(
        volunteer=volunteer, subject_type=subject._meta.label, subject_id=subject.pk, state__in=LIVE_RECORDS
    )
    return rows.first()


def check_times(starts_at: datetime, ends_at: datetime, minutes: int) -> None:
    longest = (ends_at - starts_at) // timedelta(minutes=1)
    if ends_at > clock.now() or not 1 <= minutes <= min(longest, LONGEST) or longest > LONGEST:
        raise TimeUnclear(fields={"ends_at": TimeUnclear.message})


def check_overlap(volunteer: Volunteer, starts_at: datetime, ends_at: datetime, but: int | None = None) -> None:
    """No other record of this volunteer holds any of this time; his row is locked, so that nobody adds one now."""
    rows = ServiceRecord.objects.filter(
        volunteer=volunteer, state__in=LIVE_RECORDS, starts_at__lt=ends_at, ends_at__gt=starts_at
    )
    if rows.exclude(pk=but or 0).exists():
        raise ServiceOverlaps


def inserted(record: ServiceRecord) -> ServiceRecord:
    """Written; what the database refuses after all checks is an overlap that came in beside them."""
    try:
        with transaction.atomic():
            record.save()
    except IntegrityError:
        raise ServiceOverlaps from None
    return record


def note(actor: Actor, record: ServiceRecord, verb: str, before: str, reason: str = "") -> ServiceEvent:
    """One line of the record's history, and its words beside it where there are any."""
    event = ServiceEvent.objects.create(
        record=record,
        verb=verb,
        from_state=before,
        to_state=record.state,
        version=record.version,
        starts_at=record.starts_at,
        ends_at=record.ends_at,
        minutes=record.minutes,
        correction=record.correction,
        by_id=actor.person_id,
        at=clock.now(),
    )
    if reason.strip():
        ServiceNote.objects.create(event=event, text=reason.strip()[:300])
    return event
