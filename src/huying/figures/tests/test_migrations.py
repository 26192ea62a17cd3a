"""Filled tables come through the migration that gives metrics and sources numbers, and back, in a database of their own."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.state import StateApps

from huying.figures.states import FIRST_METRICS
from huying.kernel.tests.early import early_database, migrated

ROOM, CODED, NUMBERED = "figures", "0002_first_units_and_metrics", "0003_metric_numbers"
DAY, MONTH = date(2026, 3, 14), date(2026, 3, 1)
WORDS = [
    ("calls.Call", 7, "calls_submitted", 1, DAY, 2),
    ("calls.Call", 7, "calls_closed", 1, DAY, 1),
    ("places.Place", 7, "sites", 2, MONTH, 1),
]
CHANGES = [("sites", 2, MONTH, 1), ("calls_closed", 1, DAY, -3)]
FACTS = [("calls_closed", 1, DAY, 4), ("calls_submitted", 1, DAY, 2)]
TOTALS = [("calls_closed", 1, "day", DAY, 4), ("calls_closed", 1, "month", MONTH, 4), ("sites", 2, "month", MONTH, 9)]


@pytest.fixture
def early(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """A database with nothing in it, for as long as the test."""
    with early_database("numbers", django_db_blocker):
        yield


def filled(apps: StateApps) -> None:
    """Rows as they were before, every table of the million."""
    columns = {
        "Contribution": (("source", "source_id", "metric_id", "place_id", "day", "amount"), WORDS),
        "Change": (("metric_id", "place_id", "day", "amount"), CHANGES),
        "Fact": (("metric_id", "place_id", "day", "amount"), FACTS),
        "Total": (("metric_id", "place_id", "grain", "since", "amount"), TOTALS),
    }
    for model, (names, rows) in columns.items():
        objects = apps.get_model(ROOM, model).objects
        objects.bulk_create([objects.model(**dict(zip(names, row, strict=True))) for row in rows])


def asked(sql: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall()


def test_rows_of_every_table_keep_what_they_say_under_numbers_and_back(early: None) -> None:
    filled(migrated((ROOM, CODED)))

    migrated((ROOM, NUMBERED))

    assert asked(
        "SELECT s.label, c.source_id, m.code, c.place_id, c.day, c.amount FROM figures_contribution c"
        " JOIN figures_source s ON s.number = c.source JOIN figures_metric m ON m.number = c.metric_id ORDER BY 1, 3 DESC"
    ) == [*WORDS]
    assert asked(
        "SELECT c.size, m.code, w.place_id, w.day, w.amount FROM figures_change c CROSS JOIN LATERAL"
        " unnest(metrics, places, days, amounts) w(number, place_id, day, amount) JOIN figures_metric m USING (number)"
        " ORDER BY 3 DESC"
    ) == [(2, *row) for row in CHANGES]
    assert (
        asked(
            "SELECT m.code, f.place_id, f.day, f.amount FROM figures_fact f"
            " JOIN figures_metric m ON m.number = f.metric_id ORDER BY 1"
        )
        == FACTS
    )
    assert asked(
        "SELECT m.code, t.place_id, t.daily, t.since, t.amount FROM figures_total t"
        " JOIN figures_metric m ON m.number = t.metric_id ORDER BY 1, 3 DESC"
    ) == [(code, at, grain == "day", since, amount) for code, at, grain, since, amount in TOTALS]
    assert asked("SELECT count(*) = count(DISTINCT number) AND min(number) > 0 FROM figures_metric") == [(True,)]

    old = migrated((ROOM, CODED))

    def told(model: str, *names: str) -> list[tuple[Any, ...]]:
        return list(old.get_model(ROOM, model).objects.order_by("metric_id").values_list(*names))

    names = ("metric_id", "place_id", "day", "amount")
    assert sorted(told("Contribution", "source", "source_id", *names)) == sorted(WORDS)
    assert told("Change", *names) == sorted(CHANGES)
    assert told("Fact", *names) == FACTS
    assert sorted(told("Total", "metric_id", "place_id", "grain", "since", "amount")) == TOTALS


def test_claims_and_exchanges_are_counted_from_what_was_counted_of_them(early: None) -> None:
    """A claim taken back adds nothing; a gift tells of three metrics and is one exchange."""
    migrated((ROOM, "0007_site_checks_have_metrics"))
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO figures_source (label) VALUES ('points.Claim'), ('points.Gift')")
        for label, key, metric, amount in (
            ("points.Claim", 7, "points_given", 50),
            ("points.Claim", 8, "points_given", 0),
            ("points.Gift", 7, "points_used", 40),
            ("points.Gift", 7, "gifts_given", 3),
            ("points.Gift", 7, "gifts_worth", 4990),
        ):
            cursor.execute(
                "INSERT INTO figures_contribution (source, source_id, metric_id, place_id, day, amount)"
                " SELECT s.number, %s, m.number, 1, %s, %s FROM figures_source s CROSS JOIN figures_metric m"
                " WHERE s.label = %s AND m.code = %s",
                [key, DAY, amount, label, metric],
            )

    migrated((ROOM, "0010_first_guards"))

    assert asked(
        "SELECT s.label, c.source_id, m.code, c.place_id, c.day, c.amount FROM figures_contribution c"
        " JOIN figures_source s ON s.number = c.source JOIN figures_metric m ON m.number = c.metric_id"
        " WHERE m.code IN ('points_claims', 'gifts', 'litter_weighings') ORDER BY 1"
    ) == [("points.Claim", 7, "points_claims", 1, DAY, 1), ("points.Gift", 7, "gifts", 1, DAY, 1)]
    assert asked(
        "SELECT m.code, w.place_id, w.day, w.amount FROM figures_change c CROSS JOIN LATERAL"
        " unnest(metrics, places, days, amounts) w(number, place_id, day, amount) JOIN figures_metric m USING (number)"
        " ORDER BY 1"
    ) == [("gifts", 1, DAY, 1), ("points_claims", 1, DAY, 1)]

    metric = migrated((ROOM, "0012_second_guard")).get_model(ROOM, "Metric")
    metric.objects.filter(pk="points_exchanges").update(order=900)
    metric.objects.filter(pk="points_used").update(guard="gifts")
    migrated((ROOM, "0013_guards_once_more"))

    assert asked(
        "SELECT c.source_id, c.place_id, c.day, c.amount FROM figures_contribution c"
        " JOIN figures_metric m ON m.number = c.metric_id WHERE m.code = 'points_exchanges'"
    ) == [(7, 1, DAY, 1)]
    order = [code for (code,) in asked('SELECT code FROM figures_metric ORDER BY "order", code')]
    assert order == [one.code for one in sorted(FIRST_METRICS, key=lambda one: one.of is not None)]
    guards = dict(asked("SELECT code, guard_id FROM figures_metric WHERE guard_id IS NOT NULL"))
    assert guards == {one.code: one.guard for one in FIRST_METRICS if one.guard}
    second = dict(asked("SELECT code, second_guard_id FROM figures_metric WHERE second_guard_id IS NOT NULL"))
    assert second == {one.code: one.second_guard for one in FIRST_METRICS if one.second_guard}
