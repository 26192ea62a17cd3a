"""Programs at the door: whose key it is, and what may be done with it."""

from __future__ import annotations

import hashlib
from uuid import UUID

from django.db.models import QuerySet

from huying.calls import rules
from huying.calls.models import DoorKey
from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.kernel.errors import NotFound
from huying.people import queries as people_queries
from huying.people import rules as people_rules
from huying.places.models import Place

LONGEST_KEY = 200


def digest_of(text: str) -> bytes:
    """SHA-256 of a key; enough for 256 bits of chance, which nobody guesses however fast he hashes."""
    return hashlib.sha256(text.encode("utf-8", "replace")).digest()


def door_of(text: str) -> DoorKey | None:
    """The key with this text, in use; None for every other text."""
    if not text or len(text) > LONGEST_KEY:
        return None
    rows = DoorKey.objects.filter(digest=digest_of(text), ended_at=None)
    return rows.select_related("place", "holder").first()


def actor_of(key: DoorKey, *, channel: str, address: str) -> Actor:
    """The holder of the key as he acts through it: with his duties there that let him ask for others, and only at the
    place of the key. Without roles when he is on duty there no longer; then nothing can be brought in.
    """
    pairs = people_queries.pairs_held(key.holder_id, clock.now())
    whole = Actor(person_id=key.holder_id, roles=pairs)
    kinds = [kind for kind in rules.HANDLERS if people_rules.reaches(whole, [kind], key.place)]
    roles = tuple(sorted((str(kind), key.place.path) for kind in kinds))
    return Actor(person_id=key.holder_id, channel=channel, address=address, roles=roles)


def keys_of(actor: Actor) -> QuerySet[DoorKey]:
    """Keys at the places of this keeper, in use or not."""
    here = people_rules.within(actor, rules.DOOR_KEEPERS, "place__path")
    return DoorKey.objects.filter(here).select_related("place", "holder")


def key_by_id(actor: Actor, public_id: UUID) -> DoorKey:
    """One of those keys; NotFound."""
    found = keys_of(actor).filter(public_id=public_id).first()
    if found is None:
        raise NotFound
    return found


def own_areas(actor: Actor, kinds: frozenset[str] | set[str]) -> list[Place]:
    """The places where the actor holds one of these duties, outermost ones, by name."""
    paths = people_rules.held(actor, kinds)
    return list(Place.objects.filter(path__in=paths).select_related("parent").order_by("sort_key", "id"))
