"""Roles: mine, those at a place, giving, lending, ending, and what waits for a second person."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from huying.kernel import clock
from huying.kernel.errors import DomainError, Forbidden, InvalidInput, NotFound
from huying.people import actions, queries, rules
from huying.people.forms.roles import GrantForm, LendForm
from huying.people.models import Person, Role
from huying.people.states import TWO_PEOPLE, RoleKind
from huying.people.views.pages import put_errors, show
from huying.people.views.session import account_of, actor_of, fresh, go, signed_in
from huying.places import queries as places
from huying.places.models import Place

form_page = require_http_methods(["GET", "HEAD", "POST"])


@signed_in
@require_GET
def my_roles(request: HttpRequest) -> HttpResponse:
    """What I am, where, until when, from whom."""
    actor = actor_of(request)
    rows = list(queries.roles_of(account_of(request).person_id))
    return show(
        request,
        "my_roles",
        title=_("我的角色"),
        roles=rows,
        lendable={role.pk for role in rows if rules.can_lend(actor, role)},
        now=clock.now(),
        places=queries.places_to_administer(actor),
        proposals=queries.proposals_for(actor).count(),
    )


@signed_in
@require_GET
def roles_at(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Who holds what at a place, who reaches it from above, and a search for somebody to give a role to."""
    actor = actor_of(request)
    place = _place(request, public_id)
    words = request.GET.get("q", "")[:60]
    return show(
        request,
        "roles_at",
        title=_("%(place)s的角色") % {"place": place.name},
        back="people:my_roles",
        place=place,
        roles=queries.roles_at(place),
        above=queries.roles_above(place),
        below=places.children(place),
        words=words,
        found=queries.candidates_for_roles(actor, words)[:20] if words.strip() else [],
        may_open=rules.holds(actor, RoleKind.SYSTEM_ADMIN),
        now=clock.now(),
        columns=[_("姓名"), _("角色"), _("时间"), _("授予"), _("操作")],
    )


@fresh
@form_page
def grant(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Give one person one role here, or propose it where two people are needed."""
    actor = actor_of(request)
    place = _place(request, public_id)
    person = queries.candidate_by_id(actor, request.POST.get("person") or request.GET.get("person", ""))
    form = GrantForm(actor, place, request.POST or None, initial={"person": person.public_id})
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                proposed = _give(request, form, person, place)
            except DomainError as error:
                put_errors(form, error)
                status = error.status
            else:
                messages.success(request, _("已提出，等另一岗位的人同意。") if proposed else _("已授予。"))
                return go("people:roles_at", public_id=public_id)
    return show(
        request,
        "grant",
        title=_("授予角色"),
        back=reverse("people:roles_at", args=[public_id]),
        status=status,
        form=form,
        person=person,
        place=place,
    )


def _give(request: HttpRequest, form: GrantForm, person: Person, place: Place) -> bool:
    starts_at, ends_at = form.span()
    kind = form.cleaned_data["kind"]
    facts = {"person_id": person.pk, "kind": kind, "place": place, "starts_at": starts_at, "ends_at": ends_at}
    if kind in TWO_PEOPLE:
        actions.propose_role(actor=actor_of(request), reason=form.cleaned_data["reason"], **facts)
        return True
    actions.grant_role(actor=actor_of(request), **facts)
    return False


@fresh
@form_page
def end(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """End a role, or propose to end one that two people gave."""
    actor = actor_of(request)
    role = queries.role_by_id(actor, public_id)
    needs_two = role.kind in TWO_PEOPLE and rules.can_propose(actor, role.kind, role.place)
    if request.method == "POST":
        if needs_two and role.person_id != actor.person_id:
            _propose_end(request, role)
            messages.success(request, _("已提出，等另一岗位的人同意。"))
        else:
            actions.end_role(actor=actor, role_id=role.pk)
            messages.success(request, _("角色已结束。"))
        if role.person_id == actor.person_id or not rules.can_see_roles(actor, role.place):
            return go("people:my_roles")
        return go("people:roles_at", public_id=role.place.public_id)
    return show(request, "end_role", title=_("结束角色"), back="people:my_roles", role=role, needs_two=needs_two)


def _propose_end(request: HttpRequest, role: Role) -> None:
    actions.propose_role(
        actor=actor_of(request),
        person_id=role.person_id,
        kind=role.kind,
        place=role.place,
        reason=request.POST.get("reason", ""),
        ends_role=role,
    )


@fresh
@form_page
def lend(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Let a colleague stand in for me for some days."""
    actor = actor_of(request)
    role = queries.role_by_id(actor, public_id)
    if not rules.can_lend(actor, role):
        raise Forbidden
    form = LendForm(role, request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                _lend(request, role, form)
            except DomainError as error:
                put_errors(form, error)
                status = error.status
            else:
                messages.success(request, _("委托好了，已告诉对方。"))
                return go("people:my_roles")
    return show(request, "lend", title=_("委托给别人"), back="people:my_roles", status=status, form=form, role=role)


def _lend(request: HttpRequest, role: Role, form: LendForm) -> None:
    starts_at, ends_at = form.span()
    colleague = queries.colleague(role, form.cleaned_data["colleague"])
    assert form.place is not None
    actions.lend_role(
        actor=actor_of(request),
        role_id=role.pk,
        person_id=colleague.pk,
        place=form.place,
        starts_at=starts_at,
        ends_at=ends_at,
    )


@signed_in
@require_GET
def proposals(request: HttpRequest) -> HttpResponse:
    """Proposals that wait at my places; mine and those I may decide."""
    actor = actor_of(request)
    rows = list(queries.proposals_for(actor))
    return show(
        request,
        "proposals",
        title=_("等待第二人同意"),
        back="people:my_roles",
        proposals=rows,
        may_decide=rules.decidable(actor, rows),
    )


@fresh
@require_POST
def decide(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Agree to a proposal, or not."""
    answer = request.POST.get("answer")
    if answer not in {"yes", "no"}:
        raise InvalidInput(fields={"answer": _("请选择同意或不同意。")})
    agrees = answer == "yes"
    actions.decide_proposal(actor=actor_of(request), public_id=str(public_id), agrees=agrees)
    messages.success(request, _("已同意，角色生效。") if agrees else _("已记为未同意。"))
    return go("people:proposals")


def _place(request: HttpRequest, public_id: UUID) -> Place:
    place = places.by_public_id(public_id)
    if not rules.can_see_roles(actor_of(request), place):
        raise NotFound
    return place
