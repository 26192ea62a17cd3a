"""The design system is tested with pages of its own, without database, session or rooms."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import Client, override_settings

TEMPLATES = Path(__file__).parent / "templates"
MIDDLEWARE = [
    "csp.middleware.CSPMiddleware",
    "huying.ui.headers.PermissionsPolicyMiddleware",
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
        HUYING_OFFLINE_PAGES=["home"],
    ):
        yield


@pytest.fixture
def client(own_pages: None) -> Client:
    return Client()
