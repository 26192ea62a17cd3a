"""What this room keeps about a person, and how it forgets him."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from huying.kernel import attachments, clock, events
from huying.kernel.actor import Actor
from huying.people import actions as people_actions
from huying.people.actions.rights import ERASED_NAME
from huying.people.models import Person
from huying.volunteers import rules
from huying.volunteers.actions.copying import export
from huying.volunteers.actions.joining import VolunteerCounts, VolunteerLeft
from huying.volunteers.actions.teams import end
from huying.volunteers.models import (
    AllocationLine,
    Attendance,
    ExternalId,
    Invitation,
    Membership,
    ProtectionCheck,
    ServiceNote,
    ServiceRecord,
    ServiceSession,
    SheetEntry,
    SkillProof,
    Volunteer,
)


def erase(actor: Actor, person: Person) -> None:
    """Who is forgotten volunteers no more; that somebody served stays, ten years and without a face (GB/T 40143)."""
    volunteer = Volunteer.objects.filter(person=person).first()
    erase_service(actor, person, volunteer)
    if volunteer is None:
        return
    for membership in Membership.objects.filter(rules.PRESENT, volunteer=volunteer):
        end(membership)
    AllocationLine.objects.filter(volunteer=volunteer).delete()
    Invitation.objects.filter(volunteer=volunteer, joined_at__isnull=True).delete()
    for chosen in (volunteer.skills, volunteer.languages, volunteer.categories):
        chosen.clear()
    volunteer.availability, volunteer.insured_until, volunteer.insurance_note = [], None, ""
    volunteer.lon = volunteer.lat = volunteer.paused_until = None
    volunteer.left_at, volunteer.shares_phone = volunteer.left_at or clock.now(), False
    volunteer.save()
    events.publish(VolunteerLeft(volunteer_id=volunteer.pk))
    events.publish(VolunteerCounts(volunteer_id=volunteer.pk))


def erase_service(actor: Actor, person: Person, volunteer: Volunteer | None) -> None:
    """What was served stays as numbers; words about him, his papers and his numbers elsewhere go."""
    led = ServiceSession.objects.filter(opened_by=person).values("pk")
    by_him = Q(entered_by=person) | Q(subject_type=ServiceSession._meta.label, subject_id__in=led)
    ServiceRecord.objects.filter(by_him, in_charge=person.name).update(in_charge=ERASED_NAME)
    ServiceNote.objects.filter(Q(event__record__person=person) | Q(event__by=person)).delete()
    SkillProof.objects.filter(refused_by=person).exclude(refused_reason="").update(refused_reason="")
    if volunteer is None:
        return
    for proof in SkillProof.objects.filter(volunteer=volunteer):
        for picture in attachments.of(proof):
            attachments.remove(actor=actor, attachment=picture)
        proof.delete()
    ExternalId.objects.filter(volunteer=volunteer).delete()
    ProtectionCheck.objects.filter(volunteer=volunteer).exclude(note="").update(note="")


BY = {
    ServiceRecord: ("entered_by", "second_by", "corrected_by", "confirmed_by"),
    Attendance: ("in_by", "out_by", "seen_by"),
    SheetEntry: ("entered_by",),
    SkillProof: ("verified_by", "refused_by"),
    ProtectionCheck: ("checked_by",),
}
"""What is proven about a volunteer, and who else answers for it: never himself."""


def apart(kept: Person, double: Person) -> Iterable[str | Promise]:
    """Nobody answers for himself afterwards: what one of the two proved about the other stands in the way."""
    for model, names in BY.items():
        by = Q(*((name, kept) for name in names), _connector=Q.OR)
        if model._base_manager.filter(by, person=double).exists():
            yield _("这两份资料中的一份给另一份登记或核对过服务，不能合并，请联系系统管理员核对。")
            return


RIGHTS = people_actions.Rights(
    export=export,
    erase=erase,
    apart=apart,
    one_each={"volunteers.Volunteer": _("两份资料都登记过志愿服务，服务记录不能混在一起，请联系系统管理员核对。")},
)
