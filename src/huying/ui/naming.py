"""Names of things that are data: rows carry a Chinese name and, where somebody entered one, an English one."""

from __future__ import annotations

from typing import Any

from django.utils.translation import get_language


def reads_chinese() -> bool:
    """Whether this reader's language is Chinese; a long list asks once and tells ``named``."""
    return (get_language() or "zh").startswith("zh")


def named(row: Any, field: str = "name", *, chinese: bool | None = None) -> str:
    """``row.name_en`` for readers of other languages than Chinese when there is one, else ``row.name``; "" for None."""
    if row is None:
        return ""
    if reads_chinese() if chinese is None else chinese:
        return str(getattr(row, field))
    return str(getattr(row, f"{field}_en", "") or getattr(row, field))
