"""What this room gives a person of himself, for his copy of everything (PIPL art. 45, 民政部令第67号 art. 12)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext

from huying.kernel import clock
from huying.ledger import queries as ledger_queries
from huying.people import actions as people_actions
from huying.people.models import Person
from huying.volunteers.models import (
    Attendance,
    CampaignJoin,
    Certificate,
    ExternalId,
    Invitation,
    Membership,
    ProtectionCheck,
    ServiceNote,
    ServiceRecord,
    SheetEntry,
    SkillProof,
    Stay,
    Volunteer,
)
from huying.volunteers.states import LEDGER_OWNER, TOLD, InvitationState, slot_in_words

Section = people_actions.Section


def export(person: Person) -> Iterable[people_actions.Section]:
    """The volunteer's profile, teams, papers, visits, service and accounts."""
    yield profile(person)
    yield from around(person)
    yield from papers(person)
    yield from service(person)
    yield from accounts(person)


def section(code: str, title: str, rows: Iterable[Any], /, **columns: tuple[str, Any]) -> people_actions.Section:
    """A section of one row for each of ``rows``; a column is its heading and how a row gives its value."""
    told = [{name: value(row) for name, (_words, value) in columns.items()} for row in rows]
    return Section(code, title, told, {name: words for name, (words, _value) in columns.items()})


def profile(person: Person) -> people_actions.Section:
    """What he said of himself, and until when he is insured."""
    rows = Volunteer.objects.filter(person=person).select_related("base_place")
    return section(
        "volunteer",
        gettext("我的志愿登记"),
        rows.prefetch_related("skills", "languages", "categories"),
        place=(gettext("从哪里出发"), lambda row: row.base_place.name),
        skills=(gettext("会做什么"), lambda row: [one.name for one in row.skills.all()]),
        languages=(gettext("会说什么话"), lambda row: [one.name for one in row.languages.all()]),
        categories=(gettext("愿意做哪类服务"), lambda row: [one.name for one in row.categories.all()]),
        availability=(
            gettext("一周里什么时候方便"),
            lambda row: [slot_in_words(slot) for slot in row.availability],
        ),
        travel_km=(gettext("愿意去多远"), lambda row: row.travel_km),
        weekly_limit=(gettext("手上最多同时几件"), lambda row: row.weekly_limit),
        shares_phone=(gettext("让对方看到电话"), lambda row: row.shares_phone),
        insured_until=(gettext("保险有效到"), lambda row: row.insured_until),
        insurance_note=(gettext("保险说明"), lambda row: row.insurance_note),
        paused_until=(gettext("休息到"), lambda row: row.paused_until),
        joined_at=(gettext("登记时间"), lambda row: row.joined_at),
        left_at=(gettext("退出时间"), lambda row: row.left_at),
    )


def around(person: Person) -> Iterable[people_actions.Section]:
    """Earlier times, teams, campaigns, invitations, numbers in other systems."""
    yield section(
        "stays",
        gettext("以前的志愿登记"),
        Stay.objects.filter(volunteer__person=person).select_related("place").order_by("id"),
        place=(gettext("从哪里出发"), lambda row: row.place.name),
        joined_at=(gettext("登记时间"), lambda row: row.joined_at),
        left_at=(gettext("退出时间"), lambda row: row.left_at),
    )
    yield section(
        "teams",
        gettext("我的队伍"),
        Membership.objects.filter(volunteer__person=person).select_related("team").order_by("id"),
        team=(gettext("队伍"), lambda row: row.team.name),
        is_leader=(gettext("队长"), lambda row: row.is_leader),
        starts_at=(gettext("开始"), lambda row: row.starts_at),
        ends_at=(gettext("结束"), lambda row: row.ends_at),
    )
    yield section(
        "campaigns",
        gettext("我响应的招募"),
        CampaignJoin.objects.filter(volunteer__person=person).select_related("campaign__team").order_by("id"),
        title=(gettext("标题"), lambda row: row.campaign.title),
        team=(gettext("队伍"), lambda row: row.campaign.team.name),
        at=(gettext("时间"), lambda row: row.at),
    )
    yield section(
        "invitations",
        gettext("请我入队的邀请"),
        Invitation.objects.filter(volunteer__person=person).select_related("want__team").order_by("id"),
        team=(gettext("队伍"), lambda row: row.want.team.name),
        words=(gettext("队伍的话"), lambda row: row.want.words),
        at=(gettext("时间"), lambda row: row.invited_at),
        state=(gettext("状态"), lambda row: str(state_for_himself(row).label)),
    )
    yield section(
        "external_ids",
        gettext("其他系统的编号"),
        ExternalId.objects.filter(volunteer__person=person).order_by("id"),
        system=(gettext("哪个系统"), lambda row: row.system),
        value=(gettext("编号"), lambda row: row.value),
    )


def state_for_himself(row: Invitation) -> InvitationState:
    """What he put away is over for him, though open for everybody else."""
    return InvitationState.OVER if row.put_away else InvitationState(row.state)


def papers(person: Person) -> Iterable[people_actions.Section]:
    """Proofs of skills, checks for work with children, certificates."""
    until = gettext("有效到")
    yield section(
        "proofs",
        gettext("本领证明"),
        SkillProof.objects.filter(person=person).select_related("skill").order_by("id"),
        skill=(gettext("本领"), lambda row: row.skill.name),
        valid_until=(until, lambda row: row.valid_until),
        verified_at=(gettext("核对时间"), lambda row: row.verified_at),
        refused_at=(gettext("不通过的时间"), lambda row: row.refused_at),
        refused_reason=(gettext("不通过的理由"), lambda row: row.refused_reason),
    )
    yield section(
        "protection_checks",
        gettext("儿童保护核查"),
        ProtectionCheck.objects.filter(person=person).order_by("id"),
        passed=(gettext("核查通过"), lambda row: row.passed),
        checked_at=(gettext("核对时间"), lambda row: row.checked_at),
        valid_until=(until, lambda row: row.valid_until),
        note=(gettext("备注"), lambda row: row.note),
    )
    yield section(
        "certificates",
        gettext("服务证明"),
        Certificate.objects.filter(volunteer__person=person).order_by("id"),
        code=(gettext("证明编号"), lambda row: row.code),
        serial=(gettext("证明序号"), lambda row: row.numbered),
        since=(gettext("从哪天"), lambda row: row.since),
        until=(gettext("到哪天"), lambda row: row.until),
        minutes=(gettext("服务时长（分钟）"), lambda row: row.minutes),
        revoked_reason=(gettext("作废的理由"), lambda row: row.revoked_reason),
    )


def service(person: Person) -> Iterable[people_actions.Section]:
    """Records of service, words written with them, visits, and lines copied from paper."""
    yield section(
        "service",
        gettext("我的服务记录"),
        ServiceRecord.objects.filter(person=person).select_related("place", "category").order_by("id"),
        title=(gettext("活动名称"), lambda row: row.title),
        category=(gettext("服务类别"), lambda row: row.category.name if row.category else ""),
        starts_at=(gettext("开始"), lambda row: row.starts_at),
        ends_at=(gettext("结束"), lambda row: row.ends_at),
        minutes=(gettext("服务时长（分钟）"), lambda row: row.minutes),
        place=(gettext("地点"), lambda row: row.place.name),
        content=(gettext("服务内容"), lambda row: row.content),
        host=(gettext("活动组织单位"), lambda row: row.host),
        in_charge=(gettext("活动负责人"), lambda row: row.in_charge),
        evidence=(gettext("证明方式"), lambda row: row.get_evidence_display()),
        state=(gettext("状态"), lambda row: row.get_state_display()),
    )
    yield section(
        "service_words",
        gettext("服务记录里的话"),
        ServiceNote.objects.filter(event__record__person=person).select_related("event__record").order_by("id"),
        title=(gettext("活动名称"), lambda row: row.event.record.title),
        step=(gettext("哪一步"), lambda row: str(TOLD[row.event.verb])),
        at=(gettext("时间"), lambda row: row.event.at),
        words=(gettext("内容"), lambda row: row.text),
    )
    yield section(
        "attendances",
        gettext("我的签到"),
        Attendance.objects.filter(person=person).select_related("session").order_by("id"),
        title=(gettext("活动名称"), lambda row: row.session.title),
        in_at=(gettext("签到"), lambda row: row.in_at),
        in_way=(gettext("怎样签到"), lambda row: row.get_in_way_display()),
        out_at=(gettext("签退"), lambda row: row.out_at),
        out_way=(gettext("怎样签退"), lambda row: row.get_out_way_display()),
    )
    yield section(
        "sheet_lines",
        gettext("从纸表抄录的"),
        SheetEntry.objects.filter(person=person).select_related("session").order_by("id"),
        title=(gettext("活动名称"), lambda row: row.session.title),
        starts_at=(gettext("开始"), lambda row: row.starts_at),
        ends_at=(gettext("结束"), lambda row: row.ends_at),
    )


def accounts(person: Person) -> Iterable[people_actions.Section]:
    """Every line of his accounts in the ledger, of whatever asset."""
    until = clock.now() + timedelta(seconds=1)
    lines = [
        (account, line)
        for account in ledger_queries.accounts_of(LEDGER_OWNER, person.pk)
        for line in ledger_queries.all_lines(account, account.opened_at, until)
    ]
    yield section(
        "ledger",
        gettext("我的账本"),
        lines,
        asset=(gettext("种类"), lambda pair: pair[0].asset.name),
        at=(gettext("时间"), lambda pair: pair[1].transfer.recorded_at),
        amount=(gettext("增减"), lambda pair: pair[1].amount),
        balance=(gettext("余额"), lambda pair: pair[1].balance),
        reason=(gettext("事由"), lambda pair: pair[1].transfer.reason),
    )
