"""The grid worker's page on his phone: whom to tell what today, and a call for somebody in three taps."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from huying.calls import actions, queries
from huying.calls.forms.phone import GridForm
from huying.calls.forms.words import refused
from huying.calls.queries import grid
from huying.calls.states import ReachedBy
from huying.calls.views import shown
from huying.calls.views.desk import see
from huying.calls.views.phone import answering
from huying.kernel import idempotency, paging
from huying.kernel.errors import DomainError
from huying.kernel.requests import Request
from huying.ui.naming import named

PAGE = 20


@require_safe
@never_cache
def home(request: Request) -> HttpResponse:
    """My grids: ask for somebody, tell somebody, who is visited, what I asked."""
    actor = answering(request)
    news = grid.news(actor)
    page = paging.page(grid.proxied(actor), order=("-id",), cursor=request.GET.get("cursor"), size=PAGE)
    kinds = queries.menu(actor)
    facts = {
        "places": grid.grids(actor),
        "tiles": [
            {
                "label": named(one),
                "icon": one.icon,
                "tone": one.tone,
                "url": reverse("calls:grid_kind", args=[one.code]),
            }
            for one in kinds
        ],
        "news": news,
        "visits": grid.visits(actor),
        "page": page,
        "rows": [(call, *shown.state_of(call)) for call in page.rows],
    }
    return render(request, "calls/grid.html", facts)


@require_POST
def told(request: Request, public_id: UUID) -> HttpResponse:
    """The person knows."""
    actor = answering(request)
    call = actions.say_told(actor=actor, call=grid.to_tell(actor, public_id))
    messages.success(request, _("记下了：%(name)s已经知道。") % {"name": call.requester.name})
    return see(reverse("calls:grid"))


@idempotency.exempt  # a search: the name travels in the body, and nothing is written
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def kind(request: Request, code: str) -> HttpResponse:
    """Second tap: for whom."""
    actor = answering(request)
    words = request.POST.get("q", "")[:50] if request.method == "POST" else ""
    facts = {"kind": queries.kind_by_code(code), "people": grid.residents(actor, words), "q": words}
    return render(request, "calls/grid_kind.html", facts)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def ask(request: Request, code: str, public_id: UUID) -> HttpResponse:
    """Third tap: hand it in, as it stands or with more."""
    actor = answering(request)
    chosen, person = queries.kind_by_code(code), queries.caller(actor, public_id)
    data = request.POST if request.method == "POST" else None
    form = GridForm(data, kind=chosen, person=person, actor=actor)
    if form.is_bound and form.is_valid():
        try:
            call = actions.take_call(actor=actor, what=form.ask())
        except DomainError as problem:
            refused(form, problem)
        else:
            messages.success(
                request, _("已替%(name)s提交，编号 %(number)s。") % {"name": person.name, "number": call.number}
            )
            where = "calls:slip_paper" if call.reached_by == ReachedBy.SLIP else "calls:call"
            return see(reverse(where, args=[call.public_id]))
    facts: dict[str, Any] = {
        "kind": chosen,
        "person": person,
        "form": form,
        "numbers": queries.emergency_numbers(chosen),
        "more": bool(form.errors),
    }
    return render(request, "calls/grid_ask.html", facts, status=422 if form.is_bound else 200)
