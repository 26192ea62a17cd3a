"""Reading forms as a browser does: which fields a page offers, what stands in them, and where they are sent."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

PLUMBING = {"csrfmiddlewaretoken", "idempotency_key"}
"""Fields of every form, nobody's words."""


@dataclass
class Field:
    """One field: ``kind`` is the input's type, "select" or "textarea"; ``values`` what stands in it; ``options`` all
    that can be chosen."""

    name: str
    kind: str
    values: list[str] = field(default_factory=list)
    options: list[str] = field(default_factory=list)

    @property
    def chosen_from(self) -> bool:
        return self.kind in {"select", "radio", "checkbox"}


@dataclass
class Form:
    """One form of a page; ``plain_button``: a button sends it which itself says nothing."""

    action: str
    method: str
    multipart: bool
    plain_button: bool = False
    fields: dict[str, Field] = field(default_factory=dict)

    def standing(self) -> dict[str, list[str]]:
        """What would be sent if nobody touched it."""
        return {name: one.values for name, one in self.fields.items() if one.values}


class Page(HTMLParser):
    """The forms of a page, and the summary of what to mend: ``errors`` are the ids it points at, "" for a sentence about
    the whole; an address left out of a form means the page itself."""

    def __init__(self, html: str, address: str) -> None:
        super().__init__()
        self.address = address
        self.forms: list[Form] = []
        self.form: Form | None = None
        self.select: Field | None = None
        self.area: Field | None = None
        self.errors: list[str] = []
        self.ids: set[str] = set()
        self.in_summary = False
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            method, action = given.get("method", "get").lower(), given.get("action") or self.address
            self.form = Form(action, method, "multipart" in given.get("enctype", ""))
            self.forms.append(self.form)
        self.ids.add(given.get("id", ""))
        if "hy-errors" in given.get("class", "").split():
            self.in_summary = True
        elif self.in_summary and tag == "li":
            self.errors.append("")
        elif self.in_summary and tag == "a":
            self.errors[-1] = given.get("href", "").removeprefix("#")
        elif self.form is None:
            return
        elif tag == "option" and self.select is not None:
            value = given.get("value", "")
            self.select.options.append(value)
            if "selected" in given:
                self.select.values.append(value)
        elif tag == "button" and not given.get("name"):
            self.form.plain_button |= given.get("type", "submit") == "submit"
        elif given.get("name") and given["name"] not in PLUMBING and "disabled" not in given:
            self.take(tag, given)

    def take(self, tag: str, given: dict[str, str]) -> None:
        """An input, select, text area or button with a name."""
        assert self.form is not None
        kind = given.get("type", "text") if tag == "input" else tag
        name, value = given["name"], given.get("value", "on" if kind in {"radio", "checkbox"} else "")
        one = self.form.fields.setdefault(name, Field(name, kind))
        if kind in {"radio", "checkbox"}:
            one.options.append(value)
            if "checked" in given:
                one.values = [*(one.values if kind == "checkbox" else ()), value]  # of radios the last one counts
        elif tag == "button":
            one.options.append(value)
        elif tag == "select":
            self.select = one
        elif tag == "textarea":
            self.area = one
            one.values.append("")
        elif tag == "input" and kind != "file":
            one.values.append(value)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.form = None
        elif tag == "select" and self.select is not None:
            self.select = None
        elif tag == "textarea":
            if self.area is not None:
                self.area.values[-1] = self.area.values[-1].removeprefix("\n")
            self.area = None
        elif tag == "ul":
            self.in_summary = False

    def handle_data(self, data: str) -> None:
        if self.area is not None:
            self.area.values[-1] += data


def read(html: str, address: str) -> Page:
    """Forms and summary of a page; what stands around them is left out, for it is most of the work."""
    parts = re.findall(r'<form.*?</form>|<div class="hy-errors.*?</div>', html, re.DOTALL)
    return Page("".join(parts), address)


def body(form: Form, given: dict[str, Any]) -> dict[str, Any]:
    """What a browser sends: what stands in the form, with ``given`` (a value or a list) written over it."""
    sent: dict[str, Any] = {**form.standing(), **given}
    return {name: value for name, value in sent.items() if value not in ([], None)}
