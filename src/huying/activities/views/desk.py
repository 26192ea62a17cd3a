"""The organisers' pages: the list, writing, publishing, copying, moving and calling off."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from huying.activities import actions, forms, queries, rules
from huying.activities.models import Activity, Session
from huying.activities.states import ACTIVITY_STEPS, SESSION_STEPS, ActivityState
from huying.activities.views import pages
from huying.kernel import exports, paging
from huying.kernel.errors import Forbidden, NotFound
from huying.kernel.requests import Request, signed_in

PAGE = 25


@require_safe
@never_cache
def desk(request: Request) -> HttpResponse:
    """Everything I run: what waits to be closed, drafts, all the rest."""
    actor = signed_in(request)
    if not rules.is_organiser(actor):
        raise Forbidden
    find = forms.DeskForm(request.GET)
    rows = queries.desk(actor, words=find.got("q"), state=find.got("state"), size=find.got("size"))
    page = paging.page(rows, ("-changed_at", "-id"), request.GET.get("cursor"), PAGE)
    ordinary, large = queries.counted_apart(actor)
    return pages.show(
        request,
        "desk",
        find=find,
        page=page,
        tones=pages.STATE_TONES,
        ordinary=ordinary,
        large=large,
        to_close=[{**pages.card(one), "session": one} for one in queries.to_close(actor)],
        templates=queries.templates(actor),
        keeps_data=rules.can_keep_data(actor),
        files=exports.addresses("activities:desk_file", query=request.GET.urlencode()),
        columns=[_("活动"), _("哪里"), _("下一场"), {"label": _("场次"), "end": True}, _("状态")],
    )


def own_choices(request: Request) -> dict[str, Any]:
    """Where the actor writes activities, the rooms there that can be booked, the teams that can host."""
    actor = request.actor
    return {"places": queries.my_places(actor), "venues": queries.my_venues(actor), "teams": queries.my_teams(actor)}


@require_http_methods(pages.BOTH)
@never_cache
def new(request: Request) -> HttpResponse:
    """Write a new activity."""
    actor = signed_in(request)
    choices = own_choices(request)
    if not choices["places"]:
        raise Forbidden
    initial = {"contact_name": queries.name_of(actor)}
    form = forms.ActivityForm(pages.posted(request), **choices, initial=initial)
    return written(request, form, None)


@require_http_methods(pages.BOTH)
@never_cache
def edit(request: Request, public_id: UUID) -> HttpResponse:
    """Change a draft, or what is written of a published activity."""
    found = writable(request, public_id)
    form = forms.ActivityForm(pages.posted(request), **own_choices(request), activity=found)
    return written(request, form, found)


def writable(request: Request, public_id: UUID) -> Activity:
    """The activity, for somebody who may write it."""
    found = queries.activity(signed_in(request), public_id)
    if not rules.can_write(request.actor, found):
        raise Forbidden
    return found


def written(request: Request, form: forms.ActivityForm, found: Activity | None) -> HttpResponse:
    """Write it down and show it; the form again with its errors when it was refused."""
    made: list[Activity] = []

    def act() -> None:
        if found is not None and found.state != ActivityState.DRAFT:
            made.append(actions.change(actor=request.actor, activity=found, facts=form.facts()))
        else:
            made.append(actions.save_draft(actor=request.actor, facts=form.facts(), activity=found))

    if request.method == "POST" and pages.carried_out(form, act):
        return pages.go(_("已保存。"), "activity", made[0].public_id, request=request)
    back = reverse("activities:activity", args=[found.public_id]) if found else reverse("activities:desk")
    return pages.show(
        request,
        "edit",
        pages.status_of(form),
        form=form,
        activity=found,
        back=back,
        role_columns=[_("参加身份"), _("名额"), _("需要会"), _("服务"), _("服务类别")],
        party_columns=[_("单位或队伍"), _("角色"), _("份额（%）")],
    )


@require_http_methods(pages.BOTH)
@never_cache
def copy(request: Request, public_id: UUID) -> HttpResponse:
    """A new draft of the same."""
    found = queries.activity(signed_in(request), public_id)
    if not rules.can_make(request.actor, found.place):
        raise Forbidden
    form = forms.CopyForm(pages.posted(request))
    made: list[Activity] = []

    def act() -> None:
        made.append(actions.copy(actor=request.actor, activity=found, **form.cleaned_data))

    if request.method == "POST" and pages.carried_out(form, act):
        return pages.go(_("已复制成草稿，改好再发布。"), "edit", made[0].public_id, request=request)
    return form_page(
        request, form, title=_("复制“%(title)s”") % {"title": found.title}, label=_("复制"), activity=found
    )


def form_page(
    request: Request,
    form: Any,
    *,
    title: str,
    label: str,
    activity: Activity,
    kind: str = "primary",
    lead: str = "",
) -> HttpResponse:
    """A page with one form about an activity."""
    back = reverse("activities:activity", args=[activity.public_id])
    return pages.show(
        request, "form", pages.status_of(form), form=form, title=title, label=label, back=back, kind=kind, lead=lead
    )


VERBS = {"publish": actions.publish, "discard": actions.discard}


@require_http_methods(pages.BOTH)
@never_cache
def step(request: Request, public_id: UUID, verb: str) -> HttpResponse:
    """Publish, cancel or throw a draft away."""
    found, one = writable(request, public_id), ACTIVITY_STEPS.get(verb)
    if one is None or verb == "end":
        raise NotFound
    data = pages.posted(request)
    form: Any = forms.ReasonForm(data) if one.needs else forms.PressForm(data)

    def act() -> None:
        if verb == "cancel":
            actions.cancel(actor=request.actor, activity=found, reason=form.cleaned_data["reason"])
        else:
            VERBS[verb](actor=request.actor, activity=found)

    if request.method == "POST" and pages.carried_out(form, act):
        said = {"publish": _("已发布，大家都能看到了。"), "cancel": _("已取消，报名的人都会收到消息。")}
        return pages.go(said.get(verb, _("已作废。")), "activity", found.public_id, request=request)
    lead = _("报名的人都会收到消息，订好的场地会退掉。") if verb == "cancel" else ""
    kind = "danger" if one.tone == "danger" else "primary"
    return form_page(request, form, title=str(one.label), label=str(one.label), activity=found, kind=kind, lead=lead)


def session_of(request: Request, public_id: UUID) -> Session:
    """The session, for somebody who may write its activity."""
    found = queries.session(signed_in(request), public_id)
    if not rules.can_write(request.actor, found.activity):
        raise Forbidden
    return found


@require_http_methods(pages.BOTH)
@never_cache
def move(request: Request, public_id: UUID) -> HttpResponse:
    """Another time or place for one session."""
    session = session_of(request, public_id)
    form = forms.MoveForm(pages.posted(request), venues=queries.my_venues(request.actor), session=session)

    def act() -> None:
        given = form.cleaned_data
        times = {name: given[name] for name in ("starts_at", "ends_at", "where", "reason")}
        actions.move_session(actor=request.actor, session=session, venue=form.place(), **times)

    if request.method == "POST" and pages.carried_out(form, act):
        return pages.go(_("已改期，报名的人都会收到消息。"), "activity", session.activity.public_id, request=request)
    lead = pages.time_of(session)
    return form_page(request, form, title=_("改期"), label=_("改期"), activity=session.activity, lead=lead)


@require_http_methods(pages.BOTH)
@never_cache
def call_off(request: Request, public_id: UUID) -> HttpResponse:
    """One session does not take place."""
    session = session_of(request, public_id)
    form = forms.ReasonForm(pages.posted(request))

    def act() -> None:
        actions.cancel_session(actor=request.actor, session=session, reason=form.cleaned_data["reason"])

    if request.method == "POST" and pages.carried_out(form, act):
        return pages.go(_("这一场已取消。"), "activity", session.activity.public_id, request=request)
    label = str(SESSION_STEPS["cancel"].label)
    lead = pages.time_of(session)
    return form_page(request, form, title=label, label=label, activity=session.activity, kind="danger", lead=lead)


@require_http_methods(pages.BOTH)
@never_cache
def add(request: Request, public_id: UUID) -> HttpResponse:
    """One more session."""
    found = writable(request, public_id)
    form = forms.MoveForm(pages.posted(request), venues=[])
    for name in ("venue", "where", "reason"):
        del form.fields[name]

    def act() -> None:
        actions.add_session(actor=request.actor, activity=found, **form.cleaned_data)

    if request.method == "POST" and pages.carried_out(form, act):
        return pages.go(_("加好了一场。"), "activity", found.public_id, request=request)
    return form_page(request, form, title=_("加一场"), label=_("加上"), activity=found)
