"""Roles: who holds what where, and what waits for a second person."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from huying.kernel import clock, search
from huying.kernel.actor import Actor
from huying.kernel.errors import InvalidInput, NotFound
from huying.kernel.sealed import PhoneUnclear, blind_index, normal_phone
from huying.people import rules
from huying.people.models import Account, Person, Role, RoleProposal
from huying.people.queries.actors import holding
from huying.people.states import STAFF, Proposal, RoleKind
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


def role_by_id(actor: Actor, public_id: UUID | str) -> Role:
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


def candidates_for_roles(actor: Actor, words: str) -> QuerySet[Person]:
    """Persons who may be given a role: residents and helpers of the places that ``actor`` administers.

    Found by name, or by a whole telephone number; in name order.
    """
    rows = _within_reach(actor)
    text = words.strip()
    try:
        rows = rows.filter(phone_index=blind_index(normal_phone(text), "phone"))
    except PhoneUnclear:
        rows = search.matching(rows, text)
    with_account = rows.annotate(has_account=Exists(Account.objects.filter(person=OuterRef("pk"))))
    return with_account.select_related("home_place").order_by("sort_key", "pk")


def candidate_by_id(actor: Actor, public_id: str) -> Person:
    """One of those persons; NotFound for anybody else."""
    try:
        wanted = UUID(public_id)
    except ValueError:
        raise NotFound from None
    found = _within_reach(actor).filter(public_id=wanted).first()
    if found is None:
        raise NotFound
    return found


def _within_reach(actor: Actor) -> QuerySet[Person]:
    lives = rules.within(actor, rules.ROLE_ADMINS, "home_place__path")
    serves = Role.objects.filter(rules.within(actor, rules.ROLE_ADMINS)).values("person_id")
    return Person.objects.filter(lives | Q(pk__in=serves), erased_at__isnull=True).exclude(pk=actor.person_id or 0)


def colleague(role: Role, words: str) -> Person:
    """Somebody who works in the same tree as ``role``, by full name or telephone number.

    InvalidInput when nobody or more than one fits, so that a loan never goes to a namesake.
    """
    upward = [int(part) for part in role.place.path.strip("/").split("/") if part]
    near = Q(place_id__in=upward) | Q(place__path__startswith=role.place.path)
    working = Role.objects.filter(holding(clock.now()), near, kind__in=(*STAFF, RoleKind.TEAM_LEADER))
    rows = Person.objects.filter(pk__in=working.values("person_id"), erased_at__isnull=True)
    rows = rows.exclude(pk=role.person_id)
    text = words.strip()
    try:
        rows = rows.filter(phone_index=blind_index(normal_phone(text), "phone"))
    except PhoneUnclear:
        rows = rows.filter(name=rules.normal_name(text))
    found = list(rows.order_by("pk")[:2])
    if len(found) == 1:
        return found[0]
    problem = _("有几位同名的同事，请填手机号。") if found else _("同事里没有找到这个人，请核对。")
    raise InvalidInput(fields={"colleague": problem})
