"""Fields for what people write: one line, several lines, a telephone number; and refusals put beside their field."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from huying.kernel.errors import DomainError, InvalidInput
from huying.kernel.sealed import normal_phone
from huying.ui.widgets import Phone

# Marks that turn the direction of the text after them: with these a line can be made to look like another one.
# Joiners and single-letter marks stay; they belong to emoji and to scripts written from right to left.
TURNING = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0xFEFF])


def plain(text: str) -> str:
    """Without control characters and marks that turn the direction; line ends are ``\\n``."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").translate(TURNING)
    return "".join(c for c in text if c in "\n\t" or unicodedata.category(c) != "Cc")


class Line(forms.CharField):
    """One line of text, inner spaces single."""

    def to_python(self, value: Any) -> str:
        return re.sub(r"\s+", " ", plain(super().to_python(value) or "")).strip()


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
