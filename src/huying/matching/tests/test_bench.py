from __future__ import annotations

import json

import pytest

from huying.matching import bench


def test_a_small_district_is_measured_beside_the_others_and_nothing_is_wrong(
    capsys: pytest.CaptureFixture[str],
) -> None:
    code = bench.main(["--volunteers", "2000", "--calls", "60", "--rounds", "2"])

    told = json.loads(capsys.readouterr().out)
    assert (code, told["wrong"]) == (0, [])
    assert told["figures"]["ample"]["proven"] is True
    for supply in ("ample", "scarce"):
        same = told["figures"][supply]["same_lists"]
        assert same["own_exact"]["total"] == same["ortools"]["total"] == same["scipy"]["total"]
        assert same["greedy"]["total"] >= same["own_exact"]["total"]
        assert same["own_auction"]["above_least_percent"] >= 0


def test_a_wrong_plan_ends_the_bench_with_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bench.checking, "faults", lambda *facts: ["the total is not the sum"])

    assert bench.main(["--volunteers", "500", "--calls", "10", "--rounds", "1"]) == 1
    assert "the total is not the sum" in capsys.readouterr().out
