"""Periods and comparisons of a board: like is compared with like, and nothing is said where nothing can be."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from huying.cockpit.rules.board_changes import UNKNOWN, Change, Way, amount_changed, share_changed
from huying.cockpit.rules.board_periods import Against, Stretch, earlier, span, step, whole
from huying.figures.queries import Period
from huying.figures.states import Grain

TODAY = date(2026, 11, 23)  # a Monday


def days(since: str, until: str) -> Period:
    return Period(date.fromisoformat(since), date.fromisoformat(until))


@pytest.mark.parametrize(
    ("stretch", "expected"),
    [
        (Stretch.DAY, days("2026-11-23", "2026-11-24")),
        (Stretch.WEEK, days("2026-11-23", "2026-11-30")),
        (Stretch.MONTH, days("2026-11-01", "2026-12-01")),
        (Stretch.QUARTER, days("2026-10-01", "2027-01-01")),
        (Stretch.YEAR, days("2026-01-01", "2027-01-01")),
    ],
)
def test_a_period_holds_its_day(stretch: Stretch, expected: Period) -> None:
    assert whole(stretch, TODAY) == expected


@pytest.mark.parametrize(
    ("stretch", "previous", "last_year"),
    [
        (Stretch.DAY, days("2026-11-22", "2026-11-23"), days("2025-11-23", "2025-11-24")),
        (Stretch.WEEK, days("2026-11-16", "2026-11-17"), days("2025-11-24", "2025-11-25")),
        (Stretch.MONTH, days("2026-10-01", "2026-10-24"), days("2025-11-01", "2025-11-24")),
        (Stretch.QUARTER, days("2026-07-01", "2026-08-24"), days("2025-10-01", "2025-11-24")),
        (Stretch.YEAR, days("2025-01-01", "2025-11-24"), days("2025-01-01", "2025-11-24")),
    ],
)
def test_a_period_that_runs_is_compared_with_as_many_days(
    stretch: Stretch, previous: Period, last_year: Period
) -> None:
    period = whole(stretch, TODAY)

    assert span(stretch, period, TODAY, Against.PREVIOUS).before == previous
    assert span(stretch, period, TODAY, Against.LAST_YEAR).before == last_year
    assert span(stretch, period, TODAY, Against.NOTHING).before is None


@pytest.mark.parametrize(
    ("stretch", "on", "expected"),
    [
        (Stretch.MONTH, "2026-03-05", days("2026-02-01", "2026-03-01")),
        (Stretch.MONTH, "2026-01-05", days("2025-12-01", "2026-01-01")),
        (Stretch.QUARTER, "2026-02-05", days("2025-10-01", "2026-01-01")),
        (Stretch.YEAR, "2025-02-05", days("2024-01-01", "2025-01-01")),
        (Stretch.WEEK, "2026-01-01", days("2025-12-22", "2025-12-29")),
    ],
)
def test_a_period_that_is_over_is_compared_with_the_whole_one_before(
    stretch: Stretch, on: str, expected: Period
) -> None:
    assert span(stretch, whole(stretch, date.fromisoformat(on)), TODAY, Against.PREVIOUS).before == expected


def test_a_month_cut_longer_than_the_one_before_stops_where_it_begins() -> None:
    shown = days("2027-03-01", "2027-03-31")

    assert earlier(Stretch.MONTH, shown, Against.PREVIOUS, cut=True) == days("2027-02-01", "2027-03-01")


def test_the_leap_day_is_compared_with_the_day_before_it_ends() -> None:
    shown = days("2028-02-29", "2028-03-01")

    assert earlier(Stretch.DAY, shown, Against.LAST_YEAR, cut=False) == days("2027-02-28", "2027-03-01")


def test_days_of_ones_own_are_compared_with_as_many_right_before() -> None:
    shown = span(Stretch.CUSTOM, days("2026-11-01", "2026-11-11"), TODAY, Against.PREVIOUS)

    assert shown.before == days("2026-10-22", "2026-11-01")


def test_curves_show_two_weeks_at_least_and_months_when_it_is_long() -> None:
    day = span(Stretch.DAY, whole(Stretch.DAY, TODAY), TODAY, Against.PREVIOUS)
    year = span(Stretch.YEAR, whole(Stretch.YEAR, TODAY), TODAY, Against.PREVIOUS)

    assert (day.trend, day.grain) == (days("2026-11-10", "2026-11-24"), Grain.DAY)
    assert (year.trend, year.grain) == (days("2026-01-01", "2026-11-24"), Grain.MONTH)


def test_stepping_leads_into_the_neighbouring_period() -> None:
    assert whole(Stretch.MONTH, step(Stretch.MONTH, TODAY, -1)) == days("2026-10-01", "2026-11-01")
    assert whole(Stretch.QUARTER, step(Stretch.QUARTER, TODAY, 1)) == days("2027-01-01", "2027-04-01")


@pytest.mark.parametrize(
    ("now", "before", "expected"),
    [
        (112, 100, Change(Way.UP, Decimal(12), Decimal("12.0"))),
        (2, 3, Change(Way.DOWN, Decimal(1), Decimal("33.3"))),
        (5, 0, Change(Way.UP, Decimal(5), None)),
        (0, 5, Change(Way.DOWN, Decimal(5), Decimal("100.0"))),
        (0, 0, Change(Way.SAME, Decimal(0), None)),
        (7, 7, Change(Way.SAME, Decimal(0), Decimal("0.0"))),
        (None, 7, UNKNOWN),
        (7, None, UNKNOWN),
    ],
)
def test_amounts_are_compared_and_nothing_has_no_percentage(
    now: int | None, before: int | None, expected: Change
) -> None:
    assert amount_changed(now, before) == expected


@pytest.mark.parametrize(
    ("now", "before", "expected"),
    [
        ("96.40", "94.60", Change(Way.UP, Decimal("1.8"))),
        ("90.00", "92.25", Change(Way.DOWN, Decimal("2.3"))),
        ("50.00", "50.04", Change(Way.SAME, Decimal("0.0"))),
        (None, "50.00", UNKNOWN),
        ("50.00", None, UNKNOWN),
    ],
)
def test_shares_are_compared_by_points_and_a_share_of_nothing_is_not_known(
    now: str | None, before: str | None, expected: Change
) -> None:
    assert share_changed(now and Fraction(now), before and Fraction(before)) == expected  # type: ignore[arg-type]
