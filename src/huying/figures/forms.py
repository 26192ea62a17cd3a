"""What a keeper of figures types: a reported number with its source, a check of such numbers."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from huying.figures import queries
from huying.figures.actions import Report
from huying.figures.models import ReportedFigure
from huying.figures.rules.words import NotANumber
from huying.figures.states import CheckKind, FileKind, Rhythm, Split
from huying.figures.states.feeds import Keep
from huying.kernel import clock
from huying.kernel.errors import DomainError
from huying.ui.fields import Line, plain
from huying.ui.naming import named
from huying.ui.widgets import Day

HOURS = [(hour, f"{hour:02d}:00") for hour in range(24)]
FIRST_YEAR, LAST_YEAR = 1949, 2199
CODE = r"^[a-z][a-z0-9_]*$"
BAD_CODE = _("请用小写字母开头，只用小写字母、数字和下划线。")


class ReportForm(forms.Form):
    """A reported figure; the metric may stay empty, and the unit when it stands behind the number."""

    name = Line(label=_("什么数"), max_length=80, help_text=_("例如：注册志愿者"))
    told = Line(label=_("数"), max_length=40, help_text=_("照原文写：近91万人、1,070余场、办结率达93.05%"))
    unit = forms.ChoiceField(label=_("单位"), required=False)
    as_of = forms.DateField(label=_("数据日期"), widget=Day)
    source = Line(label=_("来源"), max_length=200, help_text=_("哪份文件、哪张报表、谁报的"))
    metric = forms.ChoiceField(label=_("对应的指标"), required=False)
    code = forms.RegexField(CODE, label=_("代码"), max_length=60, error_messages={"invalid": BAD_CODE})
    names = forms.CharField(
        label=_("名称"), required=False, widget=forms.Textarea, max_length=6000, help_text=_("原文列出的名称，一行一个")
    )

    def __init__(self, *args: Any, figure: ReportedFigure | None = None, **kwargs: Any):
        if figure is not None:
            kwargs["initial"] = {
                **{one: getattr(figure, one) for one in ("name", "told", "as_of", "source", "code")},
                "unit": figure.unit_id,
                "metric": figure.metric_id or "",
                "names": "\n".join(figure.names),
            }
        super().__init__(*args, **kwargs)
        self.fields["code"].help_text = _("检查里用它指这个数，例如 volunteers")
        self.fields["as_of"].initial = clock.today
        choose(self, "unit", _("写在数的后面了"), [(one.pk, named(one)) for one in queries.units()])
        choose(self, "metric", _("没有对应的指标"), [(one.pk, named(one)) for one in queries.register()])
        if figure is not None:
            del self.fields["code"]
            self.fields["reason"] = Line(label=_("为什么更正"), max_length=200)

    def clean_names(self) -> list[str]:
        """One name a line."""
        lines = [plain(one).strip() for one in self.cleaned_data["names"].splitlines()]
        found = [one for one in lines if one]
        if any(len(one) > 60 for one in found):
            raise forms.ValidationError(_("一个名称最多 60 个字。"))
        return found

    def facts(self, code: str = "") -> Report:
        """What was typed, as the action takes it."""
        asked = self.cleaned_data
        fields = ("name", "told", "unit", "as_of", "source", "metric", "names")
        return Report(code=code or asked["code"], **{one: asked[one] for one in fields})


def choose(form: forms.Form, name: str, empty: Any, options: list[tuple[str, str]]) -> None:
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)
    field.choices = [("", empty), *options]


class FindForm(forms.Form):
    """Which reported numbers are looked for; what cannot be is left out."""

    q = Line(label=_("找什么"), max_length=60, required=False)

    def words(self) -> str:
        return str(self.cleaned_data.get("q", "")) if self.is_valid() else ""


class CheckForm(forms.Form):
    """One check: what is done with which figures. Codes stand a line each, whole numbers as they are; in the second field a
    line OR between two bases says that nobody told which of them it was.
    """

    name = Line(label=_("检查什么"), max_length=80)
    kind = forms.ChoiceField(label=_("方法"), choices=CheckKind.choices)
    first = forms.CharField(label=_("哪些数"), widget=forms.Textarea, max_length=4000, required=False)
    second = forms.CharField(label=_("另一个数"), widget=forms.Textarea, max_length=4000, required=False)
    result = forms.CharField(label=_("应当等于"), max_length=60, required=False)
    percent = forms.BooleanField(label=_("结果是百分数"), required=False)

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["first"].help_text = _("写数的代码，一行一个；写几个就先加起来")
        self.fields["second"].help_text = _(
            "相减的减数、相除的除数、百分数的已知整数；可以写代码，也可以写整数，写几个就先加起来。没说明除以哪个数时，几种除数之间单写一行“或”"
        )
        self.fields["percent"].help_text = _("相除时用：97.1%，不写成 0.97")
        self.fields["result"].help_text = _("报告里的结果；不填只算不比")

    def statement(self) -> dict[str, Any]:
        """The statement in the small language of checks."""
        asked = self.cleaned_data
        kind, first = CheckKind(asked["kind"]), terms(asked["first"])
        others = [term(one) for one in groups(asked["second"])]
        of, beside, equals = PARTS[kind]
        found: dict[str, Any] = {"kind": kind.value, of: first if kind in MANY else term(first)}
        found |= {"bases": others} if len(others) > 1 else {beside: term(others)}
        found |= {equals: term(terms(asked["result"])), "percent": asked["percent"]}
        return {key: one for key, one in found.items() if one}

    def fields_of_parts(self) -> dict[str, str]:
        """Part of the statement -> the field in which it is typed."""
        parts = dict(zip(PARTS[CheckKind(self.cleaned_data["kind"])], ("first", "second", "result"), strict=True))
        return {"bases": "second", **parts}


def groups(typed: str) -> list[list[Any]]:
    """What stands between lines that say OR, each as its terms; empty ones drop out."""
    found: list[list[Any]] = [[]]
    for line in typed.splitlines():
        if line.strip().lower() in OR:
            found.append([])
        else:
            found[-1] += terms(line)
    return [one for one in found if one]


def terms(typed: str) -> list[Any]:
    """Codes, and whole numbers as numbers."""
    return [int(one) if one.isascii() and one.isdigit() else one for one in typed.split()]


def term(found: list[Any]) -> Any:
    """The one term, or several that are added."""
    return found[0] if len(found) == 1 else found


OR = frozenset({"或", "或者", "or"})

MANY = frozenset({CheckKind.SUM, CheckKind.DISTINCT})
PARTS: dict[CheckKind, tuple[str, str, str]] = {
    CheckKind.SUM: ("of", "second", "is"),
    CheckKind.DIFFERENCE: ("of", "less", "is"),
    CheckKind.RATIO: ("top", "base", "is"),
    CheckKind.EQUAL: ("of", "second", "is"),
    CheckKind.NAMES: ("of", "second", "is"),
    CheckKind.WHOLE: ("rate", "top", "is"),
    CheckKind.DISTINCT: ("of", "second", "is"),
}
"""What the three fields are called in a statement of each kind; one that does not belong there is refused by its field."""


class PeriodForm(forms.Form):
    """The days a number is asked for: from ``since`` until before ``until``. When nothing is said, this year; for everybody
    (``ended``) the last month that has ended.
    """

    since = forms.DateField(label=_("从"), widget=Day, required=False)
    until = forms.DateField(label=_("到哪天之前"), widget=Day, required=False)

    def __init__(self, asked: QueryDict, *, ended: bool = False):
        filled = asked.copy()
        usual = queries.last_ended() if ended else queries.Period.year(clock.today().year)
        if not filled.get("since") and not filled.get("until"):
            filled["since"], filled["until"] = usual.since.isoformat(), usual.until.isoformat()
        super().__init__(filled)
        self.usual = usual

    def clean(self) -> dict[str, Any]:
        """Both days, the first before the second, in years that a register can have."""
        asked: dict[str, Any] = super().clean() or {}
        for name in ("since", "until"):
            if name not in self.errors and not asked.get(name):
                self.add_error(name, _("请填写日期。"))
            elif asked.get(name) and not FIRST_YEAR <= asked[name].year <= LAST_YEAR:
                self.add_error(name, _("请填写 1949 年到 2199 年之间的日期。"))
        if not self.errors and asked["since"] >= asked["until"]:
            self.add_error("until", _("结束要晚于开始。"))
        return asked

    def period(self) -> queries.Period:
        """What was asked; what is usual where that cannot be read."""
        if not self.is_valid():
            return self.usual
        return queries.Period(self.cleaned_data["since"], self.cleaned_data["until"])


class ExportForm(PeriodForm):
    """Which numbers of a place go into a file: the days, and how they are taken apart."""

    split = forms.ChoiceField(label=_("怎么分"), choices=Split.choices, required=False)


class ListFeedForm(forms.Form):
    """A list to be made into a file again and again."""

    rhythm = forms.ChoiceField(label=_("多久一次"), choices=Rhythm.choices, initial=Rhythm.MONTHLY)
    hour = forms.TypedChoiceField(label=_("几点做好"), choices=HOURS, coerce=int, initial=7)
    kind = forms.ChoiceField(label=_("哪种文件"), choices=FileKind.choices, initial=FileKind.XLSX)
    keep_days = forms.TypedChoiceField(
        label=_("做好的文件保留多久"), choices=Keep.choices, coerce=int, initial=Keep.MONTH
    )

    def facts(self) -> dict[str, Any]:
        """What was chosen, as the action takes it."""
        asked = self.cleaned_data
        kinds = {"rhythm": Rhythm(asked["rhythm"]), "kind": FileKind(asked["kind"])}
        return {**kinds, "hour": asked["hour"], "keep_days": asked["keep_days"]}


class FeedForm(ListFeedForm):
    """The numbers of a place to be made into a file again and again."""

    split = forms.ChoiceField(label=_("怎么分"), choices=Split.choices, initial=Split.PLACE)

    def facts(self) -> dict[str, Any]:
        return {**super().facts(), "split": Split(self.cleaned_data["split"])}


def refused(form: forms.Form, error: DomainError, fields: dict[str, str] | None = None) -> None:
    """Put what an action refused beside the fields it names; the rest on top of the form."""
    fields = fields or {}
    told = {"told": error.message} if isinstance(error, NotANumber) else dict(error.fields)
    known = {fields.get(name, name): text for name, text in told.items()}
    known = {name: text for name, text in known.items() if name in form.fields}
    for name, text in known.items():
        form.add_error(name, str(text))
    if not known:
        form.add_error(None, str(error))
