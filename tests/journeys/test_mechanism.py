"""A mechanism from the shelf to the people: tried, looked through, loaded, switched on; its rule book voted on and published."""

from __future__ import annotations

from collections.abc import Callable

from django.urls import reverse
from playwright.sync_api import expect

from huying.calls.tests.factories import Cast, role
from huying.kernel import clock
from huying.packs.models import Pack, Switch
from huying.points.models import Edition
from tests.journeys.conftest import DESK, Visitor

Visit = Callable[..., Visitor]
PACK = "tongren.savings_bank"
PATIENCE = 30_000
"""Milliseconds: a whole mechanism is read, compared and written."""


def test_a_mechanism_is_tried_loaded_and_switched_on_and_its_rule_book_published(visit: Visit, cast: Cast) -> None:
    role(cast.dispatcher, "administrator", cast.county)
    role(cast.grid_worker, "office", cast.county)
    lin, sun, anybody = visit(DESK), visit(DESK), visit()
    lin.sign_in("lin")
    sun.sign_in("sun")

    page = lin.open(reverse("packs:library"))
    page.locator(f'a[href$="?shipped={PACK}"]').click()
    page.locator("button[name=try]").click()
    expect(page.get_by_role("heading", name="会改什么")).to_be_visible(timeout=PATIENCE)
    assert not Pack.objects.exists()  # to try changes nothing
    assert lin.violations() == []
    page.locator("button[name=load]").click()
    expect(page.get_by_text(f"已载入 {PACK}").first).to_be_visible(timeout=PATIENCE)

    page = lin.open(reverse("packs:on", args=[cast.county.public_id]) + f"?pack={PACK}")
    page.locator("main form button[type=submit], main form button:not([type])").first.click()
    page.wait_for_load_state()
    assert Switch.objects.get().place == cast.county
    page = anybody.open(reverse("packs:ours", args=[cast.county.public_id]))
    expect(page.get_by_text("文明储蓄所").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert anybody.violations() == []

    book = Edition.objects.get().book
    page = lin.open(reverse("points:keep", args=[book.public_id]))
    page.get_by_role("link", name="登记表决结果").click()
    page.locator("input[name=assembly]").first.check(force=True)
    votes = {"eligible": "300", "present": "180", "in_favour": "150", "against": "20", "abstained": "10"}
    for name, text in {**votes, "held_on": clock.today().isoformat(), "minutes": "会议记录本第 12 页"}.items():
        page.locator(f"[name={name}]").fill(text)
    page.locator("main form button[type=submit], main form button:not([type])").first.click()
    expect(page.get_by_text("表决是您登记的，要由另一个人核对后公布。")).to_be_visible()

    page = sun.open(reverse("points:keep", args=[book.public_id]))
    page.get_by_role("link", name="核对并公布").click()
    page.locator("main form button[type=submit], main form button:not([type])").first.click()
    page.wait_for_load_state()
    assert Edition.objects.get().state == "published"
    page = anybody.open(reverse("points:book", args=[book.public_id]))
    expect(page.get_by_text("参加学习").first).to_be_visible()
    assert anybody.violations() == []
