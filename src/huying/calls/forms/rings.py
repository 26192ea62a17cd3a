"""One ring of the widening, and sending a call out."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from huying.calls.actions.widening import MOST_SEATS
from huying.calls.forms.menu import LONGEST, MINUTES
from huying.calls.forms.words import Line
from huying.calls.models import Call, Clock, Ring
from huying.calls.states import Asks, Level
from huying.places.models import Place
from huying.ui.fields import NamedChoice
from huying.ui.widgets import Moment
from huying.volunteers import queries as volunteer_queries
from huying.volunteers.models import TeamKind

NEEDS_KIND = {Asks.PARTNERS, Asks.DUTY}


class RingForm(forms.Form):
    """A ring of one place, or of all places that have none of their own."""

    place = NamedChoice(
        label=_("哪里用"),
        queryset=Place.objects.none(),
        to_field_name="public_id",
        required=False,
        empty_label=_("所有没有另设的地方"),
    )
    order = forms.IntegerField(label=_("第几圈"), min_value=1, max_value=99)
    name = Line(label=_("名称"), max_length=20)
    name_en = Line(label=_("英文名称"), max_length=40, required=False)
    asks = forms.ChoiceField(label=_("问谁"), choices=Asks.choices)
    team_kind = NamedChoice(
        label=_("哪一类队伍"),
        queryset=TeamKind.objects.none(),
        to_field_name="code",
        required=False,
        empty_label=_("不限"),
        help_text=_("问共建单位、请值班队伍兜底时要选。"),
    )
    reach_km = forms.IntegerField(
        label=_("多远以内（公里）"),
        min_value=1,
        max_value=500,
        required=False,
        help_text=_("问邻近镇街时填了它，就不按上下级、只按远近找。"),
    )
    per_seat = forms.IntegerField(label=_("缺一个人同时问几位"), min_value=1, max_value=50, initial=3)
    amount = forms.IntegerField(
        label=_("问多久"), min_value=1, max_value=LONGEST, required=False, help_text=_("不填就一直问下去。")
    )
    unit = forms.ChoiceField(
        label=_("单位"), choices=[("minutes", _("分钟")), ("hours", _("小时")), ("days", _("天"))], initial="hours"
    )
    mode = forms.ChoiceField(
        label=_("怎么算"),
        choices=[
            (Clock.Mode.WORKING, _("工作时间")),
            (Clock.Mode.SITE, _("站点自己的开放时间")),
            (Clock.Mode.NATURAL, _("自然时间，日夜连算")),
        ],
        widget=forms.RadioSelect,
        initial=Clock.Mode.WORKING,
    )
    urgent_minutes = forms.IntegerField(
        label=_("紧急的问几分钟"),
        min_value=1,
        max_value=LONGEST,
        required=False,
        help_text=_("紧急的求助日夜连算；不填就和平常一样。"),
    )
    level = forms.ChoiceField(label=_("这一圈起归谁办"), choices=[("", _("不变")), *Level.choices], required=False)
    duty = forms.BooleanField(
        label=_("单位必须答复"),
        required=False,
        help_text=_("队伍和单位来不了要写原因，不答复就升一级。志愿者从不要求。"),
    )

    def __init__(self, *args: Any, places: list[Place], general: bool = True, **kwargs: Any):
        """``general``: may set rings that hold wherever there are no others."""
        super().__init__(*args, **kwargs)
        place: Any = self.fields["place"]
        place.required = not general
        place.empty_label = place.empty_label if general else None
        place.queryset = Place.objects.filter(pk__in=[one.pk for one in places]).order_by("depth", "sort_key", "id")
        kind: Any = self.fields["team_kind"]
        kind.queryset = volunteer_queries.team_kinds()

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        if given.get("asks") in NEEDS_KIND and not given.get("team_kind"):
            self.add_error("team_kind", _("请选是哪一类队伍。"))
        if given.get("unit") == "days" and given.get("mode") != Clock.Mode.NATURAL:
            self.add_error("unit", _("工作时间请按小时写，例如一个工作日写 8 小时。"))
        if (given.get("amount") or 0) * MINUTES.get(given.get("unit", ""), 1) > LONGEST:
            self.add_error("amount", _("最长一年。"))
        return given

    def filled(self, ring: Ring | None) -> Ring:
        """The ring with what was typed, not saved."""
        made, given = ring or Ring(), dict(self.cleaned_data)
        amount, unit = given.pop("amount"), given.pop("unit")
        made.minutes = amount * MINUTES[unit] if amount else None
        if given["asks"] not in NEEDS_KIND:
            given["team_kind"] = None
        if given["asks"] != Asks.NEIGHBOURS:
            given["reach_km"] = None
        for name, value in given.items():
            setattr(made, name, value)
        return made


def ring_values(ring: Ring) -> dict[str, Any]:
    """First values for changing a ring, the time in the largest unit that fits."""
    plain = ("order", "name", "name_en", "asks", "reach_km", "per_seat", "mode", "urgent_minutes")
    kept = {name: getattr(ring, name) for name in plain}
    units = [("days", 1440)] * (ring.mode == Clock.Mode.NATURAL) + [("hours", 60), ("minutes", 1)]
    minutes = ring.minutes or 0
    unit, size = next((name, size) for name, size in units if minutes % size == 0)
    return {
        **kept,
        "place": ring.place.public_id if ring.place else None,
        "team_kind": ring.team_kind.code if ring.team_kind else None,
        "level": ring.level,
        "duty": ring.duty,
        "amount": minutes // size or None,
        "unit": unit if minutes else "hours",
    }


class WidenForm(forms.Form):
    """How many are sought when a call is sent out; of one that a place raised, until when."""

    people = forms.IntegerField(label=_("一共要几个人"), min_value=1, max_value=MOST_SEATS)
    until = forms.DateTimeField(label=_("最晚什么时候到"), widget=Moment, required=False)

    def __init__(self, data: Any = None, *, call: Call):
        super().__init__(data, initial={"people": call.people_needed, "until": call.limit_at})
        if call.raised_for_id is None:
            del self.fields["until"]
