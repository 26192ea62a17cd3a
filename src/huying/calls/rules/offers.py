"""Whose question or yes an offer is, and what somebody who said yes is among the helpers."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q, QuerySet

from huying.calls.models import Call, Offer
from huying.calls.states import LIVE_OFFERS, OfferState
from huying.kernel.actor import Actor
from huying.volunteers import rules as volunteer_rules
from huying.volunteers.models import Membership, Volunteer

THERE = Q(arrived_at__isnull=False, left_at__isnull=True)
"""Helpers who have come and not left."""


def offers_to(actor: Actor) -> QuerySet[Offer]:
    """Offers that this person answers, alone or as leader of a team: open, accepted or done; not what he put away."""
    if actor.person_id is None:
        return Offer.objects.none()
    live = Offer.objects.filter(state__in=[*LIVE_OFFERS, OfferState.DONE], put_away=False)
    return live.filter(Q(volunteer__person_id=actor.person_id) | Q(team_id__in=volunteer_rules.own_team_ids(actor)))


def offers_ever_to(actor: Actor) -> QuerySet[Offer]:
    """Every offer this person answers or answered, in whatever state: his own memory of it, nobody else's."""
    if actor.person_id is None:
        return Offer.objects.none()
    own = Q(volunteer__person_id=actor.person_id) | Q(team_id__in=volunteer_rules.own_team_ids(actor))
    return Offer.objects.filter(own)


def answerers(offers: Iterable[Offer]) -> set[int]:
    """Persons who answer these offers: the volunteers, and those who lead the teams now."""
    keys = [one.pk for one in offers]
    people = set(Volunteer.objects.filter(offers__in=keys).values_list("person_id", flat=True))
    led = Membership.objects.filter(team__offers__in=keys, is_leader=True, ends_at__isnull=True)
    return people | set(led.values_list("volunteer__person_id", flat=True))


def among_helpers(call: Call, mine: list[Offer], offers: Iterable[Offer] | None) -> set[str]:
    """What somebody who said yes is among the helpers: coming, there, last (see ``Transition``)."""
    found = {"coming" for one in mine if one.arrived_at is None}
    found |= {"there" for one in mine if one.arrived_at is not None and one.left_at is None}
    if call.people_needed == 1:
        return found | {"last"}
    if not any(one.arrived_at for one in mine):
        return found
    own = {one.pk for one in mine}
    if offers is None:
        others = Offer.objects.filter(THERE, call=call, state=OfferState.ACCEPTED).exclude(pk__in=own).exists()
    else:
        still = (one for one in offers if one.state == OfferState.ACCEPTED and one.pk not in own)
        others = any(one.arrived_at is not None and one.left_at is None for one in still)
    return found if others else found | {"last"}


def answered_by(actor: Actor, offers: Iterable[Offer]) -> list[Offer]:
    """Those of ``offers`` that are open or accepted and that this person answers, alone or as leader of a team."""
    live = [one for one in offers if one.state in LIVE_OFFERS and not one.put_away]
    teams = {one.team_id for one in live if one.team_id}
    led = set(volunteer_rules.own_team_ids(actor).filter(team_id__in=teams)) if teams else set()
    return [one for one in live if one.team_id in led or (one.volunteer and one.volunteer.person_id == actor.person_id)]
