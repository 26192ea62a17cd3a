"""Rhythm plans: dates and up to eight rules; the name of a season's or a month's theme."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from huying.activities import queries
from huying.activities.actions import PlanFacts, RuleFacts
from huying.activities.models import RhythmPlan, RhythmRule
from huying.activities.states import Span, Wanted
from huying.kernel import clock
from huying.places import queries as place_queries
from huying.places.models import Place
from huying.ui.naming import named
from huying.ui.widgets import Day

ROWS = 6
ANY = ("", _("都可以"))


class PlanForm(forms.Form):
    """A plan: whose, called what, from when until when, and what each beat must have."""

    place = forms.ChoiceField(label=_("哪里的计划"))
    name = forms.CharField(label=_("计划名称"), max_length=60)
    name_en = forms.CharField(label=_("英文名称"), max_length=80, required=False)
    begins = forms.DateField(label=_("从哪天"), widget=Day)
    ends = forms.DateField(label=_("到哪天（含）"), widget=Day)

    def __init__(self, data: Any, *, places: list[Place], plan: RhythmPlan | None = None):
        year = clock.today().year
        initial = {"begins": f"{year}-01-01", "ends": f"{year}-12-31"}
        if plan is not None:
            initial = {"name": plan.name, "name_en": plan.name_en, "begins": str(plan.begins), "ends": str(plan.ends)}
            initial["place"] = str(plan.place.public_id)
            places = [plan.place, *(one for one in places if one.pk != plan.place_id)]
        super().__init__(data, initial=initial)
        self.places = {str(one.public_id): one for one in places}
        known = list(plan.rules.select_related("kind", "theme", "site_kind").order_by("order")) if plan else []
        self.kinds = {one.code: one for one in queries.kinds((one.kind_id for one in known if one.kind_id), places)}
        self.themes = {one.code: one for one in queries.themes((one.theme_id for one in known if one.theme_id), places)}
        self.site_kinds = {key: one for key, one in place_queries.kinds_by_code().items() if one.is_site}
        choose(self, "place", [(key, named(one)) for key, one in self.places.items()])
        for number in range(max(ROWS, len(known) + 1)):
            self.add_row(number, known[number] if number < len(known) else None)

    def add_row(self, number: int, row: RhythmRule | None) -> None:
        wants = [("", _("不用这一行")), *Wanted.choices]
        kinds = [ANY, *((key, named(one)) for key, one in self.kinds.items())]
        themes = [ANY, *((key, named(one)) for key, one in self.themes.items())]
        sites = [("", _("整个辖区合起来")), *((key, named(one)) for key, one in self.site_kinds.items())]
        first: dict[str, Any] = {"minimum": 1}
        if row is not None:
            first = {"every": row.every, "wants": row.wants, "minimum": row.minimum, "site": row.site_kind_id or ""}
            first |= {"kind": row.kind.code if row.kind else "", "theme": row.theme.code if row.theme else ""}
        fields: dict[str, forms.Field] = {
            "every": forms.ChoiceField(label=_("多久"), choices=Span.choices, required=False),
            "wants": forms.ChoiceField(label=_("要有什么"), choices=wants, required=False),
            "minimum": forms.IntegerField(label=_("至少几场"), min_value=1, max_value=50, required=False),
            "kind": forms.ChoiceField(label=_("类别"), choices=kinds, required=False),
            "theme": forms.ChoiceField(label=_("主题"), choices=themes, required=False),
            "site": forms.ChoiceField(label=_("在哪里数"), choices=sites, required=False),
        }
        for name, field in fields.items():
            field.initial = first.get(name)
            self.fields[f"{name}_{number}"] = field

    @property
    def rows(self) -> list[list[forms.BoundField]]:
        """The bound fields of the rules, row by row."""
        names = ("every", "wants", "minimum", "kind", "theme", "site")
        count = sum(name.startswith("every_") for name in self.fields)
        return [[self[f"{name}_{number}"] for name in names] for number in range(count)]

    def facts(self) -> PlanFacts:
        given = self.cleaned_data
        rules = [self.rule(number) for number in range(len(self.rows)) if given.get(f"wants_{number}")]
        dates = given["begins"], given["ends"]
        return PlanFacts(self.places[given["place"]], given["name"], *dates, rules, given["name_en"])

    def rule(self, number: int) -> RuleFacts:
        given = self.cleaned_data
        return RuleFacts(
            every=Span(given.get(f"every_{number}") or Span.WEEK),
            wants=Wanted(given[f"wants_{number}"]),
            minimum=given.get(f"minimum_{number}") or 1,
            kind=self.kinds.get(given.get(f"kind_{number}", "")),
            theme=self.themes.get(given.get(f"theme_{number}", "")),
            site_kind=self.site_kinds.get(given.get(f"site_{number}", "")),
        )


class FocusForm(forms.Form):
    """The name of the theme of one beat."""

    every = forms.ChoiceField(choices=Span.choices)
    day = forms.DateField()
    title = forms.CharField(label=_("主题"), max_length=60, required=False)
    title_en = forms.CharField(max_length=80, required=False)


def choose(form: forms.Form, name: str, choices: list[tuple[str, str]]) -> None:
    field: Any = form.fields[name]
    field.choices = choices
