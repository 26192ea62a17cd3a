"""What a writer of round-ups types: a new one, words in a draft, a template, how papers are headed, why a step is taken."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from huying.cockpit.actions.report_writing import CODE_WORDS, FIRST, LAST, Edit, Wanted, Words
from huying.cockpit.models import Letterhead, Report, ReportTemplate
from huying.cockpit.queries import report_templates
from huying.cockpit.rules.report_notation import WORDS, Sentence, parse
from huying.cockpit.rules.report_saying import period_words
from huying.cockpit.states import ReportState, Stretch
from huying.figures.queries import Period
from huying.kernel import clock
from huying.kernel.errors import DomainError
from huying.places.models import Place
from huying.ui.fields import Line, plain
from huying.ui.naming import named
from huying.ui.widgets import Day

MOST_WORDS = 2000
OUT_OF_RANGE = _("请填 2000 年到 2099 年之间的日子。")
STATES = [("", _("全部状态")), *ReportState.choices]


class ListForm(forms.Form):
    """Which round-ups are listed; a state nobody knows is none."""

    state = forms.ChoiceField(label=_("状态"), choices=STATES, required=False)

    def asked(self) -> str:
        return str(self.cleaned_data["state"]) if self.is_valid() else ""


class NewForm(forms.Form):
    """A round-up to be made. Of a month or year, any of its days names it; other templates need both ends."""

    template = forms.ChoiceField(label=_("用哪个模板"))
    since = forms.DateField(label=_("从哪一天"), widget=Day)
    until = forms.DateField(label=_("到哪一天"), widget=Day, required=False)
    title = Line(label=_("标题"), max_length=120, required=False, help_text=_("不填就用地方、时间和模板的名称"))
    addressed_to = Line(label=_("主送"), max_length=200, required=False, help_text=_("例如：各街道、各实践站"))
    copied_to = Line(label=_("抄送"), max_length=200, required=False, help_text=_("印在最后一页下方，例如：区委宣传部"))
    is_public = forms.BooleanField(label=_("写给公众看"), required=False)

    def __init__(self, *args: Any, place: Place, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.place = place
        self.templates = {one.code: one for one in report_templates.in_force(place)}
        choice = self.fields["template"]
        assert isinstance(choice, forms.ChoiceField)
        choice.choices = [
            (code, f"{named(one)}（{Stretch(one.stretch).label}）") for code, one in self.templates.items()
        ]
        self.fields["since"].initial = last_month
        self.fields["since"].help_text = _("月通报、年报填那个月、那一年里的任意一天就行")
        self.fields["until"].help_text = _("包括这一天；月通报、年报不用填")
        self.fields["is_public"].help_text = _("较小的数会隐去；只能是一个整月或一整年，过完才能锁定")

    def clean(self) -> dict[str, Any]:
        asked = super().clean() or {}
        template, since = self.templates.get(asked.get("template", "")), asked.get("since")
        for name in ("since", "until"):
            if asked.get(name) and not FIRST <= asked[name] < LAST:
                self.add_error(name, OUT_OF_RANGE)
                return asked
        if template is not None and since is not None:
            if template.stretch == Stretch.ANY and not asked.get("until"):
                self.add_error("until", _("这个模板要填到哪一天。"))
            else:
                asked["period"] = stretched(template, since, asked.get("until"))
        return asked

    def wanted(self) -> Wanted:
        """What was typed, as the action takes it."""
        asked = self.cleaned_data
        template, (since, until) = self.templates[asked["template"]], asked["period"]
        words = period_words(Period(since, until)) if since < until else ""
        name = template.name.removeprefix("月") if words.endswith("月") else template.name  # 2026年3月通报
        title = asked["title"] or f"{self.place.name}{words}{name}"[:120]
        facts = {name: asked[name] for name in ("addressed_to", "is_public", "copied_to")}
        return Wanted(template, since, until, title, **facts)


def last_month() -> date:
    return (clock.today().replace(day=1) - timedelta(days=1)).replace(day=1)


def stretched(template: ReportTemplate, since: date, until: date | None) -> tuple[date, date]:
    """First day, and the day after the last."""
    if template.stretch == Stretch.MONTH:
        period = Period.month(since)
    elif template.stretch == Stretch.YEAR:
        period = Period.year(since.year)
    else:
        return since, (until or since) + timedelta(days=1)
    return period.since, period.until


@dataclass(frozen=True, slots=True)
class Shown:
    """What an editor has before him, by number of a block: the template's words that are true now (``told``), their case
    (``cases``), and his own words that are true no longer (``set_back``).
    """

    told: dict[int, str]
    cases: dict[str, str]
    set_back: dict[int, str]


class EditForm(forms.Form):
    """Title, addressees and the words of every sentence; an empty sentence is that of the template again."""

    title = Line(label=_("标题"), max_length=120)
    addressed_to = Line(label=_("主送"), max_length=200, required=False)
    copied_to = Line(label=_("抄送"), max_length=200, required=False)
    edition = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2_000_000_000)
    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=4000)

    def __init__(self, *args: Any, report: Report, shown: Shown, **kwargs: Any):
        kwargs["initial"] = {one: getattr(report, one) for one in ("title", "addressed_to", "copied_to", "edition")}
        kwargs["initial"]["seen"] = " ".join(f"{n}:{case}" for n, case in shown.cases.items())
        super().__init__(*args, **kwargs)
        self.cases: dict[int, tuple[str, ...]] = {}
        for n, block in enumerate(parse(report.template.body)):
            if isinstance(block, Sentence):
                self.cases[n] = tuple(block.cases.values())
                self.fields[f"words_{n}"] = self.sentence(n, report, shown, self.cases[n])

    def sentence(self, n: int, report: Report, shown: Shown, cases: tuple[str, ...]) -> forms.CharField:
        """With the editor's words while they are true, else those of the template; what he wrote stands below then."""
        now = shown.told.get(n) or cases[0]
        field = forms.CharField(
            label=_("第 %(n)d 句") % {"n": len(self.cases)},
            required=False,
            max_length=MOST_WORDS,
            widget=forms.Textarea,
            initial=now if n in shown.set_back else report.overrides.get(str(n), now),
        )
        field.help_text = _("模板：%(words)s") % {"words": " / ".join(cases)}
        if n in shown.set_back:
            was = _("数变了，这一句先恢复成模板的。您原来写的：%(words)s") % {"words": shown.set_back[n]}
            field.help_text = f"{was} {field.help_text}"
        return field

    def edit(self) -> Edit:
        """What was typed; a sentence that is still one of the template's own is not an edit of it."""
        asked = self.cleaned_data
        words = {
            n: text
            for n, cases in self.cases.items()
            if (text := plain(asked[f"words_{n}"]).strip()) and " ".join(text.split()) not in cases
        }
        pairs = (one.partition(":") for one in asked["seen"].split())
        seen = {n: case for n, _colon, case in pairs if n.isdecimal() and case in WORDS}
        return Edit(asked["title"], asked["addressed_to"], words, asked["edition"], seen, asked["copied_to"])


class NewTemplateForm(forms.Form):
    """A template under a code of its own, with the words of one that is there; they are changed on the next page."""

    source = forms.ChoiceField(label=_("照着哪个模板写"))
    name = Line(label=_("名称"), max_length=60, help_text=_("例如：季度综述"))
    name_en = Line(label=_("英文名称"), max_length=80, required=False)
    code = Line(label=_("代码"), max_length=40, help_text=CODE_WORDS)
    stretch = forms.ChoiceField(label=_("写多长时间"), required=False)

    def __init__(self, *args: Any, place: Place, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.templates = {one.code: one for one in report_templates.in_force(place)}
        source: Any = self.fields["source"]
        stretch: Any = self.fields["stretch"]
        source.choices = [(code, named(one)) for code, one in self.templates.items()]
        stretch.choices = [("", _("和照着写的一样")), *Stretch.choices]

    def clean_code(self) -> str:
        code = str(self.cleaned_data["code"])
        if code in self.templates:
            raise forms.ValidationError(
                _("已经有“%(name)s”用这个代码。要改它就去改那个模板，要新的就换个代码。")
                % {"name": named(self.templates[code])}
            )
        return code

    def words(self) -> Words:
        """What was typed, with the text of the source."""
        asked = self.cleaned_data
        source = self.templates[asked["source"]]
        return Words(asked["name"], asked["stretch"] or source.stretch, source.body, asked["name_en"])


class TemplateForm(forms.Form):
    """A template in its notation."""

    name = Line(label=_("名称"), max_length=60)
    name_en = Line(label=_("英文名称"), max_length=80, required=False)
    stretch = forms.ChoiceField(label=_("写多长时间"), choices=Stretch.choices)
    body = forms.CharField(label=_("模板"), widget=forms.Textarea, max_length=20_000, strip=False)
    after = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=2_000_000_000)

    def words(self) -> Words:
        asked = self.cleaned_data
        return Words(asked["name"], asked["stretch"], plain(asked["body"]), asked["name_en"])


class LetterheadForm(forms.Form):
    """How papers are headed."""

    organ = Line(
        label=_("发文机关"), max_length=60, help_text=_("印在第一页上方和落款处，例如：某区新时代文明实践中心")
    )
    letters = Line(label=_("机关代字"), max_length=20, help_text=_("发文字号里年份前面的字，例如：某实发"))

    def __init__(self, *args: Any, head: Letterhead | None, **kwargs: Any):
        if head is not None:
            kwargs["initial"] = {"organ": head.organ, "letters": head.letters}
        super().__init__(*args, **kwargs)


class StepForm(forms.Form):
    """Why a step is taken, where that must be said."""

    reason = Line(label=_("原因"), max_length=300, required=False)


def refused(form: forms.Form, error: DomainError) -> None:
    """Put what an action refused beside the fields it names; the rest on top of the form."""
    known = {name: text for name, text in error.fields.items() if name in form.fields}
    for name, text in known.items():
        form.add_error(name, str(text))
    if not known:
        form.add_error(None, str(error))
