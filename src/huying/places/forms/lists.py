"""Filters of lists and reports, sent by GET. A filter that makes no sense is said, and left out."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from huying.kernel.errors import NotFound
from huying.places import queries
from huying.places.models import Place, PlaceFlag, PlaceKind
from huying.places.states import FlagGroup
from huying.ui.fields import NamedChoice
from huying.ui.naming import named


class WithinForm(forms.Form):
    """Which part of the tree a page is about."""

    within = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any):
        self.place: Place | None = None
        super().__init__(*args, **kwargs)

    def clean_within(self) -> UUID | None:
        key: UUID | None = self.cleaned_data["within"]
        if key is not None:
            try:
                self.place = queries.by_public_id(key)
            except NotFound:
                raise ValidationError(_("没有这个地方，请重新选择。")) from None
        return key

    def got(self, name: str) -> Any:
        """A filter that is valid, else None."""
        self.is_valid()
        return self.cleaned_data.get(name) if self.is_bound else None


class ListForm(WithinForm):
    """Filters of the list of places."""

    q = forms.CharField(label=_("名称、拼音或首字母"), max_length=60, required=False)
    kind = forms.ChoiceField(label=_("类型"), required=False)
    flag = forms.ChoiceField(label=_("标记"), required=False)
    closed = forms.BooleanField(label=_("也看停用的"), required=False)

    def __init__(self, *args: Any, kinds: dict[str, PlaceKind], flags: dict[str, PlaceFlag], **kwargs: Any):
        super().__init__(*args, **kwargs)
        _choices(self, "kind", [("", _("全部类型")), *((code, named(kind)) for code, kind in kinds.items())])
        _choices(self, "flag", [("", _("全部标记")), *((code, named(flag)) for code, flag in flags.items())])


class ReachForm(WithinForm):
    """Which service, how far, counted for which kind of place. ``service`` is ``flag:…`` or ``kind:…``."""

    service = forms.ChoiceField(label=_("服务或阵地"))
    target = forms.ChoiceField(label=_("按什么算"))
    minutes = forms.IntegerField(label=_("步行分钟"), min_value=1, max_value=120, initial=15)

    def __init__(self, *args: Any, kinds: dict[str, PlaceKind], flags: dict[str, PlaceFlag], **kwargs: Any):
        super().__init__(*args, **kwargs)
        services = [(f"flag:{f.pk}", named(f)) for f in flags.values() if f.group == FlagGroup.SERVICE]
        sites = [(f"kind:{k.pk}", named(k)) for k in kinds.values() if k.is_site]
        _choices(self, "service", [(_("服务功能"), services), (_("阵地类型"), sites)])
        low = [k for k in kinds.values() if k.is_division and (k.level or 0) >= 40]
        _choices(self, "target", [(k.pk, named(k)) for k in low])

    def asked(self) -> dict[str, str]:
        """The service as the arguments of ``queries.reach``."""
        what, _colon, code = self.cleaned_data["service"].partition(":")
        return {"flag" if what == "flag" else "site_kind": code}


class MapForm(WithinForm):
    """What the map counts and marks: ``flag:…`` or ``kind:…``."""

    what = forms.ChoiceField(label=_("看什么"), required=False)

    def __init__(self, *args: Any, kinds: dict[str, PlaceKind], flags: dict[str, PlaceFlag], **kwargs: Any):
        super().__init__(*args, **kwargs)
        sites = [(f"kind:{k.pk}", named(k)) for k in kinds.values() if k.is_site]
        marks = [(f"flag:{f.pk}", named(f)) for f in flags.values()]
        _choices(self, "what", [("", _("全部阵地")), (_("阵地类型"), sites), (_("标记"), marks)])

    def asked(self) -> dict[str, str]:
        """The choice as the arguments ``kind`` or ``flag``; empty for all sites."""
        what, _colon, code = (self.got("what") or "").partition(":")
        return {what: code} if code else {}


class CoverageRuleForm(forms.Form):
    """Each place of one kind must hold a site of another."""

    container = NamedChoice(
        label=_("每一个"), queryset=PlaceKind.objects.filter(is_division=True).order_by("level", "order")
    )
    site = NamedChoice(label=_("都要有"), queryset=PlaceKind.objects.filter(is_site=True).order_by("order"))


def _choices(form: forms.Form, name: str, choices: list[Any]) -> None:
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)
    field.choices = choices
