"""A running set-up as a pack: one that was loaded, as its rows are now; or everything that is a place's own."""

from __future__ import annotations

import re
from typing import Any

from huying.activities.actions import packing as activities
from huying.calls.actions import packing as calls
from huying.cockpit.actions import packing as cockpit
from huying.kernel.errors import NotFound
from huying.packs.models import Pack
from huying.packs.queries.doors import TABLES
from huying.packs.queries.running import exchanged, newest, running
from huying.packs.rules.reading import body_of, file_in
from huying.packs.rules.shape import Pack as File
from huying.packs.states import FORMAT, KINDS, LOADED, PLATFORM
from huying.places.actions import packing as places
from huying.places.models import Place
from huying.places.queries.offering import offered_at
from huying.volunteers.actions import packing as volunteers

FIRST = {**volunteers.FIRST, **places.FIRST, **activities.FIRST}
MOST = 27
LONGEST = {"place_kinds": 17, "place_flags": 17}


def as_running(pack: Pack) -> File:
    """A loaded pack with what its rows say today; the next number when that is not what was loaded.

    NotFound; NoFile when a row says what no file can hold.
    """
    version = newest(pack)
    if version is None:
        raise NotFound
    body = running(pack)
    if body != version.body:
        body["version"] = version.version + 1
    return file_in(body)


def as_set_up(place: Place, *, namespace: str, code: str, name: str, version: int = 1) -> File:
    """What holds at a place beyond what every platform has: rows offered there, its own standards, plans, rings, templates.

    Raises NoFile for a namespace, code or name that no pack can have, and for what no file can hold.
    """
    found = {kind: rows_of(kind, place) for kind in LOADED}
    found |= {
        "rhythms": activities.rhythms_at(place),
        "rings": calls.rings_at(place),
        "templates": cockpit.templates_at(place),
        "standards": places.standards_at(place),
    }
    names = {kind: short_codes(kind, namespace, rows) for kind, rows in found.items()}

    def say(kind: str, key: str) -> str:
        return names.get(kind, {}).get(key) or f"{PLATFORM}:{key}"

    things: dict[str, Any] = {}
    for kind in KINDS:
        rows = [{**exchanged(kind, one, say), "code": names[kind][one["code"]]} for one in found.get(kind, [])]
        if rows:
            things[kind] = rows
    parts = [component(kind, rows) for kind, rows in things.items()]
    head = {"format": FORMAT, "namespace": namespace, "code": code, "version": version, "name": {"zh": name}}
    whole = {**head, "status": "full", "source": {"item": place.name[:60]}, "components": parts, "things": things}
    return file_in(body_of(file_in(whole)))


def rows_of(kind: str, place: Place) -> list[dict[str, Any]]:
    """Rows offered at the place that do not come with the platform, in the order of their codes."""
    table = TABLES[kind]
    rows = offered_at(table.model._default_manager.all(), [place])
    if kind == "place_kinds":
        rows = rows.filter(is_division=False)
    codes = sorted(set(rows.values_list("code", flat=True)) - FIRST.get(kind, frozenset()))
    there = table.read(codes)
    return [{"code": one, **there[one]} for one in codes]


def short_codes(kind: str, namespace: str, rows: list[dict[str, Any]]) -> dict[str, str]:
    """A local code for each stored one: without the namespace, in letters that packs know, all different."""
    found: dict[str, str] = {}
    most = LONGEST.get(kind, MOST)
    for one in rows:
        plain = re.sub(r"[^a-z0-9_]", "_", re.sub(rf"^{namespace}[-_]", "", one["code"])).lstrip("_0123456789") or "x"
        short, number = plain[:most], 1
        while short in found.values():
            number += 1
            short = f"{plain[: most - 3]}_{number}"
        found[one["code"]] = short
    return found


def component(kind: str, rows: list[dict[str, Any]]) -> dict[str, Any]:
    """All things of a kind as one component, each a part that drives it."""
    name = str(KINDS[kind])
    parts = [
        {"code": one["code"], "name": {"zh": one["name"]["zh"]}, "drives": [f"{kind}.{one['code']}"]} for one in rows
    ]
    return {"code": kind, "name": {"zh": name}, "parts": parts}
