"""Every test of this room stands at one morning in March, in one community."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from huying.activities.tests.factories import World
from huying.calls.tests.factories import START
from huying.kernel import clock


@pytest.fixture
def world(db: None) -> Iterator[World]:
    with clock.frozen(START):
        yield World()


@pytest.fixture
def queued(world: World) -> Callable[[str], list[dict[str, Any]]]:
    """What the jobs of a name that wait were asked to do, in order."""

    def waiting(name: str) -> list[dict[str, Any]]:
        rows = ProcrastinateJob.objects.filter(task_name=name, status="todo").order_by("id")
        return list(rows.values_list("args", flat=True))

    return waiting
