"""Pages of volunteers: one's own profile, the keeper's lists, teams and their members."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from huying.kernel import clock, paging
from huying.kernel.errors import DomainError, Forbidden, NotFound, SignInNeeded
from huying.kernel.requests import Request
from huying.people import rules as people_rules
from huying.volunteers import actions, queries, rules
from huying.volunteers.forms import MemberForm, PauseForm, ProfileForm, TeamForm
from huying.volunteers.models import Team, Volunteer

write = require_http_methods(["GET", "HEAD", "POST"])


def draw(request: Request, template: str, *, title: str, status: int = 200, **facts: Any) -> HttpResponse:
    """Render in the layout of the reader: staff at the desk, everybody else on the telephone."""
    staff = people_rules.is_staff(request.actor)
    layout = "volunteers/layout_staff.html" if staff else "volunteers/layout_resident.html"
    return render(request, f"volunteers/{template}.html", {"title": title, "layout": layout} | facts, status=status)


def refused(form: Form, error: DomainError) -> None:
    """Write a refusal into the form, at the field it names."""
    for name, text in error.fields.items():
        form.add_error(name if name in form.fields else None, str(text))
    if not error.fields:
        form.add_error(None, str(error))


def own(request: Request) -> Volunteer:
    volunteer = queries.own_profile(request.actor)
    if volunteer is None:
        raise NotFound
    return volunteer


@require_safe
def me(request: Request) -> HttpResponse:
    """One's own profile, or the invitation to join."""
    if request.actor.is_anonymous:
        raise SignInNeeded
    volunteer = queries.own_profile(request.actor)
    active = volunteer is not None and volunteer.left_at is None
    resting = bool(active and volunteer and volunteer.paused_until and volunteer.paused_until >= clock.today())
    facts = {"volunteer": volunteer, "active": active, "resting": resting}
    return draw(request, "me", title=_("我的志愿服务"), memberships=queries.own_memberships(request.actor), **facts)


@write
def join(request: Request) -> HttpResponse:
    """Join, come back, or change one's profile."""
    if request.actor.is_anonymous:
        raise SignInNeeded
    volunteer = queries.own_profile(request.actor)
    first: dict[str, Any] = {}
    if volunteer:
        first = {
            "base_place": volunteer.base_place_id,
            "skills": volunteer.skills.all(),
            "travel_km": volunteer.travel_km,
            "weekly_limit": volunteer.weekly_limit,
        }
    form = ProfileForm(request.actor, request.POST or None, initial=first)
    if form.is_valid():
        try:
            actions.save_profile(actor=request.actor, profile=actions.Profile(**form.cleaned_data))
        except DomainError as error:
            refused(form, error)
        else:
            messages.success(request, _("已保存，谢谢您愿意帮忙。"))
            return redirect("volunteers:me")
    title = _("修改我的资料") if volunteer and volunteer.left_at is None else _("我要当志愿者")
    return draw(request, "join", title=title, form=form, status=422 if form.errors else 200)


@write
def pause(request: Request) -> HttpResponse:
    """Rest until a day, or end the rest."""
    volunteer = own(request)
    if request.method == "POST" and "end" in request.POST:
        actions.pause(actor=request.actor, volunteer=volunteer, until=None)
        messages.success(request, _("欢迎回来。"))
        return redirect("volunteers:me")
    form = PauseForm(request.POST or None)
    if form.is_valid():
        try:
            actions.pause(actor=request.actor, volunteer=volunteer, until=form.cleaned_data["until"])
        except DomainError as error:
            refused(form, error)
        else:
            messages.success(request, _("好好休息，这段时间不会再邀您接单。"))
            return redirect("volunteers:me")
    return draw(request, "pause", title=_("休息一阵"), form=form, status=422 if form.errors else 200)


@write
def leave(request: Request) -> HttpResponse:
    """Stop volunteering, after one question."""
    volunteer = own(request)
    if request.method == "POST":
        actions.leave(actor=request.actor, volunteer=volunteer)
        messages.success(request, _("已退出。您做过的服务仍有记录，随时欢迎回来。"))
        return redirect("volunteers:me")
    return draw(request, "leave", title=_("不再当志愿者"), volunteer=volunteer)


@require_safe
def listing(request: Request) -> HttpResponse:
    """Volunteers of the keeper's places, by name."""
    words, skill = request.GET.get("q", "")[:60], request.GET.get("skill", "")[:40]
    rows = queries.volunteers_for(request.actor, words, skill)
    page = paging.page(rows, order=("id",), cursor=request.GET.get("cursor") or None)
    facts = {"words": words, "skill": skill, "skills": queries.skills(), "today": clock.today()}
    return draw(request, "list", title=_("志愿者"), page=page, **facts)


@require_safe
def teams(request: Request) -> HttpResponse:
    """Teams the reader keeps, leads or is in."""
    if request.actor.is_anonymous:
        raise SignInNeeded
    found = queries.teams_for(request.actor)
    return draw(request, "teams", title=_("志愿服务队"), teams=found, keeps=rules.keeps_any(request.actor))


@require_safe
def team(request: Request, public_id: UUID) -> HttpResponse:
    """One team: what it does, who is in it."""
    if request.actor.is_anonymous:
        raise SignInNeeded
    one = queries.team_by_public_id(request.actor, public_id)
    facts = {
        "team": one,
        "members": queries.members_of(one),
        "keeps": rules.can_keep_teams(request.actor, one.place),
        "leads": rules.can_change_members(request.actor, one),
    }
    return draw(request, "team", title=one.name, **facts)


@write
def new_team(request: Request) -> HttpResponse:
    """Found a team."""
    if not rules.keeps_any(request.actor):
        raise Forbidden
    return team_form(request, None, TeamForm(request.actor, request.POST or None), _("新建队伍"))


@write
def edit_team(request: Request, public_id: UUID) -> HttpResponse:
    """Change a team."""
    one = queries.team_by_public_id(request.actor, public_id)
    if not rules.can_keep_teams(request.actor, one.place):
        raise Forbidden
    first = {
        "name": one.name,
        "place": one.place_id,
        "about": one.about,
        "skills": one.skills.all(),
        "open_limit": one.open_limit,
        "active": one.active,
    }
    return team_form(request, one, TeamForm(request.actor, request.POST or None, initial=first), _("修改队伍"))


def team_form(request: Request, one: Team | None, form: TeamForm, title: str) -> HttpResponse:
    if form.is_valid():
        try:
            saved = actions.save_team(actor=request.actor, facts=actions.TeamFacts(**form.cleaned_data), team=one)
        except DomainError as error:
            refused(form, error)
        else:
            messages.success(request, _("已保存。"))
            return redirect("volunteers:team", saved.public_id)
    return draw(request, "team_form", title=title, form=form, team=one, status=422 if form.errors else 200)


@write
def members(request: Request, public_id: UUID) -> HttpResponse:
    """Take somebody in, take somebody out, make a leader."""
    one = queries.team_by_public_id(request.actor, public_id)
    if not rules.can_change_members(request.actor, one):
        raise Forbidden
    form = MemberForm(one, request.POST if "add" in request.POST else None)
    try:
        if form.is_valid():
            actions.add_member(actor=request.actor, team=one, **form.cleaned_data)
            return changed(request, one)
        if request.method == "POST" and "add" not in request.POST:
            change_member(request, one)
            return changed(request, one)
    except DomainError as error:
        form = form if form.is_bound else MemberForm(one, {})
        refused(form, error)
    facts = {"team": one, "members": queries.members_of(one), "keeps": rules.can_keep_teams(request.actor, one.place)}
    return draw(request, "members", title=_("队员"), form=form, status=422 if form.errors else 200, **facts)


def change_member(request: Request, one: Team) -> None:
    """The buttons beside each member: out, leader, no longer leader."""
    verb, _colon, key = next((v for k, v in request.POST.items() if k == "change"), "").partition(":")
    membership = queries.members_of(one).filter(pk=int(key) if key.isdecimal() and len(key) < 19 else 0).first()
    if membership is None or verb not in {"out", "leader", "member"}:
        raise NotFound
    if verb == "out":
        actions.end_membership(actor=request.actor, membership=membership)
    else:
        actions.set_leader(actor=request.actor, membership=membership, is_leader=verb == "leader")


def changed(request: Request, one: Team) -> HttpResponse:
    messages.success(request, _("队员已更新。"))
    return redirect("volunteers:team_members", one.public_id)
