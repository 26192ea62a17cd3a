"""Staff write down who may act for a resident, with the papers they saw, and end it."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from huying.kernel.errors import DomainError, NotFound
from huying.people import actions, queries, rules
from huying.people.forms.persons import TieForm
from huying.people.models import Person
from huying.people.views.pages import put_errors, show
from huying.people.views.session import actor_of, go, signed_in

MOST = 8


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def record_tie(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Find the one who acts (``?q=``), then say how they are related, what was seen, and from when to when."""
    actor = actor_of(request)
    ward = _ward(request, public_id)
    words = request.GET.get("q", "").strip()[:60]
    found = _found(request, ward, words)
    form = TieForm(found, request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            given = {name: form.cleaned_data[name] for name in ("tie", "proof", "starts_on", "ends_on")}
            guardian = queries.person_by_id(actor, form.cleaned_data["guardian"])
            try:
                actions.record_tie(actor=actor, ward_id=ward.pk, guardian_id=guardian.pk, **given)
            except DomainError as error:
                put_errors(form, error)
                status = error.status
            else:
                messages.success(request, _("已登记，可以代为办理了。"))
                return go("people:person", public_id=public_id)
    return show(
        request,
        "record_tie",
        title=_("登记监护或委托"),
        back=reverse("people:person", args=[public_id]),
        status=status,
        person=ward,
        form=form,
        words=words,
        found=found,
        here=request.get_full_path(),
    )


@signed_in
@require_POST
def end_recorded_tie(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """End a tie of a resident, from the desk."""
    if not rules.can_look_people_up(actor_of(request)):
        raise NotFound
    bond = actions.end_tie(actor=actor_of(request), public_id=str(public_id))
    messages.success(request, _("已结束这个关系。"))
    return go("people:person", public_id=bond.ward.public_id)


def _ward(request: HttpRequest, public_id: UUID) -> Person:
    actor = actor_of(request)
    ward = queries.person_by_id(actor, public_id)
    if not rules.can_merge(actor, ward):
        raise NotFound
    return ward


def _found(request: HttpRequest, ward: Person, words: str) -> list[Person]:
    """Visible persons by the words searched for, and the one already chosen; never the ward nor the actor."""
    actor = actor_of(request)
    if not words:
        return []
    rows = queries.search_persons(actor, words).exclude(pk__in=[ward.pk, actor.person_id or 0])
    return list(rows.select_related("home_place").order_by("sort_key", "pk")[:MOST])
