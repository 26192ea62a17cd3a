"""What volunteers, leaders and keepers type about sessions and records of service."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.kernel.errors import InvalidInput
from huying.places.models import Place
from huying.ui.components.forms import summary
from huying.ui.naming import named
from huying.ui.widgets import Clock, Code, Moment
from huying.volunteers import queries
from huying.volunteers.actions import SessionPlan, SheetLine
from huying.volunteers.forms.joining import Line
from huying.volunteers.models import ServiceSession, Team, Volunteer
from huying.volunteers.states import TRANSITIONS, RecordState


class SessionForm(forms.Form):
    """A session: whose and where, what, from when to when."""

    where = forms.ChoiceField(label=_("哪支队伍、在哪里"))
    title = Line(label=_("做什么"), max_length=80, help_text=_("例如：周三为老助餐"))
    category = forms.ChoiceField(label=_("服务类别"), required=False)
    starts_at = forms.DateTimeField(label=_("开始"), widget=Moment)
    ends_at = forms.DateTimeField(label=_("结束"), widget=Moment)
    break_minutes = forms.IntegerField(
        label=_("其中休息、吃饭、路上（分钟）"), min_value=0, max_value=600, initial=0, help_text=_("不计入服务时长")
    )
    content = Line(label=_("服务内容"), max_length=300, required=False)

    def __init__(self, data: Any = None, *, actor: Actor):
        start = clock.local(clock.now()).replace(minute=0, second=0, microsecond=0)
        super().__init__(data, initial={"starts_at": start, "ends_at": start + timedelta(hours=2)})
        self.choices: dict[str, tuple[Team | None, Place]] = {}
        for team in queries.teams_led(actor):
            self.choices[f"t-{team.public_id}"] = (team, team.place)
        for place in queries.kept_places(actor):
            self.choices[f"p-{place.public_id}"] = (None, place)
        self.kinds = {row.code: row for row in queries.categories()}
        where: Any = self.fields["where"]
        where.choices = [(key, in_words(*pair)) for key, pair in self.choices.items()]
        category: Any = self.fields["category"]
        category.choices = [("", _("不分类")), *((row.code, named(row)) for row in self.kinds.values())]

    def plan(self) -> SessionPlan:
        given = self.cleaned_data
        team, place = self.choices[given["where"]]
        return SessionPlan(
            title=given["title"],
            place=place,
            starts_at=given["starts_at"],
            ends_at=given["ends_at"],
            team=team,
            category=self.kinds.get(given["category"]),
            content=given["content"],
            break_minutes=given["break_minutes"],
        )


def in_words(team: Team | None, place: Place) -> str:
    return _("%(team)s（%(place)s）") % {"team": team.name, "place": named(place)} if team else named(place)


class PaperForm(forms.Form):
    """Until when a printed code holds."""

    until = forms.DateTimeField(label=_("纸码有效到"), widget=Moment)


class DigitsForm(forms.Form):
    """The digits from the screen or the paper, and of which session."""

    session = forms.UUIDField(widget=forms.HiddenInput)
    digits = forms.RegexField(r"^\s*(\d[\d\s]{4,10}\d)\s*$", label=_("屏幕或纸上的数字"), widget=Code, max_length=12)

    def clean_digits(self) -> str:
        return "".join(str(self.cleaned_data["digits"]).split())


class TicketForm(forms.Form):
    """The press after a code was read."""

    ticket = forms.CharField(max_length=200, widget=forms.HiddenInput)
    act = forms.ChoiceField(choices=[("in", "in"), ("out", "out")])


class RollForm(forms.Form):
    """The names that were ticked, and whether they come or go."""

    act = forms.ChoiceField(choices=[("in", "in"), ("out", "out")])
    who = forms.TypedMultipleChoiceField(
        label=_("勾选的人"),
        coerce=int,
        required=False,
        error_messages={"invalid_choice": _("里面有一位不在名单上，请重新勾选，或先搜姓名加上。")},
    )

    def __init__(self, data: Any, *, lines: list[queries.RollLine]):
        super().__init__(data)
        self.rows = {line.volunteer.pk: line.volunteer for line in lines}
        who: Any = self.fields["who"]
        who.choices = [(key, key) for key in self.rows]

    def volunteers(self) -> list[Volunteer]:
        return [self.rows[key] for key in self.cleaned_data["who"]]


class SeenForm(forms.Form):
    """Those whom the organiser saw himself, ticked when a session ends."""

    seen = forms.MultipleChoiceField(required=False)

    def __init__(self, data: Any, *, lines: list[queries.RollLine]):
        super().__init__(data)
        self.rows = {str(line.volunteer.public_id): line.volunteer for line in lines}
        seen: Any = self.fields["seen"]
        seen.choices = [(key, key) for key in self.rows]

    def clean_seen(self) -> list[Volunteer]:
        return [self.rows[key] for key in self.cleaned_data["seen"]]


class SheetLineForm(forms.Form):
    """One line of the paper: from, to, rest; all empty when the person is not on the paper."""

    starts = forms.TimeField(label=_("从"), widget=Clock, required=False)
    ends = forms.TimeField(label=_("到"), widget=Clock, required=False)
    rest = forms.IntegerField(label=_("休息分钟"), min_value=0, max_value=600, required=False)

    def __init__(self, data: Any, *, volunteer: Volunteer, session: ServiceSession, initial: dict[str, Any]):
        self.volunteer, self.session = volunteer, session
        super().__init__(data, prefix=f"v{volunteer.pk}", initial=initial)

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        for name, other in (("starts", "ends"), ("ends", "starts")):
            if given.get(other) is not None and given.get(name) is None and name not in self.errors:
                self.add_error(name, _("从几点、到几点都要写。"))
        if given.get("rest") and given.get("starts") is None and "starts" not in self.errors:
            self.add_error("starts", _("写了休息，也要写从几点、到几点；不在表上就都清空。"))
        return given

    def problems(self) -> list[tuple[str, str]]:
        """(id of the field, sentence that names the person) for every fault of this line, for the summary on top."""
        name = self.volunteer.person.name
        return [(where, f"{name} · {sentence}") for where, sentence in summary(self)]

    def line(self) -> SheetLine | None:
        """The line with its day; an end before the beginning is after midnight."""
        given = self.cleaned_data
        if given.get("starts") is None:
            return None
        day = clock.local(self.session.starts_at).date()
        start, end = (datetime.combine(day, given[name], clock.SHANGHAI) for name in ("starts", "ends"))
        if end <= start:
            end += timedelta(days=1)
        return SheetLine(self.volunteer, start, end, given.get("rest") or 0)


class StepForm(forms.Form):
    """What a step with a record needs: a reason, for some also other times."""

    reason = Line(label=_("理由"), max_length=300, required=False)
    minutes = forms.IntegerField(label=_("服务时长（分钟）"), min_value=0, max_value=1440, required=False)
    starts_at = forms.DateTimeField(label=_("开始"), widget=Moment, required=False)
    ends_at = forms.DateTimeField(label=_("结束"), widget=Moment, required=False)
    none = forms.BooleanField(label=_("这次服务没有发生，收回全部时长"), required=False)

    def corrected_minutes(self) -> int:
        """How many minutes a correction leaves; 0 only where it is ticked that nothing took place. InvalidInput."""
        minutes, none = self.cleaned_data["minutes"], self.cleaned_data["none"]
        if none:
            return 0
        if not minutes:
            raise InvalidInput(_("请写改成多少分钟；这次服务没有发生的，请勾选“收回全部时长”。"))
        return int(minutes)

    @classmethod
    def for_step(cls, verb: str, initial: dict[str, Any]) -> StepForm:
        """The empty form of one step, with ids of its own, since several stand on one page."""
        form = cls(initial=initial, auto_id=f"{verb}-%s")
        form.fields["reason"].required = "reason" in TRANSITIONS[verb].needs
        return form


class QueueForm(forms.Form):
    """The records ticked for confirming, by their public ids."""

    who = forms.TypedMultipleChoiceField(
        label=_("勾选的记录"),
        coerce=UUID,
        required=False,
        error_messages={"invalid_choice": _("里面有一条认不出，请重新勾选再确认。")},
    )

    def __init__(self, data: Any, *, ids: list[str]):
        super().__init__(data)
        who: Any = self.fields["who"]
        who.choices = [(key, key) for key in ids]


class RecordsForm(forms.Form):
    """Filters of the list of records."""

    q = Line(label=_("姓名"), max_length=40, required=False)
    state = forms.ChoiceField(label=_("状态"), choices=[("", _("全部状态")), *RecordState.choices], required=False)
    late = forms.BooleanField(label=_("只看超过 10 个工作日登记的"), required=False)


class YearForm(forms.Form):
    """One year of one's own records."""

    year = forms.IntegerField(min_value=2000, max_value=2100, required=False)
