"""Roles: who holds what where, and what waits for a second person."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.kernel.errors import NotFound
from huying.people import rules
from huying.people.models import Role, RoleProposal
from huying.people.queries.actors import holding
from huying.people.states import STAFF, Proposal
from huying.places.models import Place


def roles_of(person_id: int) -> QuerySet[Role]:
    """Roles a person holds, will hold or lends, with what is over less than a year ago last."""
    return (
        Role.objects.filter(person_id=person_id)
        .select_related("place", "granted_by", "seconded_by", "delegated_from__person")
        .order_by("-starts_at", "-pk")
    )


def roles_at(place: Place) -> QuerySet[Role]:
    """Who holds what at this very place, now or later."""
    now = clock.now()
    return (
        Role.objects.filter(Q(ends_at__isnull=True) | Q(ends_at__gt=now), place=place)
        .select_related("person", "place", "granted_by", "seconded_by", "delegated_from__person")
        .order_by("kind", "starts_at", "pk")
    )


def roles_above(place: Place) -> QuerySet[Role]:
    """Staff roles at places above, which reach this place as well, now."""
    upward = [int(part) for part in place.path.strip("/").split("/") if part][:-1]
    return (
        Role.objects.filter(holding(clock.now()), place_id__in=upward, kind__in=STAFF)
        .select_related("person", "place")
        .order_by("place__depth", "kind", "pk")
    )


def role_by_id(actor: Actor, public_id: str) -> Role:
    """One role that ``actor`` holds, lent, or administers; NotFound otherwise."""
    role = Role.objects.select_related("person", "place", "delegated_from").filter(public_id=public_id).first()
    if role is None:
        raise NotFound
    lent = role.delegated_from is not None and role.delegated_from.person_id == actor.person_id
    if role.person_id != actor.person_id and not lent and not rules.can_see_roles(actor, role.place):
        raise NotFound
    return role


def proposals_for(actor: Actor) -> QuerySet[RoleProposal]:
    """Waiting proposals at places where ``actor`` is one of the administrations, his own included."""
    return (
        RoleProposal.objects.filter(rules.within(actor, rules.ROLE_ADMINS), state=Proposal.WAITING)
        .select_related("person", "place", "proposed_by", "ends_role")
        .order_by("pk")
    )


def places_to_administer(actor: Actor) -> QuerySet[Place]:
    """The tops of the trees in which ``actor`` gives out roles."""
    return Place.objects.filter(path__in=rules.held(actor, rules.ROLE_ADMINS)).order_by("path")
