"""Square codes as pictures inside the page."""

from __future__ import annotations

import segno


def square(text: str) -> str:
    """A ``data:`` address of a square code with ``text`` (SVG, four modules of quiet zone)."""
    return str(segno.make(text, error="m").svg_data_uri(scale=5, border=4, dark="#10312b", light="#fff"))
