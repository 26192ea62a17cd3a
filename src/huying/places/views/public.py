"""What everybody may see: the tree, the list, one place, the search for pickers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.http import HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from huying.kernel import attachments, exports, paging, sealed
from huying.kernel.requests import Request
from huying.places import forms, queries, rules
from huying.places.models import Place, PlaceFlag
from huying.places.queries.tree import LIST_ORDER
from huying.places.states import Status
from huying.places.views.pages import crumbs, show
from huying.ui.components.basic import chip
from huying.ui.naming import named
from huying.ui.registry import escaped

PAGE_SIZE = 30
MOST_PICKED = 12


@require_safe
def tree(request: Request) -> HttpResponse:
    """The tree, opened down to ``?open=``; with htmx only the branch that was asked for."""
    form = forms.WithinForm({"within": request.GET.get("open", "")})
    opened = form.place if form.is_valid() else None
    if opened is None and not request.htmx:
        opened = queries.only_top()
    if request.htmx and opened is not None:
        node = queries.TreeNode(opened, has_children=True, open=True)
        node.children = queries.tree(opened)
        return show(request, "_branch", {"node": node})
    words = request.GET.get("q", "")
    found = list(queries.search(words)[:PAGE_SIZE]) if words.strip() else None
    context = {
        "title": _("阵地网络"),
        "lead": _("从区到社区、网格的各级站点，点开看开放时间和联系方式。"),
        "nodes": queries.tree(None, opened=opened),
        "opened": opened,
        "words": words,
        "found": found,
        "above": queries.ancestors_of_all(found) if found else {},
        "may_set_up": rules.can_set_up(request.actor),
    }
    return show(request, "tree", context)


@require_safe
def listed(request: Request) -> HttpResponse:
    """Places under filters, page by page."""
    kinds, flags = queries.kinds_by_code(), queries.flags_by_code()
    form = forms.ListForm(request.GET, kinds=kinds, flags=flags)
    form.is_valid()
    rows = queries.listed(
        within=form.place,
        kind=form.got("kind") or "",
        flag=form.got("flag") or "",
        closed=bool(form.got("closed")) and rules.works_here(request.actor),
        words=form.got("q") or "",
    )
    page = paging.page(rows, LIST_ORDER, request.GET.get("cursor"), PAGE_SIZE)
    context = {
        "title": _("清单"),
        "columns": [_("名称"), _("类型"), _("在哪里"), _("标记"), _("电话")],
        "form": form,
        "page": page,
        "rows": _lines(page.rows, flags),
        "within": form.place,
        "crumbs": crumbs(form.place, _("清单")),
        "files": [(kind, f"{reverse('places:export')}?as={kind}&{request.GET.urlencode()}") for kind in exports.TYPES],
    }
    return show(request, "list", context)


def _lines(rows: Sequence[Place], flags: Mapping[str, PlaceFlag]) -> list[dict[str, Any]]:
    """Places as the cells of ``lines``: name, kind, the places above, marks, telephone."""
    above, closed = queries.ancestors_of_all(rows), chip(label=_("已停用"))
    marks = {code: chip(label=named(one), tone=one.tone) for code, one in flags.items()}
    lines = []
    for place in rows:
        href = reverse("places:detail", args=[place.public_id])
        name = SafeString(f'<a href="{href}">{escaped(named(place))}</a>')
        where = " › ".join(named(one) for one in above.get(place.pk, ()))
        shown = [marks[code] for code in place.flags if code in marks] + ([closed] if place.status == "closed" else [])
        lines.append(
            {"cells": (name, named(place.kind), where, SafeString(" ".join(shown) or "–"), place.phone or "–")}
        )
    return lines


@require_safe
def detail(request: Request, public_id: UUID) -> HttpResponse:
    """One place: its public face, and for those who keep it the buttons to change it."""
    place = queries.by_public_id(public_id)
    actor = request.actor
    facts = queries.detail(actor, place)
    context: dict[str, Any] = {
        "title": named(place),
        "place": place,
        "key": str(place.public_id),
        "facts": facts,
        "pairs": pairs(place, facts.flags, staff=rules.works_here(actor)),
        "dial": dial(place.phone),
        "picture": picture_of(place),
        "crumbs": [
            *({"label": named(one), "url": reverse("places:detail", args=[one.public_id])} for one in facts.above),
            {"label": named(place), "url": ""},
        ],
        "photos": [
            {
                "id": photo.public_id,
                "full": attachments.url(photo, actor),
                "small": attachments.url(photo, actor, small=True),
            }
            for photo in attachments.of(place)
        ],
        "bookable": place.status == Status.OPEN and (place.kind.is_site or place.kind_id == "room"),
        "may": {
            "change": rules.can_change(actor, place),
            "keep": rules.can_keep(actor, place),
            "create": rules.can_create(actor, place),
            "contacts": rules.can_see_private_contacts(actor, place),
        },
    }
    return show(request, "detail", context)


def picture_of(place: Place) -> queries.Picture | None:
    """The small map with the place's own position, or its area."""
    if place.lon is None or place.lat is None:
        return queries.mini_map(place, 640, 320)
    return queries.mini_map(place, 640, 320, [queries.Spot(place.lon, place.lat, named(place), here=True)])


def pairs(place: Place, flags: Any, *, staff: bool) -> list[tuple[Any, Any]]:
    """The facts of a place as name and value; those that only staff need come last."""
    position = f"{place.lon:.5f}, {place.lat:.5f} ({place.crs})" if place.lon is not None else ""
    ages = [str(age) for age in (place.age_from, place.age_to) if age is not None]
    public = [
        (_("地址"), place.address),
        (_("电话"), place.phone),
        (_("用途"), place.purpose),
        (_("楼层"), place.floor),
        (_("可容纳人数"), place.capacity),
        (_("年龄"), "–".join(ages)),
        (_("运营单位"), place.host),
    ]
    inner = [
        (_("区划代码"), place.code),
        (_("位置"), position),
        (_("启用日期"), place.opened_date),
        (_("名称来源"), place.source),
        (_("名称截至日期"), place.as_of_date),
    ]
    return [pair for pair in [*public, *(inner if staff else [])] if pair[1] not in (None, "")]


def dial(phone: str) -> str:
    """The number as a telephone dials it; "" when there is none."""
    try:
        return sealed.normal_phone(phone).partition("x")[0] if phone else ""
    except sealed.PhoneUnclear:
        return ""


@require_safe
def pick(request: Request) -> HttpResponse:
    """Radio buttons for a place picker: what ``?q=`` finds, under the field name ``?name=`` (htmx)."""
    name = request.GET.get("name", "to")
    found = picked(request)
    context = {"name": name if name.isidentifier() else "to", "found": found, "asked": True}
    return show(request, "_picked", {**context, "above": queries.ancestors_of_all(found)})


@require_safe
def search(request: Request) -> HttpResponse:
    """The same as JSON: ``{"places": [{"id", "name", "kind", "where"}]}``."""
    rows = picked(request)
    above = queries.ancestors_of_all(rows)
    found = [
        {
            "id": str(place.public_id),
            "name": place.name,
            "kind": place.kind_id,
            "where": " ".join(one.name for one in above[place.pk]),
        }
        for place in rows
    ]
    return JsonResponse({"places": found})


def picked(request: Request) -> list[Place]:
    """What the words find, below ``?within=`` and of the kinds in ``?kinds=``."""
    form = forms.WithinForm(request.GET)
    form.is_valid()
    words = request.GET.get("q") or request.GET.get(f"{request.GET.get('name', 'to')}_q", "")
    kinds = request.GET.get("kinds", "")[:400].split()
    return list(queries.search(words, within=form.place, kinds=kinds)[:MOST_PICKED])
