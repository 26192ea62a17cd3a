"""Differences, things and components in words."""

from __future__ import annotations

from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from huying.packs.queries import Line
from huying.packs.rules.shape import Pack as File
from huying.packs.states import KINDS, SWITCHES, WORDS, Change
from huying.ui.naming import reads_chinese

TONES = {Change.NEW: "pine", Change.CHANGED: "gui", Change.RENAMED: "dai", Change.ANEW: "dai", Change.RETIRED: "kaki"}
SECTIONS: dict[str, Promise] = {
    "head": _("机制包本身"),
    "components": _("组成部分"),
    **KINDS,
    "words": _("屏幕上的字"),
    "switches": _("打开的功能"),
}
FIELDS: dict[str, Promise] = {
    "name": _("名称"),
    "status": _("给出多少"),
    "source": _("出处"),
    "summary": _("说明"),
    "count": _("共几部分"),
    "target": _("目标多少处"),
    "each": _("每个下级都要有"),
    "owner": _("谁负责"),
    "note": _("内容"),
    "outside": _("外部说法"),
    "honour": _("荣誉称号"),
    "drives": _("驱动什么"),
    "group": _("分组"),
    "rule": _("怎么定日子"),
    "begins": _("从哪天"),
    "ends": _("到哪天"),
    "order": _("排序"),
    "icon": _("图标"),
    "tone": _("颜色"),
    "rules": pgettext_lazy("rhythm", "规则"),
    "focuses": _("各段主题"),
    "example": _("怎么说的例子"),
    "questions": _("要问什么"),
    "skills": _("要会什么"),
    "category": _("服务类别"),
    "people_needed": _("一般要几个人"),
    "answered_by": _("谁来办"),
    "visit": _("要上门"),
    "urgent": _("总是按紧急办"),
    "public": _("可以公开进度"),
    "clocks": _("办理时限"),
    "asks": _("问谁"),
    "minutes": _("多少分钟"),
    "team_kind": _("队伍类型"),
    "duty": _("单位必须答复"),
    "parents": _("可以放在哪些类型下面"),
    "kinds": _("哪些类型的阵地"),
    "items": _("检查项"),
    "stretch": _("写多长时间"),
    "body": _("正文"),
    "words": _("字句"),
}


def lines(rows: Any) -> list[dict[str, Any]]:
    """Every line of a difference as the page shows it."""
    return [line(one) for one in rows]


def line(one: Line) -> dict[str, Any]:
    fields = () if one.change in (Change.NEW, Change.ANEW) else one.fields
    return {
        "section": SECTIONS[one.section],
        "code": one.code,
        "was": one.was,
        "name": called(one),
        "change": Change(one.change).label,
        "tone": TONES[Change(one.change)],
        "fields": [
            {"label": FIELDS.get(name, name), "before": said(before), "after": said(after)}
            for name, before, after in fields
        ],
    }


def called(one: Line) -> str | Promise:
    """What a line is about: a function in words, a word on screen with where it stands."""
    if one.section == "switches":
        return SWITCHES.get(one.name, one.name)
    if one.section == "words" and one.code in WORDS:
        return _("%(where)s：%(words)s") % {"where": WORDS[one.code][0], "words": one.name}
    return one.name or "—"


def said(value: Any) -> str | Promise:
    """A value of a file in words: names in both languages, lists with commas."""
    if value is None or value == "" or value == []:
        return _("（没有）")
    if value is True or value is False:
        return _("是") if value else _("否")
    if isinstance(value, dict):
        if set(value) <= {"zh", "en"}:
            return " / ".join(text for text in (value.get("zh"), value.get("en")) if text)
        return "；".join(f"{FIELDS.get(key, key)}{_('：')}{said(one)}" for key, one in value.items())
    if isinstance(value, list):
        return "、".join(str(said(one)) for one in value)
    return str(value)


def in_language(words: Any) -> str:
    """Chinese, or English where the reader reads it and it is given."""
    if words is None:
        return ""
    return str(words.zh) if reads_chinese() else str(words.en or words.zh)


def things(file: File) -> list[dict[str, Any]]:
    """What a file holds, by kind, with the names."""
    return [
        {"label": label, "kind": kind, "names": [(one.code, in_language(one.name)) for one in rows], "count": len(rows)}
        for kind, label in KINDS.items()
        if (rows := getattr(file.things, kind))
    ]


def words(file: File) -> list[tuple[str | Promise, str]]:
    return [(WORDS[name][0], in_language(one)) for name, one in file.words.items()]
