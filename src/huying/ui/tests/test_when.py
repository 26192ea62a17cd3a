"""Time in words, in both languages and at the edges."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import translation

from huying.ui import when

CHINA = ZoneInfo("Asia/Shanghai")


def local(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=CHINA)


@pytest.mark.parametrize(
    ("hour", "words"),
    [
        (0, "晚上好"),
        (5, "早上好"),
        (8, "早上好"),
        (9, "上午好"),
        (11, "中午好"),
        (12, "中午好"),
        (13, "下午好"),
        (18, "晚上好"),
        (23, "晚上好"),
    ],
)
def test_the_greeting_follows_the_local_hour(hour: int, words: str) -> None:
    assert when.greeting(local(2026, 10, 23, hour, 0).astimezone(UTC)) == words


def test_the_greeting_knows_no_name_when_nobody_is_signed_in() -> None:
    at = local(2026, 10, 23, 14, 0)

    assert when.hello("", at) == "下午好"
    assert when.hello("王阿姨", at) == "王阿姨，下午好"


@pytest.mark.parametrize(
    ("day", "term"),
    [
        # dates published by the Purple Mountain Observatory for 2026
        (date(2026, 2, 3), "大寒"),
        (date(2026, 2, 4), "立春"),
        (date(2026, 4, 5), "清明"),
        (date(2026, 6, 21), "夏至"),
        (date(2026, 10, 22), "寒露"),
        (date(2026, 10, 23), "霜降"),
        (date(2026, 12, 22), "冬至"),
    ],
)
def test_the_solar_term_is_the_one_in_force(day: date, term: str) -> None:
    assert when.solar_term(day) == term


def test_a_year_has_twenty_four_terms() -> None:
    days = [date(2026, 1, 1) + timedelta(days=number) for number in range(365)]

    assert len({when.solar_term(day) for day in days}) == 24


def test_a_moment_is_named_by_its_nearness() -> None:
    now = local(2026, 10, 23, 14, 41)

    assert when.moment_text(local(2026, 10, 23, 15, 0), now) == "今天 15:00"
    assert when.moment_text(local(2026, 10, 22, 20, 14), now) == "昨天 20:14"
    assert when.moment_text(local(2026, 10, 24, 0, 0), now) == "明天 00:00"
    assert when.moment_text(local(2026, 10, 20, 9, 5), now) == "10月20日 周二 09:05"
    assert when.moment_text(local(2025, 12, 31, 9, 5), now) == "2025年12月31日 周三 09:05"


def test_today_is_the_day_in_china_whatever_the_server_thinks() -> None:
    now = datetime(2026, 10, 22, 16, 30, tzinfo=UTC)  # half past midnight on the 23rd

    assert when.moment_text(datetime(2026, 10, 22, 15, 59, tzinfo=UTC), now) == "昨天 23:59"


def test_a_deadline_is_over_at_its_very_moment() -> None:
    now = local(2026, 10, 23, 14, 41)

    assert when.left_text(now + timedelta(minutes=6), now) == "剩 6 分钟"
    assert when.left_text(now, now) == "超时 1 分钟"
    assert when.left_text(now - timedelta(hours=2, minutes=5), now) == "超时 2 小时 5 分钟"


def test_what_just_happened_is_just_now() -> None:
    now = local(2026, 10, 23, 14, 41)

    assert when.ago_text(now - timedelta(seconds=20), now) == "刚刚"
    assert when.ago_text(now - timedelta(minutes=12), now) == "12 分钟前"
    assert when.ago_text(now - timedelta(hours=23, minutes=30), now) == "23 小时 30 分钟前"
    assert when.ago_text(now - timedelta(days=1), now) == "昨天 14:41"
    assert when.ago_text(now + timedelta(hours=1), now) == "今天 15:41"


def test_long_spans_drop_the_minutes() -> None:
    assert when.span_text(timedelta(days=3, hours=2, minutes=40)) == "3 天 2 小时"
    assert when.span_text(timedelta(days=2)) == "2 天"


def test_the_day_is_written_in_the_order_of_the_language() -> None:
    at = local(2026, 10, 23, 14, 41)

    assert when.day_text(at) == "10月23日 周五"
    assert when.day_text(at.date(), year=True) == "2026年10月23日 周五"
    with translation.override("en"):
        assert when.day_text(at).endswith(" 23 Oct")


def test_words_that_are_kept_are_those_of_the_language_that_is_active() -> None:
    at = local(2026, 10, 23, 15, 0)
    minutes, days = timedelta(minutes=6), timedelta(days=2, hours=1)

    def said() -> list[str]:
        spans = [when.span_text(minutes), when.ago_text(at - minutes, at), when.left_text(at + minutes, at)]
        return [*spans, when.left_text(at - days, at), when.day_text(at), when.moment_text(at + days, at)]

    chinese = said()
    with translation.override("en"):
        english = said()

    assert chinese == ["6 分钟", "6 分钟前", "剩 6 分钟", "超时 2 天 1 小时", "10月23日 周五", "10月25日 周日 16:00"]
    assert english[4:] == ["Fri 23 Oct", "Sun 25 Oct 16:00"] and not set(chinese) & set(english)
    assert said() == chinese
