"""Rule books for everybody: items, how they were adopted, earlier versions, what can be had where."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from huying.kernel import paging
from huying.kernel.requests import Request
from huying.points import queries, rules
from huying.points.views import pages

PAGE = 20


@require_safe
def listing(request: Request) -> HttpResponse:
    """Every place's book, the nearest to the reader's home first when he has one to join."""
    page = paging.page(queries.published_books(), ("name", "id"), request.GET.get("cursor"), PAGE)
    mine = [] if request.actor.is_anonymous else queries.mine(request.actor)
    return pages.show(request, "list", page=page, mine=mine)


@require_safe
def book(request: Request, public_id: UUID) -> HttpResponse:
    """One book: what holds now, how it was adopted, what was and what comes, banks and goods."""
    found = queries.seen_book(request.actor, public_id)
    editions = list(queries.editions_of(found))
    now = queries.edition_now(found)
    shown = next((one for one in editions if str(one.number) == request.GET.get("edition")), None) or now
    shown = next((one for one in editions if shown and one.pk == shown.pk), editions[0] if editions else None)
    return pages.show(
        request,
        "book",
        book=found,
        edition=shown,
        now=now,
        editions=editions,
        items=pages.item_rows(queries.rules_of(shown)),
        caps=pages.caps_of(shown) if shown else "",
        banks=queries.banks_of(found),
        goods=queries.offered(found),
        keeps=rules.can_audit(request.actor, found),
        joined=not request.actor.is_anonymous and any(one.book_id == found.pk for one in queries.mine(request.actor)),
        heads=[_("做什么"), _("给几分"), _("上限"), _("凭什么证明"), _("谁核对"), _("有效期")],
    )
