"""The helper's pages: what waits for his answer, what he took on, which calls near him fit him."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from huying.calls import queries
from huying.calls.forms.helping import FromForm, SoughtForm
from huying.calls.models import Offer
from huying.calls.queries import nearby
from huying.calls.states import OfferState
from huying.calls.views import shown
from huying.kernel import idempotency, paging
from huying.kernel.actor import Actor
from huying.kernel.errors import Forbidden
from huying.kernel.requests import Request, signed_in
from huying.volunteers import rules as volunteer_rules
from huying.volunteers.models import Volunteer

PAGE = 20


@require_safe
@never_cache
def help_others(request: Request) -> HttpResponse:
    """What I can answer: offers that wait for me, what I took on, calls near me that fit me; or what I have done
    (``show=done``).
    """
    actor = signed_in(request)
    volunteer = queries.helper_of(actor)
    offers, cursor = queries.my_offers(actor), request.GET.get("cursor", "")
    if request.GET.get("show") == "done":
        page = paging.page(offers.filter(state=OfferState.DONE), order=("-id",), cursor=cursor, size=PAGE)
        return render(request, "calls/help_done.html", {"page": page, "rows": [shown.taken_row(o) for o in page.rows]})
    facts = {
        "volunteer": volunteer,
        "leads": volunteer_rules.is_leader(actor),
        **mine_to_answer(actor, offers, volunteer),
    }
    if volunteer is not None:
        brings = nearby.brings(volunteer)
        form = SoughtForm(request.GET, kinds=brings.kinds.values())
        form.is_valid()
        pool = nearby.near_home(actor, brings, form.sought(), cursor)
        facts |= {"form": form, "kept": form.kept(), "pool": [shown.near_row(one) for one in pool.rows], "page": pool}
    return render(request, "calls/help.html", facts)


def mine_to_answer(actor: Actor, offers: Any, volunteer: Volunteer | None) -> dict[str, Any]:
    """What waits for his answer and what he took on."""
    live: list[Offer] = list(offers.exclude(state=OfferState.DONE)[:50])
    seen = queries.near(actor, [one.call for one in live], volunteer)
    asked = Counter(one.call_id for one in live if one.state == OfferState.OFFERED)
    return {
        "waiting": [
            {**shown.offer_row(one, near), "twice": asked[one.call_id] > 1}
            for one, near in zip(live, seen, strict=True)
            if one.state == OfferState.OFFERED
        ],
        "taken": [shown.taken_row(one) for one in live if one.state == OfferState.ACCEPTED],
    }


@idempotency.exempt
@sensitive_post_parameters("place")
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def help_from(request: Request) -> HttpResponse:
    """Calls near another place, for one search. The place comes in the body, never in the address, and is not kept: no answer
    is stored, nothing is written, errors do not show it.
    """
    actor = signed_in(request)
    volunteer = queries.helper_of(actor)
    if volunteer is None:
        raise Forbidden(_("先登记成为志愿者，才能看附近需要人的求助。"))
    brings = nearby.brings(volunteer)
    data = request.POST if request.method == "POST" else None
    form = FromForm(data, kinds=brings.kinds.values(), places=nearby.places_near(actor))
    rows = None
    if form.is_bound and form.is_valid():
        rows = nearby.from_elsewhere(actor, brings, form.sought(), form.here())
    facts = {
        "form": form,
        "rows": None if rows is None else [shown.near_row(one) for one in rows],
        "most": nearby.FROM_ELSEWHERE,
    }
    return render(request, "calls/help_from.html", facts, status=422 if form.is_bound and rows is None else 200)
