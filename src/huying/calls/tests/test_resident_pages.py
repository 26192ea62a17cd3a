"""The first page, my calls and helping others: who sees what, what is never shown, and that it stays cheap."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from huying.calls import actions, queries
from huying.calls.models import Call
from huying.calls.states import State
from huying.calls.tests.browsing import browser, sent
from huying.calls.tests.factories import Cast, actor, kind, person, volunteer
from huying.kernel import clock
from huying.people import actions as people_actions
from huying.people.models import Person

pytestmark = pytest.mark.django_db
HOME, MINE, HELP = "calls:home", "calls:mine", "calls:help"


def see(who: Person | None, name: str, **asked: str) -> str:
    """The page as this person reads it."""
    client = browser(who) if who else Client()
    answer = client.get(reverse(name), asked)
    assert answer.status_code == 200
    return answer.content.decode()


def url(call: Call) -> str:
    return reverse("calls:call", args=[call.public_id])


def count(client: Client, address: str) -> int:
    client.get(address)  # warm: session and content types are known from now on
    with CaptureQueriesContext(connection) as queries_made:
        assert client.get(address).status_code == 200
    return len(queries_made)


# ── home ────────────────────────────────────────────────────────────────────
def test_a_visitor_sees_the_services_and_the_door_but_nobody_elses_calls(cast: Cast) -> None:
    cast.call(State.SCHEDULED, title="去市二院")

    html = see(None, HOME)

    assert "去市二院" not in html
    assert reverse("people:sign_in") in html
    assert reverse("calls:ask_kind", args=["clinic"]) in html


def test_home_greets_by_name_place_day_and_solar_term(cast: Cast) -> None:
    html = see(cast.resident, HOME)

    assert [word in html for word in ("陈桂英，上午好", "青禾街道 · 和平社区", "3月3日 周二", "雨水")] == [True] * 4


def test_home_shows_at_most_seven_services_and_the_way_to_all(cast: Cast) -> None:
    for number in range(9):
        kind(f"k{number}")

    html = see(cast.resident, HOME)

    tiles = html.count('class="hy-services__item"')
    assert tiles == 8
    assert html.count("全部") >= 1


def test_every_link_of_home_leads_somewhere(cast: Cast, settings: Any) -> None:
    import re

    settings.HUYING_PHONE = ""
    cast.call(State.SCHEDULED)
    cast.call(State.DRAFT)
    client = browser(cast.resident)
    html = client.get(reverse(HOME)).content.decode()
    links = {link for link in re.findall(r'href="(/[^"#]*)"', html) if not link.startswith("/static")}

    answers = {link: client.get(link.replace("&amp;", "&")).status_code for link in sorted(links)}

    assert len(answers) > 8
    assert set(answers.values()) == {200}


def test_home_names_who_comes_and_when_and_keeps_the_number_masked(cast: Cast) -> None:
    cast.li.person.phone = "+8613911112222"
    cast.li.person.save()
    cast.li.shares_phone = True
    cast.li.save()
    cast.call(State.SCHEDULED)

    html = see(cast.resident, HOME)

    assert "李安和" in html and "今天 15:00" in html
    assert "2222" in html and "13911112222" not in html


def test_home_says_nothing_of_a_number_that_the_helper_keeps_to_himself(cast: Cast) -> None:
    cast.li.person.phone = "+8613911112222"
    cast.li.person.save()
    cast.call(State.SCHEDULED)

    assert "2222" not in see(cast.resident, HOME)


def test_what_waits_for_me_stands_before_what_waits_for_others(cast: Cast) -> None:
    for state, title in (
        (State.DELIVERED, "要评价"),
        (State.NEED_INFO, "要补充"),
        (State.SUBMITTED, "新的"),
        (State.POOLED, "更新的"),
    ):
        cast.call(state, title=title)

    html = see(cast.resident, HOME)

    assert html.index("要补充") < html.index("要评价") < html.index("更新的")
    assert "clinic · 新的" not in html


def test_an_ended_call_is_not_on_the_first_page(cast: Cast) -> None:
    for state in (State.CLOSED, State.CANCELLED, State.REJECTED, State.TRANSFERRED):
        cast.call(state, title="旧事")

    html = see(cast.resident, HOME)

    assert "旧事" not in html
    assert "现在没有正在办的求助" in html


def test_an_offer_waits_on_the_first_page_of_the_one_who_was_asked(cast: Cast) -> None:
    call = cast.call(State.DISPATCHED, title="陪去医院", address="桂花里 3 幢")

    asked, other = see(cast.li.person, HOME), see(cast.he.person, HOME)

    assert (url(call) in asked, "等您答复" in asked, "桂花里" in asked) == (True, True, False)
    assert (url(call) in other, "等您答复" in other) == (False, False)


def test_unread_messages_are_told_on_the_bell(cast: Cast) -> None:
    people_actions.send_notice(actor=actor(cast.keeper), person=cast.resident, title="通知")

    assert "消息，1 条未读" in see(cast.resident, HOME)
    assert "条未读" not in see(cast.neighbour, HOME)


def test_home_reads_in_english_with_the_names_that_are_data(cast: Cast) -> None:
    cast.kind.name_en = "Clinic visits"
    cast.kind.save()
    client = browser(cast.resident)
    client.cookies["django_language"] = "en"

    answer = client.get(reverse(HOME))

    assert 'lang="en"' in answer.content.decode()
    assert "Clinic visits" in answer.content.decode()


def test_large_print_keeps_three_tabs(cast: Cast) -> None:
    client = browser(cast.resident)
    client.cookies["huying_print"] = "large"

    html = client.get(reverse(HOME)).content.decode()

    bar = html[html.index('class="hy-tabbar"') :]
    assert bar.count('<li class="hy-tabbar__item">') == 3
    assert bar.count("hy-print-hide") == 2


# ── my calls ────────────────────────────────────────────────────────────────
def test_my_calls_are_mine_and_those_i_asked_for_others(cast: Cast) -> None:
    own = cast.call(State.SUBMITTED, title="我的")
    for_me = actions.ask(
        actor=actor(cast.keeper), what=actions.Ask(cast.kind, cast.home, cast.resident, "站里替我提的")
    )

    lists = {who.name: see(who, MINE) for who in (cast.resident, cast.keeper, cast.neighbour)}

    assert [url(one) in lists["陈桂英"] for one in (own, for_me)] == [True, True]
    assert [url(one) in lists["王敏之"] for one in (own, for_me)] == [False, True]
    assert "替陈桂英求助" in lists["王敏之"]
    assert [url(one) in lists["周小满"] for one in (own, for_me)] == [False, False]


def test_open_and_ended_calls_stand_apart(cast: Cast) -> None:
    calls = {
        state: cast.call(state)
        for state in (State.DRAFT, State.SERVING, State.DELIVERED, State.CLOSED, State.CANCELLED)
    }

    open_page, ended_page = see(cast.resident, MINE), see(cast.resident, MINE, show="ended")

    links = {state: url(call) if state != State.DRAFT else str(call.public_id) for state, call in calls.items()}
    assert [links[s] in open_page for s in calls] == [True, True, True, False, False]
    assert [links[s] in ended_page for s in calls] == [False, False, False, True, True]


@pytest.mark.parametrize("words", ["复查", "fucha", "clinic", "和平社区", "00001"])
def test_my_calls_are_searched_by_words_pinyin_number_and_place(cast: Cast, words: str) -> None:
    found = cast.call(State.SUBMITTED, title="去医院复查")
    other = cast.call(State.SUBMITTED, title="买菜", kind=kind("errand"), place=cast.away)
    words = found.number[-5:] if words == "00001" else words

    html = see(cast.resident, MINE, q=words)

    assert (url(found) in html, url(other) in html) == (True, False)


@pytest.mark.parametrize("words", ["没有这个", "%", "'", "\x00没有", "😀" * 200])
def test_a_search_that_finds_nothing_says_so(cast: Cast, words: str) -> None:
    cast.call(State.SUBMITTED)

    assert "没有找到" in see(cast.resident, MINE, q=words)


def test_pages_of_my_calls_go_on_by_key_without_gaps(cast: Cast) -> None:
    made = [url(cast.call(State.SUBMITTED, title=f"第{number}件")) for number in range(23)]
    client = browser(cast.resident)

    first = client.get(reverse(MINE))
    second = client.get(reverse(MINE), {"cursor": first.context["page"].next})

    shown = [row["url"] for answer in (first, second) for row in answer.context["cards"]]
    assert shown == made[::-1]
    assert second.context["page"].next is None


@pytest.mark.parametrize("cursor", ["x", "eyJhIjoxfQ", "0" * 5000, "😀"])
def test_a_forged_cursor_is_refused(cast: Cast, cursor: str) -> None:
    assert browser(cast.resident).get(reverse(MINE), {"cursor": cursor}).status_code == 422


# ── helping ─────────────────────────────────────────────────────────────────
def test_somebody_who_is_no_volunteer_is_invited_not_pushed(cast: Cast) -> None:
    cast.call(State.POOLED, title="附近的事")

    html = see(cast.neighbour, HELP)

    assert "附近的事" not in html
    assert reverse("volunteers:join") in html


def test_a_volunteer_sees_offers_what_he_took_on_and_the_pool_near_him(cast: Cast) -> None:
    offered = cast.call(State.DISPATCHED, title="问他的")
    taken = cast.call(State.ACCEPTED, title="他接的")
    near = cast.call(State.POOLED, title="附近的")
    done = cast.call(State.CLOSED, title="做过的")

    html = see(cast.li.person, HELP)
    past = see(cast.li.person, HELP, show="done")

    assert [url(one) in html for one in (offered, taken, near, done)] == [True, True, True, False]
    assert [url(one) in past for one in (offered, taken, near, done)] == [False, False, False, True]


def test_the_pool_ends_at_the_neighbourhood_and_holds_nothing_of_ones_own(cast: Cast) -> None:
    near = cast.call(State.POOLED)
    for_team = cast.call(State.POOLED, kind=kind("bath", answered_by="team"))
    stranger = volunteer(person("钱远", cast.away), cast.away)
    herself = volunteer(cast.resident, cast.home)

    seen = {who.person.name: see(who.person, HELP) for who in (cast.he, stranger, herself)}

    assert {name: url(near) in html for name, html in seen.items()} == {"何晓燕": True, "钱远": False, "陈桂英": False}
    assert url(for_team) not in seen["何晓燕"]


def test_the_pool_gives_a_distance_band_and_no_name_address_or_details(cast: Cast) -> None:
    cast.call(
        State.POOLED,
        address="桂花里 3 幢 201 室",
        contact_phone="+8613800001001",
        details="一个人在家",
        answers={"x": "卧床"},
    )

    html = see(cast.he.person, HELP)

    assert "500 米到 1 公里" in html
    assert [word in html for word in ("桂花里", "13800001001", "1001", "一个人在家", "卧床", "陈桂英")] == [False] * 6


@pytest.mark.parametrize(
    ("lon", "lat", "words"),
    [
        (120.0501, 30.2801, "500 米以内"),
        (120.058, 30.28, "500 米到 1 公里"),
        (120.07, 30.28, "1 到 3 公里"),
        (120.10, 30.28, "3 到 10 公里"),
        (121.0, 30.28, "10 公里以外"),
        (None, None, ""),
    ],
)
def test_the_band_follows_the_straight_line(cast: Cast, lon: float | None, lat: float | None, words: str) -> None:
    cast.he.lon, cast.he.lat = lon, lat
    cast.he.save()
    call = cast.call(State.POOLED)

    assert queries.near(actor(cast.he.person), [call])[0].band == words


def offer_url(call: Call) -> str:
    return reverse("calls:offer", args=[call.public_id])


def test_a_leader_sees_what_is_asked_of_his_team(cast: Cast) -> None:
    call = cast.call(State.POOLED)
    actions.dispatch(actor=actor(cast.keeper), call=call, teams=[cast.team])

    leader, member = see(cast.leader.person, HELP), see(cast.he.person, HELP)

    assert (f"{offer_url(call)}?offer={call.offers.get().public_id}" in leader, "和平助老队" in leader) == (True, True)
    assert offer_url(call) not in member


def test_a_resting_volunteer_still_sees_what_he_holds(cast: Cast) -> None:
    call = cast.call(State.ACCEPTED)
    cast.li.paused_until = clock.today() + timedelta(days=3)
    cast.li.save()

    assert url(call) in see(cast.li.person, HELP)


# ── cheap however much there is ─────────────────────────────────────────────
def fill_home(cast: Cast) -> Person:
    cast.call(State.SCHEDULED)
    return cast.resident


def fill_help(cast: Cast) -> Person:
    cast.call(State.DISPATCHED)
    cast.call(State.ACCEPTED)
    cast.call(State.POOLED)
    return cast.li.person


def fill_done(cast: Cast) -> Person:
    cast.call(State.CLOSED)
    return cast.li.person


@pytest.mark.parametrize(
    ("address", "fill", "most"),
    [
        ("/", fill_home, 14),
        ("/calls/", fill_home, 9),
        ("/help/", fill_help, 14),
        ("/help/?show=done", fill_done, 9),
        ("/ask/", fill_home, 7),
    ],
)
def test_three_rows_cost_as_many_queries_as_one(
    cast: Cast, address: str, fill: Callable[[Cast], Person], most: int
) -> None:
    client = browser(fill(cast))
    one = count(client, address)

    fill(cast)
    fill(cast)
    three = count(client, address)

    assert three == one
    assert one <= most


@pytest.mark.parametrize("name", [MINE, HELP])
def test_lists_of_ones_own_ask_a_visitor_to_sign_in(cast: Cast, name: str) -> None:
    answer = Client().get(reverse(name))

    assert (answer.status_code, answer["Location"]) == (302, f"/people/sign-in/?next={reverse(name)}")


@pytest.mark.parametrize("name", [HOME, MINE, HELP, "calls:ask"])
def test_pages_that_only_show_refuse_writes(cast: Cast, name: str) -> None:
    assert sent(browser(cast.resident), reverse(name)).status_code == 405


def test_while_acting_for_somebody_home_is_about_that_person(cast: Cast) -> None:
    call = cast.call(State.SCHEDULED, title="她的事")
    client = browser(cast.grid_worker)
    begun = sent(client, reverse("people:act_begin", args=[cast.resident.public_id]))

    html = client.get(reverse(HOME)).content.decode()

    assert begun.status_code in {302, 303}
    assert url(call) in html
