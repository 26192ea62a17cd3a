"""What people type about standards: a checklist, why a check goes back, filters of the list of sites."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.utils.translation import gettext_lazy as _

from huying.places.actions import Said
from huying.places.forms.lists import WithinForm
from huying.places.models import StandardItem
from huying.places.states import Answer, Standing
from huying.ui.naming import named

STANDINGS = [
    ("", _("全部")),
    ("gap", _("有缺口的")),
    *((one.value, one.label) for one in Standing),
    ("waiting", _("等着核实的")),
]


class CheckForm(forms.Form):
    """One answer and one note for each item, in their order. What was said last stands there to begin with."""

    def __init__(self, data: Any, *, items: Sequence[StandardItem], last: Mapping[int, tuple[str, str]]):
        super().__init__(data)
        self.items = items
        for one in items:
            answer, note = last.get(one.number, ("", ""))
            title = f"{one.number}. {named(one)}"
            self.fields[f"answer_{one.number}"] = forms.ChoiceField(
                label=title,
                choices=Answer.choices,
                widget=forms.RadioSelect,
                help_text=named(one, "proof"),
                initial=answer,
                error_messages={"required": _("请选一项。")},
            )
            self.fields[f"note_{one.number}"] = forms.CharField(
                label=_("第 {number} 项的证明或说明").format(number=one.number),
                max_length=200,
                required=False,
                initial=note,
            )

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        for one in self.items:
            if given.get(f"answer_{one.number}") == Answer.NOT_APPLICABLE and not given.get(f"note_{one.number}"):
                self.add_error(f"note_{one.number}", _("请写明为什么不适用。"))
        return given

    def pairs(self) -> list[tuple[BoundField, BoundField]]:
        """For each item where to answer and where to write."""
        return [(self[f"answer_{one.number}"], self[f"note_{one.number}"]) for one in self.items]

    def said(self) -> list[Said]:
        given = self.cleaned_data
        return [
            Said(one.number, given[f"answer_{one.number}"], given.get(f"note_{one.number}", "")) for one in self.items
        ]


class ReturnForm(forms.Form):
    """What is to be mended."""

    reason = forms.CharField(
        label=_("哪里要改"),
        max_length=200,
        widget=forms.Textarea,
        help_text=_("自查的人会看到，请写清楚缺什么，不写个人情况。"),
    )


class CheckPhotoForm(forms.Form):
    """One photo that proves an answer."""

    CALLED = {"upload": "photo"}  # by the kernel, which checks the file
    photo = forms.FileField(
        label=_("照片"),
        help_text=_("只给管理这里的人看，请不要拍到人脸和证件。"),
        widget=forms.FileInput(attrs={"accept": "image/*", "capture": "environment"}),
    )


class StandardListForm(WithinForm):
    """Filters of the sites of one standard."""

    q = forms.CharField(label=_("名称、拼音或首字母"), max_length=60, required=False)
    standing = forms.ChoiceField(label=_("怎么样了"), choices=STANDINGS, required=False)
    item = forms.IntegerField(required=False, min_value=1, max_value=1000, widget=forms.HiddenInput)

    def asked(self) -> dict[str, Any]:
        """The filters as arguments of ``queries.sites``."""
        return {"standing": self.got("standing") or "", "item": self.got("item"), "words": self.got("q") or ""}
