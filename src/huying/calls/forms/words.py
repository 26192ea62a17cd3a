"""Fields for what people write: one line, several lines, a telephone number; and refusals put beside their field."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from huying.kernel.errors import DomainError, InvalidInput
from huying.kernel.sealed import normal_phone
from huying.ui.fields import Line, plain
from huying.ui.widgets import Phone

__all__ = ["Line", "PhoneNumber", "Words", "plain", "refused"]


class Words(forms.CharField):
    """Several lines of text."""

    widget = forms.Textarea

    def to_python(self, value: Any) -> str:
        return plain(super().to_python(value) or "").strip()


class PhoneNumber(forms.CharField):
    """A telephone number inside China in one form (see ``normal_phone``); "" when left empty."""

    widget = Phone

    def __init__(self, **more: Any) -> None:
        super().__init__(**{"max_length": 30, **more})

    def clean(self, value: Any) -> str:
        text: str = super().clean(value)
        if not text:
            return ""
        try:
            return normal_phone(plain(text))
        except InvalidInput as wrong:
            raise ValidationError(str(wrong)) from None


def refused(form: forms.BaseForm, error: DomainError) -> None:
    """Put what an action refused beside the fields it names; the rest on top of the form."""
    known = {name: text for name, text in error.fields.items() if name in form.fields}
    for name, text in known.items():
        form.add_error(name, str(text))
    if not known:
        form.add_error(None, str(error))
