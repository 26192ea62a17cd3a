"""Pages of wants: teams that look for people, who fits, plans for all of them; and the volunteer's own page."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from huying.kernel import clock, exports, paging
from huying.kernel.actor import Actor
from huying.kernel.errors import Forbidden, InvalidInput, NotFound
from huying.kernel.requests import Request, fresh, signed_in
from huying.ui.naming import named
from huying.volunteers import actions, queries, rules
from huying.volunteers.forms.allocating import PlanForm, PlanStep, WantForm, WantsForm
from huying.volunteers.models import Allocation, Want
from huying.volunteers.states import AllocationState, slot_in_words
from huying.volunteers.views.joining import BOTH, PAGE, go, refused, show

NEWEST = ("-made_at", "-id")
TONES = {"open": "pine", "filled": "dai", "withdrawn": "ink", "over": "ink"}
PLAN_TONES = {"making": "dai", "ready": "kaki", "confirmed": "pine", "dropped": "ink"}
GAPS_SHOWN = 100
WANTS = (
    exports.Column[Want](gettext_lazy("队伍"), "team.name", "team"),
    exports.Column[Want](gettext_lazy("在哪里服务"), lambda row: named(row.place), "place"),
    exports.Column[Want](gettext_lazy("要会什么"), lambda row: skills_in_words(row), "skills"),
    exports.Column[Want](gettext_lazy("每周什么时候"), lambda row: times_in_words(row), "times"),
    exports.Column[Want](gettext_lazy("要几个人"), "headcount", "wanted"),
    exports.Column[Want](gettext_lazy("已入队"), "joined", "joined"),
    exports.Column[Want](gettext_lazy("找到哪天"), "until_date", "until"),
    exports.Column[Want](gettext_lazy("给志愿者的一句话"), "words", "words"),
    exports.Column[Want](gettext_lazy("状态"), lambda row: row.get_state_display(), "state"),
    exports.Column[Want](gettext_lazy("登记时间"), "made_at"),
)
"""Not how many were asked: that is of the moment, and a list that travels holds what stays true."""


def skills_in_words(want: Want) -> str:
    return _("、").join(named(one) for one in want.skills.all())


def times_in_words(want: Want) -> str:
    return _("、").join(slot_in_words(slot) for slot in want.slots)


def organising(request: Request) -> Actor:
    """The actor, when he leads a team or keeps a place."""
    actor = signed_in(request)
    if not rules.is_organiser(actor):
        raise Forbidden
    return actor


def planning(request: Request) -> Actor:
    """The actor, when he keeps volunteers somewhere."""
    actor = signed_in(request)
    if not rules.is_keeper(actor):
        raise Forbidden(_("志愿者统筹只对实践站、所、中心的工作人员开放。"))
    return actor


# ── wants ───────────────────────────────────────────────────────────────────
@require_safe
@never_cache
def wants(request: Request) -> HttpResponse:
    """Teams that look for people, the newest first."""
    actor = organising(request)
    form = WantsForm(request.GET)
    asked = form.wanted()
    page = paging.page(queries.wants(actor, **asked), NEWEST, request.GET.get("cursor"), PAGE)
    rows = [{"row": one, "tone": TONES[one.state], "times": times_in_words(one)} for one in page.rows]
    facts: dict[str, Any] = {"form": form, "page": page, "rows": rows, "asked": asked}
    facts["columns"] = [_("队伍"), _("要会什么"), _("每周什么时候"), _("人数"), _("找到哪天"), _("状态")]
    facts["files"] = exports.addresses("volunteers:wants_file", query=request.GET.urlencode())
    facts["narrowed"] = any(request.GET.get(one) for one in ("q", "skill", "state", "within", "team"))
    facts["allocates"] = rules.is_keeper(actor)
    return show(request, "allocating/wants", desk=True, **facts)


@require_safe
@never_cache
@fresh
def wants_file(request: Request, kind: str) -> HttpResponseBase:
    """The same to take along, under the filters of the page."""
    actor = organising(request)
    form = WantsForm(request.GET)
    if not form.is_valid():
        raise InvalidInput(" ".join(str(words) for errors in form.errors.values() for words in errors))
    rows = queries.wants(actor, **form.wanted()).order_by("-made_at", "-id")
    return exports.respond(actor=actor, name=_("队伍要人"), kind=exports.kind_of(kind), columns=WANTS, rows=rows)


@require_http_methods(BOTH)
@never_cache
def new_want(request: Request) -> HttpResponse:
    """Say whom a team looks for."""
    actor = organising(request)
    asked = request.GET.get("team", "")
    team = queries.keeps_team(actor, UUID(asked)) if is_key(asked) else None
    form = WantForm(request.POST if request.method == "POST" else None, actor=actor, team=team)
    if form.is_bound and form.is_valid():
        try:
            made = actions.state_want(actor=actor, facts=form.facts())
        except InvalidInput as error:
            refused(form, error)
        else:
            messages.success(request, _("已登记，促进中心会帮着找人。"))
            return go("volunteers:want", made.public_id)
    return show(request, "allocating/want_new", 422 if form.is_bound else 200, desk=True, form=form)


def is_key(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


@require_http_methods(BOTH)
@never_cache
def want(request: Request, public_id: UUID) -> HttpResponse:
    """One want: who came, who fits (for staff of the place), the way to ask them or to stop looking."""
    actor = organising(request)
    story = queries.want_story(actor, public_id)
    act, ticked = request.POST.get("act"), [UUID(one) for one in request.POST.getlist("who") if is_key(one)][:200]
    missed = request.method == "POST"
    if missed and act not in {"withdraw", "invite"}:  # nobody is asked by a press that says nothing
        raise InvalidInput
    if act == "withdraw" or ticked:
        return want_step(request, story, ticked)
    facts: dict[str, Any] = {"story": story, "tone": TONES[story.want.state], "times": times_in_words(story.want)}
    facts["errors"] = [("id_who" if story.open else "", _("请先勾选要邀请的志愿者。"))] if missed else []
    if story.allocates and story.open:
        found = queries.fitting(actor, story.want)
        page = paging.page(found, queries.FITTING_ORDER, request.GET.get("cursor"), PAGE)
        facts |= {"page": page, "fits": queries.fits(page.rows, story.want)}
        facts["columns"] = [_("志愿者"), _("从哪里出发"), _("为什么合适")]
    return show(request, "allocating/want", 422 if missed else 200, desk=True, **facts)


def want_step(request: Request, story: queries.WantStory, ticked: list[UUID]) -> HttpResponse:
    """Withdraw it, or ask those who were ``ticked``."""
    actor, want = request.actor, story.want
    if request.POST.get("act") == "withdraw":
        actions.withdraw_want(actor=actor, want=want)
        messages.success(request, _("已撤回，还没答复的邀请也一并结束。"))
        return go("volunteers:want", want.public_id)
    chosen = queries.volunteers_ticked(actor, ticked)
    made = actions.invite(actor=actor, want=want, volunteers=chosen)
    told = ngettext("已邀请 %(n)d 位，等他们自己决定。", "已邀请 %(n)d 位，等他们自己决定。", len(made))
    messages.success(request, told % {"n": len(made)})
    if left := len(ticked) - len(made):
        told = ngettext("%(n)d 位情况有变，没有邀请。", "%(n)d 位情况有变，没有邀请。", left)
        messages.info(request, told % {"n": left})
    return go("volunteers:want", want.public_id)


# ── the volunteer's own page ────────────────────────────────────────────────
@require_http_methods(BOTH)
@never_cache
def invitation(request: Request, public_id: UUID) -> HttpResponse:
    """What somebody is asked: which team, what, when. Yes joins; no puts it away; silence is a no."""
    actor = signed_in(request)
    story = queries.invitation_story(actor, public_id)
    if request.method != "POST":
        return show(request, "allocating/invitation", story=story, times=times_in_words(story.invitation.want))
    act = request.POST.get("act")
    if act == "no":
        actions.put_away(actor=actor, invitation=story.invitation)
        messages.success(request, _("好的，这次不去。没有人会知道，也不影响以后。"))
        return go("volunteers:me")
    if act != "yes":  # nobody joins by a press that says nothing
        raise InvalidInput
    actions.take_up(actor=actor, invitation=story.invitation)
    messages.success(request, _("已加入%(team)s。") % {"team": story.invitation.want.team.name})
    return go("volunteers:team", story.invitation.want.team.public_id)


# ── plans ───────────────────────────────────────────────────────────────────
@require_http_methods(BOTH)
@never_cache
def allocations(request: Request) -> HttpResponse:
    """Plans of my places, and the button that asks for one."""
    actor = planning(request)
    form = PlanForm(request.POST if request.method == "POST" else None, actor=actor)
    if form.is_bound and form.is_valid():
        made = actions.plan_allocation(actor=actor, place=form.cleaned_data["place"])
        return go("volunteers:allocation", made.public_id)
    page = paging.page(queries.allocations(actor), ("-id",), request.GET.get("cursor"), PAGE)
    rows = [{"row": one, "tone": PLAN_TONES[one.state]} for one in page.rows]
    heads = [_("地方"), _("什么时候"), _("状态"), _("结果")]
    status = 422 if form.is_bound else 200
    return show(request, "allocating/plans", status, desk=True, form=form, rows=rows, page=page, heads=heads)


@require_http_methods(BOTH)
@never_cache
def allocation(request: Request, public_id: UUID) -> HttpResponse:
    """One plan: who is proposed for which team and why, what nobody can take, and the way to strike out and confirm."""
    actor = planning(request)
    plan = queries.allocation_by_id(actor, public_id)
    if request.method == "POST":
        return plan_step(request, plan)
    page = paging.page(queries.lines_of(plan), ("want_id", "id"), request.GET.get("cursor"), PAGE)
    gaps = [queries.gap_in_words(one) for one in queries.gaps_of(plan).order_by("id")[:GAPS_SHOWN]]
    facts: dict[str, Any] = {"plan": plan, "tone": PLAN_TONES[plan.state], "page": page, "gaps": gaps}
    facts["lines"] = [{"row": one, "said": queries.line_in_words(one).reasons} for one in page.rows]
    facts["busy"], facts["ready"] = (plan.state == one for one in (AllocationState.MAKING, AllocationState.READY))
    facts |= {"going": queries.going(plan), "missing": queries.missing(plan), "old": rules.too_old(plan, clock.now())}
    facts["more_gaps"] = len(gaps) == GAPS_SHOWN
    facts["heads"] = [_("队伍"), _("志愿者"), _("理由"), _("改动")]
    facts["gap_heads"] = [_("队伍"), _("还缺"), _("为什么")]
    return show(request, "allocating/plan", desk=True, **facts)


def plan_step(request: Request, plan: Allocation) -> HttpResponse:
    """Confirm, put away, strike a line out or take it back."""
    form = PlanStep(request.POST)
    if not form.is_valid():
        raise InvalidInput
    actor, act = request.actor, form.cleaned_data["act"]
    if act in {"strike", "restore"}:
        if form.cleaned_data["line"] is None:
            raise NotFound
        line = queries.line_by_id(actor, plan, form.cleaned_data["line"])
        actions.strike(actor=actor, line=line, struck=act == "strike")
    elif act == "confirm":
        done = actions.confirm_allocation(actor=actor, allocation=plan)
        told = ngettext("已发出 %(n)d 份邀请。", "已发出 %(n)d 份邀请。", done.figures["invited"])
        messages.success(request, told % {"n": done.figures["invited"]})
    else:
        actions.discard_allocation(actor=actor, allocation=plan)
        messages.success(request, _("这份方案已放弃，没有邀请任何人。"))
    return go("volunteers:allocation", plan.public_id)
