"""Small parts: icon, button, chip, badge, avatar, card, section, note, empty, progress, when."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import cache
from typing import Any
from zlib import crc32

from django.template import TemplateSyntaxError
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from huying.ui import icons, when
from huying.ui.registry import component, escaped, library, one_of, register_plain, tone_class

Text = str | Promise
KINDS = ("primary", "plain", "soft", "danger", "quiet")
SIZES = ("s", "m", "l")
NOTE_ICONS = {
    "pine": "check-circle-fill",
    "kaki": "warning-circle-fill",
    "gui": "warning-circle-fill",
    "dai": "info-fill",
    "mei": "warning-circle-fill",
    "ink": "info-fill",
}


@library.simple_tag
def icon(name: str, *, label: Text = "") -> SafeString:
    """One icon of icons.txt. Without ``label`` it is decoration; with one it is an image that says it."""
    if not label:
        return _decoration(name)
    return format_html('<svg class="hy-icon" role="img" aria-label="{}"><use href="{}"/></svg>', label, _symbol(name))


def _symbol(name: str) -> str:
    try:
        return icons.address(name)
    except KeyError as unknown:
        raise TemplateSyntaxError(f"icon {name!r} is not listed in frontend/icons.txt") from unknown


@cache
def _decoration(name: str) -> SafeString:
    """Drawn once a process: there are as many as icons.txt lists."""
    return format_html('<svg class="hy-icon" aria-hidden="true"><use href="{}"/></svg>', _symbol(name))


register_plain("icon", icon)
draw_icon = icon  # for components with an argument of that name


@component()
def button(
    *,
    label: Text,
    href: str = "",
    kind: str = "plain",
    icon: str = "",
    icon_end: str = "",
    size: str = "m",
    name: str = "",
    value: str = "",
    type: str = "submit",
    block: bool = False,
    icon_only: bool = False,
    disabled: bool = False,
    form: str = "",
    aria_label: Text = "",
    dialog: str = "",
    key: str = "",
    hx_get: str = "",
    hx_post: str = "",
    hx_target: str = "",
    hx_swap: str = "",
) -> SafeString:
    """A button, or a link that looks like one when ``href`` is given.

    ``dialog`` opens the dialog with that id (without script it is a link to it); ``key`` is its letter on the keyboard;
    ``icon_only`` hides the label from the eye but not from a screen reader; ``form`` is the id of a form elsewhere.
    """
    classes = ["hy-button", f"hy-button--{one_of('kind', kind, KINDS)}"]
    if one_of("size", size, SIZES) != "m":
        classes.append(f"hy-button--{size}")
    classes += ["hy-button--block"] * block + ["hy-button--icon"] * icon_only
    one_of("type", type, ("submit", "button", "reset"))
    href = f"#{dialog}" if dialog else href
    if href:
        tag, own = "a", _marks(href=href, data_dialog=dialog, aria_disabled="true" if disabled else "")
    else:
        sent = f' name="{escaped(name)}" value="{escaped(value)}"' if name else ""
        tag, own = "button", f"{_marks(type=type)}{sent}{_marks(form=form)}{' disabled' * bool(disabled)}"
    own += _marks(
        aria_label=aria_label, data_key=key, hx_get=hx_get, hx_post=hx_post, hx_target=hx_target, hx_swap=hx_swap
    )
    before, after = draw_icon(icon) if icon else "", draw_icon(icon_end) if icon_end else ""
    quiet = ' class="hy-sr"' if icon_only else ""
    return SafeString(
        f'<{tag} class="{" ".join(classes)}"{own}>{before}<span{quiet}>{escaped(label)}</span>{after}</{tag}>'
    )


def _marks(**said: Text) -> str:
    """`` aria-label="…"`` for each that says something."""
    return "".join([f' {name.replace("_", "-")}="{escaped(words)}"' for name, words in said.items() if words])


@component(block=True)
def buttons(content: SafeString) -> dict[str, Any]:
    """A row of buttons; one column in large print."""
    return {"content": content}


@component()
def chip(*, label: Text, tone: str = "ink", icon: str = "") -> SafeString:
    """A short fact in a coloured pill. The words carry the meaning, the tone only supports them."""
    mark = draw_icon(icon) if icon else ""
    return SafeString(f'<span class="hy-chip {tone_class(tone)}">{mark}{escaped(label)}</span>')


@component()
def badge(*, count: int, label: Text = "", limit: int = 99, quiet: bool = False) -> SafeString:
    """A count, "99+" above the limit; ``label`` says of what, for screen readers. Nothing at zero unless quiet."""
    if not count and not quiet:
        return SafeString("")
    shown, kind = f"{limit}+" if count > limit else str(count), " hy-badge--quiet" if quiet else ""
    if not label:
        return SafeString(f'<span class="hy-badge{kind}">{shown}</span>')
    said = f'<span class="hy-sr">{escaped(label)}</span>'
    return SafeString(f'<span class="hy-badge{kind}" aria-hidden="true">{shown}</span>{said}')


@component()
def avatar(*, name: Text, tone: str = "pine", size: str = "m", image: str = "") -> SafeString:
    """The first character of a name (of the family name in Chinese) in a circle, or a picture. Decoration only."""
    inside = f'<img src="{escaped(image)}" alt="">' if image else escaped(str(name).strip()[:1].upper())
    kind = "" if one_of("size", size, SIZES) == "m" else f" hy-avatar--{size}"
    return SafeString(f'<span class="hy-avatar {tone_class(tone)}{kind}" aria-hidden="true">{inside}</span>')


@component(block=True)
def card(content: SafeString, *, pad: bool = True, tone: str = "", href: str = "", id: str = "") -> SafeString:
    """A sheet on the paper. ``href`` makes all of it one link (then put no other link or button inside)."""
    kind = "hy-card hy-card--pad" if pad else "hy-card"
    kind += f" hy-card--tone {tone_class(tone)}" if tone else ""
    start, end = (f'a href="{escaped(href)}"', "a") if href else ("div", "div")
    named = f' id="{escaped(id)}"' if id else ""
    return SafeString(f'<{start}{named} class="{kind}">{escaped(content)}</{end}>')


@component(block=True)
def section(
    content: SafeString, *, title: Text, more_href: str = "", more_label: Text = "", id: str = "", level: int = 2
) -> SafeString:
    """A titled part of a page with its small gradient bar; ``more_href`` leads to the whole list."""
    if level not in {2, 3}:
        raise TemplateSyntaxError("section level is 2 or 3")
    name = escaped(id or f"s-{crc32(str(title).encode()):08x}")
    more = ""
    if more_href:
        said = "" if more_label else escaped(gettext("%(title)s：全部") % {"title": title})
        label = f' aria-label="{said}"' if said else ""
        words = f"{escaped(more_label or gettext('全部'))}{draw_icon('caret-right')}"
        more = f'<a class="hy-section__more" href="{escaped(more_href)}"{label}>{words}</a>'
    head = f'<h{level} class="hy-section__title" id="{name}">{escaped(title)}</h{level}>{more}'
    return SafeString(
        f'<section class="hy-section" aria-labelledby="{name}"><div class="hy-section__head">{head}</div>'
        f'<div class="hy-section__body">{escaped(content)}</div></section>'
    )


@component(block=True)
def note(
    content: SafeString, *, tone: str = "dai", icon: str = "", title: Text = "", live: bool = False
) -> dict[str, Any]:
    """A remark beside the text. ``live`` announces it when it appears; tone mei is for what is urgent only."""
    return {**locals(), "tone": tone_class(tone, "dai"), "icon": icon or NOTE_ICONS[tone or "dai"]}


@component()
def empty(
    *,
    title: Text,
    body: Text = "",
    icon: str = "tray-duotone",
    tone: str = "pine",
    action_label: Text = "",
    action_href: str = "",
) -> dict[str, Any]:
    """What a list shows when there is nothing: say why, and what can be done."""
    return {**locals(), "tone": tone_class(tone)}


@component()
def progress(*, value: float, max: float = 100, label: Text, tone: str = "pine") -> SafeString:
    """A bar. ``label`` is read aloud and must say the amount ("剩 6 分钟"); the value is held within 0 and max."""
    inside = min(float(max), 0.0 if value < 0 else float(value))
    words, most = escaped(label), f"{float(max):g}"
    return SafeString(
        f'<progress class="hy-progress {tone_class(tone)}" value="{inside:g}" max="{most}" aria-label="{words}">'
        f"{words}</progress>"
    )


@component()
def moment(*, at: datetime, style: str = "moment", reference: datetime | None = None) -> SafeString:
    """A time element. Styles: moment (今天 15:00), ago (12 分钟前), left (剩 6 分钟), day (10月23日), clock (15:00)."""
    base = reference or when.now()
    text, full = MOMENTS[one_of("style", style, MOMENTS)](at, base), when.moment_text(at, base)
    title = f' title="{escaped(full)}"' if full != text else ""
    return SafeString(f'<time datetime="{at.isoformat(timespec="seconds")}"{title}>{escaped(text)}</time>')


MOMENTS: dict[str, Callable[[datetime, datetime], str]] = {
    "moment": when.moment_text,
    "ago": when.ago_text,
    "left": when.left_text,
    "day": lambda at, _base: when.day_text(at),
    "clock": lambda at, _base: when.clock_text(at),
}
