"""Asking without network, in a real browser: kept on the phone, sent once, seen by its writer, gone at sign-out."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import override_settings
from playwright.sync_api import Page, expect

from huying.ui.tests.pages import TOLD

Look = Callable[..., Page]
WAITING = ".hy-outbox__item"


def other_reader(request: object) -> dict[str, str]:
    return {"name": "赵强", "role": "", "href": "/", "key": "k2"}


def write(page: Page, words: str = "周五要去医院") -> str:
    page.fill("textarea", words)
    page.check("input[value=clinic]")
    key = page.input_value("#ask input[name=idempotency_key]")
    page.click("#ask button[type=submit]")
    return key


def test_an_ask_with_network_is_sent_and_leads_on(look: Look) -> None:
    page = look("/ask/")
    key = write(page)

    page.wait_for_url("**/board/")
    assert TOLD.posts == [{"idempotency_key": key, "words": "周五要去医院"}]


def test_an_ask_without_network_waits_and_is_sent_once_there_is_one(look: Look) -> None:
    page = look("/ask/")
    page.context.set_offline(True)
    key = write(page)

    expect(page.locator(WAITING)).to_contain_text("求助 · 周五要去医院")
    expect(page.locator(".hy-offline")).to_be_visible()
    assert page.input_value("textarea") == ""
    assert page.input_value("#ask input[name=idempotency_key]") != key
    assert TOLD.posts == []

    page.context.set_offline(False)
    expect(page.locator(WAITING)).to_have_count(0)
    expect(page.locator(".hy-toast >> text=查看")).to_have_attribute("href", "/board/")
    assert TOLD.posts == [{"idempotency_key": key, "words": "周五要去医院"}]


@pytest.mark.parametrize("status", [500, 503, 429])
def test_an_ask_that_the_server_cannot_take_now_waits_too(look: Look, status: int) -> None:
    """navigator.onLine says yes in a lift with a portal, and behind a broken server."""
    TOLD.status = status
    page = look("/ask/")
    key = write(page)
    expect(page.locator(WAITING)).to_have_count(1)

    TOLD.status = 303
    page.click(f"{WAITING} >> button:has-text('现在发送')")
    expect(page.locator(WAITING)).to_have_count(0)
    assert [post["idempotency_key"] for post in TOLD.posts] == [key] * 2


def test_a_failed_connection_counts_as_no_network(look: Look) -> None:
    page = look("/ask/")
    page.route("**/ask/", lambda route: route.abort() if route.request.method == "POST" else route.continue_())
    write(page)

    expect(page.locator(WAITING)).to_have_count(1)
    expect(page.locator(".hy-toast")).to_contain_text("已存在这部手机里")


def test_several_asks_wait_apart_and_outlive_the_page(look: Look) -> None:
    page = look("/ask/")
    page.context.set_offline(True)
    first = write(page, "第一件事")
    expect(page.locator(WAITING)).to_have_count(1)
    second = write(page, "第二件事")
    expect(page.locator(WAITING)).to_have_count(2)
    address, context = page.url, page.context
    page.close()
    context.set_offline(False)
    page = context.new_page()
    page.goto(address)

    expect(page.locator(".hy-toast")).to_have_count(2)
    expect(page.locator(WAITING)).to_have_count(0)
    # a page that is shut while it sends may leave the answer unread: what is sent again comes under the same key
    assert {post["idempotency_key"]: post["words"] for post in TOLD.posts} == {first: "第一件事", second: "第二件事"}


def test_two_open_pages_send_what_waits_once(look: Look) -> None:
    page = look("/ask/")
    other = page.context.new_page()
    other.goto(page.url)
    page.context.set_offline(True)
    key = write(page)
    expect(page.locator(WAITING)).to_have_count(1)
    page.context.set_offline(False)

    expect(page.locator(WAITING)).to_have_count(0)
    other.wait_for_timeout(500)
    assert [post["idempotency_key"] for post in TOLD.posts] == [key]


def test_what_waits_can_be_thrown_away(look: Look) -> None:
    page = look("/ask/")
    page.context.set_offline(True)
    write(page)
    page.click(f"{WAITING} >> text=删除")

    expect(page.locator(WAITING)).to_have_count(0)
    page.context.set_offline(False)
    page.reload()
    page.wait_for_timeout(300)
    assert TOLD.posts == []


def test_an_ask_that_is_refused_says_why_and_is_not_sent_again(look: Look) -> None:
    page = look("/ask/")
    page.context.set_offline(True)
    write(page, "ab")
    expect(page.locator(WAITING)).to_have_count(1)
    page.context.set_offline(False)

    expect(page.locator(".hy-outbox__why")).to_contain_text("一句话说明")
    page.reload()
    page.wait_for_timeout(300)
    assert len(TOLD.posts) == 1


def test_nobody_sees_or_sends_what_another_wrote(look: Look) -> None:
    page = look("/ask/")
    page.context.set_offline(True)
    write(page)
    expect(page.locator(WAITING)).to_have_count(1)

    address, context = page.url, page.context
    page.close()
    context.set_offline(False)
    page = context.new_page()
    with override_settings(HUYING_READER="huying.ui.tests.test_browser_outbox.other_reader"):
        page.goto(address)
        page.wait_for_timeout(400)
        assert page.locator(WAITING).count() == 0
        assert TOLD.posts == []

    page.goto(address)
    expect(page.locator(".hy-toast")).to_have_count(1)
    expect(page.locator(WAITING)).to_have_count(0)
    assert len(TOLD.posts) == 1


def nobody(request: object) -> dict[str, str]:
    return {}


def test_what_nobody_signed_waits_until_its_writer_owns_up(look: Look) -> None:
    with override_settings(HUYING_READER="huying.ui.tests.test_browser_outbox.nobody"):
        page = look("/ask/")
        page.context.set_offline(True)
        key = write(page)
        expect(page.locator(WAITING)).to_have_count(1)
        address, context = page.url, page.context
        page.close()
    context.set_offline(False)
    page = context.new_page()
    page.goto(address)

    expect(page.locator(".hy-outbox__why")).to_contain_text("是您写的")
    assert TOLD.posts == []
    page.click(f"{WAITING} >> button:has-text('现在发送')")
    expect(page.locator(WAITING)).to_have_count(0)
    assert [post["idempotency_key"] for post in TOLD.posts] == [key]


def test_signing_out_leaves_nothing_on_the_phone(look: Look) -> None:
    page = look("/ask/", workers="allow")
    page.context.set_offline(True)
    write(page)
    expect(page.locator(WAITING)).to_have_count(1)
    page.route("**/ask/", lambda route: route.abort() if route.request.method == "POST" else route.continue_())
    page.context.set_offline(False)
    page.click("text=退出登录")
    page.wait_for_selector(".hy-hero")

    stored = page.evaluate(
        """() => new Promise(ok => { const asked = indexedDB.open('huying', 1);
        asked.onsuccess = () => { const all = asked.result.transaction('outbox').objectStore('outbox').getAll();
        all.onsuccess = () => ok(all.result.length) } })"""
    )
    assert stored == 0


def ready(page: Page) -> None:
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.wait_for_function("navigator.serviceWorker.controller !== null")


def test_without_network_the_kept_pages_still_open(look: Look) -> None:
    page = look("/", workers="allow")
    ready(page)
    page.context.set_offline(True)
    page.goto(page.url + "board/")
    expect(page.locator("h1")).to_have_text("现在没有网络")

    page.goto(page.url.replace("board/", ""))
    expect(page.locator("h1")).to_contain_text("王阿姨")
    assert page.evaluate("document.documentElement.hasAttribute('data-kept')")


def test_what_is_written_on_a_kept_page_belongs_to_the_last_reader(look: Look) -> None:
    with override_settings(HUYING_OFFLINE_PAGES=["ask"]):
        page = look("/ask/", workers="allow")
        ready(page)
        page.context.set_offline(True)
        keys = []
        for words in ("第一件事", "第二件事"):
            page.reload()
            keys.append(write(page, words))
            expect(page.locator(WAITING)).to_have_count(len(keys))
        page.context.set_offline(False)
        page.reload()
        for _turn in range(50):
            if len({post["words"] for post in TOLD.posts}) == 2:
                break
            page.wait_for_timeout(100)
        expect(page.locator(WAITING)).to_have_count(0)

    sent = {(post["idempotency_key"], post["words"]) for post in TOLD.posts}  # a broken send is tried again, same key
    assert sent == {(keys[0], "第一件事"), (keys[1], "第二件事")}


def test_the_worker_keeps_no_page_of_a_person(look: Look) -> None:
    page = look("/board/", workers="allow")
    ready(page)
    page.goto(page.url)
    kept = page.evaluate(
        """async () => { const names = await caches.keys(), all = [];
        for (const name of names) all.push(...await (await caches.open(name)).keys());
        return all.map(asked => new URL(asked.url).pathname) }"""
    )

    public = ["/ui/offline/", "/", "/ui/filled-at"]
    assert [path for path in kept if not path.startswith("/static/")] == public
