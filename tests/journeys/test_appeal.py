"""A refusal that is not the end: stated on a phone, refused at the desk, appealed, kept, looked at again by other hands."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from huying.calls.tests.factories import START, Cast, role
from huying.kernel import clock
from huying.points.models import Appeal, Claim
from huying.points.states import AppealState, ClaimState
from tests.architecture.pointed import Pointed
from tests.journeys.conftest import DESK, Visitor

Visit = Callable[..., Visitor]
LARGE = {"huying_print": "large"}


@pytest.fixture(autouse=True)
def morning() -> Iterator[None]:
    with clock.frozen(START):
        yield


def pressed(page: Page) -> None:
    """The one form of the page, sent."""
    page.locator("main form button[type=submit], main form button:not([type])").first.click()
    page.wait_for_load_state()


def stepped(who: Visitor, appeal: Appeal, verb: str, **typed: str) -> Page:
    """From the page of the appeal by its own button, then the form."""
    page = who.open(reverse("points:appeal", args=[appeal.public_id]))
    page.locator(f'a[href="{reverse("points:appeal_step", args=[appeal.public_id, verb])}"]').click()
    page.wait_for_load_state()
    for name, text in typed.items():
        if name == "outcome":
            page.locator(f"input[name=outcome][value={text}]").check(force=True)
        else:
            page.locator(f"[name={name}]").fill(text)
    pressed(page)
    return page


def test_a_refusal_is_appealed_on_a_phone_and_looked_at_by_a_second_panel(visit: Visit, cast: Cast) -> None:
    shop = Pointed(cast)
    role(cast.grid_worker, "inspector", cast.county)
    dora, wang, lin, sun = visit(cookies=LARGE), visit(DESK), visit(DESK), visit(cookies=LARGE)
    for who, name in ((dora, "chen"), (wang, "wang"), (lin, "lin"), (sun, "sun")):
        who.sign_in(name)

    page = dora.open(reverse("points:passbook", args=[shop.passbook.public_id]))
    page.get_by_role("link", name="申报一件好事").click()
    page.wait_for_load_state()
    page.locator("input[name=rule]").first.check(force=True)
    page.locator("[name=title]").fill("给邻居修好了门锁")
    page.locator("[name=proof]").fill("邻居可以作证")
    pressed(page)
    claim = Claim.objects.get(title="给邻居修好了门锁")

    page = wang.open(reverse("points:claims") + "?q=陈桂英")
    page.get_by_role("link", name="给邻居修好了门锁").click()
    page.wait_for_load_state()
    page.locator(f'a[href="{reverse("points:claim_step", args=[claim.public_id, "refuse"])}"]').click()
    page.locator("[name=reason]").fill("没有照片")
    pressed(page)
    claim.refresh_from_db()
    assert claim.state == ClaimState.REFUSED

    page = dora.open(reverse("points:claim", args=[claim.public_id]))
    expect(page.get_by_text("没有照片").first).to_be_visible()
    page.get_by_role("link", name="不同意，要申诉").click()
    page.locator("[name=words]").fill("邻居就住在对门，可以去问")
    pressed(page)
    appeal = Appeal.objects.get(claim=claim)

    stepped(lin, appeal, "mark")
    stepped(lin, appeal, "decide", outcome="kept", reason="没有人证")
    stepped(dora, appeal, "again", words="没有人去问过")
    page = stepped(sun, appeal, "review", outcome="upheld", reason="问过邻居，确有其事")

    appeal.refresh_from_db()
    assert (appeal.state, appeal.second_outcome) == (AppealState.CLOSED, "upheld")
    assert Claim.objects.filter(former=claim, state=ClaimState.WAITING).exists()
    assert sun.violations() == []
    page = dora.open(reverse("points:appeal", args=[appeal.public_id]))
    expect(page.get_by_text("问过邻居，确有其事")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert dora.violations() == []
    page = dora.open(reverse("points:passbook_all", args=[shop.passbook.public_id]) + "?kind=appeals")
    expect(page.get_by_text("邻居就住在对门")).to_be_visible()
    assert dora.violations() == []
