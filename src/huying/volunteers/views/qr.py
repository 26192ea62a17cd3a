"""QR squares as SVG inside the page: drawn here, nothing is fetched."""

from __future__ import annotations

import segno


def square(text: str, scale: int = 8) -> str:
    """A data address for ``<img>``; dark on white with the quiet zone that scanners need."""
    return str(segno.make(text, error="m").svg_data_uri(scale=scale, border=4, dark="#10312b", light="#fff"))
