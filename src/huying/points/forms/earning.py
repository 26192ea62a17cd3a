"""What was done, what is wrong with it, and what somebody says against that."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from huying.points.actions import Done
from huying.points.models import Book, Rule
from huying.points.states import (
    ClaimState,
    Ground,
    Measure,
    Outcome,
)
from huying.ui.naming import named
from huying.ui.widgets import Day


class ClaimForm(forms.Form):
    """What was done, how much, how one knows; ``last``: the last day of which something can be stated."""

    rule = forms.ChoiceField(label=_("哪一项"), widget=forms.RadioSelect)
    title = forms.CharField(label=_("做了什么"), max_length=80)
    done_on = forms.DateField(label=_("哪天"), widget=Day)
    quantity = forms.DecimalField(
        label=_("多少"),
        min_value=Decimal("0.01"),
        max_value=1000,
        decimal_places=2,
        initial=1,
        help_text=_("按次的写次数，按小时的写小时，按重量的写公斤。"),
    )
    proof = forms.CharField(label=_("凭什么证明"), max_length=300, required=False, widget=forms.Textarea)

    def __init__(self, data: Any, *, rules: Sequence[Rule], last: date):
        super().__init__(data, initial={"done_on": last})
        self.rules = {str(one.pk): one for one in rules}
        choice: Any = self.fields["rule"]
        choice.choices = [(key, named(one)) for key, one in self.rules.items()]

    def chosen(self) -> Rule:
        return self.rules[self.cleaned_data["rule"]]

    def done(self) -> Done:
        given, parts = self.cleaned_data, {Measure.TIME: 1, Measure.HOUR: 60, Measure.KILO: 1000}
        quantity = int(given["quantity"] * parts[Measure(self.chosen().measure)])
        return Done(given["title"], given["done_on"], quantity, given["proof"])


class ReversalForm(forms.Form):
    """What is wrong, and how one knows."""

    ground = forms.ChoiceField(label=_("为什么冲回"), choices=Ground.choices, widget=forms.RadioSelect)
    evidence = forms.CharField(label=_("证据"), max_length=300, widget=forms.Textarea)


class TellForm(forms.Form):
    """How somebody without an account was told."""

    how = forms.CharField(
        label=_("怎样告知的"),
        max_length=200,
        widget=forms.Textarea,
        help_text=_("例如：上门说了并念了一遍，本人在告知单上签了字，告知单存在哪里。"),
    )


class AppealForm(forms.Form):
    """What somebody says against it."""

    words = forms.CharField(label=_("您的理由"), max_length=500, widget=forms.Textarea)


class AnswerForm(forms.Form):
    """What a panel decided, with reasons."""

    outcome = forms.ChoiceField(label=_("答复"), choices=Outcome.choices, widget=forms.RadioSelect)
    reason = forms.CharField(label=_("理由"), max_length=500, widget=forms.Textarea)


class FindForm(forms.Form):
    """Words, book and state on the lists of staff; ``books``: those the reader keeps, asked for when there are several."""

    q = forms.CharField(label=_("姓名或存折号"), max_length=60, required=False)
    book = forms.ChoiceField(label=_("积分办法"), required=False)
    state = forms.ChoiceField(label=_("状态"), required=False, choices=[("", _("等我核对的")), *ClaimState.choices])

    def __init__(self, data: Any, *, books: Sequence[Book] = (), states: Sequence[tuple[str, Any]] = ()):
        super().__init__(data)
        self.books = {str(one.public_id): one for one in books}
        choice: Any = self.fields["book"]
        rows = [(key, f"{named(one)} · {named(one.place)}") for key, one in self.books.items()]
        choice.choices = [("", _("全部")), *rows]
        if states:
            choice = self.fields["state"]
            choice.choices = states
        self.is_valid()

    def chosen(self) -> Book | None:
        return self.books.get(self.got("book"))

    def got(self, name: str) -> str:
        return str(self.cleaned_data.get(name) or "")
