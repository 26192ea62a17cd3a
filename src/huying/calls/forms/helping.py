"""What a volunteer looks for among the calls near him."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from huying.calls.models import ServiceKind
from huying.calls.queries.nearby import Sought
from huying.places.models import Place
from huying.ui.naming import named


class SoughtForm(forms.Form):
    """All may stay empty; what is not valid is left out."""

    kind = forms.ChoiceField(label=_("服务"), required=False)
    q = forms.CharField(label=_("搜事项、社区"), max_length=60, required=False)
    every = forms.BooleanField(label=_("技能、时间、路程不合的也看"), required=False)

    def __init__(self, *args: Any, kinds: Iterable[ServiceKind], **more: Any) -> None:
        super().__init__(*args, **more)
        found = [(kind.code, named(kind)) for kind in kinds]
        self.fields["kind"].choices = [("", _("全部服务")), *found]  # type: ignore[attr-defined]

    def sought(self) -> Sought:
        asked = self.cleaned_data
        return Sought(kind=asked.get("kind", ""), words=asked.get("q", ""), every=bool(asked.get("every")))

    def kept(self) -> dict[str, str]:
        return {name: self.data[name] for name in self.fields if self.data.get(name)}


class FromForm(SoughtForm):
    """The same, seen from another place of the neighbourhood, which is sent in the body and not kept."""

    place = forms.ChoiceField(label=_("从哪里看"), help_text=_("选一个大致的地方就行。只用这一次，不保存。"))
    field_order = ("place", "kind", "q", "every")

    def __init__(self, *args: Any, places: Iterable[Place], **more: Any) -> None:
        super().__init__(*args, **more)
        self.places = {str(one.public_id): one for one in places}
        found = [(key, named(one)) for key, one in self.places.items()]
        self.fields["place"].choices = [("", _("请选择")), *found]  # type: ignore[attr-defined]

    def here(self) -> Place:
        return self.places[self.cleaned_data["place"]]
