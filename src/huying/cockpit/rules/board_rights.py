"""A board shows every number of a place: whoever reads its figures sees it. Administrators set what it shows."""

from __future__ import annotations

from django.db.models import Q

from huying.figures import rules as figure_rules
from huying.figures.rules.reach import READERS
from huying.kernel.actor import Actor
from huying.places import rules as place_rules
from huying.places.models import Place

SETTERS = frozenset({"administrator"})


def visible_to(actor: Actor) -> Q:
    """Places whose board the actor sees."""
    found = Q(pk__in=())
    for path in place_rules.held(actor, READERS):
        found |= Q(path__startswith=path)
    return found


def can_see_board(actor: Actor, place: Place) -> bool:
    """Small numbers stand on it too, so it is for those who read the figures of the place."""
    return figure_rules.can_read(actor, place)


def sees_boards(actor: Actor) -> bool:
    """Has a board somewhere."""
    return figure_rules.reads_somewhere(actor)


def can_set_board(actor: Actor, place: Place) -> bool:
    """Switch the order of units on and off."""
    return place_rules.reaches(actor, SETTERS, place)
