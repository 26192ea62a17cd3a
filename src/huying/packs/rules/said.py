"""What is wrong with a value, in words, and what to write instead: every kind of error of pydantic that a pack can meet."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Any

from django.utils.translation import gettext_lazy as _
from pydantic import BaseModel, ValidationError

from huying.kernel.errors import Text
from huying.packs.rules.nodes import Path, Problem, Tree, dotted
from huying.packs.rules.shape import Pack

OURS: dict[str, tuple[Text, Text]] = {
    "theme_dates": (
        _("按日期的主题要有起止。"),
        _('请写 begins: "02-04" 和 ends: "05-04"，带引号。'),
    ),
    "theme_lunar": (_("按农历的主题要有月和日。"), _("请写 month: 1 到 12，day: 1 到 30。")),
    "question_choices": (
        _("选择题要有至少两个选项，别的问法不写选项。"),
        _("请写 type: choice 和 choices: [{code, name}, …]。"),
    ),
    "service_clocks": (_("同一步、同样缓急只能有一个时限。"), _("请合并成一条 clocks。")),
    "ring_teams": (_("问共建单位或值班队伍时要说是哪类队伍。"), _("请加 team_kind: 队伍类型的代码。")),
    "component_count": (_("给出的部分比 count 说的多。"), _("请改 count，或删去多出的部分。")),
    "component_target": (
        _("目标是一种阵地的数目。"),
        _("请在 drives 里写一个 place_kinds，或删去 target。"),
    ),
    "component_each": (
        _("“each”说的是每个下级都有一处带这个标记的阵地。"),
        _("请在 drives 里写一个 place_flags，或删去 each。"),
    ),
    "component_honour": (_("荣誉称号不驱动任何东西。"), _("请删去 drives，或删去 honour。")),
}
PATTERNS: dict[str, Text] = {
    r"^(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$": _('请写成带引号的“月-日”，例如 "03-01"。'),
    r"^[a-z-]+-duotone$": _("请写以 -duotone 结尾的图标名，例如 calendar-dots-duotone。"),
    r"^sha256:[0-9a-f]{64}$": _("请删去这一行；导出时会写上正确的校验和。"),
    r"^[0-9]{2,12}$": _('请写带引号的行政区划代码，例如 "350800"。'),
    r"^[a-z][a-z0-9]{0,11}$": _("请用小写拼音，最多 12 个字母，例如 longyan。"),
}


def problems_of(error: ValidationError, tree: Tree) -> list[Problem]:
    """Every error of a shape with its line."""
    found = []
    for one in error.errors(include_url=False, include_context=True):
        path: Path = tuple(part for part in one["loc"] if part != "[key]")
        message, instead = said(one, path, tree)
        found.append(Problem(tree.line(path), message, instead, dotted(path)))
    return found


def said(one: Any, path: Path, tree: Tree) -> tuple[Text, Text]:
    kind, facts, where = one["type"], one.get("ctx", {}), dotted(path) or "pack"
    name = {"name": where}
    if kind == "value_error":
        return OURS[str(facts["error"])]
    if kind == "missing":
        return _("缺“%(name)s”。") % name, example(str(path[-1]))
    if kind == "extra_forbidden":
        if " " in str(path[-1]) or not str(path[-1]).isascii():
            return _("这里没有“%(name)s”这一项。") % name, _("花括号里的文字有逗号时，请给整段文字加引号。")
        return _("这里没有“%(name)s”这一项。") % name, near(str(path[-1]), known_at(path[:-1], tree))
    if kind in ("literal_error", "enum"):
        return _("“%(name)s”不能写成这样。") % name, choices(one)
    if kind == "string_pattern_mismatch":
        usual = _("请用小写英文字母开头，只用小写字母、数字和下划线；不能用中文、空格、横线。")
        return _("“%(name)s”的写法不对。") % name, PATTERNS.get(facts["pattern"], usual)
    if kind == "string_too_long":
        return _("“%(name)s”太长。") % name, _("请最多写 %(most)s 个字。") % {"most": facts["max_length"]}
    if kind == "string_too_short":
        return _("“%(name)s”是空的。") % name, _("请写上内容，或删去这一项。")
    if kind in ("too_long", "too_short"):
        low = _("请至少写 %(n)s 项。") % {"n": facts.get("min_length", 1)}
        high = _("请最多写 %(n)s 项。") % {"n": facts.get("max_length", 0)}
        return _("“%(name)s”的项数不对。") % name, high if kind == "too_long" else low
    if kind in ("greater_than_equal", "greater_than"):
        return _("“%(name)s”太小。") % name, _("请写不小于 %(n)s 的整数。") % {"n": facts.get("ge", facts.get("gt"))}
    if kind in ("less_than_equal", "less_than"):
        return _("“%(name)s”太大。") % name, _("请写不大于 %(n)s 的整数。") % {"n": facts.get("le", facts.get("lt"))}
    if kind in SHOULD_BE:
        return _("“%(name)s”的类型不对。") % name, SHOULD_BE[kind]
    return _("“%(name)s”写得不对。") % name, _("请对照 docs/pack.schema.json 里这一项的说明。")


SHOULD_BE: dict[str, Text] = {
    "string_type": _("请写文字；像日期、数字、是否的文字要加引号。"),
    "int_type": _("请写整数，不加引号。"),
    "bool_type": _("请写 true 或 false。"),
    "list_type": _("请写成列表：每项一行，以“- ”开头。"),
    "dict_type": _("请写成“名: 值”，每行一个。"),
    "model_type": _("请写成“名: 值”，例如 {zh: 春季送福, en: Blessings in spring}。"),
}


def example(name: str) -> Text:
    """A missing key with a value as people would write it."""
    values = {
        "format": "1",
        "version": "1",
        "namespace": "longyan",
        "code": "spring",
        "status": "full",
        "zh": "春季送福",
        "source": "{item: S0-1a}",
        "name": "{zh: 春季送福, en: Blessings in spring}",
        "summary": "{zh: 一句话说明, en: One sentence}",
        "group": "season",
        "stretch": "month",
        "every": "week",
    }
    return _("请加一行 %(line)s") % {"line": f"{name}: {values.get(name, '…')}"}


def choices(one: Any) -> Text:
    words = str(one.get("ctx", {}).get("expected", "")).replace("'", "").replace(" or ", ", ")
    known = words.split(", ")
    close = get_close_matches(str(one.get("input", "")), known, n=1)
    if close:
        return _("是不是 %(one)s？可以写：%(known)s。") % {"one": close[0], "known": words}
    return _("可以写：%(known)s。") % {"known": words}


def near(name: str, known: list[str]) -> Text:
    close = get_close_matches(name, known, n=1)
    if close:
        return _("是不是 %(one)s？") % {"one": close[0]}
    return _("可以写的有：%(known)s。") % {"known": ", ".join(known)} if known else _("请删去这一行。")


def known_at(path: Path, tree: Tree) -> list[str]:
    """The keys that may stand at a path of the file."""
    model: Any = Pack
    for part in path:
        if isinstance(part, int):
            continue
        field = model.model_fields.get(part) if model else None
        model = model_in(field.annotation) if field else None
    return list(model.model_fields) if model else []


def model_in(annotation: Any) -> type[BaseModel] | None:
    """The shape that an annotation speaks of: ``list[X]``, ``X | None``."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for inner in getattr(annotation, "__args__", ()):
        if found := model_in(inner):
            return found
    return None
