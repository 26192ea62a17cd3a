"""A sealed value in memory: it shows its last characters and nothing more until it is opened on purpose."""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn

from huying.kernel.sealed.envelope import SealBroken, Spot, seal, unseal
from huying.kernel.sealed.keyring import KeyringTrouble

DOTS = "••••"


class Sealed:
    """Either fresh text on its way to a row, or the stored blob of one.

    ``str()``, ``repr()`` and format give the mask; pickling is refused, so a value cannot slip into a
    cache or a job. ``open()`` is for deliveries and for the person's own page; anybody else's eyes go
    through ``reveal``.
    """

    __slots__ = ("_blob", "_find", "_plain", "_shows", "_spot")

    def __init__(
        self,
        *,
        plain: str | None = None,
        blob: bytes | None = None,
        spot: Spot | None = None,
        shows: int = 4,
        find: Callable[[], Spot] | None = None,
    ):
        self._plain = plain
        self._blob = blob
        self._spot = spot
        self._shows = shows
        self._find = find  # asks for the spot only when it is needed: the row's id may not be loaded yet

    def found_by(self, find: Callable[[], Spot]) -> Sealed:
        """The same value, whose spot is asked for when it is opened."""
        return Sealed(plain=self._plain, blob=self._blob, spot=self._spot, shows=self._shows, find=find)

    def at(self, spot: Spot, shows: int) -> Sealed:
        """The same value as it belongs to ``spot``; a blob from elsewhere is opened there and sealed anew
        here.
        """
        if self._spot == spot and self._shows == shows:
            return self
        if self._spot is None or self._spot == spot:
            return Sealed(plain=self._plain, blob=self._blob, spot=spot, shows=shows)
        return Sealed(plain=self.open(), spot=spot, shows=shows)

    def blob(self) -> bytes:
        """What the column stores; sealed on first need."""
        if self._blob is None:
            if self._spot is None or self._plain is None:
                raise SealBroken("a sealed value needs its row before it can be stored")
            self._blob = seal(self._plain, self._spot)
        return self._blob

    def open(self) -> str:
        """The text itself. SealBroken when it does not open."""
        if self._plain is not None:
            return self._plain
        if self._spot is None and self._find is not None:
            self._spot = self._find()
        if self._spot is None or self._blob is None:
            raise SealBroken("this sealed value was read without its row; read it from the object")
        return unseal(self._blob, self._spot)

    @property
    def last4(self) -> str:
        """The last four characters, fewer where that would give away more than two fifths; empty if none may
        show.
        """
        try:
            plain = self.open()
        except (SealBroken, KeyringTrouble):
            return ""
        shown = min(self._shows, len(plain) * 2 // 5)
        return plain[-shown:] if shown else ""

    def __str__(self) -> str:
        return f"{DOTS}{self.last4}"

    def __repr__(self) -> str:
        return f"<Sealed {self}>"

    def __format__(self, spec: str) -> str:
        return format(str(self), spec)

    def __copy__(self) -> Sealed:
        return self

    def __deepcopy__(self, memo: dict[int, object]) -> Sealed:
        return self

    def __reduce__(self) -> NoReturn:
        raise TypeError("a sealed value does not leave the process")


Sealed.open.alters_data = True  # type: ignore[attr-defined]  # so that no template can open a value, only code that says so
