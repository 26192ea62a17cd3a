"""Kinds and flags as a locality wants them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from huying.places.models import PlaceFlag, PlaceKind
from huying.places.states import FlagGroup
from huying.ui.fields import NamedChoices

TONES = [
    ("pine", _("松绿")),
    ("dai", _("黛蓝")),
    ("kaki", _("柿橙")),
    ("gui", _("桂黄")),
    ("mei", _("梅红")),
    ("ink", _("墨灰")),
]
ICONS = [
    ("map-pin-duotone", _("地点")),
    ("map-trifold-duotone", _("区划")),
    ("squares-four-duotone", _("网格")),
    ("building-duotone", _("楼宇")),
    ("door-duotone", _("房间")),
    ("bank-duotone", _("中心")),
    ("house-line-duotone", _("站所")),
    ("flag-duotone", _("基地")),
    ("tent-duotone", _("驿站")),
    ("storefront-duotone", _("店铺")),
    ("books-duotone", _("书屋")),
    ("graduation-cap-duotone", _("学校")),
    ("hospital-duotone", _("医疗")),
    ("television-duotone", _("媒体")),
]
SORTS = [("division", _("区划")), ("site", _("阵地")), ("other", _("其他（楼宇、房间）"))]


class KindForm(forms.Form):
    """One kind of place: what it is, its level, what it may hang under."""

    code = forms.CharField(label=_("代码"), help_text=_("小写字母开头，保存后不能改。"), max_length=30)
    name = forms.CharField(label=_("名称"), max_length=40)
    name_en = forms.CharField(label=_("英文名称"), max_length=60, required=False)
    sort = forms.ChoiceField(label=_("是什么"), choices=SORTS, widget=forms.RadioSelect)
    level = forms.IntegerField(
        label=_("层级"), help_text=_("只有区划有层级，数字小的在上面。"), min_value=1, max_value=999, required=False
    )
    may_be_top = forms.BooleanField(label=_("可以是最上级"), required=False)
    parents = NamedChoices(
        label=_("可以放在哪些类型下面"),
        queryset=PlaceKind.objects.order_by("order"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    icon = forms.ChoiceField(label=_("图标"), choices=ICONS, initial="map-pin-duotone")
    tone = forms.ChoiceField(label=_("颜色"), choices=TONES, initial="ink")

    def __init__(self, *args: Any, kind: PlaceKind | None = None, **kwargs: Any):
        if kind is not None:
            kwargs.setdefault("initial", _as_typed(kind))
        super().__init__(*args, **kwargs)
        if kind is not None:
            del self.fields["code"]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("sort") == "division" and not data.get("level"):
            self.add_error("level", _("请写区划的层级。"))
        return data

    def facts(self) -> dict[str, Any]:
        """The arguments of ``actions.save_kind`` besides code and actor."""
        data = self.cleaned_data
        return {
            **{name: data[name] for name in ("name", "name_en", "may_be_top", "icon", "tone")},
            "level": data["level"] if data["sort"] == "division" else None,
            "is_site": data["sort"] == "site",
            "parents": [kind.pk for kind in data["parents"]],
        }


def _as_typed(kind: PlaceKind) -> dict[str, Any]:
    sort = "division" if kind.is_division else "site" if kind.is_site else "other"
    names = ("name", "name_en", "level", "may_be_top", "icon", "tone")
    return {**{name: getattr(kind, name) for name in names}, "sort": sort, "parents": kind.parents.all()}


class FlagKindForm(forms.Form):
    """One flag that places can carry."""

    code = forms.CharField(label=_("代码"), help_text=_("小写字母开头，保存后不能改。"), max_length=30)
    name = forms.CharField(label=_("名称"), max_length=40)
    name_en = forms.CharField(label=_("英文名称"), max_length=60, required=False)
    group = forms.ChoiceField(label=_("属于"), choices=FlagGroup.choices)
    tone = forms.ChoiceField(label=_("颜色"), choices=TONES, initial="ink")

    def __init__(self, *args: Any, flag: PlaceFlag | None = None, **kwargs: Any):
        if flag is not None:
            names = ("name", "name_en", "group", "tone")
            kwargs.setdefault("initial", {name: getattr(flag, name) for name in names})
        super().__init__(*args, **kwargs)
        if flag is not None:
            del self.fields["code"]
