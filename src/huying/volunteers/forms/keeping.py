"""What is typed about proofs, checks, insurance, numbers of other systems, campaigns and reported counts."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from huying.kernel import clock
from huying.ui.naming import named
from huying.ui.widgets import Day, Moment
from huying.volunteers import queries
from huying.volunteers.actions import Notice
from huying.volunteers.forms.joining import Line
from huying.volunteers.models import Skill, Team


class ProofForm(forms.Form):
    """A picture of a paper, for which skill, until when."""

    skill = forms.ChoiceField(label=_("证明什么本领"))
    picture = forms.FileField(label=_("证书照片"))
    valid_until = forms.DateField(label=_("有效到"), widget=Day, required=False, help_text=_("长期有效就空着"))

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.rows: dict[str, Skill] = {row.code: row for row in queries.skills()}
        skill: Any = self.fields["skill"]
        skill.choices = [(code, named(row)) for code, row in self.rows.items()]


class JudgeForm(forms.Form):
    """Why a paper is not accepted; empty when it is."""

    reason = Line(label=_("不通过的理由"), max_length=200, required=False)


class CheckForm(forms.Form):
    """The outcome of a child-protection check."""

    passed = forms.BooleanField(label=_("核查通过"), required=False)
    valid_until = forms.DateField(label=_("有效到"), widget=Day)
    note = Line(label=_("备注"), max_length=200, required=False, help_text=_("写核查方式，不写具体内容"))

    def __init__(self, data: Any = None):
        initial = {"valid_until": clock.today() + timedelta(days=365), "passed": True}
        super().__init__(data, initial=initial, auto_id="check-%s")


class InsuranceForm(forms.Form):
    """Until when somebody is insured."""

    until = forms.DateField(label=_("保险有效到"), widget=Day, required=False)
    note = Line(label=_("保险说明"), max_length=120, required=False)


class ExternalForm(forms.Form):
    """A number in another system."""

    system = Line(label=_("哪个系统"), max_length=60)
    value = Line(label=_("编号"), max_length=80)


class CampaignForm(forms.Form):
    """A campaign's notice."""

    team = forms.ChoiceField(label=_("为哪支队伍招募"))
    title = Line(label=_("标题"), max_length=80)
    content = Line(label=_("做什么、在哪里、什么时候"), max_length=500)
    conditions = Line(label=_("要求"), max_length=300, required=False)
    risks = Line(label=_("可能的风险"), max_length=300, help_text=_("没有就写“没有特别风险”"))
    cover = Line(label=_("保障"), max_length=300, help_text=_("保险、交通、饮水、培训等"))
    wanted = forms.IntegerField(label=_("招多少人"), min_value=1, max_value=100_000)
    opens_at = forms.DateTimeField(label=_("开始"), widget=Moment)
    closes_at = forms.DateTimeField(label=_("截止"), widget=Moment)
    is_emergency = forms.BooleanField(label=_("应急招募"), required=False)

    def __init__(self, data: Any = None, *, actor: Any):
        now = clock.local(clock.now()).replace(minute=0, second=0, microsecond=0)
        super().__init__(data, initial={"opens_at": now, "closes_at": now + timedelta(days=14)})
        self.rows: dict[str, Team] = {str(row.public_id): row for row in queries.teams_led(actor)}
        team: Any = self.fields["team"]
        team.choices = [(key, row.name) for key, row in self.rows.items()]

    def notice(self) -> Notice:
        given = dict(self.cleaned_data)
        return Notice(**given | {"team": self.rows[given["team"]]})


class CountsForm(forms.Form):
    """A table of reported counts: 区划代码或地名, 注册, 入队, 活跃, 队伍; all of one day and source."""

    source = Line(label=_("来源"), max_length=120, help_text=_("例如：全国志愿服务信息系统"))
    as_of_date = forms.DateField(label=_("截至日期"), widget=Day)
    table = forms.FileField(label=_("表格（.xlsx 或 CSV）"))

    def clean_as_of_date(self) -> date:
        day: date = self.cleaned_data["as_of_date"]
        if day > clock.today():
            raise forms.ValidationError(_("截至日期不能在将来。"))
        return day
