"""Who may do what: a role at a place reaches everything below it. Roles are strings in ``actor.roles``."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q

from huying.kernel.actor import Actor
from huying.places.models import Booking, Place, PlaceFlag
from huying.places.states import FlagGroup, Status

EDITORS = ("office", "dispatcher", "administrator")
KEEPERS = (*EDITORS, "station_keeper")
GRADERS = ("dispatcher", "administrator")
CONTACT_READERS = (*KEEPERS, "grid_worker", "inspector")
PUBLIC_ROLES = ("resident", "volunteer", "team_leader")
ROOT = "/"


def held(actor: Actor, kinds: Iterable[str]) -> tuple[str, ...]:
    """Path prefixes where ``actor`` holds one of ``kinds``; the platform itself holds ``/``."""
    if actor.is_system:
        return (ROOT,)
    wanted = frozenset(kinds)
    return tuple(sorted({path for kind, path in actor.roles if kind in wanted}))


def reaches(actor: Actor, kinds: Iterable[str], place: Place | None) -> bool:
    """True when ``actor`` holds one of ``kinds`` at ``place`` or above; no place is above every place."""
    path = place.path if place is not None else ROOT
    return any(path.startswith(prefix) for prefix in held(actor, kinds))


def visible_to(actor: Actor) -> Q:
    """Places are public: where they are, when they are open and that they have closed. Contacts are not."""
    return Q()


def can_change(actor: Actor, place: Place) -> bool:
    """Name, kind facts, position, closing and reopening."""
    return reaches(actor, EDITORS, place)


def can_create(actor: Actor, parent: Place | None) -> bool:
    """A new top of the tree belongs to those who set the jurisdiction up."""
    return can_set_up(actor) if parent is None else reaches(actor, EDITORS, parent)


def can_move(actor: Actor, place: Place, parent: Place | None) -> bool:
    """Whoever moves must reach both ends: nobody pulls a place out of, or pushes one into, another's area."""
    above = place.parent
    from_here = can_set_up(actor) if above is None else reaches(actor, EDITORS, above)
    return from_here and can_create(actor, parent)


def can_keep(actor: Actor, place: Place) -> bool:
    """Hours, contacts, photos: also the keeper of the station itself."""
    return reaches(actor, KEEPERS, place)


def can_give_flag(actor: Actor, place: Place, flag: PlaceFlag) -> bool:
    """Grades (示范) come from the centre, never from the place itself; services from its keeper."""
    return reaches(actor, GRADERS if flag.group == FlagGroup.GRADE else KEEPERS, place)


def can_draw(actor: Actor, place: Place) -> bool:
    """Maps are public and need a 审图号: they are put up by the centre."""
    return reaches(actor, GRADERS, place)


def works_here(actor: Actor) -> bool:
    """Staff of any kind, anywhere: they see the pages of the workbench."""
    return actor.is_system or any(kind not in PUBLIC_ROLES for kind, _path in actor.roles)


def can_book(actor: Actor, place: Place) -> bool:
    """Everybody who is signed in may ask for a room of an open site; its keepers decide."""
    usable = place.status == Status.OPEN and (place.kind.is_site or place.kind_id == "room")
    return usable and not actor.is_anonymous


def can_cancel_booking(actor: Actor, booking: Booking) -> bool:
    """Whoever booked, and the keepers of the place."""
    own = actor.person_id is not None and booking.person_id == actor.person_id
    return own or can_keep(actor, booking.place)


def bookings_visible_to(actor: Actor) -> Q:
    """Bookings whose page this actor may open: his own, and those at the places he keeps."""
    if actor.is_system:
        return Q()
    found = Q(person_id=actor.person_id) if actor.person_id else Q(pk__in=())
    for path in held(actor, KEEPERS):
        found |= Q(place__path__startswith=path)
    return found


def can_see_private_contacts(actor: Actor, place: Place) -> bool:
    return reaches(actor, CONTACT_READERS, place)


def can_set_up(actor: Actor) -> bool:
    """Kinds, flags, coverage rules, tops of the tree: the administrator of a whole tree or of the system."""
    return actor.is_system or any(
        kind == "system_admin" or (kind == "administrator" and path.count("/") == 2) for kind, path in actor.roles
    )
