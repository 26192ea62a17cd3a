"""Certificates as their owner, a keeper, and anybody with the code may read them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.kernel.errors import NotFound
from huying.people import rules as people_rules
from huying.volunteers import rules
from huying.volunteers.models import Certificate, CertificatePrint, ServiceRecord, StarLevel
from huying.volunteers.queries.service import minutes_of
from huying.volunteers.states import COUNTED, Evidence


@dataclass(frozen=True, slots=True)
class Share:
    """Part of a certificate that one class of evidence proves."""

    evidence: str
    label: str
    records: int
    minutes: int


@dataclass(frozen=True, slots=True)
class Check:
    """What a stranger with the code may know: enough to believe the paper, no more.

    ``name`` with all but the family name hidden; ``now_minutes``: what the same records hold today, since a record may
    have been corrected after the paper was printed; ``other``: how many of them are no longer what the paper says.
    """

    certificate: Certificate
    name: str
    shares: list[Share]
    now_minutes: int
    other: int

    @property
    def changed(self) -> bool:
        """Some of it was corrected later."""
        return self.other > 0 or self.now_minutes != self.certificate.minutes


def stars_of(person_id: int | None) -> int:
    """Stars by the confirmed minutes of today and the table of today."""
    return rules.stars_for(minutes_of(person_id), clock.today(), StarLevel.objects.all())


def star_table(day: date | None = None) -> list[StarLevel]:
    """The table of stars that holds on a day, lowest first."""
    valid = StarLevel.objects.filter(valid_from__lte=day or clock.today())
    rows = list(valid.order_by("-valid_from", "stars"))
    return [row for row in rows if row.valid_from == rows[0].valid_from]


def certificates_of(actor: Actor) -> QuerySet[Certificate]:
    """The actor's own certificates, the latest first."""
    return Certificate.objects.filter(volunteer__person_id=actor.person_id or 0).order_by("-id")


def certificate_by_id(actor: Actor, public_id: UUID) -> Certificate:
    """One's own certificate, or one issued at a place one keeps; NotFound for others."""
    kept = people_rules.within(actor, rules.KEEPERS, "issuer__path")
    rows = Certificate.objects.filter(Q(volunteer__person_id=actor.person_id or 0) | kept, public_id=public_id)
    found = rows.select_related("volunteer__person", "issuer").first()
    if found is None:
        raise NotFound
    return found


def shares_of(certificate: Certificate) -> list[Share]:
    """The certificate's minutes by class of evidence, the strongest first."""
    found = []
    for one in Evidence:
        rows = [row for row in certificate.records if row["evidence"] == one]
        if rows:
            found.append(Share(one, str(one.label), len(rows), sum(int(row["minutes"]) for row in rows)))
    return found


def records_behind(certificate: Certificate) -> list[ServiceRecord]:
    """The records it rests on, oldest first."""
    ids = [row["id"] for row in certificate.records]
    rows = ServiceRecord.objects.filter(public_id__in=ids).select_related("place", "team", "category")
    return list(rows.order_by("starts_at", "id"))


def check_code(code: str) -> Check:
    """What anybody with the code may read; NotFound for an unknown one. Spaces, dashes and case do not matter."""
    letters = "".join(letter for letter in code.upper() if letter.isalnum())[:40]
    dashed = "-".join(letters[at : at + 4] for at in range(0, len(letters), 4))
    certificate = Certificate.objects.select_related("volunteer__person", "issuer").filter(code=dashed).first()
    if certificate is None:
        raise NotFound
    records = records_behind(certificate)
    printed = {row["id"]: row for row in certificate.records}
    return Check(
        certificate=certificate,
        name=masked(certificate.volunteer.person.name),
        shares=shares_of(certificate),
        now_minutes=sum(one.minutes for one in records if one.state in COUNTED),
        other=sum(stands_otherwise(one, printed.get(str(one.public_id), {})) for one in records),
    )


def stands_otherwise(record: ServiceRecord, line: dict[str, Any]) -> bool:
    """Whether a record is no longer as it was when the certificate was given."""
    then = (line.get("version"), line.get("minutes"), line.get("evidence"))
    return record.state not in COUNTED or then != (record.version, record.minutes, record.evidence)


def is_ours(certificate: Certificate, sha256: str) -> bool:
    """Whether a file with this digest was handed out for the certificate, unchanged to the last byte."""
    return CertificatePrint.objects.filter(certificate=certificate, sha256=sha256).exists()


def masked(name: str) -> str:
    """李安和 -> 李**; enough to compare with the paper, not enough to find somebody."""
    return name[:1] + "*" * max(1, len(name) - 1)
