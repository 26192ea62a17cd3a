"""All that ever happened with a passbook: claims, exchanges and appeals, a page at a time."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from huying.kernel import paging
from huying.kernel.requests import Request, signed_in
from huying.points import queries
from huying.points.views import pages
from huying.ui.naming import named

KINDS = {"claims": _("申报"), "gifts": _("兑换"), "appeals": _("申诉")}


@require_safe
@never_cache
def whole(request: Request, public_id: UUID) -> HttpResponse:
    """One kind at a time (``kind``), newest first; whoever may see the passbook."""
    actor = signed_in(request)
    found = queries.passbook(actor, public_id)
    kind = request.GET.get("kind", "")
    kind = kind if kind in KINDS else "claims"
    rows: Any = queries.appeals_of(actor, found)
    if kind != "appeals":
        rows = queries.gifts_of(found) if kind == "gifts" else queries.claims_of(found)
    page = paging.page(rows, ("-id",), request.GET.get("cursor"), 25)
    tabs = [{"label": label, "url": f"?kind={key}", "current": key == kind} for key, label in KINDS.items()]
    back = reverse("points:passbook", args=[found.public_id])
    cards = [card(kind, one) for one in page.rows]
    return pages.show(request, "passbook_all", passbook=found, page=page, cards=cards, tabs=tabs, back=back)


def card(kind: str, one: Any) -> dict[str, Any]:
    """A row as a card: what, which, where it leads, what became of it."""
    facts = {"status": one.get_state_display(), "tone": pages.TONES.get(one.state, "ink")}
    if kind == "gifts":
        title = f"{named(one.good)} × {one.quantity}"
        return facts | {
            "title": title,
            "meta": named(one.good.bank),
            "href": reverse("points:gift", args=[one.public_id]),
        }
    if kind == "claims":
        return facts | {
            "title": one.title,
            "meta": named(one.rule),
            "href": reverse("points:claim", args=[one.public_id]),
        }
    return facts | {"title": one.words[:60], "at": one.filed_at, "href": reverse("points:appeal", args=[one.public_id])}
