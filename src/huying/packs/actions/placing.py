"""What a pack holds at the places where it is on: standards, plans of the year, rings, templates, drafts of rules.

Places come one after the other inside each kind, in the order in which rows are locked everywhere (kernel.locks).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from huying.activities.actions import packing as activities
from huying.calls.actions import packing as calls
from huying.cockpit.actions import packing as cockpit
from huying.cockpit.actions import set_ranking
from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.packs.models import Kept, Pack, Switch
from huying.packs.queries.doors import stored
from huying.packs.queries.running import file_of, newest, outward
from huying.packs.rules.shape import Pack as File
from huying.places.actions import packing as places_door
from huying.places.actions import standards
from huying.places.models import Place, Standard
from huying.points.actions import packing as points
from huying.points.models import Book, Edition

Held = dict[str, str]
Renames = Mapping[str, Sequence[tuple[str, str]]]
"""By kind: the code before and the one from now on, in the order in which they can be done."""


@dataclass(frozen=True, slots=True)
class Hand:
    """Who writes for which pack. Rooms see the platform writing; the trail keeps the person."""

    actor: Actor
    pack: Pack
    file: File | None

    def things(self, kind: str) -> list[Any]:
        return list(getattr(self.file.things, kind)) if self.file else []

    def key(self, kind: str, code: str) -> str:
        return stored(kind, self.pack.namespace, code)

    def facts(self, kind: str, thing: Any) -> dict[str, Any]:
        return outward(kind, self.pack.namespace, thing)


def hand_of(actor: Actor, pack: Pack, file: File | None) -> Hand:
    return Hand(replace(actor, channel="system", name=f"pack {pack.key}"), pack, file)


def keep_at(
    *,
    actor: Actor,
    pack: Pack,
    file: File | None,
    places: Iterable[Place],
    kinds: Iterable[str] | None = None,
    before: File | None = None,
    renames: Renames | None = None,
) -> None:
    """Bring what the pack holds at these places in line with its file; without a file everything of it ends.

    ``kinds``: only these. ``before``: what it said until now. ``renames``: codes that change, wherever it is on or was.
    """
    hand, rows = hand_of(actor, pack, file), sorted(places, key=lambda one: one.pk)
    for kind, keep in KEEPERS:
        if kinds is not None and kind not in kinds:
            continue
        for old, new in (renames or {}).get(kind, ()):
            take_code(hand, kind, old, new)
        for place in rows:
            held = dict(Kept.objects.filter(pack=pack, place=place, kind=kind).values_list("code", "key"))
            now = keep(hand, place, held)
            if now != held:
                Kept.objects.filter(pack=pack, place=place, kind=kind).delete()
                made = (Kept(pack=pack, place=place, kind=kind, code=code, key=key) for code, key in now.items())
                Kept.objects.bulk_create(made)
    if kinds is None:
        redraft(hand, rows, before)
        hand_rings_on(hand, rows)


def take_code(hand: Hand, kind: str, old: str, new: str) -> None:
    """What is held under one code is held under another. Templates are never rewritten: round-ups stay with the old one."""
    if kind not in CARRIED:
        return
    Kept.objects.filter(pack=hand.pack, kind=kind, code=old).update(code=new)
    if kind == "standards":
        key = hand.key(kind, new)
        places_door.rename_standard(hand.key(kind, old), key, pack=hand.pack.key)
        Kept.objects.filter(pack=hand.pack, kind=kind, code=new).update(key=key)


def keep_switches(hand: Hand, place: Place, held: Held) -> Held:
    """Functions of the code that are turned on while the pack is on. The key says whether it was on ``before`` any pack
    asked for it: then it stays on when the last one is switched off.
    """
    wanted = set(hand.file.switches) if hand.file else set()
    now = {code: held.get(code, "on") for code in sorted(wanted)}
    others = Kept.objects.filter(kind="switches", code="unit_order", place=place).exclude(pack=hand.pack)
    if "unit_order" in wanted and "unit_order" not in held:
        ranks, other = cockpit.ranks_at(place), others.order_by("pk").first()
        now["unit_order"] = other.key if other else "before" if ranks else "on"
        if not ranks:
            set_ranking(actor=hand.actor, place=place, ranks=True, reason=f"机制包 {hand.pack.key}")
    if held.get("unit_order") == "on" and "unit_order" not in wanted and not others.exists():
        set_ranking(actor=hand.actor, place=place, ranks=False, reason=f"机制包 {hand.pack.key} 停用")
    return now


def keep_standards(hand: Hand, place: Place, held: Held) -> Held:
    """A new version only where the words have changed; those gone from the file are no longer asked for."""
    wanted = {one.code: one for one in hand.things("standards")}
    for code, key in held.items():
        if code not in wanted:
            for row in Standard.objects.filter(code=key, place=place, ended_at__isnull=True):
                standards.retire(actor=hand.actor, standard=row)
    for one in wanted.values():
        facts = hand.facts("standards", one)
        items = tuple(
            standards.ItemFacts(
                name=row["name"]["zh"],
                name_en=row["name"]["en"],
                proof=(row["proof"] or {}).get("zh", ""),
                proof_en=(row["proof"] or {}).get("en", ""),
                weight=row["weight"],
            )
            for row in facts["items"]
        )
        given = standards.StandardFacts(
            code=hand.key("standards", one.code),
            version=1,
            name=facts["name"]["zh"],
            name_en=facts["name"]["en"],
            kinds=tuple(sorted(facts["kinds"])),
            items=items,
        )
        rows = Standard.objects.filter(code=given.code, place=place).order_by("-version")
        last = rows.first()
        same = last is not None and standards.facts_of(last) == replace(given, version=last.version)
        number = (last.version if same else last.version + 1) if last else 1
        standards.install_standard(
            actor=hand.actor, place=place, facts=replace(given, version=number), pack=hand.pack.key
        )
    return {code: hand.key("standards", code) for code in wanted}


def keep_rhythms(hand: Hand, place: Place, held: Held) -> Held:
    """Plans that have ended stay known, so that the same ones go on when the pack is switched on again."""
    wanted = {one.code: one for one in hand.things("rhythms")}
    for code, key in held.items():
        if code not in wanted:
            activities.end_rhythm(held=key)
    on = Switch.objects.filter(pack=hand.pack, place=place, off_at__isnull=True).first()
    since = clock.local(on.on_at).date() if on else clock.today()
    return held | {
        code: activities.keep_rhythm(
            actor=hand.actor, place=place, facts=hand.facts("rhythms", one), since=since, held=held.get(code, "")
        )
        for code, one in wanted.items()
    }


def keep_words(hand: Hand, place: Place, held: Held) -> Held:
    """Words on the screens of other rooms; those of this room's own page are read from the file."""
    on = Switch.objects.filter(pack=hand.pack, place=place, off_at__isnull=True).first()
    words = {key: one.model_dump() for key, one in hand.file.words.items()} if hand.file else {}
    places_door.keep_words(place=place, pack=hand.pack.key, on_at=on.on_at if on else None, words=words)
    return held


def keep_rings(hand: Hand, place: Place, held: Held) -> Held:
    """One set a place; where other rings are in force it stays empty, which the page of the mechanism says."""
    rings = [hand.facts("rings", one) for one in hand.things("rings")]
    if not rings:
        calls.drop_rings(held=held.get("all", ""))
        return {}
    return {"all": calls.keep_rings(actor=hand.actor, place=place, rings=rings, held=held.get("all", ""))}


def hand_rings_on(hand: Hand, rows: Iterable[Place]) -> None:
    """Where rings have become free, those of another pack come into force that is on there and had to wait."""
    for place in rows:
        waiting = Kept.objects.filter(place=place, kind="rings", key="").exclude(pack=hand.pack)
        for one in waiting.select_related("pack").order_by("pk"):
            version = newest(one.pack)
            other = replace(hand, pack=one.pack, file=file_of(version) if version else None)
            Kept.objects.filter(pk=one.pk).update(key=keep_rings(other, place, {"all": ""}).get("all", ""))


def keep_templates(hand: Hand, place: Place, held: Held) -> Held:
    wanted = {one.code: one for one in hand.things("templates")}
    for code, key in held.items():
        if code not in wanted:
            cockpit.end_template(actor=hand.actor, place=place, code=key)
    return {
        code: cockpit.keep_template(
            actor=hand.actor, place=place, code=hand.key("templates", code), facts=hand.facts("templates", one)
        )
        for code, one in wanted.items()
    }


def make_book(hand: Hand, place: Place, held: Held) -> Held:
    """A place without rules of points gets a book with a first draft; an assembly has to adopt it.

    What a pack drafted stays known when it is switched off, and is followed again when it is on again.
    """
    for one in hand.things("rule_books")[:1]:
        key = held.get(one.code, "")
        if key and Edition.objects.filter(public_id=key, book__ended_at=None).exists():
            return {one.code: key}
        if Book.objects.filter(place=place, ended_at__isnull=True).exists():
            return {one.code: ""}
        edition = points.draft_book(hand.actor, place, book_of(hand.pack, hand.facts("rule_books", one)))
        return {one.code: str(edition.public_id)}
    return {code: key for code, key in held.items() if key}


def redraft(hand: Hand, rows: Iterable[Place], before: File | None) -> None:
    """Drafts that came from this pack are written anew where its rules have changed; those of the place itself, changed
    by hand or adopted since, stay as they are. All places at once, for the sake of the order of locks.
    """
    old = before.things.rule_books[:1] if before else []
    new = hand.things("rule_books")[:1]
    if not old or not new:
        return
    kept = Kept.objects.filter(pack=hand.pack, place__in=list(rows), kind="rule_books", code=new[0].code).exclude(
        key=""
    )
    said, says = (book_of(hand.pack, hand.facts("rule_books", one[0])) for one in (old, new))
    points.redraft_books(hand.actor, list(kept.values_list("key", flat=True)), said, says)


def book_of(pack: Pack | File, facts: dict[str, Any]) -> dict[str, Any]:
    """A rule book of a pack as the room of points drafts it; where nothing is said to prove an item, its name is read out."""
    items = [
        {
            "code": row["code"],
            "name": row["name"]["zh"],
            "name_en": row["name"]["en"],
            "proof": (row["proof"] or row["name"])["zh"],
            "validity_months": row["valid_months"] or facts["valid_months"],
            **{name: row[name] for name in ("amount", "source", "measure", "confirmer", *points.CAPS)},
        }
        for row in facts["items"]
    ]
    return {
        "name": facts["name"]["zh"],
        "name_en": facts["name"]["en"],
        "about": facts["about"]["zh"] if facts["about"] else "",
        "source": pack.key,
        "items": items,
        **{name: facts[name] for name in points.CAPS},
    }


KEEPERS: tuple[tuple[str, Callable[[Hand, Place, Held], Held]], ...] = (
    ("switches", keep_switches),
    ("rule_books", make_book),
    ("standards", keep_standards),
    ("rhythms", keep_rhythms),
    ("rings", keep_rings),
    ("templates", keep_templates),
    ("words", keep_words),
)
"""In the order of HUYING_LOCK_ORDER: a new book locks its place; old ones are written last of all, by ``redraft``."""
CARRIED = frozenset({"rule_books", "standards", "rhythms"})
"""Kinds whose rows at places take the new code of a thing that ``was`` called otherwise."""
