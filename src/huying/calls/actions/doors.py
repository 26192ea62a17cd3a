"""Keys with which other programs bring calls in: given, and taken back. The text of a key is shown once."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from huying.calls import rules
from huying.calls.models import DoorKey
from huying.calls.queries.doors import actor_of, digest_of, door_of
from huying.kernel import audit, chance, clock, locks
from huying.kernel.actor import Actor
from huying.kernel.errors import Conflict, Forbidden, TooMany
from huying.kernel.transactions import begin
from huying.people.actions.limits import Limit, block_of, spend
from huying.places.models import Place

KEY_BYTES = 32
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


class KeyUnknown(Forbidden):
    code = "key_unknown"
    message = _("api_key 不对，或已经停用。")


class KeyWithoutHolder(Forbidden):
    code = "key_without_holder"
    message = _("发这把钥匙的人已不在岗，请向中心换一把。")


class KeyEnded(Conflict):
    code = "key_ended"
    message = _("这把钥匙已经停用。")


def give_key(*, actor: Actor, name: str, place: Place) -> tuple[DoorKey, str]:
    """Make a key for one program at ``place`` and below; the row and the text, which is kept nowhere. Forbidden."""
    if not rules.can_keep_doors(actor, place):
        raise Forbidden
    text = f"hy_{chance.token(KEY_BYTES)}"
    with begin(actor):
        key = DoorKey.objects.create(
            name=name,
            place=place,
            holder_id=actor.person_id or 0,
            digest=digest_of(text),
            made_at=clock.now(),
        )
        audit.record(actor, "door.key_given", key, place_path=place.path, changes={"name": name})
        return key, text


def end_key(*, actor: Actor, key: DoorKey) -> DoorKey:
    """Take a key back: from now on it opens nothing. Its holder and those over its place may. Forbidden, KeyEnded."""
    with begin(actor):
        fresh = locks.one(DoorKey, pk=key.pk)
        if not rules.can_keep_doors(actor, fresh.place):
            raise Forbidden
        if fresh.ended_at is not None:
            raise KeyEnded
        fresh.ended_at = clock.now()
        fresh.save(update_fields=["ended_at"])
        audit.record(actor, "door.key_ended", fresh, place_path=fresh.place.path, changes={"name": fresh.name})
        return fresh


def open_door(*, text: str, address: str) -> DoorKey:
    """The key with this text. KeyUnknown for another text; after many wrong ones from one block of addresses TooMany.

    Must run outside a transaction that may be rolled back, or wrong tries would not count.
    """
    found = door_of(text)
    if found is not None:
        return found
    wait = spend(Limit("door.wrong", settings.HUYING_OPEN311_WRONG_KEYS, HOUR), block_of(address))
    if wait:
        raise TooMany(retry_after=wait)
    raise KeyUnknown


def held(*, key: DoorKey, channel: str, address: str) -> Actor:
    """The actor of a program that shows this key, to read or to write: its holder on duty there. KeyWithoutHolder."""
    actor = actor_of(key, channel=channel, address=address)
    if not actor.roles:
        raise KeyWithoutHolder
    return actor


def look_in(*, address: str) -> None:
    """Somebody reads without a key; counted by the minute for each block of addresses. TooMany."""
    wait = spend(Limit("door.reads", settings.HUYING_OPEN311_READS_PER_MINUTE, MINUTE), block_of(address))
    if wait:
        raise TooMany(retry_after=wait)


def enter(*, key: DoorKey, channel: str, address: str) -> Actor:
    """The actor of a program that brings something in now; counted by the minute. KeyWithoutHolder, TooMany.

    Must run outside a transaction that may be rolled back, or refused writes would not count.
    """
    actor = held(key=key, channel=channel, address=address)
    wait = spend(Limit("door.writes", settings.HUYING_OPEN311_PER_MINUTE, MINUTE), str(key.pk))
    if wait:
        raise TooMany(retry_after=wait)
    return actor
