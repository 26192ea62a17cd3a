"""House rules of the style sheets: colours are tokens, sizes grow with the reader, classes carry one prefix."""

from __future__ import annotations

import re

from huying.ui.registry import TONES
from huying.ui.tests.styles import CSS, FRONTEND, without_comments

SHEETS = sorted(CSS.rglob("*.css"))
ENTRIES = ("core.css", "staff.css", "cockpit.css")
COLOUR = re.compile(r"#[0-9a-fA-F]{3,8}\b|rgba?\(|hsla?\(")
# what the oldest WebViews would drop, and with it the whole rule
TOO_NEW = [":has(", ":is(", ":where(", "@layer", "@container", "color-mix(", "aspect-ratio", " dvh", " svh", "oklch("]


def rules(name: str) -> str:
    return without_comments((CSS / name).read_text(encoding="utf-8"))


def test_every_colour_is_a_token() -> None:
    allowed = {"tokens.css", "modes.css", "print.css", "print_staff.css", "print_cockpit.css"}
    found = {
        f"{sheet.relative_to(CSS)}: {colour}"
        for sheet in SHEETS
        if sheet.name not in allowed or sheet.parent != CSS
        for colour in COLOUR.findall(without_comments(sheet.read_text(encoding="utf-8")))
    }

    assert found == set()


def test_text_sizes_grow_with_the_reader() -> None:
    found = [
        f"{sheet.name}: {size}"
        for sheet in SHEETS
        if not sheet.name.startswith("print")
        for size in re.findall(
            r"font(?:-size)?:[^;}]*?\d(?:px|pt|vw)\b", without_comments(sheet.read_text(encoding="utf-8"))
        )
    ]

    assert found == []


def test_every_class_carries_the_prefix() -> None:
    classes = {
        name
        for sheet in SHEETS
        for name in re.findall(
            r"\.([a-zA-Z][\w-]*)", re.sub(r"\{[^{}]*\}", "{}", without_comments(sheet.read_text(encoding="utf-8")))
        )
    }

    assert sorted(name for name in classes if not name.startswith("hy-") and name not in {"htmx-request", "css"}) == []


def test_nothing_is_newer_than_the_oldest_browser() -> None:
    found = [
        f"{sheet.name}: {word}"
        for sheet in SHEETS
        for word in TOO_NEW
        if word in without_comments(sheet.read_text(encoding="utf-8"))
    ]

    assert found == []


def test_every_tone_has_its_five_colours() -> None:
    base = rules("base.css")

    for tone in TONES:
        declared = re.search(rf"\.hy-tone-{tone} \{{(.*?)\}}", base)
        assert declared is not None
        assert set(re.findall(r"--t-(\w+):", declared[1])) == {"soft", "bg", "fg", "icon", "solid"}


def test_every_sheet_is_used_once() -> None:
    imported = [line for entry in ENTRIES for line in re.findall(r'@import "\./([^"]+)"', rules(entry))]
    there = {str(sheet.relative_to(CSS)) for sheet in SHEETS} - set(ENTRIES)

    assert sorted(imported) == sorted(there)


def test_motion_stops_for_those_who_ask() -> None:
    assert "prefers-reduced-motion: reduce" in rules("base.css")


def test_the_lock_file_names_no_place_to_download_from() -> None:
    lock = (FRONTEND / "package-lock.json").read_text(encoding="utf-8")

    assert '"resolved"' not in lock
    assert "registry." not in lock
    assert "omit-lockfile-registry-resolved=true" in (FRONTEND / ".npmrc").read_text(encoding="utf-8")
