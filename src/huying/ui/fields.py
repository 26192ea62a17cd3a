"""Form fields that several rooms use: rows with a name in two languages, lines of text, icons and tones."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from huying.ui import icons
from huying.ui.naming import named
from huying.ui.registry import TONES

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


# Marks that turn the direction of the text after them: with these a line can be made to look like another one.
# Joiners and single-letter marks stay; they belong to emoji and to scripts written from right to left.
TURNING = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0xFEFF])
TONE_WORDS: dict[str, Promise] = dict(
    zip(TONES, (_("松绿"), _("柿红"), _("桂黄"), _("黛蓝"), _("梅红"), _("墨")), strict=True)
)


def plain(text: str) -> str:
    """Without control characters and marks that turn the direction; line ends are ``\\n``."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").translate(TURNING)
    return "".join(c for c in text if c in "\n\t" or unicodedata.category(c) != "Cc")


class Line(forms.CharField):
    """One line of text, inner spaces single."""

    def to_python(self, value: Any) -> str:
        return re.sub(r"\s+", " ", plain(super().to_python(value) or "")).strip()


def icon_choices() -> list[tuple[str, str]]:
    """Every two-coloured icon that data may name, by its name."""
    return [(name, name.removesuffix("-duotone")) for name in sorted(icons.names()) if "duotone" in name]
