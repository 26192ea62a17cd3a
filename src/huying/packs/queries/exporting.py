"""A running set-up as a pack: one that was loaded, as its rows are now; or everything that is a place's own."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from huying.activities.actions import packing as activities
from huying.calls.actions import packing as calls
from huying.cockpit.actions import packing as cockpit
from huying.kernel.errors import NotFound
from huying.packs.models import Kept, Pack
from huying.packs.queries.doors import TABLES, stored
from huying.packs.queries.running import exchanged, newest, running
from huying.packs.queries.shelf import InForce, in_force, words_at
from huying.packs.rules.reading import body_of, file_in
from huying.packs.rules.shape import Component, walk
from huying.packs.rules.shape import Pack as File
from huying.packs.states import FORMAT, KINDS, LOADED, PLATFORM
from huying.places.actions import packing as places
from huying.places.models import Place
from huying.places.queries.offering import offered_at
from huying.points.actions import packing as points
from huying.volunteers.actions import packing as volunteers

FIRST = {**volunteers.FIRST, **places.FIRST, **activities.FIRST}
MOST = 27
LONGEST = {"place_kinds": 17, "place_flags": 17}
Part = dict[str, Any]


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
    """What holds at a place beyond what every platform has: rows offered there, its own standards, plans, rings, templates
    and rule book, the order of units, words on screen, and the components of the packs in force with all they say.

    Raises NoFile for a namespace, code or name that no pack can have, and for what no file can hold.
    """
    held = in_force(place)
    at = Held.at(place)
    found: dict[str, list[dict[str, Any]]] = {kind: rows_of(kind, place) for kind in LOADED}
    found |= {
        "rhythms": [{**one, "called": at.called("rhythms", one["code"])} for one in activities.rhythms_at(place)],
        "rings": calls.rings_at(place),
        "templates": cockpit.templates_at(place),
        "standards": places.standards_at(place),
        "rule_books": [{**one, "called": at.called("rule_books", one["code"])} for one in points.books_at(place)],
    }
    names = {kind: short_codes(kind, namespace, rows) for kind, rows in found.items()}
    for one in (*found["rhythms"], *found["rule_books"]):
        del one["called"]

    def say(kind: str, key: str) -> str:
        return names.get(kind, {}).get(key) or f"{PLATFORM}:{key}"

    things: dict[str, Any] = {}
    for kind in KINDS:
        rows = [{**exchanged(kind, one, say), "code": names[kind][one["code"]]} for one in found.get(kind, [])]
        if rows:
            things[kind] = rows
    parts = components_of(held, at, names)
    parts += left_over(parts, things)
    slots = any(one.empty for one, _path in walk([Component.model_validate(one) for one in parts]))
    whole: dict[str, Any] = {
        "format": FORMAT,
        "namespace": namespace,
        "code": code,
        "version": version,
        "name": {"zh": name},
        "status": "part" if slots else "full",
        "source": {"item": place.name[:60]},
        "components": parts,
        "things": things,
        "switches": ["unit_order"] if cockpit.ranks_at(place) else [],
        "words": {key: words.model_dump() for key, words in words_at(held).items()},
    }
    if len(held) == 1 and held[0].file.summary:
        whole["summary"] = held[0].file.summary.model_dump()
    return file_in(body_of(file_in(whole)))


@dataclass(frozen=True, slots=True)
class Held:
    """What packs hold at one place: ``codes`` by kind and key, ``keys`` by pack, kind and code."""

    codes: Mapping[tuple[str, str], str]
    keys: Mapping[tuple[int, str, str], str]

    @classmethod
    def at(cls, place: Place) -> Held:
        rows = list(Kept.objects.filter(place=place).exclude(key="").order_by("pk"))
        return cls(
            {(one.kind, one.key): one.code for one in rows},
            {(one.pack_id, one.kind, one.code): one.key for one in rows},
        )

    def called(self, kind: str, key: str) -> str:
        """As its pack calls it; what no pack brought has the name of its kind."""
        return self.codes.get((kind, key)) or {"rhythms": "plan", "rule_books": "book"}[kind]

    def stored(self, one: InForce, kind: str, code: str) -> str:
        """The key of a thing of a pack among the rows of this place; "" when it is not in force here."""
        if kind == "rings":
            keys = self.keys.get((one.pack.pk, "rings", "all"), "").split()
            codes = [ring.code for ring in one.file.things.rings]
            return f"ring{codes.index(code) + 1}" if len(keys) == len(codes) else ""
        if kind in ("rhythms", "rule_books"):
            return self.keys.get((one.pack.pk, kind, code), "")
        return stored(kind, one.pack.namespace, code)


def components_of(held: Iterable[InForce], at: Held, names: Mapping[str, Mapping[str, str]]) -> list[Part]:
    """The components of the packs in force: of one pack as they are, of several under the name of each."""
    packs = [(one, [with_drives(part, one, at, names) for part in one.file.components]) for one in held]
    if len(packs) == 1:
        return packs[0][1]
    found: list[Part] = []
    for one, parts in packs:
        file = one.file
        made: Part = {"code": free(one.pack.code[:MOST], found), "name": file.name.model_dump(), "parts": parts}
        if file.summary:
            made["note"] = file.summary.model_dump()
        found.append(made)
    return found


def with_drives(part: Component, one: InForce, at: Held, names: Mapping[str, Mapping[str, str]]) -> Part:
    """A component with owner, notes and empty slots as they are; what it drives under the codes of the export."""
    said: Part = part.model_dump(mode="json", exclude_defaults=True, exclude={"drives", "parts"})
    drives = []
    for drive in part.drives:
        kind, _dot, code = drive.partition(".")
        thing, slash, number = code.partition("/")
        if thing.startswith(f"{PLATFORM}:"):
            drives.append(drive)
        elif short := names.get(kind, {}).get(at.stored(one, kind, thing)):
            drives.append(f"{kind}.{short}{slash}{number}")
    return {**said, "drives": drives, "parts": [with_drives(inner, one, at, names) for inner in part.parts]}


def left_over(parts: list[Part], things: Mapping[str, list[dict[str, Any]]]) -> list[Part]:
    """What no component of a pack drives: a component for each kind, a part for each thing."""
    met = {
        drive.partition("/")[0]
        for one, _path in walk([Component.model_validate(part) for part in parts])
        for drive in one.drives
    }
    found: list[Part] = []
    for kind, rows in things.items():
        if alone := [one for one in rows if f"{kind}.{one['code']}" not in met]:
            made = component(kind, alone)
            found.append({**made, "code": free(made["code"], [*parts, *found])})
    return found


def free(code: str, taken: Iterable[Part]) -> str:
    """The code, or one like it that none of these has."""
    others, made, number = {one["code"] for one in taken}, code, 1
    while made in others:
        number += 1
        made = f"{code[: MOST - 3]}_{number}"
    return made


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
        plain = (
            re.sub(r"[^a-z0-9_]", "_", re.sub(rf"^{namespace}[-_]", "", one.get("called", one["code"]))).lstrip(
                "_0123456789"
            )
            or "x"
        )
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
