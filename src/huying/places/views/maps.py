"""The map of a jurisdiction, drawn on the server, with the same facts in a table beside it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from huying.kernel.errors import NotFound
from huying.kernel.requests import Request
from huying.places import actions, forms, queries, rules
from huying.places.actions import LayerImported
from huying.places.models import Place
from huying.places.queries.maps import Picture, Spot
from huying.places.views.pages import carried_out, crumbs, form_page, need, on_to, posted, show
from huying.ui.naming import named

WIDTH, HEIGHT = 480, 400


@require_safe
def whole(request: Request) -> HttpResponse:
    """The map of where the reader works, else of the first top."""
    place = queries.home_of(request.actor) or queries.tops().first()
    if place is None:
        raise NotFound
    return draw(request, place)


@require_safe
def of_place(request: Request, public_id: UUID) -> HttpResponse:
    """The map of one place."""
    return draw(request, queries.by_public_id(public_id))


def draw(request: Request, place: Place) -> HttpResponse:
    """Areas coloured by how many sites they hold, sites as points; a table says the same."""
    kinds, flags = queries.kinds_by_code(), queries.flags_by_code()
    form = forms.MapForm(request.GET, kinds=kinds, flags=flags)
    asked = form.asked()
    sites = queries.spots_of(place, **asked)
    picture = queries.map_of(place, width=WIDTH, height=HEIGHT, spots=[spot(one) for one in sites])
    if picture is not None and asked:
        picture = queries.coloured(picture, queries.numbers_by_area(picture, **asked))
    title = str(_("{name}地图")).format(name=named(place))
    context = {
        "title": title,
        "place": place,
        "form": form,
        "picture": picture,
        "chosen": chosen(form, kinds, flags),
        "rows": table(picture) if picture else [],
        "sites": sites,
        "above": queries.ancestors_of_all(sites),
        "area_columns": [_("名称"), *([{"label": _("数量"), "end": True}] if asked else [])],
        "site_columns": [_("名称"), _("类型"), _("在哪里"), _("地址")],
        "own": queries.own_layers(place) if rules.can_draw(request.actor, place) else [],
        "may_draw": rules.can_draw(request.actor, place),
        "crumbs": crumbs(place, _("地图")),
    }
    return show(request, "map", context)


def spot(place: Place) -> Spot:
    assert place.lon is not None and place.lat is not None
    return Spot(place.lon, place.lat, named(place), reverse("places:detail", args=[place.public_id]))


def chosen(form: forms.MapForm, kinds: dict[str, Any], flags: dict[str, Any]) -> str:
    """What the colours count, in words; "" when all sites are shown."""
    asked = form.asked()
    return named(kinds.get(asked.get("kind", "")) or flags.get(asked.get("flag", "")))


def table(picture: Picture) -> list[dict[str, Any]]:
    """Name, page and number of each area, largest number first."""
    pages = queries.pages_of([area.place_id for area in picture.areas if area.place_id is not None])
    rows = [
        {
            "name": area.name,
            "number": area.number,
            "href": reverse("places:detail", args=[pages[area.place_id]]) if area.place_id in pages else "",
        }
        for area in picture.areas
    ]
    return sorted(rows, key=lambda row: (-(row["number"] or 0), str(row["name"])))


@require_http_methods(["GET", "HEAD", "POST"])
def add_layer(request: Request, public_id: UUID) -> HttpResponse:
    """Put up a map from GeoJSON, in the stead of the one of its kind."""
    place = queries.by_public_id(public_id)
    need(request, rules.can_draw(request.actor, place))
    form = forms.LayerForm(posted(request), request.FILES if request.method == "POST" else None)
    done: list[LayerImported] = []

    def act() -> None:
        done.append(actions.import_layer(actor=request.actor, place=place, **form.cleaned_data))

    if request.method == "POST" and carried_out(form, act):
        said = str(_("地图已导入，对应上 {matched} 处。")).format(matched=done[0].matched)
        if done[0].unknown:
            more = _("没有对应的：{names}").format(names=_("、").join(done[0].unknown[:10]))
            said = f"{said}{more}"
        return on_to(request, said, "map", place.public_id)
    back = reverse("places:map", args=[place.public_id])
    lead = _("地图向公众展示须经审核并注明审图号；请只用有权使用的数据。")
    return form_page(request, form, title=_("导入地图"), label=_("导入"), place=place, lead=lead, back=back)


@require_POST
def remove_layer(request: Request, public_id: UUID, layer_id: UUID) -> HttpResponse:
    """Take a map down."""
    place = queries.by_public_id(public_id)
    need(request, rules.can_draw(request.actor, place))
    layer = next((one for one in queries.own_layers(place) if one.public_id == layer_id), None)
    if layer is None:
        raise NotFound
    actions.remove_layer(actor=request.actor, layer=layer)
    return on_to(request, _("地图已撤下。"), "map", place.public_id)
