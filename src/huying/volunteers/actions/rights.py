"""What this room keeps about a person, and how it forgets him."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from huying.kernel import attachments, clock, events
from huying.kernel.actor import Actor
from huying.people import actions as people_actions
from huying.people.actions.rights import ERASED_NAME
from huying.people.models import Person
from huying.volunteers import rules
from huying.volunteers.actions.joining import VolunteerLeft
from huying.volunteers.actions.teams import end
from huying.volunteers.models import (
    Attendance,
    Certificate,
    ExternalId,
    Membership,
    ProtectionCheck,
    ServiceNote,
    ServiceRecord,
    ServiceSession,
    SheetEntry,
    SkillProof,
    Volunteer,
)


def export(person: Person) -> Iterable[people_actions.Section]:
    """The volunteer's profile and his teams, for his copy of everything."""
    names = {
        "place": gettext("从哪里出发"),
        "skills": gettext("会做什么"),
        "travel_km": gettext("愿意去多远"),
        "shares_phone": gettext("让对方看到电话"),
        "joined_at": gettext("登记时间"),
        "left_at": gettext("退出时间"),
        "team": gettext("队伍"),
        "is_leader": gettext("队长"),
    }
    rows = [
        {
            "place": one.base_place.name,
            "skills": [skill.name for skill in one.skills.all()],
            "travel_km": one.travel_km,
            "shares_phone": one.shares_phone,
            "joined_at": one.joined_at,
            "left_at": one.left_at,
        }
        for one in Volunteer.objects.filter(person=person).select_related("base_place").prefetch_related("skills")
    ]
    yield people_actions.Section("volunteer", gettext("我的志愿登记"), rows, names)
    teams = Membership.objects.filter(volunteer__person=person).select_related("team").order_by("id")
    mine = [
        {"team": one.team.name, "is_leader": one.is_leader, "starts_at": one.starts_at, "ends_at": one.ends_at}
        for one in teams
    ]
    yield people_actions.Section("teams", gettext("我的队伍"), mine, names)
    yield from export_service(person)


def erase(actor: Actor, person: Person) -> None:
    """Who is forgotten volunteers no more; that somebody served stays, ten years and without a face (GB/T 40143)."""
    volunteer = Volunteer.objects.filter(person=person).first()
    erase_service(actor, person, volunteer)
    if volunteer is None:
        return
    for membership in Membership.objects.filter(rules.PRESENT, volunteer=volunteer):
        end(membership)
    for chosen in (volunteer.skills, volunteer.languages, volunteer.categories):
        chosen.clear()
    volunteer.availability, volunteer.insured_until, volunteer.insurance_note = [], None, ""
    volunteer.lon = volunteer.lat = volunteer.paused_until = None
    volunteer.left_at, volunteer.shares_phone = volunteer.left_at or clock.now(), False
    volunteer.save()
    events.publish(VolunteerLeft(volunteer_id=volunteer.pk))


def export_service(person: Person) -> Iterable[people_actions.Section]:
    """His service, certificates and papers, for his copy of everything (民政部令第67号 art. 12)."""
    names = {
        "title": gettext("活动名称"),
        "starts_at": gettext("开始"),
        "ends_at": gettext("结束"),
        "minutes": gettext("服务时长（分钟）"),
        "place": gettext("地点"),
        "content": gettext("服务内容"),
        "host": gettext("活动组织单位"),
        "in_charge": gettext("活动负责人"),
        "evidence": gettext("证明方式"),
        "state": gettext("状态"),
    }
    records = ServiceRecord.objects.filter(person=person).select_related("place").order_by("id")
    rows = [
        {name: getattr(one, name) for name in names if name not in {"place", "state", "evidence"}}
        | {"place": one.place.name, "state": one.get_state_display(), "evidence": one.get_evidence_display()}
        for one in records
    ]
    yield people_actions.Section("service", gettext("我的服务记录"), rows, names)
    papers = Certificate.objects.filter(volunteer__person=person).order_by("id")
    given = [{"code": one.code, "since": one.since, "until": one.until, "minutes": one.minutes} for one in papers]
    words = {
        "code": gettext("证明编号"),
        "since": gettext("从哪天"),
        "until": gettext("到哪天"),
        "minutes": names["minutes"],
    }
    yield people_actions.Section("certificates", gettext("服务证明"), given, words)
    proofs = SkillProof.objects.filter(person=person).select_related("skill").order_by("id")
    shown = [
        {"skill": one.skill.name, "valid_until": one.valid_until, "verified_at": one.verified_at} for one in proofs
    ]
    told = {"skill": gettext("本领"), "valid_until": gettext("有效到"), "verified_at": gettext("核对时间")}
    yield people_actions.Section("proofs", gettext("本领证明"), shown, told)


def erase_service(actor: Actor, person: Person, volunteer: Volunteer | None) -> None:
    """What was served stays as numbers; words about him, his papers and his numbers elsewhere go."""
    led = ServiceSession.objects.filter(opened_by=person).values("pk")
    by_him = Q(entered_by=person) | Q(subject_type=ServiceSession._meta.label, subject_id__in=led)
    ServiceRecord.objects.filter(by_him, in_charge=person.name).update(in_charge=ERASED_NAME)
    ServiceNote.objects.filter(Q(event__record__person=person) | Q(event__by=person)).delete()
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
    Attendance: ("in_by", "out_by"),
    SheetEntry: ("entered_by",),
    SkillProof: ("verified_by",),
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
