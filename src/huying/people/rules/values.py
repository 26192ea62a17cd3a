"""What a name must look like, in one spelling."""

from __future__ import annotations

import re
import unicodedata

# Marks that turn the reading direction or hide: they make a name look like another one.
_TRICKS = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\u00ad]")


def normal_name(text: str) -> str:
    """A name with inner spaces single, direction marks and invisible letters gone; any length."""
    plain = unicodedata.normalize("NFC", _TRICKS.sub("", text or ""))
    plain = "".join(letter if unicodedata.category(letter)[0] != "C" else " " for letter in plain)
    return " ".join(plain.split())
