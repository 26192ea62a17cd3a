"""Pages of the widening: which rings there are, and sending one call out."""

from __future__ import annotations

from datetime import timedelta
from itertools import groupby
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from huying.calls import actions, rules
from huying.calls.actions.moving import StepForbidden
from huying.calls.forms.rings import RingForm, WidenForm, ring_values
from huying.calls.forms.words import refused
from huying.calls.models import Call, Clock, Ring
from huying.calls.queries.rings import AROUND, all_rings, places_to_set, ring_by_id, rings_at, running_rings
from huying.calls.states import TRANSITIONS, Asks
from huying.calls.views.desk import call_on_desk, on_duty, see
from huying.calls.views.menu import keeper, number
from huying.kernel.actor import Actor
from huying.kernel.errors import Conflict, DomainError, InvalidInput
from huying.kernel.requests import Request
from huying.ui import when
from huying.ui.naming import named


@require_http_methods(["GET", "HEAD", "POST"])
def rings(request: Request) -> HttpResponse:
    """Every ring by place; POST saves one, takes one away (``do=drop``) or sets the first set (``do=usual``)."""
    actor = keeper(request)
    do = request.POST.get("do", "")
    if request.method == "POST" and do == "drop":
        actions.drop_ring(actor=actor, ring=ring_by_id(number(request.POST.get("ring"))))
        return see(reverse("calls:rings"))
    if request.method == "POST" and do == "usual":
        actions.use_usual_rings(actor=actor)
        return see(reverse("calls:rings"))
    key = number(request.POST.get("ring") or request.GET.get("ring"))
    ring = ring_by_id(key) if key else None
    data = request.POST if request.method == "POST" else None
    general, first = rules.can_set_rings(actor, None), ring_values(ring) if ring else None
    form = RingForm(data, places=places_to_set(actor, ring), general=general, initial=first)
    if form.is_bound and form.is_valid():
        try:
            actions.save_ring(actor=actor, ring=form.filled(ring))
        except DomainError as problem:
            refused(form, problem)
        else:
            messages.success(request, _("已保存，正在呼叫的求助从下一步起按它走。"))
            return see(reverse("calls:rings"))
    context = {"form": form, "ring": ring, "groups": groups(actor), "usual": described(AROUND), "general": general}
    return render(request, "calls/desk/rings.html", context, status=422 if form.is_bound else 200)


def groups(actor: Actor) -> list[dict[str, Any]]:
    """The rings in words, those for all places first; ``may``: the reader may change them."""
    found = groupby(all_rings(), key=lambda one: one.place)
    return [
        {
            "title": named(place) if place else _("所有没有另设的地方"),
            "rows": [described(one) for one in rows],
            "may": rules.can_set_rings(actor, place),
        }
        for place, rows in found
    ]


def described(ring: Ring) -> dict[str, Any]:
    """One ring in words."""
    whom = str(Asks(ring.asks).label)
    if ring.team_kind:
        whom = _("%(whom)s（%(kind)s）") % {"whom": whom, "kind": named(ring.team_kind)}
    if ring.reach_km:
        whom = _("%(whom)s，%(km)d 公里以内") % {"whom": whom, "km": ring.reach_km}
    return {
        "ring": ring,
        "name": named(ring),
        "whom": whom,
        "span": span_of(ring),
        "holder": ring.get_level_display() if ring.level else "",
        "href": f"{reverse('calls:rings')}?ring={ring.pk}#set" if ring.pk else "",
        "change": _("修改第 %(n)d 圈") % {"n": ring.order},
        "drop": _("去掉第 %(n)d 圈") % {"n": ring.order},
    }


def span_of(ring: Ring) -> str:
    """How long it runs, in words; for an urgent call too, where that is another time."""
    usual = usual_span_of(ring)
    if ring.urgent_minutes is None:
        return usual
    return _("%(usual)s，紧急的%(urgent)s") % {
        "usual": usual,
        "urgent": when.span_text(timedelta(minutes=ring.urgent_minutes)),
    }


def usual_span_of(ring: Ring) -> str:
    if ring.minutes is None:
        return _("一直问下去")
    if ring.mode == Clock.Mode.NATURAL:
        return when.span_text(timedelta(minutes=ring.minutes))
    if ring.minutes % 60:
        return _("工作时间 %(n)d 分钟") % {"n": ring.minutes}
    return _("工作时间 %(n)d 小时") % {"n": ring.minutes // 60}


@require_http_methods(["GET", "HEAD", "POST"])
def widen(request: Request, public_id: UUID) -> HttpResponse:
    """Send one call out: how many are sought, and which rings it will take; ``do=next`` asks the next ring at once."""
    actor = on_duty(request)
    call = call_on_desk(actor, public_id)
    if not rules.can_handle(actor, call):
        raise StepForbidden(verb=_("逐圈呼叫"))
    if not rules.can_take(actor, "dispatch", call):
        raise actions.StepRefused(state=call.get_state_display(), verb=TRANSITIONS["dispatch"].label)
    if request.POST.get("do") == "next":
        return next_ring(request, call)
    data = request.POST if request.method == "POST" else None
    form = WidenForm(data, call=call)
    if form.is_bound and form.is_valid():
        try:
            sent = actions.widen(actor=actor, call=call, **form.cleaned_data)
        except (InvalidInput, Conflict) as error:
            refused(form, error)
        else:
            if sent.ring:
                messages.success(request, _("已经呼叫出去，答复会一个个进来。"))
            else:  # the new limit holds, and nobody was asked
                messages.warning(request, actions.NobodyToAsk.message)
            return see(reverse("calls:tally", args=[call.public_id]))
    context = {
        "call": call,
        "title": f"{named(call.kind)} · {call.title}",
        "form": form,
        "rings": [described(one) for one in rings_at(call.place) or [AROUND]],
        "back": reverse("calls:panel", args=[call.public_id]),
    }
    return render(request, "calls/desk/widen.html", context, status=422 if form.is_bound else 200)


def next_ring(request: Request, call: Call) -> HttpResponse:
    """Ask the next ring now; where nobody is left there, it is said on the tally."""
    try:
        asked = actions.ask_next_ring(actor=request.actor, call=call)
    except actions.NobodyToAsk:
        messages.warning(request, _("往外的圈里现在没有还能问的人，已经问到的还在等答复。"))
    else:
        ring = running_rings([asked]).get(asked.pk)
        messages.success(request, _("已经问到“%(ring)s”这一圈。") % {"ring": named(ring) if ring else ""})
    return see(reverse("calls:tally", args=[call.public_id]))
