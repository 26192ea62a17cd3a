"""Who checks a site against a standard, who says that it is true, and who reads it."""

from __future__ import annotations

from django.db.models import Q

from huying.kernel.actor import Actor
from huying.places.models import Place, SiteCheck, Standard
from huying.places.rules.reach import EDITORS, KEEPERS, can_set_up, held, reaches
from huying.places.states import Status

VERIFIERS = (*EDITORS, "inspector")
CHECK_READERS = (*KEEPERS, "inspector", "auditor")


def can_check(actor: Actor, place: Place) -> bool:
    """The keepers of an open site answer for it, each under his own name."""
    usable = place.status == Status.OPEN and place.kind.is_site
    return usable and actor.person_id is not None and reaches(actor, KEEPERS, place)


def can_verify(actor: Actor, check: SiteCheck) -> bool:
    """Somebody who works here or above, and another person than who checked (the database says so too)."""
    another = actor.person_id is not None and actor.person_id != check.checked_by_id
    return another and reaches(actor, VERIFIERS, check.place)


def can_read_checks(actor: Actor, place: Place) -> bool:
    """What a site has not got is for those who keep it and those above; the public sees what it has."""
    return reaches(actor, CHECK_READERS, place)


def reads_checks(actor: Actor) -> bool:
    """Whether there is any site whose checks this actor reads."""
    return bool(held(actor, CHECK_READERS))


def verifies(actor: Actor) -> bool:
    """Whether checks may ever wait for this actor."""
    return bool(held(actor, VERIFIERS))


def checks_visible_to(actor: Actor) -> Q:
    """Checks this actor reads; agrees with ``can_read_checks``."""
    return _within(held(actor, CHECK_READERS))


def checks_waiting_for(actor: Actor) -> Q:
    """Checks this actor may verify; agrees with ``can_verify``."""
    return _within(held(actor, VERIFIERS)) & ~Q(checked_by_id=actor.person_id or 0)


def _within(paths: tuple[str, ...]) -> Q:
    found = Q(pk__in=())
    for path in paths:
        found |= Q(place__path__startswith=path)
    return found


def can_install(actor: Actor, place: Place | None) -> bool:
    """Standards for a part of the tree come from its administrator, those for all from who sets up."""
    return can_set_up(actor) or (place is not None and reaches(actor, ("administrator",), place))


def asks_of(standard: Standard, place: Place) -> bool:
    """Whether a site lies where the standard is asked for (its kinds are the business of queries)."""
    return standard.ended_at is None and (standard.place is None or place.path.startswith(standard.place.path))
