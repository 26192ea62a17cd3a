"""Samples of the living style page. Every registered component must have one (a test compares the two lists)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from django import forms
from django.http import HttpRequest
from django.template.loader import get_template, render_to_string
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from huying.ui import when, widgets
from huying.ui.gallery_groups import GROUPS
from huying.ui.registry import Component, components
from huying.ui.templatetags import ui as _every_component  # noqa: F401 - registers them


@dataclass(frozen=True)
class Drawn:
    """One component on the style page."""

    component: Component
    source: str
    html: SafeString


@dataclass(frozen=True)
class Group:
    name: str | Promise
    drawn: list[Drawn]


class SampleForm(forms.Form):
    """A form with a field of every kind, sent with mistakes so that the errors show."""

    name = forms.CharField(label=_("姓名"), max_length=20)
    phone = forms.CharField(label=_("手机号"), widget=widgets.Phone, help_text=_("只用来联系这件事"))
    day = forms.DateField(label=_("哪一天"), widget=widgets.Day, required=False)
    kind = forms.ChoiceField(
        label=_("要什么帮助"),
        choices=[("meal", _("助餐")), ("clinic", _("陪诊")), ("repair", _("维修"))],
        widget=forms.RadioSelect,
    )
    words = forms.CharField(label=_("一句话说明"), max_length=200, widget=forms.Textarea, required=False)
    photos = forms.FileField(label=_("照片"), widget=widgets.Photos, required=False)
    agree = forms.BooleanField(label=_("同意把电话告诉来帮忙的人"))
    rating = forms.ChoiceField(label=_("满意吗"), choices=widgets.Stars.WORDS, widget=widgets.Stars, required=False)


def _facts() -> dict[str, Any]:
    """Invented things for the samples; nobody here exists."""
    at = when.now()
    return {
        "now": at,
        "due": at + timedelta(minutes=6),
        "late": at - timedelta(minutes=25),
        "form": SampleForm({"name": "", "phone": "12", "kind": "clinic", "words": _("周五下午要去医院复查")}),
        "clean": SampleForm(),
        "kinds": {
            "meal": {"icon": "bowl-food-duotone", "tone": "kaki", "hint": _("送饭或陪着吃")},
            "clinic": {"icon": "stethoscope-duotone", "tone": "mei", "hint": _("挂号、取药、陪同")},
            "repair": {"icon": "wrench-duotone", "tone": "gui", "hint": _("水、电、门窗")},
        },
        "options": [
            {"value": "today", "label": _("今天"), "icon": "clock", "tone": "kaki"},
            {"value": "week", "label": _("这个星期"), "icon": "clock", "tone": "pine"},
        ],
        "services": [
            {"label": _("助餐"), "url": "#main", "icon": "bowl-food-duotone", "tone": "kaki"},
            {"label": _("助洁"), "url": "#main", "icon": "broom-duotone", "tone": "pine"},
            {"label": _("助浴"), "url": "#main", "icon": "bathtub-duotone", "tone": "dai"},
            {"label": _("陪诊"), "url": "#main", "icon": "stethoscope-duotone", "tone": "mei"},
        ],
        "steps": [
            {"label": _("已提交"), "state": "done"},
            {"label": _("已受理"), "state": "done"},
            {"label": _("已派单"), "state": "now"},
            {"label": _("完成"), "state": "todo"},
        ],
        "events": [
            {"title": _("有人接了"), "at": at, "who": _("青禾志愿服务队"), "tone": "kaki"},
            {"title": _("已受理"), "at": at - timedelta(minutes=12), "body": _("电话核实了时间"), "tone": "pine"},
        ],
        "log": [(at, _("电话核实了时间")), (at - timedelta(minutes=6), _("女儿代为提交"))],
        "facts": [(_("求助人"), _("陈奶奶")), (_("时间"), _("今天下午")), (_("留意"), _("走路慢，要扶"))],
        **_lists(),
    }


def _lists() -> dict[str, Any]:
    """What is shown as links, rows and branches."""
    return {
        "tabs": [
            {"label": _("进行中"), "url": "#main", "current": True, "count": 3},
            {"label": _("已办完"), "url": "#main", "current": False, "count": 0},
        ],
        "crumbs": [{"label": _("青禾街道"), "url": "#main"}, {"label": _("和平社区"), "url": ""}],
        "files": [("csv", "#csv"), ("xlsx", "#xlsx"), ("json", "#json")],
        "filters": [
            {"label": _("全部"), "url": "#main", "current": True, "count": 9},
            {"label": _("将超时"), "url": "#main", "current": False, "icon": "warning-circle-fill", "count": 1},
        ],
        "columns": [_("姓名"), {"label": _("件数"), "end": True}],
        "summaries": [
            {"title": _("陪诊 · 心内科复查"), "meta": _("今天 15:00"), "icon": "stethoscope-duotone", "url": "#main"}
        ],
        "lines": [{"cells": (_("和平社区"), 12)}, {"cells": (_("青禾街道"), 30)}],
        "areas": [SimpleNamespace(code="a", name=_("青禾街道")), SimpleNamespace(code="b", name=_("和平社区"))],
        "tickets": [
            {
                "id": f"t-{n}",
                "href": "#main",
                "kind": kind,
                "title": _("周五下午要去医院复查"),
                "icon": icon,
                "used": 40 * n,
            }
            for n, (kind, icon) in enumerate([(_("陪诊"), "stethoscope-duotone"), (_("助浴"), "bathtub-duotone")], 3)
        ],
        "page": SimpleNamespace(next="b", previous="a"),
        "tags": [{"label": _("独居"), "tone": "mei"}, {"label": _("低糖"), "tone": "dai"}],
        "reasons": [_("步行 6 分钟"), _("会陪诊"), _("本周 2 单")],
        "keys": [("J / K", _("下一件、上一件")), ("A", _("派单")), ("/", _("搜索")), ("?", _("这份说明"))],
        "errors": [("main", _("请写姓名")), ("", _("这一天已经约满"))],
        "places": [
            {
                "label": _("青禾街道"),
                "url": "#main",
                "icon": "building-duotone",
                "open": True,
                "count": 12,
                "unit": _("个社区"),
                "children": [
                    {"label": _("和平社区"), "url": "#main", "current": True, "count": 8, "unit": _("个网格")},
                    {"label": _("竹园社区"), "url": "#main"},
                ],
            }
        ],
    }


def _source(component: str) -> str:
    """The sample as it is written, without the line that loads the tags."""
    origin = get_template(f"ui/samples/{component}.html").template.origin.name  # type: ignore[attr-defined]
    return Path(origin).read_text(encoding="utf-8").replace("{% load i18n ui %}", "", 1).strip()


def groups(request: HttpRequest | None) -> list[Group]:
    """Every sample drawn for this request, in groups. TemplateSyntaxError when a sample uses a component wrongly."""
    drawn = []
    for name, listed in GROUPS:
        parts = []
        for component in listed.split():
            html = render_to_string(f"ui/samples/{component}.html", _facts(), request)
            parts.append(Drawn(components[component], _source(component), html))
        drawn.append(Group(name, parts))
    return drawn
