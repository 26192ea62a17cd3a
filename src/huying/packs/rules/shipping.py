"""The packs that come with the platform, as files beside the code."""

from __future__ import annotations

from functools import cache

from huying.packs.management import SHIPPED
from huying.packs.rules.reading import read_pack
from huying.packs.rules.shape import Pack


@cache
def shipped_files() -> dict[str, str]:
    """Their texts by key, in the order of the keys; read once a process."""
    found = {}
    for path in sorted(SHIPPED.rglob("*.yaml")):
        text = path.read_text(encoding="utf-8")
        found[read_pack(text, file=path.name)[0].key] = text
    return found


@cache
def shipped_packs() -> tuple[Pack, ...]:
    """What they say, in the order of the keys."""
    return tuple(read_pack(text)[0] for text in shipped_files().values())


def shipped_text(key: str) -> str:
    """One of them; empty for a key that none has."""
    return shipped_files().get(key, "") if key else ""
