"""What is a rule is checked by a machine: sizes, doors, names, and that the repository speaks of Huying alone."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "huying"
ROOMS = ["places", "people", "ledger", "figures", "volunteers", "activities", "calls", "cockpit"]
MAX_LINES = 400
MAX_FUNCTION = 50


def python_files() -> list[Path]:
    return [p for p in sorted(SOURCE.rglob("*.py")) if "migrations" not in p.parts]


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False).stdout
    return [ROOT / line for line in listed.splitlines() if (ROOT / line).is_file()]


def test_no_file_is_longer_than_four_hundred_lines() -> None:
    long = {str(p.relative_to(ROOT)): n for p in python_files() if (n := len(p.read_text().splitlines())) > MAX_LINES}

    assert long == {}


def test_no_function_is_longer_than_fifty_lines() -> None:
    long = []
    for path in python_files():
        if "tests" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = (node.end_lineno or node.lineno) - node.lineno + 1
                if length > MAX_FUNCTION:
                    long.append(f"{path.relative_to(ROOT)}:{node.lineno} {node.name} {length}")

    assert long == []


@pytest.mark.parametrize("room", ROOMS)
def test_views_and_endpoints_never_touch_tables(room: str) -> None:
    doors = [*SOURCE.glob(f"{room}/views*.py"), *SOURCE.glob(f"{room}/views/*.py"), *SOURCE.glob(f"{room}/api.py")]
    found = [str(p.relative_to(ROOT)) for p in doors if re.search(r"\.objects\b", p.read_text())]

    assert doors
    assert found == []


def test_every_empty_list_says_what_to_do() -> None:
    empty = re.compile(r"\{% empty [^%]*title=[^%]*%\}")
    pages = [path for path in SOURCE.rglob("*.html") if "tests" not in path.parts]
    bare = [
        f"{path.name}: {found}" for path in pages for found in empty.findall(path.read_text()) if "body=" not in found
    ]

    assert bare == []


def test_no_junk_drawers() -> None:
    forbidden = {"utils.py", "helpers.py", "common.py", "services.py", "managers.py", "signals.py", "mixins.py"}

    assert [str(p) for p in python_files() if p.name in forbidden] == []


def test_nothing_listens_to_django_signals() -> None:
    listening = [
        str(p.relative_to(ROOT))
        for p in python_files()
        if re.search(
            r"from django\.(db\.models|core|dispatch)\S* import .*\b(receiver|post_save|pre_save|Signal)\b",
            p.read_text(),
        )
    ]

    assert listening == []


def test_only_one_place_writes_spreadsheets() -> None:
    writers = [
        str(p.relative_to(SOURCE))
        for p in python_files()
        if "tests" not in p.parts and re.search(r"csv\.writer|openpyxl|XLSXWriter", p.read_text())
    ]

    assert {w.split("/")[0] for w in writers} <= {"kernel"}


def test_no_machine_path_or_index_host_is_committed() -> None:
    hosts = [
        "pypi" + ".org",
        "pythonhosted" + ".org",
        "registry." + "npmjs",
        "deb." + "debian.org",
        "/wo" + "rk/",
        "/fa" + "rm/",
    ]
    found = []
    for path in tracked():
        if path.suffix in {".png", ".webp", ".svg", ".ico"}:
            continue
        text = path.read_text(errors="ignore")
        found += [f"{path.relative_to(ROOT)}: {host}" for host in hosts if host in text]

    assert found == []


def test_the_map_names_only_what_exists() -> None:
    text = (ROOT / "docs" / "map.md").read_text()
    named = re.findall(r"`((?:src|docs|frontend|tests)/[\w./-]+)`", text)

    assert named
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_append_only_tables_have_no_update_or_delete_in_code() -> None:
    """Grants forbid it in the database; this finds the attempt before it runs."""
    changed = r"(AuditLine|ActivityEvent|CallEvent)\.objects\.\w*\(?.*\)?\.(update|delete)\("
    rewritten = r"(CallNote|CallMessage)\.objects\.\w*\(?.*\)?\.update\("  # words go with their person, never change
    pattern = re.compile(f"{changed}|{rewritten}")

    assert [str(p) for p in python_files() if "tests" not in p.parts and pattern.search(p.read_text())] == []
