"""Forms for giving, lending and proposing roles."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.people import rules
from huying.people.forms.places import add_place_fields, chosen_place
from huying.people.models import Role
from huying.people.states import TWO_PEOPLE, RoleKind
from huying.places.models import Place
from huying.ui.widgets import Day


def moment(day: date | None) -> datetime | None:
    """The first moment of a day in China."""
    return datetime.combine(day, time(), tzinfo=clock.SHANGHAI) if day else None


def after(day: date | None) -> datetime | None:
    """The first moment after a day in China: dates on paper include their last day, spans here do not."""
    return moment(day + timedelta(days=1)) if day else None


class GrantForm(forms.Form):
    """Which role from when until when; kinds that the actor cannot give here are not offered."""

    person = forms.UUIDField(widget=forms.HiddenInput)
    kind = forms.ChoiceField(label=_("角色"))
    starts = forms.DateField(label=_("开始日期"), help_text=_("不填就是现在开始。"), required=False, widget=Day)
    ends = forms.DateField(label=_("最后一天"), help_text=_("不填就是没有期限。"), required=False, widget=Day)
    reason = forms.CharField(
        label=_("理由"),
        help_text=_("要两个人才能给的角色，请写明理由，由另一岗位的人决定。"),
        max_length=200,
        required=False,
    )

    def __init__(self, actor: Actor, place: Place, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["kind"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(kind.value, kind.label) for kind in RoleKind if may_give(actor, kind, place)]

    def span(self) -> tuple[datetime | None, datetime | None]:
        """Beginning and end as moments."""
        starts = self.cleaned_data["starts"]
        begins = None if starts is None or starts == clock.today() else moment(starts)
        return begins, after(self.cleaned_data["ends"])


def may_give(actor: Actor, kind: RoleKind, place: Place) -> bool:
    """True when the actor may give the kind alone or propose it."""
    if kind in TWO_PEOPLE:
        return rules.can_propose(actor, kind, place)
    return rules.can_grant(actor, kind, place)


class LendForm(forms.Form):
    """Who stands in, from when until when, and where."""

    colleague = forms.CharField(label=_("委托给谁"), help_text=_("填写对方的姓名全称或手机号。"), max_length=50)
    starts = forms.DateField(label=_("开始日期"), widget=Day)
    ends = forms.DateField(label=_("最后一天"), widget=Day)

    def __init__(self, role: Role, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.role = role
        self.place: Place | None = None
        add_place_fields(
            self, label=_("在哪里"), hint=_("您负责的地方，或它下面的一处。"), place=role.place, required=True
        )

    def clean(self) -> dict[str, Any]:
        self.place = chosen_place(self, Q(path__startswith=self.role.place.path))
        return self.cleaned_data

    def span(self) -> tuple[datetime, datetime]:
        """Beginning and end as moments; today begins now."""
        starts, ends = self.cleaned_data["starts"], self.cleaned_data["ends"]
        begins = clock.now() if starts == clock.today() else moment(starts)
        ends_at = after(ends)
        assert begins is not None and ends_at is not None
        return begins, ends_at
