"""Who may see, write, sign and publish round-ups. Kinds of roles are strings in ``actor.roles``."""

from __future__ import annotations

from django.db.models import Q

from huying.cockpit.models import Report
from huying.cockpit.states import ReportState, Verb
from huying.figures import rules as figure_rules
from huying.kernel.actor import Actor
from huying.places import rules as place_rules
from huying.places.models import Place

WRITERS = frozenset({"office", "dispatcher", "administrator"})
SIGNERS = frozenset({"administrator", "auditor"})
PUBLIC = Q(is_public=True, state=ReportState.PUBLISHED)
"""What everybody reads."""
TAKEN_BACK = Q(is_public=True, state=ReportState.WITHDRAWN)
"""Of these everybody learns that and why, if they were out before."""


def can_read(actor: Actor, place: Place) -> bool:
    """Every round-up of the place: those who read its figures."""
    return figure_rules.can_read(actor, place)


def can_write(actor: Actor, place: Place) -> bool:
    """Make, edit, lock and publish round-ups of the place, write its templates."""
    return place_rules.reaches(actor, WRITERS, place)


def can_sign(actor: Actor, place: Place) -> bool:
    """Sign and withdraw; never what one locked oneself."""
    return place_rules.reaches(actor, SIGNERS, place)


def can_step(actor: Actor, report: Report, verb: Verb) -> bool:
    """The right alone; states are checked against the table. Sending back is the signer's right too."""
    if verb == Verb.SIGN:
        return can_sign(actor, report.place) and actor.person_id is not None and actor.person_id != report.locked_by
    if verb == Verb.WITHDRAW:
        return can_sign(actor, report.place)
    if verb == Verb.UNLOCK:
        return can_write(actor, report.place) or can_sign(actor, report.place)
    return can_write(actor, report.place)


def reads_somewhere(actor: Actor) -> bool:
    return figure_rules.reads_somewhere(actor)


def visible_to(actor: Actor) -> Q:
    """Round-ups of the places the actor reads; public ones that are published, everybody."""
    found = PUBLIC
    for path in place_rules.held(actor, figure_rules.reach.READERS):
        found |= Q(place__path__startswith=path)
    return found
