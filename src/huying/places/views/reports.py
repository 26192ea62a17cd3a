"""What the tree says about itself: numbers, coverage and its gaps, reach. For staff."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast
from urllib.parse import urlencode

from django.http import HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from huying.kernel import exports, paging
from huying.kernel.errors import DomainError
from huying.kernel.exports import Column
from huying.kernel.requests import Request
from huying.places import actions, forms, queries, rules
from huying.places.models import Place
from huying.places.queries.tree import LIST_ORDER
from huying.places.views.pages import carried_out, crumbs, need, on_to, posted, show
from huying.ui.naming import named

PAGE_SIZE = 50
PLACE_COLUMNS: list[Column[Place]] = [
    Column(_("名称"), "name"),
    Column(_("类型"), "kind.name", "kind"),
    Column(_("上级"), lambda place: place.parent.name if place.parent else "", "parent"),
    Column(_("区划代码"), "code"),
    Column(_("地址"), "address"),
    Column(_("公开电话"), "phone"),
    Column(_("经度"), "lon"),
    Column(_("纬度"), "lat"),
    Column(_("坐标系"), "crs"),
    Column(_("标记"), lambda place: " ".join(place.flags), "flags"),
    Column(_("可容纳人数"), "capacity"),
    Column(_("启用日期"), "opened_date"),
    Column(_("停用日期"), "closed_date"),
    Column(_("名称来源"), "source"),
    Column(_("名称截至日期"), "as_of_date"),
]


TABS = (
    ("figures", _("数量")),
    ("coverage", _("覆盖情况")),
    ("reach", _("步行可达")),
    ("list", _("清单")),
)


def tabs(here: str, place: Place | None) -> list[dict[str, Any]]:
    """Links between the reports, about the same place."""
    asked = f"?within={place.public_id}" if place else ""
    return [{"label": label, "url": reverse(f"places:{view}") + asked, "current": view == here} for view, label in TABS]


def asked_place(request: Request) -> Place | None:
    """The part of the tree that the page is about: as asked, else where the reader works, else the first top."""
    form = forms.WithinForm(request.GET)
    if form.is_valid() and form.place is not None:
        return form.place
    return queries.home_of(request.actor) or queries.tops().first()


def end(label: Any) -> dict[str, Any]:
    """A column of figures."""
    return {"label": label, "end": True}


def file_kind(request: Request) -> exports.Kind | None:
    """The kind of file asked for with ``?as=``; None for the page."""
    wanted = request.GET.get("as", "")
    return cast(exports.Kind, wanted) if wanted in exports.TYPES else None


@require_safe
def figures(request: Request) -> HttpResponse:
    """Counts by kind, level and flag, and by part."""
    need(request, rules.works_here(request.actor))
    place = asked_place(request)
    shares = queries.shares(place) if place else []
    counts = queries.counts(place)
    columns = [line.kind for line in counts.kinds if any(line.kind.pk in share.numbers for share in shares)]
    context = {
        "title": _("阵地数量"),
        "tabs": tabs("figures", place),
        "within": str(place.public_id) if place else "",
        "kind_columns": [_("类型"), end(_("在用")), end(_("已停用")), _("其中")],
        "share_columns": [_("名称"), *(end(named(kind)) for kind in columns)],
        "place": place,
        "counts": counts,
        "columns": columns,
        "shares": [(share, [(kind, share.numbers.get(kind.pk, 0)) for kind in columns]) for share in shares],
        "crumbs": crumbs(place, _("数量")),
    }
    return show(request, "figures", context)


@require_http_methods(["GET", "HEAD", "POST"])
def coverage(request: Request) -> HttpResponse:
    """Which rules are met how far; those who set up add rules here."""
    need(request, rules.works_here(request.actor))
    place = asked_place(request)
    may = rules.can_set_up(request.actor)
    form = forms.CoverageRuleForm(posted(request))

    def act() -> None:
        actions.add_coverage_rule(actor=request.actor, **form.cleaned_data)

    if request.method == "POST":
        need(request, may)
        if carried_out(form, act):
            return on_to(request, _("规则已加上。"), "coverage")
    context = {
        "title": _("覆盖情况"),
        "tabs": tabs("coverage", place),
        "columns": [
            _("要求"),
            end(_("应有")),
            end(_("已有")),
            end(_("缺")),
            _("覆盖率"),
            *([_("规则")] if may else []),
        ],
        "place": place,
        "lines": queries.coverage(place),
        "form": form if may else None,
        "crumbs": crumbs(place, _("覆盖情况")),
    }
    return show(request, "coverage", context, status=422 if form.is_bound and form.errors else 200)


@require_POST
def remove_rule(request: Request, rule_id: int) -> HttpResponse:
    """Demand it no longer."""
    need(request, rules.can_set_up(request.actor))
    actions.remove_coverage_rule(actor=request.actor, rule=queries.coverage_rule(rule_id))
    return on_to(request, _("规则已去掉。"), "coverage")


@require_safe
def gaps(request: Request, rule_id: int) -> HttpResponseBase:
    """The places that lack what one rule demands; as a page or a file."""
    need(request, rules.works_here(request.actor))
    place = asked_place(request)
    rule = queries.coverage_rule(rule_id)
    rows = queries.gaps(rule, place)
    kind = file_kind(request)
    if kind is not None:
        name = str(_("缺{site}的{container}")).format(site=named(rule.site), container=named(rule.container))
        return exports.respond(
            actor=request.actor,
            name=name,
            kind=kind,
            columns=PLACE_COLUMNS,
            rows=rows,
            place_path=place.path if place else "",
        )
    page = paging.page(rows, LIST_ORDER, request.GET.get("cursor"), PAGE_SIZE)
    title = str(_("缺{site}的{container}")).format(site=named(rule.site), container=named(rule.container))
    may_create = place is not None and rules.can_create(request.actor, place)
    context = {
        "place": place,
        "rule": rule,
        "page": page,
        "above": queries.ancestors_of_all(page.rows),
        "columns": [_("名称"), _("在哪里"), _("代码"), *([_("补上")] if may_create else [])],
        "may_create": may_create,
        "files": [(kind, f"?as={kind}&within={place.public_id if place else ''}") for kind in exports.TYPES],
        "title": title,
        "crumbs": crumbs(place, title),
    }
    return show(request, "gaps", context)


@require_safe
def export(request: Request) -> HttpResponseBase:
    """The list under its filters, as CSV or XLSX."""
    need(request, rules.works_here(request.actor))
    form = forms.ListForm(request.GET, kinds=queries.kinds_by_code(), flags=queries.flags_by_code())
    form.is_valid()
    rows = queries.listed(
        within=form.place,
        kind=form.got("kind") or "",
        flag=form.got("flag") or "",
        closed=bool(form.got("closed")),
        words=form.got("q") or "",
    )
    kind = file_kind(request) or "xlsx"
    path = form.place.path if form.place else ""
    return exports.respond(
        actor=request.actor, name=str(_("阵地清单")), kind=kind, columns=PLACE_COLUMNS, rows=rows, place_path=path
    )


def listed_at(asked: Mapping[str, str]) -> str:
    """The list of all that offer a service, wherever they are: a walk does not end at a border."""
    wanted = {"kind" if name == "site_kind" else name: code for name, code in asked.items()}
    return f"{reverse('places:list')}?{urlencode(wanted)}"


@require_safe
def reach(request: Request) -> HttpResponse:
    """Who has a service within a walk, and who has not; the assumption stands on the page."""
    need(request, rules.works_here(request.actor))
    place = asked_place(request)
    kinds, flags = queries.kinds_by_code(), queries.flags_by_code()
    form = forms.ReachForm(request.GET if "service" in request.GET else None, kinds=kinds, flags=flags)
    found = None
    if place is not None and form.is_bound and form.is_valid():
        data = form.cleaned_data
        try:
            found = queries.reach(place, targets=[data["target"]], minutes=data["minutes"], **form.asked())
        except DomainError as refusal:
            forms.refuse(form, refusal)
    context: dict[str, Any] = {
        "title": _("步行可达"),
        "tabs": tabs("reach", place),
        "columns": [_("名称"), _("上级"), _("最近的阵地"), end(_("直线距离"))],
        "radius": round(found.radius_m) if found else 0,
        "sites_href": listed_at(form.asked()) if found else "",
        "place": place,
        "form": form,
        "found": found,
        "target": named(kinds.get(form.got("target") or "")),
        "crumbs": crumbs(place, _("步行可达")),
    }
    return show(request, "reach", context, status=422 if form.is_bound and form.errors else 200)
