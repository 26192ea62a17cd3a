"""What activities can be, as forms: one kind, one theme with its days, one unit."""

from __future__ import annotations

import re
from typing import Any, TypeVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from huying.activities.models import ActivityKind, DataRow, Theme, Unit
from huying.activities.rules.themes import MOST_AROUND, TERMS
from huying.activities.states import ThemeGroup, ThemeRule
from huying.ui.fields import TONE_WORDS, Line, icon_choices

R = TypeVar("R", ActivityKind, Theme, Unit)
CODE = re.compile(r"[a-z][a-z0-9_-]{1,39}")
DAY = re.compile(r"(\d{1,2})[-/.月](\d{1,2})日?")
TAKEN_CODES = {"new"}
"""Words that mean something else in the address of the editor."""


class RowForm(forms.Form):
    """What every such row has. The code is chosen once: addresses, plans and files refer to it."""

    code = forms.CharField(label=_("代码"), max_length=40, help_text=_("小写英文字母、数字、横线，以后不能改。"))
    name = Line(label=_("名称"), max_length=20)
    name_en = Line(label=_("英文名称"), max_length=40, required=False)
    called: dict[str, str] = {}

    def __init__(self, data: Any, *, row: DataRow | None = None):
        super().__init__(data, initial=self.first_values(row) if row else {})
        self.row = row
        if row is not None:
            del self.fields["code"]

    def first_values(self, row: Any) -> dict[str, Any]:
        """What the form of an existing row begins with."""
        return {field.name: getattr(row, field.name) for field in type(row)._meta.concrete_fields}

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"]
        if not CODE.fullmatch(code) or code in TAKEN_CODES:
            raise ValidationError(_("代码用小写英文字母开头，只含字母、数字、横线，不能叫 new。"))
        return code


class KindForm(RowForm):
    """A kind of activity; a large one is counted apart (S0-1d.2)."""

    icon = forms.ChoiceField(label=_("图标"))
    tone = forms.ChoiceField(label=_("颜色"), choices=list(TONE_WORDS.items()))
    is_large = forms.BooleanField(label=_("是大型活动，单独计数"), required=False)

    def __init__(self, data: Any, *, row: ActivityKind | None = None):
        super().__init__(data, row=row)
        icon: Any = self.fields["icon"]
        icon.choices = icon_choices()

    def filled(self) -> ActivityKind:
        """The kind with what was typed, not saved."""
        return typed(self.row if isinstance(self.row, ActivityKind) else ActivityKind(), self.cleaned_data)


class ThemeForm(RowForm):
    """A theme and the days that carry it by themselves."""

    called = {"month": "lunar_month", "day": "lunar_day"}
    group = forms.ChoiceField(label=_("属于"), choices=ThemeGroup.choices)
    rule = forms.ChoiceField(
        label=_("怎么定日期"), choices=ThemeRule.choices, widget=forms.RadioSelect, initial=ThemeRule.NONE
    )
    begins = Line(label=_("每年从哪天"), max_length=6, required=False, help_text=_("月-日，例如 03-01。"))
    ends = Line(label=_("到哪天（含）"), max_length=6, required=False, help_text=_("可以跨年，例如到 01-15。"))
    lunar_month = forms.IntegerField(label=_("农历几月"), min_value=1, max_value=12, required=False)
    lunar_day = forms.IntegerField(
        label=_("农历几日"),
        min_value=1,
        max_value=30,
        required=False,
        help_text=_("写 30 表示这个月的最后一天。"),
    )
    term = forms.ChoiceField(label=_("哪个节气"), choices=list(enumerate(TERMS)), required=False)
    days_before = forms.IntegerField(label=_("提前几天开始"), min_value=0, max_value=MOST_AROUND, required=False)
    days_after = forms.IntegerField(label=_("过后几天结束"), min_value=0, max_value=MOST_AROUND, required=False)

    def first_values(self, row: Theme) -> dict[str, Any]:
        first = super().first_values(row)
        if row.rule == ThemeRule.LUNAR:
            first |= {"lunar_month": row.month, "lunar_day": row.day}
        return first | ({"term": row.month} if row.rule == ThemeRule.TERM else {})

    def clean_begins(self) -> str:
        return month_day(self.cleaned_data["begins"])

    def clean_ends(self) -> str:
        return month_day(self.cleaned_data["ends"])

    def filled(self) -> Theme:
        """The theme with what was typed, not saved; days that its rule does not ask for are left out."""
        given = self.cleaned_data
        rule = given["rule"]
        lunar, around = rule == ThemeRule.LUNAR, rule in {ThemeRule.LUNAR, ThemeRule.TERM}
        month = {ThemeRule.LUNAR: given["lunar_month"], ThemeRule.TERM: int(given["term"] or 0)}.get(rule)
        days = {
            **{name: given[name] if rule == ThemeRule.DATES else "" for name in ("begins", "ends")},
            **{name: (given[name] or 0) if around else 0 for name in ("days_before", "days_after")},
            "month": month or 0,
            "day": (given["lunar_day"] or 0) if lunar else 0,
        }
        return typed(self.row if isinstance(self.row, Theme) else Theme(), given | days)


class UnitForm(RowForm):
    """A unit of results."""

    code = forms.CharField(label=_("代码"), max_length=20, help_text=_("小写英文字母、数字、横线，以后不能改。"))
    name = Line(label=_("名称"), max_length=10)
    name_en = Line(label=_("英文名称"), max_length=30, required=False)
    digits = forms.IntegerField(label=_("小数位数"), min_value=0, max_value=2, initial=0)

    def filled(self) -> Unit:
        """The unit with what was typed, not saved."""
        return typed(self.row if isinstance(self.row, Unit) else Unit(), self.cleaned_data)


def typed(row: R, given: dict[str, Any]) -> R:
    """The row with the values that are its own."""
    for field in type(row)._meta.concrete_fields:
        if field.name in given:
            setattr(row, field.name, given[field.name])
    return row


def month_day(text: str) -> str:
    """``3-1``, ``3/1`` and ``3月1日`` as ``03-01``; anything else as it is, to be refused by its rule."""
    found = DAY.fullmatch(text)
    return f"{int(found[1]):02d}-{int(found[2]):02d}" if found else text
