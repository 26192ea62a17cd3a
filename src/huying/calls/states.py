"""The life of a call as a table: buttons, API, history, the diagram in the docs and the tests all come from here.

Source: domain.md section 1 (点单—审单—派单—接单—评单), requirement S0-3a, S2-7b. Stored codes are never renamed.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class State(TextChoices):
    DRAFT = "draft", _("草稿")
    SUBMITTED = "submitted", _("待受理")
    REVIEWING = "reviewing", _("受理中")
    NEED_INFO = "need_info", _("待补充")
    REJECTED = "rejected", _("不予受理")
    POOLED = "pooled", _("待派单")
    DISPATCHED = "dispatched", _("待接单")
    ACCEPTED = "accepted", _("已接单")
    SCHEDULED = "scheduled", _("已约定")
    SERVING = "serving", _("服务中")
    DELIVERED = "delivered", _("待评价")
    RATED = "rated", _("已评价")
    AUTO_RATED = "auto_rated", _("未评价")
    CLOSED = "closed", _("已办结")
    SUSPENDED = "suspended", _("缓办")
    CANCELLED = "cancelled", _("已取消")
    TRANSFERRED = "transferred", _("已转办")


class Level(TextChoices):
    """Who holds the call now; silence moves it up (一呼百应: station, office, centre)."""

    STATION = "station", _("站")
    OFFICE = "office", _("所")
    CENTRE = "centre", _("中心")


class Channel(TextChoices):
    WEB = "web", _("网上")
    PHONE = "phone", _("电话")
    PROXY = "proxy", _("代办")
    API = "api", _("接口")
    OPEN311 = "open311", _("Open311")
    HOTLINE = "hotline", _("热线工单")


class ReachedBy(TextChoices):
    """How the person served hears of the call; not everybody has a telephone (domain 7, safeguard 17)."""

    PHONE = "phone", _("打本人电话")
    WORKER = "worker", _("网格员上门告诉")
    NEIGHBOUR = "neighbour", _("请邻居、家人转告")
    SLIP = "slip", _("凭纸条来问")
    HOTLINE = "hotline", _("经热线转告")


class Decision(TextChoices):
    """What was decided about a ticket of the hotline."""

    NEW = "new", _("新建")
    SAME = "same", _("同一件事")
    SKIP = "skip", _("不收")


class OfferState(TextChoices):
    OFFERED = "offered", _("等待答复")
    ACCEPTED = "accepted", _("已接单")
    DECLINED = "declined", _("已谢绝")
    EXPIRED = "expired", _("已过时")
    WITHDRAWN = "withdrawn", _("已撤回")
    HANDED_BACK = "handed_back", _("已退回")
    DONE = "done", _("已完成")
    RESERVE = "reserve", _("候补")


class Asks(TextChoices):
    """Whom a ring of the widening asks (一呼百应, S0-3a); each ring asks those whom the rings before did not."""

    AROUND = "around", _("附近的人和队伍，从近到远")
    OWN = "own", _("本站的人和队伍")
    OFFICE = "office", _("本所的人和队伍")
    CENTRE = "centre", _("中心直属的人和队伍")
    PARTNERS = "partners", _("共建单位")
    NEIGHBOURS = "neighbours", _("邻近的镇街")
    DUTY = "duty", _("值班队伍兜底")


class ProposalState(TextChoices):
    """The life of a proposal for all open calls of a place."""

    MAKING = "making", _("正在计算")
    READY = "ready", _("待确认")
    SENDING = "sending", _("正在派出")
    SENT = "sent", _("已派出")
    DROPPED = "dropped", _("已放弃")


LIVE_PROPOSALS = frozenset({ProposalState.MAKING, ProposalState.READY, ProposalState.SENDING})


class LineState(TextChoices):
    """What becomes of one line of a proposal."""

    PROPOSED = "proposed", _("待派出")
    LOCKED = "locked", _("已锁定")
    DROPPED = "dropped", _("不派")
    SENT = "sent", _("已派出")
    STALE = "stale", _("没有派成")


TROUBLES = {
    "call_changed": _("这件求助已经有人接，或不再待派"),
    "step_refused": _("这件求助已经有人接，或不再待派"),
    "asked_meanwhile": _("这件求助算好之后已经问了别人，人数够了"),
    "step_forbidden": _("确认的人已经不管这件求助"),
    "helper_taken": _("对方刚刚收到另一件求助"),
    "already_asked": _("对方已经被问过这件求助"),
    "wrong_answerer": _("对方现在不能接这一类求助（休息、检查或保险不齐）"),
}
"""Why a line of a confirmed proposal went no further."""
LACKS = {
    "skill": _("没有还能问的人登记过需要的技能和检查"),
    "distance": _("会做的人都离得太远"),
    "language": _("会做的人都不会说求助人要的话"),
    "preference": _("附近只有这一类不能接的队伍或个人"),
    "time": _("会做的人那个时段都没有空"),
    "load": _("会做的人手上都满了"),
    "rest": _("会做的人刚服务完，还在休息"),
    "taken": _("会做的人都派给了更合适的求助"),
    "cost": _("剩下的人都太远，不如等一等"),
    "position": _("求助和所在的地方都没有位置，算不出远近"),
}
"""Why nobody could be proposed: the rule that binds."""


class Stage(TextChoices):
    """What a clock measures."""

    REVIEW = "review", _("受理")
    DISPATCH = "dispatch", _("派单")
    ANSWER = "answer", _("接单")
    SCHEDULE = "schedule", _("约定时间")
    DELIVER = "deliver", _("上门服务")
    RATE = "rate", _("评价")
    TO_OFFICE = "to_office", _("无人接单，升到所")
    TO_CENTRE = "to_centre", _("无人接单，升到中心")
    URGE = "urge", _("两次催办之间")


class Excuse(TextChoices):
    """Why a team may say no and loses nothing by it in its score (domain.md section 1; 志愿服务条例 art. 15, 25)."""

    WEATHER = "weather", _("天气不允许")
    LICENCE = "licence", _("没有所需的资质")
    SAFETY = "safety", _("不安全")
    CAPACITY = "capacity", _("人手排满了")


class Outcome(TextChoices):
    """How a call-back went; who was not reached may be tried again."""

    WAITING = "waiting", _("等回访")
    ANSWERED = "answered", _("已答复")
    UNREACHED = "unreached", _("没联系上")
    REFUSED = "refused", _("不愿答复")


class Ground(TextChoices):
    """Why a claim may be left out of the shares (domain.md section 2.3)."""

    UNREASONABLE = "unreasonable", _("诉求不合理")
    ILLEGAL = "illegal", _("诉求不合法")


class ExclusionState(TextChoices):
    """How a claim is left out of the shares: proposed by one person, decided by another, undone when it was wrong."""

    PROPOSED = "proposed", _("待复核")
    IN_FORCE = "in_force", _("已剔除")
    REFUSED = "refused", _("复核不同意")
    WITHDRAWN = "withdrawn", _("已收回")
    UNDONE = "undone", _("已恢复计入")


LIVE_EXCLUSIONS = frozenset({ExclusionState.PROPOSED, ExclusionState.IN_FORCE})


class Target(TextChoices):
    """Where a call may be handed on; emergencies come first."""

    POLICE = "110", _("110 报警")
    FIRE = "119", _("119 火警")
    MEDICAL = "120", _("120 急救")
    HOTLINE = "12345", _("12345 热线")
    PETITION = "petition", _("信访")


EMERGENCIES = (Target.MEDICAL, Target.FIRE, Target.POLICE, Target.HOTLINE)
"""Numbers shown first where it is urgent, in this order everywhere (issue H1, item 6; domain.md section 1)."""
DANGER: dict[Target, str] = {
    Target.MEDICAL: "晕倒|昏倒|昏迷|胸痛|胸口疼|喘不上气|喘不过气|大出血|流血不止|抽搐|中毒|中风|溺水|触电|自杀|轻生",
    Target.FIRE: "着火|起火|火灾|冒烟|烧起来|漏煤气|煤气漏|燃气泄漏|煤气味|爆炸|被困",
    Target.POLICE: "打人|被打|家暴|抢劫|入室|小偷|持刀|威胁|走失|走丢|失踪|诈骗",
}
"""Words that may mean danger. Finding one only shows the number earlier; nothing is decided by it."""


@dataclass(frozen=True, slots=True)
class Transition:
    """From which states, to which, by whom, and what must be given.

    ``by``: requester (the person served or who asked for them), staff (on duty at the place), helper (who accepted),
    coming (of these who has not come yet), there (who has come and not left), last (the one who may say that it is done: the only
    helper, in a call of many whoever came when nobody else is there), raiser (on duty at the place that raised it), offered (who
    was asked), system (a clock). ``needs``: names of values that may not be empty.
    """

    from_: frozenset[State]
    to: State
    by: frozenset[str]
    label: Promise
    needs: tuple[str, ...] = ()
    tone: str = "plain"


def _t(from_: str, to: State, by: str, label: Promise, needs: str = "", tone: str = "plain") -> Transition:
    states = frozenset(State(code) for code in from_.split())
    return Transition(states, to, frozenset(by.split()), label, tuple(needs.split()), tone)


WAITING = "submitted reviewing need_info"
HELD = "accepted scheduled serving"
OPEN = f"{WAITING} pooled dispatched {HELD} suspended"
MAX_REOPENED = 2
REOPEN_DAYS = 7

TRANSITIONS: dict[str, Transition] = {
    "submit": _t("draft", State.SUBMITTED, "requester staff", _("提交"), tone="primary"),
    "review": _t("submitted", State.REVIEWING, "staff", _("受理"), tone="primary"),
    "ask_info": _t("submitted reviewing", State.NEED_INFO, "staff", _("请对方补充"), "note"),
    "give_info": _t("need_info", State.REVIEWING, "requester staff", _("补充说明"), "note", "primary"),
    "reject": _t("submitted reviewing need_info", State.REJECTED, "staff", _("不予受理"), "reason", "danger"),
    "pool": _t("submitted reviewing", State.POOLED, "staff", _("放入待派"), tone="primary"),
    "dispatch": _t(
        "submitted reviewing pooled dispatched", State.DISPATCHED, "staff system", _("派单"), tone="primary"
    ),
    "claim": _t("pooled", State.ACCEPTED, "volunteer", _("我来接"), tone="primary"),
    "accept": _t("dispatched", State.ACCEPTED, "offered", _("接单"), tone="primary"),
    "bind": _t("submitted reviewing pooled dispatched", State.ACCEPTED, "system", _("值班队伍兜底")),
    "seek_on": _t("dispatched", State.POOLED, "system", _("还差人，接着找")),
    "seek_more": _t(HELD, State.DISPATCHED, "staff", _("再找几个人"), "people"),
    "time_up": _t("pooled dispatched", State.POOLED, "system", _("时间已过，不再找")),
    "enough": _t("pooled dispatched", State.ACCEPTED, "staff", _("人够了，不再找")),
    "decline": _t("dispatched", State.POOLED, "offered", _("这次不方便")),
    "expire": _t("dispatched", State.POOLED, "system", _("没有接上，收回")),
    "recall": _t("dispatched", State.POOLED, "staff", _("撤回派单"), "reason"),
    "hand_back": _t(f"pooled dispatched {HELD}", State.POOLED, "helper", _("退回"), "reason"),
    "schedule": _t("accepted scheduled", State.SCHEDULED, "helper staff", _("约定时间"), "at", "primary"),
    "start": _t("accepted scheduled", State.SERVING, "helper", _("开始服务"), tone="primary"),
    "arrive": _t("pooled dispatched serving", State.SERVING, "coming", _("我到了"), tone="primary"),
    "leave": _t("pooled dispatched accepted scheduled serving", State.SERVING, "there", _("我先走了")),
    "deliver": _t("serving", State.DELIVERED, "last raiser", _("服务完成"), "note", "primary"),
    "rate": _t("delivered", State.RATED, "requester", _("评价"), "score", "primary"),
    "auto_rate": _t("delivered", State.AUTO_RATED, "system", _("到期未评价")),
    "close": _t("rated auto_rated", State.CLOSED, "system", _("办结")),
    "reopen": _t("delivered closed", State.REVIEWING, "requester", _("没解决，请再办"), "reason"),
    "suspend": _t(f"{WAITING} pooled dispatched accepted scheduled", State.SUSPENDED, "staff", _("缓办"), "reason"),
    "resume": _t("suspended", State.POOLED, "staff", _("恢复办理"), tone="primary"),
    "cancel": _t(
        "draft submitted reviewing need_info pooled dispatched accepted scheduled suspended",
        State.CANCELLED,
        "requester staff",
        _("取消求助"),
        "reason",
        "danger",
    ),
    "transfer": _t(OPEN, State.TRANSFERRED, "staff", _("转办"), "target", "danger"),
}

COLUMNS: dict[str, tuple[Promise, str, frozenset[State]]] = {
    "review": (_("待受理"), "kaki", frozenset({State.SUBMITTED, State.REVIEWING, State.NEED_INFO})),
    "dispatch": (_("待派单"), "gui", frozenset({State.POOLED, State.DISPATCHED})),
    "serving": (_("服务中"), "pine", frozenset({State.ACCEPTED, State.SCHEDULED, State.SERVING})),
    "rating": (_("待回访"), "dai", frozenset({State.DELIVERED})),
}
SORTABLE = frozenset({State.SUBMITTED, State.REVIEWING, State.NEED_INFO, State.POOLED})
"""Nobody was asked yet: staff may still put the call under another line of the menu."""
OPEN_STATES = frozenset(State(code) for code in OPEN.split())
ENDED_STATES = frozenset({State.CLOSED, State.REJECTED, State.CANCELLED, State.TRANSFERRED})
LIVE_OFFERS = frozenset({OfferState.OFFERED, OfferState.ACCEPTED})
SEEKING = frozenset({State.POOLED, State.DISPATCHED})
"""Helpers are looked for: the rings of the widening run."""
UNIT = "unit"
"""Code of the kind of team that work units are (单位志愿服务队): organisations, which owe an answer."""
BY_SLIP = "slip"
"""Channel of what is done with the code of a paper slip."""
NAMELESS = "未留姓名的求助人"
"""The name of a person who left none."""
HELD_STATES = frozenset(State(code) for code in HELD.split())
MANY = 5
"""From more than so many seats on a call is a large one: its asker is told when it is filled, not of each who comes."""
EDGES = frozenset((verb, from_, t.to) for verb, t in TRANSITIONS.items() for from_ in t.from_)


def told(state: str) -> State:
    """The state as whoever is not on duty is told: that somebody is looked for, not whether somebody is asked at the
    moment. The way back from asked to looked for is the moment of a no (decision 0021).
    """
    return State.POOLED if state == State.DISPATCHED else State(state)


STAGE_OF: dict[State, Stage] = {
    State.SUBMITTED: Stage.REVIEW,
    State.REVIEWING: Stage.REVIEW,
    State.POOLED: Stage.DISPATCH,
    State.DISPATCHED: Stage.ANSWER,
    State.ACCEPTED: Stage.SCHEDULE,
    State.SCHEDULED: Stage.DELIVER,
    State.SERVING: Stage.DELIVER,
    State.DELIVERED: Stage.RATE,
}
"""Which clock runs in which state; states that are missing have no clock (paused or ended)."""
PAUSED = frozenset({State.NEED_INFO, State.SUSPENDED})
"""The clock stands still, and goes on where it stood."""
WAITING_FOR_HELP = frozenset({State.SUBMITTED, State.REVIEWING, State.POOLED, State.DISPATCHED})
"""Nobody has said yes, or not enough: the ladder below counts."""
HELPED = frozenset({State.ACCEPTED, State.SCHEDULED, State.SERVING})
"""Somebody has said yes and holds the call now."""
URGEABLE = WAITING_FOR_HELP | HELPED
"""Somebody of ours is to act: only then there is somebody to urge (催办)."""
NEXT_LEVEL = {Level.STATION: Level.OFFICE, Level.OFFICE: Level.CENTRE, Level.CENTRE: Level.CENTRE}
LADDER = {Level.OFFICE: Stage.TO_OFFICE, Level.CENTRE: Stage.TO_CENTRE}
"""By which clock a call without help reaches a level, counted from the first asking (domain.md section 1: 48 h, 72 h)."""
REFUSALS_TO_LIFT = 2
"""So many declined or expired offers bring a call to the office (domain.md section 1)."""

TOLD: dict[str, Promise] = {
    "draft": _("写下草稿"),
    "submit": _("提交求助"),
    "review": _("已受理"),
    "ask_info": _("请求助人补充"),
    "give_info": _("已补充说明"),
    "reject": _("不予受理"),
    "pool": _("正在找人"),
    "dispatch": _("已派单，等待答复"),
    "claim": _("{who} 主动接单"),
    "accept": _("{who} 接单"),
    "bind": _("{who} 值班兜底，接单"),
    "seek_on": _("还差人，接着找"),
    "seek_more": _("再找人，一共要 {people} 人"),
    "time_up": _("最晚时间到了，不再往下问"),
    "enough": _("人够了，不再找"),
    "decline": _("{who} 这次来不了"),
    "expire": _("没有接上，收回派单"),
    "recall": _("撤回派单"),
    "hand_back": _("接单人来不了，另行安排"),
    "schedule": _("约好上门时间"),
    "start": _("开始服务"),
    "arrive": _("{who} 到了"),
    "leave": _("{who} 先走了"),
    "deliver": _("服务完成"),
    "rate": _("评价：{score} 星"),
    "auto_rate": _("到期未评价"),
    "close": _("办结"),
    "reopen": _("反映没解决，重新办理"),
    "suspend": _("缓办"),
    "resume": _("恢复办理"),
    "cancel": _("取消求助"),
    "transfer": _("转办"),
    "escalate": _("超时，已升级"),
    "silent": _("已在中心，请另作安排"),
    "urge": _("催办"),
    "duplicate": _("并入另一件求助"),
    "joined": _("另一件求助并入这一件"),
    "told": _("已转告本人"),
    "kind": _("服务改为“{name}”"),
}
"""What the history says of a step; facts of the event fill the braces."""

INSIDE = frozenset({"decline", "expire", "seek_on", "recall", "escalate", "silent", "joined"})
"""Steps that only staff see in the history: saying no costs nothing, so nobody is shown who did (domain 7,
safeguard 1). Of silent units they name each: those owe an answer (K10).
"""

NOTES_INSIDE = frozenset({"hand_back", "recall", "urge"})
"""Steps whose reason is for the staff."""
