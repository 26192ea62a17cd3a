"""Who may say that a team wants people, and who may ask volunteers for it."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Q

from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.people import rules as people_rules
from huying.places.models import Place
from huying.volunteers.models import Allocation, Want
from huying.volunteers.rules.joining import KEEPERS, can_keep_members, led_team_ids
from huying.volunteers.states import AllocationState, WantState

HOLDS = timedelta(hours=24)
"""So long a plan may be confirmed; afterwards too much has changed."""


def wants_visible_to(actor: Actor) -> Q:
    """Wants of the teams this actor leads, and of all teams at the places he keeps."""
    if actor.is_system:
        return Q()
    return Q(team__in=led_team_ids(actor)) | people_rules.within(actor, KEEPERS, "team__place__path")


def can_keep_want(actor: Actor, want: Want) -> bool:
    """May state it and withdraw it: who keeps the members of its team."""
    return can_keep_members(actor, want.team)


def can_allocate(actor: Actor, place: Place) -> bool:
    """May look for volunteers for the teams of this place and ask them: its keepers, and the centres above it.

    Not leaders: to look through people who never chose his team is not his.
    """
    return actor.is_system or people_rules.reaches(actor, KEEPERS, place)


def allocations_visible_to(actor: Actor) -> Q:
    """Plans of the places this actor keeps; agrees with ``can_allocate``."""
    return Q() if actor.is_system else people_rules.within(actor, KEEPERS, "place__path")


def is_wanted(want: Want) -> bool:
    """Whether the team still looks for people today."""
    return want.state == WantState.OPEN and want.until_date >= clock.today()


def open_wants() -> Q:
    """The same as a filter; of teams that are at work."""
    return Q(state=WantState.OPEN, until_date__gte=clock.today(), team__active=True)


def too_old(plan: Allocation, at: datetime) -> bool:
    """A plan that may not be confirmed any more, or whose calculation never came to an end."""
    if plan.state == AllocationState.MAKING:
        return at >= plan.asked_at + HOLDS
    return plan.state == AllocationState.READY and plan.made_at is not None and at >= plan.made_at + HOLDS
