"""YAML as plain values with the line of each: no tags, no aliases, no repeated keys, no depth without end."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from typing import Any

import yaml
from django.utils.translation import gettext_lazy as _

from huying.kernel.errors import Text

MOST_BYTES = 200_000
MOST_DEPTH = 40
Path = tuple[str | int, ...]
TEXT, NOTHING, YES_NO, NUMBER = (f"tag:yaml.org,2002:{name}" for name in ("str", "null", "bool", "int"))


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong in which line (from 1) of a file, and what to write instead; ``where`` is the path of the value."""

    line: int
    message: Text
    instead: Text = ""
    where: str = ""

    def __str__(self) -> str:
        return f"{self.message}{self.instead}"


@dataclass(slots=True)
class Tree:
    """Plain values, and the line of every value and key by its path."""

    value: Any
    lines: dict[Path, int] = field(default_factory=dict)

    def line(self, path: Path) -> int:
        """The line of a value; of the nearest one around it when it is missing."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


class Unreadable(Exception):
    """The text is no YAML of the plain sort; ``problems`` say where."""

    def __init__(self, problems: list[Problem]):
        super().__init__("unreadable")
        self.problems = problems


def read(text: str) -> Tree:
    """The values of one document with their lines. Raises Unreadable."""
    if len(text.encode()) > MOST_BYTES:
        raise stop(1, _("文件太大。"), _("一个机制包最大 200 KB，请分成几个包。"))
    try:
        look_over(text)
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        raise stop(line, _("这一行写得不合 YAML 的规矩。"), hint_of(text, line)) from None
    except (yaml.YAMLError, ValueError):
        raise stop(1, _("文件里有 YAML 不能用的字符。"), _("请用 UTF-8 保存成纯文本。")) from None
    if not isinstance(root, yaml.MappingNode):
        raise stop(1, _("文件要从一层“名: 值”开始。"), _("第一行请写 format: 1。"))
    tree, problems = Tree(None), list[Problem]()
    tree.value = built(root, (), tree, problems)
    if problems:
        raise Unreadable(problems)
    return tree


def look_over(text: str) -> None:
    """Refuse what could make reading long or strange before anything is built."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        line = event.start_mark.line + 1 if event.start_mark else 1
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise stop(line, _("不能用 & 和 * 引用别处。"), _("请把内容照写一遍；以 * 或 & 开头的文字请加引号。"))
        if isinstance(event, yaml.DocumentStartEvent) and line > 1 and event.explicit and depth:
            raise stop(line, _("一个文件只能有一个机制包。"), _("请删去这一行的 ---，或分成几个文件。"))
        if isinstance(event, yaml.ScalarEvent | yaml.CollectionStartEvent) and event.tag:
            raise stop(line, _("不能写 ! 开头的标签。"), _("以 ! 开头的文字请加引号。"))
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > MOST_DEPTH:
            raise stop(line, _("层次太深。"), _("最多 40 层。"))


def built(node: yaml.Node, path: Path, tree: Tree, problems: list[Problem]) -> Any:
    """The value of a node; its lines go into the tree."""
    tree.lines.setdefault(path, line_of(node))
    if isinstance(node, yaml.SequenceNode):
        return [built(one, (*path, number), tree, problems) for number, one in enumerate(node.value)]
    if isinstance(node, yaml.MappingNode):
        return mapping(node, path, tree, problems)
    if problem := unseen(str(node.value), line_of(node), path):
        problems.append(problem)
    return scalar(node)


def unseen(text: str, line: int, path: Path) -> Problem | None:
    """Characters that no table takes and nobody sees; quoted text can say them as ``\\0`` or half a ``\\ud83d``."""
    wrong = next((one for one in text if one not in "\n\t" and unicodedata.category(one) in ("Cc", "Cs")), None)
    if wrong is None:
        return None
    words = _("这里有看不见的控制字符（U+%(code)04X）。") % {"code": ord(wrong)}
    return Problem(line, words, _("请删去它；引号里以 \\ 开头的写法请换成文字本身。"), dotted(path))


def line_of(node: yaml.Node) -> int:
    return node.start_mark.line + 1 if node.start_mark else 1


def mapping(node: yaml.MappingNode, path: Path, tree: Tree, problems: list[Problem]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key_node, value_node in node.value:
        line = line_of(key_node)
        if not isinstance(key_node, yaml.ScalarNode):
            problems.append(Problem(line, _("“名: 值”里的名只能是一个词。"), _("请写成 code: … 这样。")))
            continue
        key = str(key_node.value)
        if problem := unseen(key, line, path):
            problems.append(problem)
            continue
        if key in found:
            first = tree.lines[(*path, key)]
            words = _("“%(key)s”在第 %(first)d 行已经写过。") % {"key": key, "first": first}
            problems.append(Problem(line, words, _("同一层里只能写一次，请合并或删去一处。"), dotted((*path, key))))
            continue
        tree.lines[(*path, key)] = line
        found[key] = built(value_node, (*path, key), tree, problems)
    return found


def scalar(node: yaml.Node) -> Any:
    """Text, whole numbers, yes and no, nothing; whatever else YAML would make of it (dates, fractions) stays text."""
    text = str(node.value)
    if node.tag == NOTHING:
        return None
    if node.tag == YES_NO:
        return text.lower() in ("yes", "true", "on")
    if node.tag == NUMBER and text.lstrip("+-").isascii() and text.lstrip("+-").isdigit() and len(text) < 12:
        return int(text)
    return text


def stop(line: int, message: Text, instead: Text = "") -> Unreadable:
    return Unreadable([Problem(line, message, instead)])


def hint_of(text: str, number: int) -> Text:
    """What is usually wrong in a line like this."""
    lines = text.splitlines()
    line = lines[number - 1] if 0 < number <= len(lines) else ""
    if "\t" in line:
        return _("缩进请用空格，不要用制表符。")
    if "：" in line and ": " not in line:
        return _("名和值之间请用英文冒号加一个空格，例如 code: spring。")
    if line.count('"') % 2 or line.count("'") % 2:
        return _("引号要成对。")
    return _("请看这一行和上一行：同一层左边要对齐，冒号后面要有空格；文字里有冒号、井号、花括号时请加引号。")


def dotted(path: Path) -> str:
    """``things.themes[0].name`` as people write it."""
    out = ""
    for part in path:
        out += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if out else part
    return out
