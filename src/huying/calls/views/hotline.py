"""Tickets of a hotline: upload, look through, decide, take in; and the answer back to the hotline."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from huying.calls import actions, queries, rules
from huying.calls.actions.hotline import rows_of
from huying.calls.forms.hotline import DaysForm, DecisionsForm, TicketsForm
from huying.calls.forms.words import refused
from huying.calls.queries import hotline as asked
from huying.calls.views.desk import see
from huying.kernel import exports, paging
from huying.kernel.actor import Actor
from huying.kernel.errors import DomainError, Forbidden, InvalidInput
from huying.kernel.requests import Request, fresh, signed_in

HEADS = (_("工单编号"), _("求助"), _("社区或村"), _("状态"), _("收进时间"))
PROBLEM_HEADS = (_("行"), _("列"), _("问题"))
PAGE = 25
both = require_http_methods(["GET", "HEAD", "POST"])


def taker(request: Request) -> Actor:
    """The actor, when he takes tickets anywhere."""
    actor = signed_in(request)
    if not rules.can_take_tickets(actor):
        raise Forbidden(_("热线工单由站、所和中心的值班人员导入。"))
    return actor


@both
def tickets(request: Request) -> HttpResponse:
    """Choose a table; it is read and checked, nothing is taken yet. Below it the tickets that came in last."""
    actor = taker(request)
    sent = request.method == "POST"
    areas = queries.own_areas(actor, rules.HANDLERS)
    form = TicketsForm(request.POST if sent else None, request.FILES if sent else None, areas=areas)
    problems: list[asked.Problem] = []
    if form.is_bound and form.is_valid():
        given = form.cleaned_data
        try:
            draft, found = actions.check_tickets(
                actor=actor, area=form.area, source=given["source"], upload=given["upload"]
            )
        except DomainError as problem:
            refused(form, problem)
        else:
            if draft is not None:
                return see(reverse("calls:hotline_draft", args=[draft.public_id]))
            problems = found.problems
            form.add_error("upload", gettext("有 %(n)d 处要改，一件也没有收进来。") % {"n": len(problems)})
    page = paging.page(asked.tickets(actor), order=("-taken_at", "-id"), cursor=request.GET.get("cursor"), size=PAGE)
    facts = {
        "form": form,
        "problems": problems,
        "problem_heads": PROBLEM_HEADS,
        "page": page,
        "heads": HEADS,
        "files": exports.addresses("calls:hotline_file"),
        "days": DaysForm(),
        "columns": [words[0] for words in asked.COLUMNS.values()],
    }
    return render(request, "calls/desk/hotline.html", facts, status=422 if form.is_bound else 200)


@both
@never_cache
def draft(request: Request, public_id: UUID) -> HttpResponse:
    """What each ticket would become, beside the calls it may repeat; somebody decides, and all come in together."""
    actor = taker(request)
    row = asked.draft(actor, public_id)
    plan = asked.plan(actor, row.place, row.source, rows_of(row))
    form = DecisionsForm(request.POST if request.method == "POST" else None, plan=plan)
    if form.is_bound and form.is_valid():
        try:
            done = actions.take_draft(actor=actor, draft=row, decisions=form.decisions())
        except (InvalidInput, actions.TicketsTaken) as problem:
            refused(form, problem)
        else:
            made = sum(one.is_new for one in done)
            messages.success(
                request, gettext("收进 %(all)d 件工单，新建 %(n)d 件求助。") % {"all": len(done), "n": made}
            )
            return see(reverse("calls:hotline"))
    context: dict[str, Any] = {
        "draft": row,
        "plan": plan,
        "form": form,
        "fresh": [(one, form.field_of(one)) for one in plan.fresh],
        "known": [one for one in plan.tickets if one.known is not None],
    }
    return render(request, "calls/desk/hotline_draft.html", context, status=422 if form.is_bound else 200)


@require_safe
def template(request: Request, form: str) -> HttpResponseBase:
    """An empty table with the right headings and one example."""
    actor = taker(request)
    areas = queries.own_areas(actor, rules.HANDLERS)
    example = asked.example(queries.menu().first(), areas[0])
    return exports.respond(
        actor=actor, name=gettext("热线工单模板"), kind=exports.kind_of(form), columns=asked.TEMPLATE, rows=[example]
    )


@require_safe
@fresh
def reply(request: Request, form: str) -> HttpResponseBase:
    """How far each ticket is, as a file for the hotline; who took it stands in the trail."""
    actor, days = taker(request), DaysForm(request.GET)
    if not days.is_valid():
        raise InvalidInput(" ".join(str(words) for errors in days.errors.values() for words in errors))
    rows = asked.replies(actor, *days.span())
    return exports.respond(
        actor=actor, name=gettext("热线工单办理情况"), kind=exports.kind_of(form), columns=asked.REPLY, rows=rows
    )


@require_safe
@never_cache
@fresh
def tickets_file(request: Request, form: str) -> HttpResponseBase:
    """All tickets that came in at the reader's places, the last first; what goes back to the hotline is ``reply``."""
    actor = taker(request)
    rows = asked.tickets(actor).order_by("-taken_at", "-id")
    return exports.respond(
        actor=actor, name=gettext("热线工单"), kind=exports.kind_of(form), columns=asked.TICKETS, rows=rows
    )
