"""The service menu as forms: one line with its questions, and one clock. Rows are added by a button, without script."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from huying.calls import queries
from huying.calls.forms.words import Line, Words
from huying.calls.models import Clock, ServiceKind
from huying.calls.states import EMERGENCIES, Stage
from huying.ui.fields import TONE_WORDS, NamedChoice, NamedChoices, icon_choices
from huying.volunteers import queries as volunteer_queries
from huying.volunteers import rules as volunteer_rules
from huying.volunteers.models import ServiceCategory, Skill

CODE = re.compile(r"[a-z][a-z0-9_-]{1,39}")
KEY = re.compile(r"[a-z][a-z0-9_]{0,29}")
TAKEN_CODES = {"new"}
"""Words that mean something else in the address of the editor."""
MOST_QUESTIONS, MOST_CHOICES = 12, 20
TYPES = [("text", _("一行文字")), ("number", _("数字")), ("choice", _("选一项")), ("yesno", _("是或否"))]
EMERGENCY = [(one.value, one.label) for one in EMERGENCIES]
MINUTES = {"minutes": 1, "hours": 60, "days": 24 * 60}
LONGEST = 366 * 24 * 60


class KindForm(forms.Form):
    """One line of the menu. The code is chosen once: calls, questions and reports refer to it."""

    code = forms.CharField(label=_("代码"), max_length=40, help_text=_("小写英文字母、数字、横线，以后不能改。"))
    name = Line(label=_("名称"), max_length=20)
    name_en = Line(label=_("英文名称"), max_length=40, required=False)
    summary = Line(label=_("一句话说明"), max_length=120)
    summary_en = Line(label=_("英文说明"), max_length=200, required=False)
    example = Line(label=_("怎么说的例子"), max_length=120, required=False)
    example_en = Line(label=_("英文例子"), max_length=200, required=False)
    icon = forms.ChoiceField(label=_("图标"))
    tone = forms.ChoiceField(label=_("颜色"), choices=list(TONE_WORDS.items()))
    answered_by = forms.ChoiceField(
        label=_("谁来办"),
        choices=[("either", _("志愿者或队伍")), ("volunteer", _("志愿者个人")), ("team", _("只派队伍"))],
        widget=forms.RadioSelect,
    )
    people_needed = forms.IntegerField(label=_("一般要几个人"), min_value=1, max_value=500, initial=1)
    skills = NamedChoices(
        label=_("要会什么"), queryset=Skill.objects.none(), required=False, widget=forms.CheckboxSelectMultiple
    )
    category = NamedChoice(
        label=_("服务类别"),
        queryset=ServiceCategory.objects.none(),
        required=False,
        empty_label=_("不分类"),
        help_text=_("类别决定要不要儿童保护核查、意外保险。"),
    )
    visit = forms.BooleanField(label=_("要上门"), required=False, initial=True)
    urgent = forms.BooleanField(label=_("总是按紧急办"), required=False)
    emergency = forms.MultipleChoiceField(
        label=_("先提醒打的电话"), choices=EMERGENCY, required=False, widget=forms.CheckboxSelectMultiple
    )
    active = forms.BooleanField(label=_("放在菜单上"), required=False, initial=True)
    public = forms.BooleanField(
        label=_("可以公开进度"),
        required=False,
        help_text=_("勾上以后，谁都能从 Open311 读到有这样一件求助、大致在哪里、办到哪一步；看不到内容和人。"),
    )

    allow_preference = forms.BooleanField(
        label=_("求助人可以选请女性还是男性、多大年纪"),
        required=False,
        help_text=_("只给助浴、陪护、陪伴这类贴身照料和陪伴的服务；别的服务不能挑人。"),
    )

    def __init__(self, *args: Any, kind: ServiceKind | None = None, **kwargs: Any):
        self.kind = kind
        if kind is not None:
            kwargs.setdefault("initial", first_values(kind))
        super().__init__(*args, **kwargs)
        icon: Any = self.fields["icon"]
        icon.choices = icon_choices()
        skills: Any = self.fields["skills"]
        skills.queryset = queries.skills()
        category: Any = self.fields["category"]
        category.queryset = volunteer_queries.categories()
        if kind is not None:
            del self.fields["code"]

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"]
        if not CODE.fullmatch(code) or code in TAKEN_CODES:
            raise ValidationError(_("代码用小写英文字母开头，只含字母、数字、横线，不能叫 new。"))
        return code

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        if given.get("answered_by") == "team" and volunteer_rules.is_by_name(given.get("category")):
            self.add_error("answered_by", _("这一类要逐人核查，不能只派队伍。"))
        return given

    def filled(self, questions: list[dict[str, Any]]) -> ServiceKind:
        """The line with what was typed, not saved; ``questions`` come from their own rows."""
        kind = self.kind or ServiceKind(order=1000)
        given = {name: value for name, value in self.cleaned_data.items() if name != "skills"}
        for name, value in given.items():
            setattr(kind, name, " ".join(value) if name == "emergency" else value)
        kind.questions = questions
        return kind


def first_values(kind: ServiceKind) -> dict[str, Any]:
    """What the form of an existing line begins with."""
    names = [field.name for field in ServiceKind._meta.concrete_fields]
    kept = {name: getattr(kind, name) for name in names}
    return {**kept, "emergency": kind.emergency.split(), "skills": list(kind.skills.values_list("pk", flat=True))}


class QuestionForm(forms.Form):
    """One question of a kind; a row without words is left out. ``choices``: one a line, code | 中文 | English."""

    key = forms.CharField(label=_("代码"), max_length=30, required=False)
    label = Line(label=_("问什么"), max_length=60, required=False)
    label_en = Line(label=_("英文"), max_length=120, required=False)
    type = forms.ChoiceField(label=_("怎么答"), choices=TYPES, initial="text")
    required = forms.BooleanField(label=_("必须答"), required=False)
    choices = Words(label=_("选项，每行一个：代码 | 中文 | 英文"), max_length=2000, required=False)
    min = forms.IntegerField(label=_("最小"), required=False, min_value=0, max_value=1_000_000)
    max = forms.IntegerField(label=_("最大"), required=False, min_value=0, max_value=1_000_000)

    @property
    def is_empty(self) -> bool:
        """Nothing was asked in this row."""
        return not (self.cleaned_data.get("label") or self.cleaned_data.get("key"))

    def clean_key(self) -> str:
        key: str = self.cleaned_data["key"].strip()
        if key and not KEY.fullmatch(key):
            raise ValidationError(_("代码用小写英文字母开头，只含字母、数字、下划线。"))
        return key

    def clean_choices(self) -> list[list[str]]:
        return [choice_of(line) for line in self.cleaned_data["choices"].splitlines() if line.strip()]

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        if self.errors or self.is_empty:
            return given
        for name in ("key", "label"):
            if not given.get(name):
                self.add_error(name, _("请填写这一项。"))
        choices, low, high = given.get("choices") or [], given.get("min"), given.get("max")
        if given["type"] == "choice" and len(choices) < 2:
            self.add_error("choices", _("请至少写两个选项。"))
        if len({code for code, *_words in choices}) < len(choices) or len(choices) > MOST_CHOICES:
            self.add_error("choices", _("选项的代码不能重复，最多 %(most)d 项。") % {"most": MOST_CHOICES})
        if low is not None and high is not None and low > high:
            self.add_error("max", _("最大不能小于最小。"))
        return given

    def question(self) -> dict[str, Any]:
        """The question as it is kept (see forms.questions)."""
        given = self.cleaned_data
        kept = {name: given[name] for name in ("key", "label", "label_en", "type") if given[name]}
        if given["required"]:
            kept["required"] = True
        if given["type"] == "choice":
            kept["choices"] = given["choices"]
        if given["type"] == "number":
            kept |= {name: given[name] for name in ("min", "max") if given[name] is not None}
        return kept


def choice_of(line: str) -> list[str]:
    """``walk | 能走 | Walks`` as its three parts; ValidationError when the code or the words are missing."""
    parts = [part.strip() for part in line.replace("｜", "|").split("|")]
    code, chinese, english = [*parts, "", ""][:3]
    if len(parts) > 3 or not KEY.fullmatch(code) or not chinese or len(chinese) > 40 or len(english) > 60:
        raise ValidationError(_("这一行看不懂：%(line)s"), params={"line": line[:40]})
    return [code, chinese, english]


if TYPE_CHECKING:
    Rows = forms.BaseFormSet[QuestionForm]
else:
    Rows = forms.BaseFormSet  # Django's own class takes no type arguments at run time


class QuestionRows(Rows):
    """The questions of a kind in their order; keys may not repeat."""

    def clean(self) -> None:
        keys = [form.cleaned_data.get("key") for form in self.kept()]
        if len(set(keys)) < len(keys):
            raise ValidationError(_("两个问题的代码相同，请改一个。"))

    def kept(self) -> list[QuestionForm]:
        """Rows that ask something and were not ticked for removal."""
        rows = [form for form in self.forms if form.is_valid() and not form.is_empty]
        return [form for form in rows if not form.cleaned_data.get("DELETE")]

    def questions(self) -> list[dict[str, Any]]:
        """Every question as it is kept, in the order typed."""
        placed = [(form.cleaned_data.get("ORDER"), form.question()) for form in self.kept()]
        return [question for _place, question in sorted(placed, key=lambda one: (one[0] is None, one[0] or 0))]


QuestionFormSet = forms.formset_factory(
    QuestionForm,
    formset=QuestionRows,
    extra=1,
    can_delete=True,
    can_order=True,
    max_num=MOST_QUESTIONS,
    absolute_max=MOST_QUESTIONS + 1,
    validate_max=True,
)


def question_rows(data: QueryDict | None = None, first: list[dict[str, Any]] | None = None) -> QuestionRows:
    """The rows as sent, or the rows to begin with and an empty one."""
    return cast(QuestionRows, QuestionFormSet(data, initial=first))


def typed_kind(sent: QueryDict) -> dict[str, Any]:
    """What was typed for the line itself, as first values of a form that is drawn again."""
    many = {"skills", "emergency"}
    return {name: sent.getlist(name) if name in many else sent.get(name) for name in KindForm.base_fields}


def typed_rows(sent: QueryDict) -> list[dict[str, Any]]:
    """What was typed for the questions, in their order; rows ticked for removal are gone."""
    total = sent.get("form-TOTAL_FORMS", "")
    rows = range(min(int(total), MOST_QUESTIONS) if total.isdecimal() and len(total) < 4 else 0)
    names = [*QuestionForm.base_fields, "ORDER", "DELETE"]
    typed = [{name: sent.get(f"form-{row}-{name}") for name in names} for row in rows]
    kept = [row for row in typed if not row["DELETE"] and (row["label"] or row["key"])]
    return sorted(kept, key=lambda row: int(row["ORDER"]) if (row["ORDER"] or "").isdecimal() else MOST_QUESTIONS)


def rows_of(kind: ServiceKind) -> list[dict[str, Any]]:
    """First values of the rows of an existing kind."""
    return [
        {**one, "choices": "\n".join(" | ".join(filter(None, choice)) for choice in one.get("choices", ()))}
        for one in kind.questions
    ]


class ClockForm(forms.Form):
    """How long one stage may take, for all kinds or for one, in the ordinary and in the urgent case."""

    kind = NamedChoice(
        label=_("服务"),
        queryset=ServiceKind.objects.none(),
        to_field_name="code",
        required=False,
        empty_label=_("所有服务"),
    )
    stage = forms.ChoiceField(label=_("哪一步"), choices=Stage.choices)
    urgent = forms.BooleanField(label=_("紧急的"), required=False)
    amount = forms.IntegerField(label=_("多久"), min_value=1, max_value=LONGEST)
    unit = forms.ChoiceField(
        label=_("单位"), choices=[("minutes", _("分钟")), ("hours", _("小时")), ("days", _("天"))], initial="hours"
    )
    mode = forms.ChoiceField(
        label=_("怎么算"),
        choices=[
            (Clock.Mode.WORKING, _("工作时间")),
            (Clock.Mode.SITE, _("站点自己的开放时间")),
            (Clock.Mode.NATURAL, _("自然时间，日夜连算")),
        ],
        widget=forms.RadioSelect,
        initial=Clock.Mode.WORKING,
    )

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        kind: Any = self.fields["kind"]
        kind.queryset = queries.whole_menu()

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        if given.get("unit") == "days" and given.get("mode") != Clock.Mode.NATURAL:
            self.add_error("unit", _("工作时间请按小时写，例如一个工作日写 8 小时。"))
        given["minutes"] = (given.get("amount") or 0) * MINUTES.get(given.get("unit", ""), 1)
        if given["minutes"] > LONGEST:
            self.add_error("amount", _("最长一年。"))
        return given

    def facts(self) -> dict[str, Any]:
        """Arguments of ``save_clock``."""
        return {name: self.cleaned_data[name] for name in ("kind", "stage", "urgent", "minutes", "mode")}


def clock_values(rule: Clock) -> dict[str, Any]:
    """First values for changing a rule, in the largest unit that fits; working time in hours at most."""
    natural = rule.mode == Clock.Mode.NATURAL
    units = [("days", 1440)] * natural + [("hours", 60), ("minutes", 1)]
    unit, size = next((name, size) for name, size in units if rule.minutes % size == 0)
    return {
        "kind": rule.kind.code if rule.kind else None,
        "stage": rule.stage,
        "urgent": rule.urgent,
        "amount": rule.minutes // size,
        "unit": unit,
        "mode": rule.mode,
    }
