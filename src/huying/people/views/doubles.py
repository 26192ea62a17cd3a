"""Two records of one person: side by side, which fact stays, and the merge that cannot be undone."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from huying.kernel.errors import DomainError
from huying.people import actions, queries
from huying.people.actions.merging import merge_obstacles
from huying.people.forms.persons import MergeForm
from huying.people.views.pages import put_errors, show
from huying.people.views.session import actor_of, go, signed_in


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def merge(request: HttpRequest, public_id: UUID, double_id: UUID) -> HttpResponse:
    """Merge the double into the person of this address, after a look at what differs."""
    actor = actor_of(request)
    kept, double = queries.merging_pair(actor, public_id, double_id)
    form = MergeForm(kept, double, request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            reason = form.cleaned_data["reason"]
            try:
                actions.merge_persons(
                    actor=actor, kept_id=kept.pk, double_id=double.pk, take=form.take(), reason=reason
                )
            except DomainError as error:
                put_errors(form, error)
                status = error.status
            else:
                messages.success(request, _("已合并成一份资料。"))
                return go("people:person", public_id=public_id)
    return show(
        request,
        "merge",
        title=_("合并重复的资料"),
        back=reverse("people:person", args=[public_id]),
        status=status,
        form=form,
        kept=kept,
        double=double,
        obstacles=[] if request.method == "POST" else merge_obstacles(actor, kept, double),
    )
