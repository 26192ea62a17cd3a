"""The first page of residents: hero with greeting and solar term, the big actions, the grid of services, the outbox."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.template.context import Context
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from huying.ui import when
from huying.ui.components.basic import draw_icon
from huying.ui.context import Page
from huying.ui.modes import Modes
from huying.ui.registry import component, escaped, one_of, tone_class

Text = str | Promise
Item = Mapping[str, Any] | Any


def _page(context: Context) -> Page:
    found = context.get("ui")
    return found if isinstance(found, Page) else Page(context.get("request"))


@component(context=True)
def hero(
    context: Context,
    *,
    name: str = "",
    title: Text = "",
    place: Text = "",
    place_href: str = "",
    notices_href: str = "",
    unread: int = 0,
    note: Text = "",
    at: datetime | None = None,
    art: bool = True,
) -> dict[str, Any]:
    """The top of the home page: where, greeting (the h1), solar term, day, entry to 长辈版, unread messages."""
    moment = at or when.now()
    return {
        **{key: value for key, value in locals().items() if key != "context"},
        "title": title or when.hello(name, moment),
        "term": when.solar_term(timezone.localtime(moment).date()),
        "day": when.day_text(moment),
        "ui": _page(context),
        "csrf_token": context.get("csrf_token", ""),
    }


@component(block=True)
def acts(content: SafeString, *, label: Text) -> dict[str, Any]:
    """The big actions under the hero: one main ``act`` and one or two beside it."""
    return {"content": content, "label": label}


@component()
def act(
    *, href: str, title: Text, body: Text = "", icon: str, tone: str = "kaki", main: bool = False
) -> dict[str, Any]:
    """One big action; exactly one of a page is ``main``."""
    return {**locals(), "tone": tone_class(tone)}


@component()
def services(*, items: Iterable[Item], label: Text) -> dict[str, Any]:
    """The grid of services, four abreast. Items: {label, url, icon, tone}."""
    drawn = []
    for item in items:
        read = item if isinstance(item, Mapping) else vars(item)
        drawn.append({**read, "tone": tone_class(str(read.get("tone") or ""), "pine")})
    return {"items": drawn, "label": label}


@component()
def outbox() -> dict[str, Any]:
    """Where asks that wait for the network are listed; shown only while something waits (drawn by the script)."""
    return {}


def _print_set(current: str, compact: bool) -> dict[str, Any]:
    words = {"normal": _("标准版"), "large": _("长辈版"), "xlarge": _("特大字")}
    options = [{"value": value, "label": label, "on": value == current} for value, label in words.items()]
    if compact:  # one button that goes to the next step
        order = list(words)
        following = order[(order.index(current) + 1) % len(order)]
        options = [{"value": following, "label": words[following], "on": current != "normal"}]
    return {"name": "print", "label": _("字号"), "icon": "text-aa", "options": options}


def _contrast_set(current: str) -> dict[str, Any]:
    on = current == "more"
    option = {"value": "normal" if on else "more", "label": _("高对比"), "on": on}
    return {"name": "contrast", "label": _("对比度"), "icon": "circle-half", "options": [option]}


def _language_set(current: str, compact: bool) -> dict[str, Any]:
    words = {"zh-hans": ("中文", "zh-CN"), "en": ("EN" if compact else "English", "en")}
    options = [
        {"value": code, "label": words[code][0], "lang": words[code][1], "on": code == current}
        for code, _name in settings.LANGUAGES
        if not (compact and code == current)
    ]
    return {"name": "language", "label": _("语言 Language"), "icon": "translate", "options": options}


@component(context=True)
def modes(context: Context, *, what: str = "print contrast language", compact: bool = False) -> SafeString:
    """The switches of reading: large print in two steps, contrast, language. Without script too; returns to this page.

    ``compact`` shows one button each, that goes on to the next step; ``what`` leaves some of them out.
    """
    page, token, words = _page(context), context.get("csrf_token", ""), escaped(_("阅读方式"))
    proof = f'<input type="hidden" name="csrfmiddlewaretoken" value="{escaped(token)}">' if token else ""
    return SafeString(
        f'<form class="hy-modes{" hy-modes--compact" * compact}" method="post" action="{escaped(reverse("ui:mode"))}"'
        f' aria-label="{words}">{proof}<input type="hidden" name="next" value="{escaped(page.here)}">'
        f"{_switches(page.modes, what, compact)}</form>"
    )


@lru_cache(maxsize=256)
def _switches(modes: Modes, what: str, compact: bool) -> SafeString:
    """The buttons hang on nothing but the modes that are on, the active language among them, and are drawn once for each."""
    sets = {
        "print": _print_set(modes.print, compact),
        "contrast": _contrast_set(modes.contrast),
        "language": _language_set(modes.language, compact),
    }
    return SafeString("".join(_switch(sets[one_of("what", name, sets)]) for name in what.split()))


def _switch(set_: dict[str, Any]) -> str:
    drawn: list[str] = []
    icon = draw_icon(set_["icon"])
    for option in set_["options"]:
        tongue = f' lang="{option["lang"]}"' if option.get("lang") else ""
        drawn.append(
            f'<button class="hy-mode" name="{set_["name"]}" value="{option["value"]}"{tongue}'
            f' aria-pressed="{"true" if option["on"] else "false"}">{"" if drawn else icon}'
            f"<span>{escaped(option['label'])}</span></button>"
        )
    return f'<span class="hy-modes__set" role="group" aria-label="{escaped(set_["label"])}">{"".join(drawn)}</span>'
