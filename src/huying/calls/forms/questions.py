"""The questions of a kind of service, which are data: as form fields, and their answers as sentences.

A question is {key, label, label_en, type: text | number | choice | yesno, required, min, max, choices}; a choice is
[code, 中文, English].
Its field is called ``q_<key>``; its answer is kept under ``key``: text, whole number, code, or True/False.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from huying.calls.forms.words import Line
from huying.calls.models import ServiceKind

YES, NO = "yes", "no"
LONGEST = 200
MOST = 1_000_000


def fields_of(kind: ServiceKind, *, required: bool = True) -> dict[str, forms.Field]:
    """One field a question, in order; ``required=False`` lets all of them stay empty (a draft)."""
    return {f"q_{one['key']}": field_of(one, required and bool(one.get("required"))) for one in kind.questions}


def field_of(question: dict[str, Any], required: bool) -> forms.Field:
    """The field of one question; an unknown type is asked as a line of text, so that no question is lost."""
    facts: dict[str, Any] = {"label": said(question), "required": required}
    if question["type"] == "number":
        low, high = question.get("min", 0), question.get("max", MOST)
        return forms.IntegerField(min_value=low, max_value=high, **facts)
    if question["type"] == "choice":
        pairs = [(choice[0], in_language(choice[1], choice[2])) for choice in question["choices"]]
        return forms.ChoiceField(choices=pairs, widget=forms.RadioSelect, **facts)
    if question["type"] == "yesno":
        return forms.ChoiceField(choices=[(YES, _("是")), (NO, _("否"))], widget=forms.RadioSelect, **facts)
    return Line(max_length=LONGEST, **facts)


def answers_of(kind: ServiceKind, cleaned: dict[str, Any]) -> dict[str, Any]:
    """The answers that were given, by key of the question."""
    given = {}
    for one in kind.questions:
        value = cleaned.get(f"q_{one['key']}")
        if value not in (None, ""):
            given[one["key"]] = value == YES if one["type"] == "yesno" else value
    return given


def initial_of(kind: ServiceKind, answers: dict[str, Any]) -> dict[str, Any]:
    """Values for the fields from answers that are kept."""
    words = {True: YES, False: NO}
    return {
        f"q_{one['key']}": words.get(answers[one["key"]], answers[one["key"]])
        if one["type"] == "yesno"
        else answers[one["key"]]
        for one in kind.questions
        if one["key"] in answers
    }


def said(question: dict[str, Any]) -> str:
    """The question in the reader's language."""
    return in_language(question["label"], question.get("label_en", ""))


def in_language(chinese: str, english: str) -> str:
    return chinese if (get_language() or "zh").startswith("zh") else english or chinese
