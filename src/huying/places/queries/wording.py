"""What screens say at a place: the words of the mechanism that is on nearest to it, else the platform's own.

There are few such words, so each process keeps all of them (decision 0044). Whether anything is new says a stamp, the
number of the rows and their newest key: ``STAMP`` rides in a statement that a request makes anyway.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Lock

from huying.kernel import prepared
from huying.kernel.actor import Actor
from huying.places.models import Place, PlaceKind, Wording
from huying.places.rules.reach import PUBLIC_ROLES
from huying.places.states import OF_SITES, SCREEN_WORDS
from huying.ui.naming import named, reads_chinese

Table = Mapping[int, Mapping[str, tuple[str, str]]]
"""Chinese and English by place and word."""
STAMP = "(SELECT count(*) || '.' || coalesce(max(id), 0) FROM places_wording)"
NOTHING = "0.0"
TOP = "(SELECT min(path) FROM places_place WHERE parent_id IS NULL HAVING count(*) = 1)"
"""The path of the whole tree, where there is only one."""
_lock = Lock()
_kept: list[tuple[str, Table]] = [(NOTHING, {})]


@dataclass(frozen=True, slots=True)
class Spoken:
    """The words for one reader, whose own place has ``path``; ``spoken["board"]`` for him, ``at`` for another place."""

    path: str = ""
    table: Table = field(default_factory=dict)

    def __getitem__(self, key: str) -> str:
        """KeyError for what is no word of the list."""
        return self.said(self.path, key) or str(SCREEN_WORDS[key].usual)

    @property
    def given(self) -> dict[str, str]:
        """Only what a mechanism says: pages that have said something else until now go on with it."""
        return {key: words for key in SCREEN_WORDS if (words := self.said(self.path, key))} if self.table else {}

    def at(self, place: Place, key: str) -> str:
        return self.said(place.path, key) or str(SCREEN_WORDS[key].usual)

    def kind(self, place: Place, kind: PlaceKind | None = None) -> str:
        """What a site of this kind (its own) is called there."""
        of = kind or place.kind
        return self.said(place.path, f"{OF_SITES}{of.pk}") or named(of)

    def said(self, path: str, key: str) -> str:
        """By the nearest place that has a word for it; "" for readers of English when that one gives no English."""
        if not self.table:
            return ""
        for part in reversed(path.strip("/").split("/")):
            words = self.table.get(int(part), {}).get(key) if part else None
            if words is not None:
                return words[0] if reads_chinese() else words[1]
        return ""


def spoken(path: str, stamp: str) -> Spoken:
    """The words at a path; read anew when the stamp is another than last time."""
    if stamp == NOTHING:
        return Spoken(path)
    with _lock:
        known, table = _kept[0]
    if known != stamp:
        table = read()
        with _lock:
            _kept[0] = (stamp, table)
    return Spoken(path, table)


def spoken_to(actor: Actor, home: str, stamp: str) -> Spoken:
    """The words where somebody works (the highest place), else where he lives (the path ``home``)."""
    works = [path for kind, path in actor.roles if kind not in PUBLIC_ROLES]
    path = min(works, key=lambda one: (one.count("/"), one)) if works else home
    return spoken(path, stamp) if path else spoken_to_visitors()


def spoken_to_visitors() -> Spoken:
    """For whoever lives and works nowhere: the words of the whole tree of places."""
    ((stamp, top),) = prepared.rows(f"SELECT {STAMP}, {TOP}", ())
    return spoken(top or "", stamp)


def read() -> Table:
    table: dict[int, dict[str, tuple[str, str]]] = {}
    rows = Wording.objects.order_by("on_at", "id").values_list("place_id", "key", "zh", "en")
    for place, key, zh, en in rows:
        table.setdefault(place, {}).setdefault(key, (zh, en))
    return table
