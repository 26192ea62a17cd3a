"""Reasons, other times, results, pictures: what goes with a step."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from huying.activities import queries
from huying.activities.actions import CountedAtDoor, PhotoFacts, ResultFacts, SameTwice
from huying.activities.models import Result, Session
from huying.activities.states import COUNTED_UNIT, Measure, Source
from huying.kernel import clock
from huying.kernel.errors import DomainError
from huying.places.models import Place
from huying.ui.naming import named
from huying.ui.widgets import Moment

ROWS = 5


def refused(form: forms.Form, error: DomainError) -> None:
    """What an action refused, beside the field it names (``called``: as this form calls it), else on top."""
    called: dict[str, str] = getattr(form, "called", {})
    for field, text in dict(error.fields).items() or [("", str(error))]:
        name = called.get(field, field)
        form.add_error(name if name in form.fields else None, str(text))


class ReasonForm(forms.Form):
    """Why; those who signed up read it."""

    reason = forms.CharField(label=_("原因"), max_length=200, widget=forms.Textarea)


class CopyForm(forms.Form):
    """When the copy begins."""

    starts_at = forms.DateTimeField(label=_("什么时候开始"), widget=Moment)
    is_template = forms.BooleanField(label=_("存成模板，不是一次活动"), required=False)

    def __init__(self, data: Any):
        soon = clock.local(clock.now() + timedelta(days=7)).replace(minute=0)
        super().__init__(data, initial={"starts_at": soon.replace(tzinfo=None)})


class MoveForm(forms.Form):
    """Another time or another place for one session, or one more session."""

    starts_at = forms.DateTimeField(label=_("开始"), widget=Moment)
    ends_at = forms.DateTimeField(label=_("结束"), widget=Moment)
    venue = forms.ChoiceField(label=_("场地"), required=False)
    where = forms.CharField(label=_("具体地点"), max_length=120, required=False)
    reason = forms.CharField(label=_("为什么改"), max_length=200, required=False)

    def __init__(self, data: Any, *, venues: list[Place], session: Session | None = None):
        super().__init__(data, initial=times_of(session) if session else {})
        self.venues = {str(one.public_id): one for one in venues}
        if session is not None and session.venue is not None:
            self.venues.setdefault(str(session.venue.public_id), session.venue)
        field: Any = self.fields["venue"]
        field.choices = [("", _("不用预订场地")), *((key, named(one)) for key, one in self.venues.items())]

    def place(self) -> Place | None:
        return self.venues.get(self.cleaned_data["venue"])


def times_of(session: Session) -> dict[str, Any]:
    """A session as the fields show it."""
    venue = session.venue
    return {
        "starts_at": clock.local(session.starts_at).replace(tzinfo=None),
        "ends_at": clock.local(session.ends_at).replace(tzinfo=None),
        "venue": str(venue.public_id) if venue else "",
        "where": session.where,
    }


class ResultsForm(forms.Form):
    """Five rows of amounts, each with its own unit; empty rows are left out."""

    def __init__(self, data: Any, *, results: list[Result]):
        super().__init__(data)
        self.units = {one.code: one for one in queries.units({one.unit_id for one in results})}
        entered = [one for one in results if one.source == Source.ENTERED]
        self.counted = {(one.measure, one.what, one.unit.code): one for one in results if one.source == Source.COUNTED}
        for number in range(max(ROWS, len(entered) + 1)):
            self.add_row(number, entered[number] if number < len(entered) else None)

    def add_row(self, number: int, row: Result | None) -> None:
        measures = [(one.value, one.label) for one in Measure]
        units = [(code, named(one)) for code, one in self.units.items()]
        self.fields[f"measure_{number}"] = forms.ChoiceField(
            label=_("算什么"), choices=measures, initial=row.measure if row else Measure.OUTPUT, required=False
        )
        self.fields[f"what_{number}"] = forms.CharField(
            label=_("是什么"), max_length=60, required=False, initial=row.what if row else ""
        )
        self.fields[f"amount_{number}"] = forms.DecimalField(
            label=_("多少"),
            min_value=Decimal(0),
            max_digits=12,
            decimal_places=2,
            required=False,
            initial=f"{row.amount:.{row.unit.digits}f}" if row else None,
        )
        self.fields[f"unit_{number}"] = forms.ChoiceField(
            label=_("单位"), choices=units, required=False, initial=row.unit.code if row else COUNTED_UNIT
        )

    @property
    def rows(self) -> list[list[forms.BoundField]]:
        """The bound fields, row by row."""
        names = ("measure", "what", "amount", "unit")
        count = len(self.fields) // len(names)
        return [[self[f"{name}_{number}"] for name in names] for number in range(count)]

    def clean(self) -> dict[str, Any]:
        """Each thing is counted in one row: the later of two that say the same is named, and what the door counted."""
        given: dict[str, Any] = super().clean() or {}
        seen = set()
        for number in range(len(self.fields) // 4):
            measure, what, unit = (given.get(f"{name}_{number}") or "" for name in ("measure", "what", "unit"))
            row = (measure, what, unit)
            if given.get(f"amount_{number}") is None:
                continue
            if row in seen:
                self.add_error(f"what_{number}", str(SameTwice.message))
            if found := self.counted.get(row):
                counted = f"{found.get_measure_display()} · {named(found.unit)}"
                self.add_error(f"what_{number}", str(CountedAtDoor(what=counted)))
            seen.add(row)
        return given

    def facts(self) -> list[ResultFacts]:
        """The rows with an amount."""
        given, found = self.cleaned_data, []
        for number in range(len(self.fields) // 4):
            amount = given.get(f"amount_{number}")
            if amount is not None:
                measure = Measure(given.get(f"measure_{number}") or Measure.OUTPUT)
                unit = self.units[given.get(f"unit_{number}") or COUNTED_UNIT]
                found.append(ResultFacts(measure, amount, unit, given.get(f"what_{number}", "").strip()))
        return found


class PhotoForm(forms.Form):
    """A picture, who can be known in it, and how they agreed."""

    photo = forms.ImageField(label=_("照片"))
    shows_people = forms.BooleanField(label=_("能认出照片里的人"), required=False)
    shows_children = forms.BooleanField(label=_("里面有未满 14 周岁的孩子"), required=False)
    consent = forms.CharField(
        label=_("怎样征得同意的"),
        max_length=200,
        required=False,
        help_text=_("例如：开场时说明，都点头同意；孩子由家长签字。"),
    )
    is_public = forms.BooleanField(label=_("公开展示"), required=False)

    def facts(self) -> PhotoFacts:
        given = self.cleaned_data
        people = given["shows_people"] or given["shows_children"]
        return PhotoFacts(people, given["shows_children"], given["consent"], given["is_public"])
