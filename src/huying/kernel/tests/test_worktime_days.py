"""The days of China against two other calendars, and the honest guess for years without a notice."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import holidays as vacanza
import pytest
from django.core.management import CommandError, call_command
from lunar_python.util import HolidayUtil
from tyme4py.holiday import LegalHoliday

from huying.kernel.actor import Actor
from huying.kernel.models import AuditLine, DayOverride, HolidayNotice
from huying.kernel.worktime import (
    NATIONAL,
    Calendar,
    Day,
    announce_year,
    calendar_for,
    drop_override,
    is_workday,
    override_day,
)
from huying.kernel.worktime.days import LAST_YEAR, estimated_holidays, lunar
from huying.kernel.worktime.overrides import DayNameMissing, NoticeIncomplete

STAFF = Actor(person_id=7)


def every_day(first: date, last: date) -> list[date]:
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


ANNOUNCED = every_day(date(2023, 1, 1), date(2026, 12, 31))


def worked_by_tyme(day: date) -> bool:
    notice = LegalHoliday.from_ymd(day.year, day.month, day.day)
    return day.weekday() < 5 if notice is None else notice.is_work()


def worked_by_lunar_python(day: date) -> bool:
    notice = HolidayUtil.getHoliday(day.isoformat())
    return day.weekday() < 5 if notice is None else notice.isWork()


def test_every_day_2023_to_2026_agrees_with_the_holidays_package() -> None:
    """``holidays`` (the Vacanza team) is kept by other people, from the gazette itself."""
    china = vacanza.China(years=range(2023, 2027))

    differing = [day for day in ANNOUNCED if NATIONAL.day(day).working != china.is_working_day(day)]

    assert differing == []


def test_every_day_2023_to_2026_agrees_with_tyme_and_lunar_python() -> None:
    """tyme4py and lunar_python share an author, so together they count as one independent calendar."""
    differing = [
        day for day in ANNOUNCED if not NATIONAL.day(day).working == worked_by_tyme(day) == worked_by_lunar_python(day)
    ]

    assert differing == []


def test_announced_days_are_certain_and_carry_names() -> None:
    assert [day for day in ANNOUNCED if NATIONAL.day(day).estimated] == []
    assert NATIONAL.day(date(2026, 2, 17)) == Day(date(2026, 2, 17), working=False, name="春节")
    assert NATIONAL.day(date(2026, 2, 14)) == Day(date(2026, 2, 14), working=True, name="春节")
    assert NATIONAL.day(date(2026, 2, 14)).is_makeup
    assert NATIONAL.day(date(2026, 3, 7)) == Day(date(2026, 3, 7), working=False)
    assert not NATIONAL.day(date(2026, 3, 7)).is_holiday


def test_years_past_the_package_are_marked_as_estimated_on_every_day() -> None:
    days = every_day(date(LAST_YEAR + 1, 1, 1), date(LAST_YEAR + 3, 12, 31))

    assert all(NATIONAL.day(day).estimated for day in days)
    assert NATIONAL.day(date(2001, 3, 5)) == Day(date(2001, 3, 5), working=True, estimated=True)


def test_estimated_holidays_agree_with_the_holidays_package_up_to_2050() -> None:
    """Both follow decree 795: 13 days, weekend ones made up on the next working days."""
    years = range(LAST_YEAR + 1, 2051)
    china = vacanza.China(years=years)

    differing = {
        year: (sorted(estimated_holidays(year)), sorted(day for day in china if day.year == year))
        for year in years
        if sorted(estimated_holidays(year)) != sorted(day for day in china if day.year == year)
    }

    assert differing == {}


def test_lunar_festivals_fall_on_the_days_that_are_known() -> None:
    assert [lunar(2026, *day) for day in ((1, 1), (1, 15), (5, 5), (7, 7), (8, 15), (9, 9))] == [
        date(2026, 2, 17),
        date(2026, 3, 3),
        date(2026, 6, 19),
        date(2026, 8, 19),
        date(2026, 9, 25),
        date(2026, 10, 18),
    ]


def test_an_override_beats_the_nation_and_a_nearer_place_beats_a_farther(db: None) -> None:
    day = date(2026, 7, 1)
    override_day(actor=STAFF, day=day, working=False, name="县里放假")
    override_day(actor=STAFF, day=day, working=False, name="乡里放假", place_path="/1/12/")
    override_day(actor=STAFF, day=day, working=True, name="抗洪值守", place_path="/1/12/345/")

    assert is_workday(day) == Day(day, working=False, name="县里放假")
    assert calendar_for("/1/13/").day(day).name == "县里放假"
    assert calendar_for("/1/12/9/").day(day).name == "乡里放假"
    assert calendar_for("/1/12/345/6/").day(day) == Day(day, working=True, name="抗洪值守")
    assert calendar_for("/1/12/345/6/").day(date(2026, 7, 2)).working


def test_overrides_are_audited_replaced_and_dropped(db: None) -> None:
    day = date(2026, 7, 1)
    override_day(actor=STAFF, day=day, working=False, name="停电")
    row = override_day(actor=STAFF, day=day, working=False, name="高温停工")
    assert list(DayOverride.objects.values_list("date", "name")) == [(day, "高温停工")]

    drop_override(actor=STAFF, override=row)

    assert is_workday(day).working
    assert list(AuditLine.objects.order_by("id").values_list("person_id", "verb")) == [
        (7, "day.override"),
        (7, "day.override"),
        (7, "day.override_dropped"),
    ]


def test_an_override_without_a_reason_is_refused(db: None) -> None:
    with pytest.raises(DayNameMissing):
        override_day(actor=STAFF, day=date(2026, 7, 1), working=False, name="  ")

    assert not DayOverride.objects.exists()


def test_a_notice_entered_by_hand_ends_the_estimate_of_its_year(db: None) -> None:
    year = LAST_YEAR + 1
    new_year, makeup = (
        date(year, 1, 1),
        next(d for d in every_day(date(year, 1, 2), date(year, 1, 9)) if d.weekday() == 5),
    )

    announce_year(
        actor=STAFF,
        year=year,
        days={new_year: (False, "元旦"), makeup: (True, "元旦")},
        source="国办发明电〔示例〕7号",
    )

    calendar = calendar_for()
    assert calendar.day(new_year) == Day(new_year, working=False, name="元旦")
    assert calendar.day(makeup) == Day(makeup, working=True, name="元旦")
    assert calendar.day(date(year, 10, 1)) == Day(date(year, 10, 1), working=date(year, 10, 1).weekday() < 5)
    assert calendar.day(date(year + 1, 3, 3)).estimated
    assert HolidayNotice.objects.get().source == "国办发明电〔示例〕7号"


def test_a_notice_with_a_day_of_another_year_is_refused(db: None) -> None:
    with pytest.raises(NoticeIncomplete, match="2029-01-01"):
        announce_year(actor=STAFF, year=2028, days={date(2029, 1, 1): (False, "元旦")}, source="通知")

    assert not HolidayNotice.objects.exists()


def notice(folder: Path, text: str) -> str:
    path = folder / "notice.csv"
    path.write_bytes(text.encode("gbk"))
    return str(path)


def test_a_notice_is_entered_from_a_table(db: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    year = LAST_YEAR + 1
    table = f"日期,上班,节日\n{year}-01-01,否,元旦\n{year}-01-02,是,元旦\n"

    call_command("announce_year", str(year), notice(tmp_path, table), "--source", "国办发明电〔示例〕7号")

    assert [is_workday(date(year, 1, day)) for day in (1, 2)] == [
        Day(date(year, 1, 1), working=False, name="元旦"),
        Day(date(year, 1, 2), working=True, name="元旦"),
    ]
    assert "2 days" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("1月1日,否,元旦", "row 2"),
        ("2027-01-01,也许,元旦", "row 2"),
        ("2027-01-01,否,元旦\n2027-01-01,否,元旦", "row 3"),
        ("2028-01-01,否,元旦", "2028-01-01"),
        ("", "没有任何日期"),
    ],
)
def test_a_wrong_table_changes_nothing(db: None, tmp_path: Path, rows: str, said: str) -> None:
    with pytest.raises(CommandError, match=said):
        call_command("announce_year", "2027", notice(tmp_path, f"日期,上班,节日\n{rows}\n"), "--source", "国办")
    with pytest.raises(CommandError, match="No such file"):
        call_command("announce_year", "2027", str(tmp_path / "none.csv"), "--source", "国办")

    assert not DayOverride.objects.exists()


def test_a_calendar_of_places_asks_two_questions(db: None, django_assert_num_queries) -> None:  # type: ignore[no-untyped-def]
    with django_assert_num_queries(2):
        calendar = calendar_for("/1/2/3/4/5/")

    assert calendar == Calendar()
