"""The packaged browser: it needs no root, no apt, no font of the machine, and it draws Chinese."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from huying.kernel.cli import browser, places
from huying.kernel.trouble import Trouble
from tests.bootstrap.running import environment

LOOK = """
import os, sys
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

PAGE = "<!doctype html><html lang=zh><title>呼应</title><main><h1>%s</h1></main></html>"
with sync_playwright() as play:
    program, flags = os.environ["HUYING_CHROMIUM"], ["--no-sandbox", "--disable-gpu"]
    chromium = play.chromium.launch(executable_path=program, args=flags)
    page = chromium.new_page(viewport={"width": 200, "height": 120})
    pictures = []
    for letter in ("驿", "舰", "驿"):
        page.set_content(PAGE % letter)
        pictures.append(page.screenshot())
    print(pictures[0] != pictures[1], pictures[0] == pictures[2], Axe().run(page).violations_count)
    chromium.close()
"""


def test_the_packaged_browser_draws_chinese_and_runs_axe(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(browser, "of_this_machine", lambda: "")
    env = environment(**browser.ensure(places.find()))
    assert env["HUYING_CHROMIUM"].endswith("chromium.sh")

    done = subprocess.run(
        [sys.executable, "-c", LOOK], env=env, capture_output=True, text=True, check=False, timeout=120
    )

    assert (done.returncode, done.stdout.split()) == (0, ["True", "True", "0"]), done.stderr


def test_the_named_browser_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mine, other = tmp_path / "mine", tmp_path / "chromium"
    for path in (mine, other):
        path.write_text("#!/bin/sh\n")
        path.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("HUYING_CHROMIUM", raising=False)
    assert browser.of_this_machine() == str(other)

    monkeypatch.setenv("HUYING_CHROMIUM", str(mine))
    assert browser.of_this_machine() == str(mine)

    monkeypatch.setenv("HUYING_CHROMIUM", str(tmp_path / "none"))
    with pytest.raises(Trouble, match="which is no program that can be run"):
        browser.of_this_machine()


def test_a_machine_without_browser_is_recognised(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("HUYING_CHROMIUM", raising=False)

    assert browser.of_this_machine() == ""
