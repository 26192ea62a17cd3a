"""What the pages of figures, call-backs and watching send."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from huying.calls.actions import Heard, ScoreFacts
from huying.calls.actions.calling_back import LARGEST
from huying.calls.actions.excluding import LEAST, MOST
from huying.calls.actions.measuring import MIDDLING
from huying.calls.forms.desk import BoardForm
from huying.calls.forms.words import Words
from huying.calls.models import ScoreRule
from huying.calls.queries import SHARES, Asked
from huying.calls.states import Channel, Ground, Outcome
from huying.kernel import clock
from huying.ui.widgets import Day, Stars

DAYS = 30
LONGEST = timedelta(days=5 * 366)
EARLIEST, LATEST = date(2000, 1, 1), date(2100, 1, 1)
BY_WORDS: dict[str, Promise] = {
    "": _("不分"),
    "place": _("按地方"),
    "kind": _("按服务"),
    "channel": _("按方式"),
    "week": _("按周"),
    "month": _("按月"),
}


def midnight(day: date, later: int = 0) -> datetime:
    return datetime.combine(day + timedelta(days=later), time(), tzinfo=clock.SHANGHAI)


class SpanForm(BoardForm):
    """A place, a kind, and days in China, the last one included; the last thirty days unless said otherwise."""

    channel = forms.ChoiceField(label=_("方式"), choices=[("", _("全部方式")), *Channel.choices], required=False)
    since = forms.DateField(label=_("从"), widget=Day, required=False)
    until = forms.DateField(label=_("到"), widget=Day, required=False)

    def clean(self) -> dict[str, Any]:
        """From may not come after until, and both lie in a time that is known."""
        asked: dict[str, Any] = super().clean() or {}
        for name in ("since", "until"):
            if asked.get(name) and not EARLIEST <= asked[name] <= LATEST:
                self.add_error(name, _("请选 2000 年到 2100 年之间的日子。"))
        if {"since", "until"} & set(self.errors):
            return self.cleaned_data
        since, until = self.days(asked)
        if since > until:
            self.add_error("until", _("结束日期要在开始日期之后。"))
        elif until - since > LONGEST:
            self.add_error("since", _("一次最多看五年。"))
        return asked

    def days(self, asked: dict[str, Any]) -> tuple[date, date]:
        until = asked.get("until") or clock.today()
        return asked.get("since") or min(until, clock.today()) - timedelta(days=DAYS - 1), until

    def span(self) -> tuple[datetime, datetime]:
        """From midnight to midnight; the last thirty days where what was typed is not valid."""
        asked = {} if {"since", "until"} & set(self.errors) else self.cleaned_data
        since, until = self.days(asked)
        return midnight(since), midnight(until, 1)


class FiguresForm(SpanForm):
    """What is measured and how it is split."""

    by = forms.ChoiceField(label=_("怎么分"), choices=list(BY_WORDS.items()), required=False)
    own = forms.BooleanField(required=False)

    def asked(self) -> Asked:
        since, until = self.span()
        given = self.cleaned_data
        return Asked(
            since,
            until,
            place_path=self.where.path if self.where else "",
            kind=given.get("kind", ""),
            channel=given.get("channel", ""),
            by=given.get("by", ""),
            own=bool(given.get("own")),
        )


class BehindForm(FiguresForm):
    """Which number of the report is opened: a share, whether its whole or its part, and with ``all`` those left out too."""

    share = forms.ChoiceField(choices=[(code, one.name) for code, one in SHARES.items()])
    whole = forms.BooleanField(required=False)
    all = forms.BooleanField(required=False)

    def asked(self) -> Asked:
        return replace(super().asked(), everything=self.cleaned_data["all"])


class DrawForm(SpanForm):
    """How many calls are drawn, from where and from when."""

    size = forms.IntegerField(label=_("抽多少件"), min_value=1, max_value=LARGEST, initial=20)
    place = forms.UUIDField(label=_("地方"))


class CallbackForm(forms.Form):
    """What came of a call-back."""

    outcome = forms.ChoiceField(
        label=_("打通了吗"),
        choices=[(one.value, one.label) for one in Outcome if one != Outcome.WAITING],
        widget=forms.RadioSelect,
    )
    solved = forms.ChoiceField(
        label=_("事情解决了吗"),
        choices=[("yes", _("解决了")), ("no", _("没解决"))],
        widget=forms.RadioSelect,
        required=False,
    )
    score = forms.TypedChoiceField(
        label=_("满意吗"), choices=Stars.WORDS, widget=Stars, coerce=int, empty_value=None, required=False
    )

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        answered = given.get("outcome") == Outcome.ANSWERED
        if answered and not (given.get("solved") and given.get("score")):
            raise ValidationError(_("有答复的，请选解决没解决和满意程度。"))
        return given

    def heard(self) -> Heard:
        """Answers count only with an answer: what was ticked before is dropped when nobody was reached."""
        given = self.cleaned_data
        if given["outcome"] != Outcome.ANSWERED:
            return Heard(given["outcome"])
        return Heard(given["outcome"], given["solved"] == "yes", given["score"])


class ExclusionForm(forms.Form):
    """Why a claim should be left out of the shares."""

    ground = forms.ChoiceField(label=_("属于哪一种"), choices=Ground.choices, widget=forms.RadioSelect)
    reason = Words(
        label=_("理由"),
        min_length=LEAST,
        max_length=MOST,
        help_text=_("写清楚哪里不合理、不合法，复核的人只凭这里写的判断。不写无关的个人情况。"),
    )


class JudgeForm(forms.Form):
    """What is done with an exclusion; a no and undoing say why (``must_say``: the field is not marked as optional)."""

    DO = ("agree", "refuse", "withdraw", "undo")

    do = forms.ChoiceField(choices=[(one, one) for one in DO])
    words = Words(label=_("理由"), min_length=LEAST, max_length=MOST, required=False)

    def __init__(self, *args: Any, must_say: bool, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["words"].required = must_say


class UrgeForm(forms.Form):
    note = Words(label=_("要说的话"), max_length=200, required=False)


class ScoreForm(forms.Form):
    """The weights of a team's score in percent, and what it leans on."""

    rating = forms.IntegerField(label=_("评价"), min_value=0, max_value=100)
    on_time = forms.IntegerField(label=_("按期"), min_value=0, max_value=100)
    accept = forms.IntegerField(label=_("接单"), min_value=0, max_value=100)
    lasting = forms.IntegerField(label=_("没有重办"), min_value=0, max_value=100)
    recorded = forms.IntegerField(label=_("按时补录"), min_value=0, max_value=100)
    prior = forms.IntegerField(label=_("区县均值当几条评价"), min_value=0, max_value=1000)
    least = forms.IntegerField(label=_("至少几条评价才评"), min_value=1, max_value=1000)
    middling = forms.TypedChoiceField(
        label=_("基本满意折算百分之几"), coerce=int, choices=[(one, str(one)) for one in MIDDLING]
    )

    def __init__(self, *args: Any, rule: ScoreRule, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.initial = {name: getattr(rule, name) for name in self.fields}

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        weights = ("rating", "on_time", "accept", "lasting", "recorded")
        if all(name in given for name in weights) and (whole := sum(given[name] for name in weights)) != 100:
            raise ValidationError(_("五项的权重加起来要正好 100，现在是 %(sum)d。"), params={"sum": whole})
        return given

    def facts(self) -> ScoreFacts:
        return ScoreFacts(**self.cleaned_data)
