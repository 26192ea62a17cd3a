"""Pages of round-ups: the list of a place, a new one, its preview with every number a link, editing, steps, files."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from huying.cockpit import actions
from huying.cockpit.forms.reports import EditForm, ListForm, NewForm, StepForm, refused
from huying.cockpit.models import Report
from huying.cockpit.queries import report_templates
from huying.cockpit.queries import reports as queries
from huying.cockpit.queries.report_filling import set_back
from huying.cockpit.rules import reports as rules
from huying.cockpit.states import FROZEN, TRANSITIONS, ReportState, Verb
from huying.cockpit.views import report_docx, report_paper, report_pdf
from huying.cockpit.views.report_shown import around, before_the_editor, history, page_blocks
from huying.kernel import clock, exports, paging
from huying.kernel.actor import Actor
from huying.kernel.errors import DomainError, Forbidden, NotFound
from huying.kernel.requests import Request, signed_in
from huying.places import queries as place_queries
from huying.places.models import Place
from huying.ui.naming import named

PAGE = 20
HEADS = (_("标题"), _("地方"), _("时间"), _("发文字号"), _("状态"))
HISTORY = (_("什么时候"), _("谁"), _("做了什么"), _("原因和改动"))
TONES = {
    ReportState.DRAFT: "gui",
    ReportState.LOCKED: "dai",
    ReportState.SIGNED: "pine",
    ReportState.PUBLISHED: "pine",
    ReportState.WITHDRAWN: "mei",
    ReportState.DROPPED: "ink",
}
TYPES = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pdf": "application/pdf",
}


def reader(request: Request) -> Actor:
    """Who is signed in, if he reads round-ups somewhere; Forbidden for others."""
    actor = signed_in(request)
    if not rules.reads_somewhere(actor):
        raise Forbidden
    return actor


def read_place(actor: Actor, public_id: UUID) -> Place:
    """A place whose round-ups the actor reads; NotFound for others."""
    place = place_queries.by_public_id(public_id)
    if not rules.can_read(actor, place):
        raise NotFound
    return place


def written_place(actor: Actor, public_id: UUID) -> Place:
    """A place whose round-ups the actor writes; NotFound where he may not even read, else Forbidden."""
    place = read_place(actor, public_id)
    if not rules.can_write(actor, place):
        raise Forbidden(_("综述由这个地方的实践所、调度员和业务管理员撰写。"))
    return place


@require_safe
@never_cache
def home(request: Request) -> HttpResponse:
    """To the highest place where the reader works."""
    actor = reader(request)
    place = place_queries.home_of(actor)
    if place is None or not rules.can_read(actor, place):
        raise NotFound
    return HttpResponseRedirect(reverse("cockpit:reports_at", args=[place.public_id]), status=303)


@require_safe
@never_cache
def at_place(request: Request, public_id: UUID) -> HttpResponse:
    """Round-ups of a place and everywhere below, its templates, how its papers are headed."""
    actor = reader(request)
    place = read_place(actor, public_id)
    form = ListForm(request.GET)
    rows = queries.listed(actor, place, form.asked())
    context = {
        "place": place,
        "key": str(place.public_id),
        "form": form,
        "page": paging.page(rows, ("-id",), request.GET.get("cursor"), PAGE),
        "heads": HEADS,
        "tones": TONES,
        "templates": report_templates.in_force(place),
        "head": queries.letterhead(place),
        "writes": rules.can_write(actor, place),
        "files": exports.addresses("cockpit:reports_file", public_id, query=request.GET.urlencode()),
    }
    return render(request, "cockpit/reports.html", context)


LISTED: tuple[exports.Column[Report], ...] = (
    exports.Column(_("标题"), "title"),
    exports.Column(_("地方"), lambda one: named(one.place), "place"),
    exports.Column(_("从"), "since"),
    exports.Column(_("到"), "last_day"),
    exports.Column(_("发文字号"), lambda one: one.paper_number or None, "paper_number"),
    exports.Column(_("状态"), lambda one: one.get_state_display(), "state"),
    exports.Column(_("公开"), "is_public"),
)


@require_safe
@never_cache
def listed_file(request: Request, public_id: UUID, form: str) -> HttpResponseBase:
    """The same list as a file; the papers themselves are ``file``."""
    actor = reader(request)
    place, kind = read_place(actor, public_id), exports.kind_of(form)
    rows = queries.listed(actor, place, ListForm(request.GET).asked())
    name = gettext("%(place)s的综述通报") % {"place": named(place)}
    return exports.respond(actor=actor, name=name, kind=kind, columns=LISTED, rows=rows, place_path=place.path)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def new(request: Request, public_id: UUID) -> HttpResponse:
    """Begin a round-up of this place."""
    actor = reader(request)
    place = written_place(actor, public_id)
    form = NewForm(request.POST if request.method == "POST" else None, place=place)
    if form.is_bound and form.is_valid():
        try:
            made = actions.make_report(actor=actor, place=place, wanted=form.wanted())
        except DomainError as problem:
            refused(form, problem)
        else:
            return HttpResponseRedirect(reverse("cockpit:report", args=[made.public_id]), status=303)
    return render(
        request, "cockpit/report_new.html", {"place": place, "form": form}, status=422 if form.is_bound else 200
    )


@require_safe
@never_cache
def report(request: Request, public_id: UUID) -> HttpResponse:
    """The preview: as it would be printed, with every number a link to its definition. Who does not read the place is
    led to what everybody may see of it.
    """
    found = public(request, public_id)
    if not rules.can_read(request.actor, found.place):
        return HttpResponseRedirect(reverse("cockpit:paper", args=[found.public_id]))
    return shown(request, found, StepForm())


def public(request: Request, public_id: UUID) -> Report:
    """One that the reader sees; a visitor sees those that are published to all, for others he is asked to sign in."""
    try:
        return queries.report(request.actor, public_id)
    except NotFound:
        signed_in(request)
        raise


def shown(request: Request, found: Report, form: StepForm, status: int = 200) -> HttpResponse:
    actor, state = request.actor, ReportState(found.state)
    document = queries.document(found)
    verbs = [one for one, step in TRANSITIONS.items() if state in step.from_ and rules.can_step(actor, found, one)]
    context = {
        **around(found, document),
        "blocks": page_blocks(found, document, actor),
        "numbers": report_paper.numbers(document, ""),
        "frozen": state in FROZEN,
        "published": found.is_public and state == ReportState.PUBLISHED,
        "tone": TONES[state],
        "writes": rules.can_write(actor, found.place) and state == ReportState.DRAFT,
        "steps": [{"verb": one, "asks": TRANSITIONS[one].reason, "told": told(found, one)} for one in verbs],
        "waits_for_another": state == ReportState.LOCKED and found.locked_by == actor.person_id,
        "form": form,
        "set_back": set_back(queries.asked(found)) if state == ReportState.DRAFT else {},
        "ended": queries.consent_ended(found, document) if state in FROZEN else 0,
        "history": history(found),
        "history_heads": HISTORY,
    }
    return render(request, "cockpit/report.html", context, status=status)


def told(found: Report, verb: Verb) -> bool:
    """Whether everybody will read why this step was taken."""
    return verb == Verb.WITHDRAW and found.is_public and found.state == ReportState.PUBLISHED


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def edit(request: Request, public_id: UUID) -> HttpResponse:
    """New words for a draft; what was typed stays when something is wrong with it."""
    actor = reader(request)
    found = queries.report(actor, public_id)
    if not rules.can_write(actor, found.place):
        raise Forbidden
    form = EditForm(request.POST if request.method == "POST" else None, report=found, shown=before_the_editor(found))
    if form.is_bound and form.is_valid():
        try:
            actions.edit_report(actor=actor, report=found, edit=form.edit())
        except DomainError as problem:
            refused(form, problem)
        else:
            messages.success(request, gettext("已保存修改。"))
            return HttpResponseRedirect(reverse("cockpit:report", args=[found.public_id]), status=303)
    context = {"report": found, "form": form, "sentences": [form[f"words_{n}"] for n in form.cases]}
    return render(request, "cockpit/report_edit.html", context, status=422 if form.is_bound else 200)


@require_POST
def step(request: Request, public_id: UUID, verb: str) -> HttpResponse:
    """One step of its life."""
    actor = reader(request)
    found = queries.report(actor, public_id)
    if verb not in Verb.values:
        raise NotFound
    form = StepForm(request.POST)
    if not form.is_valid():
        return shown(request, found, form, 422)
    try:
        actions.step_report(actor=actor, report=found, verb=Verb(verb), reason=form.cleaned_data["reason"])
    except Forbidden:
        raise
    except DomainError as problem:
        refused(form, problem)
        return shown(request, queries.report(actor, public_id), form, 422)
    messages.success(request, str(TRANSITIONS[Verb(verb)].done))
    return HttpResponseRedirect(reverse("cockpit:report", args=[found.public_id]), status=303)


@require_safe
@never_cache
def file(request: Request, public_id: UUID, form: str) -> HttpResponse:
    """The paper as DOCX or PDF; handing it out is recorded."""
    if form not in TYPES:
        raise NotFound
    found = public(request, public_id)
    base = request.build_absolute_uri("/").rstrip("/")

    def draw(of: Report, document: dict[str, Any], pictures: Any) -> bytes:
        sheet = report_paper.laid(of, document, pictures, base)
        at = of.locked_at or clock.now()
        return report_pdf.drawn(sheet) if form == "pdf" else report_docx.drawn(sheet, at)

    made = actions.hand_out(actor=request.actor, report=found, kind=form, draw=draw)
    answer = HttpResponse(made.body, content_type=TYPES[form])
    answer.headers["Content-Disposition"] = (
        content_disposition_header(True, f"{found.paper_number}{found.title}.{form}".replace("/", "／")) or ""
    )
    answer.headers["X-Content-SHA256"] = made.sha256
    return answer
