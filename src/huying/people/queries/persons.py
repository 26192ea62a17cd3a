"""Persons: one, lists, search, the same telephone number twice."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import cast
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from huying.kernel import clock, search
from huying.kernel.actor import Actor
from huying.kernel.errors import NotFound
from huying.kernel.sealed import IdNumberWrong, PhoneUnclear, blind_index, check_id_number, normal_phone
from huying.people import rules
from huying.people.models import Account, Guardianship, Person


def visible_persons(actor: Actor) -> QuerySet[Person]:
    """Living persons that ``actor`` may see, unordered."""
    return Person.objects.filter(rules.visible_to(actor), erased_at__isnull=True)


def person_by_id(actor: Actor, public_id: UUID | str) -> Person:
    """One person that ``actor`` may see; NotFound otherwise, so nobody learns whom there is."""
    person = visible_persons(actor).select_related("home_place").filter(public_id=public_id).first()
    if person is None:
        raise NotFound
    return person


def search_persons(actor: Actor, query: str) -> QuerySet[Person]:
    """Visible persons by name, pinyin or initials; by a whole phone or identity number exactly (security 5
    no. 7).
    """
    rows = visible_persons(actor)
    text = query.strip()
    if not text:
        return rows
    try:
        return rows.filter(phone_index=blind_index(normal_phone(text), "phone"))
    except PhoneUnclear:
        pass
    try:
        return rows.filter(id_index=blind_index(check_id_number(text).number, "id_number"))
    except IdNumberWrong:
        return search.matching(rows, text)


def with_same_phone(actor: Actor, person: Person) -> QuerySet[Person]:
    """Others whom ``actor`` may see with the number of ``person``: the same family, or the same person twice."""
    if person.phone is None:
        return Person.objects.none()
    rows = visible_persons(actor).filter(phone_index=blind_index(person.phone.open(), "phone")).exclude(pk=person.pk)
    return rows.select_related("home_place").order_by("sort_key", "pk")


@dataclass(frozen=True, slots=True)
class Likeness:
    """Persons who share one telephone number; ``same_name`` says that two of them also share the name."""

    persons: list[Person]
    same_name: bool


def likely_doubles(actor: Actor, most: int = 50) -> list[Likeness]:
    """Groups of visible persons with one number, those with equal names first; at most ``most`` groups."""
    rows = visible_persons(actor).filter(phone_index__isnull=False)
    numbers = rows.values("phone_index").annotate(count=Count("pk")).filter(count__gt=1).order_by("phone_index")
    found = [bytes(row["phone_index"] or b"") for row in numbers[:most]]
    groups: dict[bytes, list[Person]] = {index: [] for index in found}
    for person in rows.filter(phone_index__in=found).select_related("home_place").order_by("sort_key", "pk"):
        groups[bytes(cast(bytes, person.phone_index))].append(person)
    likes = [Likeness(persons, len({person.name for person in persons}) < len(persons)) for persons in groups.values()]
    return sorted(likes, key=lambda like: (not like.same_name, like.persons[0].sort_key))


def household_of(person: Person) -> QuerySet[Person]:
    """Others who live with ``person``."""
    if person.household_id is None:
        return Person.objects.none()
    return (
        Person.objects.filter(household_id=person.household_id, erased_at__isnull=True)
        .exclude(pk=person.pk)
        .order_by("sort_key", "pk")
    )


def wards(person_id: int | None) -> QuerySet[Person]:
    """Persons for whom ``person_id`` may act as guardian or entrusted relative now."""
    rows = Person.objects.filter(rules.wards_of(person_id), erased_at__isnull=True)
    return rows.order_by("sort_key", "pk")


def ward_by_id(actor: Actor, public_id: UUID | str) -> Person | None:
    """One person whom ``actor`` is guardian or entrusted relative of, or None."""
    try:
        wanted = UUID(str(public_id))
    except ValueError:
        return None
    return wards(actor.person_id).filter(public_id=wanted).select_related("home_place").first()


def ties_waiting_for(account: Account) -> QuerySet[Guardianship]:
    """Ties that wait for the holder of this account's proved number to agree."""
    if account.phone_index is None:
        return Guardianship.objects.none()
    own = account.person.phone
    index = blind_index(own.open(), "phone") if own else None
    waiting = Guardianship.objects.filter(
        contact_index=index if index and index.fits(account.phone_index) else bytes(account.phone_index),
        ends_at__isnull=True,
        confirmed_at__isnull=True,
    )
    return waiting.select_related("ward").order_by("pk")


def ties_of(person: Person) -> QuerySet[Guardianship]:
    """Standing ties of ``person``, in both directions."""
    mine = Guardianship.objects.filter(ward=person) | Guardianship.objects.filter(guardian=person)
    return mine.filter(standing(clock.now())).select_related("ward", "guardian").order_by("pk")


def standing(now: datetime) -> Q:
    """Ties that hold at ``now`` or will; over are those whose end has come."""
    return Q(ends_at__isnull=True) | Q(ends_at__gt=now)


def person_kept(actor: Actor, public_id: UUID | str) -> Person | None:
    """The person into whom the double with this id was merged, when ``actor`` may see him."""
    return visible_persons(actor).filter(doubles__public_id=public_id).first()


def merging_pair(actor: Actor, kept_id: UUID, double_id: UUID) -> tuple[Person, Person]:
    """Two persons whom ``actor`` may merge: the one kept and the double; NotFound otherwise."""
    kept, double = (person_by_id(actor, public_id) for public_id in (kept_id, double_id))
    if kept == double or not (rules.can_merge(actor, kept) and rules.can_merge(actor, double)):
        raise NotFound
    return kept, double
