"""When jobs run: waits between tries, daily times meant in China, the healer's tick."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from procrastinate.contrib.django import app
from procrastinate.jobs import Job

from huying.kernel import chance, jobs


def test_waits_double_spread_and_end(settings: Any) -> None:
    settings.HUYING_JOB_WAIT, settings.HUYING_JOB_TRIES = 2, 14

    def wait(attempts: int) -> float | None:
        job = Job(id=1, status="doing", queue="q", lock=None, queueing_lock=None, task_name="t", attempts=attempts)
        decision = jobs.RETRY.get_retry_decision(exception=ValueError(), job=job)
        if decision is None:
            return None
        return (decision.retry_at - datetime.now(UTC)).total_seconds()

    with chance.seeded(1):
        waits = [wait(n) for n in range(13)]

    for n, seconds in enumerate(waits):
        middle = min(2 * 2**n, 3600)
        assert middle * 0.75 - 1.5 <= seconds <= middle * 1.25 + 1.5
    assert wait(13) is None
    assert len({round(wait(8)) for _ in range(20)}) > 3


@pytest.mark.parametrize(
    ("read_in_china", "read_in_utc"),
    [
        ("17 3 * * *", "17 19 * * *"),
        ("7 0 * * *", "7 16 * * *"),
        ("0 20 * * *", "0 12 * * *"),
        ("* * * * *", "* * * * *"),
    ],
)
def test_a_daily_time_is_meant_in_china(read_in_china: str, read_in_utc: str) -> None:
    assert jobs._china(read_in_china) == read_in_utc


def test_the_healer_comes_every_ten_seconds() -> None:
    from croniter import croniter

    periodic = app.periodic_registry.periodic_tasks[("kernel.heal", "")]
    ticks = croniter(periodic.cron, datetime(2026, 1, 1, 0, 0, 5, tzinfo=UTC))

    assert [ticks.get_next(datetime).second for _ in range(7)] == [10, 20, 30, 40, 50, 0, 10]
