"""The supervisor's page: what is late, half gone, due today, by level and place; weeks side by side; urging from it."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from huying.calls import actions, queries
from huying.calls.models import Call
from huying.calls.states import State
from huying.calls.tests.browsing import browser, sent
from huying.calls.tests.factories import START, Cast, actor, clocks
from huying.calls.tests.timing import Time

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast(time: Time) -> Cast:
    clocks(review=120, dispatch=24 * 60, rate=7 * 24 * 60)
    return Cast()


def test_each_level_and_place_is_counted_and_they_add_up(cast: Cast, time: Time) -> None:
    cast.call(State.SUBMITTED), cast.call(State.SUSPENDED), cast.call(State.CLOSED)
    time.on(minutes=60)
    cast.call(State.POOLED)
    lifted = cast.call(State.SUBMITTED, place=cast.away)
    Call.objects.filter(pk=lifted.pk).update(level="office")
    time.on(minutes=60)

    seen = queries.watched(actor(cast.dispatcher))

    def row(one: object) -> tuple[object, ...]:
        return tuple(getattr(one, name) for name in ("open", "late", "amber", "due", "suspended"))

    assert row(seen.whole) == (4, 1, 1, 1, 1)
    assert {one.key: row(one) for one in seen.levels} == {
        "station": (3, 1, 0, 0, 1),
        "office": (1, 0, 1, 1, 0),
        "centre": (0, 0, 0, 0, 0),
    }
    assert {one.name: row(one) for one in seen.places} == {"青禾街道": (3, 1, 0, 0, 1), "东篱街道": (1, 0, 1, 1, 0)}
    assert row(queries.watched(actor(cast.keeper)).whole) == (3, 1, 0, 0, 1)


def test_every_count_leads_to_a_list_of_as_many(cast: Cast, time: Time) -> None:
    cast.call(State.SUBMITTED), cast.call(State.SUSPENDED), cast.call(State.POOLED)
    time.on(minutes=70)
    cast.call(State.SUBMITTED)
    time.on(minutes=60)
    desk = browser(cast.dispatcher)
    page = desk.get("/desk/watch/").content.decode()
    links = re.findall(r'href="(/desk/list/[^"]*)">(\d+)<', page)

    assert len(links) > 10
    for address, count in links:
        shown = desk.get(address.replace("&amp;", "&")).content.decode()
        assert len(re.findall(r'<a class="hy-num hy-nowrap"', shown)) == int(count), address


def test_what_presses_most_comes_first_and_has_its_button(cast: Cast, time: Time) -> None:
    first = cast.call(State.SUBMITTED)
    time.on(minutes=30)
    second = cast.call(State.SUBMITTED)
    time.on(minutes=100)
    desk = browser(cast.dispatcher)

    page = desk.get("/desk/watch/").content.decode()
    answer = sent(desk, f"/desk/calls/{first.public_id}/urge/", next="/desk/watch/")
    again = sent(desk, f"/desk/calls/{first.public_id}/urge/", next="/desk/watch/")
    after = desk.get("/desk/watch/").content.decode()

    assert page.index(first.number) < page.index(second.number)
    assert page.count("/urge/") == 2
    assert (answer.status_code, answer["Location"], again.status_code) == (303, "/desk/watch/", 409)
    assert f"已催办 {first.number}" in after
    assert "上次 今天 12:10" in after


def test_the_keeper_sees_the_page_without_buttons_for_what_he_holds_himself(cast: Cast, time: Time) -> None:
    call = cast.call(State.SUBMITTED)
    time.on(minutes=130)
    desk = browser(cast.keeper)

    page = desk.get("/desk/watch/").content.decode()
    answer = sent(desk, f"/desk/calls/{call.public_id}/urge/")

    assert call.number in page
    assert "/urge/" not in page
    assert answer.status_code == 403


@pytest.mark.parametrize("page", ["/desk/calls/{}/", "/calls/{}/", "/desk/?call={}"])
def test_a_call_is_urged_where_it_is_read_and_too_early_the_page_says_from_when_on(
    cast: Cast, time: Time, page: str
) -> None:
    clocks(urge=20)
    call = cast.call(State.SUBMITTED)
    address, urge = page.format(call.public_id), f"/desk/calls/{call.public_id}/urge/"
    pages = {one: browser(one) for one in (cast.dispatcher, cast.keeper)}

    before = {one.name: desk.get(address).content.decode() for one, desk in pages.items()}
    pressed = sent(pages[cast.dispatcher], urge, next=address, note="家属又来问了")
    after = pages[cast.dispatcher].get(address).content.decode()
    too_early = sent(pages[cast.dispatcher], urge, next=address)
    time.on(minutes=20)
    later = pages[cast.dispatcher].get(address).content.decode()

    long = sent(pages[cast.dispatcher], urge, next=address, note="长" * 201)

    assert (long.status_code, "长" * 201 in long.content.decode()) == (422, True)
    assert (urge in before["林知远"], urge in before["王敏之"]) == (True, False)
    assert (pressed.status_code, pressed["Location"]) == (303, address)
    assert urge not in after
    assert "今天 10:00 催办过，今天 10:20以后可以再催。" in after
    assert too_early.status_code == 409
    assert "这件求助刚催过，今天 10:20以后可以再催" in too_early.content.decode()
    assert urge in later and "上次 今天 10:00" in later


def test_the_week_stands_beside_the_week_before(cast: Cast, time: Time) -> None:
    cast.call(State.CLOSED)
    time.on(days=7)
    cast.call(State.CLOSED), cast.call(State.CLOSED)
    late = cast.call(State.SUBMITTED)
    time.on(hours=3)

    page = browser(cast.dispatcher).get("/desk/watch/").content.decode()
    row = page[page.index("已办结的，占应办的") - 1200 : page.index("已办结的，占应办的")]

    assert late.number in page
    assert "66.67%" in row
    assert "100.00%" in row
    assert "1/1" in row


def test_only_samples_that_the_reader_may_call_back_are_put_before_him(cast: Cast) -> None:
    cast.call(State.CLOSED)
    actions.draw(
        actor=actor(cast.dispatcher),
        place=cast.county,
        since=START - timedelta(days=1),
        until=START + timedelta(days=1),
        size=1,
    )

    pages = {one.name: browser(one).get("/desk/watch/").content.decode() for one in (cast.dispatcher, cast.keeper)}

    assert "等您回访的" in pages["林知远"]
    assert "等您回访的" not in pages["王敏之"]
