"""Service end to end in a browser: sign in by the code on the screen, sign out, close, confirm, certificate, check."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import expect

from huying.calls.tests.factories import Cast, actor
from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.ledger.actions import seal
from huying.volunteers import actions, queries
from huying.volunteers.models import ServiceRecord, ServiceSession
from huying.volunteers.states import Evidence
from tests.journeys.conftest import DESK, PHONE, Visitor

Visit = Callable[..., Visitor]


@pytest.fixture
def shift() -> Iterator[Callable[[timedelta], None]]:
    """Lets hours pass for the server."""
    ahead = [timedelta(0)]
    with clock.frozen(lambda: datetime.now(UTC) + ahead[0]):
        yield lambda more: ahead.__setitem__(0, ahead[0] + more)


def opened(cast: Cast) -> ServiceSession:
    begin = clock.now() - timedelta(minutes=5)
    plan = actions.SessionPlan("周三助餐", cast.home, begin, begin + timedelta(hours=3), team=cast.team)
    return actions.open_session(actor=actor(cast.leader.person), plan=plan)


@pytest.mark.parametrize("script", [True, False])
def test_from_the_code_to_the_certificate(
    visit: Visit, cast: Cast, shift: Callable[[timedelta], None], script: bool
) -> None:
    session = opened(cast)
    leader, helper, keeper = visit(PHONE, script=script), visit(PHONE, script=script), visit(DESK, script=script)
    leader.sign_in("wu")
    helper.sign_in("li")

    digits = leader.open(f"/volunteers/sessions/{session.public_id}/code/").locator(".hy-digits").inner_text()
    page = helper.open("/volunteers/check/")
    page.locator("[name=digits]").fill(digits)
    page.get_by_role("button", name="下一步：签到").click()
    page.get_by_role("button", name="现在签到").click()
    expect(page.get_by_text("已签到")).to_be_visible()
    shift(timedelta(hours=2))
    digits = leader.open(f"/volunteers/sessions/{session.public_id}/code/").locator(".hy-digits").inner_text()
    page = helper.open("/volunteers/check/")
    page.locator("[name=digits]").fill(digits)
    page.get_by_role("button", name="下一步：签退").click()
    page.get_by_role("button", name="现在签退").click()
    page = leader.open(f"/volunteers/sessions/{session.public_id}/")
    page.locator("[name=seen]").check()
    page.get_by_role("button", name="结束这一场").click()
    keeper.sign_in("wang")  # staff who were idle for two hours sign in again
    keeper.open("/volunteers/service/queue/").get_by_role("button", name="确认勾选的").click()
    page = helper.open("/volunteers/me/certificates/")
    page.get_by_role("button", name="开证明").click()
    page.get_by_role("link", name="查验页").first.click()
    expect(page.get_by_text("与平台的记录一致")).to_be_visible()

    record = ServiceRecord.objects.get()
    assert (record.evidence, record.state) == ("A", "confirmed")
    assert 119 <= queries.minutes_of(cast.li.person_id) <= 121


def test_a_member_checks_his_entry_on_a_public_page_where_nothing_else_is_to_be_seen(visit: Visit, cast: Cast) -> None:
    hours = {cast.li: 120, cast.he: 95}
    records = {}
    for who, minutes in hours.items():
        begin = clock.now() - timedelta(hours=9)
        served = actions.Served(
            who, cast.home, "助老", begin, begin + timedelta(hours=2), minutes, Evidence.A, cast.team
        )
        made = actions.submit_record(actor=actor(cast.leader.person), served=served)
        records[who] = actions.confirm(actor=actor(cast.keeper), record=made)
    seal(actor=Actor.system("tests"))
    member, stranger = visit(PHONE), visit(PHONE)
    member.sign_in("li")

    page = member.open("/volunteers/me/service/")
    page.get_by_role("link", name="助老").click()
    code = page.locator("dt:has-text('凭证码') + dd").inner_text().strip()
    square = zxingcpp.read_barcodes(Image.open(io.BytesIO(page.get_by_alt_text("核对这笔账的二维码").screenshot())))
    barriers = member.violations()
    page = stranger.open("/ledger/receipt/")
    page.get_by_label("凭证码").fill(code)
    page.get_by_role("button", name="核对").click()

    expect(page.get_by_text("核对无误")).to_be_visible()
    told = page.locator("main").inner_text()
    assert "120 分钟" in told
    assert not {word for word in ("李安和", "何晓燕", "吴长青", "助老", "95 分钟") if word in told}
    assert [one.text for one in square] == [f"{member.base}/ledger/receipt/{code}/"]
    assert page.url == square[0].text
    assert barriers == []
    assert stranger.violations() == []


@pytest.mark.parametrize("print_size", ["normal", "large"])
def test_pages_of_service_have_no_barrier(visit: Visit, cast: Cast, print_size: str) -> None:
    session = opened(cast)
    leader = actor(cast.leader.person)
    actions.print_code(actor=leader, session=session, until=session.ends_at)
    served = actions.Served(
        volunteer=cast.li,
        place=cast.home,
        title="助老",
        starts_at=clock.now() - timedelta(hours=9),
        ends_at=clock.now() - timedelta(hours=7),
        minutes=120,
        evidence="A",  # type: ignore[arg-type]
        team=cast.team,
    )
    record = actions.confirm(actor=actor(cast.keeper), record=actions.submit_record(actor=leader, served=served))
    inside = [f"/volunteers/sessions/{session.public_id}/{part}" for part in ("", "code/", "paper/", "roll/", "sheet/")]
    walks = {
        "li": ["me/", "me/join/", "me/service/", "me/certificates/", "me/proofs/", "check/", "campaigns/", "verify/"],
        "wang": [
            "service/",
            "service/queue/",
            "sessions/",
            "sessions/new/",
            "counts/",
            "counts/import/",
            "campaigns/new/",
        ],
    }
    pages = {name: [f"/volunteers/{path}" for path in paths] for name, paths in walks.items()}
    pages["li"].append(f"/volunteers/service/{record.public_id}/")
    pages["wang"] += [*inside, f"/volunteers/service/{record.public_id}/", f"/volunteers/list/{cast.li.public_id}/"]
    found = {}

    for name, paths in pages.items():
        visitor = visit(PHONE if name == "li" else DESK, cookies={"huying_print": print_size})
        visitor.sign_in(name)
        for path in paths:
            visitor.open(path)
            found[f"{name} {path}"] = visitor.violations()

    assert {path: broken for path, broken in found.items() if broken} == {}
