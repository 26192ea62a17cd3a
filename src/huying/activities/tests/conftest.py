"""Every test of this room stands at one morning in March, in one community."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from huying.activities.tests.factories import World
from huying.calls.tests.factories import START
from huying.kernel import clock


@pytest.fixture
def world(db: None) -> Iterator[World]:
    with clock.frozen(START):
        yield World()
