"""The packs that come with the platform, as files beside the code."""

from __future__ import annotations

import re
from functools import cache

from huying.packs.management import SHIPPED
from huying.packs.rules.reading import read_pack
from huying.packs.rules.shape import Pack
from huying.packs.states import Seal

LINE = re.compile(r"^(namespace|code|version|checksum): (\S+)$", re.MULTILINE)
"""The lines of the head of a file, at the margin."""


@cache
def shipped_files() -> dict[str, str]:
    """Their texts by key, in the order of the keys; read once a process."""
    found = {}
    for path in sorted(SHIPPED.rglob("*.yaml")):
        text = path.read_text(encoding="utf-8")
        found[read_pack(text, file=path.name)[0].key] = text
    return found


@cache
def shipped_sums() -> dict[str, tuple[int, str]]:
    """Version and checksum of each, as their lines say (a test keeps them true); no file is parsed for it."""
    found = {}
    for path in SHIPPED.rglob("*.yaml"):
        facts = dict(LINE.findall(path.read_text(encoding="utf-8")))
        found[f"{facts['namespace']}.{facts['code']}"] = int(facts["version"]), facts.get("checksum", "")
    return found


def seal_of(key: str, version: int, checksum: str, signed: bool) -> Seal:
    """What is known of a version: that it is the one the platform ships, another under its name, or has a checksum."""
    shipped, kept = shipped_sums().get(key, (0, ""))
    if shipped == version and kept != checksum:
        return Seal.CHANGED
    return Seal.SIGNED if signed else Seal.UNSIGNED


@cache
def shipped_packs() -> tuple[Pack, ...]:
    """What they say, in the order of the keys."""
    return tuple(read_pack(text)[0] for text in shipped_files().values())


def shipped_text(key: str) -> str:
    """One of them; empty for a key that none has."""
    return shipped_files().get(key, "") if key else ""
