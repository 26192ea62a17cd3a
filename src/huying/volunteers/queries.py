"""What can be asked about volunteers and teams."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from huying.kernel.actor import Actor
from huying.kernel.errors import NotFound
from huying.volunteers import rules
from huying.volunteers.models import Team, Volunteer


def volunteers_by_public_id(actor: Actor, public_ids: Iterable[UUID]) -> list[Volunteer]:
    """The volunteers with these ids, ordered by key; NotFound when one of them is not the actor's to see."""
    wanted = set(public_ids)
    rows = Volunteer.objects.filter(rules.visible_to(actor), public_id__in=wanted).select_related("person")
    found = list(rows.order_by("id"))
    if len(found) != len(wanted):
        raise NotFound
    return found


def teams_by_public_id(actor: Actor, public_ids: Iterable[UUID]) -> list[Team]:
    """The teams with these ids, in the order of their keys; NotFound when one of them is not the actor's to see."""
    wanted = set(public_ids)
    rows = Team.objects.filter(rules.teams_visible_to(actor), public_id__in=wanted)
    found = list(rows.order_by("id"))
    if len(found) != len(wanted):
        raise NotFound
    return found
