"""How calls that seek many fill: the list of those that go out, and one of them counted live on each level."""

from __future__ import annotations

from hashlib import blake2b
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.translation import get_language, gettext_lazy, pgettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from huying.calls import rules
from huying.calls.models import Call, Offer, Ring
from huying.calls.queries.panel import time_in_words
from huying.calls.queries.raising import Line as Supply
from huying.calls.queries.raising import goods_of
from huying.calls.queries.rings import running_rings
from huying.calls.queries.tally import SHOWN, Figures, Tally, any_call, behind, going_out
from huying.calls.queries.tally import tally as counted
from huying.calls.states import SEEKING
from huying.calls.views.desk import on_duty
from huying.kernel import clock, paging
from huying.kernel.actor import Actor
from huying.kernel.errors import NotFound
from huying.kernel.requests import Request
from huying.places import queries as place_queries
from huying.places.models import Place
from huying.ui import when
from huying.ui.naming import named

PAGE = 30
NAMES = {
    "asked": gettext_lazy("在问"),
    "yes": gettext_lazy("答应来的"),
    "arrived": gettext_lazy("到了"),
    "reserve": gettext_lazy("候补"),
}
TONES = {"asked": "gui", "yes": "pine", "arrived": "dai", "reserve": "ink"}


@require_safe
def widening(request: Request) -> HttpResponse:
    """The calls that go out now, on this desk or asking its people."""
    actor = on_duty(request)
    page = paging.page(going_out(actor), order=("-id",), cursor=request.GET.get("cursor"), size=PAGE)
    rings = running_rings(page.rows)
    rows = [{"call": one, "title": f"{named(one.kind)} · {one.title}", **filled(one, rings)} for one in page.rows]
    return render(request, "calls/desk/widening.html", {"page": page, "rows": rows})


@require_safe
def tally(request: Request, public_id: UUID) -> HttpResponse:
    """One call with its figures, by the places below one place (``in``), and the people behind a figure (``show``)."""
    actor = on_duty(request)
    return render(request, "calls/desk/tally.html", context(request, actor, call_of(actor, public_id)))


@require_safe
def part(request: Request, public_id: UUID) -> HttpResponse:
    """The figures again, for the page that is open; 304 while nothing has changed."""
    actor = on_duty(request)
    facts = context(request, actor, call_of(actor, public_id))
    reader = (request.GET.urlencode(), actor.person_id, actor.roles, get_language())
    seen = (reader, facts["seen"], f"{clock.now():%Y%m%d%H%M}")
    etag = f'"{blake2b(repr(seen).encode(), digest_size=12).hexdigest()}"'
    answer = get_conditional_response(request, etag=etag)
    if answer is None:
        answer = render(request, "calls/desk/_tally.html", facts)
    answer.headers["ETag"] = etag
    answer.headers["Cache-Control"] = "private, no-cache"
    patch_vary_headers(answer, ["Cookie", "Accept-Language"])
    return answer


def call_of(actor: Actor, public_id: UUID) -> Call:
    """The call, when the actor may see how it fills; NotFound for all others."""
    call = any_call(public_id)
    if not rules.can_see_tally(actor, call):
        raise NotFound
    return call


def context(request: Request, actor: Actor, call: Call) -> dict[str, Any]:
    """Everything the page draws; an unknown place or figure is left out."""
    found = counted(actor, call, place_of(request.GET.get("in", "")))
    show = request.GET.get("show", "")
    path = found.here.path if found.here else "/"
    page = None
    if show in SHOWN:
        page = paging.page(behind(actor, call, show, path), ("-id",), request.GET.get("cursor"), PAGE)
    asked = {"in": str(found.here.public_id) if found.here else "", "show": show if page else ""}
    rows = [line(offer, show) for offer in page.rows] if page else []
    goods = [supplied(one) for one in goods_of(call)]
    return {
        "call": call,
        "title": f"{named(call.kind)} · {call.title}",
        "tally": found,
        "goods": goods,
        "facts": asked_for(call),
        **filled(call, running_rings([call])),
        "figures": [figure(call, found, name, asked) for name in SHOWN],
        "parts": [drawn(call, found, place, figures) for place, figures in found.parts],
        "chain": [(named(one), address(call, {"in": str(one.public_id)})) for one in found.chain[:-1]],
        "page": page,
        "rows": rows,
        "shown": NAMES.get(show, ""),
        "poll": address(call, {**asked, "cursor": request.GET.get("cursor", "")}, "calls:tally_part"),
        "can_widen": rules.can_take(actor, "dispatch", call),
        "can_ask": call.ring > 0 and rules.can_take(actor, "dispatch", call),
        "can_seek": rules.can_take(actor, "seek_more", call),
        "can_deliver": call.raised_for_id is not None and rules.can_take(actor, "deliver", call),
        "can_stop": rules.can_take(actor, "enough", call),
        "over": call.state not in SEEKING,
        "seen": (found.total, found.own, found.parts, call.state, call.ring, call.people_needed, rows, goods),
    }


def asked_for(call: Call) -> list[tuple[str, str]]:
    """What a place that raised the call asks for, beside people and goods: until when, and its words."""
    if call.raised_for is None:
        return []
    over = bool(call.limit_at and call.limit_at <= clock.now() and call.state in SEEKING)
    until = _("%(when)s（已经过了）") % {"when": time_in_words(call)} if over else time_in_words(call)
    pairs = [(_("谁求援"), named(call.raised_for)), (_("什么时候"), until), (_("说明"), call.details)]
    return [(label, words) for label, words in pairs if words]


def place_of(text: str) -> Place | None:
    try:
        return place_queries.by_public_id(UUID(text))
    except (ValueError, NotFound):
        return None


def address(call: Call, asked: dict[str, str], name: str = "calls:tally") -> str:
    kept = {key: value for key, value in asked.items() if value}
    base = reverse(name, args=[call.public_id])
    return f"{base}?{urlencode(kept)}" if kept else base


def filled(call: Call, rings: dict[int, Ring]) -> dict[str, Any]:
    """How far it is: the bar, its words, and which ring runs until when."""
    facts = {"n": call.people_needed, "found": call.accepted_count, "free": call.people_needed - call.accepted_count}
    words = _("要 %(n)d 人，有 %(found)d 人，还差 %(free)d 人") if facts["free"] else _("要 %(n)d 人，已经齐了")
    ring = named(rings[call.pk]) if call.pk in rings else ""
    until = when.left_text(call.ring_due_at, clock.now()) if call.ring_due_at else ""
    return {"bar": facts, "words": words % facts, "ring": ring, "until": until, "level": call.get_level_display()}


def supplied(line: Supply) -> dict[str, Any]:
    """One line of goods: asked for, promised, and what is missing, in words and as a bar."""
    good = line.good
    facts = {"name": good.name, "n": good.amount, "unit": good.unit, "found": line.found, "free": line.free}
    short = _("%(name)s：要 %(n)d %(unit)s，答应带来 %(found)d %(unit)s，还差 %(free)d %(unit)s")
    whole = _("%(name)s：要 %(n)d %(unit)s，已经齐了")
    return {"words": (short if line.free else whole) % facts, "n": good.amount, "found": min(line.found, good.amount)}


def figure(call: Call, found: Tally, name: str, asked: dict[str, str]) -> dict[str, Any]:
    """One figure of the strip: of the whole call, with the reader's share where he sees a share only."""
    value, own = getattr(found.total, name), getattr(found.own, name)
    hint = "" if found.whole and value == own else _("本处 %(n)d") % {"n": own}
    return {
        "name": name,
        "label": NAMES[name],
        "value": value,
        "unit": pgettext("unit", "人") if name in {"yes", "arrived"} else _("位"),
        "tone": TONES[name],
        "hint": hint,
        "href": address(call, {**asked, "show": name}) + "#people",
        "current": asked["show"] == name,
    }


def drawn(call: Call, found: Tally, place: Place, figures: Figures) -> dict[str, Any]:
    """One place with its figures; what hangs at the place itself is not opened further."""
    own = found.here is not None and place.pk == found.here.pk
    key = str(place.public_id)
    return {
        "id": f"part-{place.pk}",
        "name": _("%(place)s直属") % {"place": named(place)} if own else named(place),
        "href": "" if own else address(call, {"in": key}),
        "share": round(100 * figures.yes / call.people_needed),
        "cells": [
            (NAMES[name], getattr(figures, name), address(call, {"in": key, "show": name}) + "#people")
            for name in SHOWN
        ],
    }


def line(offer: Offer, show: str) -> dict[str, Any]:
    """One person or team behind a figure."""
    home = offer.team.place if offer.team else offer.volunteer.base_place if offer.volunteer else None
    now = clock.now()
    moments = {
        "asked": (offer.answer_due_at, _("%(when)s前答复")),
        "arrived": (offer.arrived_at, _("%(when)s到")),
    }
    at, words = moments.get(show, (offer.answered_at, _("%(when)s答应")))
    parts = [named(home) if home else "", words % {"when": when.moment_text(at, now)} if at else ""]
    if show == "arrived" and offer.left_at:
        parts.append(_("%(when)s走") % {"when": when.moment_text(offer.left_at, now)})
    if offer.team_id and show in {"yes", "arrived"}:
        parts.append(_("%(n)d 人") % {"n": offer.seats})
    if show in {"yes", "arrived"} and offer.call.raised_for_id:
        parts += [f"{one.good.name} {one.amount} {one.good.unit}" for one in offer.goods.all()]
    if offer.must_answer and show == "asked":
        parts.append(_("单位，必须答复"))
    return {
        "name": str(offer.team or offer.volunteer),
        "role": _("志愿队") if offer.team_id else _("志愿者"),
        "meta": " · ".join(filter(None, parts)),
        "tone": "gui" if offer.team_id else "dai",
    }
