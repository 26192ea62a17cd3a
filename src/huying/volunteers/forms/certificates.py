"""What is typed for a certificate, and to check one."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from huying.kernel import clock
from huying.ui.widgets import Day
from huying.volunteers.forms.joining import Line


class CertificateForm(forms.Form):
    """From which day to which."""

    since = forms.DateField(label=_("从哪天"), widget=Day)
    until = forms.DateField(label=_("到哪天"), widget=Day)

    def __init__(self, data: Any = None):
        today = clock.today()
        super().__init__(data, initial={"since": date(today.year, 1, 1), "until": today})


class CheckForm(forms.Form):
    """The code on a certificate."""

    code = Line(label=_("证明编号"), max_length=40)


class PaperForm(forms.Form):
    """A PDF to compare with what was handed out."""

    MOST_BYTES = 5 * 1024 * 1024
    paper = forms.FileField(label=_("手上的 PDF 文件"), help_text=_("只比对，不保存。"))

    def clean_paper(self) -> Any:
        paper = self.cleaned_data["paper"]
        if paper.size > self.MOST_BYTES:
            raise forms.ValidationError(_("文件太大，平台开出的证明都不到 5 MB。"))
        return paper


class RevokeForm(forms.Form):
    """Why a certificate is made void."""

    reason = Line(label=_("理由"), max_length=300)
