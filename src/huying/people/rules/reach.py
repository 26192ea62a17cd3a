"""Where may somebody do what: roles reach down the tree of places. In which places, and at this place?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db.models import Q

from huying.kernel.actor import Actor
from huying.people.models import Role, RoleProposal
from huying.people.states import CARE_STAFF, GRANTS, LENDABLE, SEPARATED, STAFF, RoleKind
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


def can_look_people_up(actor: Actor) -> bool:
    """Care staff find the people of their places."""
    return holds(actor, *CARE_STAFF)


# ── roles ───────────────────────────────────────────────────────────────────
ROLE_ADMINS = (*GRANTS, *(kind for kind in SEPARATED if kind not in GRANTS))


def can_see_roles(actor: Actor, place: Place | str) -> bool:
    """Those who give out roles at a place, and auditors, see who holds what there."""
    return reaches(actor, (*ROLE_ADMINS, RoleKind.AUDITOR), place)


def can_grant(actor: Actor, kind: str, place: Place | str) -> bool:
    """True when ``actor`` alone may give or end ``kind`` at ``place``."""
    givers = [giver for giver, kinds in GRANTS.items() if kind in kinds]
    return reaches(actor, givers, place)


def can_propose(actor: Actor, kind: str, place: Place | str) -> bool:
    """Two-person roles are proposed by an administration other than the role itself: none hands itself on."""
    return reaches(actor, _deciders(kind), place)


def can_decide(actor: Actor, proposal: RoleProposal) -> bool:
    """The second is another person who holds another of the deciding offices than the first did.

    So the system and the security administrator together make an auditor; one office alone makes nobody.
    """
    return bool(decidable(actor, [proposal]))


def decidable(actor: Actor, proposals: Sequence[RoleProposal]) -> set[int]:
    """Keys of those proposals that ``actor`` may decide (see ``can_decide``); one question for all of them."""
    foreign = [one for one in proposals if actor.person_id not in {one.proposed_by_id, one.person_id}]
    firsts = Role.objects.filter(person_id__in={one.proposed_by_id for one in foreign}, kind__in=SEPARATED)
    held = list(firsts) if foreign else []
    may = set()
    for one in foreign:
        first = {
            role.kind
            for role in held
            if role.person_id == one.proposed_by_id
            and role.starts_at <= one.proposed_at
            and (role.ends_at is None or role.ends_at > one.proposed_at)
        }
        if reaches(actor, set(_deciders(one.kind)) - first, one.place):
            may.add(one.pk)
    return may


def _deciders(kind: str) -> tuple[RoleKind, ...]:
    if kind in {RoleKind.INSPECTOR, RoleKind.AUDITOR, RoleKind.ADMINISTRATOR}:
        return (RoleKind.SYSTEM_ADMIN, RoleKind.SECURITY_ADMIN)
    trio = (RoleKind.SYSTEM_ADMIN, RoleKind.SECURITY_ADMIN, RoleKind.AUDIT_ADMIN)
    return tuple(other for other in trio if other != kind)


def can_lend(actor: Actor, role: Role) -> bool:
    """The holder may lend his own role, when it is of a kind that can be lent and not itself a loan."""
    return role.person_id == actor.person_id and role.kind in LENDABLE and role.delegated_from_id is None
