"""Themes by the calendar, the moon and the sun; rhythms with an end; beats of plans. Against calendars of others."""

from __future__ import annotations

import itertools
import time
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lunar_python import Lunar, Solar

from huying.activities.models import Activity, Theme
from huying.activities.rules import RuleUnclear, beats, build, days_of, normal, occurrences, themes_on
from huying.activities.rules.themes import term_day
from huying.activities.states import Span
from huying.kernel import clock

FIRST = datetime(2026, 3, 5, 2, 0, tzinfo=UTC)


@pytest.mark.django_db
def test_the_seven_festivals_of_2026_fall_on_the_days_that_everybody_knows():
    known = {
        "chunjie": date(2026, 2, 17),
        "yuanxiao": date(2026, 3, 3),
        "qingming": date(2026, 4, 5),
        "duanwu": date(2026, 6, 19),
        "qixi": date(2026, 8, 19),
        "zhongqiu": date(2026, 9, 25),
        "chongyang": date(2026, 10, 18),
    }
    rows = {one.code: one for one in Theme.objects.filter(group="festival")}

    found = {code: days_of(one, 2026)[0][0] + timedelta(days=one.days_before) for code, one in rows.items()}

    assert found == known


@pytest.mark.django_db
@pytest.mark.parametrize("year", range(2020, 2051))
def test_festivals_agree_with_another_lunar_calendar(year):
    for theme in Theme.objects.filter(group="festival", rule="lunar"):
        solar = Lunar.fromYmd(year, theme.month, theme.day).getSolar()
        middle = days_of(theme, year)[0][0] + timedelta(days=theme.days_before)
        assert middle == date(solar.getYear(), solar.getMonth(), solar.getDay()), theme.code
    terms = Solar.fromYmd(year, 4, 15).getLunar().getJieQiTable()
    qingming = terms["清明"]
    assert term_day(year, 7) == date(qingming.getYear(), qingming.getMonth(), qingming.getDay())


@pytest.mark.django_db
def test_every_day_has_exactly_one_season(db):
    seasons = list(Theme.objects.filter(group="season"))

    for number in range(731):
        day = date(2026, 1, 1) + timedelta(days=number)
        assert len(themes_on([day], seasons)) == 1, day


@pytest.mark.django_db
def test_activities_take_their_themes_from_their_days(world):
    festival = world.draft(starts_at=datetime(2026, 6, 17, 2, 0, tzinfo=UTC))
    chosen = world.draft(themes=[Theme.objects.get(code="give")])

    assert {one.code for one in festival.themes.all()} == {"summer", "duanwu"}
    assert {one.code for one in chosen.themes.all()} == {"spring", "leifeng", "give"}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "FREQ=SECONDLY;COUNT=5",
        "FREQ=WEEKLY",
        "FREQ=WEEKLY;COUNT=5;UNTIL=20260601",
        "FREQ=WEEKLY;COUNT=5;BYHOUR=3",
        "FREQ=WEEKLY;COUNT=x",
        "FREQ=WEEKLY;COUNT=-3",
        "FREQ=WEEKLY;COUNT=5;COUNT=6",
        "FREQ=DAILY;COUNT=100000000",
        "FREQ=DAILY;UNTIL=99991231",
        "FREQ=WEEKLY;COUNT=60;INTERVAL=1",
        "FREQ=YEARLY;COUNT=3",
        "FREQ=DAILY;COUNT=5;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=WEEKLY;COUNT=4;BYDAY=MO",
        "DROP TABLE;",
        "FREQ=WEEKLY;UNTIL=morgen",
        "FREQ=MONTHLY;COUNT=2;BYDAY=9XX",
        "FREQ=WEEKLY;COUNT=401",
        "FREQ=WEEKLY;COUNT=500",
        "FREQ=DAILY;COUNT=401",
        "FREQ=DAILY;COUNT=0",
        "FREQ=MONTHLY;COUNT=3;BYSETPOS=20;BYDAY=MO",
        "FREQ=MONTHLY;COUNT=3;BYSETPOS=20",
        "FREQ=WEEKLY;COUNT=3;BYSETPOS=20;BYDAY=MO,TU,WE,TH,FR,SA,SU",
        "FREQ=DAILY;UNTIL=20260601;BYSETPOS=20",
        "FREQ=YEARLY;UNTIL=20260601;BYSETPOS=-400;BYDAY=MO,TU,WE,TH,FR,SA,SU",
        "FREQ=MONTHLY;COUNT=3;BYMONTHDAY=31;BYMONTH=2",
        "FREQ=DAILY;COUNT=3;BYMONTHDAY=31;BYMONTH=2",
        "FREQ=MONTHLY;COUNT=3;BYDAY=6TH",
        "FREQ=YEARLY;COUNT=3;BYDAY=54TH",
        "FREQ=YEARLY;COUNT=3;BYDAY=6TH;BYMONTH=3",
        "FREQ=WEEKLY;COUNT=3;BYDAY=2TH",
    ],
)
def test_rules_without_an_end_or_without_sense_are_refused(text):
    begun = time.process_time()

    with pytest.raises(RuleUnclear) as refused:
        occurrences(normal(text), FIRST)

    assert list(refused.value.fields) == ["rrule"]
    assert time.process_time() - begun < 1, "a rule that has no days is searched for them"


def test_a_rule_gives_four_hundred_days_and_says_when_it_would_give_more():
    assert len(occurrences("FREQ=DAILY;COUNT=400", FIRST)) == 400
    for count in (401, 500):
        with pytest.raises(RuleUnclear, match="最多 400 场"):
            occurrences(f"FREQ=WEEKLY;COUNT={count}", FIRST)


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("FREQ=MONTHLY;COUNT=3;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=4", ["2026-03-05", "2026-04-06", "2026-05-06"]),
        ("FREQ=MONTHLY;COUNT=3;BYDAY=1TH", ["2026-03-05", "2026-04-02", "2026-05-07"]),
        ("FREQ=MONTHLY;COUNT=2;BYDAY=-4TH", ["2026-03-05", "2026-04-09"]),
        ("FREQ=YEARLY;COUNT=2;BYMONTH=3;BYDAY=1TH", ["2026-03-05", "2027-03-04"]),
        ("FREQ=YEARLY;COUNT=1;BYDAY=10TH", ["2026-03-05"]),
        ("FREQ=YEARLY;COUNT=2;BYMONTH=3;BYMONTHDAY=4,5;BYSETPOS=-1", ["2026-03-05", "2027-03-05"]),
        ("FREQ=WEEKLY;COUNT=2;BYDAY=TU,TH;BYSETPOS=-1", ["2026-03-05", "2026-03-12"]),
        ("FREQ=WEEKLY;COUNT=3;BYDAY=TU,TH,SA;BYSETPOS=2", ["2026-03-05", "2026-03-12", "2026-03-19"]),
        ("FREQ=WEEKLY;COUNT=3;BYDAY=TU,TH;BYSETPOS=1;WKST=WE", ["2026-03-05", "2026-03-12", "2026-03-19"]),
        ("FREQ=WEEKLY;COUNT=3;BYDAY=TU,TH;BYSETPOS=1,2;INTERVAL=2", ["2026-03-05", "2026-03-17", "2026-03-19"]),
        ("FREQ=WEEKLY;COUNT=2;BYSETPOS=1", ["2026-03-05", "2026-03-12"]),
        ("FREQ=MONTHLY;COUNT=2;BYSETPOS=1", ["2026-03-05", "2026-04-05"]),
    ],
)
def test_the_fourth_working_day_or_the_first_thursday_is_found(text, days):
    assert [f"{clock.local(one):%Y-%m-%d}" for one in occurrences(text, FIRST)] == days


@pytest.mark.django_db
@pytest.mark.parametrize("rule", ["FREQ=WEEKLY;COUNT=500", "FREQ=WEEKLY;UNTIL=99991231", "FREQ=MONTHLY;UNTIL=20300101"])
def test_an_activity_is_not_written_with_fewer_days_than_its_rule_says(world, rule):
    with pytest.raises(RuleUnclear) as refused:
        world.draft(rrule=rule)

    assert list(refused.value.fields) == ["rrule"]
    assert not Activity.objects.exists()


def test_a_rule_is_once_when_it_is_empty_and_keeps_its_hour():
    assert occurrences("", FIRST) == [FIRST]
    found = occurrences("FREQ=WEEKLY;COUNT=3", FIRST)
    assert [one - FIRST for one in found] == [timedelta(), timedelta(days=7), timedelta(days=14)]


@settings(max_examples=60, deadline=None)
@given(
    every=st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "NTH"]),
    day=st.dates(date(2026, 1, 1), date(2026, 12, 31)),
    length=st.integers(0, 300),
)
def test_what_people_choose_becomes_a_rule_that_begins_on_its_day_and_ends_in_time(every, day, length):
    if every == "DAILY":
        length = min(length, 100)
    first = datetime(day.year, day.month, day.day, 9, 30, tzinfo=clock.SHANGHAI).astimezone(UTC)
    until = day + timedelta(days=length)
    try:
        found = occurrences(build(every, day, until), first)
    except RuleUnclear:  # the fifth weekday that is not the last of its month
        assert every == "NTH"
        return

    assert found[0] == first and found == sorted(set(found))
    assert all(day <= clock.local(one).date() <= until for one in found)
    assert {clock.local(one).time() for one in found} == {clock.local(first).time()}


@settings(max_examples=80)
@given(
    every=st.sampled_from(list(Span)),
    first=st.dates(date(2024, 1, 1), date(2028, 12, 31)),
    days=st.integers(0, 800),
)
def test_beats_follow_each_other_without_gap_and_cover_the_plan(every, first, days):
    found = beats(every, first, first + timedelta(days=days))

    assert found[0].starts <= first < found[0].ends
    assert found[-1].starts <= first + timedelta(days=days) < found[-1].ends
    assert all(one.ends == following.starts for one, following in itertools.pairwise(found))
