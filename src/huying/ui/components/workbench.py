"""The workbench of staff: key figures, board, tickets, detail panel, candidates, dialogs, keyboard help."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.template import TemplateSyntaxError
from django.template.context import Context
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from huying.ui.components.basic import avatar, badge, chip, draw_icon, progress
from huying.ui.components.forms import form as draw_form
from huying.ui.registry import component, escaped, one_of, tone_class

Text = str | Promise
Item = Mapping[str, Any] | Any


@component(block=True)
def kpis(content: SafeString, *, label: Text) -> dict[str, Any]:
    """A strip of key figures; its parts are ``kpi``."""
    return {"content": content, "label": label}


@component()
def kpi(
    *, label: Text, value: Any, unit: Text, tone: str = "", hint: Text = "", hint_tone: str = "pine", href: str = ""
) -> SafeString:
    """One figure with its unit (every count has one); ``href`` opens the records behind it."""
    tag = f'a href="{escaped(href)}"' if href else "div"
    dot = f'<span class="hy-kpi__dot {tone_class(tone)}"></span>' if tone else ""
    said = f'<span class="hy-kpi__hint {tone_class(hint_tone)}">{escaped(hint)}</span>' if hint else ""
    return SafeString(
        f'<{tag} class="hy-kpi"><span class="hy-kpi__label">{dot}{escaped(label)}</span> <span class="hy-kpi__value">'
        f'{escaped(value)}<span class="hy-kpi__unit">{escaped(unit)}</span>{said}</span></{tag[0] if href else tag}>'
    )


@component(block=True)
def board(
    content: SafeString,
    *,
    label: Text,
    poll: str = "",
    seconds: int = 10,
    columns_only: bool = False,
    id: str = "board",
) -> dict[str, Any]:
    """Columns side by side, filled by ``column``. With ``poll`` the script asks that address for the columns again.

    Only what changed is replaced, so focus and scroll stay; with an ETag on the answer, nothing new costs nothing.
    """
    return dict(locals())


@component(block=True)
def column(
    content: SafeString, *, id: str, title: Text, count: int, tone: str = "pine", more_href: str = "", empty: Text = ""
) -> SafeString:
    """One column of a board; ``empty`` is said when it holds nothing."""
    here, more, none = escaped(id), "", ""
    unit, all_ = escaped(_("件")), escaped(_("全部"))
    if more_href:
        whole = escaped(_("%(title)s：全部") % {"title": title})
        more = f'<a class="hy-column__more" href="{escaped(more_href)}" aria-label="{whole}">{all_}</a>'
    if empty and not count:
        none = f'<p class="hy-column__empty" id="{here}-empty">{escaped(empty)}</p>'
    return SafeString(
        f'<section class="hy-column {tone_class(tone)}" id="{here}" aria-labelledby="{here}-title" data-column>'
        f'<div class="hy-column__head"><span class="hy-column__mark"></span><h2 class="hy-column__title" id="{here}-title">'
        f'{escaped(title)}</h2><span id="{here}-count">{badge(count=count, quiet=True, limit=999)}<span class="hy-sr">'
        f"{unit}</span></span>{more}</div>"
        f'<div class="hy-column__list" id="{here}-list" data-keyed>{none}{content}</div></section>'
    )


@component()
def ticket(
    *,
    id: str,
    href: str,
    kind: Text,
    title: Text,
    icon: str,
    tone: str = "dai",
    at: Text = "",
    who: Text = "",
    where: Text = "",
    tags: Iterable[Item] = (),
    clock: Text = "",
    clock_tone: str = "",
    used: float | None = None,
    person: Text = "",
    selected: bool = False,
    urgent: bool = False,
    target: str = "",
) -> SafeString:
    """One call on a board. ``used`` is the share of its clock that is gone (0 to 100), a bar; ``clock`` says it.

    ``tags``: {label, tone}; ``target`` is the CSS selector of the detail panel that the script fills from ``href``.
    """
    if clock_tone:
        one_of("clock_tone", clock_tone, ("pine", "kaki", "mei"))
    kinds = f"{' hy-ticket--on' * selected}{' hy-ticket--urgent' * urgent}"
    link, here = escaped(href), ' aria-current="true"' if selected else ""
    goes = f' hx-get="{link}" hx-target="{escaped(target)}" hx-push-url="true"' if target else ""
    chips = [chip(label=_("紧急"), tone="mei", icon="warning-circle-fill")] if urgent else []
    chips += [chip(label=tag["label"], tone=tag.get("tone") or "ink") for tag in tags]
    bar = progress(value=used, label=clock, tone=clock_tone or "pine") if used is not None else ""
    foot = [avatar(name=person, size="s"), _span("person", person)] if person else []
    foot.append(bar)
    if clock:
        tone_of, silent = f" hy-ticket__clock--{clock_tone}" * bool(clock_tone), ' aria-hidden="true"' * bool(bar)
        foot.append(f'<span class="hy-ticket__clock{tone_of}"{silent}>{escaped(clock)}</span>')
    return SafeString(
        f'<article class="hy-ticket{kinds}" id="{escaped(id)}" data-ticket><div class="hy-ticket__head">'
        f'<span class="hy-tile {tone_class(tone)}">{draw_icon(icon)}</span>{_span("kind", kind)}'
        f'{_span("at", at) if at else ""}</div><a class="hy-ticket__title" href="{link}"{goes}'
        f"{here}>{escaped(title)}</a>"
        f"{_span('who', who) if who else ''}{_span('where', where) if where else ''}"
        f"{_div('tags', chips) if chips else ''}{_div('foot', foot) if clock or person or bar else ''}</article>"
    )


def _span(name: str, words: Text) -> str:
    return f'<span class="hy-ticket__{name}">{escaped(words)}</span>'


def _div(name: str, parts: Iterable[str]) -> str:
    return f'<div class="hy-ticket__{name}">{"".join(parts)}</div>'


@component()
def tickets(*, items: Iterable[Mapping[str, Any]], target: str = "") -> SafeString:
    """Many tickets at once: each item holds the arguments of one ``ticket``."""
    return SafeString("".join(ticket(**item, target=target) for item in items))


@component(block=True)
def detail(
    content: SafeString,
    *,
    title: Text,
    number: Text = "",
    status: Text = "",
    status_tone: str = "kaki",
    picture: SafeString | str = "",
    live: str = "",
    version: str | int = "",
    address: str = "",
) -> dict[str, Any]:
    """The panel about the chosen ticket; ``picture`` is a drawn map or nothing.

    ``live`` names the record: when the board beside it tells another ``version``, the panel is asked for at ``address``.
    """
    return dict(locals())


@component(block=True)
def part(content: SafeString, *, title: Text, aside: Text = "") -> dict[str, Any]:
    """A titled part of a detail panel, with a remark at the end of its line."""
    return dict(locals())


@component(block=True)
def candidate(
    content: SafeString,
    *,
    name: Text,
    meta: Text = "",
    reasons: Iterable[Text] = (),
    tone: str = "pine",
    first: bool = False,
) -> dict[str, Any]:
    """Someone who could answer, and the reasons why; the content is the form or button that asks them."""
    return {**locals(), "avatar_tone": tone, "reasons": list(reasons)}


@component(block=True)
def dialog(content: SafeString, *, id: str, title: Text) -> dict[str, Any]:
    """A window over the page. Without script, a link to ``#id`` shows it as a panel."""
    return dict(locals())


@component(context=True)
def confirm(
    context: Context,
    *,
    id: str,
    title: Text,
    body: Text,
    action: str,
    label: Text,
    kind: str = "primary",
    hidden: Mapping[str, str] | None = None,
    reason_label: Text = "",
    reason_required: bool = False,
) -> dict[str, Any]:
    """A dialog that asks once more before a step; ``reason_label`` adds a line to say why (sent as ``reason``)."""
    if not action:
        raise TemplateSyntaxError("confirm needs the address of its action")
    fresh = draw_form(context, SafeString(""), action=action)
    return {
        **{name: value for name, value in locals().items() if name not in {"context", "fresh"}},
        "csrf_token": fresh["csrf_token"],
        "key": fresh["key"],
        "hidden": dict(hidden or {}),
    }


@component()
def shortcuts(*, items: Iterable[tuple[str, Text]], id: str = "keys") -> dict[str, Any]:
    """The dialog that lists the keys of a page (opened by ?), with the switch that turns them off (WCAG 2.1.4)."""
    return {"items": list(items), "id": id}


@component()
def toast(*, message: Text, level: str = "info", closable: bool = True) -> dict[str, Any]:
    """A message about what was just done. Stands in the page; the script floats it and lets it be closed."""
    return {**locals(), "level": one_of("level", level, ("info", "success", "warning", "error", "debug"))}
