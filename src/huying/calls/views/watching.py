"""The supervisor's page: what is late, half gone, due today; the week beside the week before; urging; whom to call back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from huying.calls import actions, queries, rules
from huying.calls.forms.desk import BoardForm
from huying.calls.forms.measuring import UrgeForm
from huying.calls.models import Call, Exclusion
from huying.calls.queries.board import day_start
from huying.calls.queries.watching import Tally
from huying.calls.views import cards
from huying.calls.views.beside import panel_context
from huying.calls.views.calling_back import HEADS as SAMPLE_HEADS
from huying.calls.views.calling_back import rows_of
from huying.calls.views.desk import asked, call_on_desk, checked, desk_name, on_duty, see
from huying.calls.views.figures import percent, shown
from huying.calls.views.listing import HEADS as ROW_HEADS
from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.kernel.requests import Request, way_back
from huying.ui import when

WEEK = ("responded", "on_time", "closed", "confirmed", "satisfied", "silent", "reopened", "returned")
TALLY_HEADS = tuple(
    {"label": label, "end": True}
    for label in (
        gettext_lazy("在办"),
        gettext_lazy("已超时"),
        gettext_lazy("时限过半"),
        gettext_lazy("今天到期"),
        gettext_lazy("缓办"),
    )
)
PRESSING_HEADS = (
    gettext_lazy("编号"),
    gettext_lazy("事项"),
    gettext_lazy("地方"),
    gettext_lazy("归谁办"),
    gettext_lazy("时限"),
    gettext_lazy("催办"),
)
WEEK_HEADS = (
    gettext_lazy("指标"),
    {"label": gettext_lazy("近七天"), "end": True},
    {"label": gettext_lazy("分子 / 分母（件）"), "end": True},
    {"label": gettext_lazy("前七天"), "end": True},
    gettext_lazy("怎么算"),
)
SAMPLES = 10
LOOKED_AT = 100
"""So many proposals are looked through for those that this reader may decide about."""


@require_safe
def watch(request: Request) -> HttpResponse:
    """One page for those above."""
    actor = on_duty(request)
    form = BoardForm(request.GET, actor=actor)
    form.is_valid()
    path = form.where.path if form.where else ""
    kept = asked(request, ("place",))
    seen, now = queries.watched(actor, path), clock.now()
    waiting = list(queries.waiting_callbacks(actor)[:SAMPLES])
    places = queries.places_on_desk(actor, path)
    context = {
        "form": form,
        "kept": kept,
        "places": places,
        "place": form.where,
        "lead": cards.lead(desk_name(actor, places), now),
        "figures": figures(seen.whole, kept),
        "levels": [tally(one, {**kept, "level": one.key}, one.name) for one in seen.levels],
        "areas": [
            tally(one, {"place": one.key or kept.get("place", "")}, one.name or _("本级")) for one in seen.places
        ],
        "pressing_heads": PRESSING_HEADS,
        "week_heads": WEEK_HEADS,
        "row_heads": ROW_HEADS,
        "sample_heads": SAMPLE_HEADS,
        "level_heads": [_("归谁办"), *TALLY_HEADS],
        "place_heads": [_("地方"), *TALLY_HEADS],
        "pressing": [pressed(actor, call) for call in queries.pressing(actor, path)],
        "due": [cards.listed_row(queries.card(call, now), cards.said()) for call in queries.due_today(actor, path)],
        "weeks": weeks(actor, path, kept),
        "judged": judged(actor),
        "samples": [row for row in rows_of(actor, waiting) if row["may"]],
    }
    return render(request, "calls/figures/watch.html", context, status=422 if form.errors else 200)


def judged(actor: Actor) -> list[Exclusion]:
    """Proposals to leave a call out of the shares that wait for this reader: from above, and without a hand in the call."""
    found = list(queries.waiting_exclusions(actor)[:LOOKED_AT])
    own = queries.hands_in([one.call_id for one in found], actor.person_id or 0)
    return [one for one in found if one.call_id not in own and rules.stands_above(actor, one.call)][:SAMPLES]


def figures(whole: Tally, kept: dict[str, str]) -> list[dict[str, Any]]:
    """The strip above; each figure leads to its calls."""
    rows = (
        (_("已超时"), whole.late, "mei", "late"),
        (_("时限过半"), whole.amber, "kaki", "amber"),
        (_("今天到期"), whole.due, "gui", "due"),
    )
    found = [
        {"label": name, "value": n, "tone": tone, "href": cards.address("calls:list", kept, only=only, sort="due")}
        for name, n, tone, only in rows
    ]
    paused = cards.address("calls:list", kept, state="=suspended")
    return [*found, {"label": _("缓办"), "value": whole.suspended, "tone": "dai", "href": paused}]


def tally(one: Tally, kept: dict[str, str], name: str) -> dict[str, Any]:
    """One row of counts, each a way to its calls."""
    ways = (
        (one.open, {"state": "open"}, ""),
        (one.late, {"only": "late"}, "mei"),
        (one.amber, {"only": "amber"}, "kaki"),
        (one.due, {"only": "due"}, ""),
        (one.suspended, {"state": "=suspended"}, ""),
    )
    labels = [head["label"] for head in TALLY_HEADS]
    cells = [
        {"label": label, "n": n, "href": cards.address("calls:list", kept, **more), "tone": tone if n else ""}
        for label, (n, more, tone) in zip(labels, ways, strict=True)
    ]
    return {"name": name, "cells": cells}


def pressed(actor: Actor, call: Call) -> dict[str, Any]:
    """A call that presses, with its button, and when it was urged last."""
    now = clock.now()
    urged = when.moment_text(call.urged_at, now) if call.urged_at else ""
    row = cards.row_facts(queries.card(call, now), cards.said())
    label = _("催办 %(number)s") % {"number": call.number}
    return {**row, "may_urge": rules.can_urge(actor, call), "urged": urged, "urge_label": label}


def weeks(actor: Actor, path: str, kept: dict[str, str]) -> list[dict[str, Any]]:
    """Shares of the last seven days beside those of the seven before, today included."""
    until = day_start(clock.now()) + timedelta(days=1)
    spans = [(until - timedelta(days=7 * (n + 1)), until - timedelta(days=7 * n)) for n in (0, 1)]
    this, last = (queries.measured(actor, queries.Asked(since, end, place_path=path)) for since, end in spans)
    begins, ends = (clock.local(at).date().isoformat() for at in (spans[0][0], spans[0][1] - timedelta(days=1)))
    found = []
    for code in WEEK:
        row = shown(code, this.whole, {**kept, "since": begins, "until": ends})
        before = last.whole.values[code]
        found.append({**row, "before": percent(before), "before_of": f"{before.part}/{before.whole}"})
    return found


@require_POST
def urge(request: Request, public_id: UUID) -> HttpResponse:
    """Urge whoever holds the call; 409 while the interval runs, 422 with what was typed when that is too long."""
    actor = on_duty(request)
    call = call_on_desk(actor, public_id)
    form, back = UrgeForm(request.POST, auto_id="urge-%s"), way_back(request, reverse("calls:watch"))
    if not form.is_valid() and rules.can_urge(actor, call):
        context = panel_context(actor, call, back=back, board_url=reverse("calls:board"), urge=form)
        return render(request, "calls/desk/panel.html", context, status=422)
    actions.urge(actor=actor, call=call, note=checked(form)["note"])
    messages.success(request, _("已催办 %(number)s，经办人会收到消息。") % {"number": call.number})
    return see(back)
