"""A place raises a call in its own name (吹哨)."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from huying.calls import actions, rules
from huying.calls.forms.raising import RaiseForm
from huying.calls.forms.words import refused
from huying.calls.states import EMERGENCIES, State
from huying.calls.views.desk import on_duty, see
from huying.kernel.errors import DomainError
from huying.kernel.requests import Request


@require_http_methods(["GET", "HEAD", "POST"])
def raise_call(request: Request) -> HttpResponse:
    """The empty form; POST raises the call and leads to its tally."""
    actor = on_duty(request)
    if not rules.can_raise(actor):
        raise actions.NotYourPlace
    form = RaiseForm(request.POST if request.method == "POST" else None, actor=actor)
    if form.is_bound and form.is_valid():
        try:
            call = actions.raise_call(
                actor=actor, what=form.ask(), raised_for=form.cleaned_data["raised_for"], goods=form.goods()
            )
        except DomainError as problem:
            refused(form, problem)
        else:
            if call.state == State.POOLED:
                messages.warning(request, _("哨已吹响，眼下各圈里没有能问的人。请在待派里另行安排。"))
            else:
                messages.success(request, _("哨已吹响，正在问第一圈，答复会一个个进来。"))
            return see(reverse("calls:tally", args=[call.public_id]))
    context = {"form": form, "numbers": [one.value for one in EMERGENCIES]}
    return render(request, "calls/desk/raise.html", context, status=422 if form.is_bound else 200)
