"""Tables that hold moments which no clock can mean come through the migration that forbids them, in a database of their own."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db.migrations.state import StateApps

from huying.calls.tests.factories import START
from huying.kernel.tests.early import early_database, migrated

ROOM, BEFORE, SANE = "activities", "0003_words_beside_the_history", "0004_sane_clocks_and_reminders"
HOUR = timedelta(hours=1)
FIRST, UNIX, FAR = (datetime(year, 1, 1, tzinfo=UTC) for year in (1, 1970, 2300))


@pytest.fixture
def early(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """A database with nothing in it, for as long as the test."""
    with early_database("doors", django_db_blocker):
        yield


def session(apps: StateApps) -> Any:
    home = apps.get_model("places", "Place").objects.create(
        name="和平社区", kind_id="community", path="/1/", depth=1, sort_key="和平社区"
    )
    kind = apps.get_model(ROOM, "ActivityKind").objects.first()
    activity = apps.get_model(ROOM, "Activity").objects.create(kind=kind, place=home, title="晨练", contact_name="王")
    return apps.get_model(ROOM, "Session").objects.create(activity=activity, starts_at=START, ends_at=START + HOUR)


def test_moments_that_cannot_be_become_the_beginning_and_the_others_stay(early: None) -> None:
    old = migrated((ROOM, BEFORE))
    held, rows = session(old), old.get_model(ROOM, "CheckIn").objects
    told = [(FIRST, None), (UNIX, START + HOUR), (FIRST, UNIX), (FAR, FAR), (START, None), (UNIX, START - HOUR)]
    for n, (in_at, out_at) in enumerate(told):
        rows.create(session=held, key=f"k{n}", in_at=in_at, out_at=out_at)

    fresh = migrated((ROOM, SANE)).get_model(ROOM, "CheckIn").objects.order_by("id")

    assert list(fresh.values_list("in_at", "out_at")) == [
        (START, None),
        (START, START + HOUR),
        (START, None),
        (START, None),
        (START, None),
        (START - HOUR, START - HOUR),
    ]
