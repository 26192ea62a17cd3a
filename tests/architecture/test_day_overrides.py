"""The page on which administrators say which days are worked or free at their places, and what that changes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.test import Client

from huying.calls.models import Call, Clock
from huying.calls.tests.browsing import browser, sent
from huying.calls.tests.factories import START, Cast, person, role
from huying.kernel import clock
from huying.kernel.models import AuditLine
from huying.kernel.models.calendar import DayOverride

pytestmark = pytest.mark.django_db
PAGE = "/system/days/"


@pytest.fixture
def cast(db: None, settings: Any) -> Iterator[Cast]:
    settings.HUYING_STAFF_SECOND_FACTOR = False
    with clock.frozen(START):
        yield Cast()


def keeper(cast: Cast, where: str = "street") -> Client:
    somebody = person("管事的", cast.home)
    role(somebody, "administrator", getattr(cast, where))
    return browser(somebody)


def declare(client: Client, **more: str) -> Any:
    return sent(
        client, PAGE, **{"day": "2026-03-04", "working": "no", "name": "街道停电", "place_words": "青禾街道"} | more
    )


def due(call: Call) -> str:
    assert call.stage_due_at is not None
    return f"{clock.local(call.stage_due_at):%m-%d %H:%M}"


def test_a_declared_day_moves_the_deadlines_from_now_on_and_no_running_one(cast: Cast) -> None:
    Clock.objects.create(stage="review", minutes=480)
    before, client = cast.call(), keeper(cast)

    answer = declare(client)

    page = client.get(PAGE).content.decode()
    before.refresh_from_db()
    assert (answer.status_code, answer["Location"]) == (303, PAGE)
    assert [due(before), due(cast.call())] == ["03-04 11:00", "03-05 11:00"]
    assert all(words in page for words in ("街道停电", "青禾街道", "3/4", "2026", "已经在走的期限不变"))
    assert AuditLine.objects.filter(verb="day.override", place_path=cast.street.path).count() == 1


def test_a_dropped_day_is_an_ordinary_one_again(cast: Cast) -> None:
    Clock.objects.create(stage="review", minutes=480)
    client = keeper(cast)
    declare(client)

    answer = sent(client, f"{PAGE}{DayOverride.objects.get().pk}/drop/")

    assert (answer.status_code, DayOverride.objects.count(), due(cast.call())) == (303, 0, "03-04 11:00")
    assert sent(client, f"{PAGE}1/drop/").status_code == 404


def test_the_same_day_said_again_replaces_what_was_said(cast: Cast) -> None:
    client = keeper(cast)

    declare(client)
    declare(client, working="yes", name="照常上班")

    assert [(one.working, one.name) for one in DayOverride.objects.all()] == [(True, "照常上班")]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"day": "2026-03-02"}, "已经过去"),
        ({"day": "明天"}, "id_day"),
        ({"name": "  "}, "id_name"),
        ({"name": "长" * 61}, "id_name"),
        ({"working": "maybe"}, "id_working"),
        ({"place_words": "东篱街道"}, "没有找到这个地方"),
        ({"place_words": "青禾区"}, "没有找到这个地方"),
    ],
)
def test_what_cannot_be_is_said_on_the_page_and_nothing_typed_is_lost(
    cast: Cast, wrong: dict[str, str], said: str
) -> None:
    answer = declare(keeper(cast), **wrong)

    page = answer.content.decode()
    assert (answer.status_code, DayOverride.objects.count()) == (422, 0)
    assert said in page
    assert "青禾街道" in page or wrong.get("place_words", "") in page


def test_days_from_above_are_shown_by_year_but_dropped_only_where_they_were_declared(cast: Cast) -> None:
    above = DayOverride.objects.create(
        date=date(2027, 1, 4), working=True, name="县里补班", place_path=cast.county.path
    )
    DayOverride.objects.create(date=date(2026, 5, 4), working=False, name="全国加休")
    DayOverride.objects.create(date=date(2026, 5, 5), working=False, name="别处停水", place_path=cast.away.path)
    DayOverride.objects.create(date=date(2026, 3, 1), working=False, name="早就过了", place_path=cast.home.path)
    client = keeper(cast)

    page = client.get(PAGE).content.decode()

    assert page.index("2026 年") < page.index("全国加休") < page.index("2027 年") < page.index("县里补班")
    assert "别处停水" not in page
    assert "早就过了" not in page
    assert "/drop/" not in page
    assert sent(client, f"{PAGE}{above.pk}/drop/").status_code == 404


def test_those_who_keep_a_station_only_do_not_find_the_door(cast: Cast) -> None:
    station = browser(cast.keeper)

    assert [station.get(PAGE).status_code, declare(station).status_code] == [403, 403]
    assert PAGE not in station.get("/desk/").content.decode()
    assert PAGE in keeper(cast).get(PAGE).content.decode()
