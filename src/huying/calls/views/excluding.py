"""Leaving a claim out of the shares: proposed beside the call, decided and undone on a page of its own."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from huying.calls import actions, queries, rules
from huying.calls.forms.measuring import ExclusionForm, JudgeForm
from huying.calls.forms.words import refused
from huying.calls.models import Exclusion
from huying.calls.states import ExclusionState
from huying.calls.views.desk import call_on_desk, on_duty, see
from huying.kernel import clock, exports, paging
from huying.kernel.actor import Actor
from huying.kernel.errors import Conflict, Forbidden, InvalidInput
from huying.kernel.exports import Column
from huying.kernel.requests import Request, fresh
from huying.ui import when
from huying.ui.naming import named

HEADS = (
    gettext_lazy("编号"),
    gettext_lazy("服务"),
    gettext_lazy("地方"),
    gettext_lazy("属于哪一种"),
    gettext_lazy("提出"),
    gettext_lazy("状态"),
)
TONES = {
    ExclusionState.PROPOSED: "kaki",
    ExclusionState.IN_FORCE: "dai",
    ExclusionState.REFUSED: "ink",
    ExclusionState.WITHDRAWN: "ink",
    ExclusionState.UNDONE: "pine",
}
SIZE = 25


@require_safe
def exclusions(request: Request) -> HttpResponse:
    """All that were proposed at the reader's places, newest first, whatever became of them."""
    actor = on_duty(request)
    page = paging.page(queries.exclusions(actor), ("-id",), request.GET.get("cursor"), SIZE)
    context = {"page": page, "rows": [row_of(one) for one in page.rows], "heads": HEADS}
    context["files"] = exports.addresses("calls:exclusions_file")
    return render(request, "calls/figures/exclusions.html", context)


EXCLUSIONS: tuple[Column[Exclusion], ...] = (
    Column(gettext_lazy("编号"), "call.number", "call"),
    Column(gettext_lazy("服务"), lambda one: named(one.call.kind), "service"),
    Column(gettext_lazy("地方"), lambda one: named(one.call.place), "place"),
    Column(gettext_lazy("属于哪一种"), lambda one: one.get_ground_display(), "ground"),
    Column(gettext_lazy("状态"), lambda one: one.get_state_display(), "state"),
    Column(gettext_lazy("谁提出"), "proposed_by.name", "proposed_by"),
    Column(gettext_lazy("提出时间"), "proposed_at"),
    Column(gettext_lazy("复核时间"), "decided_at"),
    Column(gettext_lazy("恢复计入时间"), "undone_at"),
)
"""No reasons: free words about what somebody asked for stay on the page of the one exclusion."""


@require_safe
@never_cache
@fresh
def exclusions_file(request: Request, form: str) -> HttpResponseBase:
    """The same list as a file."""
    actor = on_duty(request)
    rows = queries.exclusions(actor)
    return exports.respond(actor=actor, name=_("剔除的诉求"), kind=exports.kind_of(form), columns=EXCLUSIONS, rows=rows)


def row_of(one: Exclusion) -> dict[str, Any]:
    """One line: the call, the ground, who proposed it and when, and how it stands."""
    return {
        "one": one,
        "kind": named(one.call.kind),
        "where": named(one.call.place),
        "proposed": said(one.proposed_by, one.proposed_at),
        "tone": TONES[ExclusionState(one.state)],
    }


def said(who: Any, at: Any) -> str:
    """王敏 · 3月3日 10:00; "" where nobody did."""
    return f"{who.name} · {when.moment_text(at, clock.now())}" if who and at else ""


@require_http_methods(["GET", "HEAD", "POST"])
def exclude(request: Request, public_id: UUID) -> HttpResponse:
    """Propose that this call be left out; where that waits or holds already, its page."""
    actor = on_duty(request)
    call = call_on_desk(actor, public_id)
    if not rules.can_propose_exclusion(actor, call):
        raise Forbidden
    live = queries.live_exclusion(call)
    if live is not None and request.method != "POST":
        return see(reverse("calls:exclusion", args=[live.public_id]))
    form = ExclusionForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            made = actions.propose_exclusion(actor=actor, call=call, **form.cleaned_data)
        except (InvalidInput, Conflict) as problem:
            refused(form, problem)
        else:
            messages.success(request, _("已提出，等没有经手的上级复核。复核之前照常计入。"))
            return see(reverse("calls:exclusion", args=[made.public_id]))
    context = {"call": call, "form": form, "back": reverse("calls:panel", args=[call.public_id])}
    return render(request, "calls/figures/exclude.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def exclusion(request: Request, public_id: UUID) -> HttpResponse:
    """One of them with its trail; POST (``do``): agree, refuse, withdraw, undo."""
    actor = on_duty(request)
    one = queries.exclusion_by_id(actor, public_id)
    must_say = one.state == ExclusionState.IN_FORCE
    form = JudgeForm(request.POST if request.method == "POST" else None, must_say=must_say)
    if form.is_bound and form.is_valid():
        try:
            act(actor, one, **form.cleaned_data)
        except (InvalidInput, Conflict) as problem:
            refused(form, problem)
        else:
            messages.success(request, _("已记下。"))
            return see(reverse("calls:exclusion", args=[one.public_id]))
    if "do" in form.errors:
        raise InvalidInput
    status = 422 if form.is_bound else 200
    return render(request, "calls/figures/exclusion.html", {**shown(actor, one), "form": form}, status=status)


def act(actor: Actor, one: Exclusion, do: str, words: str) -> None:
    """The action of the button."""
    if do == "withdraw":
        actions.withdraw_exclusion(actor=actor, exclusion=one)
    elif do == "undo":
        actions.undo_exclusion(actor=actor, exclusion=one, reason=words)
    else:
        actions.decide_exclusion(actor=actor, exclusion=one, agree=do == "agree", words=words)


def shown(actor: Actor, one: Exclusion) -> dict[str, Any]:
    """The exclusion in words, who did what when, and what this reader may do."""
    decided = {ExclusionState.REFUSED: _("复核不同意")}.get(ExclusionState(one.state), _("复核同意"))
    trail = [
        (_("提出"), said(one.proposed_by, one.proposed_at), one.reason),
        (decided, said(one.decided_by, one.decided_at), one.decision),
        (_("恢复计入"), said(one.undone_by, one.undone_at), one.undoing),
    ]
    waits = one.state == ExclusionState.PROPOSED
    return {
        **row_of(one),
        "call": one.call,
        "trail": [{"title": title, "who": who, "words": words} for title, who, words in trail if who],
        "may_decide": rules.can_decide_exclusion(actor, one),
        "may_withdraw": rules.can_withdraw_exclusion(actor, one),
        "may_undo": rules.can_undo_exclusion(actor, one),
        "waits": waits,
    }
