"""What is typed on the pages of packs."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from huying.packs.models import PackVersion
from huying.packs.rules.nodes import MOST_BYTES
from huying.packs.states import Status
from huying.ui.fields import Line
from huying.ui.naming import named
from huying.ui.widgets import Day

KEY = r"[a-z][a-z0-9]{0,11}"


class FindForm(forms.Form):
    """Filters of the library; what makes no sense is left out."""

    q = Line(label=_("找什么"), max_length=60, required=False)
    namespace = forms.ChoiceField(label=_("哪里写的"), required=False)
    status = forms.ChoiceField(label=_("给出多少"), choices=[("", _("都可以")), *Status.choices], required=False)

    def __init__(self, data: Any, *, namespaces: list[str]):
        super().__init__(data)
        field: Any = self.fields["namespace"]
        field.choices = [("", _("都可以")), *((one, one) for one in namespaces)]
        self.is_valid()

    def asked(self) -> dict[str, str]:
        """Arguments of ``queries.shelf``."""
        got = self.cleaned_data
        return {"words": got.get("q", ""), "namespace": got.get("namespace", ""), "status": got.get("status", "")}


class LoadForm(forms.Form):
    """A file, or its text; the text stays in the form while it is mended."""

    upload = forms.FileField(label=_("选一个文件"), required=False, help_text=_("YAML 文件，UTF-8，最大 200 KB。"))
    text = forms.CharField(
        label=_("或把内容贴在这里"),
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 18, "spellcheck": "false"}),
        max_length=MOST_BYTES,
    )

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        file = given.get("upload")
        if file is not None:
            if file.size > MOST_BYTES:
                self.add_error("upload", _("文件太大。一个机制包最大 200 KB。"))
                return given
            given["text"] = file.read().decode("utf-8", "replace").removeprefix("\ufeff")
            given["name"] = file.name
        if not given.get("text") and "upload" not in self.errors:
            self.add_error("upload", _("请选一个文件，或贴上内容。"))
        return given


class OnForm(forms.Form):
    """Which pack, until when, and a word of why."""

    pack = forms.ChoiceField(label=_("启用哪个机制包"))
    until = forms.DateField(label=_("到哪天停用"), widget=Day, required=False, help_text=_("长期有效就空着"))
    reason = Line(label=_("说明"), max_length=200, required=False)

    def __init__(self, data: Any, *, versions: list[PackVersion], initial: dict[str, Any]):
        super().__init__(data, initial=initial)
        self.packs = {one.pack.key: one.pack for one in versions}
        field: Any = self.fields["pack"]
        field.choices = [
            (one.pack.key, _("%(name)s（%(key)s）") % {"name": named(one), "key": one.pack.key}) for one in versions
        ]


class OffForm(forms.Form):
    """Why it is switched off."""

    reason = Line(label=_("为什么停用"), max_length=200)


class SetUpForm(forms.Form):
    """What the set-up of a place shall be called as a pack."""

    namespace = forms.RegexField(
        rf"^{KEY}$", label=_("地方的拼音"), max_length=12, help_text=_("小写字母，例如 longyan。")
    )
    code = forms.RegexField(
        r"^[a-z][a-z0-9_]{0,29}$", label=_("代码"), max_length=30, help_text=_("小写字母、数字、下划线。")
    )
    name = Line(label=_("名称"), max_length=60)

    def clean_namespace(self) -> str:
        found: str = self.cleaned_data["namespace"]
        if found == "platform":
            raise ValidationError(_("“platform”是平台自己的名字。"))
        return found
