"""Reasons and presses, and where a refusal is written."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from huying.kernel.errors import DomainError


def refused(form: forms.Form, error: DomainError) -> None:
    """What an action refused, beside the field it names, else on top."""
    for name, text in dict(error.fields).items() or [("", str(error))]:
        form.add_error(name if name in form.fields else None, str(text))


class ReasonForm(forms.Form):
    """Why; the person concerned reads it."""

    reason = forms.CharField(label=_("理由"), max_length=200, widget=forms.Textarea)


class PressForm(forms.Form):
    """One press, nothing to fill in."""
