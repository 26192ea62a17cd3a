"""Forms about one's own affairs."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from huying.people.forms.places import add_place_fields, chosen_place
from huying.people.models import Person
from huying.people.states import QUIET_FROM, QUIET_UNTIL, Sex, Tie
from huying.places.models import Place
from huying.ui.widgets import Clock, Day, Phone


class MyDataForm(forms.Form):
    """One's own facts. The telephone number has a page of its own, because a code must prove it."""

    name = forms.CharField(label=_("姓名"), max_length=50, widget=forms.TextInput({"autocomplete": "name"}))
    sex = forms.ChoiceField(label=_("性别"), choices=Sex.choices, required=False, widget=forms.RadioSelect)
    birth_date = forms.DateField(label=_("出生日期"), required=False, widget=Day({"autocomplete": "bday"}))
    address = forms.CharField(
        label=_("详细地址"),
        help_text=_("只在有人上门帮您时，给接单的人看。"),
        max_length=200,
        required=False,
        widget=forms.TextInput({"autocomplete": "street-address"}),
    )

    def __init__(self, person: Person, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault(
            "initial",
            {
                "name": person.name,
                "sex": person.sex,
                "birth_date": person.birth_date,
                "address": person.address.open() if person.address else "",
            },
        )
        super().__init__(*args, **kwargs)
        self.place: Place | None = None
        add_place_fields(
            self,
            label=_("住在哪里"),
            hint=_("写村、社区或网格的名字，例如“锦绣社区”。"),
            place=person.home_place,
            required=False,
        )

    def clean(self) -> dict[str, Any]:
        self.place = chosen_place(self, Q())
        return self.cleaned_data


class PreferencesForm(forms.Form):
    """Language, size of print, contrast and the hours of peace."""

    language = forms.ChoiceField(
        label=_("语言"), choices=[("zh-hans", "中文"), ("en", "English")], widget=forms.RadioSelect
    )
    print = forms.ChoiceField(
        label=_("字号"),
        choices=[("normal", _("标准")), ("large", _("大字")), ("xlarge", _("特大字"))],
        widget=forms.RadioSelect,
    )
    contrast = forms.ChoiceField(
        label=_("对比度"),
        choices=[("normal", _("标准")), ("more", _("高对比"))],
        widget=forms.RadioSelect,
    )
    quiet_from = forms.TimeField(
        label=_("免打扰开始"),
        help_text=_("这段时间里，消息先不提醒；急事除外。两个时间相同就是不设免打扰。"),
        widget=Clock,
    )
    quiet_until = forms.TimeField(label=_("免打扰结束"), widget=Clock)

    @staticmethod
    def initial_for(wishes: dict[str, Any], language: str) -> dict[str, Any]:
        """What the page shows first: the saved wishes, else what holds without any."""
        return {
            "language": wishes.get("language", language),
            "print": wishes.get("print", "normal"),
            "contrast": wishes.get("contrast", "normal"),
            "quiet_from": wishes.get("quiet_from", QUIET_FROM),
            "quiet_until": wishes.get("quiet_until", QUIET_UNTIL),
        }

    def wishes(self) -> dict[str, str]:
        """The chosen preferences as the action wants them."""
        data = self.cleaned_data
        times = {name: f"{data[name]:%H:%M}" for name in ("quiet_from", "quiet_until")}
        return {name: data[name] for name in ("language", "print", "contrast")} | times


class UsernameForm(forms.Form):
    """A user name of one's own."""

    username = forms.CharField(
        label=_("用户名"),
        help_text=_("小写字母开头，可含字母、数字、点、横线，至少3个字符。"),
        max_length=40,
        widget=forms.TextInput({"autocomplete": "username"}),
    )


class ChildForm(forms.Form):
    """A child of the guardian who fills it in."""

    name = forms.CharField(label=_("孩子的姓名"), max_length=50, widget=forms.TextInput({"autocomplete": "off"}))
    birth_date = forms.DateField(label=_("出生日期"), widget=Day({"autocomplete": "off"}))
    sex = forms.ChoiceField(label=_("性别"), choices=Sex.choices, required=False, widget=forms.RadioSelect)
    tie = forms.ChoiceField(
        label=_("您是孩子的"),
        choices=[(tie.value, tie.label) for tie in (Tie.PARENT, Tie.GUARDIAN)],
        initial=Tie.PARENT,
        widget=forms.RadioSelect,
    )
    agrees = forms.BooleanField(
        label=_("我是监护人，已阅读并同意为孩子登记"),
        error_messages={"required": _("请先阅读并勾选同意。")},
    )


class ChildAccountForm(forms.Form):
    """The number with which the child may sign in."""

    phone = forms.CharField(label=_("孩子的手机号"), max_length=30, widget=Phone({"autocomplete": "off"}))


class EntrustForm(forms.Form):
    """The number of a relative who is to act for the one who fills it in."""

    phone = forms.CharField(
        label=_("家人的手机号"),
        help_text=_("对方用这个号码登录并确认后，就能替您求助和报名。您随时可以取消。"),
        max_length=30,
        widget=Phone({"autocomplete": "off"}),
    )


class EraseForm(forms.Form):
    """Erasing cannot be undone, so it is asked in words."""

    sure = forms.BooleanField(
        label=_("我知道注销后不能恢复"), error_messages={"required": _("请勾选，确认您知道不能恢复。")}
    )
