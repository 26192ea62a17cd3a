"""The blind index: a keyed hash that finds a row by the exact value, and by nothing less."""

from __future__ import annotations

import hashlib
import hmac
import unicodedata
from collections.abc import Callable, Sequence
from typing import Any

from django.db.models import BinaryField
from django.db.models.lookups import Exact

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


class BlindIndex(bytes):
    """The hash under the current key, to be stored; ``forms`` are the hashes under all keys, to be found by."""

    forms: tuple[bytes, ...]

    def fits(self, stored: bytes | memoryview | None) -> bool:
        """True when ``stored`` is the index of the same value, whichever key made it."""
        if stored is None:
            return False
        return any(hmac.compare_digest(bytes(stored), form) for form in self.forms)


def blind_index(value: str, purpose: str) -> BlindIndex:
    """HMAC-SHA256 over the normalised value under the installation's index keys: 32 bytes by the first key, four
    bytes of key id before them by later ones.

    ``purpose`` ("phone", "id_number", or a word of the room's own) keeps equal values of different columns apart.
    """
    normalised = NORMALISERS.get(purpose, plain)(value)
    message = purpose.encode() + b"\x00" + normalised.encode()
    forms = tuple(
        (b"" if key.bare else key.id) + hmac.new(key.secret, message, hashlib.sha256).digest()
        for key in keyring.load().index_keys
    )
    index = BlindIndex(forms[0])
    index.forms = forms
    return index


def blind_indexes(values: Sequence[str], purpose: str) -> list[bytes]:
    """What ``blind_index`` would store of each value, by the key that makes new hashes, looked up once."""
    key, head, normalise = keyring.load().index_keys[0], purpose.encode() + b"\x00", NORMALISERS.get(purpose, plain)
    before = b"" if key.bare else key.id
    return [before + hmac.digest(key.secret, head + normalise(value).encode(), "sha256") for value in values]


class IndexField(BinaryField):  # type: ignore[type-arg]  # Django's own class takes none at run time
    """The column of a blind index. ``of`` names the sealed field whose value it hashes ("phone", or "person.phone"
    through a foreign key) for ``purpose``; without it (codes, of which nothing is kept) a row cannot be hashed anew.

    Looked up with what ``blind_index`` gives, it finds rows made by any key, also while keys are changed.
    """

    def __init__(self, *args: Any, of: str = "", purpose: str = "", **kwargs: Any):
        self.of, self.purpose = of, purpose
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> tuple[str, str, Any, Any]:
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.BinaryField", args, kwargs  # the same column: no migration


@IndexField.register_lookup
class AnyForm(Exact):
    """Equal to the index under any key."""

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        if not isinstance(self.rhs, BlindIndex) or len(self.rhs.forms) == 1:
            return super().as_sql(compiler, connection)
        left, params = self.process_lhs(compiler, connection)
        marks = ", ".join(["%s"] * len(self.rhs.forms))
        return f"{left} IN ({marks})", [*params, *self.rhs.forms]
