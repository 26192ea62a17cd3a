"""The cockpit in a browser: charts and tables, drilling down, a large screen, a phone, no script, the page kept up to date."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

from huying.calls.queries import counting
from huying.calls.states import State
from huying.calls.tests.factories import Cast, account, person, role
from huying.cockpit.models import BoardSetting
from huying.figures import actions as figure_actions
from huying.kernel.actor import Actor
from tests.journeys.conftest import DESK, PASSWORD, PHONE

pytestmark = pytest.mark.django_db(transaction=True)
SCREEN = {"width": 1920, "height": 1080}
Visit = Callable[..., Any]
CHARTS = ("c-curves", "c-kinds", "c-hours")
DRAWN = "ids => ids.every(id => document.querySelector(`#${id} canvas`))"


@pytest.fixture
def busy(cast: Cast) -> Iterator[Cast]:
    figure_actions.install_first_rows()
    for state in (State.SUBMITTED, State.ACCEPTED, State.CLOSED):
        cast.call(state)
    tell(cast)
    yield cast


def tell(cast: Cast) -> None:
    figure_actions.count(actor=Actor.system("tests"), words=list(counting.recounted_calls()))


def test_a_dispatcher_reads_the_board_and_goes_down_the_tree(busy: Cast, visit: Visit) -> None:
    lin = visit(DESK)
    lin.sign_in("lin")
    page = lin.open("/cockpit/")

    page.wait_for_function(DRAWN, arg=list(CHARTS))
    expect(page.locator("h1")).to_have_text("青禾区驾驶舱")
    assert page.locator("#p-tiles").get_by_text("没办完的求助").is_visible()
    assert lin.violations() == []
    toggle = page.locator("#p-curves [data-table]")
    toggle.click()
    expect(page.locator("#p-curves table")).to_be_visible()
    expect(page.locator("#c-curves")).to_be_hidden()
    page.locator("#p-units").get_by_role("link", name="青禾街道").click()
    page.locator("#p-units").get_by_role("link", name="和平社区").click()
    expect(page.locator("h1")).to_have_text("和平社区驾驶舱")
    page.get_by_role("link", name="回到青禾街道").click()
    page.get_by_role("link", name="季", exact=True).click()
    expect(page.locator("h1")).to_have_text("青禾街道驾驶舱")
    expect(page.get_by_role("link", name="季", exact=True)).to_have_attribute("aria-current", "page")


@pytest.mark.parametrize("look", ["night", "day"])
def test_a_large_screen_shows_all_at_once(busy: Cast, visit: Visit, look: str) -> None:
    lin = visit(SCREEN)
    lin.sign_in("lin")
    page = lin.open(f"/cockpit/at/{busy.county.public_id}/?screen=on&look={look}")

    page.wait_for_function(DRAWN, arg=list(CHARTS))
    size = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.scrollHeight]")
    assert size == [1920, 1080]
    assert page.locator(f".hy-cockpit--{look}").count() == 1
    assert lin.violations() == []


@pytest.mark.parametrize("print_mode", ["normal", "large", "xlarge"])
def test_a_phone_scrolls_one_way_only(busy: Cast, visit: Visit, print_mode: str) -> None:
    wang = visit(PHONE, cookies={"huying_print": print_mode})
    wang.sign_in("wang")
    page = wang.open("/cockpit/")

    page.wait_for_function(DRAWN, arg=list(CHARTS))
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert wang.violations() == []


def test_without_script_the_tables_say_it_all(busy: Cast, visit: Visit) -> None:
    lin = visit(DESK, script=False)
    lin.sign_in("lin")
    page = lin.open("/cockpit/?period=week")

    for panel in ("#p-curves", "#p-kinds", "#p-hours"):
        assert page.locator(f"{panel} table").is_visible()
    assert page.locator("#p-kinds tbody tr").first.inner_text().split() == ["clinic", "3", "100.0%"]
    assert page.locator("[data-table]:visible").count() == 0
    page.locator("#p-units").get_by_role("link", name="青禾街道").click()
    expect(page.locator("h1")).to_have_text("青禾街道驾驶舱")


def test_an_open_board_changes_without_flicker(busy: Cast, visit: Visit) -> None:
    lin = visit(DESK)
    lin.sign_in("lin")
    page = lin.open("/cockpit/")
    page.wait_for_function(DRAWN, arg=list(CHARTS))
    drawn = page.locator("canvas").count()
    page.evaluate("document.querySelectorAll('canvas').forEach(one => { one.dataset.old = 'yes' })")
    page.locator("#p-sites").evaluate("one => { one.dataset.old = 'yes' }")
    before = page.locator("#p-tiles .hy-keyfigure").nth(1).inner_text()

    busy.call(State.SUBMITTED)
    tell(busy)
    with page.expect_response(lambda answer: "/now/" in answer.url and answer.status == 200):
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    page.wait_for_function("words => document.querySelectorAll('.hy-keyfigure')[1].innerText !== words", arg=before)

    assert page.locator("#p-tiles .hy-keyfigure").nth(1).inner_text().split()[1] == "4"
    assert page.locator("canvas[data-old=yes]").count() == page.locator("canvas").count() == drawn
    assert page.locator("#p-sites[data-old=yes]").count() == 1
    assert page.locator("#p-latest li").first.inner_text().endswith("待受理")


def test_days_that_cannot_be_are_pointed_at_and_what_was_typed_stays(busy: Cast, visit: Visit) -> None:
    lin = visit(PHONE)
    lin.sign_in("lin")
    page = lin.open("/cockpit/")

    page.get_by_text("选日子和比较").click()
    page.locator("#id_period").select_option("custom")
    page.locator("#id_since").fill("2099-01-01")
    page.get_by_role("button", name="看", exact=True).click()

    expect(page.locator("[role=alert], .hy-note").first).to_contain_text("请选 2000 年到今天之间的日子。")
    expect(page.locator("#id_since")).to_have_value("2099-01-01")
    assert lin.violations() == []


def test_an_administrator_switches_the_order_of_units_on(busy: Cast, visit: Visit) -> None:
    boss = person("何主任", busy.county)
    role(boss, "administrator", busy.county)
    account(boss, "boss", PASSWORD)
    him = visit(DESK)
    him.sign_in("boss")
    page = him.open("/cockpit/")
    assert page.locator(".hy-units--ranked").count() == 0

    page.get_by_role("link", name="排序开关").click()
    assert him.violations() == []
    page.get_by_label("按按期办结率给下一级单位排序").check()
    page.get_by_label("为什么").fill("试行一季度")
    page.get_by_role("button", name="保存").click()

    expect(page.locator(".hy-units--ranked")).to_have_count(1)
    assert him.violations() == []
    expect(page.locator("#p-units")).to_contain_text("试行一季度")
    assert BoardSetting.objects.get().set_by_id == boss.pk
