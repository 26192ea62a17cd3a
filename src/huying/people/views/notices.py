"""Messages to me."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from huying.kernel.paging import page
from huying.people import actions, queries
from huying.people.views.pages import show
from huying.people.views.session import account_of, actor_of, go, signed_in


@signed_in
@require_GET
def notices(request: HttpRequest) -> HttpResponse:
    """My messages, newest first."""
    rows = queries.my_notices(account_of(request).person_id)
    listed = page(rows, order=("-show_after", "-id"), cursor=request.GET.get("cursor"), size=20)
    return show(
        request, "notices", title=_("消息"), page=listed, unread=queries.unread_notices(actor_of(request).person_id)
    )


@signed_in
@require_POST
def read_notice(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Mark one message as read and go to what it speaks of."""
    notice = queries.my_notice(account_of(request).person_id, public_id)
    actions.mark_read(actor=actor_of(request), notices=[str(public_id)])
    target = notice.url
    ours = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return go(target if target and ours else "people:notices")


@signed_in
@require_POST
def read_all(request: HttpRequest) -> HttpResponse:
    """Mark all messages as read."""
    actions.mark_read(actor=actor_of(request))
    return go("people:notices")
