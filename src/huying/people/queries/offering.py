"""What a person is offered: by where he lives, where he works, and what lies below that."""

from __future__ import annotations

from typing import TypeVar

from django.db.models import Exists, OuterRef, Q, QuerySet

from huying.kernel.actor import Actor
from huying.people.models import Person
from huying.places.models.offered import Offered
from huying.places.queries.offering import chain_of, offered_in

R = TypeVar("R", bound=Offered)


def offered_to(actor: Actor, rows: QuerySet[R]) -> QuerySet[R]:
    """Rows offered where the actor lives (or above), where he holds a role (or above or below). Who has neither, and
    visitors, are offered what holds for a whole tree of places. One condition, no further query.
    """
    if actor.is_system:
        return rows
    homes = Person.objects.filter(pk=actor.person_id or 0, home_place__isnull=False)
    where = Q(Exists(homes.filter(home_place__path__startswith=OuterRef("place__path"))))
    for _kind, path in actor.roles:
        where |= Q(place__path__startswith=path)
    where |= Q(place__in=chain_of(path for _kind, path in actor.roles))
    whole = Q(place__depth=1)
    return offered_in(rows, where | (whole if not actor.roles and actor.is_anonymous else whole & ~Q(Exists(homes))))
