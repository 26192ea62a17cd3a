"""Certificates: for everybody, free, of confirmed service only (志愿服务条例 art. 19, 民政部令第67号 art. 15-17)."""

from __future__ import annotations

import hashlib
from datetime import date, datetime, time, timedelta

from django.db.models import Count, QuerySet, Sum
from django.utils.translation import gettext_lazy as _

from huying.kernel import audit, chance, clock, locks
from huying.kernel.actor import Actor
from huying.kernel.errors import Conflict, Forbidden, InvalidInput, NotFound
from huying.kernel.transactions import begin
from huying.people import rules as people_rules
from huying.volunteers import rules
from huying.volunteers.actions.confirming import ReasonMissing
from huying.volunteers.models import (
    Certificate,
    CertificateCounter,
    CertificatePrint,
    ServiceRecord,
    StarLevel,
    Volunteer,
)
from huying.volunteers.states import COUNTED

LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""No 0 O 1 I, which people confuse when they type a code from paper."""
CODE_LETTERS = 16
MOST_RECORDS = 2000
"""More do not fit a list that people read; several certificates do."""
TOO_MANY = _("这段时间有 {count} 条记录，一份证明最多列 {most} 条，请分成几段来开。")
FIRST_DAY = date(2000, 1, 1)


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
        rows = confirmed_within(row, since, until)
        count, minutes = summed(rows)
        if not count:
            raise NothingToCertify
        if count > MOST_RECORDS:
            raise PeriodUnclear(fields={"until": TOO_MANY.format(count=count, most=MOST_RECORDS)})
        made = Certificate.objects.create(
            code=new_code(),
            serial=next_serial(),
            volunteer=row,
            issuer=row.base_place,
            issuer_name=row.base_place.name,
            since=since,
            until=until,
            minutes=minutes,
            stars=rules.stars_for(summed(confirmed_within(row, FIRST_DAY, until))[1], until, StarLevel.objects.all()),
            records=[line_of(one) for one in rows.order_by("starts_at", "id")],
            issued_by_id=actor.person_id,
            issued_at=clock.now(),
        )
        audit.record(actor, "certificate.issue", made, place_path=row.base_place.path)
        return made


def confirmed_within(volunteer: Volunteer, since: date, until: date) -> QuerySet[ServiceRecord]:
    """Counted records that began on these days."""
    first = datetime.combine(since, time(), clock.SHANGHAI)
    after = datetime.combine(until + timedelta(days=1), time(), clock.SHANGHAI)
    return ServiceRecord.objects.filter(
        volunteer=volunteer, state__in=COUNTED, starts_at__gte=first, starts_at__lt=after
    )


def summed(rows: QuerySet[ServiceRecord]) -> tuple[int, int]:
    """How many records, and their minutes together; reckoned by the database, whatever their number."""
    found = rows.aggregate(count=Count("id"), minutes=Sum("minutes"))
    return found["count"], found["minutes"] or 0


def next_serial() -> int:
    """The next number of this installation. The counter stays locked until the certificate is there or given up, so
    that numbers have no gap and none is given twice.
    """
    CertificateCounter.objects.bulk_create([CertificateCounter(pk=1)], ignore_conflicts=True)
    counter = locks.one(CertificateCounter, pk=1)
    counter.last += 1
    counter.save(update_fields=["last"])
    return counter.last


def keep_print(*, actor: Actor, certificate: Certificate, pdf: bytes) -> CertificatePrint:
    """Remember a PDF that is being handed out, by its SHA-256; the same file again changes nothing."""
    with begin(actor):
        digest = hashlib.sha256(pdf).hexdigest()
        made = CertificatePrint(certificate=certificate, sha256=digest, at=clock.now())
        CertificatePrint.objects.bulk_create([made], ignore_conflicts=True)
        return CertificatePrint.objects.get(certificate=certificate, sha256=digest)


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
