"""A number from the page of a place to the records behind it, to a code on paper, and to whoever types that code in."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from huying.calls.tests.factories import Cast
from huying.figures import actions
from huying.figures.actions import Word
from huying.figures.models import Number
from huying.kernel import clock
from huying.kernel.actor import Actor
from tests.journeys.conftest import DESK, PHONE, Visitor

Visit = Callable[..., Visitor]
SYSTEM = Actor.system("tests")
SHOTS = os.environ.get("HUYING_SHOTS", "")
"""A folder for pictures of the pages, for who looks at them."""


def keep(page: Page, name: str) -> None:
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"{name}.png", full_page=True)


def counted(cast: Cast) -> None:
    calls = [cast.call(title=f"去医院复查{n}") for n in range(30)] + [cast.call(place=cast.away) for _ in range(9)]
    words = [Word("calls.Call", one.pk, "calls_submitted", one.place_id, clock.today(), 1) for one in calls]
    actions.count(actor=SYSTEM, words=words)


@pytest.mark.parametrize("script", [True, False])
def test_from_a_number_to_its_records_and_from_a_code_back(
    visit: Visit, cast: Cast, script: bool, tmp_path: Path
) -> None:
    actions.install_first_rows()
    counted(cast)
    keeper, stranger = visit(DESK, script=script), visit(PHONE, script=script)
    keeper.sign_in("lin")

    page = keeper.open("/figures/")
    keep(page, f"place-{script}")
    page.locator("#counted").locator("xpath=ancestor::section").get_by_role("link", name="39", exact=True).first.click()
    expect(page.get_by_role("heading", name="提交的求助")).to_be_visible()
    expect(page.get_by_text("居民提交的求助，记在提交那一天")).to_be_visible()
    page.get_by_role("link", name="下一页").click()
    expect(page.locator("#records")).to_be_visible()
    page.get_by_role("button", name="取引用码").click()
    code = Number.objects.get().code
    expect(page.get_by_text(code).first).to_be_visible()
    keep(page, f"number-{script}")
    with page.expect_download() as taken:
        behind = page.locator("#records").locator("xpath=ancestor::section")
        behind.get_by_role("link", name="导出 JSON").click()
    taken.value.save_as(tmp_path / "records.json")
    assert len(json.loads((tmp_path / "records.json").read_text())) == 39
    page.goto(f"{keeper.base}/figures/feeds/")
    page.get_by_role("link", name="加一项定时导出").first.click()
    page.get_by_role("button", name="保存定时导出").click()
    expect(page.get_by_text("每月一号")).to_be_visible()
    keep(page, f"feeds-{script}")

    other = stranger.open(f"/n/{code.lower()}/")
    expect(other.get_by_role("heading", name="提交的求助")).to_be_visible()
    expect(other.get_by_text("背后的记录")).to_have_count(0)
    keep(other, f"public-{script}")
    other = stranger.open(other.url.replace(stranger.base, "") + "&until=x")
    if script:  # axe is a script
        for one in (keeper, stranger):
            assert one.violations() == []
