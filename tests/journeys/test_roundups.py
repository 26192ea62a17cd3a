"""A month's bulletin in a browser: from a template to the signed paper, with a reader's link, on desk and phone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import expect

from huying.calls.tests.factories import Cast, account, actor, person, role
from huying.cockpit import actions
from huying.cockpit.actions import install_first_templates
from huying.cockpit.actions.report_writing import Wanted
from huying.cockpit.models import Report
from huying.cockpit.queries import report_templates
from huying.cockpit.states import Verb
from huying.figures import actions as figures
from huying.figures.actions import Word
from huying.figures.queries import Period
from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.people.models import Person
from tests.journeys.conftest import DESK, PASSWORD, PHONE

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("committed_db")]


@pytest.fixture
def last_month(cast: Cast) -> Any:
    """128 calls, 120 closed, in two streets; somebody who signs."""
    figures.install_first_rows()
    install_first_templates()
    day = clock.today().replace(day=1) - timedelta(days=3)
    amounts = [
        ("calls_submitted", cast.home, 100),
        ("calls_submitted", cast.away, 28),
        ("calls_closed", cast.home, 120),
    ]
    words = [Word("tests.Record", n, metric, at.pk, day, amount) for n, (metric, at, amount) in enumerate(amounts)]
    figures.count(actor=Actor.system("tests"), words=words)
    signer = person("审核员", cast.county)
    role(signer, "auditor", cast.county)
    account(signer, "shen", PASSWORD)
    return day


def test_from_a_template_to_a_signed_paper(visit: Callable[..., Any], last_month: Any) -> None:
    lin = visit(DESK)
    page = lin.sign_in("lin")
    page = lin.open("/cockpit/reports/")
    expect(page.get_by_text("还没有综述")).to_be_visible()
    page.get_by_role("link", name="填写发文机关").click()
    page.get_by_label("发文机关").fill("青禾区新时代文明实践中心")
    page.get_by_label("机关代字").fill("青实发")
    page.get_by_role("button", name="保存").click()
    page.get_by_role("link", name="写一份").first.click()
    page.get_by_label("用哪个模板").select_option("monthly")
    page.get_by_label("从哪一天").fill(str(last_month))
    page.get_by_label("主送").fill("各街道、各实践站")
    page.get_by_role("button", name="生成草稿").click()
    expect(page.get_by_role("link", name="128件")).to_be_visible()
    assert lin.violations() == []
    page.get_by_role("link", name="修改").click()
    first = page.get_by_label("第 1 句")
    first.fill("{place}共收到{calls_submitted}，上门{calls_submitted=130件}，走访37户。{nobody}")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_text("没有“nobody”这个数").first).to_be_visible()
    assert lin.violations() == []
    first.fill("{place}共收到{calls_submitted}，上门{calls_submitted=130件}，走访37户。")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_text("人工填写；平台计算：128件").first).to_be_visible()
    page.get_by_role("button", name="锁定").click()
    expect(page.get_by_text("由另一位有签发权限的人签发")).to_be_visible()
    address = page.url.removeprefix(lin.base)

    shen = visit(DESK)
    shen.sign_in("shen")
    page = shen.open(address)
    page.get_by_role("button", name="签发").click()
    expect(page.get_by_text("〔").first).to_be_visible()
    assert shen.violations() == []
    with page.expect_download() as got:
        page.get_by_role("link", name="下载 PDF").click()
    assert got.value.path().read_bytes().startswith(b"%PDF")
    page.get_by_role("link", name="128件").first.click()
    expect(page.get_by_role("heading", name="提交的求助").first).to_be_visible()

    phone = visit(PHONE)
    phone.sign_in("lin")
    page = phone.open(address)
    assert phone.violations() == []
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_a_template_is_tried_before_it_is_saved(visit: Callable[..., Any], last_month: Any) -> None:
    lin = visit(DESK, language="en")
    lin.sign_in("lin")
    page = lin.open("/cockpit/reports/")
    page.get_by_role("link", name="Monthly bulletin").click()
    body = page.locator("#id_body")
    body.fill("# 求助\n一共{calls_submitted}，{calls_submitted|prev}。\n{oops}")
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_text("Line 3:").first).to_be_visible()
    assert lin.violations() == []
    assert "{oops}" in body.input_value()
    body.fill("# 求助\n一共{calls_submitted}，{calls_submitted|prev}。")
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_role("link", name="128件")).to_be_visible()
    page.get_by_role("button", name="Save the template").click()
    expect(page.get_by_text("Template saved")).to_be_visible()


@pytest.fixture
def paper(cast: Cast, last_month: Any) -> Report:
    """Last month's bulletin of the county, published for everybody."""
    writer, signer = actor(cast.dispatcher), actor(Person.objects.get(name="审核员"))
    actions.set_letterhead(actor=writer, place=cast.county, organ="青禾区新时代文明实践中心", letters="青实发")
    month = Period.month(last_month)
    template = report_templates.template(cast.county, "monthly")
    wanted = Wanted(template, month.since, month.until, "青禾区上月工作通报", "各街道", True)
    made = actions.make_report(actor=writer, place=cast.county, wanted=wanted)
    for doer, verb in ((writer, Verb.LOCK), (signer, Verb.SIGN), (writer, Verb.PUBLISH)):
        made = actions.step_report(actor=doer, report=made, verb=verb)
    return made


def test_a_resident_reads_a_published_report_on_a_phone(visit: Callable[..., Any], paper: Report) -> None:
    phone = visit(PHONE)
    page = phone.open("/places/")
    page.get_by_role("link", name="公开通报").click()
    assert phone.violations() == []
    page.get_by_label("哪一年").select_option(str(paper.year))
    page.get_by_role("button", name="查找").click()
    page.get_by_role("link", name=paper.title).click()
    expect(page.get_by_role("heading", name=paper.title, level=1)).to_be_visible()
    assert phone.violations() == []
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    with page.expect_download() as got:
        page.get_by_role("link", name="下载 PDF").click()
    assert got.value.path().read_bytes().startswith(b"%PDF")
    page.get_by_role("link", name="128件").first.click()
    expect(page.get_by_role("heading", name="提交的求助").first).to_be_visible()
    actions.step_report(
        actor=actor(Person.objects.get(name="审核员")), report=paper, verb=Verb.WITHDRAW, reason="口径有误"
    )
    phone.open(f"/cockpit/papers/{paper.public_id}/")
    expect(page.get_by_role("heading", name="这份通报已经撤回")).to_be_visible()
    expect(page.get_by_text("口径有误")).to_be_visible()
    assert phone.violations() == []


def test_a_new_template_is_copied_and_changed(visit: Callable[..., Any], last_month: Any) -> None:
    lin = visit(DESK)
    lin.sign_in("lin")
    page = lin.open("/cockpit/reports/")
    page.get_by_role("link", name="全部模板和版本").click()
    assert lin.violations() == []
    page.get_by_role("link", name="新建模板").click()
    page.get_by_label("照着哪个模板写").select_option("monthly")
    page.locator("#id_name").fill("季度通报")
    page.locator("#id_code").fill("Quarter")
    page.get_by_role("button", name="新建模板").click()
    expect(page.get_by_text("小写英文字母开头").first).to_be_visible()
    assert lin.violations() == []
    page.locator("#id_code").fill("quarter")
    page.get_by_role("button", name="新建模板").click()
    page.locator("#id_body").fill("一共{calls_submitted}。")
    page.get_by_role("button", name="保存模板").click()
    page.get_by_role("link", name="全部模板和版本").click()
    expect(page.get_by_text("第 2 版").first).to_be_visible()
    expect(page.get_by_role("row", name="季度通报").first).to_be_visible()
