"""A volunteer, or a leader for his team, takes a call from the pool without being asked (抢单). Lock order: Team, Call, Offer."""

from __future__ import annotations

from uuid import UUID

from django.utils.translation import gettext_lazy as _

from huying.calls import rules
from huying.calls.actions.answering import NothingAsked
from huying.calls.actions.dispatching import answer, ask_guardians, check_ready, check_wished, fill, offer
from huying.calls.actions.moving import step
from huying.calls.models import Call
from huying.calls.states import OfferState
from huying.kernel import clock, locks
from huying.kernel.actor import Actor
from huying.kernel.errors import InvalidInput
from huying.kernel.transactions import begin
from huying.volunteers import rules as volunteer_rules
from huying.volunteers.models import Team, Volunteer


class TeamUnfit(InvalidInput):
    code = "team_unfit"
    message = _("这件求助不能这样接：请选一支您带的、合这件求助、手上还接得下的队伍。")


def claim(*, actor: Actor, call: Call, team: UUID | None = None, seats: int = 0) -> Call:
    """Take a pooled call by oneself, or for a ``team`` (public id) that one leads: then ``seats`` people come, 0 for all that are
    still wanted. Raises WrongAnswerer where a check or insurance is missing, and for whoever is not whom the person served
    wishes for; TeamUnfit; NothingAsked when the limit of a call that a place raised is over.
    """
    if team is not None:
        return claim_for_team(actor, call, team, seats)
    ask_guardians(actor, call)
    with step(actor, call, "claim") as fresh:
        check_in_time(fresh)
        if not rules.takes_people(fresh):
            raise TeamUnfit(fields={"team": TeamUnfit.message})
        volunteer = Volunteer.objects.select_related("person").get(person_id=actor.person_id or 0)
        check_ready(actor, fresh, volunteer)
        check_wished(fresh, volunteer)
        fresh.offers.filter(volunteer=volunteer, state=OfferState.RESERVE).update(state=OfferState.WITHDRAWN)
        mine = offer(actor, fresh, volunteer=volunteer)
        answer(mine, OfferState.ACCEPTED, actor)
        fill(actor, fresh, mine, "claim")
        return fresh


def claim_for_team(actor: Actor, call: Call, public_id: UUID, seats: int) -> Call:
    """The leader comes forward with his team; it may be asked, like every team, how many people come. The team is locked,
    so that two claims at once are counted one after the other against what it can hold.
    """
    with begin(actor):
        locks.many(Team.objects.filter(public_id=public_id, pk__in=volunteer_rules.own_team_ids(actor)))
        with step(actor, call, "claim") as fresh:
            check_in_time(fresh)
            team = rules.claiming_teams(actor, fresh).filter(public_id=public_id).first()
            if team is None:
                raise TeamUnfit(fields={"team": TeamUnfit.message})
            fresh.offers.filter(team=team, state=OfferState.RESERVE).update(state=OfferState.WITHDRAWN)
            mine = offer(actor, fresh, team=team)
            free = fresh.people_needed - fresh.accepted_count
            mine.seats = min(max(seats, 0) or free, free)
            answer(mine, OfferState.ACCEPTED, actor)
            fill(actor, fresh, mine, "claim")
            return fresh


def check_in_time(call: Call) -> None:
    """Nobody sets out for what is over."""
    if call.limit_at and call.limit_at <= clock.now():
        raise NothingAsked
