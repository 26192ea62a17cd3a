"""A real Chromium against the real application over HTTP, with committed data and the worker's jobs run when asked."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from huying.calls.tests.factories import Cast, account, clocks, role
from huying.kernel import jobs
from huying.ui.tests.measuring import violations

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1440, "height": 900}
PASSWORD = "song-zhu-mei-2026"


@pytest.fixture
def cast(committed_db: None, settings: Any) -> Cast:
    """Everybody of the stories, each with a sign-in (user name = pinyin below)."""
    settings.HUYING_STAFF_SECOND_FACTOR = False  # the journey of the second factor stands with people
    made = Cast()
    clocks(review=1440, dispatch=480, answer=480, schedule=1440, deliver=1440, rate=10080)
    names = {
        "chen": made.resident,
        "wang": made.keeper,
        "lin": made.dispatcher,
        "li": made.li.person,
        "he": made.he.person,
        "wu": made.leader.person,
        "sun": made.grid_worker,
        "zhao": made.outsider,
        "zhou": made.neighbour,
    }
    for username, person in names.items():
        account(person, username, PASSWORD)
    role(made.resident, "resident", made.home)
    return made


class Visitor:
    """One person with one browser window."""

    def __init__(self, context: BrowserContext, base: str):
        self.context, self.base = context, base
        self.page: Page = context.new_page()
        self.errors: list[str] = []
        self.foreign: list[str] = []
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", self.heard)
        self.page.on("request", self.asked)

    def heard(self, message: Any) -> None:
        if message.type == "error" and "Content Security Policy" in message.text:
            self.errors.append(message.text)

    def asked(self, request: Any) -> None:
        if not request.url.startswith((self.base, "data:", "blob:")):
            self.foreign.append(request.url)

    def open(self, path: str) -> Page:
        self.page.goto(self.base + path)
        return self.page

    def sign_in(self, username: str, password: str = PASSWORD) -> Page:
        page = self.open("/people/sign-in/")
        assert page.locator("input[name=identifier]").count() == 1, page.locator("body").inner_text()
        page.fill("input[name=identifier]", username)
        page.fill("input[name=password]", password)
        page.locator("main form button[type=submit], main form button:not([type])").first.click()
        page.wait_for_load_state()
        return page

    def violations(self) -> list[str]:
        """What axe finds against WCAG 2.2 AA on the page as it stands: rule and element."""
        return violations(self.page)


@pytest.fixture
def visit(chromium: Browser, live_server: Any, cast: Cast) -> Iterator[Callable[..., Visitor]]:
    """Open a browser for one person: ``visit(size=PHONE, language="zh-CN", script=True, cookies={...})``."""
    opened: list[Visitor] = []

    def start(
        size: dict[str, int] = PHONE,
        language: str = "zh-CN",
        script: bool = True,
        cookies: dict[str, str] | None = None,
    ) -> Visitor:
        context = chromium.new_context(
            viewport=size, locale=language, timezone_id="Asia/Shanghai", java_script_enabled=script
        )
        context.set_default_timeout(10_000)
        if cookies:
            context.add_cookies([{"name": k, "value": v, "url": live_server.url} for k, v in cookies.items()])
        opened.append(Visitor(context, live_server.url))
        return opened[-1]

    yield start
    for visitor in opened:
        visitor.context.close()
    assert [v.errors for v in opened if v.errors] == []
    assert [v.foreign for v in opened if v.foreign] == []


@pytest.fixture(autouse=True)
def no_quiet_hours(monkeypatch: pytest.MonkeyPatch) -> None:
    """Journeys go by the clock on the wall, at night too: messages show at once."""
    monkeypatch.setattr("huying.people.actions.notices.QUIET_FROM", "00:00")
    monkeypatch.setattr("huying.people.actions.notices.QUIET_UNTIL", "00:00")


@pytest.fixture
def run_jobs() -> Callable[[], None]:
    """Run every waiting job once, as the worker would; in a thread, for the browser's event loop runs in this one."""

    def run() -> None:
        thread = threading.Thread(target=partial(jobs.run_worker, wait=False))
        thread.start()
        thread.join(60)
        assert not thread.is_alive(), "the waiting jobs take over a minute"

    return run
