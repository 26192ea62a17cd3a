"""Words that are decided once: kinds of roles, who may hand out what, limits. Stored codes never change."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class RoleKind(TextChoices):
    """What somebody is at a place. A role reaches the whole subtree of its place."""

    RESIDENT = "resident", _("居民")
    VOLUNTEER = "volunteer", _("志愿者")
    TEAM_LEADER = "team_leader", _("志愿队队长")
    GRID_WORKER = "grid_worker", _("网格员")
    STATION_KEEPER = "station_keeper", _("实践站管理员")
    OFFICE = "office", _("实践所工作人员")
    DISPATCHER = "dispatcher", _("实践中心调度员")
    INSPECTOR = "inspector", _("督查员")
    AUDITOR = "auditor", _("审核员")
    ADMINISTRATOR = "administrator", _("业务管理员")
    SYSTEM_ADMIN = "system_admin", _("系统管理员")
    SECURITY_ADMIN = "security_admin", _("安全管理员")
    AUDIT_ADMIN = "audit_admin", _("审计管理员")


# Three administrations in three pairs of hands (GB/T 22239-2019 8.1.4): nobody holds two of them.
SEPARATED = (RoleKind.SYSTEM_ADMIN, RoleKind.SECURITY_ADMIN, RoleKind.AUDIT_ADMIN)

STAFF = (
    RoleKind.GRID_WORKER,
    RoleKind.STATION_KEEPER,
    RoleKind.OFFICE,
    RoleKind.DISPATCHER,
    RoleKind.INSPECTOR,
    RoleKind.AUDITOR,
    RoleKind.ADMINISTRATOR,
    *SEPARATED,
)

# Who meets residents and may therefore see, add and act for persons of his places (least data: K05).
CARE_STAFF = (
    RoleKind.GRID_WORKER,
    RoleKind.STATION_KEEPER,
    RoleKind.OFFICE,
    RoleKind.DISPATCHER,
    RoleKind.ADMINISTRATOR,
)

_BUSINESS = (
    RoleKind.RESIDENT,
    RoleKind.VOLUNTEER,
    RoleKind.TEAM_LEADER,
    RoleKind.GRID_WORKER,
    RoleKind.STATION_KEEPER,
    RoleKind.OFFICE,
    RoleKind.DISPATCHER,
)

# Who may hand out which roles alone, inside his own places. Everything that is not here takes two people.
GRANTS: dict[RoleKind, tuple[RoleKind, ...]] = {
    RoleKind.STATION_KEEPER: (RoleKind.RESIDENT, RoleKind.VOLUNTEER, RoleKind.TEAM_LEADER),
    RoleKind.OFFICE: (RoleKind.RESIDENT, RoleKind.VOLUNTEER, RoleKind.TEAM_LEADER, RoleKind.GRID_WORKER),
    RoleKind.ADMINISTRATOR: _BUSINESS,
    RoleKind.SECURITY_ADMIN: _BUSINESS,
}

# Roles that take two people: one proposes, another of a different administration agrees.
TWO_PEOPLE = (RoleKind.INSPECTOR, RoleKind.AUDITOR, RoleKind.ADMINISTRATOR, *SEPARATED)

# A holder may lend these to somebody else for some days; oversight and administration cannot be lent.
LENDABLE = (
    RoleKind.TEAM_LEADER,
    RoleKind.GRID_WORKER,
    RoleKind.STATION_KEEPER,
    RoleKind.OFFICE,
    RoleKind.DISPATCHER,
)


class Sex(TextChoices):
    """GB/T 2261.1 in words."""

    UNKNOWN = "", _("未说明")
    MALE = "male", _("男")
    FEMALE = "female", _("女")


class Tie(TextChoices):
    """Why one person may act for another."""

    PARENT = "parent", _("父母")
    GUARDIAN = "guardian", _("其他监护人")
    ENTRUSTED = "entrusted", _("受托家人")


class Proposal(TextChoices):
    """Where a proposal for a two-person role stands."""

    WAITING = "waiting", _("等待另一人同意")
    AGREED = "agreed", _("已同意")
    REFUSED = "refused", _("未同意")


class CodePurpose(TextChoices):
    """What a one-time code opens."""

    SIGN_IN = "sign_in", _("登录或注册")
    PHONE = "phone", _("更换手机号")


class Texting(TextChoices):
    """The life of one text message in the outbox."""

    QUEUED = "queued", _("等待发送")
    SENT = "sent", _("已发送")
    DROPPED = "dropped", _("未发送")


@dataclass(frozen=True)
class PersonMoved:
    """Somebody belongs to another place than before."""

    person_id: int


# ── limits ──────────────────────────────────────────────────────────────────
CHILD_UNTIL = 14  # under 14: a guardian decides (PIPL art. 31)
ADULT_FROM = 18  # 14 to 17: the guardian is told (domain section 7, no. 8)
CHILD_ACTIVITY, YOUTH_SERVICE = "child_activity", "youth_service"
"""Purposes a guardian agrees to: others sign his child up; somebody of 14 to 17 serves where it is risky."""
FAMILY_MOST = 12  # ties of one person, and new ones a day
CODE_LIFE = timedelta(minutes=5)
CODE_TRIES = 5
NOTICES_KEPT = timedelta(days=365)
STAFF_IDLE = timedelta(minutes=30)
STAFF_DAY = timedelta(hours=12)  # the longest session of staff
HALF_FOR = timedelta(minutes=10)  # between the first and the second factor
PROOF_FOR = timedelta(minutes=30)  # from the right code to the finished registration
QUIET_FROM, QUIET_UNTIL = "21:30", "07:30"
