"""Signing up, the door, and what people say afterwards."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from huying.activities.models import Session
from huying.kernel import clock
from huying.kernel.errors import NotFound
from huying.people.models import Person
from huying.ui.widgets import Moment, Phone, Stars
from huying.volunteers.models import Team


class PressForm(forms.Form):
    """One press: which shift, and what becomes of it."""

    shift = forms.IntegerField(required=False)
    act = forms.CharField(max_length=20, required=False)


class TeamForm(forms.Form):
    """A leader brings his team."""

    team = forms.ChoiceField(label=_("哪支队伍"), widget=forms.RadioSelect)
    shift = forms.ChoiceField(label=_("参加身份"), widget=forms.RadioSelect)
    count = forms.IntegerField(label=_("来多少人"), min_value=1, max_value=2000)

    def __init__(self, data: Any, *, teams: list[Team], shifts: list[tuple[str, str]]):
        super().__init__(data)
        self.teams = {str(one.public_id): one for one in teams}
        fill(self, "team", [(key, one.name) for key, one in self.teams.items()])
        fill(self, "shift", shifts)


class GroupForm(forms.Form):
    """A school class or a unit: how many and whom to ring, no names."""

    called = {"phone": "contact_phone"}
    name = forms.CharField(
        label=_("学校或单位"), max_length=60, help_text=_("例如：第三小学四（2）班。不用写孩子的名字。")
    )
    shift = forms.ChoiceField(label=_("参加身份"), widget=forms.RadioSelect)
    count = forms.IntegerField(label=_("来多少人"), min_value=1, max_value=2000)
    contact_name = forms.CharField(label=_("联系人"), max_length=40)
    contact_phone = forms.CharField(label=_("联系电话"), max_length=30, widget=Phone)

    def __init__(self, data: Any, *, shifts: list[tuple[str, str]]):
        super().__init__(data)
        fill(self, "shift", shifts)


class OnBehalfForm(forms.Form):
    """Family signs up family, staff sign up residents."""

    person = forms.ChoiceField(label=_("替谁报名"), widget=forms.RadioSelect)
    shift = forms.ChoiceField(label=_("参加身份"), widget=forms.RadioSelect)

    def __init__(self, data: Any, *, people: list[Person], shifts: list[tuple[str, str]]):
        super().__init__(data)
        self.people = {str(one.public_id): one for one in people}
        fill(self, "person", [(key, one.name) for key, one in self.people.items()])
        fill(self, "shift", shifts)


class CheckInForm(forms.Form):
    """One press at the door; ``at`` is when the screen saw it."""

    sign_up = forms.UUIDField()
    act = forms.ChoiceField(choices=[(act, act) for act in ("in", "out", "undo")])
    count = forms.IntegerField(min_value=1, max_value=10_000, required=False)
    at = forms.DateTimeField(required=False)


class WalkInForm(forms.Form):
    """People who just came."""

    count = forms.IntegerField(label=_("直接来的人数"), min_value=1, max_value=10_000)


class LeavingForm(forms.Form):
    """When somebody left who was not signed out."""

    at = forms.DateTimeField(label=_("几点离开的"), widget=Moment)

    def __init__(self, data: Any, *, session: Session):
        super().__init__(data, initial={"at": clock.local(session.ends_at).replace(tzinfo=None)})


class FeedbackForm(forms.Form):
    """Stars and a word."""

    score = forms.TypedChoiceField(label=_("这次活动怎么样"), choices=Stars.WORDS, coerce=int, widget=Stars)
    words = forms.CharField(
        label=_("想说的话"),
        max_length=300,
        required=False,
        widget=forms.Textarea,
        help_text=_("主办方看得到，不显示您的名字。"),
    )


def fill(form: forms.Form, name: str, choices: list[tuple[str, str]]) -> None:
    """The choices of a field; the only one is chosen already."""
    field: Any = form.fields[name]
    field.choices = choices
    if len(choices) == 1:
        field.initial = choices[0][0]


def uuid_of(text: str) -> UUID:
    """A public id that was sent; NotFound when it is none."""
    try:
        return UUID(text)
    except ValueError:
        raise NotFound from None
