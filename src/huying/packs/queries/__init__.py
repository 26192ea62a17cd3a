"""What can be asked of packs."""

from huying.packs.queries.running import Line, compare, file_of, newest, running
from huying.packs.queries.shelf import (
    InForce,
    all_keys,
    in_force,
    kept_at,
    keys_of,
    namespaces,
    on_at,
    pack_by_key,
    shelf,
    switches,
    version,
    versions,
    words_at,
)

__all__ = [
    "InForce",
    "Line",
    "all_keys",
    "compare",
    "file_of",
    "in_force",
    "kept_at",
    "keys_of",
    "namespaces",
    "newest",
    "on_at",
    "pack_by_key",
    "running",
    "shelf",
    "switches",
    "version",
    "versions",
    "words_at",
]
