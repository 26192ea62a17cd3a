"""Who acts: the person behind an account with the roles that hold at this moment."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.db.models import Q, QuerySet

from huying.kernel import clock, prepared
from huying.kernel.actor import Actor
from huying.people import rules
from huying.people.models import Account, Person, Role

if TYPE_CHECKING:
    from datetime import datetime

    from django.contrib.auth.models import AnonymousUser

    from huying.places.models import Place


def holding(at: datetime) -> Q:
    """Roles that hold at ``at`` (half-open), and for a loan that the lender's role holds as well."""
    own = Q(starts_at__lte=at) & (Q(ends_at__isnull=True) | Q(ends_at__gt=at))
    lender = Q(delegated_from__isnull=True) | (
        Q(delegated_from__starts_at__lte=at)
        & (Q(delegated_from__ends_at__isnull=True) | Q(delegated_from__ends_at__gt=at))
    )
    return own & lender


HELD = """
    SELECT DISTINCT role.kind, place.path
    FROM people_role role
    JOIN places_place place ON place.id = role.place_id
    LEFT JOIN people_role lender ON lender.id = role.delegated_from_id
    WHERE role.person_id = %(person)s
      AND role.starts_at <= %(at)s AND (role.ends_at IS NULL OR role.ends_at > %(at)s)
      AND (lender.id IS NULL
           OR (lender.starts_at <= %(at)s AND (lender.ends_at IS NULL OR lender.ends_at > %(at)s)))
"""


def pairs_held(person_id: int, at: datetime) -> tuple[tuple[str, str], ...]:
    """(role kind, place path) pairs that hold at ``at``: ``holding`` in the words of the database, for every request
    asks it, and to put the question together would take longer than the answer.
    """
    found = prepared.rows(HELD, {"person": person_id, "at": at})
    return tuple(sorted((str(kind), str(path)) for kind, path in found))


def roles_now(person_id: int) -> QuerySet[Role]:
    """Roles that ``person_id`` holds now, with their places."""
    return (
        Role.objects.filter(holding(clock.now()), person_id=person_id)
        .select_related("place")
        .order_by("kind", "place__path", "pk")
    )


def actor_for(
    account: Account | AnonymousUser | Any,
    *,
    channel: str = "web",
    address: str = "",
    acting_for_id: int | None = None,
) -> Actor:
    """The actor behind a signed-in account: one query for the roles, one more while acting for somebody."""
    if not isinstance(account, Account):
        return Actor(person_id=None, channel=channel, address=address)
    actor = Actor(
        person_id=account.person_id, channel=channel, address=address, roles=pairs_held(account.person_id, clock.now())
    )
    if acting_for_id is not None and acting_for(actor, acting_for_id) is not None:
        return actor.behalf(acting_for_id)
    return actor


def actor_of_person(person_id: int) -> Actor:
    """Somebody in a job that goes on with what he pressed, with the roles he holds now."""
    return Actor(person_id=person_id, channel="job", roles=pairs_held(person_id, clock.now()))


def shut_out(person_id: int) -> bool:
    """True when the person was erased, or his account was closed: nothing is done for him any more."""
    closed = Account.objects.filter(person_id=person_id, is_active=False)
    return closed.exists() or Person.objects.filter(pk=person_id, erased_at__isnull=False).exists()


def acting_for(actor: Actor, person_id: int) -> Person | None:
    """The person ``actor`` may act for, or None when the right has ended meanwhile."""
    if actor.person_id == person_id:
        return None
    return Person.objects.filter(rules.visible_to(actor), pk=person_id, erased_at__isnull=True).first()


def acted_for(actor: Actor) -> Person | None:
    """The person the actor acts for, with the name only; None when he acts for himself."""
    return Person.objects.filter(pk=actor.on_behalf_of_id or 0).only("name", "public_id").first()


def holders_over(place: Place, kinds: Iterable[str]) -> list[int]:
    """Persons who hold one of ``kinds`` now at ``place`` or, if nobody does, at the nearest place above."""
    upward = [int(part) for part in place.path.strip("/").split("/") if part]
    found = Role.objects.filter(
        holding(clock.now()), kind__in=[str(kind) for kind in kinds], place_id__in=upward
    ).values_list("place_id", "person_id")
    by_place: dict[int, set[int]] = {}
    for place_id, person_id in found:
        by_place.setdefault(place_id, set()).add(person_id)
    for place_id in reversed(upward):
        if place_id in by_place:
            return sorted(by_place[place_id])
    return []
