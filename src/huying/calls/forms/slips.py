"""The number and code of a paper slip, and the rating that goes with it."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from huying.calls.actions.slips import DIGITS
from huying.calls.forms.steps import RateForm
from huying.calls.forms.words import Line


class SlipForm(forms.Form):
    """What stands on the slip; spaces and small letters do no harm, wide digits are read too."""

    number = Line(label=_("求助编号"), max_length=30, help_text=_("以 HY 开头。"))
    code = Line(label=_("查询码"), max_length=20, help_text=_("八位数字。"))

    def clean_number(self) -> str:
        return re.sub(r"\s", "", str(self.cleaned_data["number"])).upper()

    def clean_code(self) -> str:
        digits = "".join(str(int(one)) for one in self.cleaned_data["code"] if one.isdecimal())
        if len(digits) != DIGITS:
            raise ValidationError(_("查询码是八位数字，印在纸条上。"))
        return digits


class SlipRateForm(SlipForm, RateForm):
    """Number and code once more, and the rating."""

    def rating(self) -> dict[str, Any]:
        """Arguments for the action."""
        given = self.cleaned_data
        return {"score": given["score"], "solved": given["solved"] == "yes", "comment": given["comment"]}
