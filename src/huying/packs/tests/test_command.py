"""``./huying pack``: check without a database, load with a dry run, switch, export."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from huying.packs.models import Pack, Switch
from huying.packs.rules.reading import read_pack
from huying.packs.tests.conftest import EXAMPLES, SEASONS, World


def run(*words: str) -> tuple[str, str]:
    out, err = StringIO(), StringIO()
    try:
        call_command("pack", *words, stdout=out, stderr=err)
    except CommandError as stopped:
        err.write(f"{stopped}\n")
    return out.getvalue(), err.getvalue()


def test_check_names_lines_and_needs_no_database(tmp_path: Path) -> None:
    broken = tmp_path / "broken.yaml"
    broken.write_text(SEASONS.replace("minutes: 120", "minutes: x"), encoding="utf-8")
    good, trouble = run("check", str(EXAMPLES / "four_seasons.yaml"), str(broken))

    assert "example.four_seasons 1 full, 7 things, sha256:" in good
    assert f"{broken} 第 56 行：" in trouble and "1 to mend" in trouble


def test_a_file_that_is_no_text(tmp_path: Path) -> None:
    broken = tmp_path / "broken.yaml"
    broken.write_bytes(b"\xff\xfe\x00format")

    assert "行：" in run("check", str(broken))[1]
    assert "No such file" in run("check", str(tmp_path / "none.yaml"))[1]


def test_from_dry_run_to_export(world: World, tmp_path: Path) -> None:
    file, out = EXAMPLES / "four_seasons.yaml", tmp_path / "out.yaml"
    tried = run("load", str(file), "--dry-run")[0]
    assert "new      themes spring 春有学" in tried and "nothing was changed" in tried and not Pack.objects.exists()

    run("load", str(file))
    assert "0 lines differ" in run("load", str(file))[0]
    world.east.code = "350825"
    world.east.save()
    assert "is on at 东山县" in run("switch-on", "example.four_seasons", "--place", "350825")[0]
    assert "已经启用" in run("switch-on", "example.four_seasons", "--place", "350825")[1]
    run("export", "example.four_seasons", "--out", str(out))
    assert read_pack(out.read_text(encoding="utf-8"))[0].things == read_pack(SEASONS)[0].things
    assert "namespace: dongshan" in run("export", "dongshan.ours", "--place", "350825")[0]
    assert "namespace" in run("export", "Dong.ours", "--place", "350825")[1]
    assert "is off" in run("switch-off", "example.four_seasons", "--place", "350825", "--reason", "停")[0]
    assert Switch.objects.get().off_at is not None


@pytest.mark.parametrize("words", [("switch-on", "no.pack", "--place", "350825"), ("export", "no.pack")])
def test_what_is_not_there(world: World, words: tuple[str, ...]) -> None:
    assert run(*words)[1]


def test_schema_is_json() -> None:
    assert json.loads(run("schema")[0])["title"] == "Pack"
