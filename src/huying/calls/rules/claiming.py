"""Which teams may take a call from the pool, and for whom their leader does."""

from __future__ import annotations

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from huying.calls.models import Call, Offer
from huying.calls.states import OfferState
from huying.kernel.actor import Actor
from huying.volunteers import rules as volunteer_rules
from huying.volunteers.models import Membership, Team

LEFT = (OfferState.WITHDRAWN, OfferState.EXPIRED, OfferState.RESERVE)
"""A question that brought nothing, or a place on the waiting list, does not keep a team from coming forward."""


def takes_teams(call: Call) -> bool:
    """Of a kind for teams: not where each must be known by name, nor where a person of a certain sex or age is wished for."""
    kind = call.kind
    likes = kind.allow_preference and bool(call.helper_sex or call.helper_age) and kind.answered_by != "team"
    return kind.answered_by != "volunteer" and not volunteer_rules.is_by_name(kind.category) and not likes


def takes_people(call: Call) -> bool:
    return call.kind.answered_by != "team"


def claiming_teams(actor: Actor, call: Call) -> QuerySet[Team]:
    """Teams this person leads himself that may take the call: for something that it needs, speaking its language, with room
    for one more, and not asked or at work there already. Nobody brings a team to his own call.
    """
    if not takes_teams(call) or actor.person_id in {None, call.requester_id, call.asked_by_id}:
        return Team.objects.none()
    here = Offer.objects.filter(call=call, team=OuterRef("pk")).exclude(state__in=LEFT)
    rows = Team.objects.filter(~Exists(here), pk__in=volunteer_rules.own_team_ids(actor))
    if call.kind.skills.exists():
        having = Team.skills.through._default_manager.filter(team=OuterRef("pk"))
        rows = rows.filter(Exists(having.filter(skill__in=call.kind.skills.values("pk"))))
    if call.language_id:
        members = Membership.objects.filter(team=OuterRef("pk"), ends_at__isnull=True, volunteer__left_at__isnull=True)
        rows = rows.filter(Exists(members.filter(volunteer__languages=call.language_id)))
    return rows.filter(with_room()).order_by("name", "id")


def with_room() -> Q:
    """Teams that hold fewer calls than they set themselves."""
    held = Offer.objects.filter(team=OuterRef("pk"), state=OfferState.ACCEPTED).order_by().values("team")
    return Q(open_limit__gt=Coalesce(Subquery(held.annotate(n=Count("*")).values("n")), 0))
