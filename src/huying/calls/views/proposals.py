"""The pages on which all open calls of a place are weighed at once, looked through, changed and confirmed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from huying.calls import actions, queries, rules
from huying.calls.forms.desk import DispatchForm
from huying.calls.forms.proposing import LINE_ACTS, ActForm, LineForm, LinesForm, PlaceForm
from huying.calls.models import Proposal, ProposalLine
from huying.calls.queries import proposed, proposing
from huying.calls.states import LineState, ProposalState
from huying.calls.views.desk import checked, see
from huying.kernel import exports
from huying.kernel.actor import Actor
from huying.kernel.errors import Forbidden, InvalidInput, NotFound
from huying.kernel.requests import Request, fresh, signed_in, way_back
from huying.places import queries as place_queries
from huying.places.queries import Picture
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
    page = proposing.proposals(actor, request.GET.get("cursor"))
    context = {
        "rows": [{"row": one, "tone": TONES[one.state]} for one in page.rows],
        "page": page,
        "form": form,
        "heads": [_("地方"), _("什么时候"), _("状态"), _("结果")],
    }
    return render(request, "calls/proposals/list.html", context, status=422 if form.is_bound else 200)


@require_safe
def proposal(request: Request, public_id: UUID) -> HttpResponse:
    """One proposal: who takes what and why, beside the map; what nobody can take; the way to change and confirm."""
    actor = handling(request)
    found = seen(actor, public_id)
    counts, open_calls = proposing.counts(found), proposing.open_calls(found)
    form = LinesForm(request.GET, proposal=found, counts={**counts, proposed.OPEN: open_calls})
    good = form.is_valid()
    wanted, kept = form.wanted(), form.kept()
    lines = proposed.lines(found, wanted, request.GET.get("cursor"))
    lacking = proposed.gaps(found, wanted, request.GET.get("gaps"))
    context = {
        **state_of(found, counts),
        "form": form,
        "kept": kept,
        "kinds": queries.kinds_on_desk(),
        "places": queries.places_on_desk(actor, found.place.path),
        "here": request.get_full_path(),
        "back": f"?{urlencode({'next': request.get_full_path()})}",
        "lines": [{"line": one, "tone": LINE_TONES[one.row.state]} for one in lines.rows],
        "page": lines,
        "gaps": lacking.rows,
        "gap_page": lacking,
        "open_calls": open_calls,
        "many": many(found, wanted) if wanted.narrows else "",
        "picture": drawn(found, lines.rows),
        "files": exports.addresses("calls:proposal_file", found.public_id, query=urlencode(kept)),
        "heads": [_("求助"), _("派给"), _("理由"), _("状态"), _("改动")],
        "gap_heads": [_("求助"), _("为什么没有人"), _("怎样就行")],
    }
    return render(request, "calls/proposals/proposal.html", context, status=200 if good else 422)


def state_of(found: Proposal, counts: Mapping[str, int]) -> dict[str, Any]:
    """How far the proposal is, and what may be done with it."""
    return {
        "proposal": found,
        "tone": TONES[found.state],
        "ready": found.state == ProposalState.READY,
        "old": rules.too_old(found),
        "busy": found.state in {ProposalState.MAKING, ProposalState.SENDING},
        "going": counts.get(LineState.PROPOSED, 0) + counts.get(LineState.LOCKED, 0),
        "stale": counts.get(LineState.STALE, 0),
        "sent": counts.get(LineState.SENT, 0),
        "total": sum(counts.values()),
        "forgotten": proposing.is_forgotten(found),
        "proof": proposing.proof(found.figures) if found.made_at else "",
    }


def many(found: Proposal, wanted: proposed.Wanted) -> str:
    """How many lines and open calls pass, in words."""
    number = proposed.many(proposed.passing(found, wanted)) + proposed.many(proposed.left(found, wanted))
    if number > proposed.MOST_COUNTED:
        return _("符合条件的有 %(n)d 条以上。") % {"n": proposed.MOST_COUNTED}
    return ngettext("符合条件的有 %(n)d 条。", "符合条件的有 %(n)d 条。", number) % {"n": number}


def drawn(found: Proposal, lines: Sequence[proposing.Line]) -> Picture | None:
    """The places of these lines on a map."""
    spots = proposing.spots(lines)
    return place_queries.map_of(found.place, spots=spots) if spots else None


@require_safe
@fresh
def proposal_file(request: Request, public_id: UUID, form: str) -> HttpResponseBase:
    """The lines and the open calls of a proposal as a file, narrowed as its page; who took it stands in the trail."""
    actor = handling(request)
    found = seen(actor, public_id)
    filters = LinesForm(request.GET, proposal=found, counts={})
    if not filters.is_valid():
        raise InvalidInput(" ".join(str(words) for errors in filters.errors.values() for words in errors))
    return exports.respond(
        actor=actor,
        name=_("派单方案"),
        kind=exports.kind_of(form),
        columns=proposed.FILED,
        rows=proposed.filed(found, filters.wanted()),
        place_path=found.place.path,
    )


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
    back = way_back(request, reverse("calls:proposal", args=[found.proposal.public_id]))
    if request.method == "POST":
        change(request, actor, found)
        return see(f"{back.partition('#')[0]}#line-{found.public_id}")
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
