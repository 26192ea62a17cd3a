"""Days that are worked or free at a place against the national calendar: seen, declared and dropped by its administrators."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from huying.kernel import clock, worktime
from huying.kernel.actor import Actor
from huying.kernel.errors import Forbidden, NotFound
from huying.kernel.models.calendar import DayOverride
from huying.kernel.requests import Request, signed_in
from huying.people import rules as people_rules
from huying.people.forms.places import add_place_fields, chosen_place
from huying.people.states import RoleKind
from huying.places.models import Place
from huying.ui.widgets import Day

KEEPERS = (RoleKind.ADMINISTRATOR,)
NAME_FITS = 60


@dataclass(frozen=True)
class Line:
    """One declared day: where it holds ("" everywhere), and whether this actor may drop it."""

    row: DayOverride
    place: Place | None
    mine: bool


class DayForm(forms.Form):
    """One day at one place; the reason is what people read when a deadline moved."""

    day = forms.DateField(label=gettext_lazy("哪一天"), widget=Day)
    working = forms.ChoiceField(
        label=gettext_lazy("这一天"),
        choices=[("no", gettext_lazy("放假")), ("yes", gettext_lazy("上班"))],
        widget=forms.RadioSelect,
        initial="no",
    )
    name = forms.CharField(
        label=gettext_lazy("为什么"), help_text=gettext_lazy("例如：三月三放假、周六调休上班。"), max_length=NAME_FITS
    )

    def __init__(self, actor: Actor, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.actor = actor
        self.place: Place | None = None
        mine = Place.objects.filter(path__in=people_rules.held(actor, KEEPERS)).order_by("depth", "id").first()
        hint = gettext_lazy("您管理的地方，或它下面的一处。")
        add_place_fields(self, label=gettext_lazy("在哪里"), hint=hint, place=mine, required=True)

    def clean_day(self) -> Any:
        day = self.cleaned_data["day"]
        if day < clock.today():
            raise forms.ValidationError(_("这一天已经过去，改了也不影响任何期限。"))
        return day

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"].strip()
        if not name:
            raise forms.ValidationError(_("请写明这一天为什么上班或放假。"))
        return name

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        self.place = chosen_place(self, people_rules.within(self.actor, KEEPERS, "path"))
        return given


def keeper(request: Request) -> Actor:
    """The actor, when he administers a place; Forbidden for everybody else."""
    actor = signed_in(request)
    if not people_rules.held(actor, KEEPERS):
        raise Forbidden(_("假日和调休由业务管理员设定。"))
    return actor


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def listing(request: Request) -> HttpResponse:
    """The coming days by year, and the form to declare one more; POST declares it."""
    actor = keeper(request)
    form = DayForm(actor, request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid() and form.place:
        given = form.cleaned_data
        worktime.override_day(
            actor=actor,
            day=given["day"],
            working=given["working"] == "yes",
            name=given["name"],
            place_path=form.place.path,
        )
        messages.success(request, _("已记下。从现在起算的期限按它走，已经在走的期限不变。"))
        return HttpResponseRedirect(reverse("system:days"), status=303)
    years = [(year, list(lines)) for year, lines in groupby(lines_for(actor), lambda one: one.row.date.year)]
    columns = [{"label": one} for one in (_("日期"), _("在哪里"), _("这一天"), _("为什么"), "")]
    facts = {"form": form, "years": years, "columns": columns}
    return render(request, "config/days.html", facts, status=422 if form.is_bound else 200)


def lines_for(actor: Actor) -> list[Line]:
    """Every coming day that touches the actor's places."""
    held = people_rules.held(actor, KEEPERS)
    rows = worktime.coming_overrides(held, clock.today())
    places = {place.path: place for place in Place.objects.filter(path__in={row.place_path for row in rows})}
    return [
        Line(row, places.get(row.place_path), any(row.place_path.startswith(path) for path in held)) for row in rows
    ]


@require_POST
def drop(request: Request, override_id: int) -> HttpResponse:
    """Let the national calendar speak again for one day."""
    actor = keeper(request)
    mine = people_rules.within(actor, KEEPERS, "place_path")
    row = DayOverride.objects.filter(mine, pk=override_id).first()
    if row is None:
        raise NotFound
    worktime.drop_override(actor=actor, override=row)
    messages.success(request, _("已去掉，从现在起算的期限按全国日历走。"))
    return HttpResponseRedirect(reverse("system:days"), status=303)
