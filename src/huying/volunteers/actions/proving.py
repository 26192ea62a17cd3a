"""Proofs of skills, checks for work with children, insurance, numbers of other systems, and counts they report."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from huying.kernel import attachments, audit, clock, locks
from huying.kernel.actor import Actor
from huying.kernel.errors import Conflict, Forbidden, InvalidInput
from huying.kernel.transactions import begin
from huying.people import rules as people_rules
from huying.places.models import Place
from huying.volunteers import rules
from huying.volunteers.actions.oneself import own
from huying.volunteers.models import ExternalId, ProtectionCheck, ReportedCount, Skill, SkillProof, Volunteer
from huying.volunteers.states import Measure


class DayGone(InvalidInput):
    code = "day_gone"
    message = _("有效期要在今天以后。")


class NumberTaken(Conflict):
    code = "number_taken"
    message = _("这个编号已经登记给另一位志愿者，或者这位志愿者在这个系统已有编号。")


@dataclass(frozen=True, slots=True)
class Count:
    """One reported count: of what, where, how many, on which day, says who."""

    place: Place
    measure: Measure
    value: int
    as_of_date: date
    source: str


def add_proof(*, actor: Actor, skill: Skill, picture: UploadedFile[Any], valid_until: date | None = None) -> SkillProof:
    """Show a paper that proves a skill of one's own; a keeper looks at it. Raises NotAVolunteer, PictureRefused."""
    if valid_until is not None and valid_until < clock.today():
        raise DayGone(fields={"valid_until": DayGone.message})
    redrawn = attachments.redraw(picture)
    with begin(actor):
        volunteer = own(actor)
        proof = SkillProof.objects.create(
            volunteer=volunteer,
            person_id=volunteer.person_id,
            skill=skill,
            valid_until=valid_until,
            made_at=clock.now(),
        )
        volunteer.skills.add(skill)
        attachments.store(actor=actor, upload=redrawn, subject=proof, place_path=volunteer.base_place.path)
        audit.record(actor, "volunteer.proof", volunteer, place_path=volunteer.base_place.path)
        return proof


def kept(actor: Actor, volunteer: Volunteer) -> Volunteer:
    """The volunteer, locked, for a keeper of his place, never for himself; Forbidden."""
    row = locks.one(Volunteer, pk=volunteer.pk)
    if row.person_id == actor.person_id or not people_rules.reaches(actor, rules.KEEPERS, row.base_place):
        raise Forbidden
    return row


def verify_proof(*, actor: Actor, proof: SkillProof) -> SkillProof:
    """A keeper has seen the paper and it is right; seeing it again changes nothing. Raises Forbidden."""
    with begin(actor):
        volunteer = kept(actor, proof.volunteer)
        fresh = SkillProof.objects.get(pk=proof.pk)
        if fresh.verified_at is None:
            fresh.verified_by_id, fresh.verified_at = actor.person_id, clock.now()
            fresh.save(update_fields=["verified_by", "verified_at"])
            audit.record(actor, "volunteer.verify", volunteer, place_path=volunteer.base_place.path)
        return fresh


def record_check(
    *, actor: Actor, volunteer: Volunteer, passed: bool, valid_until: date, note: str = ""
) -> ProtectionCheck:
    """Write down a child-protection check (S4-5.2); the last one counts. Raises Forbidden, DayGone."""
    if valid_until < clock.today():
        raise DayGone(fields={"valid_until": DayGone.message})
    with begin(actor):
        row = kept(actor, volunteer)
        if actor.person_id is None:
            raise Forbidden
        made = ProtectionCheck.objects.create(
            volunteer=row,
            person_id=row.person_id,
            passed=passed,
            valid_until=valid_until,
            checked_by_id=actor.person_id,
            checked_at=clock.now(),
            note=note.strip()[:200],
        )
        audit.record(actor, "volunteer.check", row, place_path=row.base_place.path, changes={"passed": passed})
        return made


def record_insurance(*, actor: Actor, volunteer: Volunteer, until: date | None, note: str = "") -> Volunteer:
    """Until when the volunteer is insured against accidents (志愿服务条例 art. 17); None: not. Raises Forbidden."""
    with begin(actor):
        row = kept(actor, volunteer)
        row.insured_until, row.insurance_note = until, note.strip()[:120]
        row.save(update_fields=["insured_until", "insurance_note"])
        audit.record(actor, "volunteer.insure", row, place_path=row.base_place.path)
        return row


def link_external(*, actor: Actor, volunteer: Volunteer, system: str, value: str) -> ExternalId:
    """Keep the volunteer's number in another system, as it is. Raises Forbidden, NumberTaken."""
    with begin(actor):
        row = kept(actor, volunteer)
        known = ExternalId.objects.filter(volunteer=row, system=system, value=value).first()
        if known is not None:
            return known
        try:
            with transaction.atomic():
                made = ExternalId.objects.create(volunteer=row, system=system, value=value)
        except IntegrityError:
            raise NumberTaken(fields={"value": NumberTaken.message}) from None
        audit.record(actor, "volunteer.link", row, place_path=row.base_place.path, changes={"system": system})
        return made


def report_counts(*, actor: Actor, counts: Iterable[Count]) -> list[ReportedCount]:
    """Take in counts that another system states; the same place, day and source again replaces the number.

    Raises Forbidden for a place the actor does not keep; then nothing is taken in.
    """
    rows = list(counts)
    with begin(actor):
        made = []
        for count in rows:
            if not people_rules.reaches(actor, rules.KEEPERS, count.place):
                raise Forbidden
            made.append(
                ReportedCount.objects.update_or_create(
                    place=count.place,
                    measure=count.measure,
                    as_of_date=count.as_of_date,
                    source=count.source,
                    defaults={"value": count.value, "entered_by_id": actor.person_id, "entered_at": clock.now()},
                )[0]
            )
        audit.record(actor, "volunteer.counts", None, changes={"rows": len(made)})
        return made
