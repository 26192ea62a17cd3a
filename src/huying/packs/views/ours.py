"""我们的机制: every component of the packs in force at a place, with the live work and figures under it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from huying.calls import rules as call_rules
from huying.cockpit.rules import reports as report_rules
from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.kernel.errors import NotFound
from huying.kernel.requests import Request
from huying.packs import queries, rules
from huying.packs.queries.doors import TABLES, stored
from huying.packs.queries.live import live
from huying.packs.rules.shape import Component, walk
from huying.packs.rules.shape import Pack as File
from huying.packs.states import KINDS, PLATFORM, Status
from huying.packs.views.pages import ours_at, place_of, show
from huying.packs.views.shown import in_language
from huying.places import queries as place_queries
from huying.places.models import Place, Standard
from huying.places.states import Standing
from huying.ui.naming import named

TONES = {Status.FULL: "pine", Status.PART: "gui", Status.NAME: "ink"}
SAID = {
    "soon": _("即将举办"),
    "held": _("今年举办"),
    "calls": _("全部求助"),
    "open": _("没有办结"),
    "teams": _("队伍"),
    "people": _("志愿者"),
    "sites": _("阵地"),
    "asked": _("要对照的阵地"),
    Standing.MET: _("全部达到"),
    Standing.UNMET: _("有缺项"),
    Standing.NEVER: _("没查过"),
    "gaps": _("缺口"),
}


@require_safe
@never_cache
def ours(request: Request, public_id: UUID) -> HttpResponse:
    """For everybody; each number only for those who can open it."""
    place, actor = place_of(public_id), request.actor
    held = queries.in_force(place)
    said = queries.words_at(held)
    keys = wanted(held, place)
    found = live(actor, place, {kind: set(codes.values()) for kind, codes in keys.items()})
    title = in_language(said.get("page_title")) or _("我们的机制")
    lead = in_language(said.get("page_lead"))
    context = {
        "place": place,
        "title": title,
        "lead": lead or _("%(place)s现在按这些机制办事，每一部分下面是正在做的事。") % {"place": named(place)},
        "packs": [shown(one, place, actor, keys, found) for one in held],
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


def wanted(held: list[queries.InForce], place: Place) -> dict[str, dict[tuple[int, str], str]]:
    """By kind: what components drive, as (pack, code in its file) -> the key it is found under."""
    found: dict[str, dict[tuple[int, str], str]] = {kind: {} for kind in KINDS}
    for one in held:
        kept = queries.kept_at(one.pack, one.switch.place)
        for part, _path in walk(one.file.components):
            for drive in part.drives:
                kind, code = drive.split(".", 1)
                plan, slash, rule = code.partition("/")
                held_key = kept.get((kind, plan), "")
                key = f"{held_key}{slash}{rule}" if kind == "rhythms" else stored(kind, one.pack.namespace, code)
                found[kind][one.pack.pk, code] = key if held_key or kind != "rhythms" else ""
    return found


def shown(
    one: queries.InForce, place: Place, actor: Actor, keys: Mapping[str, Any], found: Mapping[str, Any]
) -> dict[str, Any]:
    """One pack as a part of the page."""
    file, names = one.file, names_of(one.file)
    key = [one.pack.namespace, one.pack.code]
    links = Links(actor, place, one, keys, found, names)
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
        "note": in_language(part.note),
        "outside": {"words": in_language(part.outside), "source": part.outside.source} if part.outside else None,
        "honour": part.honour,
        "drives": [links.of(drive) for drive in part.drives] if links else [],
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


class Links:
    """What stands under a component: each driven thing with its numbers, and where they open."""

    def __init__(
        self, actor: Actor, place: Place, one: queries.InForce, keys: Any, found: Any, names: dict[tuple[str, str], str]
    ):
        self.actor, self.place, self.one = actor, place, one
        self.keys, self.found, self.names = keys, found, names
        self.kept = queries.kept_at(one.pack, one.switch.place)
        asked = Standard.objects.filter(place=one.switch.place, ended_at=None) if one.file.things.standards else ()
        self.standards = {row.code: row for row in asked}

    def of(self, drive: str) -> dict[str, Any]:
        kind, code = drive.split(".", 1)
        key = self.keys[kind][self.one.pack.pk, code]
        numbers = self.found.get(kind, {}).get(key, {})
        rows = [
            {"label": SAID[what], "value": numbers[what], "href": href}
            for what, href in self.addresses(kind, key).items()
            if what in numbers
        ]
        return {
            "kind": KINDS[kind],
            "name": self.names.get((kind, code.partition("/")[0]), code),
            "numbers": rows,
            "words": self.words(kind, code, key, numbers),
            "href": self.lead(kind, key),
        }

    def address(self, name: str, *args: Any, **query: Any) -> str:
        return f"{reverse(name, args=args)}?{urlencode(query)}"

    def addresses(self, kind: str, key: str) -> dict[str, str]:
        """Where each number opens: the list it counts, narrowed in the same way."""
        within = {"within": str(self.place.public_id)}
        if kind in ("themes", "activity_kinds"):
            by = {"theme" if kind == "themes" else "kind": key, **within}
            today = clock.today()
            year = {"first": f"{today.year}-01-01", "last": today.isoformat()}
            soon = self.address("activities:list", **by)
            return {"soon": soon, "held": self.address("activities:list", **by, **year)}
        if kind == "service_kinds":
            where = {"kind": key, "place": str(self.place.public_id)}
            every = self.address("calls:list", **where)
            return {"calls": every, "open": self.address("calls:list", **where, state="open")}
        if kind == "team_kinds":
            return {"teams": self.address("volunteers:teams", kind=key, **within)}
        if kind == "skills":
            return {"people": self.address("volunteers:list", skill=key, **within)}
        if kind in ("place_kinds", "place_flags"):
            by = {"kind" if kind == "place_kinds" else "flag": key, **within}
            return {"sites": self.address("places:list", **by)}
        if kind == "standards" and (found := self.standards.get(key)):

            def at(standing: str) -> str:
                return self.address(
                    "places:standard", found.public_id, **within, **({"standing": standing} if standing else {})
                )

            return {"asked": at(""), **{one: at(one) for one in (Standing.MET, Standing.UNMET, Standing.NEVER)}}
        if kind == "rhythms" and key:
            return {"gaps": reverse("activities:plan", args=[key.partition("/")[0]])}
        return {}

    def lead(self, kind: str, key: str) -> str:
        """Where a reader goes on from the thing itself; nowhere when there is nothing for him."""
        if kind == "service_kinds":
            return reverse("calls:ask_kind", args=[key])
        if kind == "rings" and call_rules.can_set_rings(self.actor, self.one.switch.place):
            return reverse("calls:rings")
        if kind == "rule_books" and self.kept.get((kind, key.removeprefix(f"{self.one.pack.namespace}_"))):
            return self.address("points:list", within=str(self.place.public_id))
        if kind == "templates":
            if report_rules.can_read(self.actor, self.place):
                return reverse("cockpit:reports_at", args=[self.place.public_id])
            return self.address("cockpit:papers", within=str(self.place.public_id))
        return ""

    def words(self, kind: str, code: str, key: str, numbers: Mapping[str, int]) -> Any:
        """One sentence more: how many beats were kept, how much of a standard, why something is not in force."""
        if kind == "rhythms" and "beats" in numbers:
            return _("应做 %(all)d 次，做到 %(kept)d 次") % {"all": numbers["beats"], "kept": numbers["kept"]}
        if kind == "standards" and "score" in numbers:
            return _("%(score)d%% 的阵地全部达到") % {"score": numbers["score"]}
        if kind == "rings" and not self.kept.get(("rings", "all")):
            return _("这里另有自己的呼叫圈，这一圈没有生效。")
        if kind == "rule_books":
            drafted = self.kept.get(("rule_books", code))
            return _("草案，经议事会议通过才生效。") if drafted else _("这里已有自己的积分办法，这一份没有起草。")
        return ""
