"""Which days a theme has: by the calendar, by the moon, by the solar terms (S0-1a.4; domain 2.11)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from functools import lru_cache

from tyme4py.solar import SolarTerm

from huying.activities.models import Theme
from huying.activities.states import ThemeRule
from huying.kernel.worktime.days import lunar


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
        middle = lunar(year, theme.month, theme.day)
    elif theme.rule == ThemeRule.TERM:
        middle = term_day(year, theme.month)
    else:
        return []
    return [(middle - timedelta(days=theme.days_before), middle + timedelta(days=theme.days_after))]


@lru_cache(maxsize=256)
def term_day(year: int, number: int) -> date:
    """The day of a solar term; 0 is the winter solstice before the year begins, 7 is 清明 (GB/T 33661)."""
    day = SolarTerm.from_index(year, number).get_julian_day().get_solar_day()
    return date(day.get_year(), day.get_month(), day.get_day())
