"""The list of places by index, whatever its length: seen in the plans PostgreSQL really takes on a filled table."""

from __future__ import annotations

import re

import pytest
from conftest import url_for
from django.core.management import CommandError, call_command
from django.db import connection

from huying.places.management.commands import bench_paging as bench

PLACES = 20_000


@pytest.fixture
def many(committed_db: None) -> None:
    bench.fill(url_for(connection.settings_dict["NAME"], "huying_owner"), PLACES)


def test_pages_and_two_letter_names_are_found_by_index(many: None) -> None:
    """No setting of the planner is touched: with these statistics it chooses so by itself."""
    asked = bench.questions()
    plans = {name: bench.plan_of(ask) for name, ask in asked.items()}

    assert {name: plan for name, plan in plans.items() if bench.reads_all(plan)} == {}
    for name in ("first_page", "far_page"):
        assert "place_sort" in plans[name], plans[name]
        assert read_of_places(plans[name]) <= bench.SIZE + 2, plans[name]
    assert "place_search" in plans["two_letters_rare"], plans["two_letters_rare"]
    assert [row.name for row in asked["two_letters_rare"]()] == [f"{bench.RARE}站"]
    assert {"桂花"} == {name[2:4] for name in (row.name for row in asked["two_letters_common"]())}
    assert len(asked["far_page"]()) == bench.SIZE


def read_of_places(plan: str) -> int:
    """Rows the plan took from the table of places by its order, kept and thrown away."""
    at = plan.index("place_sort")
    taken = re.search(r"rows=([\d.]+) loops=1", plan[at:])
    removed = re.search(r"Rows Removed by Filter: (\d+)", plan)
    assert taken is not None, plan
    return int(float(taken[1])) + (int(removed[1]) if removed else 0)


def test_the_bench_refuses_a_database_that_is_not_thrown_away(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HUYING_BENCH", raising=False)

    with pytest.raises(CommandError, match="huying bench paging"):
        call_command("bench_paging")
