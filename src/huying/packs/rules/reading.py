"""A file is read whole: values with lines, barred functions, the shape, then what refers to what. All problems at once."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext_lazy as _
from pydantic import BaseModel, ValidationError

from huying.kernel.errors import InvalidInput, Text
from huying.packs.rules.barred import barred_in
from huying.packs.rules.nodes import Path, Problem, Tree, Unreadable, dotted, read
from huying.packs.rules.said import near, problems_of
from huying.packs.rules.shape import Pack, walk
from huying.packs.states import KINDS, OWN_WORDS, PLATFORM, WORDS, Status

MOST_TOLD = 50
UNSEEN = ("Cc", "Cf", "Zl", "Zp")
"""Controls, marks of direction and of no width, ends of lines: a title has none of them."""
HEADING = re.compile(r"^[ \t]*#(?!#)", re.MULTILINE)
"""A heading of the first level in a template (cockpit.rules.report_notation)."""
REFERS: dict[tuple[str, str], str] = {
    ("rules", "kind"): "activity_kinds",
    ("rules", "theme"): "themes",
    ("rules", "site_kind"): "place_kinds",
    ("service_kinds", "skills"): "skills",
    ("rings", "team_kind"): "team_kinds",
    ("place_kinds", "parents"): "place_kinds",
    ("standards", "kinds"): "place_kinds",
}
"""Which kind of thing a key speaks of, by what it stands in. A category of service is always the platform's."""


class PackWrong(InvalidInput):
    """The file cannot be taken; ``problems`` name the lines and what to write instead."""

    code = "pack_wrong"
    message = _("机制包里有写错的地方。")

    def __init__(self, file: str, problems: list[Problem]):
        self.file = file
        self.problems = sorted(problems, key=lambda one: one.line)[:MOST_TOLD]
        super().__init__(fields={"file": "\n".join(self.told())})

    def told(self) -> list[str]:
        """One line a problem: ``mine.yaml 第 12 行：…``."""
        return [
            str(_("%(file)s 第 %(line)d 行：%(text)s") % {"file": self.file, "line": one.line, "text": one})
            for one in self.problems
        ]


class NoFile(InvalidInput):
    """What is on the platform cannot be written as a pack: it was typed longer, or in greater number, than files may."""

    code = "pack_no_file"
    message = _("“{name}”写不进机制包：{problem}请先改好它，再导出。")


def file_in(body: dict[str, Any]) -> Pack:
    """The pack in plain values that come from the platform itself. Raises NoFile, which names the first thing to mend."""
    try:
        return Pack.model_validate(body)
    except ValidationError as error:
        first = problems_of(error, Tree(body))[0]
        raise NoFile(name=named_at(body, error.errors()[0]["loc"]), problem=first) from error


def named_at(body: dict[str, Any], path: tuple[int | str, ...]) -> str:
    """The Chinese name of the thing a path leads into; the path itself outside of things."""
    if path[0] == "things" and len(path) > 2 and isinstance(path[2], int):
        thing = body["things"][path[1]][path[2]]
        return str(thing["name"]["zh"] or thing["code"])
    return dotted(path)


def read_pack(text: str, *, file: str = "pack.yaml") -> tuple[Pack, Tree]:
    """The pack in a text and the lines of its values. Raises PackWrong."""
    try:
        tree = read(text)
    except Unreadable as stopped:
        raise PackWrong(file, stopped.problems) from None
    barred = barred_in(tree)
    told = {one.line for one in barred}
    try:
        pack = Pack.model_validate(tree.value)
    except ValidationError as error:
        others = [one for one in problems_of(error, tree) if one.line not in told]
        raise PackWrong(file, [*barred, *others]) from None
    if problems := [*barred, *loose_ends(pack, tree)]:
        raise PackWrong(file, problems)
    return pack, tree


def loose_ends(pack: Pack, tree: Tree) -> list[Problem]:
    """What the shape alone cannot tell: repeated codes, references to nothing, a false checksum, a false status."""
    found = [*repeated(pack, tree), *strangers(pack, tree), *too_much(pack, tree)]
    if pack.namespace == PLATFORM:
        taken = _("“platform”是平台自己的名字。")
        found.append(Problem(tree.line(("namespace",)), taken, _("请写地方的拼音，例如 longyan。"), "namespace"))
    if pack.checksum and pack.checksum != checksum(pack):
        untrue = _("校验和与内容不符：文件改动过，或没有传完整。")
        found.append(Problem(tree.line(("checksum",)), untrue, _("确认内容后请删去这一行。"), "checksum"))
    if pack.status == Status.FULL:
        for one, path in walk(pack.components):
            if one.empty:
                missing = _("标为 full，但这里还缺 %(n)d 部分。") % {"n": one.empty}
                found.append(Problem(tree.line(path), missing, _("请补全，或写 status: part。"), dotted(path)))
    return found


def repeated(pack: Pack, tree: Tree) -> Iterator[Problem]:
    """Codes that stand twice where they must stand once."""
    for path, rows in lists(pack):
        seen: dict[str, int] = {}
        for number, row in enumerate(rows):
            code = getattr(row, "code", None)
            if not isinstance(code, str):
                continue
            line = tree.line((*path, number, "code"))
            if code in seen:
                words = _("代码“%(code)s”在第 %(line)d 行已经用过。") % {"code": code, "line": seen[code]}
                yield Problem(line, words, _("同一列里每项的代码要不同。"), dotted((*path, number, "code")))
            seen.setdefault(code, line)


def too_much(pack: Pack, tree: Tree) -> Iterator[Problem]:
    """More than is ever used: a second rule book, words longer than their place on the screen."""
    if len(pack.things.rule_books) > 1:
        path: Path = ("things", "rule_books", 1)
        yield Problem(
            tree.line(path), _("一个机制包只能有一份积分规则。"), _("请并成一份，或另写一个机制包。"), dotted(path)
        )
    for name, words in pack.words.items():
        most = WORDS[name][1]
        for language, limit in (("zh", most), ("en", 2 * most)):
            if len(getattr(words, language)) > limit:
                path = ("words", name, language)
                long = _("“%(name)s”太长。") % {"name": dotted(path)}
                yield Problem(tree.line(path), long, _("请最多写 %(most)s 个字。") % {"most": limit}, dotted(path))
            elif name not in OWN_WORDS and any(unicodedata.category(one) in UNSEEN for one in getattr(words, language)):
                path = ("words", name, language)
                unseen = _("“%(name)s”里有换行或看不见的字符。") % {"name": dotted(path)}
                yield Problem(tree.line(path), unseen, _("请写成一行，只用看得见的字。"), dotted(path))


def lists(value: Any, path: Path = ()) -> Iterator[tuple[Path, list[Any]]]:
    """Every list of shapes in a pack."""
    for name in type(value).model_fields:
        inner = getattr(value, name)
        if isinstance(inner, BaseModel):
            yield from lists(inner, (*path, name))
        elif isinstance(inner, list) and inner and isinstance(inner[0], BaseModel):
            yield (*path, name), inner
            for number, one in enumerate(inner):
                yield from lists(one, (*path, name, number))


def strangers(pack: Pack, tree: Tree) -> Iterator[Problem]:
    """References to things that are not in the file."""
    here = {kind: [one.code for one in getattr(pack.things, kind)] for kind in KINDS}
    for kind, code, path in references(pack):
        if not code.startswith(f"{PLATFORM}:") and code not in here[kind]:
            words = _("things.%(kind)s 里没有“%(code)s”。") % {"kind": kind, "code": code}
            instead: Text = near(code, here[kind]) if here[kind] else _("请先写上它；平台自带的请写成 platform:代码。")
            yield Problem(tree.line(path), words, instead, dotted(path))
    parts = parts_in(pack)
    for one, path in walk(pack.components):
        for number, drive in enumerate(one.drives):
            thing, _slash, part = drive.partition("/")
            if part and int(part) > parts.get(thing, 99):
                words = _("“%(code)s”没有第 %(n)s 部分。") % {"code": thing.partition(".")[2], "n": part}
                told = _("最多写到 /%(n)d。") % {"n": parts[thing]}
                yield Problem(tree.line((*path, "drives", number)), words, told, dotted((*path, "drives", number)))
    for number, kind_of_service in enumerate(pack.things.service_kinds):
        if kind_of_service.category and not kind_of_service.category.startswith(f"{PLATFORM}:"):
            path = ("things", "service_kinds", number, "category")
            alien = _("服务类别只能是平台已有的。")
            yield Problem(tree.line(path), alien, _("请写成 platform:代码，例如 platform:elders。"), dotted(path))


def parts_in(pack: Pack) -> dict[str, int]:
    """How many parts each thing has that a component can drive one by one (``shape.PARTED``), by ``kind.code``."""
    things = pack.things
    return {
        **{f"rhythms.{one.code}": len(one.rules) for one in things.rhythms},
        **{f"standards.{one.code}": len(one.items) for one in things.standards},
        **{f"templates.{one.code}": len(HEADING.findall(one.body)) for one in things.templates},
    }


def references(pack: Pack) -> Iterator[tuple[str, str, Path]]:
    """Kind, code and place of everything that one thing or component says of another."""
    for one, path in walk(pack.components):
        for number, drive in enumerate(one.drives):
            kind, code = drive.split(".", 1)
            yield kind, code.partition("/")[0], (*path, "drives", number)
    for path, rows in lists(pack.things, ("things",)):
        for number, row in enumerate(rows):
            for (holder, name), kind in REFERS.items():
                if path[-1] != holder or (given := getattr(row, name)) is None:
                    continue
                for place, code in enumerate(given if isinstance(given, list) else [given]):
                    yield kind, code, (*path, number, name, *([place] if isinstance(given, list) else []))


def body_of(pack: Pack) -> dict[str, Any]:
    """The canonical form: plain values, without what stands at its default and without the checksum itself."""
    kept: dict[str, Any] = pack.model_dump(mode="json", exclude_defaults=True, exclude={"checksum"})
    return kept


def checksum(pack: Pack) -> str:
    """``sha256:…`` over the canonical form, keys sorted, UTF-8."""
    text = json.dumps(body_of(pack), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of pack files."""
    made: dict[str, Any] = Pack.model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": "huying-pack-1", **made}
