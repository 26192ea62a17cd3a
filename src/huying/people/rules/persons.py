"""Whom somebody may see and act for, and what age changes."""

from __future__ import annotations

from datetime import date

from django.db.models import Q

from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.people.models import Guardianship, Person, Role
from huying.people.rules.reach import reaches, within
from huying.people.states import ADULT_FROM, CARE_STAFF, CHILD_UNTIL, RoleKind, Tie
from huying.places.models import Place


def visible_to(actor: Actor) -> Q:
    """Whom ``actor`` may see: himself, those he acts for, and for care staff all who live in their places."""
    if actor.is_anonymous:
        return Q(pk__in=[])
    own = Q(pk=actor.person_id) | wards_of(actor.person_id)
    return own | (within(actor, CARE_STAFF, "home_place__path") & Q(erased_at__isnull=True))


def wards_of(person_id: int | None) -> Q:
    """Persons for whom ``person_id`` is a confirmed guardian or entrusted relative now.

    Parents and guardians of a child act until it is of age; a guardian of somebody without a known birth date
    (an adult who cannot decide alone) acts until the tie is ended.
    """
    if person_id is None:
        return Q(pk__in=[])
    now = clock.now()
    of_age = Q(tie__in=[Tie.PARENT, Tie.GUARDIAN], ward__birth_date__lte=years_before(clock.today(), ADULT_FROM))
    ties = Guardianship.objects.filter(
        ~of_age,
        Q(ends_at__isnull=True) | Q(ends_at__gt=now),
        guardian_id=person_id,
        confirmed_at__isnull=False,
        starts_at__lte=now,
        ward__erased_at__isnull=True,
    )
    return Q(pk__in=ties.values("ward_id"))


def is_ward_of(person_id: int | None, person: Person) -> bool:
    """True when ``person_id`` may act for ``person`` as guardian or entrusted relative now."""
    return Person.objects.filter(wards_of(person_id), pk=person.pk).exists()


def can_see(actor: Actor, person: Person) -> bool:
    """True when ``visible_to`` holds for this one person (the two are tested against each other)."""
    return Person.objects.filter(visible_to(actor), pk=person.pk).exists()


def can_add_person(actor: Actor, home_place: Place | None) -> bool:
    """Care staff add persons who live in their places."""
    return reaches(actor, CARE_STAFF, home_place)


def can_edit_person(actor: Actor, person: Person) -> bool:
    """A person edits himself; care staff edit those who live in their places; guardians edit their wards."""
    if person.erased_at is not None:
        return False
    return can_see(actor, person)


def can_merge(actor: Actor, person: Person) -> bool:
    """Care staff merge doubles of those who live in their places; being a guardian is not enough."""
    if person.erased_at is not None:
        return False
    return actor.is_system or reaches(actor, CARE_STAFF, person.home_place)


def can_record_tie(actor: Actor, ward: Person, guardian: Person) -> bool:
    """Care staff of both write down who acts for whom, never that they act themselves."""
    if actor.person_id in {ward.pk, guardian.pk} or not can_merge(actor, ward):
        return False
    return guardian.erased_at is None and can_see(actor, guardian)


def can_open_account(actor: Actor, person: Person) -> bool:
    """System administrators open accounts for others of their places, never for themselves."""
    if actor.person_id == person.pk or person.erased_at is not None:
        return False
    paths = [person.home_place.path] if person.home_place else []
    paths += list(Role.objects.filter(person=person).values_list("place__path", flat=True))
    return any(reaches(actor, (RoleKind.SYSTEM_ADMIN,), path) for path in paths)


def can_act_for(actor: Actor, person: Person) -> bool:
    """Whoever may see another living person may also ask in that person's name; it is always marked."""
    return actor.person_id != person.pk and person.erased_at is None and can_see(actor, person)


def years_before(day: date, years: int) -> date:
    """The same calendar day ``years`` earlier; 29 February becomes 28 February.

    Whoever was born on or before it is ``years`` old on ``day``.
    """
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)


def age_on(birth_date: date, day: date) -> int:
    """Full years on ``day`` (a day in China)."""
    return day.year - birth_date.year - ((day.month, day.day) < (birth_date.month, birth_date.day))


def is_child(person: Person, day: date) -> bool:
    """Under 14: a guardian decides about account and data (PIPL art. 31)."""
    return person.birth_date is not None and age_on(person.birth_date, day) < CHILD_UNTIL


def is_youth(person: Person, day: date) -> bool:
    """14 to 17: decides alone, and the guardian is told (domain section 7, no. 8)."""
    return person.birth_date is not None and CHILD_UNTIL <= age_on(person.birth_date, day) < ADULT_FROM
