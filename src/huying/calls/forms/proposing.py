"""What the page of a proposal sends: which place, which step, which helper instead."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from huying.calls import queries
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
