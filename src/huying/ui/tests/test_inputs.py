"""What we draw ourselves in a form is what Django's templates draw, letter for letter."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import django.forms
import pytest
from django import forms
from django.forms.renderers import DjangoTemplates
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy, override

from huying.ui.inputs import DRAWN, OWN, Inputs, select_of

ODD = """ a<b> & "c" 'd' {{ e }}\n长\u202e\x00 """
VALUES = (None, "", ODD, mark_safe("<i>x</i>"), 0, 1234567.5, Decimal("12.30"), gettext_lazy("首页"), True, False)
ATTRS: dict[str, Any] = {
    "id": "id_x",
    "class": ODD,
    "data-safe": mark_safe("&amp;"),
    "required": True,
    "hidden": False,
    "rows": 4,
    "step": 0.5,
    "none": None,
    "a<b": "y",
    "title": gettext_lazy("首页"),
}
INPUTS = (
    *(forms.TextInput, forms.NumberInput, forms.EmailInput, forms.URLInput, forms.PasswordInput, forms.HiddenInput),
    *(forms.DateInput, forms.DateTimeInput, forms.TimeInput, forms.CheckboxInput, forms.Textarea),
)
CHOICES: list[Any] = [
    ("", "---------"),
    (1, 1),
    ("b", ODD),
    (mark_safe("<c>"), mark_safe("<i>c</i>")),
    ("d", gettext_lazy("首页")),
    (ODD, [("e", "e"), (2.5, 2.5)]),
    (date(2026, 3, 3), date(2026, 3, 3)),
    (None, "nothing"),
]


def both(widget: forms.Widget, value: Any, attrs: dict[str, Any] | None) -> list[str]:
    return [widget.render("name<&", value, attrs, renderer=one) for one in (Inputs(), DjangoTemplates())]


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("kind", INPUTS)
def test_an_input_is_drawn_as_django_draws_it(kind: type[forms.Widget], language: str) -> None:
    moments = (date(2026, 3, 3), datetime(2026, 3, 3, 4, 5, 6), time(4, 5))
    with override(language):
        for value in (*VALUES, *moments):
            for attrs in (None, ATTRS):
                ours, theirs = both(kind(), value, attrs)
                assert ours == theirs


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("kind", [forms.Select, forms.SelectMultiple, forms.NullBooleanSelect])
def test_a_select_is_drawn_as_django_draws_it(kind: type[forms.Select], language: str) -> None:
    with override(language):
        for value in (None, "", "b", 1, "2.5", ["b", "e"], ODD):
            for attrs in (None, ATTRS):
                made = kind() if kind is forms.NullBooleanSelect else kind(choices=CHOICES)
                ours, theirs = both(made, value if kind is not forms.NullBooleanSelect else None, attrs)
                assert ours == theirs


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_a_field_with_a_plain_select_is_drawn_as_django_draws_it(language: str) -> None:
    """The short way past the description of each option, in a form as pages have it; groups take the long one."""

    class Asked(forms.Form):
        default_renderer = DjangoTemplates()
        one = forms.ChoiceField(choices=[pair for pair in CHOICES if not isinstance(pair[1], list)], initial=1)
        hinted = forms.ChoiceField(
            choices=CHOICES[:4], help_text="x", widget=forms.Select(attrs={"id": "own", "class": "a"})
        )
        free = forms.ChoiceField(choices=[("", "-"), ("b", "b"), ("b", "again")], required=False)
        grouped = forms.ChoiceField(choices=CHOICES)

    with override(language):
        for data in (None, {"one": "b", "hinted": "1", "free": "b"}, {"one": ODD, "free": ""}):
            asked = Asked(data, prefix="p<")
            asked.is_valid()
            for name in ("one", "hinted", "free"):
                for attrs in ({}, {"class": "hy-input", "aria-describedby": False, "aria-invalid": "true"}):
                    assert select_of(asked[name], dict(attrs)) == asked[name].as_widget(attrs=dict(attrs))
            assert select_of(asked["grouped"], {}) is None


def test_a_select_whose_options_have_a_template_of_their_own_is_left_to_it() -> None:
    class Own(forms.Select):
        option_template_name = "django/forms/widgets/radio_option.html"

    ours, theirs = both(Own(choices=CHOICES), "b", None)

    assert ours == theirs
    assert "<label>" in ours


def test_other_widgets_are_left_to_django() -> None:
    for made in (forms.RadioSelect(choices=CHOICES), forms.CheckboxSelectMultiple(choices=CHOICES), forms.FileInput()):
        ours, theirs = both(made, None, ATTRS)
        assert ours == theirs


def test_the_templates_we_stand_for_are_those_we_know() -> None:
    """Another Django may draw them otherwise: then this says so before a page does."""
    folder = Path(django.forms.__file__).parent / "templates"
    like_input = {name for name in DRAWN if (folder / name).read_text().strip() == f'{{% include "{OWN}input.html" %}}'}

    assert set(DRAWN) - like_input == {f"{OWN}{name}.html" for name in ("input", "textarea", "select")}
