"""The bench of figures runs on a small country, and says so when what it compares is not the same."""

from __future__ import annotations

import json
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from conftest import url_for
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from huying.figures.management.commands import bench_figures
from huying.kernel.tests.early import early_database, migrated

SMALL: dict[str, Any] = {"facts": 2000, "places": 4000, "rounds": 2, "batches": 1, "batch": 300}


@pytest.fixture
def country(
    django_db_setup: None, django_db_blocker: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """A database of its own for what the bench fills, with the tables it needs."""
    with early_database("bench", django_db_blocker):
        settings = connection.settings_dict
        monkeypatch.setenv("HUYING_BENCH", "1")
        monkeypatch.setenv("HUYING_BENCH_OWNER_URL", url_for(settings["NAME"], settings["USER"]))
        monkeypatch.setenv("HUYING_PEER_URL", "nothing is kept there")
        monkeypatch.setenv("HUYING_DATA", str(tmp_path))
        migrated(*MigrationLoader(connection).graph.leaf_nodes("figures"))
        yield


def test_a_small_country_is_summed_alike_by_figures_raw_facts_and_duckdb(country: None) -> None:
    told = StringIO()

    call_command("bench_figures", stdout=told, **SMALL)

    document = json.loads(told.getvalue())
    figures = document["figures"]
    assert document["wrong"] == []
    assert document["sizes"]["places"] == 4093
    assert {"root_to_raw", "town_to_duckdb_native", "write_to_raw", "scattered_write_to_raw"} <= set(figures)
    assert "duckdb" in document["versions"]
    assert document["missed"], "two thousand facts are too few for any goal"


def test_other_answers_and_rows_that_were_not_written_fail_the_bench(
    country: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    strange = {
        "answers": {"root": [[1, "2026-01-01", 5]]},
        "version": "0",
        "peak_mb": 1,
        "milliseconds": {"native": dict.fromkeys(bench_figures.LEVELS, 1.0)},
        "parquet_mb": 1,
        "native_mb": 1,
    }
    monkeypatch.setattr(bench_figures, "peer", lambda _name, **_sizes: strange)
    monkeypatch.setattr(bench_figures, "write_raw", lambda _world, _words: None)

    with pytest.raises(CommandError) as refused:
        call_command("bench_figures", stdout=StringIO(), **SMALL)

    assert "DuckDB and the raw facts differ at the root" in str(refused.value)
    assert "differs from the raw facts after writing" in str(refused.value)


def test_a_missed_goal_fails_only_when_goals_are_asked_for() -> None:
    reached: dict[str, float] = {**bench_figures.GOALS, "write_to_raw": 5.0}

    assert list(bench_figures.misses(reached)) == []
    assert list(bench_figures.misses({**reached, "root_to_raw": 999.0})) == ["root_to_raw is 999.0, not 1000"]
    assert len(list(bench_figures.misses({**reached, "write_to_raw": 5.01}))) == 1


def test_it_never_fills_a_database_that_is_not_thrown_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HUYING_BENCH", raising=False)
    with pytest.raises(CommandError, match="bench figures"):
        call_command("bench_figures")
