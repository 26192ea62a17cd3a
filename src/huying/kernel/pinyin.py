"""The sound of Chinese words, by pypinyin. Its dictionary takes a quarter of a second and 55 MB: whoever asks loads it."""

from __future__ import annotations


def syllables(text: str, *, chinese_only: bool = False) -> list[str]:
    """The pinyin of each character, without tones; what is not Chinese stays as it is, or is left out."""
    from pypinyin import lazy_pinyin  # noqa: PLC0415 - see above

    found: list[str] = lazy_pinyin(text, errors="ignore" if chinese_only else "default")
    return found


def initials(text: str) -> str:
    """The first letter of each character's pinyin; what is not Chinese stays as it is."""
    from pypinyin import Style, lazy_pinyin  # noqa: PLC0415 - see above

    return "".join(lazy_pinyin(text, style=Style.FIRST_LETTER))
