"""The answer to an offer: yes (a team says with how many), later at a time that is still in time, or no."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from huying.calls.forms.words import Words
from huying.calls.models import Offer
from huying.calls.queries.raising import goods_of
from huying.calls.states import Excuse
from huying.kernel import clock
from huying.ui import when

DO = ("accept", "later", "decline", "stand_by", "step_back")
REASONS = [*Excuse.choices, ("other", _("别的原因"))]
"""Why a unit may say no without anything counting against it; the rest is told in words."""
MORNING = 8


class OfferForm(forms.Form):
    """``do`` is the button pressed; the other fields belong to one button each."""

    do = forms.ChoiceField(choices=[(one, one) for one in DO])
    seats = forms.IntegerField(label=_("来几个人"), min_value=1, max_value=2000, required=False)
    at = forms.ChoiceField(label=_("什么时候再问您"), required=False, widget=forms.RadioSelect)
    why = forms.ChoiceField(label=_("来不了的原因"), choices=REASONS, required=False, widget=forms.RadioSelect)
    words = Words(label=_("再说明一句"), max_length=200, required=False)

    def __init__(self, *args: Any, offer: Offer, **kwargs: Any):
        self.offer = offer
        super().__init__(*args, **kwargs)
        at: Any = self.fields["at"]
        self.times = times_before(offer.answer_due_at)
        at.choices = [(code, when.moment_text(moment, clock.now())) for code, moment in self.times.items()]
        self.lines = goods_of(offer.call)
        for line in self.lines:
            words = {"name": line.good.name, "unit": line.good.unit, "n": line.free}
            self.fields[f"goods_{line.good.order}"] = forms.IntegerField(
                label=_("带%(name)s几%(unit)s") % words,
                help_text=_("还差 %(n)d %(unit)s；没有就空着。") % words,
                min_value=0,
                max_value=line.good.amount,
                required=False,
            )
        self.fields["seats"].initial = min(5, max(1, offer.call.people_needed - offer.call.accepted_count))

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        if given.get("do") == "later" and "at" not in self.errors and not given.get("at"):
            self.add_error("at", _("请选一个时间。"))
        if given.get("do") == "decline" and self.offer.must_answer:
            if not given.get("why"):
                self.add_error("why", _("请选一个原因。"))
            elif given["why"] == "other" and not given.get("words"):
                self.add_error("words", _("请写一句原因。"))
        return given

    @property
    def goods_fields(self) -> list[forms.BoundField]:
        """One for each line of goods, for the template."""
        return [self[f"goods_{line.good.order}"] for line in self.lines]

    def given(self) -> dict[str, Any]:
        """Arguments of the action that the pressed button stands for."""
        asked = self.cleaned_data
        if asked["do"] == "accept":
            brought = {line.good.order: asked.get(f"goods_{line.good.order}") or 0 for line in self.lines}
            return {"seats": asked.get("seats") or 0, "goods": brought}
        if asked["do"] == "later":
            return {"at": self.times[asked["at"]]}
        if asked["do"] == "decline" and self.offer.must_answer:
            return {"excuse": "" if asked["why"] == "other" else asked["why"], "reason": asked["words"]}
        return {}


def times_before(due: datetime | None) -> dict[str, datetime]:
    """When one may be asked again: soon, in some hours, tomorrow morning; only what the answer has time for, by code."""
    now = clock.now()
    wanted = {f"{minutes}m": now + timedelta(minutes=minutes) for minutes in (30, 60, 180)}
    wanted["morning"] = (clock.local(now) + timedelta(days=1)).replace(hour=MORNING, minute=0, second=0, microsecond=0)
    return {code: at for code, at in wanted.items() if due is None or at < due}
