"""A busy counter: keys, a scanner that types like lightning and ends in Enter, booklets read from screen and paper."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from io import BytesIO

import pytest
import zxingcpp
from django.urls import reverse
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from huying.calls.tests.factories import START, Cast
from huying.kernel import clock
from huying.points import actions
from huying.points.models import Gift, Weighing
from huying.points.rules import codes
from huying.points.states import GiftState
from tests.architecture.pointed import Pointed
from tests.journeys.conftest import DESK, Visitor

Visit = Callable[..., Visitor]


@pytest.fixture(autouse=True)
def morning() -> Iterator[None]:
    with clock.frozen(START):
        yield


@pytest.fixture
def shop(cast: Cast) -> Pointed:
    return Pointed(cast)


def scan(page: Page, text: str) -> None:
    """As a scanner does it: all digits at once into whatever has the focus, then Enter."""
    page.keyboard.type(text, delay=0)
    page.keyboard.press("Enter")
    page.wait_for_load_state()


def read(picture: Locator) -> str:
    """What a scanner reads from the screen."""
    found = zxingcpp.read_barcodes(Image.open(BytesIO(picture.screenshot())).convert("L"))
    return found[0].text


def test_keys_lead_to_each_field_and_nothing_is_pressed_while_typing(visit: Visit, shop: Pointed) -> None:
    wang = visit(DESK)
    wang.sign_in("wang")
    page = wang.open(reverse("points:counter", args=[shop.bank.public_id]))
    code, number = page.locator("input[name=code]"), page.locator("input[name=number]")
    grams = page.locator("input[name=grams]")

    expect(code).to_be_focused()  # ready for the scanner without a key
    for key, field in (("b", number), ("w", grams), ("/", code)):
        page.evaluate("document.activeElement.blur()")
        page.keyboard.press(key)
        expect(field).to_be_focused()
        expect(field).to_have_value("")
    page.keyboard.type("bw/")
    expect(code).to_have_value("bw/")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("w")
    page.keyboard.type("600")
    page.keyboard.press("Enter")
    expect(page.locator("main, [role=status]").get_by_text("600 克").first).to_be_visible()
    assert Weighing.objects.get().quantity == 2
    assert wang.violations() == []


def test_a_scanner_hands_over_a_code_and_then_a_booklet_without_the_mouse(visit: Visit, shop: Pointed) -> None:
    dora, wang = visit(), visit(DESK)
    dora.sign_in("chen")
    page = dora.open(reverse("points:gift", args=[shop.gift.public_id]))
    code = read(page.locator("img.hy-square"))
    page = dora.open(reverse("points:passbook", args=[shop.passbook.public_id]))
    page.get_by_text("在柜台扫存折的码").click()
    booklet = read(page.locator("img.hy-square"))
    assert booklet == f"{shop.passbook.number}-{codes.mark(shop.passbook.public_id, shop.passbook.booklet)}"

    wang.sign_in("wang")
    page = wang.open(reverse("points:counter", args=[shop.bank.public_id]))
    scan(page, code)
    expect(page.locator("input[name=code]")).to_be_focused()  # the next one
    assert Gift.objects.get(pk=shop.gift.pk).state == GiftState.HANDED
    scan(page, code)
    expect(page.get_by_text("没有这个领取码").first).to_be_visible()

    before = Gift.objects.count()
    page = wang.open(reverse("points:counter", args=[shop.bank.public_id]))
    scan(page, booklet)  # into the field of codes, where the cursor is
    expect(page.locator("#serve select[name=good]")).to_be_focused()
    expect(page.locator("input[name=number]")).to_have_value(booklet)
    assert Gift.objects.count() == before  # nothing is given before somebody says what
    page.locator("#serve button").click()
    page.wait_for_load_state()
    gift = Gift.objects.latest("pk")
    assert (Gift.objects.count(), gift.way, gift.state) == (before + 1, "booklet", GiftState.HANDED)


def test_a_booklet_that_was_lost_is_refused_at_the_counter(visit: Visit, shop: Pointed) -> None:
    old = codes.mark(shop.passbook.public_id, shop.passbook.booklet)
    frozen = actions.freeze(actor=shop.dora, passbook=shop.passbook, reason="丢了")
    actions.unfreeze(actor=shop.dora, passbook=frozen)
    wang = visit(DESK)
    wang.sign_in("wang")
    page = wang.open(reverse("points:counter", args=[shop.bank.public_id]))
    scan(page, f"{shop.passbook.number}{old}")
    page.locator("#serve button").click()

    expect(page.get_by_text("存折上的码不对").first).to_be_visible()
    expect(page.locator("input[name=number]")).to_have_value(f"{shop.passbook.number}{old}")
