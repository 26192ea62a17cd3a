"""What the desk sends: filters of board and list, who is asked to help, which call a duplicate joins."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from huying.calls import queries
from huying.calls.queries.board import ONLY, Filters
from huying.calls.queries.listing import DATED, SORTS, Wanted
from huying.calls.states import COLUMNS, Level, State
from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.places.models import Place
from huying.ui.widgets import Day

MOST_ASKED = 50
PASSING = {State.DRAFT, State.RATED, State.AUTO_RATED}
"""States in which nothing on the desk rests."""
STATES: list[tuple[Any, Any]] = [
    ("", _("全部状态")),
    ("open", _("没有办结的")),
    *((code, name) for code, (name, _tone, _states) in COLUMNS.items()),
    (_("单个状态"), [(f"={state.value}", state.label) for state in State if state not in PASSING]),
]
ONLY_WORDS: dict[str, Promise] = {
    "late": _("已超时"),
    "amber": _("时限过半"),
    "due": _("今天到期"),
    "soon": _("一小时内到期"),
    "urgent": _("紧急"),
    "mine": _("该我处理"),
    "today": _("今天提交"),
    "callback": _("要回访"),
}


class BoardForm(forms.Form):
    """Filters of the board; all may stay empty. ``place`` is the public id of a place on the actor's desk."""

    q = forms.CharField(label=_("搜编号、姓名、社区"), max_length=60, required=False)
    only = forms.ChoiceField(choices=[(code, ONLY_WORDS[code]) for code in ONLY], required=False)
    kind = forms.SlugField(label=_("服务"), max_length=40, required=False)
    place = forms.UUIDField(label=_("地方"), required=False)

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any):
        self.actor = actor
        self.where: Place | None = None
        super().__init__(*args, **kwargs)

    def clean_place(self) -> UUID | None:
        """A place outside the actor's desk is unknown to him, like one that does not exist."""
        public_id: UUID | None = self.cleaned_data["place"]
        if public_id is not None:
            self.where = queries.desk_place(self.actor, public_id)
            if self.where is None:
                raise ValidationError(_("没有这个地方，请重新选择。"))
        return public_id

    def filters(self) -> Filters:
        """The filters as asked; those that are not valid are left out (the page says which)."""
        asked = self.cleaned_data
        return Filters(
            words=asked.get("q", ""),
            only=asked.get("only", ""),
            kind=asked.get("kind", ""),
            place_path=self.where.path if self.where else "",
        )


class ListForm(BoardForm):
    """Filters of the list: those of the board, and state, level, dates and order."""

    state = forms.ChoiceField(label=_("状态"), choices=STATES, required=False)
    level = forms.ChoiceField(label=_("现在归谁办"), choices=[("", _("各级")), *Level.choices], required=False)
    late = forms.BooleanField(label=_("只看超时的"), required=False)
    dated = forms.ChoiceField(label=_("日期按"), choices=list(DATED.items()), required=False)
    since = forms.DateField(label=_("从"), widget=Day, required=False)
    until = forms.DateField(label=_("到"), widget=Day, required=False)
    sort = forms.ChoiceField(label=_("排列"), choices=list(SORTS.items()), required=False)
    ring = forms.IntegerField(label=_("呼叫圈"), min_value=1, max_value=2**31, required=False, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        """From may not come after until."""
        asked: dict[str, Any] = super().clean() or {}
        since, until = asked.get("since"), asked.get("until")
        if since and until and since > until:
            self.add_error("until", _("结束日期要在开始日期之后。"))
        return asked

    def wanted(self) -> Wanted:
        """What the list shall hold; days are days in China, the last one included."""
        asked = self.cleaned_data
        return Wanted(
            filters=self.filters(),
            state=asked.get("state", ""),
            level=asked.get("level", ""),
            late=bool(asked.get("late")),
            dated=asked.get("dated") or "created",
            since=_midnight(asked.get("since")),
            until=_midnight(asked.get("until"), 1),
            sort=asked.get("sort") or "newest",
            ring=asked.get("ring"),
        )


def _midnight(day: date | None, later: int = 0) -> datetime | None:
    if day is None or not date(2000, 1, 1) <= day <= date(2100, 1, 1):
        return None
    return datetime.combine(day + timedelta(days=later), time(), tzinfo=clock.SHANGHAI)


class Ids(forms.Field):
    """Public ids sent under one name, as tick boxes or as the value of the button that was pressed."""

    widget = forms.MultipleHiddenInput

    def to_python(self, value: Any) -> list[UUID]:
        sent = value or []
        if len(sent) > MOST_ASKED:
            raise ValidationError(_("一次最多选 %(most)d 个。"), params={"most": MOST_ASKED})
        try:
            return list(dict.fromkeys(UUID(str(one)) for one in sent))
        except ValueError:
            raise ValidationError(_("名单里有认不出的项，请刷新页面再选。")) from None


class DispatchForm(forms.Form):
    """Who is asked to help: volunteers, teams, or both."""

    volunteers = Ids(label=_("志愿者"), required=False)
    teams = Ids(label=_("队伍"), required=False)

    def clean(self) -> dict[str, Any]:
        asked: dict[str, Any] = super().clean() or {}
        if not self.errors and not asked.get("volunteers") and not asked.get("teams"):
            raise ValidationError(_("请先选择派给谁。"))
        return asked


class JoinForm(forms.Form):
    """Which call this one is a duplicate of."""

    of = forms.UUIDField(label=_("并入哪一件"))
