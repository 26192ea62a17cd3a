"""The blind index: a keyed hash that finds a row by the exact value, and by nothing less."""

from __future__ import annotations

import hashlib
import hmac
import unicodedata
from collections.abc import Callable

from huying.kernel.errors import InvalidInput
from huying.kernel.sealed import keyring
from huying.kernel.sealed.numbers import normal_phone


def phone(value: str) -> str:
    """One form for every way of writing a number; what is no number at all is compared as it stands."""
    try:
        return normal_phone(value)
    except InvalidInput:
        return plain(value)


def id_number(value: str) -> str:
    return plain(value).upper()


def plain(value: str) -> str:
    """Full-width to half-width, no spaces, no case."""
    return "".join(unicodedata.normalize("NFKC", value).casefold().split())


NORMALISERS: dict[str, Callable[[str], str]] = {"phone": phone, "id_number": id_number}


def blind_index(value: str, purpose: str) -> bytes:
    """HMAC-SHA256 (32 bytes) over the normalised value under the installation's index key.

    ``purpose`` ("phone", "id_number", or a word of the room's own) keeps equal values of different
    columns apart. The index key is not rotated with the sealing keys: changing it means computing every
    index anew.
    """
    normalised = NORMALISERS.get(purpose, plain)(value)
    message = purpose.encode() + b"\x00" + normalised.encode()
    return hmac.new(keyring.load().index_secret, message, hashlib.sha256).digest()
