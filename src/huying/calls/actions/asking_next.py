"""Nobody answered in time: the next who fits is asked, without waiting for somebody at the desk (domain.md section 1)."""

from __future__ import annotations

from huying.calls.actions.dispatching import dispatch
from huying.calls.models import Call
from huying.calls.queries.candidates import candidates
from huying.calls.states import Level, State
from huying.kernel import clock, locks
from huying.kernel.actor import Actor
from huying.kernel.transactions import begin
from huying.volunteers.models import Team, Volunteer

ASIDE = ("say", "joined", "escalate")
"""Lines of the history that are no step."""


def ask_next(*, actor: Actor, call: Call) -> bool:
    """Ask the best who was not asked yet, has every skill and may say no like everybody; False when nothing is to do.

    Only after an offer ran out, or when the call lay in the pool for longer than it may. What the centre holds is left
    to the people there. Doing it twice does nothing: the first puts the call before somebody.
    """
    with begin(actor):
        fresh = locks.one(Call, pk=call.pk)
        if fresh.state != State.POOLED or fresh.level == Level.CENTRE or not lay_unanswered(fresh):
            return False
        before = fresh.offers.values_list("volunteer__public_id", "team__public_id")
        asked = {public_id for pair in before for public_id in pair if public_id}
        fits = (one for one in candidates(actor, fresh) if not one.missing and one.public_id not in asked)
        found = next(fits, None)
        if found is None:
            return False
        if found.field == "teams":
            dispatch(actor=actor, call=fresh, teams=[Team.objects.get(public_id=found.public_id)])
        else:
            dispatch(actor=actor, call=fresh, volunteers=[Volunteer.objects.get(public_id=found.public_id)])
        return True


def lay_unanswered(call: Call) -> bool:
    """The last step took a late offer back, or the time in the pool is over."""
    if call.stage_due_at and call.stage_due_at <= clock.now():
        return True
    last = call.events.exclude(verb__in=ASIDE).order_by("-id").first()
    return last is not None and last.verb == "expire"
