"""What the page of a proposal sends: which place, which step, which helper instead."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from huying.calls import queries
from huying.calls.models import Proposal
from huying.calls.queries import proposed
from huying.calls.states import LineState
from huying.kernel.actor import Actor
from huying.places.models import Place
from huying.ui.fields import NamedChoice

ACTS = {"confirm": _("确认派出"), "again": _("重新计算"), "discard": _("放弃这份方案")}
LINE_ACTS = {"drop": LineState.DROPPED, "restore": LineState.PROPOSED, "lock": LineState.LOCKED}


class PlaceForm(forms.Form):
    """A place whose open calls are weighed."""

    place = NamedChoice(Place.objects.none(), to_field_name="public_id", label=_("地方"), empty_label=None)

    def __init__(self, *args: Any, actor: Actor, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["place"].queryset = queries.places_to_weigh(actor)  # type: ignore[attr-defined]


class ActForm(forms.Form):
    """One step with the whole proposal."""

    act = forms.ChoiceField(choices=list(ACTS.items()))


class LineForm(forms.Form):
    """One step with one line; without it another helper is chosen (``DispatchForm``)."""

    act = forms.ChoiceField(choices=[(one, one) for one in LINE_ACTS], required=False)


class LinesForm(forms.Form):
    """What one looks for in a proposal; all may stay empty. ``counts``: how many lines are of each state, ``OPEN`` among
    them. ``kept()`` are the filters as they stand in addresses.
    """

    q = forms.CharField(label=_("搜编号、事项、姓名、队伍"), max_length=60, required=False)
    state = forms.ChoiceField(label=_("状态"), required=False)
    kind = forms.SlugField(label=_("服务"), max_length=40, required=False)
    place = forms.UUIDField(label=_("地方"), required=False)
    who = forms.ChoiceField(
        label=_("派给"), choices=[("", _("人和队伍")), ("people", _("个人")), ("teams", _("队伍"))], required=False
    )
    urgent = forms.BooleanField(label=_("只看紧急的"), required=False)

    def __init__(self, *args: Any, proposal: Proposal, counts: Mapping[str, int], **more: Any) -> None:
        super().__init__(*args, **more)
        self.proposal = proposal
        self.where: Place | None = None
        states = [*((state.value, str(state.label)) for state in LineState), (proposed.OPEN, str(_("还没有人")))]
        named = [(code, f"{words} ({counts[code]})") for code, words in states if counts.get(code)]
        asked = self.data.get("state", "")
        named += [(code, words) for code, words in states if code == asked and not counts.get(code)]
        self.fields["state"].choices = [("", _("全部")), *named]  # type: ignore[attr-defined]

    def clean_place(self) -> UUID | None:
        """A place that is not below that of the proposal is unknown here."""
        public_id: UUID | None = self.cleaned_data["place"]
        if public_id is not None:
            self.where = proposed.place_in(self.proposal, public_id)
            if self.where is None:
                raise ValidationError(_("没有这个地方，请重新选择。"))
        return public_id

    def wanted(self) -> proposed.Wanted:
        """As asked; what is not valid is left out (the page says which)."""
        asked = self.cleaned_data
        return proposed.Wanted(
            state=asked.get("state", ""),
            kind=asked.get("kind", ""),
            place_path=self.where.path if self.where else "",
            who=asked.get("who", ""),
            urgent=bool(asked.get("urgent")),
            words=asked.get("q", ""),
        )

    def kept(self) -> dict[str, str]:
        return {name: self.data[name] for name in self.fields if self.data.get(name)}
