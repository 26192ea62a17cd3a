"""A number of the board that is no metric of figures, by itself: what it says, and who may see what is behind it. Whoever
sees the board sees this page; the calls and volunteers themselves only by the rules of their rooms.
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
from huying.cockpit.views import board_words as words
from huying.cockpit.views.boards import asked_form, reader
from huying.figures.queries import Period
from huying.kernel.actor import Actor
from huying.kernel.requests import Request
from huying.people import rules as people_rules
from huying.places.models import Place
from huying.volunteers.rules import KEEPERS

CLOCKS = (_("时限"), {"label": _("件"), "end": True})


@require_safe
@never_cache
def measure(request: Request, public_id: UUID, code: str) -> HttpResponse:
    """One number with its definition, its parts by clock, and the ways on. NotFound."""
    actor = reader(request)
    place = queries.place_of(actor, public_id)
    form = asked_form(request)
    good = form.is_valid()
    period = form.span().shown
    found = queries.measure(actor, place, code)
    context = {
        "place": place,
        "label": words.LABELS[code],
        "says": words.says(code),
        "value": words.grouped(found.amount),
        "unit": words.measure_unit(code),
        "when": _("现在"),
        "links": links(actor, place, code, period),
        "clock_heads": CLOCKS,
        "clocks": words.clocks(actor, place, found.clocks) if found.clocks else [],
    }
    return render(request, "cockpit/measure.html", context, status=200 if good else 422)


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
    href = words.call_list(actor, place)
    return [(href, _("看这些求助"))] if href else []
