"""Which published papers a reader looks for. What makes no sense is left out, never an error."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from huying.cockpit.queries import papers as queries
from huying.kernel.errors import NotFound
from huying.places import queries as place_queries
from huying.places.models import Place
from huying.ui.naming import named


class FindForm(forms.Form):
    """A place, with everything below it, and a year; by a link also the template. Every place may be asked for; those that
    published are listed.
    """

    within = forms.ChoiceField(label=_("哪个地方"), required=False)
    year = forms.ChoiceField(label=_("哪一年"), required=False)
    template = forms.SlugField(max_length=60, required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any):
        super().__init__(data)
        self.place = place_of(data.get("within", ""))
        places = {one.pk: one for one in queries.publishing_places()}
        if self.place is not None:
            places.setdefault(self.place.pk, self.place)
        within: Any = self.fields["within"]
        year: Any = self.fields["year"]
        within.choices = [("", _("全部地方")), *((str(one.public_id), named(one)) for one in places.values())]
        year.choices = [("", _("全部年份")), *((str(one), str(one)) for one in queries.years())]
        self.is_valid()

    @property
    def year_asked(self) -> int | None:
        """None for all years, and for one without papers, which is not in the list."""
        year = self.cleaned_data.get("year")
        return int(year) if year else None

    @property
    def template_asked(self) -> str:
        return str(self.cleaned_data.get("template") or "")


def place_of(key: str) -> Place | None:
    """The place asked for, if there is such a place."""
    try:
        return place_queries.by_public_id(key) if key else None
    except NotFound:
        return None
