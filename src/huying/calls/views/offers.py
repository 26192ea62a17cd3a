"""The helper's own page of one call he was asked for: yes, later, no; and what became of the question."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from huying.calls import actions, queries
from huying.calls.actions.moving import StepForbidden
from huying.calls.forms.offers import DO, OfferForm
from huying.calls.forms.words import refused
from huying.calls.models import Offer
from huying.calls.queries.offers import offer_to
from huying.calls.queries.panel import answered as answers_in_words
from huying.calls.queries.panel import goods_in_words, time_in_words
from huying.calls.queries.preferring import wish_in_words
from huying.calls.states import HELD_STATES, SEEKING, OfferState
from huying.calls.views import shown
from huying.calls.views.desk import see
from huying.kernel import clock
from huying.kernel.errors import Conflict, InvalidInput
from huying.kernel.requests import Request, signed_in
from huying.ui import when
from huying.ui.naming import named


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def offer(request: Request, public_id: UUID) -> HttpResponse:
    """What is asked of me; POST answers it (``do``: accept, later, decline, stand_by, step_back)."""
    actor = signed_in(request)
    mine = offer_to(actor, public_id, wanted(request.POST.get("offer") or request.GET.get("offer", "")))
    form = OfferForm(request.POST if request.method == "POST" else None, offer=mine)
    if form.is_bound and form.is_valid():
        try:
            return answered(request, mine, form)
        except (actions.StepRefused, StepForbidden):  # it was filled or taken back while he read
            return see(shown.offer_url(mine))
        except (InvalidInput, Conflict) as error:
            refused(form, error)
    if "do" in form.errors:
        raise InvalidInput
    sent = {do: form if form.is_bound and form.cleaned_data["do"] == do else None for do in DO}
    facts = {"offer": mine, "form": form, "sent": sent, **in_words(request, mine)}
    return render(request, "calls/offer.html", facts, status=422 if form.is_bound else 200)


def wanted(text: str) -> UUID | None:
    """Which of his offers, where he was asked for himself and for a team; None for what is no id."""
    try:
        return UUID(text)
    except ValueError:
        return None


def answered(request: Request, mine: Offer, form: OfferForm) -> HttpResponse:
    """Do what was chosen, say so, and go where it leads."""
    actor, call = request.actor, mine.call
    do, given = form.cleaned_data["do"], form.given()
    getattr(actions, do)(actor=actor, call=call, offer=mine.public_id, **given)
    said = {
        "accept": _("已接单，谢谢您。请和对方约好时间。"),
        "later": _("好的，到时候我们再问您。"),
        "decline": _("没关系，谢谢您看过。我们会问问别人。"),
        "stand_by": _("谢谢您。有人来不了时，先问您。"),
        "step_back": _("好的，不再候补了，谢谢您。"),
    }
    messages.success(request, said[do])
    to = {"accept": reverse("calls:call", args=[call.public_id]), "decline": reverse("calls:help")}
    return see(to.get(do, shown.offer_url(mine)))


def in_words(request: Request, mine: Offer) -> dict[str, Any]:
    """The call as somebody sees who may come: what, when, how many; nothing that leads to the door."""
    call = mine.call
    near = queries.near(request.actor, [call])[0]
    free = call.people_needed - call.accepted_count
    people = _("要 %(n)d 人，还差 %(free)d 人") % {"n": call.people_needed, "free": free}
    pairs = [
        (_("什么时候"), time_in_words(call)),
        (_("在哪里"), shown.place_line(call.place)),
        (_("离您"), near.band),
        (_("想请"), wish_in_words(call)),
        (_("人数"), people if call.people_needed > 1 and call.state in SEEKING else ""),
        (_("谁求援"), named(call.raised_for) if call.raised_for else ""),
        (_("物资"), goods_in_words(call)),
        (_("说明"), call.details if call.raised_for_id else ""),  # a place's words, nobody's private matter
        (_("问的是"), str(mine.team) if mine.team_id else ""),
    ]
    return {
        "call": call,
        "title": shown.headline(call),
        "facts": [*pairs, *answers_in_words(call)],
        "stands": standing(mine),
        "due": when.moment_text(mine.answer_due_at, clock.now()) if mine.answer_due_at else "",
        "remind": when.moment_text(mine.remind_at, clock.now()) if mine.remind_at else "",
        "several": mine.team_id is not None and free > 1,
    }


def standing(mine: Offer) -> str:
    """How it stands for the reader: open, yes, reserve, filled (he may stand by), or over."""
    if mine.state == OfferState.OFFERED:
        return "over" if mine.put_away else "open"
    if mine.state in {OfferState.ACCEPTED, OfferState.DONE}:
        return "yes"
    if mine.state == OfferState.RESERVE:
        return "reserve"
    return "filled" if mine.state == OfferState.WITHDRAWN and mine.call.state in HELD_STATES else "over"
