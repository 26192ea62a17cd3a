"""Forms about one place: its facts, where it hangs, closing, contacts, flags, photos."""

from __future__ import annotations

from dataclasses import fields as dataclass_fields
from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from huying.kernel.errors import DomainError, NotFound
from huying.places import queries
from huying.places.models import Place, PlaceFlag, PlaceKind
from huying.places.rules.values import LENGTHS, Facts
from huying.places.states import Crs, LayerKind
from huying.ui.fields import NamedChoice
from huying.ui.widgets import Day, Phone

ROOM_FIELDS = ("floor", "age_from", "age_to")
SITE_FIELDS = ("capacity", "purpose", "host")
MOST_FOUND = 12


def refuse(form: forms.Form, refusal: DomainError) -> None:
    """Write a refusal of the domain into the form: beside the fields it names, else above the form."""
    placed = False
    called: dict[str, str] = getattr(form, "CALLED", {})
    for theirs, sentence in refusal.fields.items():
        name = called.get(theirs, theirs)
        if name in form.fields:
            form.add_error(name, str(sentence))
            placed = True
    if not placed:
        form.add_error(None, str(refusal))


class PlaceForm(forms.Form):
    """The facts of a place; only what makes sense for its kind is asked. ``seen`` guards against overwriting."""

    name = forms.CharField(label=_("名称"), max_length=LENGTHS["name"])
    name_en = forms.CharField(label=_("英文名称"), max_length=LENGTHS["name_en"], required=False)
    short_name = forms.CharField(label=_("简称"), max_length=LENGTHS["short_name"], required=False)
    code = forms.CharField(
        label=_("区划代码"),
        help_text=_("民政部公布的代码，没有就不填。"),
        max_length=LENGTHS["code"],
        required=False,
    )
    address = forms.CharField(label=_("地址"), max_length=LENGTHS["address"], required=False)
    phone = forms.CharField(label=_("公开电话"), max_length=LENGTHS["phone"], required=False, widget=Phone)
    lon = forms.FloatField(label=_("经度"), help_text=_("73 到 136 之间，如 120.0601"), required=False)
    lat = forms.FloatField(label=_("纬度"), help_text=_("3 到 54 之间，如 30.2702"), required=False)
    crs = forms.ChoiceField(label=_("坐标系"), choices=Crs.choices, initial=Crs.WGS84)
    capacity = forms.IntegerField(label=_("可容纳人数"), required=False)
    floor = forms.CharField(label=_("楼层"), max_length=LENGTHS["floor"], required=False)
    purpose = forms.CharField(label=_("用途"), max_length=LENGTHS["purpose"], required=False)
    age_from = forms.IntegerField(label=_("最小年龄"), required=False)
    age_to = forms.IntegerField(label=_("最大年龄"), required=False)
    host = forms.CharField(label=_("运营单位"), max_length=LENGTHS["host"], required=False)
    opened_date = forms.DateField(label=_("启用日期"), required=False, widget=Day)
    seen = forms.DateTimeField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, kind: PlaceKind, place: Place | None = None, **kwargs: Any):
        self.place = place
        if place is not None:
            known = {field.name: getattr(place, field.name) for field in dataclass_fields(Facts)}
            kwargs.setdefault("initial", {**known, "seen": place.changed_at.isoformat()})
        super().__init__(*args, **kwargs)
        unasked: list[str] = []
        if not kind.is_division:
            unasked += ["code"]
        if kind.pk != "room":
            unasked += ROOM_FIELDS
        if kind.is_division:
            unasked += SITE_FIELDS
        for name in unasked:
            del self.fields[name]

    def facts(self) -> Facts:
        """What was typed; facts that are not asked for this kind stay as they are."""
        known = {field.name: getattr(self.place, field.name) for field in dataclass_fields(Facts) if self.place}
        return Facts(**{**known, **{k: v for k, v in self.cleaned_data.items() if k != "seen"}})

    def seen_at(self) -> datetime | None:
        seen: datetime | None = self.cleaned_data["seen"]
        return seen


class MoveForm(forms.Form):
    """Where to hang a place: search by name, then choose one of what was found. Works without script."""

    to = forms.UUIDField(label=_("移到"), required=False, widget=forms.HiddenInput)
    to_q = forms.CharField(label=_("新的上级"), help_text=_("输入名称、拼音或首字母"), max_length=60, required=False)
    reason = forms.CharField(label=_("原因"), max_length=200, required=False)

    def __init__(self, *args: Any, kind: PlaceKind, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.kind = kind
        self.parent: Place | None = None
        self.found: list[Place] = []

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        key: UUID | None = data.get("to")
        if key is not None:
            try:
                self.parent = queries.by_public_id(key)
            except NotFound:
                raise ValidationError(_("没有这个地方，请重新选择。")) from None
            return data
        words = data.get("to_q", "")
        parents = list(self.kind.parents.values_list("pk", flat=True))
        self.found = list(queries.search(words, kinds=parents)[:MOST_FOUND]) if words else []
        self.add_error("to_q", _("请在下面选一处。") if self.found else _("没有找到，请换个说法再找。"))
        return data


class ReasonForm(forms.Form):
    """Why something is done; optional."""

    reason = forms.CharField(label=_("原因"), max_length=200, required=False)


class CloseForm(forms.Form):
    """Why and since when a place is out of use."""

    reason = forms.CharField(label=_("停用原因"), max_length=200)
    on = forms.DateField(label=_("停用日期"), help_text=_("不填就是今天"), required=False, widget=Day)


class ContactForm(forms.Form):
    """A contact. On a change an empty number keeps the one that is there: a sealed one is never shown."""

    role = forms.CharField(label=_("职务"), max_length=40)
    name = forms.CharField(label=_("姓名"), max_length=60)
    phone = forms.CharField(label=_("电话"), max_length=40, required=False, widget=Phone)
    is_public = forms.BooleanField(
        label=_("对外公开"), help_text=_("不公开的号码加密保存，查看要写明原因。"), required=False
    )
    drop_phone = forms.BooleanField(label=_("删去原来的号码"), required=False)

    def __init__(self, *args: Any, changing: bool = False, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.changing = changing
        if changing:
            self.fields["phone"].help_text = _("不填就保留原来的号码")
        else:
            del self.fields["drop_phone"]

    def phone_given(self) -> str | None:
        """The number; None keeps the present one."""
        typed: str = self.cleaned_data["phone"]
        keep = self.changing and not typed and not self.cleaned_data["drop_phone"]
        return None if keep else typed


class FlagForm(forms.Form):
    """Give a place a flag, with its date and reason."""

    flag = NamedChoice(label=_("标记"), queryset=PlaceFlag.objects.none())
    given_date = forms.DateField(label=_("授予日期"), help_text=_("不填就是今天"), required=False, widget=Day)
    reason = forms.CharField(label=_("依据"), max_length=200, required=False)

    def __init__(self, *args: Any, flags: list[PlaceFlag], **kwargs: Any):
        super().__init__(*args, **kwargs)
        field = self.fields["flag"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = PlaceFlag.objects.filter(pk__in=[flag.pk for flag in flags]).order_by("group", "order")


class PhotoForm(forms.Form):
    """One photo of the place."""

    CALLED = {"upload": "photo"}  # by the kernel, which checks the file

    photo = forms.FileField(
        label=_("照片"),
        help_text=_("照片会对外公开，请不要拍到人脸和证件。"),
        widget=forms.FileInput(attrs={"accept": "image/*"}),
    )


class TableForm(forms.Form):
    """A table of villages or sites."""

    upload = forms.FileField(
        label=_("表格文件"),
        help_text=_("CSV（UTF-8 或 GBK）或 Excel .xlsx，第一行是标题。"),
        widget=forms.FileInput(
            attrs={"accept": ".csv,.xlsx,text/csv,application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
        ),
    )


class LayerForm(forms.Form):
    """A map of the place; source and 审图号 are mandatory (地图管理条例)."""

    kind = forms.ChoiceField(label=_("图层"), choices=LayerKind.choices)
    upload = forms.FileField(
        label=_("GeoJSON 文件"),
        help_text=_("经纬度坐标。范围图层的每个面按代码或名称对应下级区划。"),
        widget=forms.FileInput(attrs={"accept": ".geojson,.json,application/geo+json,application/json"}),
    )
    source = forms.CharField(label=_("边界来源"), help_text=_("如“某某区自然资源局”"), max_length=200)
    approval = forms.CharField(
        label=_("审图号"), help_text=_("印在地图下面；自绘的街区示意图写“示意图”。"), max_length=60
    )
    as_of_date = forms.DateField(label=_("数据截至日期"), widget=Day)
    crs = forms.ChoiceField(label=_("坐标系"), choices=Crs.choices, initial=Crs.WGS84)
