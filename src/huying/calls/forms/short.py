"""The short form of asking, which a phone keeps for the time without network: it knows no person and asks no questions
of the kind. What is missing the desk asks back by telephone.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from huying.calls.forms.resident import OTHER, AskForm
from huying.calls.forms.words import Line, PhoneNumber, Words
from huying.calls.models import ServiceKind
from huying.people.models import Person
from huying.ui.naming import named


class ShortAskForm(forms.Form):
    """What everybody may see: the menu and a few empty lines."""

    kind = forms.ChoiceField(label=_("要什么帮助"), widget=forms.RadioSelect)
    title = Line(label=_("一句话说明"), max_length=60)
    details = Words(label=_("还有要说的"), max_length=2000, required=False)
    place_words = Line(label=_("在哪个社区或村"), max_length=40, required=False, help_text=_("在家里就不用填。"))
    address = Line(label=_("详细地址"), max_length=200, required=False, help_text=_("在家里就不用填。"))
    phone = PhoneNumber(label=_("联系电话"), required=False, help_text=_("不填就用登记的电话。"))

    def __init__(self, *args: Any, kinds: list[ServiceKind], **kwargs: Any):
        super().__init__(*args, **kwargs)
        field: Any = self.fields["kind"]
        field.choices = [(one.code, named(one)) for one in kinds]

    def as_ask(self, kind: ServiceKind, people: list[Person]) -> AskForm:
        """The same words as the form of the kind, for the first of ``people``, at home unless a place was written."""
        words = QueryDict(mutable=True)
        words.update(
            {name: self.data.get(name, "") for name in ("title", "details", "place_words", "address", "phone")}
        )
        words["when"] = "any"
        words["who"] = str(people[0].public_id)
        home = people[0].home_place
        words["place"] = OTHER if words["place_words"] or home is None else str(home.public_id)
        form = AskForm(words, kind=kind, people=people)
        for name in form.questions:
            form.fields[name].required = False
        return form

    def take_errors(self, form: AskForm) -> None:
        """Show at these fields what the form of the kind found wrong."""
        for name, errors in form.errors.items():
            self.add_error(name if name in self.fields else None, list(errors))
