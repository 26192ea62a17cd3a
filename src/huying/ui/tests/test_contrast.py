"""Every text on every ground it lies on: WCAG AA in each mode. Gradients are judged at both ends (axe cannot)."""

from __future__ import annotations

import pytest

from huying.ui.tests.styles import contrast, tokens

TEXT, LARGE = 4.5, 3.0  # 1.4.3; LARGE also serves graphics and edges of inputs (1.4.11)
GROUNDS = "paper surface surface-2"
TONES = "pine kaki dai mei"
CK = ["text", "text-2", "jade", "gold", "kaki", "sky", "rose"]

# text or mark, grounds, least ratio
PAIRS: list[tuple[str, str, float]] = [
    ("ink", f"{GROUNDS} column surface-3 field", TEXT),
    ("ink-2", f"{GROUNDS} column surface-3 field", TEXT),
    ("ink-3", f"{GROUNDS} column field", TEXT),
    ("pine-700", f"{GROUNDS} column field pine-50 pine-100", TEXT),
    ("pine-600", "surface", TEXT),
    ("mei-700", f"{GROUNDS} column mei-50 mei-100", TEXT),
    ("kaki-700", f"{GROUNDS} column kaki-50 kaki-100", TEXT),
    ("gui-800", "gui-50 gui-100 surface", TEXT),
    ("dai-700", "dai-50 dai-100 surface", TEXT),
    ("on-primary", "primary primary-hover", TEXT),
    ("white", "pine-700 pine-900 mei-700 kaki-700 danger danger-hover", TEXT),
    ("dawn-ink", "dawn-1 dawn-2 dawn-3 paper", TEXT),
    ("dawn-ink-2", "dawn-1 dawn-2 dawn-3 paper", TEXT),
    ("act-text", "act-1 act-2", TEXT),
    ("act-text-2", "act-1 act-2", TEXT),
    ("white", "bub-1 bub-2", LARGE),
    ("night-text", "night-1 night-2 night-hover", TEXT),
    ("night-text-2", "night-1 night-2", TEXT),
    ("night-bright", "night-1 night-2 night-hover", TEXT),
    ("night-gold", "night-current pine-900", TEXT),
    ("night-2", "gui-300 kaki-300", TEXT),
    ("ink-2", "surface", TEXT),
    # the cockpit at night and by day
    *((f"ck-{text}", "ck-panel ck-panel-2 ck-bg-1 ck-bg-2", TEXT) for text in CK),
    ("ck-bg-2", "ck-gold", TEXT),
    *((text, "surface", TEXT) for text in ("mei-600", "gui-700", "dai-600", "ink-2", "kaki-700")),
    # marks and edges
    *((f"{tone}-600", f"{tone}-100 surface", LARGE) for tone in TONES.split()),
    ("gui-700", "gui-100 surface", LARGE),
    ("line-input", "field paper surface", LARGE),
    ("focus", f"{GROUNDS} column field dawn-1 dawn-3 pine-50 pine-100", LARGE),
    ("focus-night", "night-1 night-2 pine-900", LARGE),
    ("pine-500", "surface surface-3", LARGE),
    ("kaki-700", "dawn-1", TEXT),
]


@pytest.mark.parametrize("mode", ["", "print", "contrast"])
def test_text_can_be_read_on_its_ground(mode: str) -> None:
    known = tokens(mode)
    poor = {
        f"{text} on {ground}": round(ratio, 2)
        for text, grounds, least in PAIRS
        for ground in grounds.split()
        if (ratio := contrast(known[f"--{text}"], known[f"--{ground}"])) < least
    }

    assert poor == {}


def test_high_contrast_reaches_seven_to_one() -> None:
    known = tokens("contrast")
    poor = {
        f"{text} on {ground}": round(ratio, 2)
        for text, grounds, least in PAIRS
        if least == TEXT and text not in {"night-2"}
        for ground in grounds.split()
        if (ratio := contrast(known[f"--{text}"], known[f"--{ground}"])) < 7
    }

    assert poor == {}


def test_the_measure_itself_is_right() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)
