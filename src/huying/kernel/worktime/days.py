"""Which days are worked in China: the State Council's notices, local overrides, and an honest guess for
years not announced yet.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache

from chinese_calendar.constants import Holiday, holidays, workdays
from tyme4py.lunar import LunarDay
from tyme4py.solar import SolarTerm

SATURDAY = 5
FIRST_YEAR, LAST_YEAR = min(holidays).year, max(holidays).year  # the notices that the package holds
CHINESE = {holiday.value: holiday.chinese for holiday in Holiday}
QINGMING = 7  # its number among the 24 solar terms, counted from the winter solstice


@dataclass(frozen=True, slots=True)
class Day:
    """One calendar day. ``estimated``: no notice covers it yet. ``name``: the holiday, empty on ordinary
    days.
    """

    date: date
    working: bool
    estimated: bool = False
    name: str = ""

    @property
    def is_makeup(self) -> bool:
        """A weekend day that is worked (调休)."""
        return self.working and self.date.weekday() >= SATURDAY

    @property
    def is_holiday(self) -> bool:
        """Off for a holiday, its substitute days and the weekend days inside it included; not a plain
        weekend.
        """
        return not self.working and (bool(self.name) or self.date.weekday() < SATURDAY)


@dataclass(frozen=True)
class Calendar:
    """The national days, with ``overrides`` by date on top, and the years that were announced by hand.

    A year in ``announced`` is no longer estimated: its overrides are the whole notice and every other day
    follows the week.
    """

    overrides: Mapping[date, Day] = field(default_factory=dict)
    announced: frozenset[int] = frozenset()

    def day(self, day: date) -> Day:
        """The facts of one date (1992 to 2200)."""
        override = self.overrides.get(day)
        if override is not None:
            return override
        if day.year in self.announced:
            return Day(day, working=day.weekday() < SATURDAY)
        return national_year(day.year)[day.timetuple().tm_yday - 1]


NATIONAL = Calendar()


@lru_cache(maxsize=64)
def national_year(year: int) -> tuple[Day, ...]:
    """Every day of one year, from 1 January on."""
    first = date(year, 1, 1)
    days = [first + timedelta(days=n) for n in range((date(year + 1, 1, 1) - first).days)]
    if FIRST_YEAR <= year <= LAST_YEAR:
        return tuple(announced_day(day) for day in days)
    named = estimated_holidays(year)
    return tuple(
        Day(day, day.weekday() < SATURDAY and day not in named, estimated=True, name=named.get(day, "")) for day in days
    )


def announced_day(day: date) -> Day:
    """A day of a year whose notice (国务院办公厅关于部分节假日安排的通知) is in the package."""
    if day in workdays:
        return Day(day, working=True, name=CHINESE[workdays[day]])
    if day in holidays:
        return Day(day, working=False, name=CHINESE[holidays[day]])
    return Day(day, working=day.weekday() < SATURDAY)


def estimated_holidays(year: int) -> dict[date, str]:
    """The statutory days of a year without a notice, each with its name.

    全国年节及纪念日放假办法 (as amended by State Council decree 795, in force 2025-01-01): art. 2 names
    13 days; by art. 7 a day that falls on a weekend is made up on working days, taken here to be the next
    ones. Which weekends will be worked is not known before the notice, so no make-up day is guessed.
    """
    statutory = sorted(statutory_days(year))
    observed = dict(statutory)
    for day, name in statutory:  # two holidays on one Sunday are both made up
        if day.weekday() >= SATURDAY:
            substitute = day
            while substitute in observed or substitute.weekday() >= SATURDAY:
                substitute += timedelta(days=1)
            observed[substitute] = name
    return observed


def statutory_days(year: int) -> Iterator[tuple[date, str]]:
    """(date, name) of each statutory holiday by the sun, the moon and the solar terms."""
    for month, days, name in ((1, (1,), "元旦"), (5, (1, 2), "劳动节"), (10, (1, 2, 3), "国庆节")):
        yield from ((date(year, month, day), name) for day in days)
    new_year = lunar(year, 1, 1)
    yield from ((new_year + timedelta(days=offset), "春节") for offset in (-1, 0, 1, 2))
    qingming = SolarTerm.from_index(year, QINGMING).get_julian_day().get_solar_day()
    yield date(qingming.get_year(), qingming.get_month(), qingming.get_day()), "清明"
    yield lunar(year, 5, 5), "端午"
    yield lunar(year, 8, 15), "中秋"


def lunar(year: int, month: int, day: int) -> date:
    """The solar date of a day of the lunar calendar (GB/T 33661)."""
    solar = LunarDay.from_ymd(year, month, day).get_solar_day()
    return date(solar.get_year(), solar.get_month(), solar.get_day())
