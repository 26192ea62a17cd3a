"""The life of a record of service as a table, and the words that are decided once. Stored codes are never renamed.

Sources: 民政部令第67号 art. 7, 11-15; 志愿服务条例 art. 19; domain.md section 2.1; peers.md 2.11-3 (evidence classes).
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class RecordState(TextChoices):
    """Where a record stands; only confirmed hours (and those being corrected) stand in the ledger."""

    SUBMITTED = "submitted", _("待确认")
    RETURNED = "returned", _("已退回")
    CONFIRMED = "confirmed", _("已确认")
    CORRECTING = "correcting", _("更正待复核")
    WITHDRAWN = "withdrawn", _("已撤销")


class Evidence(TextChoices):
    """How well the hours are proven; printed on every certificate."""

    A = "A", _("组织者当场确认到场")
    B = "B", _("本人自行签到")
    C = "C", _("两人分别登记的纸表")


class Way(TextChoices):
    """How somebody came in or went out."""

    SCREEN = "screen", _("扫现场屏幕码")
    PAPER = "paper", _("扫张贴的纸码")
    ROLL = "roll", _("队长点名")


class Approval(TextChoices):
    """Whose word a long day needs, beside the usual second person."""

    NONE = "", _("一位确认人")
    LEADER = "leader", _("队长或站点写明理由")
    OFFICE = "office", _("实践所或中心写明理由")


class SessionState(TextChoices):
    """A time and place at which people sign in and out."""

    OPEN = "open", _("进行中")
    CLOSED = "closed", _("已结束")


class Measure(TextChoices):
    """Three counts of people that are never added up (S2-3e.2: 900,000 registered, 187,700 recruited), and teams."""

    REGISTERED = "registered", _("注册志愿者")
    RECRUITED = "recruited", _("招募入队志愿者")
    ACTIVE = "active", _("活跃志愿者")
    TEAMS = "teams", _("志愿服务队")


@dataclass(frozen=True, slots=True)
class Transition:
    """From which states, to which, by whom, and what must be given.

    ``by``: maker (who runs the session or keeps the place), checker (may confirm, and is neither the maker nor the
    volunteer). ``needs``: names of values that may not be empty.
    """

    from_: frozenset[RecordState]
    to: RecordState
    by: str
    label: Promise
    needs: tuple[str, ...] = ()
    tone: str = "plain"


def _t(from_: str, to: RecordState, by: str, label: Promise, needs: str = "", tone: str = "plain") -> Transition:
    states = frozenset(RecordState(code) for code in from_.split())
    return Transition(states, to, by, label, tuple(needs.split()), tone)


TRANSITIONS: dict[str, Transition] = {
    "confirm": _t("submitted", RecordState.CONFIRMED, "checker", _("确认"), tone="primary"),
    "give_back": _t("submitted", RecordState.RETURNED, "checker", _("退回"), "reason", "danger"),
    "resubmit": _t("returned", RecordState.SUBMITTED, "maker", _("改好再交"), "reason", "primary"),
    "withdraw": _t("submitted returned", RecordState.WITHDRAWN, "maker", _("撤销"), "reason", "danger"),
    "correct": _t("confirmed", RecordState.CORRECTING, "maker", _("申请更正"), "reason"),
    "accept": _t("correcting", RecordState.CONFIRMED, "checker", _("同意更正"), tone="primary"),
    "keep": _t("correcting", RecordState.CONFIRMED, "checker", _("不更正"), "reason"),
}
"""A correction that takes all hours away ends in ``withdrawn`` when it is accepted; hours change only by two people."""

LIVE_RECORDS = frozenset({RecordState.SUBMITTED, RecordState.RETURNED, RecordState.CONFIRMED, RecordState.CORRECTING})
"""Records that hold their time: no other record of the same person may overlap it."""
COUNTED = frozenset({RecordState.CONFIRMED, RecordState.CORRECTING})
"""Records whose minutes stand in the ledger."""

TOLD: dict[str, Promise] = {
    "submit": _("登记"),
    "confirm": _("确认，计入时长"),
    "give_back": _("退回"),
    "resubmit": _("改好再交"),
    "withdraw": _("撤销"),
    "correct": _("申请更正"),
    "accept": _("同意更正"),
    "keep": _("不更正"),
    "object": _("本人提出异议"),
}

WORKING_DAYS_TO_RECORD = 10
"""民政部令第67号 art. 11: service is recorded within ten working days after its end; later ones are marked."""
LONGEST = 24 * 60
"""Minutes of one record: nobody serves longer without a break."""
STEP_SECONDS = 15
"""How long one code of the screen lives; the one before and the one after are accepted too (security 4, no. 1)."""
TICKET_SECONDS = 120
"""From reading a code to pressing the button: time for large fingers, too little to pass it on (security 4, no. 2)."""
EXPIRY_NOTICE_DAYS = 30
"""How long before a paper, a check or an insurance ends the volunteer hears of it."""
MINUTES, LEDGER_OWNER = "minutes", "people.Person"
"""The asset of the ledger that service is counted in, and the type of those who own it."""

CREDITED: dict[str, Promise] = {"service": _("志愿服务时长"), "correction": _("更正服务记录")}
"""Why minutes move in the ledger: the codes that stand there for ever, and how they are read."""

SLOTS = 21
"""Seven days in three parts each: when somebody usually has time."""
PARTS = (_("上午"), _("下午"), _("晚上"))
WEEK = (_("周一"), _("周二"), _("周三"), _("周四"), _("周五"), _("周六"), _("周日"))


def slot_in_words(slot: int) -> str:
    """4 -> 周二 下午."""
    return f"{WEEK[slot // len(PARTS)]} {PARTS[slot % len(PARTS)]}"


ACTIVE_FOR_DAYS = 365
"""Active: at least one confirmed service that ended within a year."""


class WantState(TextChoices):
    """Whether a team still looks for people."""

    OPEN = "open", _("正在要人")
    FILLED = "filled", _("已经要齐")
    WITHDRAWN = "withdrawn", _("已经撤回")
    OVER = "over", _("到期结束")


class InvitationState(TextChoices):
    """Asked, joined, or over: by the clock, because the want was filled or withdrawn, or after a no. All of that is one."""

    OPEN = "open", _("等答复")
    JOINED = "joined", _("已入队")
    OVER = "over", _("已结束")


class AllocationState(TextChoices):
    """A plan for all wants of a centre."""

    MAKING = "making", _("正在算")
    READY = "ready", _("待确认")
    CONFIRMED = "confirmed", _("已发出邀请")
    DROPPED = "dropped", _("已放弃")


LIVE_ALLOCATIONS = frozenset({AllocationState.MAKING, AllocationState.READY})
"""One of these at a place at a time."""
WANT_LACKS: dict[str, Promise] = {
    "skill": _("没有还能问的人登记过（并核对过）需要的本领"),
    "distance": _("会做的人都不愿意去这么远"),
    "time": _("会做、离得近的人，这些时段都没有空"),
    "taken": _("合适的人都安排给了别的队伍"),
    "many": _("这次要的本领种类太多，先算前面的，确认后再算一次"),
}
"""Why nobody could be proposed for a want: the rule that binds. Others cannot bind here."""
SERVED_WITHIN_DAYS = 30
"""Who served or joined least comes first: confirmed services that ended within so many days count."""
