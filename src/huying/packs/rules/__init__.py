"""What a pack file is and what it may not ask for; who may load packs and switch them on."""

from __future__ import annotations

from django.db.models import Q

from huying.kernel.actor import Actor
from huying.places import rules as place_rules
from huying.places.models import Place

SWITCHERS = frozenset({"administrator"})


def can_load(actor: Actor) -> bool:
    """Load files and new versions: who sets up a whole tree or the system, for rows of all are written."""
    return place_rules.can_set_up(actor)


def can_switch(actor: Actor, place: Place) -> bool:
    """Switch a pack on and off at a place: its administrator, or one above."""
    return place_rules.can_set_up(actor) or place_rules.reaches(actor, SWITCHERS, place)


def switches_somewhere(actor: Actor) -> bool:
    return place_rules.can_set_up(actor) or bool(place_rules.held(actor, SWITCHERS))


def visible_to(actor: Actor) -> Q:
    """A mechanism is public: what it says, what is in force where. Numbers keep the rules of their own pages."""
    return Q()
