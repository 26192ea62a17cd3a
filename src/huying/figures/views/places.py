"""Pages of figures: counted numbers of a place beside what others reported of it, and the checks of the latter."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from huying.figures import actions, queries, rules
from huying.figures.forms import CheckForm, ExportForm, FindForm, ReportForm, refused
from huying.figures.models import ReportedFigure
from huying.figures.queries.reported import Judged
from huying.figures.states import Verdict
from huying.kernel import clock, exports, paging
from huying.kernel.actor import Actor
from huying.kernel.errors import DomainError, Forbidden, NotFound
from huying.kernel.requests import Request, signed_in
from huying.places import queries as place_queries
from huying.places.models import Place
from huying.ui.naming import named

MOST_SHOWN = 200
COUNTED = (_("什么指标"), {"label": _("今年"), "end": True}, {"label": _("本月"), "end": True}, _("单位"), _("数什么"))
REPORTED = (_("什么数"), {"label": _("报告的数"), "end": True}, _("数据日期"), _("来源"))
CHECKED = (_("检查"), _("结果"), {"label": _("算出来的数"), "end": True}, _("说明"), _("停用"))
WORDS = ({"label": _("数"), "end": True}, _("数据日期"), _("来源"), _("什么时候填的"), _("为什么更正"))
TONES = {Verdict.HOLDS: "pine", Verdict.FAILS: "mei", Verdict.PLAUSIBLE: "dai", Verdict.UNDECIDABLE: "ink"}


def reader(request: Request) -> Actor:
    """Who is signed in, if he reads figures somewhere; Forbidden for others."""
    actor = signed_in(request)
    if not rules.reads_somewhere(actor):
        raise Forbidden
    return actor


def read_place(actor: Actor, public_id: UUID) -> Place:
    """A place whose figures the actor reads; NotFound for others."""
    place = place_queries.by_public_id(public_id)
    if not rules.can_read(actor, place):
        raise NotFound
    return place


def kept_place(actor: Actor, public_id: UUID) -> Place:
    """A place whose reported figures the actor keeps; NotFound where he may not even read, else Forbidden."""
    place = read_place(actor, public_id)
    if not rules.can_keep(actor, place):
        raise Forbidden(_("填报和更正由这个地方的实践所、调度员和业务管理员负责。"))
    return place


def at(place: Place) -> str:
    return reverse("figures:place", args=[place.public_id])


@require_safe
@never_cache
def home(request: Request) -> HttpResponse:
    """To the highest place where the reader works."""
    actor = reader(request)
    place = place_queries.home_of(actor)
    if place is None or not rules.can_read(actor, place):
        raise NotFound
    return HttpResponseRedirect(at(place), status=303)


@require_safe
@never_cache
def place(request: Request, public_id: UUID) -> HttpResponse:
    """Counted and reported numbers of one place, in two tables, and the checks."""
    actor = reader(request)
    found, today = read_place(actor, public_id), clock.today()
    tomorrow = today + timedelta(days=1)
    year, month = (
        queries.Period(one.since, tomorrow) for one in (queries.Period.year(today.year), queries.Period.month(today))
    )
    words = FindForm(request.GET).words()
    rows = queries.reported(actor, place=found, words=words)
    context = {
        "place": found,
        "this_year": year,
        "this_month": month,
        "above": found.parent if found.parent and rules.can_read(actor, found.parent) else None,
        "export": ExportForm(request.GET),
        "files": exports.addresses("figures:export", public_id),
        "q": words,
        "reported_files": exports.addresses(
            "figures:reported_export", public_id, query=urlencode({"q": words} if words else {})
        ),
        "checks_files": exports.addresses("figures:checks_export", public_id),
        "below": [{"label": named(one), "url": at(one)} for one in place_queries.children(found)[:MOST_SHOWN]],
        "keeps": rules.can_keep(actor, found),
        "counted_heads": COUNTED,
        "counted": counted(actor, found, year, month),
        "reported_heads": REPORTED,
        "page": paging.page(rows, ("-as_of", "-id"), request.GET.get("cursor")),
        "checked_heads": CHECKED if rules.can_keep(actor, found) else CHECKED[:-1],
        "checked": [checked(one) for one in queries.verdicts(actor, found)],
    }
    return render(request, "figures/place.html", context)


def counted(actor: Actor, at_place: Place, year: queries.Period, month: queries.Period) -> list[dict[str, Any]]:
    """One row a metric: this year until today, and this month until today."""
    metrics = list(queries.register())
    rows = [queries.values(actor, metrics, at_place, period) for period in (year, month)]
    return [{"metric": one, "year": rows[0][one.pk], "month": rows[1][one.pk]} for one in metrics]


def checked(one: Judged) -> dict[str, Any]:
    """A check in words: the verdict, what came out, between what bounds, and why."""
    result, verdict = one.result, Verdict(one.result.verdict)
    words = str(one.refusal) if one.refusal else str(result.reason.label)
    if result.lower is not None and result.upper is None and verdict == Verdict.PLAUSIBLE:
        words = gettext("至少是这个数。") + words
    if result.upper is not None and result.lower is None and verdict == Verdict.PLAUSIBLE:
        words = gettext("最多是这个数。") + words
    if result.solutions:
        pairs = "、".join(f"{part}/{whole}" for part, whole in result.solutions[:12])
        words += gettext("可能的整数：%(pairs)s。") % {"pairs": pairs}
    value = "–" if result.value is None else two_places(result.value)
    return {"check": one.check, "verdict": verdict, "tone": TONES[verdict], "value": value, "words": words}


def two_places(value: Decimal) -> str:
    """Whole numbers whole, others rounded to two places."""
    return f"{value:,.0f}" if value == value.to_integral_value() else f"{value:,.2f}"


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def report(request: Request, public_id: UUID) -> HttpResponse:
    """Enter a number that somebody reported of this place."""
    actor = reader(request)
    found = kept_place(actor, public_id)
    form = ReportForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            made = actions.report(actor=actor, place=found, facts=form.facts())
        except DomainError as problem:
            refused(form, problem)
        else:
            messages.success(request, gettext("已填报“%(name)s”。") % {"name": made.name})
            return HttpResponseRedirect(at(found), status=303)
    context = {"place": found, "form": form}
    return render(request, "figures/report.html", context, status=422 if form.is_bound else 200)


@require_safe
@never_cache
def reported(request: Request, public_id: UUID) -> HttpResponse:
    """One reported number with all words on it."""
    actor = reader(request)
    figure = queries.reported_figure(actor, public_id)
    words = queries.words_of(figure)
    context = {
        "figure": figure,
        "number": queries.cited_reported(figure),
        "newest": words[0],
        "words": words,
        "heads": WORDS,
        "corrections": ngettext("更正过 %(n)d 次", "更正过 %(n)d 次", len(words) - 1) % {"n": len(words) - 1},
        "keeps": rules.can_keep(actor, figure.place),
    }
    return render(request, "figures/reported.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def correct(request: Request, public_id: UUID) -> HttpResponse:
    """A newer word on a reported number."""
    actor = reader(request)
    figure: ReportedFigure = queries.reported_figure(actor, public_id)
    kept_place(actor, figure.place.public_id)
    form = ReportForm(request.POST if request.method == "POST" else None, figure=figure)
    if form.is_bound and form.is_valid():
        try:
            newer = actions.correct(
                actor=actor, figure=figure, facts=form.facts(figure.code), reason=form.cleaned_data["reason"]
            )
        except DomainError as problem:
            refused(form, problem)
        else:
            messages.success(request, gettext("已更正“%(name)s”，原来的数还在。") % {"name": newer.name})
            return HttpResponseRedirect(reverse("figures:reported", args=[newer.public_id]), status=303)
    context = {"figure": figure, "place": figure.place, "form": form}
    return render(request, "figures/report.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def check(request: Request, public_id: UUID) -> HttpResponse:
    """Set a check beside the reported numbers of this place."""
    actor = reader(request)
    found = kept_place(actor, public_id)
    form = CheckForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            made = actions.add_check(
                actor=actor, place=found, name=form.cleaned_data["name"], statement=form.statement()
            )
        except DomainError as problem:
            refused(form, problem, form.fields_of_parts())
        else:
            messages.success(request, gettext("已加上检查“%(name)s”。") % {"name": made.name})
            return HttpResponseRedirect(f"{at(found)}#checks", status=303)
    context = {"place": found, "form": form, "codes": queries.reported_names(actor, found)}
    return render(request, "figures/check.html", context, status=422 if form.is_bound else 200)


@require_POST
def end_check(request: Request, public_id: UUID) -> HttpResponse:
    """Take a check out of use."""
    actor = reader(request)
    found = queries.seen_check(actor, public_id)
    actions.end_check(actor=actor, check=found)
    messages.success(request, gettext("已停用检查“%(name)s”。") % {"name": found.name})
    return HttpResponseRedirect(f"{at(found.place)}#checks", status=303)
