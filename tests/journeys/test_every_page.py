"""Every page, opened by somebody who may: axe finds nothing against WCAG 2.2 AA, English is English, nothing leaves.

The pages come from the table of the route walk, so that a new one is looked at without a change here.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from playwright.sync_api import Browser, Page

from huying.calls.tests.factories import START
from huying.kernel import clock
from huying.ui.tests.measuring import TARGETS, TEXTS, WIDER, violations
from tests.architecture.route_table import ROUTES
from tests.journeys.tour import HAN, NO_HTML, WORDS, Shut, Stop, Tour, own_words, readers

MAIN = (
    *("calls:home", "calls:ask", "calls:ask_kind", "calls:mine", "calls:call", "calls:help", "people:me"),
    *("people:notices", "volunteers:me", "places:tree", "places:detail", "people:sign_in"),
    *("calls:board", "calls:panel", "calls:list", "calls:phone_kind", "people:persons", "places:coverage"),
)
"""Where residents and staff spend their time."""
NO_PAGE = {
    "system:trail_export": "a file",
    "calls:figures_calls_file": "a file",
    "ledger:accounts_export": "a file",
    "ledger:export": "a file",
    "figures:home": "leads to the place where one works",
    "cited": "leads to the page of the number",
    "cockpit:reports": "leads to the place where one works",
    "cockpit:report_file": "a file",
    "cockpit:home": "leads to the place where one works",
    "packs:here": "leads to the page of a place, or to the library",
    "calls:ask_words": "the answer to a sentence that was sent: looked at below",
    "people:outside": "another site signs people in: no page of ours, and off in these settings",
    "people:outside_back": "the way back from there",
    "people:outside_link": "leads there, or back to one's own page",
    "people:second": "between password and code: looked at in the journey of the second factor",
    "people:register": "after the proof of a number: looked at in the journey of somebody new",
}
"""Addresses that show nobody of the walk a page, and why."""
CHINESE_ON_PURPOSE = {
    "calls:hotline": "lists the headings a file may have",
    "calls:hotline_draft": "shows the file's own lines",
    "cockpit:report_edit": "quotes the sentences of the paper",
    "cockpit:report_template": "quotes the sentences of the paper, and its notation",
    "figures:correct": "quotes numbers as reports have them",
    "figures:report": "quotes numbers as reports have them",
    "people:demo_texts": "messages as they were sent, each in its reader's language",
    "people:preferences": "a language is called by its own name",
    "places:add_layer": "quotes the word that is printed below a map by law",
    "places:import": "lists the headings a file may have",
    "places:import_draft": "shows the file's own lines",
    "system:trail": "quotes the headings of files as they were handed out",
    "ui:gallery": "shows templates as they are written",
}
SMALLEST = {"normal": 0.0, "large": 18.0, "xlarge": 25.0}
TALLEST = {"normal": 44.0, "large": 60.0, "xlarge": 60.0}


@pytest.fixture
def tour(committed_db: None, settings: Any, chromium: Browser, live_server: Any) -> Iterator[Tour]:
    settings.HUYING_STAFF_SECOND_FACTOR = False
    settings.DEMO, settings.HUYING_SMS_GATEWAY = True, "console"  # shows the text messages of a demonstration too
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    logging.disable(logging.CRITICAL)  # the picture of the walk is none
    with clock.frozen(START):
        made = Tour(chromium, live_server.url)
        yield made
        made.close()
    logging.disable(logging.NOTSET)
    assert made.faults() == []


def walk(tour: Tour, look: Callable[[Page, Stop], list[str]], **modes: str) -> list[str]:
    """What ``look`` finds on every page, with the page's name."""
    found = []
    for stop in tour.stops():
        try:
            page = tour.open(stop, **modes)
        except Shut as error:
            found.append(f"{stop.name} as {stop.who} {error}")
            continue
        if page is not None:
            found += [f"{stop.name} as {stop.who}: {fault}" for fault in look(page, stop)]
    return found


def is_part(page: Page) -> bool:
    """Whether the answer is a part of a page, for the script to put in; it is dressed like the page it is put into, for
    how large a link is and how far from the next one is known only there.
    """
    part = not page.evaluate("document.documentElement.lang")
    if part:
        built = json.loads((settings.BUILT / "manifest.json").read_text(encoding="utf-8"))
        for script in ("js/core.js", "js/cockpit.js" if "/cockpit/" in page.url else "js/staff.js"):
            page.add_style_tag(url=settings.STATIC_URL + built[script]["css"][0])
    return part


def test_no_page_has_a_barrier(tour: Tour, tally: Callable[..., None]) -> None:
    seen = []

    def look(page: Page, stop: Stop) -> list[str]:
        seen.append(stop)
        return violations(page, part=is_part(page))

    found = walk(tour, look)

    tally("pages", opened=len(seen))
    assert not found, "\n".join(found)
    assert never_shown({stop.name.partition(" ")[0] for stop in seen}) == set()


def never_shown(shown: set[str]) -> set[str]:
    """Addresses with a page that nobody of the tour gets: it would never be looked at."""
    gets = {name: set(row.partition(" | ")[0].split()) for name, row in ROUTES.items() if not name.startswith(NO_HTML)}
    shut = {name for name, answers in gets.items() if not readers(name) and not answers <= {"405", "302"}}
    return shut - shown - set(NO_PAGE)


def test_every_page_in_english_has_no_barrier_and_no_chinese_of_ours(tour: Tour) -> None:
    """Names and words of people stay as they were written; every sentence of the product is English."""
    seen: list[Stop] = []
    known = ""

    def look(page: Page, stop: Stop) -> list[str]:
        nonlocal known
        known = known or own_words()  # once, when everything the pages speak of is there
        seen.append(stop)
        words = page.evaluate(WORDS) if stop.name not in CHINESE_ON_PURPOSE else []
        left = [text for text in words if any(run not in known for run in HAN.findall(text))]
        broken = violations(page, part=is_part(page)) if len(seen) % 3 == 1 else []
        lang = [] if is_part(page) or page.locator("html").get_attribute("lang") == "en" else ["is not English"]
        return [*broken, *(f"not translated: {text.strip()[:80]}" for text in left), *lang]

    found = walk(tour, look, django_language="en")

    assert not found, "\n".join(found)


def test_the_main_pages_can_be_read_and_pressed_in_every_print(tour: Tour) -> None:
    """MIIT rules for the elder version: 18 px and 60 x 60 in it, 44 elsewhere; WCAG 1.4.4 and 1.4.10."""
    found = []

    for name in MAIN:
        stop = tour.stop(name)
        for size in ("normal", "large", "xlarge"):
            page = tour.open(stop, huying_print=size)
            assert page is not None
            found += [f"{name} {size}: {fault}" for fault in unreadable(page, stop, size)]
            found += [f"{name} {size} at 320 px: {wide}" for wide in wider(page, 320)]
        contrast = tour.open(stop, huying_contrast="more")
        assert contrast is not None
        found += [f"{name} in high contrast: {fault}" for fault in violations(contrast)]
        contrast.evaluate("document.documentElement.style.setProperty('font-size', '200%')")
        found += [f"{name} at 200 %: {wide}" for wide in wider(contrast, 640 if stop.who == "bob" else 390)]

    assert not found, "\n".join(found)


def unreadable(page: Page, stop: Stop, size: str) -> list[str]:
    """Texts that are too small, targets that are too narrow, and what axe says of the further step."""
    faults = [f"{px} px: {text}" for text, px in page.evaluate(TEXTS) if px < SMALLEST[size]]
    least = TALLEST[size] - 0.5
    if size != "normal":
        faults += [f"{w:.0f} x {h:.0f}: {html}" for html, w, h in page.evaluate(TARGETS) if w < least or h < least]
    elif stop.who != "bob":  # the workbench is pressed with a mouse: axe asks 24 there
        faults += [f"{h:.0f} high: {html}" for html, _w, h in page.evaluate(TARGETS) if h < least]
    if size == "xlarge":
        main = float(page.evaluate("parseFloat(getComputedStyle(document.body).fontSize)"))
        faults += [] if main >= 30 else [f"the main text has {main} px"]
        faults += violations(page)
    return faults


def wider(page: Page, width: int) -> list[object]:
    page.set_viewport_size({"width": width, "height": 800})
    out: list[object] = page.evaluate(WIDER)
    return [out] if out else []


def test_a_call_and_a_list_come_out_on_paper(tour: Tour) -> None:
    for name, words in (("calls:call", "去医院复查"), ("calls:list", "去医院复查"), ("people:persons", "陈桂英")):
        page = tour.open(tour.stop(name, "bob"))
        assert page is not None
        page.emulate_media(media="print")

        assert page.get_by_text(words).first.is_visible(), name
        for shut in (".hy-rail", ".hy-topbar", ".hy-tabbar", ".hy-button", ".hy-no-print", ".hy-pager"):
            assert not any(one.is_visible() for one in page.locator(shut).all()), (name, shut)
        assert page.pdf(format="A4")[:5] == b"%PDF-"
        page.emulate_media(media="screen")


def test_the_answer_to_an_ask_in_own_words_has_no_barrier(tour: Tour) -> None:
    page = tour.open(tour.stop("calls:ask"))
    assert page is not None
    page.locator("#id_words").fill("腿脚不便，想请人陪我去医院复查")

    page.locator("form[action$='/ask/words/'] button[type=submit]").click()
    page.wait_for_url("**/ask/words/")

    assert page.locator("#id_words").input_value().startswith("腿脚不便")
    assert violations(page) == []
