"""The notation of templates: a strict small language of lines, read into blocks; nothing in it is ever executed.

    # 标题  (to ####)                          a heading, numbered when it is printed: 一、 (一) 1. (1)
    共办结{calls_closed}，{calls_closed|prev}。   a paragraph of words and fields
    + 其中…                                    goes on in the paragraph above
    【看】calls_closed|prev；接上段              the words depend on a number; one line for each case follows:
    增：… 减：… 平：… 零：… 无：…                 of a comparison; of a plain number 有：… 零：… 无：…
    【表】标题：metric、metric；按月             metrics by month, or 按下一级 (by child, what is meant without a word)
    【折线图】标题：metric                      by month unless 按下一级
    【柱状图】标题：metric                      by child unless 按月
    【照片】4                                  so many pictures at most, with consent

A field is ``{name}``, ``{name|filter}`` or ``{name|filter:name}``; ``{{`` and ``}}`` are braces. Where an editor writes,
``{name=130件}`` puts a number by hand, which is always shown as such.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal

from django.utils.translation import gettext_lazy as _

from huying.kernel.errors import InvalidInput, Text

MOST_BLOCKS = 120
MOST_FIELDS = 8
MOST_PHOTOS = 12
FIELD = re.compile(
    r"\{(?P<name>[a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)?)(?:\|(?P<filter>[a-z_]+)(?::(?P<arg>[a-z][a-z0-9_]*))?)?"
    r"(?:=(?P<hand>[^{}|=]{1,40}))?\}"
)
PIECE = re.compile(r"\{\{|\}\}|\{[^{}]*\}|[{}]|[^{}]+")
CASES = {"有": "some", "增": "rise", "减": "fall", "平": "equal", "零": "zero", "无": "none"}
COMPARING = ("prev", "yoy")
NEEDED = {True: ("rise", "fall", "equal", "none"), False: ("some", "none")}
ALLOWED = {True: ("rise", "fall", "equal", "zero", "none"), False: ("some", "zero", "none")}
WORDS = {code: word for word, code in CASES.items()}
MARKED = re.compile(r"【(?P<what>看|表|折线图|柱状图|照片)】(?P<rest>.*)")
CASE = re.compile(r"(?P<case>[有增减平零无])[：:](?P<text>.*)")
Split = Literal["child", "month"]


class TemplateWrong(InvalidInput):
    """``fields["body"]`` says in which line and what is wrong with it."""

    code = "template_wrong"
    message = _("模板里有写错的地方。")


@dataclass(frozen=True, slots=True)
class Field:
    """One field as written; ``hand`` is a number put by an editor."""

    name: str
    filter: str = ""
    arg: str = ""
    hand: str = ""

    @property
    def written(self) -> str:
        return self.name + (f"|{self.filter}" if self.filter else "") + (f":{self.arg}" if self.arg else "")


@dataclass(frozen=True, slots=True)
class Heading:
    level: int
    text: str
    line: int = 0


@dataclass(frozen=True, slots=True)
class Sentence:
    """``cases`` has ``some`` alone for words that depend on nothing; ``of`` is the field the others depend on."""

    cases: dict[str, str]
    of: Field | None = None
    joined: bool = False
    line: int = 0


@dataclass(frozen=True, slots=True)
class Grid:
    """A table or a chart."""

    what: Literal["table", "line", "bar"]
    title: str
    metrics: tuple[str, ...]
    split: Split
    line: int = 0


@dataclass(frozen=True, slots=True)
class Pictures:
    most: int
    line: int = 0


Block = Heading | Sentence | Grid | Pictures


@dataclass(slots=True)
class Reading:
    """Blocks read so far; ``open`` takes the lines of cases."""

    blocks: list[Block] = field(default_factory=list)
    open: Sentence | None = None


def wrong(line: int, text: Text) -> TemplateWrong:
    told = _("第 %(line)d 行：%(text)s") % {"line": line, "text": text}
    return TemplateWrong(fields={"body": told})


def parse(body: str) -> list[Block]:
    """The blocks of a template in order. TemplateWrong naming the line."""
    reading = Reading()
    for number, line in enumerate(body.replace("\r\n", "\n").split("\n"), start=1):
        if line.strip():
            read_line(reading, number, line.strip())
    close(reading)
    if not reading.blocks:
        raise TemplateWrong(fields={"body": _("模板是空的，请写上标题、句子或表。")})
    if len(reading.blocks) > MOST_BLOCKS:
        raise TemplateWrong(fields={"body": _("模板太长，最多 120 段。")})
    return reading.blocks


def read_line(reading: Reading, number: int, line: str) -> None:
    if reading.open is not None and (case := CASE.fullmatch(line)):
        return add_case(reading.open, number, CASES[case["case"]], case["text"].strip())
    close(reading)
    if line.startswith("#"):
        marks = len(line) - len(line.lstrip("#"))
        text = line[marks:].strip()
        if marks > 4 or not text:
            raise wrong(number, _("标题用一到四个 # 开头，后面写标题的字。"))
        reading.blocks.append(Heading(marks, text, number))
    elif marked := MARKED.fullmatch(line):
        read_marked(reading, number, marked["what"], marked["rest"].strip())
    elif line.startswith("【"):
        raise wrong(number, _("【】里只能写：看、表、折线图、柱状图、照片。"))
    else:
        joined = line.startswith("+")
        text = line[1:].strip() if joined else line
        check_fields(number, text)
        reading.blocks.append(Sentence({"some": text}, None, joined, number))
    return None


def read_marked(reading: Reading, number: int, what: str, rest: str) -> None:
    if what == "看":
        head, _semicolon, tail = rest.replace(";", "；").partition("；")
        found = FIELD.fullmatch("{" + head.strip() + "}")
        if found is None or tail.strip() not in {"", "接上段"}:
            raise wrong(number, _("【看】后面写一个数的名称，例如 calls_closed|prev；要接上一段就加上“；接上段”。"))
        reading.open = Sentence({}, made(found), bool(tail.strip()), number)
    elif what == "照片":
        if not re.fullmatch(r"[1-9][0-9]?", rest, re.ASCII) or int(rest) > MOST_PHOTOS:
            raise wrong(number, _("【照片】后面写最多几张，1 到 12。"))
        reading.blocks.append(Pictures(int(rest), number))
    else:
        reading.blocks.append(grid(number, what, rest))


def grid(number: int, what: str, rest: str) -> Grid:
    title, _colon, named = rest.replace(":", "：").partition("：")
    named, _semicolon, split = named.replace(";", "；").partition("；")
    metrics = tuple(one.strip() for one in re.split(r"[、,，]", named) if one.strip())
    if not title.strip() or not metrics or split.strip() not in {"", "按月", "按下一级"} or len(metrics) > MOST_FIELDS:
        raise wrong(number, _("表和图这样写：【表】标题：指标、指标；按月。最多 8 个指标。"))
    usual = "按月" if what == "折线图" else "按下一级"
    by: Split = "month" if (split.strip() or usual) == "按月" else "child"
    kinds: dict[str, Literal["table", "line", "bar"]] = {"表": "table", "折线图": "line", "柱状图": "bar"}
    return Grid(kinds[what], title.strip(), metrics, by, number)


def add_case(sentence: Sentence, number: int, case: str, text: str) -> None:
    assert sentence.of is not None
    compares = sentence.of.filter in COMPARING
    if case not in ALLOWED[compares]:
        said = "、".join(WORDS[one] for one in ALLOWED[compares])
        raise wrong(number, _("这里只能写这几种情况：%(cases)s。") % {"cases": said})
    if case in sentence.cases or not text:
        raise wrong(number, _("每种情况写一行，不能空着，也不能写两遍。"))
    check_fields(number, text)
    sentence.cases[case] = text


def close(reading: Reading) -> None:
    """The sentence whose cases were read is whole. TemplateWrong when a case that can happen has no words."""
    sentence, reading.open = reading.open, None
    if sentence is None:
        return
    assert sentence.of is not None
    missing = [one for one in NEEDED[sentence.of.filter in COMPARING] if one not in sentence.cases]
    if missing:
        said = "、".join(WORDS[one] for one in missing)
        raise wrong(sentence.line, _("还要写这几种情况的句子：%(cases)s。") % {"cases": said})
    reading.blocks.append(sentence)


def check_fields(number: int, text: str) -> None:
    try:
        found = list(pieces(text))
    except ValueError as bad:
        raise wrong(number, _("“%(field)s”写得不对，应当像 {calls_closed|prev} 这样。") % {"field": bad}) from bad
    if any(isinstance(one, Field) and one.hand for one in found):
        raise wrong(number, _("模板里不能手工写数，只能在编辑这一份时写。"))


def made(found: re.Match[str]) -> Field:
    return Field(found["name"], found["filter"] or "", found["arg"] or "", (found["hand"] or "").strip())


def pieces(text: str) -> Iterator[str | Field]:
    """Words and fields in order. ValueError with what cannot be read."""
    for one in PIECE.findall(text):
        if one in {"{{", "}}"}:
            yield one[0]
        elif one[0] in "{}":
            found = FIELD.fullmatch(one)
            if found is None:
                raise ValueError(one)
            yield made(found)
        else:
            yield one


def sections(blocks: Iterable[Block]) -> list[tuple[str, ...]]:
    """The names told under each heading of the first level, in their order, each once: of fields, tables and charts."""
    found: list[dict[str, None]] = []
    for block in blocks:
        if isinstance(block, Heading) and block.level == 1:
            found.append({})
        elif found and isinstance(block, Grid):
            found[-1] |= dict.fromkeys(block.metrics)
        elif found:
            found[-1] |= {one.name: None for one in fields_of(block)}
    return [tuple(one) for one in found]


def fields_of(block: Block) -> list[Field]:
    """Every field a sentence may show, in any of its cases, and the one it depends on."""
    if not isinstance(block, Sentence):
        return []
    found = [one for text in block.cases.values() for one in pieces(text) if isinstance(one, Field)]
    return [*([block.of] if block.of else []), *found]
