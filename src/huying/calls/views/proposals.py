"""The pages on which all open calls of a place are weighed at once, looked through, changed and confirmed."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from huying.calls import actions, rules
from huying.calls.forms.desk import DispatchForm
from huying.calls.forms.proposing import LINE_ACTS, ActForm, LineForm, PlaceForm
from huying.calls.models import Proposal, ProposalLine
from huying.calls.queries import proposing
from huying.calls.states import LineState, ProposalState
from huying.calls.views.desk import checked, see
from huying.kernel.actor import Actor
from huying.kernel.errors import Forbidden, NotFound
from huying.kernel.requests import Request, signed_in
from huying.places import queries as place_queries
from huying.volunteers import queries as volunteer_queries

TONES = {"making": "dai", "ready": "kaki", "sending": "dai", "sent": "pine", "dropped": "ink"}
LINE_TONES = {"proposed": "ink", "locked": "dai", "dropped": "ink", "sent": "pine", "stale": "mei"}
STEPS = {"confirm": actions.confirm, "again": actions.calculate_again, "discard": actions.discard}


def handling(request: Request) -> Actor:
    """The actor, when he handles calls somewhere."""
    actor = signed_in(request)
    if not rules.can_propose_anywhere(actor):
        raise Forbidden(_("派单方案只对实践站、所、中心的值班人员开放。"))
    return actor


def seen(actor: Actor, public_id: UUID) -> Proposal:
    found = proposing.proposal(actor, public_id)
    if found is None:
        raise NotFound
    return found


@require_http_methods(["GET", "HEAD", "POST"])
def proposals(request: Request) -> HttpResponse:
    """The last proposals, and the button that asks for one."""
    actor = handling(request)
    form = PlaceForm(request.POST if request.method == "POST" else None, actor=actor)
    if form.is_bound and form.is_valid():
        made = actions.propose(actor=actor, place=form.cleaned_data["place"])
        return see(reverse("calls:proposal", args=[made.public_id]))
    rows = [{"row": one, "tone": TONES[one.state]} for one in proposing.proposals(actor)]
    heads = [_("地方"), _("什么时候"), _("状态"), _("结果")]
    context = {"rows": rows, "form": form, "heads": heads}
    return render(request, "calls/proposals/list.html", context, status=422 if form.is_bound else 200)


@require_safe
def proposal(request: Request, public_id: UUID) -> HttpResponse:
    """One proposal: who takes what and why, beside the map; what nobody can take; the way to change and confirm."""
    actor = handling(request)
    found = seen(actor, public_id)
    facts = page(found, shown_before(request, "after"), shown_before(request, "gaps"))
    return render(request, "calls/proposals/proposal.html", facts)


def shown_before(request: Request, name: str) -> int:
    """How many were on the pages before, as the address says."""
    asked = request.GET.get(name, "")
    return min(int(asked), 10**6) if asked.isdecimal() and asked.isascii() else 0


def page(found: Proposal, after: int, gaps_after: int = 0) -> dict[str, Any]:
    shown, counts = proposing.lines(found, after), proposing.counts(found)
    going = counts.get(LineState.PROPOSED, 0) + counts.get(LineState.LOCKED, 0)
    total, lacking, open_calls = sum(counts.values()), proposing.gaps(found, gaps_after), found.gaps.count()
    seen_gaps = gaps_after + len(lacking)
    spots = proposing.spots(shown)
    return {
        "proposal": found,
        "tone": TONES[found.state],
        "ready": found.state == ProposalState.READY,
        "old": rules.too_old(found),
        "busy": found.state in {ProposalState.MAKING, ProposalState.SENDING},
        "lines": [{"line": one, "tone": LINE_TONES[one.row.state]} for one in shown],
        "going": going,
        "stale": counts.get(LineState.STALE, 0),
        "sent": counts.get(LineState.SENT, 0),
        "gaps": lacking,
        "open_calls": open_calls,
        "more_gaps": seen_gaps if lacking and seen_gaps < open_calls else 0,
        "forgotten": proposing.is_forgotten(found),
        "proof": proposing.proof(found.figures) if found.made_at else "",
        "picture": place_queries.map_of(found.place, spots=spots) if spots else None,
        "more": after + len(shown) if after + len(shown) < total else 0,
        "heads": [_("求助"), _("派给"), _("理由"), _("状态"), _("改动")],
        "gap_heads": [_("求助"), _("为什么没有人"), _("怎样就行")],
    }


@require_POST
def act(request: Request, public_id: UUID) -> HttpResponse:
    """Confirm, calculate again, or put away."""
    actor = handling(request)
    found = seen(actor, public_id)
    step = checked(ActForm(request.POST))["act"]
    STEPS[step](actor=actor, proposal=found)
    if step == "discard":
        messages.success(request, _("这份方案已放弃，没有派出任何求助。"))
        return see(reverse("calls:proposals"))
    return see(reverse("calls:proposal", args=[found.public_id]))


@require_http_methods(["GET", "HEAD", "POST"])
def line(request: Request, public_id: UUID) -> HttpResponse:
    """Somebody else for one line, or the line dropped, locked, taken back."""
    actor = handling(request)
    found = proposing.proposal_line(actor, public_id)
    if found is None:
        raise NotFound
    back = reverse("calls:proposal", args=[found.proposal.public_id])
    if request.method == "POST":
        change(request, actor, found)
        return see(f"{back}#line-{found.public_id}")
    context = {"line": proposing.line_of(found), "others": proposing.others(actor, found), "back": back}
    return render(request, "calls/proposals/line.html", context)


def change(request: Request, actor: Actor, found: ProposalLine) -> None:
    wanted = checked(LineForm(request.POST))["act"]
    if wanted:
        actions.change_line(actor=actor, line=found, to=LINE_ACTS[wanted])
        return
    chosen = checked(DispatchForm(request.POST))
    volunteers = volunteer_queries.volunteers_by_public_id(actor, chosen["volunteers"][:1])
    teams = volunteer_queries.teams_by_public_id(actor, chosen["teams"][:1]) if not volunteers else []
    actions.choose(actor=actor, line=found, volunteer=next(iter(volunteers), None), team=next(iter(teams), None))
