"""From a text to numbers: cleaned, cut into words by rjieba, and words and letter groups hashed into buckets.

Hashing keeps no list of words, so a stored model holds no word that anybody has said.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any
from zlib import crc32

if TYPE_CHECKING:
    import numpy as np

BUCKETS = 1 << 16
LONGEST = 2000
"""Letters read of a text; as many as the details of a call may have."""
GROUPS = (1, 2, 3)
TITLED = re.compile(r"[\u4e00-\u9fff](?=(?:大爷|大妈|大伯|阿姨|奶奶|爷爷|师傅|先生|女士|老师|医生|同志|老伯|婆婆))")
KINDRED = frozenset("我你他她老小爷奶外大二三的家里位个舅姑叔婶哥姐")
"""Letters before a title that are no surname: kept."""
DIGITS = re.compile(r"[0-9]+")
GAPS = re.compile(r"[^a-z0\u3400-\u9fff]+")
LATIN = re.compile(r"[a-z]+")


@dataclass(frozen=True, slots=True)
class Cut:
    """A text as it is counted: the words in order, and for each bucket the numbers of the words it came from."""

    words: tuple[str, ...]
    buckets: dict[int, tuple[int, ...]]

    def numbers(self) -> np.ndarray:
        """The buckets alone, in order (int32)."""
        import numpy as np  # noqa: PLC0415 - only where somebody classifies

        return np.array(sorted(self.buckets), dtype=np.int32)


def plain(text: str, names: tuple[str, ...] = ()) -> str:
    """The text without what says who: ``names`` (people, places, addresses) are taken out, every number becomes 0, a
    surname before a title goes; full-width forms, capitals, pictures and control characters are made even.
    """
    for name in sorted(filter(None, names), key=len, reverse=True):
        text = text.replace(name, " ")
    even = unicodedata.normalize("NFKC", text[: 2 * LONGEST]).lower()[:LONGEST]
    even = TITLED.sub(lambda found: found.group() if found.group() in KINDRED else " ", even)
    return GAPS.sub(" ", DIGITS.sub("0", even)).strip()


@cache
def segmenter() -> Any:
    """rjieba with its dictionary: 30 MB and 0.2 s, so only where somebody classifies."""
    import rjieba  # noqa: PLC0415 - see above

    return rjieba


def cut(text: str, names: tuple[str, ...] = ()) -> Cut:
    """Words and buckets of a text; both empty when nothing is left of it."""
    words = tuple(word for part in plain(text, names).split() for word in segmenter().cut(part) if word.strip())
    buckets: dict[int, dict[int, None]] = {}

    def add(token: str, *places: int) -> None:
        buckets.setdefault(crc32(token.encode()) % BUCKETS, {}).update(dict.fromkeys(places))

    letters = [(letter, place) for place, word in enumerate(words) for letter in letters_of(word)]
    for place, word in enumerate(words):
        add(f"w {word}", place)
        if place:
            add(f"v {words[place - 1]} {word}", place - 1, place)
    for size in GROUPS:
        for start in range(len(letters) - size + 1):
            group = letters[start : start + size]
            add("c " + "".join(letter for letter, _place in group), *(place for _letter, place in group))
    return Cut(words, {bucket: tuple(places) for bucket, places in buckets.items()})


def letters_of(word: str) -> list[str]:
    """Chinese letters one by one; a Latin word stays whole, for its letters alone say nothing."""
    return [word] if LATIN.fullmatch(word) else list(word)


def counted(text: str, names: tuple[str, ...] = ()) -> np.ndarray:
    """The buckets of a text alone, in order (int32)."""
    return cut(text, names).numbers()
