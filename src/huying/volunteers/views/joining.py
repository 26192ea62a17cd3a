"""Pages of volunteers and teams: one's own profile, the teams, and the keeper's lists."""

from __future__ import annotations

from datetime import date
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from huying.kernel import clock, exports, paging
from huying.kernel.errors import DomainError, Forbidden, InvalidInput
from huying.kernel.requests import Request, signed_in
from huying.people import rules as people_rules
from huying.ui.components.basic import chip
from huying.ui.naming import named
from huying.ui.registry import escaped
from huying.volunteers import actions, queries, rules
from huying.volunteers.forms.joining import FindForm, MemberForm, PauseForm, ProfileForm, TeamForm
from huying.volunteers.models import Volunteer
from huying.volunteers.states import Measure

BOTH = ["GET", "HEAD", "POST"]
PAGE = 25


def show(request: Request, template: str, status: int = 200, *, desk: bool = False, **facts: Any) -> HttpResponse:
    """A page in the layout of its reader: staff at the desk, everybody else on the telephone.

    ``desk``: a page for running things, wide also for a leader who is an ordinary resident.
    """
    kind = "staff" if desk or people_rules.is_staff(request.actor) else "resident"
    return render(
        request, f"volunteers/{template}.html", {"layout": f"volunteers/layout_{kind}.html", **facts}, status=status
    )


def go(name: str, *args: Any) -> HttpResponse:
    return HttpResponseRedirect(reverse(name, args=args), status=303)


def refused(form: Form, error: DomainError) -> None:
    """What an action refused, beside the field it names, else on top."""
    for field, text in dict(error.fields).items() or [("", str(error))]:
        form.add_error(field if field in form.fields else None, str(text))


# ── oneself ─────────────────────────────────────────────────────────────────
@require_safe
@never_cache
def me(request: Request) -> HttpResponse:
    """My profile, my teams and whether I rest; an invitation for somebody who is no volunteer."""
    actor = signed_in(request)
    found = queries.profile_of(actor)
    volunteer = found if found and found.left_at is None else None
    resting = bool(volunteer and volunteer.paused_until and volunteer.paused_until >= clock.today())
    facts: dict[str, Any] = {"memberships": queries.my_memberships(actor), "organises": rules.is_organiser(actor)}
    facts["invitations"] = queries.my_invitations(actor)
    facts["leads"] = any(one.is_leader and one.team.active for one in facts["memberships"])
    return show(request, "me", volunteer=volunteer, resting=resting, **facts)


@require_http_methods(BOTH)
@never_cache
def join(request: Request) -> HttpResponse:
    """Become a volunteer, or change what one offers."""
    actor = signed_in(request)
    volunteer, data = queries.profile_of(actor), request.POST if request.method == "POST" else None
    form = ProfileForm(data, person=queries.person_of(actor), volunteer=volunteer)
    if form.is_bound and form.is_valid():
        actions.save_profile(actor=actor, profile=form.profile())
        messages.success(request, _("已登记，谢谢您愿意帮忙。") if volunteer is None else _("已改好。"))
        return go("volunteers:me")
    return show(request, "join", 422 if form.is_bound else 200, form=form, volunteer=volunteer)


@require_http_methods(BOTH)
@never_cache
def pause(request: Request) -> HttpResponse:
    """Rest for some days, or come back (``resume``)."""
    actor = signed_in(request)
    if request.method == "POST" and "resume" in request.POST:
        actions.pause(actor=actor, until=None)
        messages.success(request, _("欢迎回来。"))
        return go("volunteers:me")
    form = PauseForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            actions.pause(actor=actor, until=form.cleaned_data["until"])
        except InvalidInput as error:
            refused(form, error)
        else:
            messages.success(request, _("好好休息，这段时间不会有人派单给您。"))
            return go("volunteers:me")
    return show(request, "pause", 422 if form.is_bound else 200, form=form)


@require_http_methods(BOTH)
@never_cache
def leave(request: Request) -> HttpResponse:
    """Stop being a volunteer, after a page that says what follows."""
    actor = signed_in(request)
    if request.method == "POST":
        actions.leave(actor=actor)
        messages.success(request, _("已退出。谢谢您帮过的每一次忙，随时欢迎回来。"))
        return go("volunteers:me")
    return show(request, "leave")


# ── teams ───────────────────────────────────────────────────────────────────
@require_safe
@never_cache
def teams(request: Request) -> HttpResponse:
    """Teams I keep, am in, or could join."""
    actor = signed_in(request)
    asked = FindForm(request.GET).wanted()
    words, within, active = asked["words"], asked["within"], asked["only"] == Measure.ACTIVE
    kind = request.GET.get("kind", "")[:40]
    rows = queries.teams(actor, words=words, within=within, active=active, kind=kind)
    page = paging.page(rows, ("name", "id"), request.GET.get("cursor"), PAGE)
    keep = {"within": str(within.public_id)} if within else {}
    keep |= {"only": asked["only"]} if active else {}
    keep |= {"kind": kind} if kind else {}
    facts: dict[str, Any] = {"q": words, "keep": keep, "within": within, "active": active}
    facts["files"] = exports.addresses("volunteers:teams_file", query=urlencode({**keep, "q": words}))
    return show(request, "teams", page=page, keeps=rules.is_keeper(actor), **facts)


@require_http_methods(BOTH)
@never_cache
def team(request: Request, public_id: UUID) -> HttpResponse:
    """One team; a volunteer joins or leaves it here by himself. For its leader this is the desk."""
    actor = signed_in(request)
    story = queries.team_story(actor, public_id)
    if request.method != "POST":
        return show(request, "team", desk=story.keeps_members, story=story)
    if request.POST.get("act") == "leave" and story.mine:
        actions.end_membership(actor=actor, team=story.team, volunteer=story.mine.volunteer)
        messages.success(request, _("已退出%(team)s。") % {"team": story.team.name})
        return go("volunteers:teams")
    actions.join_team(actor=actor, team=story.team)
    messages.success(request, _("已加入%(team)s。") % {"team": story.team.name})
    return go("volunteers:team", story.team.public_id)


@require_http_methods(BOTH)
@never_cache
def new_team(request: Request) -> HttpResponse:
    """Found a team at a place of one's own."""
    actor = signed_in(request)
    if not rules.is_keeper(actor):
        raise Forbidden
    data = request.POST if request.method == "POST" else None
    return saved(request, TeamForm(data, keeper=actor, near=queries.kept_places(actor)), None)


@require_http_methods(BOTH)
@never_cache
def edit_team(request: Request, public_id: UUID) -> HttpResponse:
    """Change a team's facts, or stop it."""
    actor = signed_in(request)
    story = queries.team_story(actor, public_id)
    if not story.keeps:
        raise Forbidden
    data = request.POST if request.method == "POST" else None
    return saved(request, TeamForm(data, keeper=actor, near=[], team=story.team), story)


def saved(request: Request, form: TeamForm, story: queries.TeamStory | None) -> HttpResponse:
    """Write a team down and show it; the form again with its errors when it was refused."""
    if form.is_bound and form.is_valid():
        try:
            made = actions.save_team(actor=request.actor, facts=form.facts(), team=story.team if story else None)
        except (InvalidInput, actions.TeamNameTaken) as error:
            refused(form, error)
        else:
            messages.success(request, _("队伍已保存。"))
            return go("volunteers:team", made.public_id)
    return show(request, "team_edit", 422 if form.is_bound else 200, form=form, story=story)


@require_http_methods(BOTH)
@never_cache
def members(request: Request, public_id: UUID) -> HttpResponse:
    """Members and leaders: add somebody who agreed, take out, name leaders."""
    actor = signed_in(request)
    story = queries.team_story(actor, public_id)
    if not story.keeps_members:
        raise Forbidden
    if request.method == "POST":
        return member_changed(request, story)
    find = FindForm(request.GET)
    words = find.cleaned_data["q"] if find.is_valid() else ""
    facts: dict[str, Any] = {"found": queries.volunteers_named(actor, story.team, words), "today": clock.today()}
    facts["members"] = queries.team_members(story.team)
    facts["columns"] = [_("姓名"), _("社区"), _("会做什么"), _("入队"), _("现在"), _("可以做")]
    facts["files"] = exports.addresses("volunteers:team_file", public_id)
    return show(request, "members", desk=True, story=story, q=words, **facts)


def member_changed(request: Request, story: queries.TeamStory) -> HttpResponse:
    """Carry out one press on the members' page."""
    form = MemberForm(request.POST)
    if not form.is_valid():
        raise InvalidInput
    actor, given = request.actor, form.cleaned_data
    who = queries.addable(actor, story.team, given["who"])
    if given["act"] == "add":
        actions.add_member(actor=actor, team=story.team, volunteer=who, agreed=given["agreed"])
    elif given["act"] == "end":
        actions.end_membership(actor=actor, team=story.team, volunteer=who)
    else:
        actions.set_leader(actor=actor, team=story.team, volunteer=who, is_leader=given["act"] == "lead")
    messages.success(request, _("已改好。"))
    return go("volunteers:team_members", story.team.public_id)


# ── the keeper's list ───────────────────────────────────────────────────────
@require_safe
@never_cache
def listing(request: Request) -> HttpResponse:
    """Volunteers of the keeper's places, by name; never by hours or any other score (promise 3)."""
    actor = signed_in(request)
    if not rules.is_keeper(actor):
        raise Forbidden
    asked = FindForm(request.GET).wanted()
    rows = queries.listed(actor, **asked)
    page = paging.page(rows, ("person__sort_key", "id"), request.GET.get("cursor"), PAGE)
    columns = [_("姓名"), _("社区"), _("会做什么"), _("现在")]
    facts: dict[str, Any] = {"skills": queries.skills(), "languages": queries.languages()}
    facts["rows"] = [listed_row(one, clock.today()) for one in page.rows]
    facts["files"] = exports.addresses("volunteers:list_file", query=request.GET.urlencode())
    facts["only"] = Measure(asked["only"]).label if asked["only"] in Measure.values else ""
    return show(request, "list", page=page, asked=asked, columns=columns, **facts)


def listed_row(volunteer: Volunteer, today: date) -> dict[str, Any]:
    """One volunteer as the cells of ``lines``: name, neighbourhood, skills, whether he rests."""
    href = reverse("volunteers:volunteer", args=[volunteer.public_id])
    name = SafeString(f'<a class="hy-link" href="{href}">{escaped(volunteer.person.name)}</a>')
    rests = volunteer.paused_until is not None and volunteer.paused_until >= today
    now = chip(label=_("休息中"), tone="gui") if rests else chip(label=_("可以问"), tone="pine")
    skills = _("、").join(named(one) for one in volunteer.skills.all())
    return {"cells": (name, named(volunteer.base_place), skills, now)}
