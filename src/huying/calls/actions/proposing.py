"""All open calls of a place weighed at once: asked for and changed by hand. Calculated in ``calculating``, sent in
``confirming``.

Nothing of this reaches a helper. Lock order: Place, then Proposal.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from huying.calls import rules
from huying.calls.models import Proposal, ProposalGap, ProposalLine
from huying.calls.queries.proposing import counts
from huying.calls.states import LIVE_PROPOSALS, LineState, ProposalState
from huying.kernel import audit, clock, jobs, locks
from huying.kernel.actor import Actor
from huying.kernel.errors import Conflict, Forbidden, InvalidInput, NotFound
from huying.kernel.transactions import begin
from huying.places.models import Place
from huying.volunteers.models import Team, Volunteer

HOLDS = timedelta(minutes=30)
"""So long what was calculated may be confirmed: afterwards too much has changed."""
LINES_KEPT = timedelta(days=30)
"""So long after its end one reads who was proposed for what; afterwards the totals only."""
OVER = (ProposalState.SENT, ProposalState.DROPPED, ProposalState.READY)
"""Nothing happens any more by itself: sent, put away, or never confirmed."""


class ProposalOver(Conflict):
    code = "proposal_over"
    message = _("这份方案已经{state}，不能再改。")


class ProposalTooOld(Conflict):
    code = "proposal_too_old"
    message = _("这份方案算出来已经超过 {minutes} 分钟，情况可能变了，请重新计算再确认。")


class AlreadyInProposal(InvalidInput):
    code = "already_in_proposal"
    message = _("{name} 在这份方案里已经另有安排，请另选一位。")


def propose(*, actor: Actor, place: Place) -> Proposal:
    """Have the open calls of ``place`` weighed; the one that is under way or waits there is returned instead.

    Forbidden for whoever handles no calls there.
    """
    if not rules.can_propose(actor, place):
        raise Forbidden
    with begin(actor):
        locks.one(Place, pk=place.pk)
        for old in locks.many(Proposal.objects.filter(place=place, state__in=LIVE_PROPOSALS)):
            if not rules.too_old(old):
                return old
            old.state = ProposalState.DROPPED
            old.save(update_fields=["state"])
        made = Proposal.objects.create(place=place, asked_by_id=actor.person_id, asked_at=clock.now())
        audit.record(actor, "proposal.ask", made, place_path=place.path)
        calculate_soon(made)
        return made


def calculate_soon(proposal: Proposal) -> None:
    key = f"calls.propose:{proposal.pk}:{proposal.turn}"
    jobs.enqueue("calls.propose", key=key, proposal_id=proposal.pk, turn=proposal.turn)


def open_proposal(actor: Actor, proposal: Proposal) -> Proposal:
    """The proposal, locked, when the actor may change it and it is ready; Forbidden, ProposalOver."""
    fresh = locks.one(Proposal, pk=proposal.pk)
    if not rules.can_propose(actor, fresh.place):
        raise Forbidden
    if fresh.state != ProposalState.READY:
        raise ProposalOver(state=ProposalState(fresh.state).label)
    return fresh


def change_line(*, actor: Actor, line: ProposalLine, to: LineState) -> ProposalLine:
    """Drop a line, take it back, or lock it; dropped and locked lines stay as they are in the next calculation.
    AlreadyInProposal.
    """
    with begin(actor):
        fresh = open_proposal(actor, line.proposal)
        row: ProposalLine = fresh.lines.select_related("volunteer__person", "team").get(pk=line.pk)
        row.state = to
        save_line(row, "state")
        audit.record(actor, f"proposal.line_{to}", fresh, place_path=fresh.place.path, changes={"line": row.pk})
        return row


def choose(
    *, actor: Actor, line: ProposalLine, volunteer: Volunteer | None = None, team: Team | None = None
) -> ProposalLine:
    """Another helper for this line, who stays when it is calculated again. AlreadyInProposal; NotFound without one."""
    if volunteer is None and team is None:
        raise NotFound
    with begin(actor):
        fresh = open_proposal(actor, line.proposal)
        row: ProposalLine = fresh.lines.get(pk=line.pk)
        row.volunteer, row.team = volunteer, team
        row.state, row.by_hand, row.km, row.held, row.knows = LineState.LOCKED, True, None, 0, False
        row.seats = 1
        save_line(row, "state", "volunteer", "team", "by_hand", "km", "held", "knows", "seats")
        audit.record(actor, "proposal.choose", fresh, place_path=fresh.place.path, changes={"line": row.pk})
        return row


def save_line(row: ProposalLine, *fields: str) -> None:
    try:
        with transaction.atomic():
            row.save(update_fields=fields)
    except IntegrityError:
        raise AlreadyInProposal(name=str(row.volunteer or row.team)) from None


def calculate_again(*, actor: Actor, proposal: Proposal) -> Proposal:
    """Weigh once more, with what is open and who is ready by now; locked lines stay, and dropped ones: their
    calls keep waiting.
    """
    with begin(actor):
        fresh = open_proposal(actor, proposal)
        fresh.state, fresh.turn = ProposalState.MAKING, fresh.turn + 1
        fresh.save(update_fields=["state", "turn"])
        audit.record(actor, "proposal.again", fresh, place_path=fresh.place.path)
        calculate_soon(fresh)
        return fresh


def discard(*, actor: Actor, proposal: Proposal) -> Proposal:
    """Put it away: nobody is asked. Also while it is being calculated."""
    with begin(actor):
        fresh = locks.one(Proposal, pk=proposal.pk)
        if not rules.can_propose(actor, fresh.place):
            raise Forbidden
        if fresh.state not in {ProposalState.MAKING, ProposalState.READY}:
            raise ProposalOver(state=ProposalState(fresh.state).label)
        fresh.state = ProposalState.DROPPED
        fresh.save(update_fields=["state"])
        audit.record(actor, "proposal.discard", fresh, place_path=fresh.place.path)
        return fresh


def forget_lines(*, actor: Actor) -> int:
    """Lines and gaps of proposals that were over more than ``LINES_KEPT`` ago go; how many proposals that were.

    The proposal stays with who asked, who confirmed and its figures, which now hold the totals of what went. One that
    was never confirmed is put away with it. Each in a transaction of its own: a run that was cut off goes on next time.
    """
    limit = clock.now() - LINES_KEPT
    done = 0
    for pk in forgettable(limit).order_by("pk").values_list("pk", flat=True):
        with begin(actor):
            fresh = locks.one(Proposal, pk=pk)
            if not forgettable(limit).filter(pk=pk).exists():
                continue
            fresh.figures = {**fresh.figures, "lines": counts(fresh), "gaps": fresh.gaps.count()}
            fresh.state = ProposalState.DROPPED if fresh.state == ProposalState.READY else fresh.state
            fresh.save(update_fields=["figures", "state"])
            fresh.lines.all().delete()
            fresh.gaps.all().delete()
            done += 1
    return done


def forgettable(limit: datetime) -> QuerySet[Proposal]:
    """Proposals that still have lines or gaps and held until ``limit`` or earlier."""
    lines, gaps = (rows.objects.filter(proposal=OuterRef("pk")) for rows in (ProposalLine, ProposalGap))
    over = Proposal.objects.filter(state__in=OVER, expires_at__lt=limit)
    return over.filter(Q(Exists(lines)) | Q(Exists(gaps)))
