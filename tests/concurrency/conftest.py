"""The moment at which people of these races meet."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from huying.kernel import clock
from huying.people import actions

NOW = datetime(2026, 3, 3, 4, 0, tzinfo=UTC)


@pytest.fixture
def at_noon(committed_db: None, settings: Any) -> Iterator[None]:
    settings.HUYING_SMS_GATEWAY = "console"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    actions.load_purposes()
    with clock.frozen(NOW):
        yield
