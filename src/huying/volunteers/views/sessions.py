"""Pages of sessions: the code on the screen and on paper, the roll, the sheet, and signing in by oneself."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from huying.kernel import clock, exports, paging
from huying.kernel.errors import Conflict, Forbidden, InvalidInput, NotFound
from huying.kernel.requests import Request, signed_in
from huying.volunteers import actions, queries, rules
from huying.volunteers.forms.service import (
    DigitsForm,
    PaperForm,
    RollForm,
    SeenForm,
    SessionForm,
    SheetLineForm,
    TicketForm,
)
from huying.volunteers.models import ServiceSession
from huying.volunteers.states import STEP_SECONDS, SessionState, Way
from huying.volunteers.views.joining import BOTH, PAGE, go, refused, show
from huying.volunteers.views.qr import square


def organiser(request: Request) -> Any:
    """The actor, who leads a team or keeps a place; Forbidden for others."""
    actor = signed_in(request)
    if not rules.is_organiser(actor):
        raise Forbidden
    return actor


# ── the organiser's pages ───────────────────────────────────────────────────
@require_safe
@never_cache
def sessions(request: Request) -> HttpResponse:
    """Sessions that I run, the latest first."""
    actor = organiser(request)
    page = paging.page(queries.sessions(actor), ("-starts_at", "-id"), request.GET.get("cursor"), PAGE)
    columns = [_("场次"), _("时间"), _("地点"), _("队伍"), {"label": _("来了"), "end": True}, _("状态")]
    files = exports.addresses("volunteers:sessions_file")
    return show(request, "service/sessions", desk=True, page=page, columns=columns, files=files)


@require_http_methods(BOTH)
@never_cache
def new_session(request: Request) -> HttpResponse:
    """Plan a session, or enter one that was."""
    actor = organiser(request)
    form = SessionForm(request.POST if request.method == "POST" else None, actor=actor)
    if form.is_bound and form.is_valid():
        try:
            made = actions.open_session(actor=actor, plan=form.plan())
        except InvalidInput as error:
            refused(form, error)
        else:
            return go("volunteers:session", made.public_id)
    return show(request, "service/session_new", 422 if form.is_bound else 200, desk=True, form=form)


@require_http_methods(BOTH)
@never_cache
def session(request: Request, public_id: UUID) -> HttpResponse:
    """One session: ways to sign people in, who is here, and closing it."""
    actor = organiser(request)
    found = queries.session_by_id(actor, public_id)
    lines = [line for line in queries.roll(found) if line.visit is not None]
    if request.method == "POST":
        form = SeenForm(request.POST, lines=lines)
        if not form.is_valid():
            raise InvalidInput  # the page offers those who came, and nobody else
        made = actions.close_session(actor=actor, session=found, seen=form.cleaned_data["seen"])
        text = ngettext(
            "这一场已结束，%(n)d 条服务记录等另一位负责人确认。",
            "这一场已结束，%(n)d 条服务记录等另一位负责人确认。",
            len(made),
        )
        messages.success(request, text % {"n": len(made)})
        return go("volunteers:session", public_id)
    return show(
        request,
        "service/session",
        desk=True,
        session=found,
        files=[(kind, reverse("volunteers:session_file", args=[public_id, kind])) for kind in exports.TYPES],
        lines=lines,
        scanned=[line for line in lines if line.may_be_seen and line.volunteer.person_id != actor.person_id],
        records=queries.records_of_session(found),
        here=sum(line.is_in for line in lines),
        open=found.state == SessionState.OPEN,
        left_over=any(line.is_out and line.visit and line.visit.record_id is None for line in lines),
    )


@require_safe
@never_cache
def code(request: Request, public_id: UUID) -> HttpResponse:
    """The screen: a code that changes, as a square and as digits, and how many are here."""
    found = queries.session_by_id(organiser(request), public_id)
    if found.state != SessionState.OPEN:
        raise actions.SessionOver
    facts = {**drawn(request, found, Way.SCREEN), "every": STEP_SECONDS - 5, "came": queries.came(found)}
    template = "service/_code" if request.htmx else "service/code"
    return show(request, template, desk=True, session=found, **facts)


def drawn(request: Request, found: ServiceSession, way: Way) -> dict[str, Any]:
    """The square and the digits of a session's code."""
    text = rules.screen_code(found) if way == Way.SCREEN else rules.paper_code(found)
    address = request.build_absolute_uri(reverse("volunteers:check_link", args=[text]))
    return {"square": square(address), "digits": rules.typed(found, way), "address": address}


@require_http_methods(BOTH)
@never_cache
def paper(request: Request, public_id: UUID) -> HttpResponse:
    """A code to print, with its end written on it; a new one makes the old one void."""
    actor = organiser(request)
    found = queries.session_by_id(actor, public_id)
    form = PaperForm(request.POST if request.method == "POST" else None, initial={"until": found.ends_at})
    if form.is_bound and form.is_valid():
        actions.print_code(actor=actor, session=found, until=form.cleaned_data["until"])
        return go("volunteers:session_paper", public_id)
    holds = found.paper_until is not None and found.paper_until > clock.now()
    facts = drawn(request, found, Way.PAPER) if holds else {}
    status = 422 if form.is_bound else 200
    return show(request, "service/paper", status, desk=True, session=found, form=form, holds=holds, **facts)


@require_http_methods(BOTH)
@never_cache
def roll(request: Request, public_id: UUID) -> HttpResponse:
    """The roll: tick who is here (or goes), press once."""
    actor = organiser(request)
    found = queries.session_by_id(actor, public_id)
    words = request.GET.get("q", "")[:40]
    lines = queries.roll(found, words)
    form = RollForm(request.POST, lines=lines) if request.method == "POST" else None
    if form is not None and form.is_valid():
        return called(request, found, form)
    if form is not None and "act" in form.errors:
        raise InvalidInput  # no button of the page sends this
    mine = next((line for line in lines if line.volunteer.person_id == actor.person_id), None)
    facts = {"lines": [x for x in lines if x is not mine], "mine": mine, "q": words}
    ticked = request.POST.getlist("who")
    status = 422 if form else 200
    return show(request, "service/roll", status, desk=True, session=found, form=form, ticked=ticked, **facts)


def called(request: Request, found: ServiceSession, form: RollForm) -> HttpResponse:
    """Carry out one press on the roll."""
    leaving = form.cleaned_data["act"] == "out"
    visits, passed = actions.call_roll(
        actor=request.actor, session=found, volunteers=form.volunteers(), leaving=leaving
    )
    text = ngettext("已记 %(n)d 人。", "已记 %(n)d 人。", len(visits))
    messages.success(request, text % {"n": len(visits)})
    if passed:
        names = _("、").join(one.person.name for one in passed)
        messages.warning(request, _("没有记上：%(names)s。可能刚签到、没签到，或在别处还没签退。") % {"names": names})
    return go("volunteers:session_roll", found.public_id)


@require_http_methods(BOTH)
@never_cache
def sheet(request: Request, public_id: UUID) -> HttpResponse:
    """Copy the paper list; another person copies it too, and what agrees becomes records."""
    actor = organiser(request)
    found = queries.session_by_id(actor, public_id)
    words = request.GET.get("q", "")[:40]
    story = queries.sheet_of(actor, found)
    data = request.POST if request.method == "POST" else None
    forms = [
        SheetLineForm(data, volunteer=line.volunteer, session=found, initial=copied(story, line.volunteer.pk))
        for line in queries.roll(found, words)
        if line.volunteer.person_id != actor.person_id and line.volunteer.pk not in story.recorded
    ]
    if data is not None and all([form.is_valid() for form in forms]):  # noqa: C419 - every line is to show its faults
        try:
            outcome = actions.copy_sheet(
                actor=actor, session=found, lines=[line for form in forms if (line := form.line()) is not None]
            )
        except InvalidInput as error:
            put_beside(forms, error)
        else:
            tell_outcome(request, outcome)
            return go("volunteers:session_sheet", public_id)
    facts = {"session": found, "forms": forms, "story": story, "q": words}
    facts["problems"] = [line for form in forms if form.is_bound for line in form.problems()]
    return show(request, "service/sheet", 422 if data is not None else 200, desk=True, **facts)


def put_beside(forms: list[SheetLineForm], error: InvalidInput) -> None:
    """What the action refused, beside the line of the volunteer it names."""
    for form in forms:
        if text := error.fields.get(str(form.volunteer.pk)):
            form.add_error("starts", str(text))


def copied(story: queries.SheetStory, volunteer_id: int) -> dict[str, Any]:
    """What the actor copied before about this volunteer."""
    entry = story.mine.get(volunteer_id)
    if entry is None:
        return {}
    start, end = clock.local(entry.starts_at).time(), clock.local(entry.ends_at).time()
    return {"starts": start, "ends": end, "rest": entry.break_minutes}


def tell_outcome(request: Request, outcome: actions.SheetOutcome) -> None:
    """What became of the lines, in words."""
    if outcome.records:
        text = ngettext("%(n)d 人两次抄录一致，已登记。", "%(n)d 人两次抄录一致，已登记。", len(outcome.records))
        messages.success(request, text % {"n": len(outcome.records)})
    if outcome.waiting:
        text = ngettext("%(n)d 人等另一位抄录。", "%(n)d 人等另一位抄录。", len(outcome.waiting))
        messages.info(request, text % {"n": len(outcome.waiting)})
    for rows, words in (
        (outcome.differing, _("两次抄录不一致，请对着纸表再看：%(names)s")),
        (outcome.overlapping, _("这段时间已有别的服务记录：%(names)s")),
    ):
        if rows:
            messages.warning(request, words % {"names": _("、").join(one.person.name for one in rows)})


# ── the volunteer's pages ───────────────────────────────────────────────────
@require_http_methods(BOTH)
@never_cache
def check(request: Request) -> HttpResponse:
    """Sessions near me now; who cannot scan types the digits."""
    actor = signed_in(request)
    form = DigitsForm(request.POST if request.method == "POST" else None)
    here = queries.sessions_for(actor)
    found = next((one for one in here if str(one.public_id) == form.data.get("session")), None)
    if form.is_bound and form.is_valid():
        if found is None:
            raise NotFound
        try:
            ticket = actions.read_digits(actor, found, form.cleaned_data["digits"])
        except InvalidInput as error:
            refused(form, error)
        else:
            return pressed(request, found, ticket)
    return asked_for_digits(request, here, found, [str(one) for rows in form.errors.values() for one in rows])


def asked_for_digits(
    request: Request, here: list[ServiceSession], found: ServiceSession | None, wrong: list[str]
) -> HttpResponse:
    """The sessions near, each with a field for its digits; ``wrong``: what was refused just now, of ``found``."""
    where = f"id_digits-{found.pk}" if found else ""
    facts: dict[str, Any] = {"sessions": here, "found": found, "typed": request.POST.get("digits", "")[:12]}
    facts |= {"wrong": wrong, "problems": [(where, one) for one in wrong]}
    return show(request, "service/check", 422 if wrong else 200, **facts)


@require_safe
@never_cache
def check_link(request: Request, text: str) -> HttpResponse:
    """What a scanned code leads to: a page with one button. Reading changes nothing."""
    actor = signed_in(request)
    if not rules.may_volunteer(actor):
        return go("volunteers:me")
    try:
        found, ticket = actions.read_link(actor, text)
    except InvalidInput as error:
        return show(request, "service/check_stale", 422, why=str(error))
    return pressed(request, found, ticket)


def pressed(request: Request, found: ServiceSession, ticket: str) -> HttpResponse:
    """The page with the button: in, or out."""
    visit = queries.visit_of(request.actor, found)
    return show(request, "service/check_in", session=found, ticket=ticket, visit=visit)


@require_POST
@never_cache
def check_press(request: Request) -> HttpResponse:
    """Sign in or out with the code just read; again changes nothing."""
    actor = signed_in(request)
    form = TicketForm(request.POST)
    if not form.is_valid():
        raise InvalidInput
    try:
        visit = actions.check_by_code(
            actor=actor, ticket=form.cleaned_data["ticket"], leaving=form.cleaned_data["act"] == "out"
        )
    except InvalidInput as error:
        return asked_for_digits(request, queries.sessions_for(actor), None, [str(error)])
    except Conflict as error:
        return show(request, "service/check_stale", error.status, why=str(error))
    messages.success(request, _("已签退，辛苦了。") if visit.out_at else _("已签到。离开时请再扫一次签退。"))
    return go("volunteers:my_service")
