"""``./huying screenshots``: the pictures of the docs, taken from the running platform, never by hand.

The list of pictures is ``docs/screens/screens.json``: file, address, who is signed in, window, language, print size,
and links to follow first. Every picture that fails stops the command with the file's name.
"""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

from huying.kernel.cli import browser, places, say
from huying.kernel.trouble import Trouble

WINDOWS = {"phone": (390, 844), "desk": (1440, 900), "wide": (1920, 1080)}
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]


def screenshots(rest: list[str]) -> int:
    """Take every picture of the list from the platform at ``--url``; ``--only NAME`` takes one."""
    parser = argparse.ArgumentParser(prog="huying screenshots")
    parser.add_argument("--url", default="http://127.0.0.1:8000")
    parser.add_argument("--only", default="")
    parser.add_argument("--out", default="")
    options = parser.parse_args(rest)
    where = places.find()
    if where.checkout is None:
        raise Trouble("The list of screenshots is in the source: run ./huying screenshots in a checkout.")
    folder = where.checkout / "docs" / "screens"
    reachable(options.url)
    os.environ.update(browser.ensure(where))
    wanted = json.loads((folder / "screens.json").read_text(encoding="utf-8"))
    chosen = [one for one in wanted["screens"] if options.only in one["file"]]
    take_all(options.url, Path(options.out) if options.out else folder, chosen, wanted["passwords"])
    return 0


def reachable(url: str) -> None:
    try:
        urlopen(url, timeout=10).close()  # noqa: S310 - the operator's own address
    except URLError as error:
        raise Trouble(f"Nothing answers at {url}: start the platform with ./huying up first.") from error


def take_all(url: str, folder: Path, screens: list[dict[str, Any]], passwords: dict[str, str]) -> None:
    from playwright.sync_api import sync_playwright

    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as play:
        chromium = play.chromium.launch(executable_path=os.environ["HUYING_CHROMIUM"], args=FLAGS)
        for screen in screens:
            with say.step(screen["file"]):
                take(chromium, url, folder, screen, passwords)
        chromium.close()


def take(chromium: Any, url: str, folder: Path, screen: dict[str, Any], passwords: dict[str, str]) -> None:
    """One picture in a fresh window."""
    width, height = WINDOWS[screen.get("window", "phone")]
    context = chromium.new_context(
        viewport={"width": width, "height": height},
        locale=screen.get("language", "zh-CN"),
        timezone_id="Asia/Shanghai",
        device_scale_factor=1,
    )
    context.set_default_timeout(20_000)
    if "print" in screen:
        context.add_cookies([{"name": "huying_print", "value": screen["print"], "url": url}])
    page = context.new_page()
    if "as" in screen:
        page.goto(f"{url}/people/sign-in/")
        page.fill("input[name=identifier]", screen["as"])
        page.fill("input[name=password]", passwords[screen["as"]])
        page.press("input[name=password]", "Enter")
        page.wait_for_url(lambda address: "sign-in" not in address)
    page.goto(url + screen["path"])
    for selector in screen.get("click", []):
        page.locator(selector).first.click()
        page.wait_for_load_state("networkidle")
    page.wait_for_timeout(400)
    page.screenshot(path=str(folder / f"{screen['file']}.png"), full_page=screen.get("full", False))
    context.close()
