"""Inputs, text areas and selects of forms, drawn as Django's own templates draw them, without running those templates.

An input takes two templates, each option of a select two more, and a form has dozens: that was half the time of a page
with a form. What comes out is the same letter for letter (tests/test_inputs.py asks Django); every other widget is drawn
by its template.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.forms.boundfield import BoundField
from django.forms.renderers import DjangoTemplates
from django.forms.widgets import Select
from django.http import HttpRequest
from django.template.base import render_value_in_context
from django.template.context import Context
from django.utils.functional import Promise
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

Widget = Mapping[str, Any]
OWN = "django/forms/widgets/"
PLAIN_SELECT = (f"{OWN}select.html", f"{OWN}select_option.html")
LIKE_INPUT = [
    *("checkbox", "color", "date", "datetime", "email", "hidden", "input", "number", "password", "search"),
    *("tel", "text", "time", "url"),
]
SHOWN = Context()
"""Django shows a value by the rules of a context: its language's numbers, our time zone, everything escaped."""


def shown(value: object) -> str:
    return str(render_value_in_context(value, SHOWN))


def plain(value: object) -> str:
    """As ``stringformat:"s"`` writes it: by its own words, escaped unless it is marked as safe."""
    return value if isinstance(value, SafeString) else escape(str(value))


def attributes(widget: Widget) -> str:
    """`` name="value"`` of each; the name alone for True, nothing for False."""
    return "".join(
        f" {shown(name)}" if value is True else f' {shown(name)}="{plain(value)}"'
        for name, value in widget["attrs"].items()
        if value is not False
    )


def input_(widget: Widget) -> str:
    value = "" if widget["value"] is None else f' value="{plain(widget["value"])}"'
    return f'<input type="{shown(widget["type"])}" name="{shown(widget["name"])}"{value}{attributes(widget)}>'


def textarea(widget: Widget) -> str:
    words = shown(widget["value"]) if widget["value"] else ""
    return f'<textarea name="{shown(widget["name"])}"{attributes(widget)}>\n{words}</textarea>'


def option(widget: Widget) -> str:
    return f'<option value="{plain(widget["value"])}"{attributes(widget)}>{shown(widget["label"])}</option>\n'


def select(widget: Widget) -> str:
    drawn = []
    for group, options, _index in widget["optgroups"]:
        drawn += [f'\n  <optgroup label="{shown(group)}">'] if group else []
        drawn += [f"\n  {option(one)}" for one in options]
        drawn += ["\n  </optgroup>"] if group else []
    return f'<select name="{shown(widget["name"])}"{attributes(widget)}>{"".join(drawn)}\n</select>'


def select_of(field: BoundField, attrs: dict[str, Any]) -> SafeString | None:
    """What ``field.as_widget(attrs=attrs)`` draws of a plain select; None for one with groups or a template of its own.

    Django describes each option in a dictionary first, which takes longer than to write it: the trail's sieve has three
    hundred.
    """
    widget = field.field.widget
    if type(widget) is not Select or (widget.template_name, widget.option_template_name) != PLAIN_SELECT:
        return None
    attrs = field.build_widget_attrs(attrs, widget)
    if field.auto_id and "id" not in widget.attrs:
        attrs.setdefault("id", field.auto_id)
    chosen, drawn = set(widget.format_value(field.value())), []
    for value, label in widget.choices:
        if isinstance(label, list | tuple):
            return None
        text, on = "" if value is None else value, ""
        if str(text) in chosen:
            chosen, on = set(), " selected"
        words = escape(str(label)) if isinstance(label, Promise) or type(label) is str else shown(label)
        drawn.append(f'\n  <option value="{plain(text)}"{on}>{words}</option>\n')
    told = attributes({"attrs": widget.build_attrs(widget.attrs, attrs)})
    return SafeString(f'<select name="{shown(field.html_name)}"{told}>{"".join(drawn)}\n</select>')


DRAWN = {
    **{f"{OWN}{name}.html": input_ for name in LIKE_INPUT},
    f"{OWN}textarea.html": textarea,
    f"{OWN}select.html": select,
}


class Inputs(DjangoTemplates):
    """The renderer of every form (setting FORM_RENDERER)."""

    def render(self, template_name: str, context: dict[str, Any], request: HttpRequest | None = None) -> SafeString:
        draw = DRAWN.get(template_name)
        if draw is None or ends_otherwise(context["widget"]):
            return mark_safe(super().render(template_name, context, request))  # noqa: S308 - made by a template
        return mark_safe(draw(context["widget"]).strip())  # noqa: S308 - every value is escaped above


def ends_otherwise(widget: Widget) -> bool:
    """A select whose options have a template of their own."""
    own = f"{OWN}select_option.html"
    return any(one["template_name"] != own for _group, some, _index in widget.get("optgroups", ()) for one in some)
