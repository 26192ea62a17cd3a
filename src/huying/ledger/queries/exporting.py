"""The whole ledger as lines that somebody outside can check with Python alone (management/check_export.py)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from huying.kernel import clock
from huying.ledger.models import Seal, Transfer
from huying.ledger.queries.lines import GROUP, groups, key_of, lines_between

FORM = "huying.ledger.export.1"


def export() -> Iterator[bytes]:
    """JSON lines without their line breaks: what this is, then each seal with its transfers below it, then those that are
    not sealed yet. A transfer is the very text that was hashed.
    """
    seals = rows = covered = 0
    yield told({"form": FORM, "at": clock.now().isoformat()})
    for group in groups():
        lines = lines_between(covered, group[-1].last_id)
        start = 0
        for seal in group:
            end = start
            while end < len(lines) and key_of(lines[end]) <= seal.last_id:
                end += 1
            yield told({"seal": facts(seal)})
            yield from lines[start:end]
            start = end
        covered, seals, rows = group[-1].last_id, seals + len(group), rows + len(lines)
    yield told({"unsealed": True})
    last = Transfer.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    while lines := lines_between(covered, min(covered + GROUP, last)) if covered < last else []:
        yield from lines
        covered, rows = min(covered + GROUP, last), rows + len(lines)
    yield told({"end": {"seals": seals, "transfers": rows}})


def facts(seal: Seal) -> dict[str, Any]:
    """A seal with its leaves: key (8 bytes) and hash (32) of each transfer, in hexadecimal as all bytes are."""
    numbers = {name: getattr(seal, name) for name in ("number", "first_id", "last_id", "count")}
    hashes = {name: bytes(getattr(seal, name)).hex() for name in ("root", "previous", "head", "leaves")}
    return {**numbers, **hashes, "signature": seal.signature, "sealed_at": seal.sealed_at.isoformat()}


def told(value: dict[str, Any]) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()
