"""Words that are decided once: signs of numbers, kinds of metrics, what a check may ask and how it can end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from huying.figures.states.calls import DUE, GUARDS_OF_DUE, MARKS, SECOND_GUARDS_OF_DUE, SHARES_OF_DUE
from huying.figures.states.points import POINTS


class Sign(TextChoices):
    """How far a told number may be taken at its word (catalogue section 6, end): the sign is kept for ever."""

    EXACT = "", _("准确数")
    MORE = "+", _("不少于（余、多）")
    ABOUT = "~", _("大约（近、左右、约）")
    OVER = ">", _("超过（破、超）")


class MetricKind(TextChoices):
    """How a metric is worked out from facts."""

    FLOW = "flow", _("一段时间里发生的")
    STOCK = "stock", _("到某一天为止的")
    RATIO = "ratio", _("比率")


class Direction(TextChoices):
    """Which way is better, where one is."""

    UP = "up", _("越多越好")
    DOWN = "down", _("越少越好")
    NONE = "none", _("不分好坏")


class Grain(TextChoices):
    """Stretches of time that totals are kept for, and asked by."""

    DAY = "day", _("按日")
    MONTH = "month", _("按月")
    YEAR = "year", _("按年")


class Split(TextChoices):
    """How the numbers of a place are taken apart in a file."""

    NONE = "none", _("只要这个地方")
    PLACE = "place", _("分到下一级各地")
    MONTH = "month", _("分到各月")


class Rhythm(TextChoices):
    """How often a file is made."""

    DAILY = "daily", _("每天")
    WEEKLY = "weekly", _("每周一")
    MONTHLY = "monthly", _("每月一号")


class FileKind(TextChoices):
    """What kind of file."""

    XLSX = "xlsx", "Excel"
    CSV = "csv", "CSV"
    JSON = "json", "JSON"


class CheckKind(TextChoices):
    """What a check asks of reported figures; the arithmetic is in ``rules/checks.py``."""

    SUM = "sum", _("相加")
    DIFFERENCE = "difference", _("相减")
    RATIO = "ratio", _("相除")
    EQUAL = "equal", _("两数相等")
    NAMES = "names", _("数一数名称")
    WHOLE = "whole", _("百分数对应的整数")
    DISTINCT = "distinct", _("去掉重复后有多少")


class Verdict(TextChoices):
    """How a check ends."""

    HOLDS = "holds", _("对得上")
    FAILS = "fails", _("对不上")
    PLAUSIBLE = "plausible", _("说得通")
    UNDECIDABLE = "undecidable", _("无法判断")


class Reason(TextChoices):
    """Why a check does not hold, or cannot be decided."""

    NONE = "", ""
    OTHER_RESULT = "other_result", _("算出来的数与报告的数不同。")
    UNEXPLAINED = "unexplained", _("两个数不相等，材料里没有说明原因。")
    NAMES_MISSING = "names_missing", _("列出名称的个数与报告的数不同。")
    NO_WHOLE_NUMBERS = "no_whole_numbers", _("没有哪两个整数能得出这个百分数。")
    BASE_MISSING = "base_missing", _("没有说明分母，有几组整数都能得出这个百分数。")
    BASE_NOT_STATED = "base_not_stated", _("没有说明以什么为基数，不同基数得出不同的比率。")
    OVERLAP = "overlap", _("同一对象可能被算了几次，去掉重复后是多少无法得知。")
    ZERO_BASE = "zero_base", _("分母是零，比率没有意义。")
    NOT_EXACT = "not_exact", _("有的数不是准确数，只能给出范围。")
    FIGURE_MISSING = "figure_missing", _("检查要用的数还没有填报。")


@dataclass(frozen=True, slots=True)
class Word:
    """Record ``source_id`` of ``source`` (a model label) adds ``amount`` to ``metric`` at ``place_id`` on ``day`` (China).

    Amount 0: it adds nothing (any more).
    """

    source: str
    source_id: int
    metric: str
    place_id: int
    day: date
    amount: int

    @property
    def key(self) -> tuple[str, int, str]:
        return (self.source, self.source_id, self.metric)


class FirstUnit(NamedTuple):
    code: str
    name: str
    name_en: str
    adds: bool = True


FIRST_UNITS: tuple[FirstUnit, ...] = (
    FirstUnit("person", "人", "people"),
    FirstUnit("titled", "名", "persons with a title"),
    FirstUnit("person_time", "人次", "attendances"),
    FirstUnit("household", "户", "families"),
    FirstUnit("session", "场", "sessions"),
    FirstUnit("time", "次", "times"),
    FirstUnit("issue", "期", "issues"),
    FirstUnit("team", "支", "teams"),
    FirstUnit("one", "个", "units"),
    FirstUnit("institute", "所", "institutes"),
    FirstUnit("station", "站", "stations"),
    FirstUnit("point", "点", "points of service"),
    FirstUnit("firm", "家", "firms"),
    FirstUnit("firm_time", "家次", "visits to firms"),
    FirstUnit("line", "条", "items"),
    FirstUnit("sign", "面", "signs"),
    FirstUnit("work", "篇", "works"),
    FirstUnit("sheet", "幅", "pictures"),
    FirstUnit("song", "首", "songs"),
    FirstUnit("lesson", "节", "lessons"),
    FirstUnit("case", "起", "events"),
    FirstUnit("piece", "件", "cases"),
    FirstUnit("project", "项", "projects"),
    FirstUnit("batch", "批次", "batches"),
    FirstUnit("device", "台", "devices"),
    FirstUnit("mu", "亩", "mu"),
    FirstUnit("yuan", "元", "yuan"),
    FirstUnit("class", "类", "classes"),
    FirstUnit("place", "处", "places"),
    FirstUnit("mark", "分", "points"),
    FirstUnit("season", "季", "seasons"),
    FirstUnit("minute", "分钟", "minutes"),
    FirstUnit("fen", "分钱", "fen"),
    FirstUnit("gram", "克", "grams"),
    FirstUnit("percent", "%", "per cent", adds=False),
)
"""The units of the pages (catalogue section 6, end) and those the product counts in; a locality adds its own rows."""


class FirstMetric(NamedTuple):
    """``of``: the codes of numerator and denominator; ``least`` and the guards: see ``Metric``."""

    code: str
    name: str
    name_en: str
    unit: str
    kind: str
    counts: str
    counts_en: str
    source: str = ""
    of: tuple[str, str] | None = None
    direction: str = "none"
    is_public: bool = True
    least: int = 0
    guard: str | None = None
    second_guard: str | None = None


FLOW, STOCK, RATIO = "flow", "stock", "ratio"
FIRST_METRICS: tuple[FirstMetric, ...] = (
    FirstMetric(
        "calls_submitted",
        "提交的求助",
        "Calls submitted",
        "piece",
        FLOW,
        "居民提交的求助，记在提交那一天、求助所在的地方。",
        "Calls for help, on the day they were submitted, at the place of the call.",
        "calls.Call",
        least=5,
    ),
    FirstMetric(
        "calls_closed",
        "办结的求助",
        "Calls closed",
        "piece",
        FLOW,
        "已办结的求助，记在办结那一天；重新办理的，办结前不算。办结不等于解决。",
        "Calls that are closed, on the day they were closed; one opened again does not count. Closed is not solved.",
        "calls.Call",
        least=5,
    ),
    FirstMetric(
        "calls_on_time",
        "按期办结的求助",
        "Calls closed in time",
        "piece",
        FLOW,
        "每一步都没有超时就办结的求助，记在办结那一天。",
        "Closed calls that were late in no stage, on the day they were closed.",
        "calls.Call",
        direction="up",
        least=5,
        guard="calls_closed",
    ),
    FirstMetric(
        "calls_rated",
        "有人评价的求助",
        "Calls rated",
        "piece",
        FLOW,
        "办结后有人评价的求助，记在办结那一天。",
        "Closed calls that somebody rated, on the day they were closed.",
        "calls.Call",
        direction="up",
        least=5,
        guard="calls_closed",
    ),
    FirstMetric(
        "calls_solved",
        "确认解决的求助",
        "Calls solved",
        "piece",
        FLOW,
        "办结后评价里说解决了的求助，记在办结那一天；没有评价的不当作解决。",
        "Closed calls whose rating says solved, on the day they were closed; silence does not count as solved.",
        "calls.Call",
        direction="up",
        least=5,
        guard="calls_rated",
    ),
    *(
        FirstMetric(
            *(*one[:3], "mark" if one[0] in MARKS else "piece", FLOW, *one[3:], "calls.Call"),
            least=500 if one[0] in MARKS else 5,
            guard=GUARDS_OF_DUE.get(one[0]),
            second_guard=SECOND_GUARDS_OF_DUE.get(one[0]),
        )
        for one in DUE
    ),
    *(FirstMetric(*one[:3], "percent", RATIO, *one[3:5], of=one[5:], direction="up", least=5) for one in SHARES_OF_DUE),
    FirstMetric(
        "calls_solved_rate",
        "确认解决率",
        "Share solved",
        "percent",
        RATIO,
        "确认解决的，占办结的；没有评价的算在办结里。",
        "Solved, of those closed; calls that nobody rated count as closed.",
        of=("calls_solved", "calls_closed"),
        direction="up",
        least=5,
    ),
    FirstMetric(
        "calls_rated_rate",
        "评价率",
        "Share rated",
        "percent",
        RATIO,
        "有人评价的，占办结的。",
        "Rated, of those closed.",
        of=("calls_rated", "calls_closed"),
        direction="up",
        least=5,
    ),
    FirstMetric(
        "sessions_held",
        "举办的活动",
        "Sessions held",
        "session",
        FLOW,
        "办完的活动场次，记在开始那一天、举办活动的地方。",
        "Sessions of activities that took place, on the day they began, at the place of the activity.",
        "activities.Session",
        direction="up",
    ),
    FirstMetric(
        "attended",
        "参加活动的人次",
        "Attendances",
        "person_time",
        FLOW,
        "办完的活动里签到和现场点数的人次，同一个人来两次算两次。",
        "Attendances at sessions that took place, by check-in and by count at the door; the same person twice is two.",
        "activities.Session",
        direction="up",
        least=5,
    ),
    FirstMetric(
        "service_records",
        "确认的服务",
        "Records of service confirmed",
        "time",
        FLOW,
        "已确认的服务记录，记在服务开始那一天、服务的地方；撤销的扣回。",
        "Confirmed records of service, on the day the service began, at its place; those taken back are taken off.",
        "volunteers.ServiceRecord",
        direction="up",
        least=5,
    ),
    FirstMetric(
        "service_minutes",
        "确认的服务时长",
        "Minutes of service confirmed",
        "minute",
        FLOW,
        "已确认的服务分钟数，更正后按更正的算。",
        "Confirmed minutes of service; a correction counts as corrected.",
        "volunteers.ServiceRecord",
        direction="up",
        least=240,
        guard="service_records",
    ),
    FirstMetric(
        "volunteers_registered",
        "注册志愿者",
        "Volunteers registered",
        "person",
        STOCK,
        "登记为志愿者、没有退出的人，每人只算一次，记在他服务的地方。",
        "People registered as volunteers who have not left, each once, at the place where they serve from.",
        "volunteers.Volunteer",
        direction="up",
        least=5,
    ),
    FirstMetric(
        "sites",
        "在用的阵地",
        "Sites in use",
        "one",
        STOCK,
        "在用的阵地，从启用那一天算起，到停用那一天为止。",
        "Sites in use, from the day they opened until the day they closed.",
        "places.Place",
        direction="up",
    ),
    FirstMetric(
        "site_checks",
        "阵地自查",
        "Self-checks of sites",
        "time",
        FLOW,
        "阵地对照标准做的自查，记在自查那一天、阵地所在的地方；一项标准自查一次算一次。",
        "Checks that sites made of themselves against a standard, on the day they were made, at the site.",
        "places.SiteCheck",
        direction="up",
    ),
    FirstMetric(
        "site_checks_verified",
        "核实的阵地自查",
        "Self-checks of sites verified",
        "time",
        FLOW,
        "由另一个人核实过的阵地自查，记在核实那一天；退回的不算。",
        "Self-checks of sites that another person verified, on the day they were verified; those returned do not count.",
        "places.SiteCheck",
        direction="up",
    ),
    *(FirstMetric(*one[:8], least=one[8], guard=one[9]) for one in POINTS),
)
"""Metrics the product counts by itself. The tables are the truth once installed; kinds of sites add parts of ``sites``."""
