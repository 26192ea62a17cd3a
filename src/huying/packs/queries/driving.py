"""What the components of the packs in force at a place drive, and under which keys it is found in the rooms."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from huying.cockpit.rules.report_notation import TemplateWrong, parse, sections
from huying.packs.models import Kept
from huying.packs.queries.doors import stored
from huying.packs.queries.shelf import InForce
from huying.packs.rules.shape import walk
from huying.packs.states import KINDS
from huying.places.models import Standard
from huying.points import queries as point_queries
from huying.points.models import Edition

POINTS = ("points_passbooks", "points_given")
"""What is told of a rule book: the figures of its place."""


@dataclass
class Driven:
    """``keys``: by kind, (pack, code in its file, with ``/2``) -> the key it is found under, "" where it is not in force.
    ``metrics``: (kind, pack, code) -> metrics told there. ``editions``: drafts of packs by public id, whatever became of
    them; ``in_force``: by book the edition that holds now.
    """

    keys: dict[str, dict[tuple[int, str], str]] = field(default_factory=lambda: {kind: {} for kind in KINDS})
    metrics: dict[tuple[str, int, str], tuple[str, ...]] = field(default_factory=dict)
    editions: dict[str, Edition] = field(default_factory=dict)
    in_force: dict[int, int] = field(default_factory=dict)

    @property
    def wanted(self) -> dict[str, set[str]]:
        """Keys by kind, as ``live.live`` asks for them."""
        return {kind: set(codes.values()) for kind, codes in self.keys.items()}


def driven(held: Iterable[InForce]) -> Driven:
    """Of all packs in force at a place; a few queries, however many they are."""
    found, rows = Driven(), list(held)
    kept = kept_by(rows)
    asked = standards_by(rows)
    for one in rows:
        mine = kept.get((one.pack.pk, one.switch.place_id), {})
        told = sections_of(one)
        for part, _path in walk(one.file.components):
            for drive in part.drives:
                kind, code = drive.split(".", 1)
                found.keys[kind][one.pack.pk, code] = key_of(one, kind, code, mine, asked)
                if metrics := POINTS if kind == "rule_books" else told.get(drive):
                    found.metrics[kind, one.pack.pk, code] = metrics
    books = [key for key in found.keys["rule_books"].values() if key]
    for edition in Edition.objects.filter(public_id__in=books).select_related("book__place") if books else ():
        found.editions[str(edition.public_id)] = edition
        now = point_queries.edition_now(edition.book)
        if now is not None:
            found.in_force[edition.book_id] = now.pk
    return found


def key_of(
    one: InForce, kind: str, code: str, mine: Mapping[tuple[str, str], str], asked: Mapping[tuple[int, str], str]
) -> str:
    """The key of one driven thing: a stored code, or what it is held under at the place of the switch."""
    thing, slash, part = code.partition("/")
    if kind == "rings":
        keys, codes = mine.get(("rings", "all"), "").split(), [ring.code for ring in one.file.things.rings]
        return keys[codes.index(thing)] if thing in codes and len(keys) == len(codes) else ""
    if kind in ("rhythms", "rule_books"):
        key = mine.get((kind, thing), "")
    elif kind == "standards":
        key = asked.get((one.switch.place_id, stored(kind, one.pack.namespace, thing)), "")
    else:
        key = stored(kind, one.pack.namespace, thing)
    return f"{key}{slash}{part}" if key else ""


def kept_by(rows: list[InForce]) -> dict[tuple[int, int], dict[tuple[str, str], str]]:
    """By pack and place: keys of what it holds there, by kind and code."""
    found: dict[tuple[int, int], dict[tuple[str, str], str]] = {}
    packs, places = {one.pack.pk for one in rows}, {one.switch.place_id for one in rows}
    for one in Kept.objects.filter(pack__in=packs, place__in=places):
        found.setdefault((one.pack_id, one.place_id), {})[one.kind, one.code] = one.key
    return found


def standards_by(rows: list[InForce]) -> dict[tuple[int, str], str]:
    """By place and code: public ids of standards in force."""
    places = {one.switch.place_id for one in rows if one.file.things.standards}
    asked = Standard.objects.filter(place__in=places, ended_at=None) if places else ()
    return {(one.place_id, one.code): str(one.public_id) for one in asked if one.place_id is not None}


def sections_of(one: InForce) -> dict[str, tuple[str, ...]]:
    """``templates.code/2`` -> the names told under the second heading of that template."""
    found = {}
    for template in one.file.things.templates:
        try:
            told = sections(parse(template.body))
        except TemplateWrong:  # was right when it was loaded; the notation may have become stricter since
            continue
        for number, names in enumerate(told, start=1):
            found[f"templates.{template.code}/{number}"] = names
    return found
