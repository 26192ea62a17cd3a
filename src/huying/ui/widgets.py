"""Form widgets that the ``field`` component knows how to draw; rooms use them in their forms."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


class Day(forms.DateInput):
    """The browser's own day picker; the value is ISO (2026-10-23) whatever the language."""

    input_type = "date"

    def __init__(self, attrs: dict[str, str] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%d")


class Moment(forms.DateTimeInput):
    """The browser's own day and time picker, local time."""

    input_type = "datetime-local"

    def __init__(self, attrs: dict[str, str] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%dT%H:%M")


class Clock(forms.TimeInput):
    """The browser's own time picker."""

    input_type = "time"

    def __init__(self, attrs: dict[str, str] | None = None) -> None:
        super().__init__(attrs, format="%H:%M")


class Phone(forms.TextInput):
    """A telephone number: the keypad opens on phones, the browser may fill it in."""

    input_type = "tel"

    def __init__(self, attrs: dict[str, str] | None = None) -> None:
        super().__init__({"autocomplete": "tel", "inputmode": "tel", **(attrs or {})})


class Code(forms.TextInput):
    """A one-time code of a few digits: wide figures, filled in from the message on phones that can."""

    def __init__(self, attrs: dict[str, str] | None = None) -> None:
        super().__init__({"autocomplete": "one-time-code", "inputmode": "numeric", **(attrs or {})})


class Stars(forms.RadioSelect):
    """One to five stars as a radio group; each star has its words, so it can be read without seeing it."""

    WORDS = (
        (1, _("很不满意")),
        (2, _("不满意")),
        (3, _("一般")),
        (4, _("满意")),
        (5, _("很满意")),
    )

    def __init__(self, attrs: dict[str, str] | None = None) -> None:
        super().__init__(attrs, choices=self.WORDS)


class Photos(forms.ClearableFileInput):
    """Pictures from the camera or the album, several at once, with a preview before they are sent."""

    allow_multiple_selected = True

    def __init__(self, attrs: dict[str, str] | None = None) -> None:
        super().__init__({"accept": "image/*", **(attrs or {})})
