"""我们的机制: every component of the packs in force at a place, with the live work and figures under it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from huying.kernel.actor import Actor
from huying.kernel.errors import NotFound
from huying.kernel.requests import Request
from huying.packs import queries, rules
from huying.packs.queries.doors import TABLES, stored
from huying.packs.queries.driving import Driven, driven
from huying.packs.queries.live import figures_under, live
from huying.packs.rules.shape import Component, walk
from huying.packs.rules.shape import Pack as File
from huying.packs.states import KINDS, PLATFORM, Status
from huying.packs.views.links import Links, owner_pages
from huying.packs.views.pages import ours_at, place_of, show
from huying.packs.views.shown import in_language
from huying.places import queries as place_queries
from huying.places.models import Place
from huying.ui.naming import named

TONES = {Status.FULL: "pine", Status.PART: "gui", Status.NAME: "ink"}


@require_safe
@never_cache
def ours(request: Request, public_id: UUID) -> HttpResponse:
    """For everybody; each number only for those who can open it."""
    place, actor = place_of(public_id), request.actor
    held = queries.in_force(place)
    said = queries.words_at(held)
    what = driven(held)
    found = live(actor, place, what.wanted)
    figures = figures_under(actor, place, {code for codes in what.metrics.values() for code in codes})
    owners = owner_pages(actor, held)
    title = in_language(said.get("page_title")) or _("我们的机制")
    lead = in_language(said.get("page_lead"))
    context = {
        "place": place,
        "title": title,
        "lead": lead or _("%(place)s现在按这些机制办事，每一部分下面是正在做的事。") % {"place": named(place)},
        "packs": [shown(one, place, actor, (what, found, figures), owners) for one in held],
        "switches": rules.can_switch(actor, place),
        "crumbs": crumbs(place, title),
    }
    return show(request, "ours", context)


@require_safe
@never_cache
def here(request: Request) -> HttpResponse:
    """On to the mechanism of the place asked for (``?within=``), else of where one works, else to the library."""
    place: Place | None
    try:
        place = place_of(UUID(request.GET.get("within", "")))
    except (ValueError, NotFound):
        place = place_queries.home_of(request.actor)
    return HttpResponseRedirect(ours_at(place) if place else reverse("packs:library"), status=303)


def crumbs(place: Place, last: Any) -> list[dict[str, str]]:
    way = place_queries.ancestors(place, own=True)
    rows = [{"label": named(one), "url": reverse("places:detail", args=[one.public_id])} for one in way]
    return [*rows, {"label": str(last), "url": ""}]


def shown(
    one: queries.InForce,
    place: Place,
    actor: Actor,
    facts: tuple[Driven, Mapping[str, Any], Mapping[str, Any]],
    owners: Mapping[tuple[str, str], str],
) -> dict[str, Any]:
    """One pack as a part of the page."""
    file, names = one.file, names_of(one.file)
    key = [one.pack.namespace, one.pack.code]
    links = Links(actor, place, one, *facts, names, owners)
    return {
        "name": in_language(file.name),
        "key": one.pack.key,
        "href": reverse("packs:pack", args=key),
        "summary": in_language(file.summary),
        "status": Status(file.status).label,
        "tone": TONES[Status(file.status)],
        "version": one.switch.version.version,
        "source": file.source.item,
        "since": one.switch.on_at,
        "until": one.switch.until,
        "from": one.switch.place,
        "own": one.switch.place_id == place.pk,
        "off": reverse("packs:off", args=[one.switch.public_id])
        if one.switch.place_id == place.pk and rules.can_switch(actor, place)
        else "",
        "parts": [node(part, links) for part in file.components],
    }


def names_of(file: File) -> dict[tuple[str, str], str]:
    """What the things of a file are called; the platform's own by the rows there are."""
    found = {(kind, row.code): in_language(row.name) for kind in KINDS for row in getattr(file.things, kind)}
    drives = {drive for part, _path in walk(file.components) for drive in part.drives if f".{PLATFORM}:" in drive}
    for kind, table in TABLES.items():
        codes = {drive.partition(".")[2] for drive in drives if drive.startswith(f"{kind}.")}
        if codes:
            rows = table.model.objects.filter(code__in=[stored(kind, "", code) for code in codes])
            found |= {(kind, f"{PLATFORM}:{row.code}"): named(row) for row in rows}
    return found


def node(part: Component, links: Links | None) -> dict[str, Any]:
    """A component with what it drives and its parts; parts that nobody gave stay visible as empty slots."""
    return {
        "name": in_language(part.name),
        "owner": in_language(part.owner),
        "owner_page": links.owner(part) if links else "",
        "note": in_language(part.note),
        "outside": {"words": in_language(part.outside), "source": part.outside.source} if part.outside else None,
        "honour": part.honour,
        "drives": [links.of(drive, part) for drive in part.drives] if links else [],
        "parts": [node(one, links) for one in part.parts],
        "empty": range(part.empty),
        "missing": part.empty,
        "plain": not part.drives and not part.parts and not part.honour,
    }


def node_plain(part: Component, names: Mapping[tuple[str, str], str]) -> dict[str, Any]:
    """The same of a pack by itself: what it drives in words, without a place."""
    drives = []
    for drive in part.drives:
        kind, code = drive.split(".", 1)
        drives.append({"kind": KINDS[kind], "name": names.get((kind, code.partition("/")[0]), code)})
    made = {**node(part.model_copy(update={"drives": [], "parts": []}), None), "drives": drives}
    made["parts"] = [node_plain(one, names) for one in part.parts]
    return {**made, "empty": range(part.empty), "missing": part.empty, "plain": False}
