from __future__ import annotations

import json

import pytest

from huying.kernel.cli.bench import bench

SMALL = ["dispatch", "--volunteers", "300", "--calls", "5", "--rounds", "1"]


def test_a_bench_of_mathematics_runs_without_a_database_and_prints_one_document(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NUMBA_DISABLE_JIT", "1")

    code = bench([*SMALL, "--json"])

    told = json.loads(capfd.readouterr().out)
    assert (code, told["bench"], told["wrong"]) == (0, "dispatch", [])
    assert {"machine", "versions", "sizes", "figures"} <= set(told)


def test_a_bench_that_cannot_start_ends_with_its_own_code(capfd: pytest.CaptureFixture[str]) -> None:
    assert bench(["dispatch", "--volunteers", "many"]) == 2
    assert "invalid int value" in capfd.readouterr().err
