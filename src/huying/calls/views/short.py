"""Asking in one short page that a phone keeps for the time without network."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from huying.calls import queries
from huying.calls.forms.short import ShortAskForm
from huying.calls.states import EMERGENCIES
from huying.calls.views.resident import sent
from huying.kernel.requests import Request


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def ask_short(request: Request) -> HttpResponse:
    """The same page for everybody, so that a phone may keep it; sending it needs somebody signed in."""
    kinds = list(queries.menu())
    form = ShortAskForm(request.POST if request.method == "POST" else None, kinds=kinds)
    if form.is_bound and request.actor.is_anonymous:
        return redirect_to_login(request.get_full_path())
    if form.is_bound and form.is_valid() and (answer := handed_in(request, form)):
        return answer
    facts = {
        "form": form,
        "details": {one.code: {"icon": one.icon, "tone": one.tone} for one in kinds},
        "numbers": EMERGENCIES,
        "phone": settings.HUYING_PHONE,
    }
    return render(request, "calls/ask_short.html", facts, status=422 if form.is_bound else 200)


def handed_in(request: Request, form: ShortAskForm) -> HttpResponse | None:
    """The call as the form of its kind hands it in; None when it was refused and the short form says why."""
    kind = queries.kind_by_code(form.cleaned_data["kind"])
    ask = form.as_ask(kind, queries.people_to_ask_for(request.actor))
    if ask.is_valid() and (answer := sent(request, ask, None)):
        return answer
    form.take_errors(ask)
    return None
