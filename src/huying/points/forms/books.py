"""A book with its items, the vote, and from when it holds."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from huying.kernel import clock
from huying.places.models import Place
from huying.points.actions import Draft, Vote
from huying.points.actions.items import CAPS
from huying.points.models import Edition
from huying.points.states import (
    LEAST_MONTHS,
    LEAST_VALID,
    Assembly,
    Confirmer,
    Measure,
    Source,
)
from huying.ui.naming import named
from huying.ui.widgets import Day, Moment

SPARE = 3
MOST_ROWS = 36
ITEM = (
    "name",
    "name_en",
    "amount",
    "measure",
    "source",
    "proof",
    "confirmer",
    *CAPS,
    "validity_days",
    "validity_months",
)
POINTS_OF = {"cap_day": _("每天最多"), "cap_month": _("每月最多"), "cap_year": _("每年最多")}


class DraftForm(forms.Form):
    """A book and the items of its draft, row by row; a row without a name is left out."""

    place = forms.ChoiceField(label=_("哪个地方的"), required=False)
    name = forms.CharField(label=_("办法名称"), max_length=40, required=False)
    about = forms.CharField(label=_("说明"), max_length=300, required=False, widget=forms.Textarea)
    cap_day = forms.IntegerField(label=_("每人每天合计最多"), min_value=1, max_value=1_000_000, required=False)
    cap_month = forms.IntegerField(label=_("每人每月合计最多"), min_value=1, max_value=1_000_000, required=False)
    cap_year = forms.IntegerField(label=_("每人每年合计最多"), min_value=1, max_value=1_000_000, required=False)

    def __init__(self, data: Any, *, places: Sequence[Place] = (), edition: Edition | None = None):
        initial = {name: getattr(edition, name) for name in CAPS} if edition else {}
        super().__init__(data, initial=initial)
        self.kept: list[dict[str, Any]] = list(edition.items) if edition else []
        self.places = {str(one.public_id): one for one in places}
        if edition is not None:
            for name in ("place", "name", "about"):
                del self.fields[name]
        else:
            choice: Any = self.fields["place"]
            choice.choices = [(key, named(one)) for key, one in self.places.items()]
            choice.required = self.fields["name"].required = True
        self.count = min(len(self.kept) + SPARE, MOST_ROWS)
        for number in range(self.count):
            self.add_row(number, self.kept[number] if number < len(self.kept) else {})

    def add_row(self, number: int, row: dict[str, Any]) -> None:
        facts: dict[str, forms.Field] = {
            "name": forms.CharField(label=_("做了什么"), max_length=40),
            "name_en": forms.CharField(label=_("英文名称"), max_length=60),
            "amount": forms.IntegerField(label=_("给几分"), min_value=1, max_value=10_000),
            "measure": forms.ChoiceField(label=_("按什么计"), choices=Measure.choices),
            "source": forms.ChoiceField(label=_("属于哪一类"), choices=Source.choices),
            "proof": forms.CharField(label=_("凭什么证明"), max_length=120),
            "confirmer": forms.ChoiceField(label=_("谁来核对"), choices=Confirmer.choices),
            **{
                name: forms.IntegerField(label=label, min_value=1, max_value=10_000)
                for name, label in POINTS_OF.items()
            },
            "validity_days": forms.IntegerField(label=_("有效期（天）"), min_value=LEAST_VALID, max_value=3660),
            "validity_months": forms.IntegerField(label=_("或者有效期（月）"), min_value=LEAST_MONTHS, max_value=120),
        }
        for name, field in facts.items():
            field.required, field.initial = False, row.get(name)
            self.fields[f"{name}_{number}"] = field

    @property
    def rows(self) -> list[list[forms.BoundField]]:
        return [[self[f"{name}_{number}"] for name in ITEM] for number in range(self.count)]

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        for number in range(self.count):
            if not given.get(f"name_{number}"):
                continue
            for name in ("amount", "proof"):
                if not given.get(f"{name}_{number}") and f"{name}_{number}" not in self.errors:
                    self.add_error(f"{name}_{number}", str(_("这一栏要填。")))
        return given

    def draft(self) -> Draft:
        given = self.cleaned_data
        used = {row["code"] for row in self.kept}
        items = []
        for number in range(self.count):
            if not given.get(f"name_{number}"):
                continue
            old = self.kept[number]["code"] if number < len(self.kept) else ""
            code = old or next(f"item-{n}" for n in range(1, 1000) if f"item-{n}" not in used)
            used.add(code)
            items.append({"code": code, **{name: given[f"{name}_{number}"] for name in ITEM}})
        caps = {name: given.get(name) for name in CAPS}
        return Draft(items=items, name=given.get("name", ""), about=given.get("about", ""), caps=caps)

    def where(self) -> Place:
        return self.places[self.cleaned_data["place"]]


class VoteForm(forms.Form):
    """What the minutes say."""

    assembly = forms.ChoiceField(label=_("哪个会议"), choices=Assembly.choices, widget=forms.RadioSelect)
    held_on = forms.DateField(label=_("哪天开的"), widget=Day)
    eligible = forms.IntegerField(label=_("应到人数（户数）"), min_value=1, max_value=10_000_000)
    present = forms.IntegerField(label=_("到会"), min_value=1, max_value=10_000_000)
    in_favour = forms.IntegerField(label=_("赞成"), min_value=0, max_value=10_000_000)
    against = forms.IntegerField(label=_("反对"), min_value=0, max_value=10_000_000)
    abstained = forms.IntegerField(label=_("弃权"), min_value=0, max_value=10_000_000)
    minutes = forms.CharField(
        label=_("会议记录存在哪里"), max_length=200, help_text=_("会公开显示。写记录本和页码，不写人名。")
    )

    digest = forms.RegexField(r"^[0-9a-f]{64}$", required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any, *, digest: str = ""):
        super().__init__(data, initial={"digest": digest})
        self.seen = digest

    def draft_is_shown(self) -> None:
        """The page that says why not shows the draft as it is now: the next press is about that one."""
        self.data = {**self.data.dict(), "digest": self.seen} if isinstance(self.data, QueryDict) else self.data

    def vote(self) -> Vote:
        return Vote(**{name: value for name, value in self.cleaned_data.items() if name != "digest"})


class PublishForm(forms.Form):
    """From when on it holds."""

    valid_from = forms.DateTimeField(
        label=_("什么时候起生效"), widget=Moment, help_text=_("不能早于现在；以前做的事按原来的办法算。")
    )

    def __init__(self, data: Any):
        soon = clock.local(clock.now() + timedelta(days=7)).replace(hour=0, minute=0)
        super().__init__(data, initial={"valid_from": soon.replace(tzinfo=None)})
