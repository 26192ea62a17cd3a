"""Finding the way and showing records: back, breadcrumbs, tabs, pager, steps, timeline, dl, table, tree, map."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.template import TemplateSyntaxError
from django.template.context import Context
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from huying.ui.components.basic import card, chip, draw_icon
from huying.ui.registry import component, escaped, one_of, tone_class
from huying.ui.registry import library as register

Text = str | Promise
Item = Mapping[str, Any] | Any
FILE_WORDS: dict[str, Text] = {"csv": _("导出 CSV"), "xlsx": _("导出 Excel"), "json": _("导出 JSON")}


@component()
def page_head(*, title: Text, lead: Text = "", back_href: str = "", back_label: Text = "") -> dict[str, Any]:
    """The heading of a page: way back, title (the h1), one line below it."""
    return dict(locals())


@component()
def back(*, href: str, label: Text = "") -> dict[str, Any]:
    """The way back, above the heading."""
    return {"href": href, "label": label}


@component()
def breadcrumbs(*, items: Iterable[Item]) -> dict[str, Any]:
    """Where the page lies. Items: {label, url}; the last one is the page itself and is no link."""
    return {"items": list(items)}


@component()
def tabs(*, items: Iterable[Item], label: Text) -> dict[str, Any]:
    """Links to the sides of one thing. Items: {label, url, current, count}."""
    return {"items": list(items), "label": label}


@component(context=True)
def pager(context: Context, *, page: Any, label: Text = "", name: str = "cursor", to: str = "") -> dict[str, Any]:
    """Older and newer rows. ``page`` has ``next`` and ``previous`` cursors (kernel.paging); other parameters stay. Where a
    page has two lists, ``name`` is the parameter of this one and ``to`` the id where it begins.
    """
    request = context.get("request")
    kept = request.GET.copy() if request is not None else {}

    def address(cursor: str | None) -> str:
        if not cursor:
            return ""
        asked = {key: value for key, value in kept.items() if key != name}
        return f"?{urlencode({**asked, name: cursor})}{to and '#'}{to}"

    return {"label": label, "next": address(page.next), "previous": address(page.previous)}


@component(context=True)
def downloads(context: Context, *, files: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """A list as a file, a button a kind, and one to have it again and again. Files: (kind of ``exports.TYPES``, address)."""
    given, request = list(files), context.get("request")
    here = request.path if request is not None else ""
    whole = [here + href if href.startswith("?") else href for _kind, href in given]
    found = settings.HUYING_AGAIN_URL and request is not None and whole
    again = f"{settings.HUYING_AGAIN_URL}?{urlencode({'list': whole[0]})}" if found else ""
    return {"files": [(FILE_WORDS.get(kind, kind), href) for kind, href in given], "again": again}


@register.filter
def file_word(kind: str) -> Text:
    """导出 CSV, for a button of another shape."""
    return FILE_WORDS.get(kind, kind)


@component()
def steps(*, items: Iterable[Item], label: Text = "") -> dict[str, Any]:
    """How far something has come. Items: {label, state: done | now | todo, time}."""
    listed = list(items)
    for item in listed:
        state = item["state"] if isinstance(item, Mapping) else item.state
        one_of("state", state, ("done", "now", "todo"))
    return {"items": listed, "label": label}


@component()
def timeline(*, items: Iterable[Item], label: Text = "") -> dict[str, Any]:
    """What happened, in order. Items: {title, at (aware), body, who, tone}."""
    drawn = []
    for item in items:
        read = item if isinstance(item, Mapping) else vars(item)
        drawn.append({**read, "tone": tone_class(str(read.get("tone") or ""), "pine")})
    return {"items": drawn, "label": label}


@component()
def log(*, items: Iterable[tuple[datetime, Text]]) -> dict[str, Any]:
    """The short history of a detail panel: pairs (aware moment, sentence)."""
    return {"items": list(items)}


@component()
def dl(*, items: Iterable[tuple[Text, Any]]) -> dict[str, Any]:
    """Pairs (name, value); pairs without a value are left out."""
    return {"items": [(name, value) for name, value in items if value not in (None, "")]}


@component(block=True)
def table(
    content: SafeString,
    *,
    columns: Iterable[Item],
    caption: Text = "",
    hide_caption: bool = False,
    shape: str = "",
) -> dict[str, Any]:
    """A table that turns into cards on a phone; its rows are ``row`` and ``cell``. Columns: text or {label, end}.

    ``shape`` gives tables that stand below each other the same widths: ``shares`` is name, percentage, fraction, words.
    """
    heads = [column if isinstance(column, Mapping) else {"label": column} for column in columns]
    kind = one_of("shape", shape, ("", "shares"))
    return {"content": content, "columns": heads, "caption": caption, "hide_caption": hide_caption, "shape": kind}


@component(block=True)
def row(content: SafeString, *, id: str = "") -> SafeString:
    """One row of a table."""
    return (
        format_html('<tr role="row" id="{}">{}</tr>', id, content)
        if id
        else SafeString(f'<tr role="row">{content}</tr>')
    )


@component(block=True)
def cell(content: SafeString, *, label: Text = "", end: bool = False, head: bool = False) -> SafeString:
    """One cell; ``label`` stands before the value on a phone, ``end`` aligns figures, ``head`` names the row."""
    if head:
        return SafeString(f'<th scope="row" role="rowheader">{content}</th>')
    kind = ' class="hy-cell--end"' if end else ""
    name = f'<span class="hy-cell__label" aria-hidden="true">{escaped(label)}</span>' if label else ""
    return SafeString(f'<td role="cell"{kind}>{name}<span>{content}</span></td>')


@component()
def lines(*, items: Iterable[Mapping[str, Any]], labels: Iterable[Item]) -> SafeString:
    """The rows of a long table at once. Items: {cells}, HTML or words; the first cell names the row.

    Draws what ``row`` and ``cell`` draw; ``labels`` are the columns of the table, whose names stand before the values on
    a phone.
    """
    columns = [label if isinstance(label, Mapping) else {"label": label} for label in labels]
    empty = [cell(SafeString(""), label=one["label"], end=bool(one.get("end"))) for one in columns]
    marks = [one.removesuffix("<span></span></td>") for one in empty]
    rows = []
    for item in items:
        head, *rest = item["cells"]
        cells = [f"{mark}<span>{escaped(one)}</span></td>" for mark, one in zip(marks[1:], rest, strict=True)]
        named = f'<th scope="row" role="rowheader">{escaped(head)}</th>'
        rows.append(f'<tr role="row">{named}{"".join(cells)}</tr>')
    return SafeString("".join(rows))


@component()
def tree(*, items: Iterable[Item], label: Text) -> dict[str, Any]:
    """A tree of any depth that opens without script.

    Items: {label, url, icon, tone, count, unit, open, current, children}.
    """
    return {"items": list(items), "label": label}


@component(block=True)
def map(
    content: SafeString, *, view_box: str, label: Text, source: Text, approval: Text = "", slice: bool = False
) -> dict[str, Any]:
    """The frame of a map drawn by the server as SVG (classes hy-map__area, __water, __road, __point).

    ``source`` says where the borders come from and is mandatory, ``approval`` is the 审图号
    (公开地图内容表示规范, 2023).
    """
    if not str(source):
        raise TemplateSyntaxError("a map must say where its borders come from")
    return dict(locals())


@component()
def summary(
    *,
    title: Text,
    meta: Text = "",
    icon: str = "",
    tone: str = "dai",
    status: Text = "",
    status_tone: str = "kaki",
    href: str = "",
    level: int = 3,
) -> SafeString:
    """One line about one thing: icon, title, facts, state. With ``href`` the whole card around it is the link."""
    if level not in {2, 3, 4}:
        raise TemplateSyntaxError("summary level is 2, 3 or 4")
    tile = f'<span class="hy-tile {tone_class(tone)}">{draw_icon(icon)}</span>' if icon else ""
    name = f'<a class="hy-summary__link" href="{escaped(href)}">{escaped(title)}</a>' if href else escaped(title)
    facts = f'<span class="hy-summary__meta">{escaped(meta)}</span>' if meta else ""
    mark = chip(label=status, tone=status_tone) if status else ""
    return SafeString(
        f'<div class="hy-summary">{tile}<div class="hy-summary__text">'
        f'<h{level} class="hy-summary__title">{name}</h{level}>{facts}</div>{mark}</div>'
    )


@component()
def summaries(*, items: Iterable[Mapping[str, Any]]) -> SafeString:
    """Many cards with a summary in each; an item holds title, meta, icon, tone, status, status_tone and url."""
    return SafeString("".join(card(_summary_of(item)) for item in items))


def _summary_of(item: Mapping[str, Any]) -> SafeString:
    told = {name: item[name] for name in ("title", "meta", "icon", "tone", "status", "status_tone") if name in item}
    drawn: SafeString = summary(**told, href=item.get("url", ""))
    return drawn


@component()
def person(
    *, name: Text, role: Text = "", meta: Text = "", tone: str = "pine", phone: str = "", action_label: Text = ""
) -> dict[str, Any]:
    """A named person who answers, with one tap to call. ``phone`` is the number to dial."""
    return {**locals(), "avatar_tone": tone}
