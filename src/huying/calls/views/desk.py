"""The desk of those on duty: board, panel, list, export, and the call typed for somebody at the telephone."""

from __future__ import annotations

from hashlib import blake2b
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from huying.calls import actions, queries, rules
from huying.calls.forms.desk import ONLY_WORDS, BoardForm, DispatchForm, JoinForm
from huying.calls.models import Call
from huying.calls.views import cards
from huying.calls.views.beside import panel_context
from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.kernel.errors import Forbidden, InvalidInput, NotFound
from huying.kernel.requests import Request, signed_in, way_back
from huying.ui.naming import named
from huying.volunteers import queries as volunteer_queries

KEEP = ("q", "only", "kind", "place")
KEYS = (
    ("J", gettext_lazy("下一件")),
    ("K", gettext_lazy("上一件")),
    ("Enter", gettext_lazy("打开选中的一件")),
    ("A", gettext_lazy("到推荐人选，准备派单")),
    ("/", gettext_lazy("搜索")),
    ("N", gettext_lazy("电话代录")),
    ("?", gettext_lazy("打开这张表")),
)


def on_duty(request: Request) -> Actor:
    """The actor, when he has a desk; everybody else is sent to sign in or told that this is not his page."""
    actor = signed_in(request)
    if not rules.can_desk(actor):
        raise Forbidden(_("派单台只对实践站、所、中心的值班人员和督查人员开放。"))
    return actor


def asked(request: Request, names: tuple[str, ...] = KEEP) -> dict[str, str]:
    """The filters in the address, as typed."""
    return {name: request.GET[name] for name in names if request.GET.get(name)}


@require_safe
def board(request: Request) -> HttpResponse:
    """The board with one call chosen; the panel alone when the script asks for it."""
    actor = on_duty(request)
    chosen = chosen_call(request, actor)
    if request.htmx and request.htmx.target == "detail" and chosen:
        return render(request, "calls/desk/_panel.html", beside_board(request, actor, chosen))
    form = BoardForm(request.GET, actor=actor)
    form.is_valid()
    columns, figures = counted_once(actor, form)
    explicit = chosen is not None
    chosen = chosen or first_of(columns)
    context = {
        "form": form,
        "explicit": explicit,
        **columns_context(request, columns, chosen),
        **filters_context(request, actor, form),
        "figures": figures,
        "keys": KEYS,
    }
    if explicit and chosen:
        context |= beside_board(request, actor, chosen)
    elif chosen:
        context["first"] = cards.address("calls:board", asked(request), call=str(chosen.public_id))
    return render(request, "calls/desk/board.html", context)


@require_safe
def columns(request: Request) -> HttpResponse:
    """The columns again, for the page that is open; 304 while nothing has changed."""
    actor = on_duty(request)
    form = BoardForm(request.GET, actor=actor)
    form.is_valid()
    reader = (request.GET.urlencode(), actor.person_id, actor.roles, get_language())
    chosen = chosen_call(request, actor)
    version = queries.version(chosen) if chosen else 0
    seen = f"{reader} {queries.stamp(actor, form.filters())} {version}"
    etag = f'"{blake2b(seen.encode(), digest_size=12).hexdigest()}"'
    answer = get_conditional_response(request, etag=etag)
    if answer is None:
        found, figures = counted_once(actor, form)
        context = columns_context(request, found, chosen) | {"chosen": chosen, "version": version}
        answer = render(request, "calls/desk/_columns.html", {**context, "figures": figures})
    answer.headers["ETag"] = etag
    answer.headers["Cache-Control"] = "private, no-cache"
    patch_vary_headers(answer, ["Cookie", "Accept-Language"])
    return answer


def counted_once(actor: Actor, form: BoardForm) -> tuple[list[queries.Column], list[dict[str, Any]]]:
    """The columns and the strip above them; where nothing is filtered, one count serves both."""
    filters, whole = form.filters(), queries.whole_desk(actor)
    columns = queries.board(actor, filters, whole if filters == queries.Filters() else None)
    return columns, cards.figures(queries.kpis(actor, whole))


def call_on_desk(actor: Actor, public_id: UUID) -> Call:
    """The call, when it is on the actor's desk; NotFound for all others, so that nothing tells that they exist."""
    call = queries.desk_call(actor, public_id)
    if call is None:
        raise NotFound
    return call


def chosen_call(request: Request, actor: Actor) -> Call | None:
    """The call named in the address, if the actor may see it; an old or odd link shows the board without it."""
    try:
        wanted = UUID(request.GET.get("call", ""))
    except ValueError:
        return None
    return queries.desk_call(actor, wanted)


def first_of(columns: list[queries.Column]) -> Call | None:
    """What to look at first: of the cards that wait for the desk, the one that is due first."""
    waiting = [card.call for column in columns[:2] for card in column.cards]
    rest = [card.call for column in columns[2:] for card in column.cards]
    due = [call for call in waiting if call.stage_due_at]
    return min(due, key=lambda call: str(call.stage_due_at)) if due else next(iter([*waiting, *rest]), None)


def columns_context(request: Request, columns: list[queries.Column], chosen: Call | None) -> dict[str, Any]:
    kept = asked(request)
    board_with = cards.address("calls:board", kept, call="-").removesuffix("-")
    words = cards.said()
    shown = [
        {
            "id": f"column-{column.code}",
            "name": column.name,
            "tone": column.tone,
            "total": column.total,
            "more": cards.address("calls:list", kept, state=column.code, sort="due"),
            "cards": [cards.drawn(column, card, board_with, chosen, words) for card in column.cards],
        }
        for column in columns
    ]
    return {"columns": shown, "poll": cards.address("calls:board_columns", kept)}


def filters_context(request: Request, actor: Actor, form: BoardForm) -> dict[str, Any]:
    kept = asked(request)
    words = {"": _("全部"), **ONLY_WORDS}
    chips = [
        {
            "label": words[code],
            "url": cards.address("calls:board", kept, only=code),
            "current": kept.get("only", "") == code,
            "icon": icon,
        }
        for code, icon in cards.ONLY_CHIPS.items()
    ]
    here = form.where.path if form.where else ""
    places = queries.places_on_desk(actor, here)
    return {
        "chips": chips,
        "kept": kept,
        "without_words": {name: value for name, value in kept.items() if name != "q"},
        "kinds": queries.kinds_on_desk(),
        "places": places,
        "place": form.where,
        "lead": cards.lead(desk_name(actor, places), clock.now()),
    }


def desk_name(actor: Actor, places: list[Any]) -> str:
    """The actor's own place, when the list of places begins with it."""
    own = [place for place in places if any(place.path == path for _kind, path in actor.roles)]
    return named(own[0]) if own else ""


@require_safe
def panel(request: Request, public_id: UUID) -> HttpResponse:
    """One call for those on duty, as a page of its own or as the panel beside the board."""
    actor = on_duty(request)
    call = call_on_desk(actor, public_id)
    here, back = reverse("calls:panel", args=[call.public_id]), way_back(request, reverse("calls:board"))
    context = panel_context(actor, call, back=here, board_url=back)
    return render(request, "calls/desk/_panel.html" if request.htmx else "calls/desk/panel.html", context)


def beside_board(request: Request, actor: Actor, call: Call) -> dict[str, Any]:
    """The panel of the call that is chosen on the board; its steps lead back to the board as it is filtered now."""
    kept = asked(request)
    back = cards.address("calls:board", kept, call=str(call.public_id))
    context = panel_context(actor, call, back=back, board_url=cards.address("calls:board", kept))
    return {**context, "live": str(call.public_id)}


@require_POST
def dispatch(request: Request, public_id: UUID) -> HttpResponse:
    """Ask the chosen helpers."""
    actor = on_duty(request)
    call = call_on_desk(actor, public_id)
    if not rules.can_handle(actor, call):
        raise Forbidden
    chosen = checked(DispatchForm(request.POST))
    actions.dispatch(
        actor=actor,
        call=call,
        volunteers=volunteer_queries.volunteers_by_public_id(actor, chosen["volunteers"]),
        teams=volunteer_queries.teams_by_public_id(actor, chosen["teams"]),
    )
    messages.success(request, _("已派出，等对方答复。"))
    return see(way_back(request, reverse("calls:panel", args=[call.public_id])))


@require_POST
def duplicate(request: Request, public_id: UUID) -> HttpResponse:
    """Join this call to another one for the same matter, and go on with that one."""
    actor = on_duty(request)
    call = call_on_desk(actor, public_id)
    other = call_on_desk(actor, checked(JoinForm(request.POST))["of"])
    actions.mark_duplicate(actor=actor, call=call, of=other)
    messages.success(request, _("已并入 %(number)s。") % {"number": other.number})
    return see(cards.address("calls:board", {}, call=str(other.public_id)))


def checked(form: forms.Form) -> dict[str, Any]:
    """What a form of buttons sent; InvalidInput with its sentences when somebody sent something else."""
    if not form.is_valid():
        raise InvalidInput(" ".join(str(words) for errors in form.errors.values() for words in errors))
    return form.cleaned_data


def see(address: str) -> HttpResponse:
    """After a write: look there (303, so that a reload does not write again)."""
    return HttpResponseRedirect(address, status=303)
