"""A number of the board that is no metric of figures, by itself: what it says, what it is made of, and who may see what is
behind it. Whoever sees the board sees this page; the calls and volunteers themselves only by the rules of their rooms.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from huying.cockpit import queries
from huying.cockpit.queries.measures import Measure
from huying.cockpit.views import board_words as words
from huying.cockpit.views.boards import asked_form, reader, span_in_words
from huying.figures.queries import Period
from huying.kernel.actor import Actor
from huying.kernel.requests import Request
from huying.people import rules as people_rules
from huying.places.models import Place
from huying.ui.naming import named
from huying.volunteers.rules import KEEPERS

BELOW = (_("地方"), {"label": _("数"), "end": True}, {"label": _("由什么算出"), "end": True})
CLOCKS = (_("时限"), {"label": _("件"), "end": True})


@require_safe
@never_cache
def measure(request: Request, public_id: UUID, code: str) -> HttpResponse:
    """One number with its definition, its parts below the place or by clock, and the ways on. NotFound."""
    actor = reader(request)
    place = queries.place_of(actor, public_id)
    form = asked_form(request)
    good = form.is_valid()
    period = form.span().shown
    found = queries.measure(actor, place, code, period)
    context = {
        "place": place,
        "label": words.LABELS[code],
        "says": words.says(code),
        "value": words.measured(found),
        "unit": words.measure_unit(code),
        "of": words.made_of(found.share.part, found.share.whole) if found.share else "",
        "out": found.out,
        "when": span_in_words(period) if found.share else _("现在"),
        "links": links(actor, place, code, period),
        "heads": BELOW,
        "lines": [line(found, one.place, period, words.percent(one.share), one.share) for one in found.lines],
        "clock_heads": CLOCKS,
        "clocks": words.clocks(actor, place, found.clocks) if found.clocks else [],
    }
    return render(request, "cockpit/measure.html", context, status=200 if good else 422)


def line(found: Measure, place: Place | None, period: Period, value: str, share: Any) -> dict[str, Any]:
    """A place right below with the same number, which opens in the same way; None is what lies at the place itself."""
    return {
        "name": named(place) if place else "",
        "href": words.measure_link(place, found.code, period) if place else "",
        "value": f"{value}%" if value != words.DASH else value,
        "of": words.made_of(share.part, share.whole),
    }


def links(actor: Actor, place: Place, code: str, period: Period) -> list[tuple[str, Any]]:
    """The lists behind the number that the reader may open."""
    if code == "active":
        asked = urlencode({"within": place.public_id, "only": "active"})
        listed = (
            [(f"{reverse('volunteers:list')}?{asked}", _("看这些志愿者"))]
            if people_rules.reaches(actor, KEEPERS, place)
            else []
        )
        return [*listed, (words.number_link(place, "volunteers_registered", period), _("看注册志愿者"))]
    if code == "open":
        href = words.call_list(actor, place)
        return [(href, _("看这些求助"))] if href else []
    if not words.has_desk(actor, place):
        return []
    last = type(period.until).fromordinal(period.until.toordinal() - 1)
    asked_for = {"share": code, "place": place.public_id, "since": period.since.isoformat(), "until": last.isoformat()}
    base = reverse("calls:figures_calls")
    whole = {**asked_for, "whole": "on"}
    return [(f"{base}?{urlencode(asked_for)}", _("看分子的求助")), (f"{base}?{urlencode(whole)}", _("看分母的求助"))]
