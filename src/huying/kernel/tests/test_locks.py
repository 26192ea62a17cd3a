"""Locks are taken in one declared order, inside actions only, and hold against a second connection."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import OperationalError, connection

from huying.kernel import clock, jobs, locks
from huying.kernel.actor import Actor
from huying.kernel.errors import NotFound
from huying.kernel.locks import LockOrderBroken
from huying.kernel.models import DayOverride, HolidayNotice, JobEffect
from huying.kernel.tests.test_idempotency import at_once, wait_until_somebody_waits
from huying.kernel.transactions import begin

ME = Actor(person_id=1)


@pytest.fixture(autouse=True)
def order(settings: Any) -> None:
    settings.HUYING_LOCK_ORDER = ["kernel.HolidayNotice", "kernel.JobEffect"]


def notice(year: int = 2026) -> HolidayNotice:
    return HolidayNotice.objects.create(year=year, source="test", entered_at=clock.now())


def effect(key: str) -> JobEffect:
    jobs.effect(key)
    return JobEffect.objects.get(key=key)


@pytest.mark.django_db
def test_a_lock_gives_the_fresh_row() -> None:
    stale = notice()
    HolidayNotice.objects.update(source="changed")

    with begin(ME):
        assert locks.one(HolidayNotice, pk=stale.pk).source == "changed"


@pytest.mark.django_db
def test_nothing_to_lock_is_not_found() -> None:
    with begin(ME), pytest.raises(NotFound):
        locks.one(HolidayNotice, pk=0)


@pytest.mark.django_db
def test_many_rows_come_in_the_order_of_their_keys() -> None:
    rows = [effect(key) for key in "cab"]

    with begin(ME):
        assert locks.many(JobEffect.objects.order_by("-pk")) == rows


@pytest.mark.django_db
def test_a_lock_outside_an_action_is_a_bug() -> None:
    with pytest.raises(LockOrderBroken, match=r"outside begin"):
        locks.many(JobEffect.objects.all())


@pytest.mark.django_db
def test_a_table_without_a_place_in_the_order_is_a_bug() -> None:
    with begin(ME), pytest.raises(LockOrderBroken, match="DayOverride has no place"):
        locks.many(DayOverride.objects.all())


@pytest.mark.django_db
def test_going_back_in_the_order_is_a_bug_in_nested_actions_too() -> None:
    with begin(ME):
        locks.many(HolidayNotice.objects.all())
        with begin(ME):
            locks.many(JobEffect.objects.all())
        with pytest.raises(LockOrderBroken, match=r"HolidayNotice locked after kernel.JobEffect"):
            locks.many(HolidayNotice.objects.all())
    with begin(ME):
        locks.many(HolidayNotice.objects.all())


def read_then_count(key: str, lock: bool, at_barrier: Any) -> None:
    """Reads a row, then writes one more row that is named after how many there were: a lost update without the lock."""
    with begin(ME):
        row = locks.one(JobEffect, key=key) if lock else JobEffect.objects.get(key=key)
        seen = JobEffect.objects.count()
        at_barrier()
        JobEffect.objects.filter(pk=row.pk).update(at=clock.now())
        JobEffect.objects.create(key=f"seen-{seen}-{connection.connection.info.backend_pid}", at=clock.now())


def counted() -> list[str]:
    keys = JobEffect.objects.filter(key__startswith="seen").values_list("key", flat=True)
    return sorted(key.split("-")[1] for key in keys)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("committed_db")
def test_the_second_waits_and_sees_what_the_first_did() -> None:
    effect("row")
    state = {"first": True}

    def first_waits_for_the_second() -> None:
        if state.pop("first", False):
            wait_until_somebody_waits()

    at_once(2, lambda n: read_then_count("row", True, first_waits_for_the_second))

    assert counted() == ["1", "2"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("committed_db")
def test_negative_control_without_the_lock_both_see_the_same() -> None:
    import threading

    effect("row")
    both = threading.Barrier(2, timeout=10)

    at_once(2, lambda n: read_then_count("row", False, both.wait))

    assert counted() == ["1", "1"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("committed_db")
def test_waiting_for_a_lock_has_an_end() -> None:
    import threading

    effect("row")
    holding, done = threading.Event(), threading.Event()

    def one(n: int) -> str:
        if n:
            holding.wait(10)
            with begin(ME), connection.cursor() as cursor:
                cursor.execute("SET LOCAL lock_timeout = 100")
                try:
                    locks.one(JobEffect, key="row")
                finally:
                    done.set()
            return "locked"
        with begin(ME):
            locks.one(JobEffect, key="row")
            holding.set()
            done.wait(10)
        return "held"

    first, second = at_once(2, one)

    assert first == "held"
    assert isinstance(second, OperationalError)
