"""Standards for an office: how the sites stand, where the gaps are, what waits to be verified."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from huying.kernel import exports, paging
from huying.kernel.actor import Actor
from huying.kernel.exports import Column
from huying.kernel.requests import Request, signed_in
from huying.places import actions, forms, queries, rules
from huying.places.models import Place, SiteCheck, Standard
from huying.places.queries.tree import LIST_ORDER
from huying.places.states import Standing
from huying.places.views.pages import crumbs, need, on_to, show
from huying.places.views.reports import end
from huying.ui.naming import named

PAGE_SIZE = 30
TONES = {Standing.MET: "pine", Standing.UNMET: "kaki", Standing.OLD: "gui", Standing.NEVER: "ink"}


def read_place(request: Request, form: forms.WithinForm) -> Place:
    """The part of the tree a page is about: as asked, else the highest place whose checks the reader reads.
    SignInNeeded, Forbidden.
    """
    actor = signed_in(request)
    place = form.place if form.is_valid() and form.place is not None else queries.first_read(actor)
    need(request, place is not None and rules.can_read_checks(actor, place))
    assert place is not None
    return place


def tabs(here: str, actor: Actor) -> list[dict[str, Any]]:
    """Links between the two pages of the office; who only keeps a site verifies nothing."""
    both = [("standards", _("各项标准")), *([("checks", _("待核实的自查"))] if rules.verifies(actor) else [])]
    return [{"label": label, "url": reverse(f"places:{view}"), "current": view == here} for view, label in both]


@require_safe
@never_cache
def standards(request: Request) -> HttpResponse:
    """Every standard that is asked below a place, with how many sites stand how."""
    place = read_place(request, forms.WithinForm(request.GET))
    lines = [
        {
            "tally": one,
            "numbers": numbers(one, place),
            "may_retire": rules.can_install(request.actor, one.standard.place),
        }
        for one in queries.tallies(place)
    ]
    retires = any(one["may_retire"] for one in lines)
    names = (_("阵地"), *(one.label for one in Standing), _("等着核实"))
    context = {
        "title": _("站点标准"),
        "lead": _("每处阵地对照标准自己查，由另一个人核实，缺什么这里一看就知道。"),
        "tabs": tabs("standards", request.actor),
        "place": place,
        "lines": lines,
        "columns": [_("哪项标准"), _("用在哪里"), *(end(name) for name in names), *([_("停用")] if retires else [])],
        "retires": retires,
        "crumbs": crumbs(place, _("站点标准")),
    }
    return show(request, "standards", context)


def numbers(tally: queries.Tally, place: Place) -> list[tuple[Any, int, str]]:
    """What is counted of one standard: its name, the number, and the list it opens to."""
    base = reverse("places:standard", args=[tally.standard.public_id])
    counted = [("", _("阵地"), tally.sites), *((one.value, one.label, tally.of(one)) for one in Standing)]
    counted.append(("waiting", _("等着核实"), tally.waiting))
    return [
        (name, n, f"{base}?{urlencode({'within': str(place.public_id), **({'standing': code} if code else {})})}")
        for code, name, n in counted
    ]


@require_safe
@never_cache
def standard(request: Request, public_id: UUID) -> HttpResponse:
    """The sites one standard is asked of under filters, and which items are missing most."""
    row, form = queries.standard(public_id), forms.StandardListForm(request.GET)
    place = read_place(request, form)
    page = paging.page(
        queries.sites(row, within=place, **form.asked()), LIST_ORDER, request.GET.get("cursor"), PAGE_SIZE
    )
    asked = request.GET.copy()
    asked["within"] = str(place.public_id)
    asked.pop("cursor", None)
    context = {
        "title": named(row),
        "lead": named(row, "about"),
        "standard": row,
        "place": place,
        "form": form,
        "item": form.got("item"),
        "items": queries.missing_items(row, place),
        "page": page,
        "above": queries.ancestors_of_all(page.rows),
        "labels": dict(Standing.choices),
        "tones": {one.value: tone for one, tone in TONES.items()},
        "item_columns": [_("要做到的"), _("怎么算做到"), _("权重"), end(_("缺这一项的阵地"))],
        "columns": [_("阵地"), _("在哪里"), _("怎么样了"), _("得分"), _("核实时间")],
        "files": exports.addresses("places:standard_file", row.public_id, query=asked.urlencode()),
        "crumbs": [
            *crumbs(place),
            {"label": _("站点标准"), "url": f"{reverse('places:standards')}?within={place.public_id}"},
            {"label": named(row), "url": ""},
        ],
    }
    return show(request, "standard", context)


def score(met: int | None, applies: int | None) -> float | None:
    """The share in per cent, one place, rounded down: 100 is everything; None where nothing holds."""
    return 1000 * met // applies / 10 if met is not None and applies else None


SITES: tuple[Column[Any], ...] = (
    Column(_("阵地"), "name"),
    Column(_("类型"), lambda one: named(one.kind), "kind"),
    Column(_("上级"), lambda one: named(one.parent), "within"),
    Column(_("怎么样了"), lambda one: Standing(one.standing).label, "standing"),
    Column(_("得分（%）"), lambda one: score(one.met, one.applies), "percent"),
    Column(_("做到的权重"), "met"),
    Column(_("适用的权重"), "applies"),
    Column(_("核实时间"), "verified_at"),
    Column(_("等着核实"), lambda one: one.waits, "waits"),
)


@require_safe
@never_cache
def standard_file(request: Request, public_id: UUID, form: str) -> HttpResponseBase:
    """The list under its filters as a file."""
    row, asked = queries.standard(public_id), forms.StandardListForm(request.GET)
    place = read_place(request, asked)
    return exports.respond(
        actor=request.actor,
        name=named(row),
        kind=exports.kind_of(form),
        columns=SITES,
        rows=queries.sites(row, within=place, **asked.asked()),
        place_path=place.path,
    )


@require_POST
def retire_standard(request: Request, public_id: UUID) -> HttpResponse:
    """Ask for it no longer."""
    row = queries.standard(public_id)
    need(request, rules.can_install(request.actor, row.place))
    actions.retire(actor=request.actor, standard=row)
    return on_to(request, _("这项标准已停用，查过的记录还在。"), "standards")


@require_safe
@never_cache
def checks(request: Request) -> HttpResponse:
    """What waits for the reader's yes, the longest first."""
    actor = signed_in(request)
    need(request, rules.verifies(actor))
    form = forms.WithinForm(request.GET)
    within = form.place if form.is_valid() else None
    page = paging.page(
        queries.waiting_checks(actor, within), ("checked_at", "id"), request.GET.get("cursor"), PAGE_SIZE
    )
    query = f"within={within.public_id}" if within else ""
    context = {
        "title": _("待核实的自查"),
        "tabs": tabs("checks", actor),
        "page": page,
        "above": queries.ancestors_of_all(one.place for one in page.rows),
        "names": queries.names_of(one.checked_by_id for one in page.rows),
        "columns": [_("阵地"), _("在哪里"), _("哪项标准"), _("自查得分"), _("谁查的"), _("自查时间")],
        "files": exports.addresses("places:checks_file", query=query),
        "crumbs": [],
    }
    return show(request, "checks", context)


WAITING: tuple[Column[SiteCheck], ...] = (
    Column(_("阵地"), lambda one: named(one.place), "site"),
    Column(_("上级"), lambda one: named(one.place.parent), "within"),
    Column(_("哪项标准"), lambda one: named(one.standard), "standard"),
    Column(_("自查得分（%）"), lambda one: score(one.met, one.applies), "percent"),
    Column(_("自查时间"), "checked_at"),
)


@require_safe
@never_cache
def checks_file(request: Request, form: str) -> HttpResponseBase:
    """What waits, as a file."""
    actor = signed_in(request)
    need(request, rules.verifies(actor))
    asked = forms.WithinForm(request.GET)
    within = asked.place if asked.is_valid() else None
    return exports.respond(
        actor=actor,
        name=str(_("待核实的自查")),
        kind=exports.kind_of(form),
        columns=WAITING,
        rows=queries.waiting_checks(actor, within),
        place_path=within.path if within else "",
    )


def in_words(standard: Standard) -> str:
    """The name with its version, where there was more than one."""
    return str(_("{name}（第 {version} 版）")).format(name=named(standard), version=standard.version)
