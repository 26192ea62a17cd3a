from __future__ import annotations

from collections.abc import Iterator

import pytest

from huying.kernel import clock
from huying.points.tests.factories import START, World


@pytest.fixture
def world(db: None) -> Iterator[World]:
    with clock.frozen(START):
        yield World()
