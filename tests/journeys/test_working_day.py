"""The centre's dispatcher at work: two factors, review, dispatch, keys, English; somebody new; a phone that is lent."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from io import BytesIO
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from huying.calls import actions
from huying.calls.models import Call
from huying.calls.states import State
from huying.calls.tests.factories import START, Cast, actor
from huying.kernel import clock
from huying.people.actions.consents import load_purposes
from huying.people.models import Account
from tests.journeys.conftest import DESK, PASSWORD, PHONE, Visitor
from tests.journeys.tour import HAN, WORDS, own_words

Visit = Callable[..., Visitor]
LATER = timedelta(seconds=30)
KEPT = """() => new Promise(ok => { const asked = indexedDB.open('huying', 1);
  asked.onsuccess = () => { const all = asked.result.transaction('outbox').objectStore('outbox').getAll();
  all.onsuccess = () => ok(all.result.length) } })"""
PAGES_KEPT = """async () => { const all = [];
  for (const name of await caches.keys()) all.push(...await (await caches.open(name)).keys());
  return all.map(asked => new URL(asked.url).pathname).filter(path => !path.startsWith('/static/')) }"""


class Watch:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.at = START

    def __call__(self) -> Any:
        return self.at


@pytest.fixture(autouse=True)
def watch() -> Iterator[Watch]:
    """Before anybody of the story is made, so that roles have begun whatever today is."""
    shown = Watch()
    with clock.frozen(shown):
        yield shown


def seen_by_phone(picture: Locator) -> str:
    """The secret in the square, as an authenticator reads it from the screen."""
    shown = Image.open(BytesIO(picture.screenshot())).convert("L")
    found = zxingcpp.read_barcodes(shown)
    return parse_qs(urlsplit(found[0].text).query)["secret"][0]


def code(secret: str) -> str:
    """What the authenticator shows now (RFC 6238: SHA-1, 30 seconds, 6 digits)."""
    moment = int(clock.now().timestamp()) // 30
    mac = hmac.digest(base64.b32decode(secret), moment.to_bytes(8, "big"), hashlib.sha1)
    start = mac[-1] & 15
    return f"{(int.from_bytes(mac[start : start + 4], 'big') & 0x7FFFFFFF) % 1_000_000:06d}"


def sign_in_with(visitor: Visitor, secret: str) -> Page:
    page = visitor.sign_in("lin")
    assert visitor.violations() == []
    page.fill("input[name=code]", "000000")
    page.get_by_role("button", name="确定").click()
    expect(page.get_by_text("验证码不对").first).to_be_visible()
    page.fill("input[name=code]", code(secret))
    page.get_by_role("button", name="确定").click()
    page.wait_for_url(lambda url: "second" not in url)
    return page


def test_a_dispatcher_sets_up_two_factors_and_takes_a_call_to_its_end(
    visit: Visit, cast: Cast, watch: Watch, settings: Any
) -> None:
    settings.HUYING_STAFF_SECOND_FACTOR = True
    call, other = cast.call(title="周五去医院复查"), cast.call(title="楼下有人吵架")
    desk = visit(DESK)

    page = desk.sign_in("lin")
    assert "/people/sign-in/set-up/" in page.url, "staff must set up a second factor on the way in"
    assert desk.violations() == []
    secret = seen_by_phone(page.locator("main img"))
    assert page.locator("main code").inner_text().replace(" ", "") == secret
    page.fill("input[name=code]", code(secret))
    page.get_by_role("button", name="开启").click()
    expect(page.locator("main li code").nth(7)).to_be_visible()
    assert desk.violations() == []
    page.get_by_role("link", name="收好了，继续").click()
    page.goto(desk.base + "/people/me/")
    page.get_by_role("button", name="退出登录").click()
    page.wait_for_url(desk.base + "/")

    watch.at += LATER
    page = sign_in_with(desk, secret)
    page.goto(f"{desk.base}/desk/calls/{call.public_id}/")
    page.get_by_role("button", name="受理", exact=True).click()
    becomes(page, call, State.REVIEWING)
    page.get_by_role("button", name="派给李安和").click()
    becomes(page, call, State.DISPATCHED)

    serve(cast, Call.objects.get(pk=call.pk))
    page.goto(f"{desk.base}/calls/{call.public_id}/")
    expect(page.get_by_text("已办结").first).to_be_visible()
    expect(page.get_by_text("已陪同就医").first).to_be_visible()

    page.goto(f"{desk.base}/desk/calls/{other.public_id}/")
    page.get_by_text("更多").first.click()
    page.get_by_text("转12345").first.click()
    expect(page.locator("dialog[open]")).to_have_count(1)
    page.locator("dialog[open]").get_by_role("button").first.click()
    becomes(page, other, State.TRANSFERRED)


def becomes(page: Page, call: Call, state: State) -> None:
    """Wait up to five seconds until the call is there, and the page with it."""
    for _attempt in range(50):
        if Call.objects.get(pk=call.pk).state == state:
            break
        page.wait_for_timeout(100)
    assert Call.objects.get(pk=call.pk).state == state
    page.wait_for_load_state("networkidle")


def serve(cast: Cast, call: Call) -> None:
    """What helper and asker do in between."""
    helper, asker = actor(cast.li.person), actor(cast.resident)
    call = actions.accept(actor=helper, call=call)
    call = actions.start(actor=helper, call=call)
    call = actions.deliver(actor=helper, call=call, note="已陪同就医")
    actions.rate(actor=asker, call=call, score=5, solved=True)


def test_the_board_is_worked_with_keys_alone(visit: Visit, cast: Cast) -> None:
    first = cast.call(State.POOLED, title="换一只灯泡")
    cast.call(State.POOLED, title="读一封信")
    desk = visit(DESK)
    page = desk.sign_in("lin")
    page.goto(desk.base + "/desk/")
    expect(page.locator("[data-ticket]")).to_have_count(2)

    page.keyboard.press("k")
    one = focused(page)
    page.keyboard.press("j")
    assert focused(page) != one
    page.keyboard.press("k")
    assert focused(page) == one
    for _turn in range(4):
        if first.title in focused(page):
            break
        page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.locator("#detail")).to_contain_text(first.title)
    page.wait_for_load_state("networkidle")
    page.keyboard.press("a")
    page.wait_for_function("document.activeElement.id === 'candidates'")
    for _turn in range(4):  # the panel may have been drawn anew in between: the button stays a few keys away
        page.keyboard.press("Tab")
        if "派给" in (page.evaluate("document.activeElement.getAttribute('aria-label')") or ""):
            break
    assert "派给" in (page.evaluate("document.activeElement.getAttribute('aria-label')") or "")
    page.keyboard.press("Enter")
    becomes(page, first, State.DISPATCHED)

    page.goto(desk.base + "/desk/")
    page.keyboard.press("/")
    page.keyboard.type("读一封信")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("q="))
    expect(page.locator("[data-ticket]")).to_have_count(1)
    page.keyboard.press("Escape")
    page.locator("h1").click()
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("n")
    page.wait_for_url("**/desk/phone/")
    page.wait_for_load_state("networkidle")


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.textContent"))


def test_dispatcher_and_volunteer_work_in_english(visit: Visit, cast: Cast) -> None:
    call = cast.call(title="See a doctor")
    desk = visit(DESK, language="en")
    page = desk.sign_in("lin")
    for path in ("/desk/", "/desk/list/", "/desk/phone/", f"/desk/calls/{call.public_id}/"):
        page.goto(desk.base + path)
        assert chinese(page) == [], path
    page.get_by_role("button", name="Review", exact=True).click()
    page.get_by_role("button", name="Dispatch to 李安和").click()
    becomes(page, call, State.DISPATCHED)
    assert chinese(page) == []

    helper = visit(PHONE, language="en")
    page = helper.sign_in("li")
    page.goto(helper.base + "/help/")
    assert chinese(page) == []
    page.get_by_role("link", name=re.compile("See a doctor")).first.click()
    assert chinese(page) == []
    page.goto(f"{helper.base}/calls/{call.public_id}/accept/")
    assert chinese(page) == []
    page.locator("main form button:not([type=button])").first.click()
    becomes(page, call, State.ACCEPTED)
    assert chinese(page) == []

    asker = visit(PHONE, language="en")
    page = asker.sign_in("chen")
    page.goto(f"{asker.base}/calls/{call.public_id}/")
    assert page.locator("html").get_attribute("lang") == "en"
    assert chinese(page) == []
    assert Call.objects.get(pk=call.pk).state == State.ACCEPTED


def chinese(page: Page) -> list[str]:
    """Chinese words on the page that nobody of the story wrote."""
    known = own_words()
    return [text.strip() for text in page.evaluate(WORDS) if any(run not in known for run in HAN.findall(text))]


def test_somebody_new_registers_with_a_code(
    visit: Visit, cast: Cast, settings: Any, run_jobs: Callable[[], None]
) -> None:
    settings.DEMO, settings.HUYING_SMS_GATEWAY = True, "console"
    load_purposes()
    guest = visit(PHONE)

    page = guest.open("/people/sign-in/code/")
    page.fill("input[name=phone]", "13900005678")
    page.locator("main form button").first.click()
    page.wait_for_selector("input[name=code]")
    assert guest.violations() == []
    run_jobs()
    texts = guest.context.new_page()
    texts.goto(guest.base + "/people/demo/texts/")
    sent = re.search(r"\d{6}", texts.locator("main .hy-card").first.inner_text().replace("13900005678", ""))
    assert sent
    page.fill("input[name=code]", sent[0])
    page.locator("main form button").first.click()
    page.wait_for_url("**/people/register/")
    assert guest.violations() == []
    page.fill("input[name=name]", "方新月")
    page.fill("input[name=birth_date]", "1950-05-01")
    page.check("input[name=agrees]")
    page.get_by_role("button", name="注册").click()
    page.wait_for_url(guest.base + "/")
    assert Account.objects.get(person__name="方新月").pk


def test_a_lent_phone_keeps_nothing_after_signing_out(visit: Visit, cast: Cast) -> None:
    resident = visit(PHONE)
    page = resident.sign_in("chen")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.wait_for_function("navigator.serviceWorker.controller !== null")

    resident.context.set_offline(True)
    page.goto(resident.base + "/calls/")
    expect(page.locator("h1")).to_have_text("现在没有网络")
    page.goto(resident.base + "/ask/short/")
    assert page.evaluate("document.documentElement.hasAttribute('data-kept')")
    assert "陈桂英" not in page.locator("body").inner_text()
    resident.context.set_offline(False)
    page.goto(resident.base + "/ask/clinic/")
    resident.context.set_offline(True)
    page.locator("[name=title]").fill("等有网络再说")
    page.locator("[name=address]").fill("桂花路 3 幢 201 室")
    page.locator("[name=phone]").fill("13900000017")
    page.get_by_role("button", name="提交求助").click()
    expect(page.locator("[data-outbox-list], .hy-outbox")).to_contain_text("等有网络再说")
    assert page.evaluate(KEPT) == 1
    page.route("**/ask/**", lambda sent: sent.abort() if sent.request.method == "POST" else sent.continue_())
    resident.context.set_offline(False)
    page.goto(resident.base + "/people/me/")
    page.get_by_role("button", name="退出登录").click()
    page.wait_for_url(resident.base + "/")

    assert page.evaluate(KEPT) == 0
    assert set(page.evaluate(PAGES_KEPT)) <= {"/ui/offline/", "/ask/short/", "/ui/filled-at"}
    assert Call.objects.count() == 0
    assert PASSWORD not in page.content()
