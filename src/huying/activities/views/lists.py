"""The organisers' list of activities as a file."""

from __future__ import annotations

from django.http import HttpResponseBase
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from huying.activities import forms, queries, rules
from huying.activities.models import Activity
from huying.kernel import exports
from huying.kernel.errors import Forbidden
from huying.kernel.requests import Request, fresh, signed_in
from huying.ui.naming import named

COLUMNS: tuple[exports.Column[Activity], ...] = (
    exports.Column(gettext_lazy("活动"), "title"),
    exports.Column(gettext_lazy("类别"), lambda row: named(row.kind), "kind"),
    exports.Column(gettext_lazy("哪里"), lambda row: named(row.place), "place"),
    exports.Column(gettext_lazy("下一场"), "next_at"),
    exports.Column(gettext_lazy("场次"), "times"),
    exports.Column(gettext_lazy("状态"), lambda row: row.get_state_display(), "state"),
)


@require_safe
@never_cache
@fresh
def desk(request: Request, form: str) -> HttpResponseBase:
    """Everything I run, under the filters of the page; who took it stands in the trail."""
    actor = signed_in(request)
    if not rules.is_organiser(actor):
        raise Forbidden
    find = forms.DeskForm(request.GET)
    rows = queries.desk(actor, words=find.got("q"), state=find.got("state"), size=find.got("size")).order_by(
        "-changed_at", "-id"
    )
    kind = exports.kind_of(form)
    return exports.respond(actor=actor, name=gettext("活动"), kind=kind, columns=COLUMNS, rows=rows)
