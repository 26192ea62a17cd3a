"""What looks odd to a rule: found when it is there, quiet about a thousand honest records, and never about persons."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from django.urls import reverse

from huying.kernel import clock
from huying.volunteers import actions, queries, rules
from huying.volunteers.rules import Entry
from huying.volunteers.tests.factories import START, Cast, actor, browser, person, role
from huying.volunteers.tests.test_service import served

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
_keys = count(1)


@pytest.fixture
def cast(db: None) -> Iterator[Cast]:
    with clock.frozen(START):
        yield Cast()


def entry(**more: Any) -> Entry:
    """A plain morning, entered the same afternoon, confirmed by another."""
    starts = more.pop("starts_at", START)
    facts = {"team": 1, "person": 10, "entered_by": 20, "confirmed_by": 30, "minutes": 120} | more
    ends = starts + timedelta(minutes=facts["minutes"])
    return Entry(key=next(_keys), **({"starts_at": starts, "ends_at": ends, "recorded_at": ends + 2 * HOUR} | facts))


def found(entries: list[Entry]) -> dict[str, set[int]]:
    hits = {code: find(entries) for code, (_words, find) in rules.ODDITIES.items()}
    return {code: keys for code, keys in hits.items() if keys}


def honest() -> list[Entry]:
    """A thousand records of ten teams: three who enter, three who confirm, round times, and a few long days."""
    return [
        entry(
            team=n % 10,
            person=100 + n % 97,
            entered_by=20 + n % 3,
            confirmed_by=30 + n % 7 % 3,
            minutes=(60, 90, 120, 150, 180, 121, 87, 143)[n % 8],
            starts_at=START + (n % 33) * DAY,
        )
        for n in range(1000)
    ]


def test_honest_records_are_left_alone() -> None:
    assert found(honest()) == {}
    assert found([]) == {}


def test_a_team_with_far_more_hours_a_head_than_usual_through_the_same_two_hands() -> None:
    mine = [entry(team=77, person=n, minutes=560, starts_at=START + k * DAY) for n in range(5) for k in range(9)]
    other = [entry(team=77, confirmed_by=31, minutes=60)]
    usual = [entry(team=78, person=50 + n, starts_at=START + k * DAY) for n in range(5) for k in range(9)]

    assert found([*honest(), *mine, *other, *usual]) == {"one_pair": {one.key for one in mine}}


@pytest.mark.parametrize("people", [(1, 2), (1, 2, 3), (1, 2, 3, 4)])
def test_people_who_confirm_far_more_than_usual_for_each_other_or_in_a_circle(people: tuple[int, ...]) -> None:
    onward = dict(zip(people, (*people[1:], people[0]), strict=True))
    ring = [
        entry(team=None, person=onward[one], confirmed_by=one, minutes=560, starts_at=START + 4 * n * DAY)
        for one in people
        for n in range(9)
    ]
    usual = [entry(team=None, person=a, confirmed_by=b) for a, b in ((5, 6), (6, 5))]
    no_ring = [entry(team=None, person=7, confirmed_by=8, starts_at=START + n * DAY, minutes=330) for n in range(9)]

    assert found([*honest(), *ring, *usual, *no_ring])["rings"] == {one.key for one in ring}


def test_a_circle_of_five_is_no_longer_looked_for() -> None:
    ring = [
        entry(team=None, person=(n + 1) % 5, confirmed_by=n or 5, minutes=560, starts_at=START + 4 * k * DAY)
        for n in range(5)
        for k in range(9)
    ]
    assert "rings" not in found([*honest(), *ring])


def test_three_days_of_over_twelve_hours_in_one_week() -> None:
    monday = START - DAY
    many = [
        entry(person=5, minutes=400, starts_at=monday + n * DAY + part * 7 * HOUR) for n in range(3) for part in (0, 1)
    ]
    two = [entry(person=6, minutes=721, starts_at=monday + n * DAY) for n in (5, 6, 7)]  # the third is next week

    assert found([*honest(), *many, *two]) == {"long_weeks": {one.key for one in many}}


def test_ten_days_just_below_what_needs_consent() -> None:
    many = [entry(person=5, minutes=475, starts_at=START + 2 * n * DAY) for n in range(10)]
    nine = [entry(person=6, minutes=475, starts_at=START + 2 * n * DAY) for n in range(9)]

    assert found([*honest(), *many, *nine])["full_days"] == {one.key for one in many}


def test_a_night_of_entering_on_both_sides_of_midnight() -> None:
    midnight = clock.local(START).replace(hour=0)
    night = [
        entry(entered_by=99, starts_at=START - 2 * DAY, recorded_at=midnight + (n - 5) * timedelta(minutes=10))
        for n in range(10)
    ]
    nine = [entry(entered_by=98, starts_at=START - 2 * DAY, recorded_at=midnight) for _n in range(9)]
    lanterns = [entry(entered_by=97, starts_at=midnight - 3 * HOUR, recorded_at=midnight) for _n in range(30)]

    assert found([*honest(), *night, *nine, *lanterns]) == {"by_night": {one.key for one in night}}


def test_many_days_long_past_entered_in_one_day() -> None:
    now = START + 60 * DAY
    back = [entry(entered_by=99, person=n, starts_at=START + n % 5 * DAY, recorded_at=now) for n in range(10)]
    one_sheet = [entry(entered_by=98, person=n, recorded_at=now) for n in range(30)]

    assert found([*honest(), *back, *one_sheet]) == {"long_ago": {one.key for one in back}}


def test_a_sheet_copied_from_day_to_day() -> None:
    copied = [entry(team=70, person=n, starts_at=START + 7 * k * DAY) for n in range(10) for k in range(5)]
    real = [
        entry(team=71, person=20 + n, starts_at=START + 7 * k * DAY) for n in range(11) for k in range(5) if n != 2 * k
    ]

    assert found([*honest(), *copied, *real]) == {"same_roll": {one.key for one in copied}}


def test_two_places_with_no_time_between_them() -> None:
    def pair(minutes_between: int, lat: float) -> list[Entry]:
        first = entry(person=5, lon=104.0, lat=30.0)
        gap = timedelta(minutes=minutes_between)
        return [first, entry(person=5, lon=104.0, lat=lat, starts_at=first.ends_at + gap)]

    quick = pair(3, 30.1)  # eleven kilometres in three minutes

    assert found(quick) == {"too_far": {one.key for one in quick}}
    assert found(pair(30, 30.1)) == {}
    assert found(pair(0, 30.01)) == {}


def test_the_same_odd_length_day_after_day() -> None:
    alike = [entry(entered_by=97, person=n, minutes=123, starts_at=START + n % 6 * DAY) for n in range(24)]
    plain = [entry(entered_by=96, person=n, minutes=120, starts_at=START + n % 6 * DAY) for n in range(24)]
    one_day = [entry(entered_by=95, person=n, minutes=123) for n in range(24)]

    assert found([*honest(), *alike, *plain, *one_day]) == {"all_alike": {one.key for one in alike}}


@pytest.mark.django_db
def test_the_auditor_above_reads_them_and_nobody_else(cast: Cast) -> None:
    auditor, elsewhere = person("秦守一", cast.county), person("冯远", cast.away)
    role(auditor, "auditor", cast.county)
    role(elsewhere, "auditor", cast.away)
    rows = [
        actions.submit_record(actor=actor(cast.wu.person), served=served(cast, who=who, ago=24 * (20 + n), hours=2))
        for n in range(5)
        for who in (cast.li, cast.he)
    ]
    for row in rows:
        actions.confirm(actor=actor(cast.keeper), record=row)

    seen = queries.oddities(actor(auditor))
    page = browser(auditor).get(reverse("volunteers:odd"))

    assert [(one.code, one.count) for one in seen.found] == [("long_ago", 10)]
    assert queries.oddities(actor(elsewhere)).found == []
    body = page.content.decode()
    assert (page.status_code, "周三助餐" in body) == (200, True)
    assert not any(name in body for name in ("李安和", "何晓燕", "王敏之"))  # records, not persons
    assert [browser(who).get(reverse("volunteers:odd")).status_code for who in (cast.keeper, cast.li.person)] == [
        403,
        403,
    ]
