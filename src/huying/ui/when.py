"""Time as people read it: greetings, solar terms, relative moments. Times come in aware and are shown in local time."""

from __future__ import annotations

from datetime import date, datetime, timedelta, tzinfo
from functools import lru_cache

from django.conf import settings
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.module_loading import import_string
from django.utils.translation import get_language, gettext, ngettext, pgettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from tyme4py.solar import SolarDay

# tyme4py gives the terms by these names; named here so that each language can collect them.
TERMS = (
    pgettext_lazy("solar term", "立春"),
    pgettext_lazy("solar term", "雨水"),
    pgettext_lazy("solar term", "惊蛰"),
    pgettext_lazy("solar term", "春分"),
    pgettext_lazy("solar term", "清明"),
    pgettext_lazy("solar term", "谷雨"),
    pgettext_lazy("solar term", "立夏"),
    pgettext_lazy("solar term", "小满"),
    pgettext_lazy("solar term", "芒种"),
    pgettext_lazy("solar term", "夏至"),
    pgettext_lazy("solar term", "小暑"),
    pgettext_lazy("solar term", "大暑"),
    pgettext_lazy("solar term", "立秋"),
    pgettext_lazy("solar term", "处暑"),
    pgettext_lazy("solar term", "白露"),
    pgettext_lazy("solar term", "秋分"),
    pgettext_lazy("solar term", "寒露"),
    pgettext_lazy("solar term", "霜降"),
    pgettext_lazy("solar term", "立冬"),
    pgettext_lazy("solar term", "小雪"),
    pgettext_lazy("solar term", "大雪"),
    pgettext_lazy("solar term", "冬至"),
    pgettext_lazy("solar term", "小寒"),
    pgettext_lazy("solar term", "大寒"),
)


NEAR = {-1: _("昨天"), 0: _("今天"), 1: _("明天")}
WEEKDAYS = (_("周一"), _("周二"), _("周三"), _("周四"), _("周五"), _("周六"), _("周日"))


def now() -> datetime:
    """The current moment from the clock that settings name (HUYING_CLOCK), so that tests can hold it still."""
    clock = import_string(settings.HUYING_CLOCK)
    at: datetime = clock()
    return at


def greeting(at: datetime) -> str:
    """Good morning, noon, afternoon or evening by the local hour."""
    hour = timezone.localtime(at).hour
    if 5 <= hour < 9:
        return gettext("早上好")
    if 9 <= hour < 11:
        return gettext("上午好")
    if 11 <= hour < 13:
        return gettext("中午好")
    if 13 <= hour < 18:
        return gettext("下午好")
    return gettext("晚上好")


def hello(name: str, at: datetime) -> str:
    """The greeting with the person's name, in the order of the language; without a name the greeting alone."""
    if not name:
        return greeting(at)
    return gettext("%(name)s，%(greeting)s") % {"name": name, "greeting": greeting(at)}


def solar_term(day: date) -> str:
    """The solar term (节气) in force on a day, e.g. 霜降; computed by tyme4py from the sun's longitude."""
    term = SolarDay.from_ymd(day.year, day.month, day.day).get_term().get_name()
    return pgettext("solar term", term)


def day_text(at: datetime | date, *, year: bool = False) -> str:
    """ "10月23日 周五" or "Fri 23 Oct"; with the year when asked for."""
    return _day(timezone.localtime(at).date() if isinstance(at, datetime) else at, year, get_language())


@lru_cache(maxsize=2048)
def _day(day: date, year: bool, language: str | None) -> str:
    """Said once for each language, the one that is active: the words hang on nothing else."""
    weekday = str(WEEKDAYS[day.weekday()])
    if (language or "").startswith("zh"):
        text = f"{day.month}月{day.day}日 {weekday}"
        return f"{day.year}年{text}" if year else text
    return f"{weekday} {day.day} {date_format(day, 'M Y' if year else 'M')}"


def clock_text(at: datetime) -> str:
    """Hours and minutes of the local time, 24-hour."""
    return timezone.localtime(at).strftime("%H:%M")


def moment_text(at: datetime, reference: datetime) -> str:
    """ "今天 15:00", "昨天 20:14", "10月23日 周五 15:00"; the year only when it is another one."""
    zone = timezone.get_current_timezone()
    local, base = at.astimezone(zone), _day_in(reference, zone)
    day = local.date()
    apart = (day - base).days
    if -1 <= apart <= 1:
        return f"{NEAR[apart]} {local:%H:%M}"
    return f"{_day(day, day.year != base.year, get_language())} {local:%H:%M}"


@lru_cache(maxsize=16)
def _day_in(moment: datetime, zone: tzinfo) -> date:
    """The present day, asked for on every line of a page with the same moment."""
    return moment.astimezone(zone).date()


def span_text(span: timedelta) -> str:
    """A length of time in at most two units: "2 小时 5 分钟", "3 天"; under a minute counts as one minute."""
    return _span(_minutes(span), get_language())


def ago_text(at: datetime, reference: datetime) -> str:
    """ "刚刚", "12 分钟前"; after a day the moment itself."""
    passed = reference - at
    if passed < timedelta(minutes=1):
        return gettext("刚刚") if passed > -timedelta(minutes=1) else moment_text(at, reference)
    if passed < timedelta(days=1):
        return _in_words("ago", _minutes(passed), get_language())
    return moment_text(at, reference)


def left_text(due: datetime, reference: datetime, language: str | None = None) -> str:
    """ "剩 6 分钟" before a deadline, "超时 6 分钟" from the deadline on; ``language``, where known, is the active one."""
    return _in_words("left" if due > reference else "over", _minutes(due - reference), language or get_language())


def _minutes(span: timedelta) -> int:
    return max(1, round(abs(span).total_seconds() / 60))


@lru_cache(maxsize=4096)
def _in_words(way: str, minutes: int, language: str | None) -> str:
    """A span and what it means, said once for each language: a board says two hundred, many of them alike."""
    span = {"span": _span(minutes, language)}
    if way == "ago":
        return gettext("%(span)s前") % span
    return gettext("剩 %(span)s") % span if way == "left" else gettext("超时 %(span)s") % span


@lru_cache(maxsize=4096)
def _span(minutes: int, language: str | None) -> str:
    """``language`` is the one that is active: the words hang on nothing else."""
    days, rest = divmod(minutes, 24 * 60)
    hours, minutes = divmod(rest, 60)
    parts = []
    if days:
        parts.append(ngettext("%(count)d 天", "%(count)d 天", days) % {"count": days})
    if hours:
        parts.append(ngettext("%(count)d 小时", "%(count)d 小时", hours) % {"count": hours})
    if minutes and not days:
        parts.append(ngettext("%(count)d 分钟", "%(count)d 分钟", minutes) % {"count": minutes})
    return " ".join(parts[:2])
