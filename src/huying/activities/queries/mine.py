"""A reader's own sign-ups."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from huying.activities import rules
from huying.activities.models import SignUp
from huying.activities.states import COMING, SignUpState
from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.kernel.errors import NotFound


def my_sign_ups(actor: Actor) -> QuerySet[SignUp]:
    """Everything he signed up for, himself or for others, but for what was given back and is over; newest first."""
    rows = SignUp.objects.filter(rules.sign_ups_visible_to(actor), rules.still_told())
    return rows.select_related(
        "session__activity__kind", "session__activity__place", "session__venue__parent", "shift__role", "person", "team"
    )


def going(actor: Actor, limit: int = 20) -> list[SignUp]:
    """What he is still coming to, next first."""
    rows = my_sign_ups(actor).filter(state__in=[*COMING, SignUpState.PRESENT], session__ends_at__gt=clock.now())
    return list(rows.order_by("session__starts_at", "id")[:limit])


def sign_up(actor: Actor, public_id: UUID) -> SignUp:
    """One sign-up of his own or for a session he runs; NotFound for others."""
    rows = SignUp.objects.filter(public_id=public_id)
    found = rows.select_related(
        "session__activity__kind", "session__activity__place", "session__venue__parent", "shift__role", "person", "team"
    ).first()
    if found is None:
        raise NotFound
    own = SignUp.objects.filter(rules.sign_ups_visible_to(actor), pk=found.pk).exists()
    if not own and not rules.can_run(actor, found.session.activity):
        raise NotFound
    return found
