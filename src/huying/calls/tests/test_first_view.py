"""The first view of the home page on a slow phone: at most 60 KB in all, for visitors and for those who asked for help."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import Client

from huying.calls.tests.asking import ask, asking_cast
from huying.calls.tests.browsing import browser
from huying.calls.tests.factories import START, Cast
from huying.kernel import clock
from huying.ui.tests.weighing import FIRST_VIEW, weigh

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast(db: None) -> Iterator[Cast]:
    with clock.frozen(START):
        yield asking_cast()


@pytest.mark.parametrize("icon", ["stethoscope-duotone", "package-duotone", "cloud-rain-duotone"])
def test_the_home_of_a_resident_weighs_sixty_kilobytes_at_most(cast: Cast, icon: str) -> None:
    cast.kind.icon = icon
    cast.kind.save()
    ask(cast)

    weights = weigh(browser(cast.resident), "/")

    assert sum(weights.values()) <= FIRST_VIEW, weights


def test_the_home_of_a_visitor_weighs_sixty_kilobytes_at_most(cast: Cast) -> None:
    weights = weigh(Client(), "/")

    assert sum(weights.values()) <= FIRST_VIEW, weights
