"""A square code as a picture inside the page."""

from __future__ import annotations

import segno


def square(text: str) -> str:
    """A ``data:`` address of a square code with ``text`` (SVG, four modules of quiet zone), black for paper."""
    return str(segno.make(text, error="m").svg_data_uri(scale=4, border=4, dark="#000", light="#fff"))
