"""How numbers are said in the sentences of a paper. Papers are Chinese whoever reads them: these words are not translated.

Formulas: change against a base b of a value v is (v - b) / b in per cent, one decimal, half up, and not said at all where
b is 0; of shares it is the difference in percentage points, two decimals. 余 and 超 stand only where the number is larger
than the digits, 近 only where it is smaller (catalogue section 6, end).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from huying.figures.models import Metric
from huying.figures.queries import Period, Value
from huying.figures.rules.words import Told, printed
from huying.figures.states import MetricKind, Sign

MISSING, HIDDEN = "（暂无数据）", "（数较小，不公布）"
NO_BASE = {"prev": "没有上期的数可比", "yoy": "没有上年同期的数可比"}
AGAINST = {"prev": "上期", "yoy": "上年同期"}
BASES = {"prev": "prev", "prev_by": "prev", "before": "prev", "yoy": "yoy", "yoy_by": "yoy", "last_year": "yoy"}
EARLIER = frozenset({"before", "last_year"})
"""Say the value of the earlier stretch itself; the others say this one's, or a change that is this one's."""
FILTERS = ("bare", "about", "near", "over", "share", *BASES)
NEAR = Decimal("0.05")


@dataclass(frozen=True, slots=True)
class Numbers:
    """Values by stretch (now, prev, yoy) and metric, with the metrics themselves."""

    metrics: Mapping[str, Metric]
    values: Mapping[str, Mapping[str, Value]]

    def get(self, metric: str, stretch: str = "now") -> Value:
        return self.values[stretch][metric]


def size(value: Value) -> Decimal | None:
    """What is compared: the amount, or the percentage; None where nothing can be said."""
    return Decimal(value.amount) if value.amount is not None else value.percent


def unsaid(value: Value) -> str:
    return HIDDEN if value.hidden else MISSING


def said(metric: Metric, value: Value, *, bare: bool = False) -> str:
    """128件, 93.05%, 12小时30分钟; a bracket where nothing can be said."""
    if (number := size(value)) is None:
        return unsaid(value)
    return measured(metric, number, bare=bare)


def measured(metric: Metric, number: Decimal, *, bare: bool = False) -> str:
    if metric.kind == MetricKind.RATIO:
        return f"{number:.2f}" if bare else f"{number:.2f}%"
    if metric.unit_id == "minute" and not bare:
        hours, minutes = divmod(int(number), 60)
        return (f"{hours:,}小时" if hours else "") + (f"{minutes}分钟" if minutes or not hours else "")
    return f"{int(number):,}" + ("" if bare else metric.unit.name)


def rounded(number: int, unit: str, way: str) -> str:
    """``about``: two digits and 余; ``near``: 近 the next round number if it is no more than 5 % away, else as ``about``;
    ``over``: 超. Numbers below a hundred, and those that are round, stand as they are.
    """
    power = max(len(str(number)) - 2, 0)
    step: int = 10**power
    down = number // step * step
    if number < 100 or down == number:
        return f"{number:,}{unit}"
    up = down + step
    if way == "near" and Decimal(up - number) <= NEAR * up:
        return "近" + printed(Told(scaled(up), Sign.EXACT, unit))
    return printed(Told(scaled(down), Sign.OVER if way == "over" else Sign.MORE, unit))


def scaled(number: int) -> Decimal:
    """In 万 or 亿 where these do not hide a digit that stands there."""
    power = 8 if number >= 10**8 else 4 if number >= 10**4 else 0
    scaled_down = Decimal(number).scaleb(-power)
    return Decimal(format(scaled_down.normalize(), "f")).scaleb(power) if power else Decimal(number)


def compared(metric: Metric, now: Value, base: Value, against: str) -> str:
    """比上期增长12.5%, 与上年同期持平, 上期为0, 比上期提高1.20个百分点; NO_BASE where one of them cannot be said."""
    value, was, when = size(now), size(base), AGAINST[against]
    if value is None or was is None:
        return NO_BASE[against]
    if value == was:
        return f"与{when}持平"
    up = value > was
    if metric.kind == MetricKind.RATIO:
        return f"比{when}{'提高' if up else '降低'}{abs(value - was):.2f}个百分点"
    if not was:
        return f"{when}为0"
    share = (100 * abs(value - was) / was).quantize(Decimal("0.1"), ROUND_HALF_UP)
    verb = "增长" if up else "下降"
    return f"比{when}略有{verb}（不到0.1%）" if not share else f"比{when}{verb}{share:,}%"


def case_of(numbers: Numbers, name: str, filter_: str, cases: Collection[str]) -> str:
    """Which of the cases of a sentence is true: some, rise, fall, equal, zero or none. Zero, where it has words, goes first."""
    value = size(numbers.get(name))
    if value is None:
        return "none"
    if not value and "zero" in cases:
        return "zero"
    if filter_ not in NO_BASE:
        return "some"
    base = size(numbers.get(name, filter_))
    if base is None:
        return "none"
    return "equal" if value == base else "rise" if value > base else "fall"


def fielded(numbers: Numbers, name: str, filter_: str, arg: str) -> str:
    """The words of one field."""
    metric, now = numbers.metrics[name], numbers.get(name)
    if filter_ in NO_BASE:
        return compared(metric, now, numbers.get(name, filter_), filter_)
    if filter_ in EARLIER:
        return said(metric, numbers.get(name, BASES[filter_]))
    if filter_ in {"prev_by", "yoy_by"}:
        base = numbers.get(name, BASES[filter_])
        value, was = size(now), size(base)
        if value is None or was is None:
            return HIDDEN if now.hidden or base.hidden else MISSING
        gap = abs(value - was)
        return f"{gap:.2f}个百分点" if metric.kind == MetricKind.RATIO else measured(metric, gap)
    if filter_ == "share":
        whole = numbers.get(arg)
        if now.amount is None or whole.amount is None:
            return HIDDEN if now.hidden or whole.hidden else MISSING
        return f"{share}%" if (share := Value(None, now.amount, whole.amount).percent) is not None else MISSING
    if filter_ in {"about", "near", "over"} and now.amount is not None and now.amount >= 0:
        return rounded(now.amount, metric.unit.name, filter_)
    return said(metric, now, bare=filter_ == "bare")


def stretch_told(written: str) -> int:
    """Which stretch of a field as written is the number that stands in the text: 0 its own, 1 the one compared with.

    Read from the field and not kept beside it, so that papers locked long ago open rightly too.
    """
    return int(written.partition("|")[2].partition(":")[0] in EARLIER)


def day_words(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def period_words(period: Period) -> str:
    """2026年3月, 2026年, or 2026年3月3日至2026年5月9日 (both included)."""
    if period == Period.year(period.since.year):
        return f"{period.since.year}年"
    if period == Period.month(period.since):
        return f"{period.since.year}年{period.since.month}月"
    return f"{day_words(period.since)}至{day_words(period.until - timedelta(days=1))}"


def whole(period: Period) -> bool:
    """A calendar month or year: what the public may ask."""
    return period in (Period.year(period.since.year), Period.month(period.since))


def before(period: Period) -> Period:
    """The month before a month, the year before a year, else as many days before."""
    if period == Period.year(period.since.year):
        return Period.year(period.since.year - 1)
    if period == Period.month(period.since):
        return Period.month(period.since - timedelta(days=1))
    return Period(period.since - (period.until - period.since), period.since)


def year_before(period: Period) -> Period:
    """The same days of the year before; 29 February is the 28th there."""
    if period == Period.month(period.since):
        return Period.month(a_year_before(period.since))
    return Period(a_year_before(period.since), a_year_before(period.until))


def a_year_before(day: date) -> date:
    try:
        return day.replace(year=day.year - 1)
    except ValueError:
        return day.replace(year=day.year - 1, day=28)


STRETCHES = {"now": lambda period: period, "prev": before, "yoy": year_before}
Piece = dict[str, Any]
