"""Names of things that are data: rows carry a Chinese name and, where somebody entered one, an English one."""

from __future__ import annotations

from typing import Any

from django.utils.translation import get_language


def named(row: Any, field: str = "name") -> str:
    """``row.name_en`` for readers of other languages than Chinese when there is one, else ``row.name``; "" for None."""
    if row is None:
        return ""
    chinese = (get_language() or "zh").startswith("zh")
    return str(("" if chinese else getattr(row, f"{field}_en", "")) or getattr(row, field))
