"""Tickets of a hotline: the table, what to do with each ticket, and the days of a reply."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from huying.calls.forms.resident import place_in_words
from huying.calls.forms.words import Line
from huying.calls.queries.hotline import Plan, Planned
from huying.calls.states import Decision
from huying.kernel import clock
from huying.places.models import Place
from huying.ui.widgets import Day

TABLES = ".csv,.xlsx,text/csv,application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
USUAL_SOURCE = "12345"


class TicketsForm(forms.Form):
    """A table of tickets for one of the ``areas`` where its reader is on duty."""

    source = Line(label=_("哪条热线"), max_length=20, initial=USUAL_SOURCE)
    place = forms.ChoiceField(label=_("收进哪个范围"), widget=forms.RadioSelect)
    upload = forms.FileField(
        label=_("工单表格"),
        help_text=_("CSV（UTF-8 或 GBK）或 Excel .xlsx，第一行是标题，一次最多 200 件。"),
        widget=forms.FileInput(attrs={"accept": TABLES}),
    )

    def __init__(self, *args: Any, areas: list[Place], **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.areas = {str(one.public_id): one for one in areas}
        field: Any = self.fields["place"]
        field.choices = [(key, place_in_words(one)) for key, one in self.areas.items()]
        field.initial = next(iter(self.areas), "")

    @property
    def area(self) -> Place:
        """The place that was chosen."""
        return self.areas[self.cleaned_data["place"]]


class DecisionsForm(forms.Form):
    """One choice for each ticket that is not here yet: ``row_<number>``; a sure repeat begins with the call it repeats."""

    def __init__(self, *args: Any, plan: Plan, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.plan = plan
        for ticket in plan.fresh:
            choices = ways(ticket)
            same = next((key for key, _words in choices if key.startswith("same:")), "")
            self.fields[f"row_{ticket.row}"] = forms.ChoiceField(
                label=gettext("第 %(row)s 行怎么办") % {"row": ticket.row},
                choices=choices,
                widget=forms.RadioSelect,
                initial=same if ticket.sure else str(Decision.NEW),
            )

    def decisions(self) -> dict[int, str]:
        """Row -> what was chosen."""
        return {ticket.row: self.cleaned_data[f"row_{ticket.row}"] for ticket in self.plan.fresh}

    def field_of(self, ticket: Planned) -> forms.BoundField:
        return self[f"row_{ticket.row}"]


def ways(ticket: Planned) -> list[tuple[str, str]]:
    """What may be done with a ticket, as the buttons say it."""
    found = [(str(Decision.NEW), gettext("新建一件求助"))]
    for call in ticket.like:
        words = {"number": call.number, "title": call.title, "state": call.get_state_display()}
        found.append((f"same:{call.public_id}", gettext("同一件事：%(number)s %(title)s（%(state)s）") % words))
    if ticket.twin is not None:
        found.append((f"row:{ticket.twin}", gettext("和第 %(row)s 行是同一件事") % {"row": ticket.twin}))
    return [*found, (str(Decision.SKIP), gettext("不收，由热线另办"))]


class DaysForm(forms.Form):
    """From which day to which, both included; the last thirty days when nothing was chosen."""

    since = forms.DateField(label=_("从"), widget=Day, required=False)
    until = forms.DateField(label=_("到"), widget=Day, required=False)

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        since, until = given.get("since"), given.get("until")
        if since and until and until < since:
            self.add_error("until", _("结束日期早于开始日期。"))
        return given

    def span(self) -> tuple[datetime, datetime]:
        """Half-open, in China's days."""
        until: date = self.cleaned_data.get("until") or clock.today()
        since: date = self.cleaned_data.get("since") or until - timedelta(days=30)
        day = timedelta(days=1)
        return (
            datetime.combine(since, time(), tzinfo=clock.SHANGHAI),
            datetime.combine(until, time(), tzinfo=clock.SHANGHAI) + day,
        )
