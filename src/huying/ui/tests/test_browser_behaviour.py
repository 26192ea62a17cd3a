"""What the scripts add, in a real browser: dialogs, keys, polling, forms, messages."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from huying.ui.tests.pages import TOLD

Look = Callable[..., Page]
BOARD = "/board/?as=staff"


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.textContent.trim()"))


def test_a_dialog_takes_the_focus_and_gives_it_back(look: Look) -> None:
    page = look(BOARD, width=1280)
    page.click("a[data-dialog=withdraw]")

    expect(page.locator("#withdraw")).to_be_visible()
    assert page.evaluate("document.activeElement.id") == "withdraw-reason"
    page.keyboard.press("Escape")
    expect(page.locator("#withdraw")).to_be_hidden()
    assert focused(page) == "撤回求助"


def test_a_dialog_closes_by_its_buttons_and_sends_its_reason(look: Look) -> None:
    page = look(BOARD, width=1280)
    page.click("a[data-dialog=withdraw]")
    page.click("#withdraw >> text=取消")
    expect(page.locator("#withdraw")).to_be_hidden()

    page.click("a[data-dialog=withdraw]")
    page.fill("#withdraw-reason", "不用了")
    page.click("#withdraw button:has-text('撤回')")
    page.wait_for_url("**/")


def test_an_old_browser_without_dialogs_keeps_the_manners(look: Look) -> None:
    page = look(BOARD, width=1280)
    page.context.add_init_script("delete HTMLDialogElement.prototype.showModal")
    page.reload()
    page.click("a[data-dialog=withdraw]")

    expect(page.locator("#withdraw")).to_be_visible()
    page.locator("#withdraw [data-close]").last.focus()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('#withdraw') !== null")
    page.keyboard.press("Escape")
    expect(page.locator("#withdraw")).to_be_hidden()
    assert focused(page) == "撤回求助"


def test_keys_walk_the_board(look: Look) -> None:
    page = look(BOARD, width=1280)
    for key, title in (("j", "需两人协助"), ("j", "心内科复查"), ("j", "心内科复查"), ("k", "需两人协助")):
        page.keyboard.press(key)
        assert focused(page) == title

    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.name") == "q"
    page.keyboard.type("jk?a")
    assert page.input_value("input[name=q]") == "jk?a"


def test_keys_press_the_marked_button_and_show_their_list(look: Look) -> None:
    page = look(BOARD, width=1280)
    page.evaluate(
        "document.querySelector('[data-key=a]').addEventListener('click', () => { document.title = 'pressed' })"
    )
    page.keyboard.press("a")
    assert page.title() == "pressed"

    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()


def test_keys_can_be_turned_off_for_good(look: Look) -> None:
    page = look(BOARD, width=1280)
    page.keyboard.press("?")
    page.check("[data-keys-off]")
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    assert focused(page) != "需两人协助"

    page.reload()
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_hidden()


def test_the_board_learns_what_is_new_and_keeps_the_focus(look: Look) -> None:
    page = look(BOARD, width=1280)
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.evaluate("document.activeElement.id = 'mine'")
    TOLD.tickets = [("t-3", "水管漏水"), ("t-1", "已改约"), ("t-2", "心内科复查")]

    expect(page.locator("#t-3")).to_be_visible()
    expect(page.locator("#t-1 .hy-ticket__title")).to_have_text("已改约")
    expect(page.locator("#c-wait-count .hy-badge")).to_have_text("3")
    assert page.evaluate("[...document.querySelectorAll('[data-ticket]')].map(e => e.id)") == ["t-3", "t-1", "t-2"]
    assert focused(page) == "心内科复查"
    expect(page.locator("#live")).to_have_text("新来的求助： 1")


def test_a_ticket_that_changes_its_column_is_said_by_name_and_several_are_counted(look: Look) -> None:
    page = look(BOARD, width=1280)
    TOLD.going = {"t-2"}
    expect(page.locator("#c-doing #t-2")).to_be_visible()
    expect(page.locator("#live")).to_have_text("“心内科复查”移到了“服务中”。")

    TOLD.tickets = [("t-1", "需两人协助"), ("t-2", "心内科复查"), ("t-3", "水管漏水")]
    TOLD.going = {"t-1"}
    expect(page.locator("#c-wait #t-2")).to_be_visible()
    expect(page.locator("#live")).to_have_text("新来的求助： 1 2 件求助换了列：待派单 1 · 服务中 1。")


def test_the_open_panel_follows_its_call_and_leaves_the_focus_where_it_is(look: Look) -> None:
    page = look(BOARD, width=1280)
    page.locator("#detail button").focus()
    TOLD.version = 2

    expect(page.locator("#drawn")).to_have_text("第 2 版")
    expect(page.locator("#live")).to_have_text("求助详情已更新。")
    assert page.evaluate("document.activeElement.matches('#detail button')")


def test_a_panel_in_which_somebody_writes_waits_and_says_so(look: Look) -> None:
    page = look(BOARD, width=1280)
    page.fill("#detail textarea", "我明天上午")
    page.locator("h1").first.click()
    TOLD.version = 3

    expect(page.locator("[data-live-note]")).to_be_visible()
    page.wait_for_timeout(1500)
    expect(page.locator("#detail textarea")).to_have_value("我明天上午")
    expect(page.locator("#drawn")).to_have_text("第 1 版")

    page.fill("#detail textarea", "")
    page.locator("h1").first.click()
    page.evaluate("document.activeElement.blur()")
    expect(page.locator("#drawn")).to_have_text("第 3 版")
    expect(page.locator("[data-live-note]")).to_be_hidden()


def test_a_ticket_that_left_is_gone_and_nothing_new_costs_nothing(look: Look) -> None:
    page = look(BOARD, width=1280)
    TOLD.tickets = [("t-2", "心内科复查")]
    expect(page.locator("#t-1")).to_have_count(0)

    page.wait_for_timeout(2300)
    assert TOLD.polls[-1] == 304
    assert TOLD.polls.count(200) <= 2


def test_a_board_that_cannot_be_reached_says_so(look: Look) -> None:
    page = look(BOARD, width=1280)
    page.context.set_offline(True)
    expect(page.locator("[data-stale-for=board]")).to_be_visible()

    page.context.set_offline(False)
    expect(page.locator("[data-stale-for=board]")).to_be_hidden()


def test_pressing_twice_sends_once(look: Look) -> None:
    page = look(BOARD, width=1280)
    sent: list[str] = []
    page.on("request", lambda asked: sent.append(asked.url) if asked.method == "POST" else None)
    page.evaluate(
        """() => { const form = document.querySelector('#withdraw form'); let stopped = 0;
        form.addEventListener('submit', e => { e.preventDefault(); document.title = `taken ${++stopped}` });
        form.requestSubmit(); form.requestSubmit(); }"""
    )

    assert page.title() == "taken 1"
    assert sent == []


def test_the_list_of_mistakes_takes_the_focus_and_leads_to_the_fields(look: Look) -> None:
    page = look("/ask/")
    page.fill("textarea", "ab")
    page.click("#ask button[type=submit]")
    page.wait_for_selector(".hy-errors")

    assert "hy-errors" in page.evaluate("document.activeElement.className")
    assert page.title().startswith("有误：")
    assert page.input_value("textarea") == "ab"
    page.click(".hy-errors a >> nth=1")
    assert page.evaluate("document.activeElement.name") == "kind"


def test_pictures_show_before_they_are_sent(look: Look) -> None:
    page = look("/ask/")
    dot = bytes.fromhex(
        "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360000002000001e221bc330000000049454e44ae426082"
    )
    page.set_input_files("input[type=file]", [{"name": "门口.png", "mimeType": "image/png", "buffer": dot}])

    expect(page.locator(".hy-file__item figcaption")).to_have_text("门口.png (1 KB)")
    assert page.locator(".hy-file__item img").get_attribute("src").startswith("blob:")


def test_a_limited_text_counts_what_is_used(look: Look) -> None:
    page = look("/ask/")
    page.fill("textarea", "周五")

    expect(page.locator(".hy-counter")).to_have_text("2 / 100")


def test_a_chosen_card_is_marked_as_a_whole(look: Look) -> None:
    page = look("/ask/")
    page.click(".hy-choice >> text=陪诊")

    assert page.locator(".hy-choice--on").all_inner_texts() == ["陪诊"]


def test_a_message_can_be_closed(look: Look) -> None:
    page = look("/ask/")
    page.evaluate(
        "document.dispatchEvent(new CustomEvent('huying:toast', {detail: {message: '已送出', level: 'info'}}))"
    )
    expect(page.locator(".hy-toast")).to_have_text("已送出")
    expect(page.locator("#live")).to_have_text("已送出")

    look_at_ui = look("/ui/", width=1280)
    look_at_ui.locator("[data-toast-close]").first.click()
    expect(look_at_ui.locator(".hy-toast")).to_have_count(1)
