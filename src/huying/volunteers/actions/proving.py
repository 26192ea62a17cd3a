"""Proofs of skills, checks for work with children, insurance, numbers of other systems, and counts they report."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from huying.kernel import attachments, audit, clock, locks
from huying.kernel.actor import Actor
from huying.kernel.errors import Conflict, Forbidden, InvalidInput
from huying.kernel.transactions import begin
from huying.people import actions as people_actions
from huying.people import rules as people_rules
from huying.people.models import Notice, Person
from huying.places.models import Place
from huying.volunteers import rules
from huying.volunteers.actions.confirming import ReasonMissing
from huying.volunteers.actions.oneself import own
from huying.volunteers.actions.placing import place
from huying.volunteers.models import ExternalId, ProtectionCheck, ReportedCount, Skill, SkillProof, Volunteer
from huying.volunteers.states import EXPIRY_NOTICE_DAYS, Measure


class DayGone(InvalidInput):
    code = "day_gone"
    message = _("有效期要在今天以后。")


class NumberTaken(Conflict):
    code = "number_taken"
    message = _("这个编号已经登记给另一位志愿者，或者这位志愿者在这个系统已有编号。")


class ProofRefused(Conflict):
    code = "proof_refused"
    message = _("这份证明已经判为不通过，请本人重新交一份。")


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
        place([volunteer.pk])
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
    """A keeper has seen the paper and it is right; seeing it again changes nothing. Raises Forbidden, ProofRefused."""
    with begin(actor):
        volunteer = kept(actor, proof.volunteer)
        fresh = SkillProof.objects.get(pk=proof.pk)
        if fresh.refused_at is not None:
            raise ProofRefused
        if fresh.verified_at is None:
            fresh.verified_by_id, fresh.verified_at = actor.person_id, clock.now()
            fresh.save(update_fields=["verified_by", "verified_at"])
            audit.record(actor, "volunteer.verify", volunteer, place_path=volunteer.base_place.path)
        return fresh


def refuse_proof(*, actor: Actor, proof: SkillProof, reason: str) -> SkillProof:
    """The paper does not prove the skill, with the reason: it counts no more, and the volunteer is told why.

    Also of a paper that was accepted before. Refusing it again changes nothing. Raises Forbidden, ReasonMissing.
    """
    if not reason.strip():
        raise ReasonMissing(fields={"reason": ReasonMissing.message})
    with begin(actor):
        volunteer = kept(actor, proof.volunteer)
        fresh = SkillProof.objects.select_related("skill").get(pk=proof.pk)
        if fresh.refused_at is None:
            fresh.refused_by_id, fresh.refused_at = actor.person_id, clock.now()
            fresh.refused_reason = reason.strip()[:200]
            fresh.save(update_fields=["refused_by", "refused_at", "refused_reason"])
            audit.record(actor, "volunteer.refuse_proof", volunteer, place_path=volunteer.base_place.path)
            people_actions.send_notice(
                actor=actor,
                person=volunteer.person,
                about=volunteer.person,
                title=gettext("“%(skill)s”的证明没有通过") % {"skill": fresh.skill.name},
                body=gettext("%(reason)s 可以重新交一份；没有证明也一样能参加别的服务。")
                % {"reason": fresh.refused_reason},
                url=reverse("volunteers:proofs"),
            )
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


# ── what ends soon ──────────────────────────────────────────────────────────
def tell_expiring(*, actor: Actor) -> int:
    """Tell volunteers, once each, of papers, checks and insurance that end within thirty days; how many were told.

    A paper that a later one of the same skill replaces ends in silence, and so does a check after a newer one.
    """
    today = clock.today()
    soon = {"valid_until__gt": today, "valid_until__lte": today + timedelta(days=EXPIRY_NOTICE_DAYS)}
    until = {"insured_until__gt": today, "insured_until__lte": soon["valid_until__lte"]}
    staying = Q(volunteer__left_at__isnull=True)
    better = SkillProof.objects.filter(rules.accepted(soon["valid_until__lte"] + timedelta(days=1)))
    better = better.filter(volunteer=OuterRef("volunteer"), skill=OuterRef("skill"))
    newer = ProtectionCheck.objects.filter(volunteer=OuterRef("volunteer"), id__gt=OuterRef("id"))
    proofs = SkillProof.objects.filter(~Exists(better), staying, rules.accepted(today), **soon)
    checks = ProtectionCheck.objects.filter(~Exists(newer), staying, passed=True, **soon)
    insured = Volunteer.objects.filter(left_at__isnull=True, **until)
    told = 0
    for proof in proofs.select_related("person", "skill").order_by("id").iterator():
        what = gettext("“%(skill)s”的证明") % {"skill": proof.skill.name}
        told += told_once(actor, proof.person, what, proof.valid_until or today, f"proof:{proof.pk}")
    for check in checks.select_related("person").order_by("id").iterator():
        told += told_once(actor, check.person, gettext("儿童保护核查"), check.valid_until, f"check:{check.pk}")
    for row in insured.select_related("person").order_by("id").iterator():
        day = row.insured_until or today
        told += told_once(actor, row.person, gettext("意外保险"), day, f"insurance:{row.pk}:{day}")
    return told


def told_once(actor: Actor, person: Person, what: str, day: date, key: str) -> bool:
    """Leave the notice unless it was left before; whether it is new."""
    if Notice.objects.filter(key=f"{key}:ends").exists():
        return False
    people_actions.send_notice(
        actor=actor,
        person=person,
        title=gettext("%(what)s快到期了") % {"what": what},
        body=gettext("有效到 %(day)s。要继续做需要它的服务，请早一点到站点更新或交新的。") % {"day": day},
        url=reverse("volunteers:proofs"),
        key=f"{key}:ends",
    )
    return True
