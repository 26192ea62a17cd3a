"""What auditors narrow by: kinds of accounts, days of a statement; and the code of a receipt."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from huying.kernel import clock
from huying.ledger import queries
from huying.ui.naming import named
from huying.ui.widgets import Day

ONLY = [("", _("全部账户")), ("used", _("有过往来的")), ("held", _("有冻结的")), ("issuing", _("发行账户"))]


class FindForm(forms.Form):
    """Filters of the list of accounts; all may stay empty."""

    asset = forms.ChoiceField(label=_("记的是"), required=False)
    only = forms.ChoiceField(label=_("账户"), choices=ONLY, required=False)
    owner_id = forms.IntegerField(label=_("户主编号"), min_value=0, max_value=2**62, required=False)

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        field = self.fields["asset"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("全部项目")), *((one.code, named(one)) for one in queries.assets())]

    def wanted(self) -> dict[str, Any]:
        """The filters as asked; those that are not valid are left out."""
        asked = self.cleaned_data
        return {
            "asset": asked.get("asset", ""),
            "only": asked.get("only", ""),
            "owner_id": asked.get("owner_id"),
        }


class SpanForm(forms.Form):
    """The days of a statement, both included; the present month when nothing is said."""

    since = forms.DateField(label=_("从"), widget=Day, required=False)
    until = forms.DateField(label=_("到"), widget=Day, required=False)

    def __init__(self, asked: QueryDict):
        filled = asked.copy()
        today = clock.today()
        for name, day in (("since", today.replace(day=1)), ("until", today)):
            if not filled.get(name):
                filled[name] = day.isoformat()
        super().__init__(filled)

    def clean(self) -> dict[str, Any]:
        asked: dict[str, Any] = super().clean() or {}
        since, until = asked.get("since"), asked.get("until")
        if since and until and since > until:
            self.add_error("until", _("结束日期要在开始日期之后。"))
        return asked

    def span(self) -> tuple[datetime, datetime]:
        """From midnight in China until midnight after the last day."""
        asked = self.cleaned_data
        until = kept(asked.get("until")) or clock.today()
        since = min(kept(asked.get("since")) or until.replace(day=1), until)
        return midnight(since), midnight(until + timedelta(days=1))


def kept(day: date | None) -> date | None:
    return day if day is not None and date(2000, 1, 1) <= day <= date(2100, 1, 1) else None


def midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=clock.SHANGHAI)


class ReceiptForm(forms.Form):
    """The code that stands on a receipt."""

    code = forms.CharField(label=_("凭证码"), max_length=120)
