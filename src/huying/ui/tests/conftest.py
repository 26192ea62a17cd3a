"""The design system is tested with pages of its own, without database, session or rooms."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.test import Client, override_settings
from playwright.sync_api import Browser, BrowserContext, Page
from whitenoise import WhiteNoise

from huying.ui.tests import pages

TEMPLATES = Path(__file__).parent / "templates"
MIDDLEWARE = [
    "csp.middleware.CSPMiddleware",
    "huying.ui.headers.PermissionsPolicyMiddleware",
    "huying.ui.compression.CompressionMiddleware",
    "huying.ui.outbox.OutboxMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]
ENGINE = {
    "BACKEND": "django.template.backends.django.DjangoTemplates",
    "DIRS": [TEMPLATES],
    "APP_DIRS": True,
    "OPTIONS": {
        "context_processors": [
            "django.template.context_processors.request",
            "django.contrib.messages.context_processors.messages",
            "huying.ui.context.ui",
        ]
    },
}


def reader(request: object) -> dict[str, str]:
    """Who reads the pages of these tests."""
    return {"name": "王敏", "role": "调度员", "href": "/", "key": "k1"}


@pytest.fixture(autouse=True)
def own_pages() -> Iterator[None]:
    with override_settings(
        ROOT_URLCONF="huying.ui.tests.pages",
        MIDDLEWARE=MIDDLEWARE,
        TEMPLATES=[ENGINE],
        SESSION_ENGINE="django.contrib.sessions.backends.signed_cookies",
        MESSAGE_STORAGE="django.contrib.messages.storage.cookie.CookieStorage",
        HUYING_NAVIGATION="huying.ui.tests.pages.ENTRIES",
        HUYING_READER="huying.ui.tests.conftest.reader",
        HUYING_WORDS="",
        HUYING_OFFLINE_PAGES=["home"],
    ):
        yield


@pytest.fixture
def client(own_pages: None) -> Client:
    return Client()


class Threads(ThreadingMixIn, WSGIServer):
    daemon_threads = True
    request_queue_size = 64


class Silent(WSGIRequestHandler):
    def log_message(self, format: str, *arguments: object) -> None:
        """Say nothing."""


@pytest.fixture
def site(own_pages: None) -> Iterator[str]:
    """The pages of these tests behind a real socket, static files as in production. Gives the address."""
    pages.TOLD.__init__()  # type: ignore[misc]
    application = WhiteNoise(WSGIHandler(), root=str(settings.BUILT), prefix="static/")
    with make_server("127.0.0.1", 0, application, Threads, Silent) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture
def look(chromium: Browser, site: str) -> Iterator[Callable[..., Page]]:
    """Open a page: ``look("/ask/", width=390, modes={"huying_print": "large"}, script=True)``.

    A page may neither break its content policy nor throw nor ask another site for anything.
    """
    opened: list[BrowserContext] = []
    faults: list[str] = []

    def watch(page: Page) -> None:
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda said: faults.append(said.text) if "Content Security Policy" in said.text else None)
        page.on(
            "request",
            lambda asked: faults.append(asked.url) if not asked.url.startswith((site, "blob:", "data:")) else None,
        )

    def start(
        path: str,
        *,
        width: int = 390,
        height: int = 844,
        modes: dict[str, str] | None = None,
        script: bool = True,
        workers: str = "block",
        **more: Any,
    ) -> Page:
        context = chromium.new_context(
            viewport={"width": width, "height": height},
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            java_script_enabled=script,
            service_workers=workers,  # type: ignore[arg-type]
            **more,
        )
        context.set_default_timeout(8_000)
        context.add_cookies([{"name": name, "value": value, "url": site} for name, value in (modes or {}).items()])
        opened.append(context)
        page = context.new_page()
        watch(page)
        page.goto(site + path)
        return page

    yield start
    for context in opened:
        context.close()
    assert faults == []
