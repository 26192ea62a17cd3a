"""The main job end to end in a browser: ask, dispatch, accept, help, confirm and rate (C04; S0-3a, S2-7b, S2-7c)."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from huying.calls.models import Call
from huying.calls.states import State
from huying.calls.tests.factories import Cast
from huying.kernel import clock
from tests.journeys.conftest import DESK, PHONE, Visitor

Visit = Callable[..., Visitor]


def ask(page: Page, base: str, title: str) -> None:
    """From the home page to the receipt."""
    page.goto(base + "/")
    page.locator("main a[href='/ask/']").first.click()
    page.locator("main a[href='/ask/clinic/']").click()
    fill_ask(page, title)
    page.get_by_role("button", name="提交求助").click()
    expect(page.get_by_role("heading", name="已收到您的求助")).to_be_visible()


def fill_ask(page: Page, title: str) -> None:
    """What nobody can guess: the wish, the door, the telephone."""
    page.locator("[name=title]").fill(title)
    page.locator("[name=address]").fill("桂花路 3 幢 201 室")
    page.locator("[name=phone]").fill("13900000017")


def take(page: Page, label: str, **fields: str) -> None:
    """Press one step of a call, fill what it asks for, confirm."""
    page.get_by_role("link", name=label, exact=True).first.click()
    form = page.locator("#step form, main form").filter(has=page.get_by_role("button", name=label, exact=True)).first
    for name, value in fields.items():
        form.locator(f"[name={name}]").fill(value)
    form.get_by_role("button", name=label, exact=True).click()


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_a_call_goes_from_ask_to_thanks(visit: Visit, cast: Cast, run_jobs: Callable[[], None], script: bool) -> None:
    resident = visit(PHONE, script=script)
    ask(resident.sign_in("chen"), resident.base, "周五去医院复查")
    call = Call.objects.get()
    assert call.state == State.SUBMITTED

    keeper = visit(DESK, script=script)
    page = keeper.sign_in("wang")
    page.goto(f"{keeper.base}/desk/")
    expect(page.get_by_text("周五去医院复查").first).to_be_visible()
    page.goto(f"{keeper.base}/desk/calls/{call.public_id}/")
    page.get_by_role("button", name="派给李安和").first.click()
    page.wait_for_load_state()
    call.refresh_from_db()
    assert call.state == State.DISPATCHED

    helper = visit(PHONE, script=script)
    page = helper.sign_in("li")
    page.goto(f"{helper.base}/calls/{call.public_id}/")
    take(page, "接单")
    expect(page.get_by_text("已接单").first).to_be_visible()
    at = clock.local(clock.now() + timedelta(hours=2)).strftime("%Y-%m-%dT%H:%M")
    page.goto(f"{helper.base}/calls/{call.public_id}/schedule/")
    fill_time(page, at)
    page.goto(f"{helper.base}/calls/{call.public_id}/start/")
    page.locator("main form button:not([type=button])").first.click()
    page.goto(f"{helper.base}/calls/{call.public_id}/deliver/")
    page.locator("[name=note]").fill("陪同复查，已送回家")
    page.get_by_role("button", name="服务完成").click()
    page.wait_for_load_state()
    call.refresh_from_db()
    assert call.state == State.DELIVERED

    run_jobs()
    page = resident.open("/people/me/notices/")
    expect(page.get_by_text("服务已完成").first).to_be_visible()
    page = resident.open(f"/calls/{call.public_id}/rate/")
    page.locator("[name=score][value='5']").check(force=True)
    page.locator("[name=solved][value=yes], [name=solved][value=True], [name=solved][value='1']").first.check(
        force=True
    )
    page.get_by_role("button", name="评价").click()
    page.wait_for_load_state()
    call.refresh_from_db()
    assert (call.state, call.score, call.solved) == (State.CLOSED, 5, True)
    times = [call.submitted_at, call.accepted_at, call.started_at, call.delivered_at, call.rated_at, call.ended_at]
    assert times == sorted(times) and None not in times


def fill_time(page: Page, at: str) -> None:
    page.locator("input[type=datetime-local]").fill(at)
    page.get_by_role("button", name="约定时间").click()
    page.wait_for_load_state()


def test_an_old_person_asks_in_large_print(visit: Visit, cast: Cast) -> None:
    old = visit(PHONE, cookies={"huying_print": "large"})

    page = old.sign_in("chen")
    ask(page, old.base, "想有人陪我散步")

    smallest = page.evaluate(
        "Math.min(...[...document.querySelectorAll('main *')].filter(e => e.offsetParent && [...e.childNodes]"
        ".some(n => n.nodeType === 3 && n.textContent.trim())).map(e => parseFloat(getComputedStyle(e).fontSize)))"
    )
    assert smallest >= 18
    assert Call.objects.get().requester_id == cast.resident.pk


def test_the_way_in_english(visit: Visit, cast: Cast) -> None:
    guest = visit(PHONE, language="en")

    page = guest.sign_in("chen")
    page.goto(guest.base + "/ask/clinic/")

    assert page.locator("html").get_attribute("lang") == "en"
    chinese = re.compile(r"[\u4e00-\u9fff]")
    labels = page.locator("main label, main button, main h1").all_inner_texts()
    assert [
        text for text in labels if chinese.search(text) and not any(n in text for n in ("和平", "中文", "陈"))
    ] == []


def test_an_ask_without_network_waits_in_the_phone_and_is_sent_once(visit: Visit, cast: Cast) -> None:
    resident = visit(PHONE)
    page = resident.sign_in("chen")
    page.goto(resident.base + "/ask/clinic/")
    fill_ask(page, "没有网络也要能求助")

    resident.context.set_offline(True)
    page.get_by_role("button", name="提交求助").click()
    expect(page.locator("[data-outbox-list], .hy-outbox")).to_contain_text("没有网络也要能求助")
    assert Call.objects.count() == 0
    resident.context.set_offline(False)
    page.reload()

    expect_count(lambda: Call.objects.filter(title="没有网络也要能求助").count(), 1, page)
    page.reload()
    page.wait_for_timeout(500)
    assert Call.objects.count() == 1


def expect_count(count: Callable[[], int], wanted: int, page: Page) -> None:
    """Wait up to five seconds for what the page does in the background."""
    for _attempt in range(50):
        if count() == wanted:
            return
        page.wait_for_timeout(100)
    assert count() == wanted


def test_the_board_shows_a_new_call_without_reload(visit: Visit, cast: Cast) -> None:
    keeper = visit(DESK)
    page = keeper.sign_in("wang")
    page.goto(keeper.base + "/desk/")

    made: Any = cast.call(State.SUBMITTED, title="刚刚提出的求助")

    expect(page.get_by_text(made.title).first).to_be_visible(timeout=15_000)


def test_a_team_leader_accepts_for_the_team(visit: Visit, cast: Cast) -> None:
    from huying.calls import actions
    from huying.calls.tests.factories import actor

    call = cast.call(State.POOLED, people_needed=2)
    actions.dispatch(actor=actor(cast.keeper), call=call, teams=[cast.team])
    leader = visit(PHONE)

    page = leader.sign_in("wu")
    page.goto(leader.base + "/help/")
    page.get_by_role("link", name=re.compile(call.title)).first.click()
    page.get_by_role("button", name="我来，接单").click()
    expect(page.get_by_text("已接单").first).to_be_visible()

    call.refresh_from_db()
    assert (call.state, call.accepted_count) == (State.ACCEPTED, 2)
