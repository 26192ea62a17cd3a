"""A small tree, a morning, and the register."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from huying.figures import actions
from huying.kernel import clock
from huying.places.models import Place
from huying.places.tests.factories import place


@pytest.fixture
def morning() -> Iterator[None]:
    """Tuesday 10 November 2026, nine o'clock in China."""
    with clock.frozen(datetime(2026, 11, 10, 1, 0, tzinfo=UTC)):
        yield


@pytest.fixture
def tree(db: None, morning: None) -> dict[str, Place]:
    """county > two streets > three communities > one station."""
    actions.install_first_rows()
    county = place("county")
    found = {"county": county, "east": place("street", county, "东街"), "west": place("street", county, "西街")}
    found["one"] = place("community", found["east"], "和平社区")
    found["two"] = place("community", found["east"], "建设社区")
    found["three"] = place("community", found["west"], "青年社区")
    found["station"] = place("station", found["one"], "和平站")
    return found
