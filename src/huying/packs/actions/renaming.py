"""Things that take another code in a new version: in which order their rows can, and which never can."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from huying.packs.models import Installed, Kept, Pack
from huying.packs.queries.doors import stored
from huying.packs.queries.running import formers, newest
from huying.packs.rules.nodes import Problem, Tree, dotted
from huying.packs.rules.reading import body_of
from huying.packs.rules.shape import Pack as File
from huying.packs.states import KINDS, LOADED
from huying.places.actions.packing import standards_of

Ordered = dict[str, list[tuple[str, str]]]


def renames_in(row: Pack | None, pack: File) -> tuple[Ordered, dict[str, set[str]]]:
    """By kind: (code before, code from now on) in the order in which no code is there twice; and the new codes that can
    never be taken, for they are held, in a circle, or come from the same one.

    What the version before already said is done, and what this pack never had is no rename.
    """
    last = newest(row) if row else None
    if row is None or last is None:
        return {}, {}
    done, wanted = formers(last.body), formers(body_of(pack))
    found: Ordered = {}
    stuck: dict[str, set[str]] = {}
    for kind in KINDS:
        held = held_codes(row, kind, last.body)
        left = {code: was for (of, code), was in wanted.items() if of == kind and was in held}
        left = {code: was for code, was in left.items() if done.get((kind, code)) != was}
        found[kind] = []
        while ready := next((code for code, was in left.items() if code not in held and was in held), None):
            was = left.pop(ready)
            held = held - {was} | {ready}
            found[kind].append((was, ready))
        stuck[kind] = set(left)
    return found, stuck


def held_codes(row: Pack, kind: str, body: dict[str, object]) -> set[str]:
    """Codes of this kind that rows of the pack have, in force or not."""
    if kind in LOADED:
        return set(Installed.objects.filter(pack=row, kind=kind).values_list("code", flat=True))
    things = body.get("things", {})
    said = {one["code"] for one in things.get(kind, [])} if isinstance(things, dict) else set()
    kept = set(Kept.objects.filter(pack=row, kind=kind).values_list("code", flat=True)) if kind != "rings" else set()
    return said | kept | (retired_standards(row) if kind == "standards" else set())


def retired_standards(row: Pack) -> set[str]:
    own = stored("standards", row.namespace, "")
    return {one.removeprefix(own) for one in standards_of(row.key)}


def renames_wrong(row: Pack | None, pack: File, tree: Tree) -> list[Problem]:
    """Codes that cannot be taken over, with their lines."""
    found = []
    stuck = renames_in(row, pack)[1]
    for kind, codes in stuck.items():
        for number, thing in enumerate(getattr(pack.things, kind)):
            if thing.code in codes:
                path = ("things", kind, number, "was")
                words = _("“%(was)s”不能改成“%(code)s”：这个代码用过，或者几项的代码互相对换。")
                told = _("请换一个没有用过的代码；要对换的，请分两版来改。")
                facts = {"was": thing.was, "code": thing.code}
                found.append(Problem(tree.line(path), words % facts, told, dotted(path)))
    return found
