"""What is typed about wants and plans."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.places import queries as place_queries
from huying.places.models import Place
from huying.ui.fields import NamedChoice
from huying.ui.naming import named
from huying.ui.widgets import Day
from huying.volunteers import queries
from huying.volunteers.actions import WantFacts
from huying.volunteers.forms.joining import Line, PlaceForm, Skills
from huying.volunteers.models import Team
from huying.volunteers.states import SLOTS, WantState, slot_in_words

STATES = [*WantState.choices, ("all", _("全部"))]


class WantForm(PlaceForm):
    """Whom a team looks for."""

    team = forms.ChoiceField(label=_("哪支队伍"))
    words = Line(label=_("给志愿者的一句话"), max_length=300, help_text=_("做什么、为什么找您、来了先做什么"))
    headcount = forms.IntegerField(label=_("要几个人"), min_value=1, max_value=500)
    skills = Skills(label=_("要会什么"), required=False)
    slots = forms.TypedMultipleChoiceField(
        label=_("每周什么时候"), coerce=int, required=False, widget=forms.CheckboxSelectMultiple
    )
    until_date = forms.DateField(label=_("找到哪一天为止（含当天）"), widget=Day)

    def __init__(self, data: Any = None, *, actor: Actor, team: Team | None = None):
        self.rows: dict[str, Team] = {str(row.public_id): row for row in queries.teams_led(actor)}
        chosen = team or next(iter(self.rows.values()), None)
        near = [chosen.place] if chosen else []
        initial = {"until_date": clock.today() + timedelta(days=30), "headcount": 1}
        super().__init__(data, near=near, initial=initial | {"team": str(chosen.public_id) if chosen else ""})
        self.fields["place"].label = _("在哪里服务（从这里算远近）")
        fields: dict[str, Any] = dict(self.fields)
        fields["team"].choices = [(key, row.name) for key, row in self.rows.items()]
        fields["skills"].fill(queries.skills(actor))
        fields["slots"].choices = [(slot, slot_in_words(slot)) for slot in range(SLOTS)]

    def facts(self) -> WantFacts:
        assert self.where is not None
        given = self.cleaned_data
        return WantFacts(
            team=self.rows[given["team"]],
            place=self.where,
            headcount=given["headcount"],
            words=given["words"],
            until_date=given["until_date"],
            skills=given["skills"],
            slots=given["slots"],
        )


class WantsForm(forms.Form):
    """Filters of the list of wants."""

    q = Line(label=_("队伍"), max_length=40, required=False)
    skill = forms.ChoiceField(label=_("要会什么"), required=False)
    state = forms.ChoiceField(label=_("状态"), choices=STATES, required=False)
    within = forms.UUIDField(required=False)
    team = forms.UUIDField(required=False)

    def __init__(self, data: Any = None):
        super().__init__(data)
        self.fields["skill"].choices = [("", _("都可以")), *((one.code, named(one)) for one in queries.skills())]  # type: ignore[attr-defined]

    def wanted(self) -> dict[str, Any]:
        """What ``queries.wants`` takes; the open ones where nothing else is asked. NotFound for a place nobody knows."""
        given: dict[str, Any] = self.cleaned_data if self.is_valid() else {}
        state = given.get("state") or WantState.OPEN
        within = given.get("within")
        return {
            "words": given.get("q", ""),
            "skill": given.get("skill", ""),
            "state": "" if state == "all" else state,
            "within": place_queries.by_public_id(within) if within else None,
            "team": given.get("team"),
        }


class PlanForm(forms.Form):
    """The place whose wants are weighed."""

    place = NamedChoice(Place.objects.none(), to_field_name="public_id", label=_("地方"), empty_label=None)

    def __init__(self, data: Any = None, *, actor: Actor):
        super().__init__(data)
        self.fields["place"].queryset = queries.places_to_plan(actor)  # type: ignore[attr-defined]


class PlanStep(forms.Form):
    """One press on the page of a plan: the whole of it, or one line."""

    act = forms.ChoiceField(choices=[(one, one) for one in ("confirm", "discard", "strike", "restore")])
    line = forms.UUIDField(required=False)
