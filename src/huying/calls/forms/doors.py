"""A key for another program: what it is called and where it may bring calls in."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from huying.calls.forms.resident import place_in_words
from huying.calls.forms.words import Line
from huying.places.models import Place


class KeyForm(forms.Form):
    """``areas`` are the places where its giver is on duty."""

    name = Line(label=_("给哪个程序"), max_length=40, help_text=_("例如：城市服务 App、12345 热线系统。"))
    place = forms.ChoiceField(label=_("能报哪里的事"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, areas: list[Place], **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.areas = {str(one.public_id): one for one in areas}
        field: Any = self.fields["place"]
        field.choices = [(key, place_in_words(one)) for key, one in self.areas.items()]
        field.initial = next(iter(self.areas), "")

    @property
    def area(self) -> Place:
        """The place that was chosen."""
        return self.areas[self.cleaned_data["place"]]
