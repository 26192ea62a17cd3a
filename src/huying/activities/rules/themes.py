"""Which days a theme has: by the calendar, by the moon, by the solar terms (S0-1a.4; domain 2.11)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from functools import lru_cache

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from tyme4py.lunar import LunarMonth
from tyme4py.solar import SolarTerm

from huying.activities.models import Theme
from huying.activities.states import ThemeRule
from huying.kernel.worktime.days import lunar
from huying.ui import when


def themes_on(days: Iterable[date], themes: Iterable[Theme]) -> list[Theme]:
    """The themes that one of the days falls into, in their given order; those without a rule are never given."""
    wanted = list(days)
    return [theme for theme in themes if any(falls(theme, day) for day in wanted)]


def falls(theme: Theme, day: date) -> bool:
    """True when the theme holds on that day."""
    if theme.rule == ThemeRule.DATES:
        here = f"{day:%m-%d}"
        if theme.begins <= theme.ends:
            return theme.begins <= here <= theme.ends
        return here >= theme.begins or here <= theme.ends
    if theme.rule == ThemeRule.NONE:
        return False
    return any(
        first <= day <= last for year in (day.year - 1, day.year, day.year + 1) for first, last in days_of(theme, year)
    )


def days_of(theme: Theme, year: int) -> list[tuple[date, date]]:
    """First and last day of a theme that follows the moon or the sun in one year; none for the others."""
    if theme.rule == ThemeRule.LUNAR:
        last = LunarMonth.from_ym(year, theme.month).get_day_count()  # 29 or 30: the thirtieth is the last day
        middle = lunar(year, theme.month, min(theme.day, last))
    elif theme.rule == ThemeRule.TERM:
        middle = term_day(year, theme.month)
    else:
        return []
    return [(middle - timedelta(days=theme.days_before), middle + timedelta(days=theme.days_after))]


TERMS = (*when.TERMS[-3:], *when.TERMS[:-3])
"""Names of the solar terms by the number a theme keeps: 0 is the winter solstice, as tyme4py counts."""
MOST_AROUND = 60
"""Days before or after a day of the moon or the sun."""


def days_wrong(theme: Theme) -> dict[str, Promise]:
    """What is wrong with the days of a theme, by field; empty when every year has them."""
    found: dict[str, Promise] = {}
    if theme.rule == ThemeRule.DATES:
        names = [name for name in ("begins", "ends") if not is_day(getattr(theme, name))]
        found |= dict.fromkeys(names, _("请写成“月-日”，例如 03-01。"))
    if theme.rule == ThemeRule.LUNAR and not 1 <= theme.month <= 12:
        found["month"] = _("农历月份是 1 到 12。")
    if theme.rule == ThemeRule.LUNAR and not 1 <= theme.day <= 30:
        found["day"] = _("农历日子是 1 到 30。")
    if theme.rule == ThemeRule.TERM and not 0 <= theme.month < len(TERMS):
        found["month"] = _("请选一个节气。")
    around = [name for name in ("days_before", "days_after") if not 0 <= getattr(theme, name) <= MOST_AROUND]
    return found | dict.fromkeys(around, _("最多前后各 60 天。"))


def is_day(text: str) -> bool:
    """True for MM-DD of a day that some year has."""
    try:
        return f"{date.fromisoformat(f'2000-{text}'):%m-%d}" == text
    except ValueError:
        return False


@lru_cache(maxsize=256)
def term_day(year: int, number: int) -> date:
    """The day of a solar term; 0 is the winter solstice before the year begins, 7 is 清明 (GB/T 33661)."""
    day = SolarTerm.from_index(year, number).get_julian_day().get_solar_day()
    return date(day.get_year(), day.get_month(), day.get_day())
