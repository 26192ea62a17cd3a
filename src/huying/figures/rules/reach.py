"""Who may see figures of a place, and who keeps what others reported. Kinds of roles are strings in ``actor.roles``."""

from __future__ import annotations

from django.db.models import Q

from huying.figures.models import Metric
from huying.kernel.actor import Actor
from huying.places import rules as place_rules
from huying.places.models import Place

KEEPERS = frozenset({"office", "dispatcher", "administrator"})
READERS = KEEPERS | {"station_keeper", "inspector", "auditor"}


def can_read(actor: Actor, place: Place) -> bool:
    """Every number of the place and of all below it, small ones too."""
    return place_rules.reaches(actor, READERS, place)


def can_see(actor: Actor, of: Metric, place: Place) -> bool:
    """This number of the place: whoever reads it, and everybody where the metric is public (small numbers hidden)."""
    return of.is_public or can_read(actor, place)


def can_keep(actor: Actor, place: Place) -> bool:
    """Enter and correct what others reported of the place, and the checks of it."""
    return place_rules.reaches(actor, KEEPERS, place)


def reads_somewhere(actor: Actor) -> bool:
    return bool(place_rules.held(actor, READERS))


def visible_to(actor: Actor) -> Q:
    """Reported figures and checks of the places that the actor reads."""
    found = Q(pk__in=())
    for path in place_rules.held(actor, READERS):
        found |= Q(place__path__startswith=path)
    return found
