"""Reading the style sheets in tests: the tokens of a mode, and the contrast of two colours (WCAG 2.2, 1.4.3)."""

from __future__ import annotations

import re
from pathlib import Path

FRONTEND = Path(__file__).resolve().parents[4] / "frontend"
CSS = FRONTEND / "css"


def without_comments(text: str) -> str:
    return re.sub(r"/\*.*?\*/", "", text, flags=re.S)


def block(text: str, selector: str) -> dict[str, str]:
    """Custom properties declared under exactly this selector."""
    found: dict[str, str] = {}
    for rule in re.finditer(rf"(?:^|\}})\s*{re.escape(selector)}\s*\{{(.*?)\}}", text, flags=re.S):
        found.update(re.findall(r"(--[\w-]+)\s*:\s*([^;]+)", rule[1]))
    return {name: value.strip() for name, value in found.items()}


def tokens(mode: str = "") -> dict[str, str]:
    """Every token with its value in a mode: "", "print" or "contrast"; references are followed."""
    declared = block(without_comments((CSS / "tokens.css").read_text(encoding="utf-8")), ":root")
    modes = without_comments((CSS / "modes.css").read_text(encoding="utf-8"))
    selectors = {"": [], "print": ["html[data-print]"], "contrast": ['html[data-contrast="more"]']}
    for selector in selectors[mode]:
        declared.update(block(modes, selector))
    for name in declared:
        while reference := re.fullmatch(r"var\((--[\w-]+)\)", declared[name]):
            declared[name] = declared[reference[1]]
    return declared


def luminance(colour: str) -> float:
    """Relative luminance of #rrggbb (WCAG 2.2, "relative luminance")."""
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two opaque colours, 1 to 21."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)
