"""The paper slip: printed by whoever asked for somebody, and read by the person with its code, without an account.

Number and code travel in the body of a POST, never in an address; the code in the QR is the address of the page alone.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from huying.calls import actions, queries
from huying.calls.actions import slips
from huying.calls.forms.slips import SlipForm, SlipRateForm
from huying.calls.forms.words import refused
from huying.calls.models import Call
from huying.calls.queries import grid
from huying.calls.states import EMERGENCIES, State
from huying.calls.views import shown
from huying.calls.views.desk import see
from huying.calls.views.qr import square
from huying.kernel import idempotency
from huying.kernel.errors import DomainError
from huying.kernel.requests import Request, signed_in
from huying.ui.widgets import Stars


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def paper(request: Request, public_id: UUID) -> HttpResponse:
    """The slip to print; POST makes it. Printed again it holds the same code; each time it shows is one of the views of
    the day.
    """
    actor = signed_in(request)
    call = queries.by_public_id(actor, public_id)
    if request.method == "POST":
        actions.make_slip(actor=actor, call=call)
        return see(reverse("calls:slip_paper", args=[call.public_id]))
    address = request.build_absolute_uri(reverse("calls:slip"))
    code = actions.read_slip(actor=actor, call=call)
    facts = {
        "call": call,
        "code": f"{code[:4]} {code[4:]}" if code else "",
        "title": shown.headline(call),
        "address": address,
        "square": square(address),
        "numbers": EMERGENCIES,
        "phone": settings.HUYING_PHONE or call.place.phone,
        "stars": Stars.WORDS,
    }
    return render(request, "calls/slip_paper.html", facts)


@idempotency.exempt  # a search that writes nothing, whose answer must not be kept
@sensitive_post_parameters("code")
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def slip(request: Request) -> HttpResponse:
    """Ask for number and code, then show how far the call is."""
    form = SlipForm(request.POST if request.method == "POST" else None)
    call = opened(request, form)
    return page(request, form, call, SlipRateForm(initial=request.POST.dict()) if call else None)


@idempotency.exempt  # a call is rated once, whatever the key; wrong codes must count, so nothing here is rolled back
@sensitive_post_parameters("code")
@require_POST
@never_cache
def rate(request: Request) -> HttpResponse:
    """Rate the call of a slip, once."""
    form = SlipRateForm(request.POST)
    call = opened(request, form) if form.is_valid() else opened(request, SlipForm(request.POST))
    if call is None:
        return page(request, SlipForm(request.POST), None, None)
    if form.is_valid():
        try:
            call = slips.rate_by_slip(call=call, address=request.actor.address, **form.rating())
        except DomainError as problem:
            refused(form, problem)
        else:
            return page(request, form, call, None, thanks=True)
    return page(request, form, call, form)


def opened(request: Request, form: SlipForm) -> Call | None:
    """The call that number and code open; None when they do not, and the form says why."""
    if not form.is_bound or not form.is_valid():
        return None
    given = form.cleaned_data
    try:
        return slips.open_slip(number=given["number"], code=given["code"], address=request.actor.address)
    except slips.SlipUnknown as problem:
        refused(form, problem)
        return None


def page(
    request: Request, form: SlipForm, call: Call | None, rating: SlipRateForm | None, *, thanks: bool = False
) -> HttpResponse:
    facts: dict[str, Any] = {"form": form, "call": call, "thanks": thanks, "numbers": EMERGENCIES}
    if call is not None:
        facts |= {
            "state": shown.state_of(call),
            "progress": queries.progress(call),
            "coming": grid.helpers_coming([call]).get(call.pk, []),
            "rating": rating if call.state == State.DELIVERED else None,
            "phone": settings.HUYING_PHONE or call.place.phone,
        }
    wrong = form.errors or (rating is not None and rating.errors)
    return render(request, "calls/slip.html", facts, status=422 if wrong else 200)
