"""The lives of activities, their sessions and sign-ups as tables, and the words that are decided once.

Sources: catalogue C07 (S0-1d, S0-5, S1-2c), 志愿服务条例 art. 12, GB/T 40143-2021 6.1. Stored codes are never renamed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class ActivityState(TextChoices):
    DRAFT = "draft", _("草稿")
    PUBLISHED = "published", _("已发布")
    CANCELLED = "cancelled", _("已取消")
    ENDED = "ended", _("已结束")


class SessionState(TextChoices):
    PLANNED = "planned", _("未开始")
    CANCELLED = "cancelled", _("已取消")
    HELD = "held", _("已举办")
    RECORDED = "recorded", _("已归档")


class SignUpState(TextChoices):
    SIGNED = "signed", _("已报名")
    WAITING = "waiting", _("候补中")
    OFFERED = "offered", _("待您确认")
    CANCELLED = "cancelled", _("已取消")
    LAPSED = "lapsed", _("未确认，已让出")
    DROPPED = "dropped", _("活动取消")
    PRESENT = "present", _("已到场")
    ABSENT = "absent", _("未到场")


class Side(TextChoices):
    """What a unit is to an activity (S0-5.1, S1-5.1)."""

    HOST = "host", _("主办")
    ORGANISER = "organiser", _("承办")
    PARTNER = "partner", _("协办")
    SUPPORT = "support", _("支持")


class ThemeGroup(TextChoices):
    SEASON = "season", _("季节主题")
    FESTIVAL = "festival", _("我们的节日")
    TOPIC = "topic", _("主题")
    VERB = "verb", _("形式")


class ThemeRule(TextChoices):
    """How a theme is given by the date; NONE: by hand only."""

    NONE = "none", _("手工选")
    DATES = "dates", _("公历日期")
    LUNAR = "lunar", _("农历日期")
    TERM = "term", _("节气")


class Measure(TextChoices):
    """What is counted; never added to one another (S0-1d.3)."""

    PARTICIPANTS = "participants", _("参加")
    SERVED = "served", _("受益")
    OUTPUT = "output", _("成果")
    HANDED_OUT = "handed_out", _("发放")


class Source(TextChoices):
    COUNTED = "counted", _("签到计数")
    ENTERED = "entered", _("人工填写")


class Span(TextChoices):
    """The beats of a rhythm (S0-1d.1, S3-5c.2)."""

    DAY = "day", _("每天")
    WEEK = "week", _("每周")
    MONTH = "month", _("每月")
    SEASON = "season", _("每季")
    YEAR = "year", _("每年")


class Wanted(TextChoices):
    """What each beat must have: something held, or a theme that was named for it."""

    ACTIVITY = "activity", _("有活动")
    FOCUS = "focus", _("有主题")


@dataclass(frozen=True, slots=True)
class Step:
    """From which states, to which, with what words, and what must be given."""

    from_: frozenset[str]
    to: str
    label: Promise
    needs: tuple[str, ...] = ()
    tone: str = "plain"


def _s(from_: str, to: str, label: Promise, needs: str = "", tone: str = "plain") -> Step:
    return Step(frozenset(from_.split()), to, label, tuple(needs.split()), tone)


ACTIVITY_STEPS: dict[str, Step] = {
    "publish": _s("draft", ActivityState.PUBLISHED, _("发布"), tone="primary"),
    "discard": _s("draft", ActivityState.CANCELLED, _("作废草稿"), tone="danger"),
    "cancel": _s("published", ActivityState.CANCELLED, _("取消活动"), "reason", "danger"),
    "end": _s("published", ActivityState.ENDED, _("结束")),
}
SESSION_STEPS: dict[str, Step] = {
    "move": _s("planned", SessionState.PLANNED, _("改期")),
    "cancel": _s("planned", SessionState.CANCELLED, _("取消这一场"), "reason", "danger"),
    "hold": _s("planned", SessionState.HELD, _("活动办完了"), tone="primary"),
    "record": _s("held", SessionState.RECORDED, _("归档"), tone="primary"),
    "reopen": _s("recorded", SessionState.HELD, _("更正结果"), "reason"),
}
SIGN_UP_STEPS: dict[str, Step] = {
    "confirm": _s("offered", SignUpState.SIGNED, _("确认参加"), tone="primary"),
    "promote": _s("waiting", SignUpState.SIGNED, _("候补成功")),
    "offer": _s("waiting", SignUpState.OFFERED, _("候补到您，请确认")),
    "leave": _s("signed waiting offered", SignUpState.CANCELLED, _("取消报名")),
    "lapse": _s("offered", SignUpState.LAPSED, _("过时未确认")),
    "drop": _s("signed waiting offered", SignUpState.DROPPED, _("活动取消")),
    "arrive": _s("signed offered waiting absent", SignUpState.PRESENT, _("签到")),
    "miss": _s("signed offered", SignUpState.ABSENT, _("没有到场")),
    "undo": _s("present", SignUpState.SIGNED, _("撤销签到")),
}

HOLDING = frozenset({SignUpState.SIGNED, SignUpState.OFFERED, SignUpState.PRESENT, SignUpState.ABSENT})
"""Sign-ups that take a place of their shift."""
LIVE = frozenset({*HOLDING, SignUpState.WAITING})
"""Sign-ups that still mean something: nobody has two of them for one session."""
COMING = frozenset({SignUpState.SIGNED, SignUpState.OFFERED, SignUpState.WAITING})
"""Sign-ups that can be taken back, and whose people are told when something changes."""
GIVEN_BACK = frozenset({SignUpState.CANCELLED, SignUpState.LAPSED})
"""Sign-ups that came to nothing by the word or the silence of their people."""
SHOWN_ACTIVITIES = frozenset({ActivityState.PUBLISHED, ActivityState.ENDED, ActivityState.CANCELLED})

TOLD: dict[str, Promise] = {
    "publish": _("发布"),
    "change": _("修改内容"),
    "cancel": _("取消：{reason}"),
    "move": _("改期：{before} 改到 {after}"),
    "session_cancel": _("取消一场：{reason}"),
    "hold": _("办完"),
    "record": _("归档"),
    "reopen": _("重新打开结果：{reason}"),
    "end": _("结束"),
    "discard": _("作废"),
    "make": _("写下草稿"),
}
"""What the history says of a step; facts of the event fill the braces."""


class FirstKind(NamedTuple):
    code: str
    name: str
    name_en: str
    icon: str
    tone: str
    is_large: bool = False


FIRST_KINDS: tuple[FirstKind, ...] = (
    FirstKind("service", "志愿服务", "Volunteering", "handshake-duotone", "pine"),
    FirstKind("lecture", "理论宣讲", "Lectures", "megaphone-duotone", "mei"),
    FirstKind("culture", "文化文艺", "Culture and arts", "music-notes-duotone", "gui"),
    FirstKind("class", "培训课堂", "Classes", "graduation-cap-duotone", "dai"),
    FirstKind("children", "少儿活动", "For children", "baby-duotone", "kaki"),
    FirstKind("health", "健康义诊", "Health", "stethoscope-duotone", "mei"),
    FirstKind("sports", "体育健身", "Sports", "barbell-duotone", "pine"),
    FirstKind("farming", "农技农事", "Farming", "plant-duotone", "pine"),
    FirstKind("market", "便民集市", "Service markets", "storefront-duotone", "kaki"),
    FirstKind("visit", "参观研学", "Visits", "compass-duotone", "dai"),
    FirstKind("meeting", "邻里议事", "Neighbours' talks", "chats-circle-duotone", "dai"),
    FirstKind("festival", "大型活动", "Large events", "tent-duotone", "mei", True),
)
"""What a gathering can be (S0-1d.2, S2-6, S4-2.2, S4-7.1); a locality adds its own on a page of data."""

LEARNING_KINDS = frozenset({"lecture", "class"})
"""Kinds where guests learn: who was signed in by one and archived by another may earn for it where a rule book says so."""

FIRST_UNITS: tuple[tuple[str, str, str, int], ...] = (
    ("person", "人", "people", 0),
    ("person_time", "人次", "attendances", 0),
    ("session", "场", "sessions", 0),
    ("household", "户", "households", 0),
    ("mu", "亩", "mu", 2),
    ("piece", "件", "pieces", 0),
    ("copy", "份", "copies", 0),
    ("kilogram", "公斤", "kilograms", 2),
    ("tree", "棵", "trees", 0),
    ("hour", "小时", "hours", 2),
)
"""(code, name, English name, digits after the point). Units never add up across each other (promise of section 3)."""

Fact = tuple[str, str, str, str, str, str, str, int, int, int, int]
FIRST_THEMES: tuple[Fact, ...] = (
    # code, name, English, group, rule, begins, ends, lunar month (or number of the term), day, days before, days after
    ("spring", "春季送福", "Spring blessings", "season", "dates", "01-16", "04-15", 0, 0, 0, 0),
    ("summer", "夏季送凉", "Cool in summer", "season", "dates", "04-16", "08-15", 0, 0, 0, 0),
    ("autumn", "秋季助学", "Help for school in autumn", "season", "dates", "08-16", "10-31", 0, 0, 0, 0),
    ("winter", "冬季送暖", "Warmth in winter", "season", "dates", "11-01", "01-15", 0, 0, 0, 0),
    ("chunjie", "春节", "Spring Festival", "festival", "lunar", "", "", 1, 1, 8, 7),
    ("yuanxiao", "元宵节", "Lantern Festival", "festival", "lunar", "", "", 1, 15, 3, 0),
    ("qingming", "清明节", "Qingming", "festival", "term", "", "", 7, 0, 7, 1),
    ("duanwu", "端午节", "Dragon Boat Festival", "festival", "lunar", "", "", 5, 5, 7, 1),
    ("qixi", "七夕节", "Qixi", "festival", "lunar", "", "", 7, 7, 3, 0),
    ("zhongqiu", "中秋节", "Mid-Autumn Festival", "festival", "lunar", "", "", 8, 15, 7, 1),
    ("chongyang", "重阳节", "Double Ninth", "festival", "lunar", "", "", 9, 9, 7, 1),
    ("leifeng", "学雷锋月", "Lei Feng month", "topic", "dates", "03-01", "03-31", 0, 0, 0, 0),
    ("volunteers_day", "国际志愿者日", "International Volunteer Day", "topic", "dates", "12-01", "12-05", 0, 0, 0, 0),
    ("talk", "讲", "Tell", "verb", "none", "", "", 0, 0, 0, 0),
    ("judge", "评", "Commend", "verb", "none", "", "", 0, 0, 0, 0),
    ("make", "创", "Create", "verb", "none", "", "", 0, 0, 0, 0),
    ("say", "说", "Discuss", "verb", "none", "", "", 0, 0, 0, 0),
    ("give", "送", "Bring", "verb", "none", "", "", 0, 0, 0, 0),
    ("help", "帮", "Help", "verb", "none", "", "", 0, 0, 0, 0),
    ("change", "易", "Change customs", "verb", "none", "", "", 0, 0, 0, 0),
)
"""Four season themes (S0-1a.4), the seven festivals of 我们的节日 (domain 2.11), seven verbs (S1-2c.2)."""

COUNTED_UNIT = "person_time"
"""The unit in which the door counts; it cannot be retired."""

LONGEST_SESSION_DAYS = 31
MOST_SESSIONS = 400
MOST_ROLES = 12
WHOLE = 10_000
"""Shares of credit in hundredths of a per cent; those of one activity fill exactly this."""
STEP_TO_CONFIRM_HOURS = 24
"""How long a place that became free waits for the next in line, unless the activity says otherwise."""
TOOK_PLACE = frozenset({SessionState.HELD, SessionState.RECORDED})
"""Sessions that took place."""
