"""Places for tests, made through the real actions; other rooms' tests may use them."""

from __future__ import annotations

from itertools import count
from typing import Any

from huying.kernel.actor import Actor
from huying.places import actions
from huying.places.models import Place, PlaceKind

SYSTEM = Actor.system("tests")
_numbers = count(1)


def kinds() -> None:
    """The first kinds, flags and rules; needed again after a test that emptied the database."""
    if not PlaceKind.objects.exists():
        actions.install_first_rows()


def place(kind: str = "community", parent: Place | None = None, name: str = "", **facts: Any) -> Place:
    """One place; without a parent a fitting chain is made above it: county > street > community > grid."""
    kinds()
    chain = {"street": "county", "town": "county", "community": "street", "village": "town", "grid": "community"}
    chain |= {"office": "street", "station": "community", "centre": "county", "hall": "community", "room": "station"}
    if parent is None and kind in chain:
        parent = place(chain[kind])
    known = {field: facts.pop(field) for field in ("hours", "flags") if field in facts}
    made = actions.create_place(
        actor=SYSTEM,
        parent=parent,
        kind=kind,
        facts=actions.Facts(name=name or f"{kind}{next(_numbers)}", **facts),
    )
    if known:
        Place.objects.filter(pk=made.pk).update(**known)
        made.refresh_from_db()
    return made


def staff(at: Place, *kinds_held: str, person_id: int = 1) -> Actor:
    """Somebody who holds ``kinds_held`` (default: office) at a place."""
    return Actor(person_id=person_id, roles=tuple((kind, at.path) for kind in kinds_held or ("office",)))
