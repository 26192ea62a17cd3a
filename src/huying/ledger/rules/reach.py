"""Who may look at accounts and their statements: auditors, at the places they hold."""

from __future__ import annotations

from django.db.models import Q

from huying.kernel.actor import Actor

AUDITORS = frozenset({"auditor", "audit_admin"})
"""Kinds of roles, as the room of people names them; this room stands beside it and may not ask it."""


def can_audit(actor: Actor) -> bool:
    """True for those who look over accounts somewhere."""
    return actor.is_system or any(kind in AUDITORS for kind, _path in actor.roles)


def visible_to(actor: Actor) -> Q:
    """Accounts whose place lies where the actor audits; those without a place only from the root of the tree."""
    if actor.is_system:
        return Q()
    found = Q(pk__in=())
    for path in {path for kind, path in actor.roles if kind in AUDITORS}:
        found |= Q(place_path__startswith=path)
        if path.strip("/").count("/") == 0:  # the root of the tree
            found |= Q(place_path="")
    return found
