"""What is asked of a board: which days, compared with what, and what colours the map; and the switch of its order."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from huying.cockpit.queries.boards import BY_PLACE
from huying.cockpit.rules.board_periods import Against, Span, Stretch, span, whole
from huying.cockpit.rules.board_scenes import FIRST, SCENES, Scene
from huying.figures.queries import Period
from huying.kernel import clock
from huying.ui.fields import Line
from huying.ui.widgets import Day

EARLIEST = date(2000, 1, 1)
LONGEST = 5 * 366


class BoardForm(forms.Form):
    """This month against the one before, unless something else is asked for. The last day counts."""

    period = forms.ChoiceField(label=_("看多久"), choices=Stretch.choices, required=False)
    on = forms.DateField(label=_("哪一天所在的"), widget=Day, required=False)
    since = forms.DateField(label=_("从"), widget=Day, required=False)
    until = forms.DateField(label=_("到"), widget=Day, required=False)
    against = forms.ChoiceField(label=_("和什么比"), choices=Against.choices, required=False)
    scene = forms.ChoiceField(
        label=_("看哪方面"), choices=[(one.code, one.name) for one in SCENES.values()], required=False
    )
    colour = forms.ChoiceField(choices=[(one, one) for one in BY_PLACE], required=False)

    def clean(self) -> dict[str, Any]:
        """Days that lie in a time that is known, and in order."""
        asked: dict[str, Any] = super().clean() or {}
        for name in ("on", "since", "until"):
            if asked.get(name) and not EARLIEST <= asked[name] <= clock.today():
                self.add_error(name, _("请选 2000 年到今天之间的日子。"))
        since, until = asked.get("since"), asked.get("until")
        if asked.get("period") == Stretch.CUSTOM and not {"since", "until"} & set(self.errors):
            if not since:
                self.add_error("since", _("请选从哪一天开始。"))
            elif since > (until or clock.today()):
                self.add_error("until", _("结束日期要在开始日期之后。"))
            elif ((until or clock.today()) - since).days > LONGEST:
                self.add_error("since", _("一次最多看五年。"))
        return asked

    def span(self) -> Span:
        """What the board shows; this month where what was typed is not valid."""
        asked = {} if self.errors else self.cleaned_data
        stretch, today = Stretch(asked.get("period") or Stretch.MONTH), clock.today()
        if stretch == Stretch.CUSTOM:
            last = asked.get("until") or today
            days = Period(asked["since"], date.fromordinal(last.toordinal() + 1))
        else:
            days = whole(stretch, asked.get("on") or today)
        return span(stretch, days, today, Against(asked.get("against") or Against.PREVIOUS))

    def colour_code(self) -> str:
        """The metric that the map is coloured by."""
        return (None if self.errors else self.cleaned_data.get("colour")) or self.scene_asked().colour

    def scene_asked(self) -> Scene:
        """What the board is looked at for; everything where nothing is asked."""
        return SCENES.get("" if self.errors else self.cleaned_data.get("scene", ""), FIRST)


class RankingForm(forms.Form):
    """The switch and why."""

    ranks = forms.BooleanField(label=_("按按期办结率给下一级单位排序"), required=False)
    reason = Line(label=_("为什么"), max_length=200, help_text=_("会和时间、设置人一起记下来，看驾驶舱的人都能看到"))
