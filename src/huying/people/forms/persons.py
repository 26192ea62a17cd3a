"""Forms with which staff write down persons."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from huying.kernel.actor import Actor
from huying.people import rules
from huying.people.actions import Facts
from huying.people.actions.merging import CHOOSABLE
from huying.people.forms.places import add_place_fields, chosen_place
from huying.people.models import Person
from huying.people.states import CARE_STAFF, Sex, Tie
from huying.places.models import Place
from huying.ui.widgets import Day, Phone


class PersonForm(forms.Form):
    """One person. In an existing record, empty sealed fields mean: leave them as they are."""

    name = forms.CharField(label=_("姓名"), max_length=50, widget=forms.TextInput({"autocomplete": "off"}))
    sex = forms.ChoiceField(label=_("性别"), choices=Sex.choices, required=False, widget=forms.RadioSelect)
    birth_date = forms.DateField(label=_("出生日期"), required=False, widget=Day({"autocomplete": "off"}))
    phone = forms.CharField(label=_("电话"), max_length=30, required=False, widget=Phone({"autocomplete": "off"}))
    id_number = forms.CharField(
        label=_("身份证号码"),
        help_text=_("只在买保险、发证明要用时才填。"),
        max_length=30,
        required=False,
        widget=forms.TextInput({"autocomplete": "off"}),
    )
    address = forms.CharField(
        label=_("详细地址"), max_length=200, required=False, widget=forms.TextInput({"autocomplete": "off"})
    )

    SEALED = ("phone", "id_number", "address")

    def __init__(self, actor: Actor, *args: Any, person: Person | None = None, **kwargs: Any) -> None:
        if person is not None:
            kwargs.setdefault("initial", {"name": person.name, "sex": person.sex, "birth_date": person.birth_date})
        super().__init__(*args, **kwargs)
        self.actor, self.person = actor, person
        self.place: Place | None = None
        if person is not None:
            self._say_what_is_there(person)
        add_place_fields(
            self,
            label=_("住在哪里"),
            hint=_("写村、社区或网格的名字。"),
            place=person.home_place if person else None,
            required=True,
        )

    def _say_what_is_there(self, person: Person) -> None:
        for name in self.SEALED:
            stored = getattr(person, name)
            if stored:
                self.fields[name].help_text = _("现在是 %(mask)s，不改就留空。") % {"mask": stored}

    def clean(self) -> dict[str, Any]:
        allowed = rules.within(self.actor, CARE_STAFF, "path")
        self.place = chosen_place(self, allowed)
        return self.cleaned_data

    def facts(self) -> Facts:
        """What the action is to write; untouched sealed fields of an existing record stay out."""
        data = self.cleaned_data
        sealed = {name: data[name] if data[name] or self.person is None else None for name in self.SEALED}
        return Facts(
            name=data["name"],
            sex=data["sex"],
            birth_date=data["birth_date"] if data["birth_date"] else "",
            home_place=self.place,
            **sealed,
        )


class RevealForm(forms.Form):
    """Why a sealed value must be read."""

    field = forms.ChoiceField(
        choices=[("phone", _("电话")), ("id_number", _("身份证号码")), ("address", _("详细地址"))],
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(label=_("查看原因"), help_text=_("会记入审计日志。"), max_length=200)


class TieForm(forms.Form):
    """Who may act for a person, after staff saw the papers; ``found`` are the persons that the search gave."""

    guardian = forms.ChoiceField(label=_("谁来代办"), widget=forms.RadioSelect)
    tie = forms.ChoiceField(label=_("关系"), choices=Tie.choices, widget=forms.RadioSelect)
    proof = forms.CharField(
        label=_("看过什么证明"), help_text=_("例如户口本、判决书、委托书。不要抄写证件号码。"), max_length=200
    )
    starts_on = forms.DateField(label=_("从哪天起"), help_text=_("空着就是现在。"), required=False, widget=Day())
    ends_on = forms.DateField(label=_("到哪天止"), help_text=_("空着就是一直有效。"), required=False, widget=Day())
    sure = forms.BooleanField(label=_("已核对双方身份，本人也同意（孩子除外）"))

    def __init__(self, found: list[Person], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["guardian"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(str(person.public_id), _said(person)) for person in found]


def _said(person: Person) -> str:
    parts = [person.name, person.home_place.name if person.home_place else "", str(person.phone or "")]
    return " · ".join(part for part in parts if part)


class MergeForm(forms.Form):
    """Which of two differing facts stays, and how staff know that the two are one."""

    reason = forms.CharField(label=_("怎么知道是同一个人"), help_text=_("会记入审计日志。"), max_length=200)
    sure = forms.BooleanField(label=_("已核对，确认合并，不能撤销"))

    def __init__(self, kept: Person, double: Person, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = dict(zip(CHOOSABLE, self.labels(), strict=True))
        self.facts = [name for name in CHOOSABLE if _shown(kept, name) != _shown(double, name)]
        for name in self.facts:
            here, there = _shown(kept, name), _shown(double, name)
            choices = [("kept", here or _("（空）")), ("double", there or _("（空）"))]
            initial = "kept" if here or not there else "double"
            self.fields[name] = forms.ChoiceField(
                label=names[name], choices=choices, initial=initial, widget=forms.RadioSelect
            )

    @staticmethod
    def labels() -> list[Any]:
        return [
            _("姓名"),
            _("性别"),
            _("出生日期"),
            _("电话"),
            _("身份证号码"),
            _("详细地址"),
            _("住在哪里"),
        ]

    def chosen(self) -> list[forms.BoundField]:
        """The fields of the facts that differ."""
        return [self[name] for name in self.facts]

    def take(self) -> list[str]:
        """The facts that the double gives."""
        return [name for name in self.facts if self.cleaned_data.get(name) == "double"]


def _shown(person: Person, name: str) -> str:
    """A fact in words; sealed ones as their mask, addresses as 已填写, for choosing needs no more."""
    value = getattr(person, name)
    if name == "sex":
        return str(person.get_sex_display()) if value else ""
    if name == "address":
        return str(_("已填写")) if value else ""
    return str(value) if value else ""


class AccountForm(forms.Form):
    """The user name of a new account."""

    username = forms.CharField(
        label=_("用户名"),
        help_text=_("小写字母开头，可含字母、数字、点、横线，至少3个字符。"),
        max_length=40,
        widget=forms.TextInput({"autocomplete": "off"}),
    )
