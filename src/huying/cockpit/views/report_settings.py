"""Pages of what round-ups are made with: the templates of a place, and how its papers are headed."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from huying.cockpit import actions
from huying.cockpit.forms.reports import LetterheadForm, NewTemplateForm, TemplateForm, refused, stretched
from huying.cockpit.models import Report, ReportTemplate
from huying.cockpit.queries import report_templates
from huying.cockpit.queries import reports as queries
from huying.cockpit.queries.report_filling import Asked, filled
from huying.cockpit.rules import report_saying as saying
from huying.cockpit.rules import reports as rules
from huying.cockpit.views.report_shown import page_blocks
from huying.cockpit.views.reports import read_place, reader, written_place
from huying.figures import queries as figures
from huying.figures.queries import Period
from huying.kernel import clock, paging
from huying.kernel.errors import DomainError
from huying.kernel.requests import Request
from huying.places.models import Place
from huying.ui.naming import named

PAGE = 20
METRICS = (_("写法"), _("什么数"), _("单位"))
IN_FORCE = (_("模板"), _("代码"), _("写多长时间"), _("谁的"))
VERSIONS = (_("模板"), _("版本"), _("谁的"), _("什么时候"), _("谁写的"))


def to_place(place: Place) -> HttpResponse:
    return HttpResponseRedirect(reverse("cockpit:reports_at", args=[place.public_id]), status=303)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def letterhead(request: Request, public_id: UUID) -> HttpResponse:
    """Issuing body and letters of paper numbers of this place."""
    actor = reader(request)
    place = written_place(actor, public_id)
    form = LetterheadForm(request.POST if request.method == "POST" else None, head=queries.letterhead(place))
    if form.is_bound and form.is_valid():
        try:
            actions.set_letterhead(actor=actor, place=place, **form.cleaned_data)
        except DomainError as problem:
            refused(form, problem)
        else:
            messages.success(request, gettext("已保存发文机关。"))
            return to_place(place)
    context = {"place": place, "form": form}
    return render(request, "cockpit/report_letterhead.html", context, status=422 if form.is_bound else 200)


@require_safe
@never_cache
def templates(request: Request, public_id: UUID) -> HttpResponse:
    """Templates in force at this place, and every version that reaches it, the newest first."""
    actor = reader(request)
    place = read_place(actor, public_id)
    page = paging.page(report_templates.all_versions(place), ("-made_at", "-id"), request.GET.get("cursor"), PAGE)
    context = {
        "place": place,
        "in_force": report_templates.in_force(place),
        "force_heads": IN_FORCE,
        "page": page,
        "makers": report_templates.makers(page.rows),
        "version_heads": VERSIONS,
        "writes": rules.can_write(actor, place),
    }
    return render(request, "cockpit/report_templates.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def new_template(request: Request, public_id: UUID) -> HttpResponse:
    """A template under a code of its own, copied from one that is there."""
    actor = reader(request)
    place = written_place(actor, public_id)
    form = NewTemplateForm(request.POST if request.method == "POST" else None, place=place)
    if form.is_bound and form.is_valid():
        try:
            made = actions.write_template(
                actor=actor, place=place, code=form.cleaned_data["code"], words=form.words(), after=0
            )
        except DomainError as problem:
            refused(form, problem)
        else:
            messages.success(request, gettext("已新建模板，现在改成您要的句子。"))
            to = reverse("cockpit:report_template", args=[place.public_id, made.code])
            return HttpResponseRedirect(to, status=303)
    context = {"place": place, "form": form}
    return render(request, "cockpit/report_template_new.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def template(request: Request, public_id: UUID, code: str) -> HttpResponse:
    """A template and, beside it, what it says of the last whole month or year; saving makes a new version."""
    actor = reader(request)
    place = written_place(actor, public_id)
    key = request.GET.get("version", "")
    found = report_templates.one_version(place, code, key) if key else report_templates.template(place, code)
    form = TemplateForm(request.POST if request.method == "POST" else None, initial=initial(place, found))
    preview: list[dict[str, Any]] = []
    good = True
    if form.is_bound and form.is_valid():
        try:
            if "preview" not in request.POST:
                actions.write_template(
                    actor=actor, place=place, code=code, words=form.words(), after=form.cleaned_data["after"]
                )
                messages.success(request, gettext("已保存模板，新写的综述就用它。"))
                return to_place(place)
            queries.read_template(form.words().body)
        except DomainError as problem:
            refused(form, problem)
    if form.is_bound:
        good = form.is_valid() and not form.errors
    body = form.words().body if form.is_bound and good else found.body
    if good:
        preview = previewed(request, place, found, body)
    context = {
        "place": place,
        "template": found,
        "older": bool(key),
        "form": form,
        "preview": preview,
        "previewed": form.is_bound and good,
        "heads": METRICS,
        "metrics": [(f"{{{one.pk}}}", named(one), named(one.unit)) for one in figures.register()],
        "filters": filters(),
    }
    return render(request, "cockpit/report_template.html", context, status=200 if good else 422)


def initial(place: Place, found: ReportTemplate) -> dict[str, Any]:
    own = report_templates.versions(place, found.code).first()
    facts = {one: getattr(found, one) for one in ("name", "name_en", "stretch", "body")}
    return {**facts, "after": own.version if own else 0}


def previewed(request: Request, place: Place, found: ReportTemplate, body: str) -> list[dict[str, Any]]:
    """The document of the last whole month, or of the last year for templates of a year."""
    day = clock.today().replace(day=1)
    last = saying.before(Period.month(day)) if found.stretch != "year" else saying.before(Period.year(day.year))
    period = Period(*stretched(found, last.since, None)) if found.stretch != "any" else last
    document = filled(Asked(place, period, queries.read_template(body)), clock.now())
    return page_blocks(Report(place=place, is_public=False), document, request.actor)


def filters() -> list[tuple[str, Any]]:
    """What may stand behind the bar, with what it says."""
    return [
        ("{calls_closed|prev}", _("和上期比，例如：比上期增长12.5%")),
        ("{calls_closed|yoy}", _("和上年同期比")),
        ("{calls_closed|prev_by}", _("和上期相差多少；和上年同期相差多少用 yoy_by")),
        ("{calls_closed|before}", _("上期的数；上年同期的数用 last_year")),
        ("{calls_on_time|share:calls_closed}", _("占几成，两个数单位要相同")),
        ("{attended|about}", _("约数，例如：1.2万余人次；近和超用 near、over")),
        ("{calls_closed|bare}", _("只有数，没有单位")),
        ("{reported.volunteers}", _("填报的数，自动写明来源和日期")),
        ("{place} {period} {since} {until}", _("地方、时间、第一天、最后一天")),
    ]
