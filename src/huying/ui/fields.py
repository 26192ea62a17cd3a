"""Form fields whose choices are rows with a name in two languages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms

from huying.ui.naming import named

if TYPE_CHECKING:
    OneRow = forms.ModelChoiceField[Any]
    SomeRows = forms.ModelMultipleChoiceField[Any]
else:
    OneRow = forms.ModelChoiceField
    SomeRows = forms.ModelMultipleChoiceField


class NamedChoice(OneRow):
    """One row, listed by its name in the reader's language."""

    def label_from_instance(self, obj: Any) -> str:
        return named(obj)


class NamedChoices(SomeRows):
    """Some rows, listed by their names in the reader's language."""

    def label_from_instance(self, obj: Any) -> str:
        return named(obj)
