"""The list of all calls on the desk, as a page and as a file."""

from __future__ import annotations

from typing import cast

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from huying.calls import queries
from huying.calls.forms.desk import ListForm
from huying.calls.queries.listing import EXPORTED
from huying.calls.views import cards
from huying.calls.views.desk import KEEP, asked, on_duty
from huying.kernel import exports
from huying.kernel.errors import InvalidInput, NotFound
from huying.kernel.requests import Request, fresh

SIZE = 50
HEADS = (_("编号"), _("事项"), _("求助人"), _("地方"), _("状态"), _("时限或办结"), _("谁去"))
LIST_KEEP = (*KEEP, "state", "level", "late", "dated", "since", "until", "sort", "ring")


@require_safe
def listing(request: Request) -> HttpResponse:
    """All calls of the desk as a table, newest first or by what is due."""
    actor = on_duty(request)
    form = ListForm(request.GET, actor=actor)
    good = form.is_valid()
    wanted = form.wanted()
    page = queries.page_of(actor, wanted, request.GET.get("cursor"), SIZE)
    kept, words = asked(request, LIST_KEEP), cards.said()
    context = {
        "form": form,
        "page": page,
        "rows": [cards.listed_row(card, words) for card in page.rows],
        "kinds": queries.kinds_on_desk(),
        "places": queries.places_on_desk(actor, form.where.path if form.where else ""),
        "place": form.where,
        "kept": kept,
        "heads": HEADS,
        "files": [(kind, cards.export_address(kind, kept)) for kind in exports.TYPES],
    }
    return render(request, "calls/desk/list.html", context, status=200 if good else 422)


@require_safe
@fresh
def export(request: Request, form: str) -> HttpResponseBase:
    """The same list as a file; who took it, and how it was narrowed, stands in the trail."""
    actor = on_duty(request)
    if form not in exports.TYPES:
        raise NotFound
    filters = ListForm(request.GET, actor=actor)
    if not filters.is_valid():
        raise InvalidInput(" ".join(str(words) for errors in filters.errors.values() for words in errors))
    rows = queries.listed(actor, filters.wanted()).order_by("-id")
    path = filters.where.path if filters.where else ""
    kind = cast(exports.Kind, form)
    return exports.respond(
        actor=actor, name=gettext("求助列表"), kind=kind, columns=EXPORTED, rows=rows, place_path=path
    )
