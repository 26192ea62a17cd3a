"""The one source of chance: unguessable by default, repeatable from a seed in tests."""

from __future__ import annotations

import random
import secrets
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from huying.kernel import clock

_source: random.Random = secrets.SystemRandom()


def uuid7() -> uuid.UUID:
    """A time-ordered opaque id (RFC 9562 version 7), for everything that shows in an address."""
    return _uuid7(_milliseconds(), _source.getrandbits(74))  # one draw: each asks the system


def uuid7s(count: int) -> list[uuid.UUID]:
    """So many ids of one moment, ascending, so that what is written in this order stays in order in its index too."""
    drawn, milliseconds = _source.randbytes(10 * count), _milliseconds()
    return [
        _uuid7(milliseconds, one)
        for one in sorted([int.from_bytes(drawn[n : n + 10]) >> 6 for n in range(0, len(drawn), 10)])
    ]


def _milliseconds() -> int:
    return int(clock.now().timestamp() * 1000) & ((1 << 48) - 1)


def _uuid7(milliseconds: int, bits: int) -> uuid.UUID:
    high, low = divmod(bits, 1 << 62)
    return uuid.UUID(int=milliseconds << 80 | 0x7 << 76 | high << 64 | 0b10 << 62 | low)


def token(nbytes: int = 16) -> str:
    """Lower-case hexadecimal text of ``nbytes`` random bytes."""
    return f"{_source.getrandbits(nbytes * 8):0{nbytes * 2}x}"


def digits(count: int) -> str:
    """A code of ``count`` decimal digits, leading zeros kept."""
    return f"{_source.randrange(10**count):0{count}d}"


CLEAR = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Letters and digits that nobody takes for each other: no 0 and O, no 1, I and L, and no U, so that no word arises."""


def code(count: int) -> str:
    """A code to be printed and typed in again, of so many letters and digits of ``CLEAR``."""
    return "".join(_source.choice(CLEAR) for _place in range(count))


def fraction() -> float:
    """A number from 0 up to, not including, 1: for spreading waits, not for secrets."""
    return _source.random()


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Inside, chance repeats itself from ``seed``."""
    global _source
    before = _source
    _source = random.Random(seed)  # noqa: S311 - tests and drills only
    try:
        yield
    finally:
        _source = before
