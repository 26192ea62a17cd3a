"""The bench of one call at a time runs on a small district, compares with everybody, and says so when an answer is not the best."""

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

from huying.config.management.commands import bench_online
from huying.kernel.tests.early import early_database, migrated

SMALL = {"volunteers": 3000, "calls": 25}


@pytest.fixture
def district(
    django_db_setup: None, django_db_blocker: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """A database of its own for what the bench fills, with all tables."""
    with early_database("online", django_db_blocker):
        settings = connection.settings_dict
        monkeypatch.setenv("HUYING_BENCH", "1")
        monkeypatch.setenv("HUYING_BENCH_OWNER_URL", url_for(settings["NAME"], settings["USER"]))
        monkeypatch.setenv("HUYING_DATA", str(tmp_path))
        migrated(*MigrationLoader(connection).graph.leaf_nodes())
        yield


def test_a_small_district_is_answered_exactly_and_another_answer_fails_the_bench(
    district: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = StringIO()
    call_command("bench_online", stdout=told, **SMALL)

    document = json.loads(told.getvalue())
    figures = document["figures"]
    assert (document["wrong"], figures["ours_exact"]) == ([], 1.0)
    assert figures["lacking"] > 0, "among three thousand some calls find too few who have every skill"
    assert {"ours_p99_ms", "whole_p99_ms", "gist_p99_ms", "p50_to_gist", "p99_to_btree_gist"} <= set(figures)
    assert 0 < figures["ours_p50_ms"] <= figures["ours_p99_ms"] <= figures["whole_p99_ms"]

    ours = bench_online.first
    monkeypatch.setattr(bench_online, "first", lambda *args: list(reversed(ours(*args))))
    monkeypatch.setattr(bench_online, "fill", lambda *_args: None)
    monkeypatch.setattr(bench_online, "add_work", lambda *_args: None)
    with pytest.raises(CommandError, match=r"100\.00% of the answers are not the best"):
        call_command("bench_online", stdout=StringIO(), without_peer=True, **SMALL)


def test_a_missed_goal_is_named() -> None:
    reached = {"ours_p99_ms": 10.0, "p99_to_gist": 10.0, "p99_to_btree_gist": 10.0}

    assert list(bench_online.misses(reached)) == []
    assert list(bench_online.misses({**reached, "ours_p99_ms": 10.1})) == [
        "the 99th of a hundred takes 10.1 ms, not 10"
    ]
    assert list(bench_online.misses({**reached, "p99_to_gist": 9.9})) == [
        "the nearest by (point) takes 9.9 times as long, not 10"
    ]


def test_it_never_fills_a_database_that_is_not_thrown_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HUYING_BENCH", raising=False)
    with pytest.raises(CommandError, match="bench online"):
        call_command("bench_online")
