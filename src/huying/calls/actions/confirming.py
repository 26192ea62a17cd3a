"""A proposal is confirmed: each call is dispatched by the ordinary step, with all its checks, in a transaction of its own.

What has changed meanwhile - a call answered or called off, a helper who rests or was asked by somebody else - is written
beside the line and goes no further; the rest goes out. Everybody may still say no. Lock order: Proposal, Call, Offer.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Q

from huying.calls import rules
from huying.calls.actions.dispatching import dispatch
from huying.calls.actions.proposing import HOLDS, ProposalTooOld, open_proposal
from huying.calls.models import Call, Offer, Proposal, ProposalLine
from huying.calls.queries.candidates import GONE
from huying.calls.queries.preferring import taken_by
from huying.calls.queries.proposing import counts
from huying.calls.states import LIVE_OFFERS, LineState, OfferState, ProposalState, State
from huying.kernel import audit, clock, jobs, locks
from huying.kernel.actor import Actor
from huying.kernel.errors import DomainError
from huying.kernel.transactions import begin
from huying.people import queries as people_queries

GOING = (LineState.PROPOSED, LineState.LOCKED)


def confirm(*, actor: Actor, proposal: Proposal) -> Proposal:
    """Send out what stands in the proposal; once, whoever presses. ProposalOver, ProposalTooOld, Forbidden."""
    with begin(actor):
        fresh = open_proposal(actor, proposal)
        if rules.too_old(fresh):
            raise ProposalTooOld(minutes=HOLDS.seconds // 60)
        fresh.state, fresh.confirmed_at = ProposalState.SENDING, clock.now()
        fresh.confirmed_by_id = actor.person_id
        fresh.save(update_fields=["state", "confirmed_at", "confirmed_by"])
        going = fresh.lines.filter(state__in=GOING).count()
        audit.record(actor, "proposal.confirm", fresh, place_path=fresh.place.path, changes={"lines": going})
        jobs.enqueue("calls.send_proposal", key=f"calls.send_proposal:{fresh.pk}", proposal_id=fresh.pk)
        return fresh


def send(*, proposal_id: int) -> None:
    """Dispatch call by call in the name of whoever confirmed; goes on where an earlier run was cut off."""
    proposal = Proposal.objects.get(pk=proposal_id)
    if proposal.state != ProposalState.SENDING or proposal.confirmed_by_id is None:
        return
    doer = people_queries.actor_of_person(proposal.confirmed_by_id)
    going = proposal.lines.filter(state__in=GOING).order_by("call_id").values_list("call_id", flat=True)
    for call_id in dict.fromkeys(going):
        send_call(doer, proposal_id, call_id)
    with begin(doer):
        fresh = locks.one(Proposal, pk=proposal_id)
        if fresh.state == ProposalState.SENDING:
            fresh.state, fresh.figures = ProposalState.SENT, {**fresh.figures, "settled": counts(fresh)}
            fresh.save(update_fields=["state", "figures"])
            audit.record(doer, "proposal.sent", fresh, place_path=fresh.place.path)


def send_call(actor: Actor, proposal_id: int, call_id: int) -> None:
    """Dispatch one call to the helpers of its lines. A helper who cannot be asked any more does not keep the others."""
    with begin(actor):
        locks.one(Proposal, pk=proposal_id)
        lines = list(
            ProposalLine.objects.filter(proposal_id=proposal_id, call_id=call_id, state__in=GOING)
            .select_related("proposal", "volunteer__person", "team")
            .order_by("pk")
        )
        if not lines:
            return
        call = locks.one(Call, pk=call_id)
        free = seats_left(call)
        for line in list(lines):
            why = changed(call, line) or ("" if free > 0 else "asked_meanwhile")
            free -= 0 if why else line.seats
            if why:
                settle(line, LineState.STALE, why)
                lines.remove(line)
        if lines and (why := ask(actor, call, lines)):
            for line in lines:  # one of them is in the way: ask each alone
                why = ask(actor, call, [line]) if len(lines) > 1 else why
                if why:
                    settle(line, LineState.STALE, why)


def ask(actor: Actor, call: Call, lines: Sequence[ProposalLine]) -> str:
    """The step that everybody else takes too; why it was refused, "" when it was not."""
    volunteers = [line.volunteer for line in lines if line.volunteer]
    teams = [line.team for line in lines if line.team]
    try:
        with begin(actor):
            dispatch(actor=actor, call=call, volunteers=volunteers, teams=teams)
    except DomainError as refusal:
        return refusal.code
    for line in lines:
        settle(line, LineState.SENT)
    return ""


def seats_left(call: Call) -> int:
    """Seats for which nobody has said yes and nobody is asked: by hand, by a ring or by another proposal. What only teams
    may take, one of them takes whole: that is one seat.
    """
    asked = call.offers.filter(state=OfferState.OFFERED).count()
    people_may, _teams_may = taken_by(call.kind)
    if not people_may:
        return 0 if asked or call.accepted_count else 1
    return call.people_needed - call.accepted_count - asked


def changed(call: Call, line: ProposalLine) -> str:
    """Why this line no longer holds, as a code (``states.TROUBLES``); "" while it does."""
    if call.state not in {State.POOLED, State.DISPATCHED}:
        return "call_changed"
    since = line.proposal.made_at or call.created_at
    asked = Offer.objects.filter(state__in=LIVE_OFFERS, offered_at__gt=since, volunteer_id=line.volunteer_id or 0)
    own = ProposalLine.objects.filter(proposal_id=line.proposal_id, state=LineState.SENT).values("call_id")
    if asked.exclude(call_id__in=own).exists():
        return "helper_taken"
    before = Offer.objects.filter(Q(call=call, volunteer_id=line.volunteer_id, team_id=line.team_id)).exclude(GONE)
    return "already_asked" if before.exists() else ""


def settle(line: ProposalLine, state: LineState, trouble: str = "") -> None:
    line.state, line.trouble = state, trouble
    line.save(update_fields=["state", "trouble"])
