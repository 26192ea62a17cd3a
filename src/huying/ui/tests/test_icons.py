"""Icons: what templates name is drawn, what is drawn is named once, data may name only what is drawn."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError

from huying.ui import icons
from huying.ui.tests.styles import FRONTEND

ROOMS = Path(__file__).resolve().parents[2]
LITERAL = re.compile(r"""\{%\s*icon\s+["']([\w-]+)["']|\bicon(?:_end|_on)?=["']([\w-]+)["']""")


def listed() -> list[str]:
    lines = (FRONTEND / "icons.txt").read_text(encoding="utf-8").splitlines()
    words = [word for line in lines for word in line.partition("#")[0].split()]
    return [word for word in words if not word.startswith("[")]


def test_templates_and_code_name_drawn_icons_only() -> None:
    named = {
        f"{path.relative_to(ROOMS)}: {name}"
        for kind in ("*.html", "*.py")
        for path in ROOMS.rglob(kind)
        if "tests" not in path.parts and "built" not in path.parts
        for found in LITERAL.findall(path.read_text(encoding="utf-8"))
        for name in found
        if name and name not in icons.names()
    }

    assert named == set()


def test_the_built_sprites_hold_what_the_list_names() -> None:
    assert sorted(listed()) == sorted(icons.names())


def test_data_may_name_drawn_icons_only() -> None:
    icons.validate("bowl-food-duotone")

    with pytest.raises(ValidationError):
        icons.validate("bowl-of-gold")


def test_an_icon_is_found_in_its_own_sprite() -> None:
    assert re.fullmatch(r"/static/assets/icons-core-[\w-]{8}\.svg#house", icons.address("house"))
    assert re.fullmatch(r"/static/assets/icons-things-[\w-]{8}\.svg#kanban-duotone", icons.address("kanban-duotone"))
