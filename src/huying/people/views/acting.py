"""Acting on behalf of somebody: chosen on purpose, shown on every page, ended with one press."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from huying.kernel.paging import page
from huying.people import actions, queries, rules
from huying.people.states import CARE_STAFF
from huying.people.views.pages import show
from huying.people.views.session import ACTING, account_of, actor_of, go, safe_next, signed_in


@signed_in
@require_GET
def choose(request: HttpRequest) -> HttpResponse:
    """Whom to act for: my family; for care staff also residents of their places, by search."""
    actor = actor_of(request)
    words = request.GET.get("q", "")[:60]
    staff = rules.holds(actor, *CARE_STAFF)
    found = None
    if staff and words.strip():
        rows = queries.search_persons(actor, words).exclude(pk=actor.person_id or 0).select_related("home_place")
        found = page(rows, order=("sort_key", "id"), cursor=request.GET.get("cursor"), size=20)
    return show(
        request,
        "act_choose",
        title=_("替人办理"),
        wards=queries.wards(account_of(request).person_id),
        searchable=staff,
        words=words,
        page=found,
        next=safe_next(request),
    )


@signed_in
@require_POST
def begin(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """From now on every request of this session is marked as made for this person."""
    person = actions.begin_acting(actor=actor_of(request), public_id=str(public_id))
    request.session[ACTING] = person.pk
    messages.info(request, _("您正在替%(name)s办理，办完请点“结束代办”。") % {"name": person.name})
    return go(safe_next(request))


@signed_in
@require_POST
def stop(request: HttpRequest) -> HttpResponse:
    """Act for oneself again."""
    if request.session.pop(ACTING, None) is not None:
        actions.end_acting(actor=actor_of(request))
        messages.success(request, _("代办已结束。"))
    return go(safe_next(request))
