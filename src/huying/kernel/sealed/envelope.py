"""The stored form of a sealed value: version 1 · algorithm 1 · key id 4 · nonce 12 · ciphertext and tag
(bytes).
"""

from __future__ import annotations

import secrets
import struct
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag

from huying.kernel.sealed import keyring
from huying.kernel.sealed.algorithms import NONCE_BYTES, TAG_BYTES

VERSION = 1
HEAD = struct.Struct(f"!BB{keyring.ID_BYTES}s")
LEAST = HEAD.size + NONCE_BYTES + TAG_BYTES


class SealBroken(RuntimeError):
    """A sealed value was damaged, moved to another row or column, or made by something else."""


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a value belongs. It is authenticated with the value, which therefore opens nowhere else."""

    table: str
    column: str
    row: bytes

    def aad(self, head: bytes) -> bytes:
        return b"\x00".join((head, self.table.encode(), self.column.encode(), self.row))


def seal(plain: str, spot: Spot) -> bytes:
    """Seal text for its spot with the current key and a fresh random nonce.

    Random nonces of 96 bits stay safe for 2^32 values under one key (NIST SP 800-38D 8.3); rotation comes
    long before.
    """
    key = keyring.load().current
    head = HEAD.pack(VERSION, key.algorithm.number, key.id)
    nonce = secrets.token_bytes(NONCE_BYTES)
    return head + nonce + key.algorithm.seal(key.secret, nonce, plain.encode(), spot.aad(head))


def seal_many(plains: Sequence[str], table: str, column: str, rows: Sequence[bytes]) -> list[bytes]:
    """Seal each text for its row of one column, as ``seal`` does: the key is looked up once, nonces are drawn at once."""
    key = keyring.load().current
    head = HEAD.pack(VERSION, key.algorithm.number, key.id)
    nonces = secrets.token_bytes(NONCE_BYTES * len(plains))
    found = []
    for n, (plain, row) in enumerate(zip(plains, rows, strict=True)):
        nonce = nonces[n * NONCE_BYTES : (n + 1) * NONCE_BYTES]
        aad = Spot(table, column, row).aad(head)
        found.append(head + nonce + key.algorithm.seal(key.secret, nonce, plain.encode(), aad))
    return found


def unseal(blob: bytes, spot: Spot) -> str:
    """The text again; SealBroken when blob, key or spot do not belong together."""
    key = keyring.load().key(key_id(blob))
    head, nonce, sealed = (
        blob[: HEAD.size],
        blob[HEAD.size : HEAD.size + NONCE_BYTES],
        blob[HEAD.size + NONCE_BYTES :],
    )
    if head[1] != key.algorithm.number:
        raise SealBroken(f"wrong algorithm in {spot.table}.{spot.column}")
    try:
        return key.algorithm.open(key.secret, nonce, sealed, spot.aad(head)).decode()
    except InvalidTag:
        raise SealBroken(f"{spot.table}.{spot.column} does not open with key {key.id.hex()}") from None


def key_id(blob: bytes) -> bytes:
    """Which key seals this blob."""
    if len(blob) < LEAST or blob[0] != VERSION:
        raise SealBroken("not a sealed value")
    found: bytes = HEAD.unpack_from(blob)[2]
    return found
