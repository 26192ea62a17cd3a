from __future__ import annotations

from collections.abc import Iterator

import pytest

from huying.calls.tests.factories import Cast
from huying.calls.tests.timing import Time
from huying.kernel import clock


@pytest.fixture
def time() -> Iterator[Time]:
    made = Time()
    with clock.frozen(lambda: made.at):
        yield made


@pytest.fixture
def cast(db: None, time: Time) -> Cast:
    """Everybody of the stories, on a Tuesday morning."""
    return Cast()
