"""Certificates: for everybody, free, of confirmed service only (志愿服务条例 art. 19, 民政部令第67号 art. 15-17)."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from django.utils.translation import gettext_lazy as _

from huying.kernel import audit, chance, clock, locks
from huying.kernel.actor import Actor
from huying.kernel.errors import Conflict, Forbidden, InvalidInput, NotFound
from huying.kernel.transactions import begin
from huying.people import rules as people_rules
from huying.volunteers import rules
from huying.volunteers.actions.confirming import ReasonMissing
from huying.volunteers.models import Certificate, ServiceRecord, StarLevel, Volunteer
from huying.volunteers.states import COUNTED

LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""No 0 O 1 I, which people confuse when they type a code from paper."""
CODE_LETTERS = 16
MOST_RECORDS = 2000


class NothingToCertify(Conflict):
    code = "nothing_to_certify"
    message = _("这段时间还没有已确认的服务。")


class PeriodUnclear(InvalidInput):
    code = "period_unclear"
    message = _("请检查起止日期：先起后止，不晚于今天。")


def issue_certificate(*, actor: Actor, volunteer: Volunteer, since: date, until: date) -> Certificate:
    """A certificate of the confirmed service from ``since`` to ``until`` (both included).

    For oneself, or by a keeper of the volunteer's place who was asked at the desk. Raises Forbidden, PeriodUnclear,
    NothingToCertify.
    """
    if not since <= until <= clock.today():
        raise PeriodUnclear(fields={"until": PeriodUnclear.message})
    with begin(actor):
        row = locks.one(Volunteer, pk=volunteer.pk)
        if row.person_id != actor.person_id and not people_rules.reaches(actor, rules.KEEPERS, row.base_place):
            raise Forbidden
        records = confirmed_within(row, since, until)
        if not records:
            raise NothingToCertify
        total = sum(one.minutes for one in confirmed_within(row, date(2000, 1, 1), until))
        made = Certificate.objects.create(
            code=new_code(),
            volunteer=row,
            issuer=row.base_place,
            issuer_name=row.base_place.name,
            since=since,
            until=until,
            minutes=sum(one.minutes for one in records),
            stars=rules.stars_for(total, until, StarLevel.objects.all()),
            records=[line_of(one) for one in records],
            issued_by_id=actor.person_id,
            issued_at=clock.now(),
        )
        audit.record(actor, "certificate.issue", made, place_path=row.base_place.path)
        return made


def confirmed_within(volunteer: Volunteer, since: date, until: date) -> list[ServiceRecord]:
    """Counted records that began on these days, oldest first."""
    first = datetime.combine(since, time(), clock.SHANGHAI)
    after = datetime.combine(until + timedelta(days=1), time(), clock.SHANGHAI)
    rows = ServiceRecord.objects.filter(
        volunteer=volunteer, state__in=COUNTED, starts_at__gte=first, starts_at__lt=after
    )
    return list(rows.order_by("starts_at", "id")[:MOST_RECORDS])


def line_of(record: ServiceRecord) -> dict[str, object]:
    return {
        "id": str(record.public_id),
        "version": record.version,
        "minutes": record.minutes,
        "evidence": record.evidence,
    }


def new_code() -> str:
    """Sixteen letters in fours; 80 bits, so nobody finds one by trying."""
    letters = "".join(LETTERS[int(chance.token(1), 16) % len(LETTERS)] for _n in range(CODE_LETTERS))
    return "-".join(letters[at : at + 4] for at in range(0, CODE_LETTERS, 4))


def revoke_certificate(*, actor: Actor, certificate: Certificate, reason: str) -> Certificate:
    """Make a certificate void, with a reason that its public page shows; by keepers above its issuer. Never one's own.

    Raises Forbidden, ReasonMissing.
    """
    if not reason.strip():
        raise ReasonMissing(fields={"reason": ReasonMissing.message})
    with begin(actor):
        row = Certificate.objects.select_related("issuer", "volunteer").filter(pk=certificate.pk).first()
        if row is None:
            raise NotFound
        locks.one(Volunteer, pk=row.volunteer_id)
        mine = row.volunteer.person_id == actor.person_id
        if mine or actor.person_id is None or not people_rules.reaches(actor, rules.KEEPERS, row.issuer):
            raise Forbidden
        fresh = Certificate.objects.get(pk=row.pk)
        if fresh.revoked_at is None:
            fresh.revoked_at, fresh.revoked_by_id = clock.now(), actor.person_id
            fresh.revoked_reason = reason.strip()[:300]
            fresh.save(update_fields=["revoked_at", "revoked_by", "revoked_reason"])
            audit.record(actor, "certificate.revoke", fresh, place_path=row.issuer.path)
        return fresh
