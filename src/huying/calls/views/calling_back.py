"""Calling back: what was drawn, and what the people served said."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from huying.calls import actions, queries, rules
from huying.calls.forms.measuring import CallbackForm, DrawForm
from huying.calls.forms.words import refused
from huying.calls.models import Callback, Draw
from huying.calls.states import Outcome
from huying.calls.views import shown
from huying.calls.views.desk import on_duty, see
from huying.kernel import exports, idempotency, paging
from huying.kernel.actor import Actor
from huying.kernel.errors import Conflict, DomainError, Forbidden, InvalidInput
from huying.kernel.exports import Column
from huying.kernel.requests import Request, fresh
from huying.kernel.sealed import NothingSealed
from huying.ui.naming import named

HEADS = (
    gettext_lazy("编号"),
    gettext_lazy("服务"),
    gettext_lazy("求助人"),
    gettext_lazy("地方"),
    gettext_lazy("回访"),
    gettext_lazy("记一笔"),
)
SIZE = 25
DRAWS: tuple[Column[Draw], ...] = (
    Column(gettext_lazy("地方"), lambda one: named(one.place), "place"),
    Column(gettext_lazy("从"), "since"),
    Column(gettext_lazy("到"), "until"),
    Column(gettext_lazy("一共几件"), "population"),
    Column(gettext_lazy("抽取几件"), "size"),
    Column(gettext_lazy("问过几件"), "done"),
    Column(gettext_lazy("抽取时间"), "drawn_at"),
    Column(gettext_lazy("谁让系统抽取"), "drawn_by.name", "drawn_by"),
    Column(gettext_lazy("抽样编号"), "seed"),
)
SAMPLES: tuple[Column[Callback], ...] = (
    Column(gettext_lazy("编号"), "call.number", "call"),
    Column(gettext_lazy("服务"), lambda one: named(one.call.kind), "service"),
    Column(gettext_lazy("地方"), lambda one: named(one.call.place), "place"),
    Column(gettext_lazy("回访"), lambda one: one.get_outcome_display(), "outcome"),
    Column(gettext_lazy("打了几次"), "tries"),
    Column(gettext_lazy("几星"), "score"),
    Column(gettext_lazy("已解决"), "solved"),
    Column(gettext_lazy("什么时候记的"), "recorded_at"),
)
"""Who was called stays on the page: the number of the call finds him for those who may see him."""


@require_http_methods(["GET", "HEAD", "POST"])
def draws(request: Request) -> HttpResponse:
    """What was drawn so far; POST has the system draw."""
    actor = on_duty(request)
    may = rules.can_draw(actor)
    if request.method == "POST" and not may:
        raise Forbidden(_("回访样本由所、中心和督查人员抽取。"))
    form = DrawForm(request.POST if request.method == "POST" else None, actor=actor)
    if form.is_bound and form.is_valid() and form.where:
        since, until = form.span()
        try:
            made = actions.draw(actor=actor, place=form.where, since=since, until=until, size=form.cleaned_data["size"])
        except (InvalidInput, Conflict) as problem:
            refused(form, problem)
        else:
            messages.success(request, _("抽出 %(n)d 件，抽样编号 %(seed)s。") % {"n": made.size, "seed": made.seed[:8]})
            return see(reverse("calls:callback_draw", args=[made.public_id]))
    page = paging.page(queries.draws(actor), ("-id",), request.GET.get("cursor"), SIZE)
    context = {"form": form, "page": page, "may": may, "places": queries.places_on_desk(actor)}
    context["files"] = exports.addresses("calls:callbacks_file")
    return render(request, "calls/figures/draws.html", context, status=422 if form.is_bound else 200)


@require_safe
@never_cache
@fresh
def draws_file(request: Request, form: str) -> HttpResponseBase:
    """All draws at the reader's places, newest first."""
    actor = on_duty(request)
    rows = queries.draws(actor)
    return exports.respond(actor=actor, name=_("回访"), kind=exports.kind_of(form), columns=DRAWS, rows=rows)


@require_safe
@never_cache
@fresh
def draw_file(request: Request, public_id: UUID, form: str) -> HttpResponseBase:
    """What was drawn and what was said, as far as the reader sees the calls; no names, no telephone numbers."""
    actor = on_duty(request)
    one = queries.draw_by_id(actor, public_id)
    rows, kind = queries.callbacks_of(actor, one), exports.kind_of(form)
    return exports.respond(
        actor=actor, name=_("回访样本"), kind=kind, columns=SAMPLES, rows=rows, place_path=one.place.path
    )


@require_safe
@never_cache
def draw(request: Request, public_id: UUID) -> HttpResponse:
    """One draw: the drawn calls, and what was said."""
    actor = on_duty(request)
    return drawn(request, actor, queries.draw_by_id(actor, public_id))


def drawn(request: Request, actor: Actor, one: Draw, status: int = 200, **more: Any) -> HttpResponse:
    page = paging.page(queries.callbacks_of(actor, one), ("id",), request.GET.get("cursor"), SIZE)
    rows = rows_of(actor, page.rows)
    files = exports.addresses("calls:callback_draw_file", one.public_id)
    context = {"draw": one, "page": page, "rows": rows, "heads": HEADS, "files": files, **more}
    return render(request, "calls/figures/draw.html", context, status=status)


def rows_of(actor: Actor, callbacks: list[Callback]) -> list[dict[str, Any]]:
    """Each drawn call with whether this reader may call: he reaches the place and had no hand in it."""
    own = queries.hands_in([one.call_id for one in callbacks], actor.person_id or 0)
    return [
        {
            "one": one,
            "result": result(one),
            "open": one.outcome in {Outcome.WAITING, Outcome.UNREACHED},
            "own": one.call_id in own,
            "may": one.call_id not in own and rules.can_draw(actor, one.call.place),
        }
        for one in callbacks
    ]


def result(one: Callback) -> str:
    """没联系上（2 次）, or 已解决 · 5 星."""
    if one.outcome == Outcome.ANSWERED:
        solved = _("已解决") if one.solved else _("没解决")
        return _("%(score)d 星 · %(solved)s") % {"score": one.score, "solved": solved}
    words = str(one.get_outcome_display())
    return _("%(words)s（%(n)d 次）") % {"words": words, "n": one.tries} if one.tries else words


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def answer(request: Request, public_id: UUID) -> HttpResponse:
    """The page on which one call-back is written down."""
    actor = on_duty(request)
    one = caller_of(actor, public_id)
    form = CallbackForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            actions.record_callback(actor=actor, public_id=public_id, heard=form.heard())
        except (InvalidInput, Conflict) as problem:
            refused(form, problem)
        else:
            messages.success(request, _("已记下。"))
            return see(reverse("calls:callback_draw", args=[one.draw.public_id]))
    return answering(request, one, form, 422 if form.is_bound else 200)


def answering(request: Request, one: Callback, form: CallbackForm, status: int = 200, **more: Any) -> HttpResponse:
    context = {"one": one, "call": one.call, "form": form, "result": result(one), **more}
    return render(request, "calls/figures/callback.html", context, status=status)


def caller_of(actor: Actor, public_id: UUID) -> Callback:
    """The drawn call, when this person may call back; Forbidden for those who had a hand in it."""
    one = queries.callback_by_id(actor, public_id)
    if not rules.can_call_back(actor, one.call):
        raise Forbidden(_("回访由没有经手这件求助的所、中心和督查人员来做。"))
    return one


@idempotency.exempt
@require_POST
@never_cache
def number(request: Request, public_id: UUID) -> HttpResponse:
    """Open the number to call; a look in the trail each time, and never kept as a stored answer."""
    actor = on_duty(request)
    one = caller_of(actor, public_id)
    form, opened = CallbackForm(), ""
    try:
        opened = actions.open_number(actor=actor, callback=one)
    except NothingSealed:
        messages.error(request, _("没有留下电话号码，请到站里问问。"))
    except DomainError as problem:
        if problem.status not in {422, 429}:
            raise
        messages.error(request, str(problem))
    more = {"phone": opened, "number": shown.phone_in_words(opened)}
    return answering(request, one, form, 200 if opened else 422, **more)
