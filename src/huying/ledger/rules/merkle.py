"""Hash trees over transfers as in RFC 6962 section 2.1: leaves and nodes are hashed apart, the last odd one moves up."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

LEAF, NODE, HEAD = b"\x00", b"\x01", b"\x02"
EMPTY = bytes(32)
"""What stands before the first seal."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
FIELDS = (
    "id",
    "public_id",
    "asset_id",
    "debit_account_id",
    "credit_account_id",
    "issuing",
    "amount",
    "key",
    "reverses_id",
    "made_by_id",
    "approved_by_id",
    "on_behalf",
    "reason",
    "rule_version",
    "evidence",
    "occurred_at",
    "recorded_at",
)
"""Every column of a transfer, in the order in which it is hashed."""
FORM = "huying.ledger.transfer.1"


def canonical(row: Sequence[Any]) -> bytes:
    """The one way to write a row (values in the order of ``FIELDS``): a JSON list in UTF-8, moments in microseconds."""
    *plain, occurred, recorded = row
    plain[1] = plain[1].hex
    moments = [(occurred - EPOCH) // MICROSECOND, (recorded - EPOCH) // MICROSECOND]
    return json.dumps([FORM, *plain, *moments], ensure_ascii=False, separators=(",", ":")).encode()


def leaf_hash(row: Sequence[Any]) -> bytes:
    return hashlib.sha256(LEAF + canonical(row)).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(NODE + left + right).digest()


def level_up(level: Sequence[bytes]) -> list[bytes]:
    pairs = zip(level[::2], level[1::2], strict=False)  # the last odd one has no partner
    up = [hashlib.sha256(NODE + left + right).digest() for left, right in pairs]
    return [*up, level[-1]] if len(level) % 2 else up


def root_of(leaves: Sequence[bytes]) -> bytes:
    """The root over leaf hashes; at least one."""
    level = list(leaves)
    while len(level) > 1:
        level = level_up(level)
    return level[0]


def path_to(leaves: Sequence[bytes], index: int) -> list[tuple[bool, bytes]]:
    """What proves that leaf ``index`` is under the root: from below, (stands on the left, hash)."""
    level, path = list(leaves), []
    while len(level) > 1:
        other = index ^ 1
        if other < len(level):
            path.append((other < index, level[other]))
        level, index = level_up(level), index // 2
    return path


def climb(leaf: bytes, path: Sequence[tuple[bool, bytes]]) -> bytes:
    """The root that a leaf and its path lead to."""
    for on_left, other in path:
        leaf = node_hash(other, leaf) if on_left else node_hash(leaf, other)
    return leaf


def head_of(number: int, first_id: int, last_id: int, count: int, root: bytes, previous: bytes) -> bytes:
    """The head of a seal: it covers its own facts, its root, and the head before."""
    facts = b"".join(value.to_bytes(8, "big") for value in (number, first_id, last_id, count))
    return hashlib.sha256(HEAD + facts + root + previous).digest()


def pack(leaves: Sequence[tuple[int, bytes]]) -> bytes:
    """Keys and leaf hashes of one seal, 40 bytes each."""
    return b"".join(key.to_bytes(8, "big") + leaf for key, leaf in leaves)


def unpack(packed: bytes) -> list[tuple[int, bytes]]:
    return [(int.from_bytes(packed[n : n + 8], "big"), packed[n + 8 : n + 40]) for n in range(0, len(packed), 40)]
