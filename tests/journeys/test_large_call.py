"""A call for many in a browser: the centre blows its whistle, helpers answer on their phones, the tally fills by itself
(S0-3a, S2-7c); and a proposal that a dispatcher reads, changes and confirms (C05).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from huying.calls.models import Call, Offer, Proposal, ProposalLine
from huying.calls.states import Asks, LineState, OfferState, ProposalState, State
from huying.calls.tests.factories import Cast
from huying.calls.tests.ringing import ring
from huying.kernel import clock
from tests.journeys.conftest import DESK, PHONE, Visitor

Visit = Callable[..., Visitor]


def blow(page: Page, base: str) -> Call:
    """The form of the whistle, filled by keyboard and mouse as a dispatcher does."""
    page.goto(f"{base}/desk/raise/")
    page.locator("[name=kind]").select_option(index=1)
    page.locator("[name=title]").fill("渡口桥头转移群众")
    page.locator("[name=people]").fill("2")
    at = clock.local(clock.now() + timedelta(hours=6)).strftime("%Y-%m-%dT%H:%M")
    page.locator("[name=until]").fill(at)
    page.locator("[name=address]").fill("渡口桥头")
    page.locator("[name=phone]").fill("13900000019")
    page.locator("[name=goods_1_name]").fill("冲锋舟")
    page.locator("[name=goods_1_amount]").fill("2")
    page.locator("[name=goods_1_unit]").fill("艘")
    page.get_by_role("button", name="吹哨，马上呼叫").click()
    expect(page.locator("#tally")).to_be_visible()
    return Call.objects.get()


def offered(visitor: Visitor, username: str, call: Call) -> Page:
    """A helper's page of the call, reached from what he may help with."""
    page = visitor.sign_in(username)
    page.goto(f"{visitor.base}/help/")
    page.locator(f"main a[href*='{call.public_id}']").first.click()
    expect(page.get_by_role("button", name="我来，接单")).to_be_visible()
    return page


def test_the_whistle_is_blown_helpers_answer_and_the_tally_fills_by_itself(
    visit: Visit, cast: Cast, run_jobs: Callable[[], None]
) -> None:
    ring(1, Asks.OWN, per_seat=2)
    centre = visit(DESK)
    desk = centre.sign_in("wang")
    call = blow(desk, centre.base)
    assert (call.state, call.raised_for) == (State.DISPATCHED, cast.home)
    run_jobs()
    expect(desk.locator("#tally-goods")).to_contain_text("冲锋舟")
    assert centre.violations() == []

    li = visit(PHONE)
    page = offered(li, "li", call)
    assert li.violations() == []
    page.locator("[name^=goods]").first.fill("1")
    page.get_by_role("button", name="我来，接单").click()
    expect(page.get_by_text("已接单").first).to_be_visible()

    he = visit(PHONE, cookies={"huying_print": "large"})
    other = offered(he, "he", call)
    other.locator("summary", has_text="晚点答复").click()
    other.locator("[name=at]").first.check(force=True)
    other.get_by_role("button", name="到时候再问我").click()
    expect(other.get_by_text("再问您").first).to_be_visible()
    assert he.violations() == []

    expect(desk.locator("#tally-bar")).to_contain_text("1", timeout=20_000)  # no reload: the page asks by itself
    expect(desk.locator("#tally-goods progress").first).to_have_attribute("value", "1", timeout=20_000)
    before = desk.locator("#tally").inner_text()
    other.get_by_role("button", name="这次不方便").click()
    other.wait_for_load_state()
    desk.reload()
    assert desk.locator("#tally").inner_text() == before  # a no is nobody's business (decision 0021)
    assert Offer.objects.get(volunteer=cast.he).state == OfferState.OFFERED


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_a_proposal_is_read_changed_and_confirmed(
    visit: Visit, cast: Cast, run_jobs: Callable[[], None], script: bool
) -> None:
    first, second = (cast.call(State.POOLED) for _ in range(2))
    keeper = visit(DESK, script=script)
    page = keeper.sign_in("wang")
    page.goto(f"{keeper.base}/desk/proposals/")
    page.locator("main form button").first.click()
    page.wait_for_load_state()
    run_jobs()
    proposal = Proposal.objects.get()
    page.goto(f"{keeper.base}/desk/proposals/{proposal.public_id}/")
    lines = list(ProposalLine.objects.filter(proposal=proposal).order_by("id"))
    assert {one.call_id for one in lines} <= {first.pk, second.pk}
    assert len(lines) == 2
    expect(page.get_by_role("button", name="确认派出 2 条")).to_be_visible()
    assert keeper.violations() == [] if script else True

    page.get_by_role("button", name="不派").first.click()
    page.wait_for_load_state()
    page.get_by_role("button", name="确认派出 1 条").click()
    page.wait_for_load_state()
    run_jobs()
    page.reload()
    expect(page.get_by_text("已派出 1 条").first).to_be_visible()
    proposal.refresh_from_db()
    assert proposal.state == ProposalState.SENT
    assert sorted(proposal.lines.values_list("state", flat=True)) == sorted([LineState.DROPPED, LineState.SENT])
    assert Offer.objects.count() == 1
