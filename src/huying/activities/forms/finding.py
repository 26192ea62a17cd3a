"""Filters of the public list and of the desk. What makes no sense is left out, never an error."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from huying.activities import queries
from huying.activities.queries import Asked
from huying.activities.states import ActivityState
from huying.kernel.errors import NotFound
from huying.places import queries as place_queries
from huying.places.models import Place
from huying.ui.naming import named
from huying.ui.widgets import Day


class FindForm(forms.Form):
    """Words, place, days, kind, theme, only with free places, only large events."""

    q = forms.CharField(label=_("找什么"), max_length=60, required=False)
    within = forms.CharField(max_length=40, required=False, widget=forms.HiddenInput)
    first = forms.DateField(label=_("从哪天"), required=False, widget=Day)
    last = forms.DateField(label=_("到哪天"), required=False, widget=Day)
    kind = forms.ChoiceField(label=_("类别"), required=False)
    theme = forms.ChoiceField(label=_("主题"), required=False)
    free = forms.BooleanField(label=_("只看有名额的"), required=False)
    large = forms.BooleanField(label=_("只看大型活动"), required=False)

    def __init__(self, data: Any):
        super().__init__(data)
        kind: Any = self.fields["kind"]
        theme: Any = self.fields["theme"]
        kind.choices = [("", _("都可以")), *((one.code, named(one)) for one in queries.choices_of(queries.kinds))]
        theme.choices = [("", _("都可以")), *((one.code, named(one)) for one in queries.choices_of(queries.themes))]
        self.is_valid()

    def got(self, name: str) -> Any:
        """The cleaned value, or None for what was not understood."""
        return self.cleaned_data.get(name)

    @property
    def place(self) -> Place | None:
        """The place asked for, if there is such a place."""
        try:
            return place_queries.by_public_id(self.got("within")) if self.got("within") else None
        except NotFound:
            return None

    def asked(self) -> Asked:
        return Asked(
            words=self.got("q") or "",
            within=self.place,
            first=self.got("first"),
            last=self.got("last"),
            kind=self.got("kind") or "",
            theme=self.got("theme") or "",
            free=bool(self.got("free")),
            large=bool(self.got("large")),
        )


class DeskForm(forms.Form):
    """Words, state and size on the organisers' list; a size asks for what is published, as it is counted."""

    q = forms.CharField(label=_("找什么"), max_length=60, required=False)
    state = forms.ChoiceField(label=_("状态"), required=False, choices=[("", _("都可以")), *ActivityState.choices])
    size = forms.ChoiceField(
        label=_("发布过的"),
        required=False,
        choices=[("", _("都可以")), ("ordinary", _("日常活动")), ("large", _("大型活动"))],
    )

    def __init__(self, data: Any):
        super().__init__(data)
        self.is_valid()

    def got(self, name: str) -> str:
        return str(self.cleaned_data.get(name) or "")
