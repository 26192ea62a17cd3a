"""The moments at which people of these races meet, and who they are."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from huying.calls.tests.factories import START, Cast, clocks
from huying.kernel import clock
from huying.people import actions
from huying.places.tests.factories import kinds

NOW = datetime(2026, 3, 3, 4, 0, tzinfo=UTC)


@pytest.fixture
def at_noon(committed_db: None, settings: Any) -> Iterator[None]:
    settings.HUYING_SMS_GATEWAY = "console"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    actions.load_purposes()
    with clock.frozen(NOW):
        yield


@pytest.fixture
def cast(committed_db: None) -> Iterator[Cast]:
    kinds()
    with clock.frozen(START):
        clocks(review=60, answer=30, rate=60)
        yield Cast()
