"""Forms: the form itself, one field of any kind, error summary, radio cards, stars, files, search, filters."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.template import TemplateSyntaxError
from django.template.context import Context
from django.utils.functional import Promise
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from huying.ui.components.basic import draw_icon
from huying.ui.inputs import select_of
from huying.ui.naming import named, reads_chinese
from huying.ui.registry import component, escaped, one_of, tone_class
from huying.ui.widgets import Code, Stars

Text = str | Promise
Item = Mapping[str, Any] | Any
AUTOCOMPLETE = {
    "name": "name",
    "phone": "tel",
    "username": "username",
    "password": "current-password",
    "address": "street-address",
}
KINDS = ("", "text", "textarea", "select", "check", "choices", "stars", "file", "hidden")


def _kind_of(widget: forms.Widget) -> str:
    """Which drawing a widget gets."""
    drawn: tuple[tuple[type | tuple[type, ...], str], ...] = (
        (forms.HiddenInput, "hidden"),
        (Stars, "stars"),
        ((forms.RadioSelect, forms.CheckboxSelectMultiple), "choices"),
        (forms.CheckboxInput, "check"),
        (forms.FileInput, "file"),
        (forms.Select, "select"),
        (forms.Textarea, "textarea"),
    )
    return next((kind for types, kind in drawn if isinstance(widget, types)), "text")


def summary(form: forms.BaseForm) -> list[tuple[str, str]]:
    """Pairs (id of the field to go to, sentence), general errors first with an empty id."""
    lines = [("", str(sentence)) for sentence in form.non_field_errors()]
    for bound in form:
        label = str(bound.label) + gettext("：") if bound.label else ""
        lines += [(_first_input(bound), label + str(sentence)) for sentence in bound.errors]
    return lines


def _first_input(bound: BoundField) -> str:
    """The id of what is to be mended; in a group of choices the first that is drawn."""
    widget = bound.field.widget
    if isinstance(widget, Stars):
        return f"{bound.auto_id}_1"
    if isinstance(widget, forms.RadioSelect | forms.CheckboxSelectMultiple):
        drawn = (option.data["attrs"].get("id", "") for option in bound.subwidgets if str(option.data["value"]))
        return next(drawn, bound.auto_id)
    return bound.auto_id


def _all_errors(form: forms.BaseForm | None, rows: Iterable[forms.BaseForm] | None) -> list[tuple[str, str]]:
    """The summary of a refused form, then of the rows that were sent with it."""
    lines = summary(form) if form is not None and form.is_bound else []
    if isinstance(rows, forms.BaseFormSet) and rows.is_bound:
        lines += [("", str(sentence)) for sentence in rows.non_form_errors()]
    return lines + [line for row in rows or () if row.is_bound for line in summary(row)]


@component(block=True, context=True)
def form(
    context: Context,
    content: SafeString,
    *,
    action: str = "",
    method: str = "post",
    form: forms.BaseForm | None = None,
    rows: Iterable[forms.BaseForm] | None = None,
    outbox: bool = False,
    outbox_label: Text = "",
    outbox_about: Text = "",
    outbox_batch: str = "",
    enctype: str = "",
    id: str = "",
    key: str = "",
    inline: bool = False,
    aria_label: Text = "",
    hx_post: str = "",
    hx_target: str = "",
    hx_swap: str = "",
    sign_out: bool = False,
) -> dict[str, Any]:
    """A form with CSRF token, idempotency key and, when ``form`` is a refused Django form, the error summary first.

    ``rows`` is a form set sent along with it; its errors stand in the summary too. ``outbox`` keeps what was typed on
    the phone when the network is away and sends it later (``outbox_label`` names it in the list of what waits, with
    ``outbox_about`` or the words that were written); forms with the same ``outbox_batch`` are handed in together at that
    address, as JSON; ``sign_out`` empties everything kept on the phone before it is sent.
    """
    one_of("method", method, ("post", "get"))
    bound_files = form is not None and form.is_multipart()
    return {
        **{name: value for name, value in locals().items() if name != "context"},
        "writes": method == "post",
        "csrf_token": context.get("csrf_token", ""),
        "key": key or str(uuid.uuid4()),
        "enctype": enctype or ("multipart/form-data" if bound_files else ""),
        "errors": _all_errors(form, rows),
    }


@component()
def error_summary(*, errors: Iterable[tuple[str, Text]]) -> dict[str, Any]:
    """The list of what to mend, above the form: pairs (id of the field or "", sentence). Takes the focus."""
    return {"errors": list(errors)}


@component()
def field(
    field: BoundField,
    *,
    kind: str = "",
    label: Text = "",
    hint: Text = "",
    details: Mapping[Any, Item] | None = None,
    columns: int = 1,
    rows: int = 4,
    autocomplete: str = "",
    inputmode: str = "",
    placeholder: Text = "",
    short: bool = False,
    page: bool = False,
    hide_label: bool = False,
) -> dict[str, Any] | SafeString:
    """One field of a Django form: label, required mark, hint, error and input, tied together for screen readers.

    ``details`` maps a choice's value to {hint, icon, tone}; ``columns`` lays choices out 1 to 3 abreast; ``page`` makes
    the label the heading of a question page.
    """
    if columns not in {1, 2, 3}:
        raise TemplateSyntaxError("columns is 1, 2 or 3")
    shown_as = one_of("kind", kind, KINDS) or _kind_of(field.field.widget)
    hint_text = hint or field.help_text
    described = [f"{field.auto_id}-hint"] if hint_text else []
    described += [f"{field.auto_id}-error"] if field.errors else []
    attrs = _attributes(field, shown_as, " ".join(described), autocomplete, inputmode, placeholder, rows, short)
    if shown_as in {"text", "select"} and not (field.errors or page):
        drawn = select_of(field, attrs) or field.as_widget(attrs=attrs)
        return _plain_field(field, label or field.label, hint_text, drawn, hide_label)
    return {
        "field": field,
        "kind": shown_as,
        "label": label or field.label,
        "need": need(field.field.required),
        "hint": hint_text,
        "described": " ".join(described),
        "input": field.as_widget(attrs=attrs) if shown_as not in {"choices", "stars"} else "",
        "choices": _choices(field, details or {}) if shown_as in {"choices", "stars"} else [],
        "single": isinstance(field.field.widget, forms.RadioSelect),
        "columns": columns,
        "page": page,
        "hide_label": hide_label,
        "limit": getattr(field.field, "max_length", None) if shown_as == "textarea" else None,
    }


def _plain_field(field: BoundField, label: Text, hint: Text, drawn: SafeString, hide_label: bool) -> SafeString:
    """One line or one choice without an error, as the template of ``field`` draws it: a sieve has eight of them."""
    quiet = " hy-sr" if hide_label else ""
    about = f'<p class="hy-field__hint" id="{field.auto_id}-hint">{escaped(hint)}</p>' if hint else ""
    return SafeString(
        f'<div class="hy-field"><label class="hy-field__label{quiet}" for="{field.id_for_label}">{escaped(label)}'
        f"{need(field.field.required)}</label>{about}\n{drawn}</div>"
    )


def need(required: bool) -> SafeString:
    """The mark behind a label (ui/parts/need.html draws the same)."""
    if required:
        return format_html('<span class="hy-field__need">{}</span>\n', gettext("必填"))
    return format_html('<span class="hy-field__free">{}</span>\n', gettext("选填"))


@component()
def options(*, items: Iterable[Any], key: str, chosen: Any = "", ended: Text = "") -> SafeString:
    """Options of a select from rows with names: ``key`` is the attribute that is sent, ``chosen`` the value that is on,
    ``ended`` what is written behind rows that are no longer active.
    """
    drawn, wanted, chinese, mark = [], str(chosen) if chosen else None, reads_chinese(), escape(ended)
    for one in items:
        value, on = escaped(str(getattr(one, key))), ""
        if wanted is not None and str(getattr(one, key)) == wanted:
            on = " selected"
        end = mark if ended and not one.active else ""
        drawn.append(f'<option value="{value}"{on}>{escaped(named(one, chinese=chinese))}{end}</option>')
    return SafeString("".join(drawn))


def _attributes(
    field: BoundField,
    kind: str,
    described: str,
    autocomplete: str,
    inputmode: str,
    placeholder: Text,
    rows: int,
    short: bool,
) -> dict[str, Any]:
    """HTML attributes of the input. The form's own widget attributes win over what is guessed here."""
    classes = {"check": "hy-choice__input", "file": "hy-file__input"}.get(kind, "hy-input")
    if isinstance(field.field.widget, Code):
        classes += " hy-input--code"
    wanted: dict[str, Any] = {
        "autocomplete": autocomplete or AUTOCOMPLETE.get(field.name, ""),
        "inputmode": inputmode,
        "placeholder": str(placeholder),
        "rows": rows if kind == "textarea" else "",
    }
    own = field.field.widget.attrs
    if own.get("rows") == "10":  # Django's own default says nothing about this form
        own = {name: value for name, value in own.items() if name not in {"rows", "cols"}}
    attrs: dict[str, Any] = {name: value for name, value in wanted.items() if value and name not in own}
    attrs["class"] = " ".join(filter(None, [classes, "hy-input--short" if short else "", own.get("class", "")]))
    attrs["aria-describedby"] = described or False
    if field.errors:
        attrs["aria-invalid"] = "true"
    if kind == "file":
        attrs["data-preview"] = True
    if kind == "textarea" and getattr(field.field, "max_length", None):
        attrs["data-count"] = True
    return attrs


def _detail(item: Item) -> dict[str, Any]:
    """Hint, icon and class of tone of one choice."""
    read = item if isinstance(item, Mapping) else vars(item)
    return {
        "hint": read.get("hint", ""),
        "icon": read.get("icon", ""),
        "tone": tone_class(str(read.get("tone") or ""), "pine"),
    }


def _choices(field: BoundField, details: Mapping[Any, Item]) -> list[dict[str, Any]]:
    """What each radio or tick box needs to be drawn, with the details given for its value."""
    by_value = {str(value): detail for value, detail in details.items()}
    drawn = []
    for option in field.subwidgets:
        data = option.data
        drawn.append(
            {
                "id": data["attrs"].get("id", ""),
                "name": data["name"],
                "value": str(data["value"]),
                "label": data["label"],
                "on": data["selected"],
                "type": data["type"],
                **_detail(by_value.get(str(data["value"]), {})),
            }
        )
    return [option for option in drawn if option["value"]]


@component()
def choices(
    *,
    name: str,
    legend: Text,
    options: Iterable[Item],
    value: str = "",
    columns: int = 1,
    hint: Text = "",
    error: Text = "",
    required: bool = False,
    many: bool = False,
    page: bool = False,
    id: str = "",
) -> dict[str, Any]:
    """Radio cards (or tick boxes with ``many``) outside a Django form. Options: {value, label, hint, icon, tone}."""
    chosen = {str(part) for part in value} if isinstance(value, list | tuple | set) else {str(value)}
    kind = "checkbox" if many else "radio"
    drawn = []
    for number, item in enumerate(options):
        read = item if isinstance(item, Mapping) else vars(item)
        here = str(read["value"])
        own = {"id": f"{id or name}_{number}", "name": name, "value": here, "label": read["label"], "type": kind}
        drawn.append({**own, "on": here in chosen, **_detail(read)})
    return {
        "id": id or name,
        "legend": legend,
        "hint": hint,
        "error": error,
        "required": required,
        "page": page,
        "columns": columns,
        "type": kind,
        "options": drawn,
    }


@component()
def stars(
    *, name: str, legend: Text, value: int = 0, hint: Text = "", error: Text = "", id: str = ""
) -> dict[str, Any]:
    """A rating of one to five, or none: a radio group for arrows, touch and screen readers, without script."""
    options = [{"value": number, "label": words, "on": number == int(value or 0)} for number, words in Stars.WORDS]
    return {**locals(), "id": id or name, "options": options}


@component()
def file_input(
    *,
    name: str,
    label: Text,
    accept: str = "image/*",
    multiple: bool = False,
    hint: Text = "",
    error: Text = "",
    id: str = "",
) -> dict[str, Any]:
    """Choose pictures or files; pictures show before they are sent."""
    return {**locals(), "id": id or name}


@component()
def search_box(
    *,
    name: str = "q",
    value: str = "",
    placeholder: Text,
    action: str = "",
    keep: Mapping[str, str] | None = None,
    key: str = "/",
) -> dict[str, Any]:
    """A search form by GET; ``keep`` are further parameters to send along; ``key`` focuses it from the keyboard."""
    return {**locals(), "keep": dict(keep or {})}


@component()
def filters(*, items: Iterable[Item], label: Text, hint: Text = "") -> SafeString:
    """A row of links that narrow a list. Items: {label, url, current, icon, count}."""
    drawn = []
    for item in items:
        read = item if isinstance(item, Mapping) else vars(item)
        here, icon = ' aria-current="true"' if read.get("current") else "", read.get("icon")
        count = read.get("count")
        many = f'<span class="hy-num">{escaped(count)}</span>' if count is not None and count != "" else ""
        drawn.append(
            f'<a class="hy-filters__item" href="{escaped(read["url"])}"{here}>{draw_icon(icon) if icon else ""}'
            f"{escaped(read['label'])}{many}</a>"
        )
    told = f'<span class="hy-filters__hint">{escaped(hint)}</span>' if hint else ""
    return SafeString(f'<nav class="hy-filters" aria-label="{escaped(label)}">{"".join(drawn)}{told}</nav>')
