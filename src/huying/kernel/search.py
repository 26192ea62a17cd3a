"""Search in Chinese, pinyin and initials through one array of two-letter pieces with a GIN index.

A trigram index never serves the two-character names that people type; pieces of two letters do. Every piece of the query
must be among the row's pieces (index), then the query must stand in the row's text (recheck).
"""

from __future__ import annotations

import unicodedata
from typing import TypeVar

from django.db.models import Model, QuerySet

from huying.kernel.pinyin import syllables

M = TypeVar("M", bound=Model)
LONGEST = 60


def fold(text: str) -> str:
    """Lower case, full width to half width, inner spaces single; NUL, which no text in the database holds, is a space."""
    return " ".join(unicodedata.normalize("NFKC", text.replace("\0", " ")).lower().split())


def search_text(*texts: str) -> str:
    """Everything a row can be found by: its words, their pinyin without tones, and the initials."""
    parts: list[str] = []
    for text in filter(None, map(fold, texts)):
        parts.append(text)
        sound = [] if text.isascii() else syllables(text, chinese_only=True)
        if sound:
            parts += ["".join(sound), "".join(syllable[0] for syllable in sound)]
    return " | ".join(dict.fromkeys(parts))


def pieces(text: str) -> list[str]:
    """Single letters and neighbouring pairs of each word of an already folded text."""
    found: set[str] = set()
    for word in text.replace("|", " ").split():
        found.update(word)
        found.update(word[i : i + 2] for i in range(len(word) - 1))
    return sorted(found)


def terms(*texts: str) -> list[str]:
    """The pieces to store beside ``search_text`` of the same texts."""
    return pieces(search_text(*texts))


def matching(rows: QuerySet[M], query: str, *, prefix: str = "") -> QuerySet[M]:
    """Rows whose text holds every word of ``query``; ``prefix`` is the path to the model with the search columns."""
    for word in fold(query)[:LONGEST].split():
        rows = rows.filter(**{f"{prefix}search_terms__contains": pieces(word), f"{prefix}search_text__contains": word})
    return rows
