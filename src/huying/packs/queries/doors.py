"""Which room holds which kind of thing: the one list. A new kind needs a line here, a shape, a name in ``states.KINDS``."""

from __future__ import annotations

import re

from huying.activities.actions import packing as activities
from huying.calls.actions import packing as calls
from huying.packs.states import PLATFORM
from huying.places.actions import packing as places
from huying.places.actions.packing import Rows
from huying.volunteers.actions import packing as volunteers

TABLES: dict[str, Rows] = {**volunteers.TABLES, **places.TABLES, **activities.TABLES, **calls.TABLES}
"""Rows that are there once for all, by kind."""
UNDERSCORED = frozenset({"place_kinds", "place_flags", "templates", "standards", "rule_books"})
"""Tables whose codes know no hyphen."""
LOCAL = re.compile(r"[a-z][a-z0-9_]{0,26}")


def stored(kind: str, namespace: str, code: str) -> str:
    """The code a thing is stored under; ``platform:x`` is the platform's own ``x``."""
    if code.startswith(f"{PLATFORM}:"):
        return code.removeprefix(f"{PLATFORM}:")
    return f"{namespace}{'_' if kind in UNDERSCORED else '-'}{code}"


def local(kind: str, namespace: str, key: str) -> str:
    """The other way round: how a file of this namespace speaks of a stored code."""
    own = stored(kind, namespace, "")
    code = key.removeprefix(own)  # a row made by hand may begin like ours and go on as no code of a file does
    return code if key.startswith(own) and LOCAL.fullmatch(code) else f"{PLATFORM}:{key}"
