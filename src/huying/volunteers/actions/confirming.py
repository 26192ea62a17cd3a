"""The steps of a record after it was entered: confirm, give back, correct. Hours change only by two people.

Sources: 民政部令第67号 art. 13, 17; domain.md 2.1 and 7 no. 4.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from huying.kernel import audit, clock, events, locks
from huying.kernel.actor import Actor
from huying.kernel.errors import Conflict, DomainError, Forbidden, InvalidInput, NotFound
from huying.kernel.transactions import begin
from huying.people import actions as people_actions
from huying.volunteers import rules
from huying.volunteers.actions import crediting
from huying.volunteers.actions.recording import NotForOneself, check_overlap, check_times, note
from huying.volunteers.models import HoursRule, ServiceEvent, ServiceRecord, Volunteer
from huying.volunteers.states import COUNTED, TRANSITIONS, Approval, Evidence, RecordState


class ReasonMissing(InvalidInput):
    code = "reason_missing"
    message = _("请写明理由。")


class RecordMoved(Conflict):
    code = "record_moved"
    message = _("这条记录现在是“{state}”，不能这样操作，请刷新后再看。")


class LongDay(Conflict):
    code = "long_day"
    message = _("这位志愿者当天合计 {hours} 小时，需要：{approval}。")


class OnlyShorter(InvalidInput):
    code = "only_shorter"
    message = _("退回的记录只能改短；要加时长，请重新登记并由另一人核对。")


@dataclass(frozen=True, slots=True)
class ServiceConfirmed:
    """Hours of a record were confirmed or corrected; they stand in the ledger under this version."""

    record_id: int
    version: int


def taken(actor: Actor, record: ServiceRecord, verb: str, reason: str) -> ServiceRecord:
    """The record, locked behind its volunteer, when this actor may take this step with it now."""
    locks.one(Volunteer, pk=record.volunteer_id)
    fresh = locks.one(ServiceRecord, pk=record.pk)
    if not ServiceRecord.objects.filter(rules.records_visible_to(actor), pk=fresh.pk).exists():
        raise NotFound
    allow(actor, fresh, verb, reason)
    return fresh


def allow(actor: Actor, record: ServiceRecord, verb: str, reason: str) -> None:
    """The actor may take this step with the locked record, and gave what it needs; else the reason why not."""
    step = TRANSITIONS[verb]
    may = rules.can_check(actor, record) if step.by == "checker" else rules.can_make(actor, record)
    if not may:
        raise NotForOneself if record.person_id == actor.person_id else Forbidden
    if record.state not in step.from_:
        raise RecordMoved(state=RecordState(record.state).label)
    if "reason" in step.needs and not reason.strip():
        raise ReasonMissing(fields={"reason": ReasonMissing.message})


def moved(actor: Actor, record: ServiceRecord, verb: str, reason: str) -> ServiceRecord:
    """The record in the state that the step leads to, saved, with its line of history and its trail."""
    before = record.state
    record.state = TRANSITIONS[verb].to
    record.save()
    note(actor, record, verb, before, reason)
    audit.record(actor, f"service.{verb}", record, place_path=record.place.path)
    return record


def confirm(*, actor: Actor, record: ServiceRecord, reason: str = "") -> ServiceRecord:
    """Say that it is true; the minutes enter the ledger at once. A long day takes a reason, a longer one the office.

    Raises Forbidden, NotForOneself, RecordMoved, LongDay.
    """
    with begin(actor):
        fresh = taken(actor, record, "confirm", reason)
        allow_day(actor, fresh, reason)
        return confirmed(actor, [fresh], reason)[0]


def confirm_many(
    *, actor: Actor, records: Sequence[ServiceRecord]
) -> tuple[list[ServiceRecord], list[tuple[ServiceRecord, DomainError]]]:
    """Confirm several at one press: (confirmed, refused with why). Long days are left for a look at each."""
    done: list[ServiceRecord] = []
    refused: list[tuple[ServiceRecord, DomainError]] = []
    with begin(actor):
        wanted = ServiceRecord.objects.filter(rules.to_check(actor), pk__in=[one.pk for one in records])
        keys = list(wanted.values_list("pk", flat=True))
        locks.many(Volunteer.objects.filter(pk__in=ServiceRecord.objects.filter(pk__in=keys).values("volunteer_id")))
        for fresh in locks.many(ServiceRecord.objects.filter(pk__in=keys)):
            try:
                allow(actor, fresh, "confirm", "")
                allow_day(actor, fresh, "", [one for one in done if one.volunteer_id == fresh.volunteer_id])
            except DomainError as error:
                refused.append((fresh, error))
            else:
                done.append(fresh)
        return confirmed(actor, done, ""), refused


def confirmed(actor: Actor, records: Sequence[ServiceRecord], reason: str) -> list[ServiceRecord]:
    """Locked records that may be confirmed, confirmed: in the ledger, in the history, and told."""
    for record in records:
        record.confirmed_by_id, record.confirmed_at = actor.person_id, clock.now()
    crediting.credit(records, makers={one.pk: one.entered_by_id for one in records}, checker_id=actor.person_id)
    for record in records:
        moved(actor, record, "confirm", reason)
        events.publish(ServiceConfirmed(record_id=record.pk, version=record.version))
        tell(actor, record, gettext("您的服务已确认：%(title)s") % {"title": record.title})
    return list(records)


def allow_day(actor: Actor, record: ServiceRecord, reason: str, also: Sequence[ServiceRecord] = ()) -> None:
    """The day's total with this record is within what the actor may confirm; sets the version of the rule.

    ``also``: records of the same volunteer about to be confirmed in the same go.
    """
    day = clock.local(record.starts_at).date()
    midnight = clock.local(record.starts_at).replace(hour=0, minute=0, second=0, microsecond=0)
    others = ServiceRecord.objects.filter(
        volunteer_id=record.volunteer_id,
        state__in=COUNTED,
        starts_at__gte=midnight,
        starts_at__lt=midnight + timedelta(days=1),
    )
    total = record.minutes + sum(others.exclude(pk=record.pk).values_list("minutes", flat=True))
    total += sum(one.minutes for one in also if clock.local(one.starts_at).date() == day)
    approval, record.rule_version = rules.approval_for(day, total, HoursRule.objects.all())
    enough = rules.can_allow(actor, record, approval) and (not approval or reason.strip())
    if not enough:
        raise LongDay(hours=f"{total / 60:g}", approval=Approval(approval).label)


def give_back(*, actor: Actor, record: ServiceRecord, reason: str) -> ServiceRecord:
    """Not so: back to who entered it, with a reason. Raises as ``confirm``, ReasonMissing."""
    with begin(actor):
        fresh = taken(actor, record, "give_back", reason)
        return moved(actor, fresh, "give_back", reason)


def resubmit(*, actor: Actor, record: ServiceRecord, minutes: int, reason: str) -> ServiceRecord:
    """Hand a returned record in again, with fewer minutes or as it was. Raises OnlyShorter, ReasonMissing."""
    with begin(actor):
        fresh = taken(actor, record, "resubmit", reason)
        if not 1 <= minutes <= fresh.minutes:
            raise OnlyShorter(fields={"minutes": OnlyShorter.message})
        if fresh.second_by_id == actor.person_id:
            raise Forbidden
        fresh.minutes, fresh.entered_by_id, fresh.version = minutes, actor.person_id or 0, fresh.version + 1
        return moved(actor, fresh, "resubmit", reason)


def withdraw(*, actor: Actor, record: ServiceRecord, reason: str) -> ServiceRecord:
    """Take back what was entered and never confirmed; its time is free again. Confirmed hours need ``correct``."""
    with begin(actor):
        fresh = taken(actor, record, "withdraw", reason)
        return moved(actor, fresh, "withdraw", reason)


def correct(
    *,
    actor: Actor,
    record: ServiceRecord,
    starts_at: datetime,
    ends_at: datetime,
    minutes: int,
    reason: str,
) -> ServiceRecord:
    """Propose other times for confirmed hours (0 minutes: it did not take place). Another person decides; until then
    the old version counts.

    The volunteer is told at once and may object (domain 7 no. 4). Raises TimeUnclear, ServiceOverlaps, ReasonMissing.
    """
    with begin(actor):
        fresh = taken(actor, record, "correct", reason)
        if minutes:
            check_times(starts_at, ends_at, minutes)
            check_overlap(fresh.volunteer, starts_at, ends_at, fresh.pk)
        fresh.correction = {"starts_at": starts_at.isoformat(), "ends_at": ends_at.isoformat(), "minutes": minutes}
        fresh.corrected_by_id = actor.person_id
        done = moved(actor, fresh, "correct", reason)
        tell(actor, done, gettext("有人申请更正您的服务：%(title)s") % {"title": done.title}, reason)
        return done


def accept(*, actor: Actor, record: ServiceRecord, reason: str = "") -> ServiceRecord:
    """Agree to the proposed correction: the old minutes are reversed in the ledger, the new ones posted.

    Times wider than before rest on the word of two people: their evidence becomes class C.
    """
    with begin(actor):
        fresh = taken(actor, record, "accept", reason)
        proposed: dict[str, Any] = fresh.correction or {}
        maker_id = fresh.corrected_by_id or 0
        crediting.take_back(actor, fresh, maker_id=maker_id)
        starts_at, ends_at = (datetime.fromisoformat(proposed[name]) for name in ("starts_at", "ends_at"))
        fresh.correction, fresh.corrected_by, fresh.version = None, None, fresh.version + 1
        fresh.transfer_id = None
        if proposed["minutes"]:
            wider = starts_at < fresh.starts_at or ends_at > fresh.ends_at or proposed["minutes"] > fresh.minutes
            if wider:
                fresh.evidence, fresh.second_by_id = Evidence.C, actor.person_id
            fresh.starts_at, fresh.ends_at, fresh.minutes = starts_at, ends_at, proposed["minutes"]
            check_overlap(fresh.volunteer, starts_at, ends_at, fresh.pk)
            allow_day(actor, fresh, reason)
            fresh.confirmed_by_id, fresh.confirmed_at = actor.person_id, clock.now()
            crediting.credit([fresh], makers={fresh.pk: maker_id}, checker_id=actor.person_id)
        return corrected(actor, fresh, bool(proposed["minutes"]), reason)


def corrected(actor: Actor, record: ServiceRecord, stays: bool, reason: str) -> ServiceRecord:
    before, record.state = record.state, RecordState.CONFIRMED if stays else RecordState.WITHDRAWN
    record.save()
    note(actor, record, "accept", before, reason)
    audit.record(actor, "service.accept", record, place_path=record.place.path)
    events.publish(ServiceConfirmed(record_id=record.pk, version=record.version))
    tell(actor, record, gettext("您的服务已更正：%(title)s") % {"title": record.title}, reason)
    return record


def keep(*, actor: Actor, record: ServiceRecord, reason: str) -> ServiceRecord:
    """Refuse the proposed correction; the confirmed version stays. Raises ReasonMissing."""
    with begin(actor):
        fresh = taken(actor, record, "keep", reason)
        fresh.correction, fresh.corrected_by = None, None
        return moved(actor, fresh, "keep", reason)


def object_to(*, actor: Actor, record: ServiceRecord, words: str) -> ServiceEvent:
    """The volunteer says that his own record is wrong (民政部令第67号 art. 13); those who keep it see his words."""
    if not words.strip():
        raise ReasonMissing(fields={"words": ReasonMissing.message})
    with begin(actor):
        fresh = locks.one(ServiceRecord, pk=record.pk)
        if fresh.person_id != actor.person_id:
            raise NotFound
        line = note(actor, fresh, "object", fresh.state, words)
        audit.record(actor, "service.object", fresh, place_path=fresh.place.path)
        return line


def tell(actor: Actor, record: ServiceRecord, title: str, body: str = "") -> None:
    people_actions.send_notice(
        actor=actor,
        person=record.person,
        title=title,
        body=body,
        url=reverse("volunteers:record", args=[record.public_id]),
    )
