"""Where may somebody do what: roles reach down the tree of places. In which places, and at this place?"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db.models import Q

from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.people.models import Guardianship, Person, Role
from huying.people.states import ADULT_FROM, CARE_STAFF, CHILD_UNTIL, GRANTS, LENDABLE, STAFF, RoleKind
from huying.places.models import Place

ROOT = "/"


def held(actor: Actor, kinds: Iterable[str]) -> tuple[str, ...]:
    """Path prefixes of the places where ``actor`` holds any of ``kinds``, outermost ones only.

    The platform itself (jobs, commands) holds everything: the root prefix ``/``.
    """
    if actor.is_system:
        return (ROOT,)
    wanted = set(kinds)
    found: list[str] = []
    for path in sorted({path for kind, path in actor.roles if kind in wanted}):
        if not any(path.startswith(upper) for upper in found):
            found.append(path)
    return tuple(found)


def within(actor: Actor, kinds: Iterable[str], field: str = "place__path") -> Q:
    """A filter for rows whose place (its path in ``field``) lies where ``actor`` holds one of ``kinds``."""
    paths = held(actor, kinds)
    if ROOT in paths:
        return Q()
    found = Q(pk__in=[])
    for path in paths:
        found |= Q(**{f"{field}__startswith": path})
    return found


def reaches(actor: Actor, kinds: Iterable[str], place: Place | str | None) -> bool:
    """True when ``actor`` holds one of ``kinds`` at ``place`` (a place or its path) or above it."""
    if place is None:
        return actor.is_system
    path = place if isinstance(place, str) else place.path
    return any(path.startswith(upper) for upper in held(actor, kinds))


def is_staff(actor: Actor) -> bool:
    """True for holders of any role that works for the public (not residents, volunteers, team leaders)."""
    return any(kind in STAFF for kind, _path in actor.roles)


def holds(actor: Actor, *kinds: str) -> bool:
    """True when ``actor`` holds one of ``kinds`` anywhere."""
    return any(kind in kinds for kind, _path in actor.roles)


# ── persons ─────────────────────────────────────────────────────────────────
def visible_to(actor: Actor) -> Q:
    """Whom ``actor`` may see: himself, those he acts for, and for care staff all who live in their places."""
    if actor.is_anonymous:
        return Q(pk__in=[])
    own = Q(pk=actor.person_id) | wards_of(actor.person_id)
    return own | (within(actor, CARE_STAFF, "home_place__path") & Q(erased_at__isnull=True))


def wards_of(person_id: int | None) -> Q:
    """Persons for whom ``person_id`` is a confirmed guardian or entrusted relative now."""
    now = clock.now()
    ties = Guardianship.objects.filter(
        Q(ends_at__isnull=True) | Q(ends_at__gt=now),
        guardian_id=person_id,
        confirmed_at__isnull=False,
        starts_at__lte=now,
    )
    return Q(pk__in=ties.values("ward_id")) if person_id else Q(pk__in=[])


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


def can_act_for(actor: Actor, person: Person) -> bool:
    """Whoever may see another living person may also ask in that person's name; it is always marked."""
    return actor.person_id != person.pk and person.erased_at is None and can_see(actor, person)


# ── roles ───────────────────────────────────────────────────────────────────
def can_grant(actor: Actor, kind: str, place: Place | str) -> bool:
    """True when ``actor`` alone may give or end ``kind`` at ``place``."""
    givers = [giver for giver, kinds in GRANTS.items() if kind in kinds]
    return reaches(actor, givers, place)


def can_propose(actor: Actor, kind: str, place: Place | str) -> bool:
    """Two-person roles are proposed by an administration other than the role itself: none hands itself on."""
    return reaches(actor, _deciders(kind), place)


def can_decide(actor: Actor, kind: str, place: Place | str) -> bool:
    """The second person needs the same kind of standing; that he is another person is checked beside it."""
    return reaches(actor, _deciders(kind), place)


def _deciders(kind: str) -> tuple[RoleKind, ...]:
    if kind in {RoleKind.INSPECTOR, RoleKind.AUDITOR, RoleKind.ADMINISTRATOR}:
        return (RoleKind.SYSTEM_ADMIN, RoleKind.SECURITY_ADMIN)
    trio = (RoleKind.SYSTEM_ADMIN, RoleKind.SECURITY_ADMIN, RoleKind.AUDIT_ADMIN)
    return tuple(other for other in trio if other != kind)


def can_lend(actor: Actor, role: Role) -> bool:
    """The holder may lend his own role, when it is of a kind that can be lent and not itself a loan."""
    return role.person_id == actor.person_id and role.kind in LENDABLE and role.delegated_from_id is None


# ── ages ────────────────────────────────────────────────────────────────────
def age_on(birth_date: date, day: date) -> int:
    """Full years on ``day`` (a day in China)."""
    return day.year - birth_date.year - ((day.month, day.day) < (birth_date.month, birth_date.day))


def is_child(person: Person, day: date) -> bool:
    """Under 14: a guardian decides about account and data (PIPL art. 31)."""
    return person.birth_date is not None and age_on(person.birth_date, day) < CHILD_UNTIL


def is_youth(person: Person, day: date) -> bool:
    """14 to 17: decides alone, and the guardian is told (domain section 7, no. 8)."""
    return person.birth_date is not None and CHILD_UNTIL <= age_on(person.birth_date, day) < ADULT_FROM
