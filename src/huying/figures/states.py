"""Words that are decided once: signs of numbers, kinds of metrics, what a check may ask and how it can end."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


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
