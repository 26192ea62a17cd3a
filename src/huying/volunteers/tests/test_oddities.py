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
    facts = {"team": 1, "person": 10, "entered_by": 20, "confirmed_by": 30, "minutes": 120}
    return Entry(key=next(_keys), **(facts | {"starts_at": starts, "recorded_at": starts + 4 * HOUR} | more))


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


def test_one_person_who_confirms_nearly_all_of_a_team() -> None:
    mine = [entry(team=77, person=n, starts_at=START + n * DAY) for n in range(9)]
    other = [entry(team=77, confirmed_by=31, minutes=60)]
    small = [entry(team=78) for _n in range(4)]

    assert found([*honest(), *mine, *other, *small]) == {"one_hand": {one.key for one in mine}}


def test_two_who_confirm_each_other() -> None:
    pair = [
        entry(team=None, person=a, confirmed_by=b, starts_at=START + n * DAY)
        for n in (1, 2)
        for a, b in ((1, 2), (2, 1))
    ]
    once = [entry(team=None, person=3, confirmed_by=4), entry(team=None, person=4, confirmed_by=3)]

    assert found([*pair, *once])["each_other"] == {one.key for one in pair}


def test_three_days_of_over_twelve_hours_in_one_week() -> None:
    monday = START - DAY
    many = [
        entry(person=5, minutes=400, starts_at=monday + n * DAY + part * 7 * HOUR) for n in range(3) for part in (0, 1)
    ]
    two = [entry(person=6, minutes=721, starts_at=monday + n * DAY) for n in (5, 6, 7)]  # the third is next week

    assert found([*honest(), *many, *two]) == {"long_weeks": {one.key for one in many}}


def test_a_night_of_entering_on_both_sides_of_midnight() -> None:
    midnight = clock.local(START).replace(hour=0)
    night = [entry(entered_by=99, recorded_at=midnight + (n - 5) * timedelta(minutes=10)) for n in range(10)]
    nine = [entry(entered_by=98, recorded_at=midnight) for _n in range(9)]

    assert found([*honest(), *night, *nine]) == {"by_night": {one.key for one in night}}


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
        actions.submit_record(actor=actor(cast.wu.person), served=served(cast, who=who, ago=3 + 24 * n, hours=2))
        for n in range(3)
        for who in (cast.li, cast.he)
    ]
    for row in rows:
        actions.confirm(actor=actor(cast.keeper), record=row)

    seen = queries.oddities(actor(auditor))
    page = browser(auditor).get(reverse("volunteers:odd"))

    assert [(one.code, one.count) for one in seen.found] == [("one_hand", 6)]
    assert queries.oddities(actor(elsewhere)).found == []
    body = page.content.decode()
    assert (page.status_code, "周三助餐" in body) == (200, True)
    assert not any(name in body for name in ("李安和", "何晓燕", "王敏之"))  # records, not persons
    assert [browser(who).get(reverse("volunteers:odd")).status_code for who in (cast.keeper, cast.li.person)] == [
        403,
        403,
    ]
