"""Deadlines and working time: worked examples."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from huying.kernel.worktime import (
    NATIONAL,
    NATURAL,
    OFFICE,
    Deadline,
    Hours,
    HoursUnclear,
    NeverOpen,
    Pause,
    deadline,
    deadline_in_days,
    dump,
    is_open,
    next_opening,
    parse,
    weekly,
    working_between,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")
HOUR = timedelta(hours=1)
CALENDAR = NATIONAL


def at(text: str) -> datetime:
    """A wall-clock moment in China as aware UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI).astimezone(UTC)


def due(start: str, hours: float, site: Hours = OFFICE, *pauses: Pause) -> Deadline:
    return deadline(at(start), hours * HOUR, site, pauses, calendar=CALENDAR)


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        ("2026-11-18 09:00", 2, "2026-11-18 11:00"),
        ("2026-11-18 11:00", 2, "2026-11-18 15:00"),  # over the lunch break
        ("2026-11-18 09:00", 3, "2026-11-18 12:00"),  # due at closing, not at the next opening
        ("2026-11-18 09:00", 7, "2026-11-18 18:00"),
        ("2026-11-18 12:30", 1, "2026-11-18 15:00"),  # asked in the break
        ("2026-11-18 20:00", 1, "2026-11-19 10:00"),  # asked at night
        ("2026-11-20 17:00", 2, "2026-11-23 10:00"),  # over the weekend
        ("2026-09-30 17:00", 2, "2026-10-08 10:00"),  # over the National Day week
        ("2026-10-09 17:30", 1, "2026-10-10 09:30"),  # into a worked Saturday (调休)
        ("2026-02-13 17:00", 8, "2026-02-14 18:00"),  # worked Saturday before the Spring Festival
        ("2026-02-14 17:00", 2, "2026-02-24 10:00"),
        ("2026-12-31 17:00", 2, "2027-01-04 10:00"),
    ],
)
def test_deadlines_of_an_office(start: str, hours: float, end: str) -> None:
    assert due(start, hours).at == at(end)


def test_a_deadline_of_nothing_is_its_start_even_at_night() -> None:
    assert due("2026-11-18 23:11", 0) == Deadline(at("2026-11-18 23:11"))


def test_a_deadline_says_when_it_rests_on_days_not_yet_announced() -> None:
    assert due("2026-11-18 09:00", 7) == Deadline(at("2026-11-18 18:00"), estimated=False)
    assert due("2026-12-31 17:00", 2) == Deadline(at("2027-01-04 10:00"), estimated=True)
    assert due("2027-03-01 09:00", 48, NATURAL) == Deadline(at("2027-03-03 09:00"), estimated=False)


def test_the_natural_clock_runs_through_nights_and_holidays() -> None:
    assert due("2026-09-30 17:00", 24, NATURAL).at == at("2026-10-01 17:00")
    assert working_between(at("2026-10-01 00:00"), at("2026-10-08 00:00"), NATURAL, calendar=CALENDAR) == 168 * HOUR


def test_a_station_open_at_weekends_closes_on_holidays_unless_it_says_otherwise() -> None:
    station = weekly("tue-sun", "09:00-17:00", makeup=False)
    holiday = at("2026-10-03 00:00"), at("2026-10-05 00:00")  # a Saturday and a Sunday inside the holiday

    assert working_between(*holiday, station, calendar=CALENDAR) == 0 * HOUR
    usual = parse({**dump(station), "holidays": "usual"})
    assert working_between(*holiday, usual, calendar=CALENDAR) == 16 * HOUR
    assert working_between(at("2026-11-21 00:00"), at("2026-11-23 00:00"), station, calendar=CALENDAR) == 16 * HOUR


def test_a_special_day_beats_the_week_and_the_holiday() -> None:
    site = parse(
        {
            "mon": [["09:00", "12:00"]],
            "special": {"2026-10-01": [["08:00", "10:00"]], "2026-11-23": []},
        }
    )

    assert working_between(at("2026-10-01 00:00"), at("2026-10-02 00:00"), site, calendar=CALENDAR) == 2 * HOUR
    assert due("2026-11-22 10:00", 1, site).at == at("2026-11-30 10:00")


def test_a_pause_moves_the_deadline_by_the_working_time_in_it() -> None:
    pause = Pause(at("2026-11-18 10:00"), at("2026-11-18 15:00"), "等材料")  # 3 working hours of 5

    assert due("2026-11-18 09:00", 2, OFFICE, pause).at == at("2026-11-18 16:00")
    assert (
        working_between(at("2026-11-18 09:00"), at("2026-11-18 18:00"), OFFICE, [pause], calendar=CALENDAR) == 4 * HOUR
    )


def test_an_open_pause_leaves_no_deadline() -> None:
    pause = Pause(at("2026-11-18 10:00"), None, "本人住院")

    assert due("2026-11-18 09:00", 2, OFFICE, pause) == Deadline(None)
    assert due("2026-11-18 09:00", 1, OFFICE, pause).at == at("2026-11-18 10:00")
    assert working_between(at("2026-11-18 09:00"), at("2027-11-18 09:00"), OFFICE, [pause], calendar=CALENDAR) == HOUR


def test_a_pause_that_ends_before_it_begins_is_a_bug() -> None:
    with pytest.raises(ValueError, match="ends before"):
        due("2026-11-18 09:00", 2, OFFICE, Pause(at("2026-11-18 10:00"), at("2026-11-18 09:00")))


def test_a_site_that_never_opens_is_named_and_does_not_hang() -> None:
    with pytest.raises(NeverOpen):
        due("2026-11-18 09:00", 1, parse({}))
    with pytest.raises(NeverOpen):
        next_opening(at("2026-11-18 09:00"), parse({}), calendar=CALENDAR)


def test_naive_moments_negative_time_and_far_years_are_bugs() -> None:
    with pytest.raises(ValueError, match="time zone"):
        deadline(datetime(2026, 1, 1), HOUR, OFFICE, calendar=CALENDAR)
    with pytest.raises(ValueError, match="negative"):
        due("2026-01-01 00:00", -1)
    with pytest.raises(ValueError, match="1992"):
        due("1988-06-01 09:00", 1)


def test_time_backwards_counts_as_nothing() -> None:
    assert working_between(at("2026-11-18 12:00"), at("2026-11-18 09:00"), OFFICE, calendar=CALENDAR) == timedelta(0)


@pytest.mark.parametrize(
    ("start", "days", "end"),
    [
        ("2026-11-18 10:00", 1, "2026-11-19 18:00"),
        ("2026-11-18 23:59", 5, "2026-11-25 18:00"),
        ("2026-09-30 09:00", 1, "2026-10-08 18:00"),
        ("2026-10-03 09:00", 3, "2026-10-10 18:00"),  # asked in the holiday; the worked Saturday counts
    ],
)
def test_working_days_count_from_the_day_after(start: str, days: int, end: str) -> None:
    assert deadline_in_days(at(start), days, OFFICE, calendar=CALENDAR) == Deadline(at(end))


def test_opening_is_half_open() -> None:
    assert [
        is_open(at(f"2026-11-18 {clock}"), OFFICE, calendar=CALENDAR) for clock in ("08:59", "09:00", "11:59", "12:00")
    ] == [
        False,
        True,
        True,
        False,
    ]
    assert next_opening(at("2026-11-18 12:00"), OFFICE, calendar=CALENDAR) == at("2026-11-18 14:00")
    assert next_opening(at("2026-11-20 18:00"), OFFICE, calendar=CALENDAR) == at("2026-11-23 09:00")


def test_china_has_kept_one_offset_since_1992() -> None:
    """The arithmetic uses UTC+8 throughout; the zone database must agree."""
    days = [datetime(1992, 1, 1, tzinfo=UTC) + timedelta(days=n) for n in range(365 * 100)]

    assert {day.astimezone(SHANGHAI).utcoffset() for day in days} == {timedelta(hours=8)}


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        "09:00-17:00",
        {"monday": []},
        {"mon": "09:00-12:00"},
        {"mon": [["09:00"]]},
        {"mon": [["9:00", "12:00"]]},
        {"mon": [["12:00", "09:00"]]},
        {"mon": [["09:00", "09:00"]]},
        {"mon": [["09:00", "12:00"], ["11:00", "13:00"]]},
        {"mon": [["09:00", "24:30"]]},
        {"mon": [[540, 720]]},
        {"holidays": "maybe"},
        {"special": {"2026-02-30": []}},
        {"special": []},
        {"special": {"2026-02-20": None}},
    ],
)
def test_unclear_hours_are_refused_by_name(data: object) -> None:
    with pytest.raises(HoursUnclear):
        parse(data)


def test_hours_survive_the_way_to_json_and_back() -> None:
    data = {
        "mon": [["09:00", "12:00"], ["14:00", "24:00"]],
        "sat": [["00:00", "06:00"]],
        "makeup": [["09:00", "12:00"]],
        "holidays": "usual",
        "special": {"2026-10-01": [], "2026-10-02": [["10:00", "11:00"]]},
    }

    assert dump(parse(data)) == data
