"""At the door and afterwards: who comes, checking in (also without network), results, pictures, hours."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from huying.activities import actions, forms, queries, rules
from huying.activities.models import Session, SignUp
from huying.activities.states import SESSION_STEPS, SessionState, SignUpState, Source
from huying.activities.views import pages
from huying.kernel import attachments, clock
from huying.kernel.errors import Forbidden, InvalidInput, NotFound
from huying.kernel.idempotency import key_of
from huying.kernel.requests import Request, signed_in


def run_session(request: Request, public_id: UUID) -> Session:
    """The session, for those who run it; Forbidden for others who see it."""
    found = queries.session(signed_in(request), public_id)
    if not rules.can_run(request.actor, found.activity):
        raise Forbidden
    return found


@require_safe
@never_cache
def door(request: Request, public_id: UUID) -> HttpResponse:
    """Who comes, with one button each. The presses wait in the tablet while there is no network."""
    return at_door(request, run_session(request, public_id), forms.WalkInForm(None))


def at_door(request: Request, session: Session, walk: forms.WalkInForm) -> HttpResponse:
    """The page of the door; ``walk`` says what was wrong with a number of people who just came."""
    roster = queries.roster(request.actor, session)
    rows = [door_line(one, roster) for one in roster.sign_ups]
    done = request.GET.get("done", "")
    return pages.show(
        request,
        "door",
        pages.status_of(walk),
        desk=True,
        session=session,
        activity=session.activity,
        roster=roster,
        time=pages.time_of(session),
        where=pages.where_of(session),
        expected=sum(one["count"] for one in rows if one["row"].state != SignUpState.WAITING),
        groups=by_role(rows),
        done=int(done) if done.isdigit() and len(done) < 19 else 0,
        walk=walk,
        open=session.state in {SessionState.PLANNED, SessionState.HELD},
        may_hold=session.state == SessionState.PLANNED and session.starts_at <= clock.now(),
        results_url=reverse("activities:results", args=[session.public_id]),
    )


def door_line(row: SignUp, roster: queries.Roster) -> dict[str, Any]:
    """One sign-up at the door."""
    here = roster.checked.get(row.pk)
    person = row.person
    return {
        "row": row,
        "name": row.group or (row.team.name if row.team else "") or (person.name if person else ""),
        "count": row.count,
        "many": row.person_id is None,
        "here": here,
        "serves": row.shift.role.is_volunteer,
        "contact": row.contact_name,
    }


def by_role(rows: list[dict[str, Any]]) -> list[tuple[str, list[dict[str, Any]]]]:
    """Lines under their roles, in order."""
    found: dict[str, list[dict[str, Any]]] = {}
    for one in rows:
        found.setdefault(one["row"].shift.role.name, []).append(one)
    return list(found.items())


@require_POST
def press(request: Request, public_id: UUID) -> HttpResponse:
    """One press at the door; sent again it changes nothing."""
    session = run_session(request, public_id)
    form = forms.CheckInForm(request.POST)
    if not form.is_valid():
        raise InvalidInput
    given = form.cleaned_data
    row = queries.sign_up(request.actor, given["sign_up"])
    if row.session_id != session.pk:
        raise NotFound
    if given["act"] == "undo":
        actions.undo_check_in(actor=request.actor, sign_up=row)
    elif given["act"] == "out":
        actions.check_out(actor=request.actor, sign_up=row, at=given["at"])
    else:
        actions.check_in(actor=request.actor, sign_up=row, count=given["count"], at=given["at"])
    end = f"?done={row.pk}#r-{row.pk}"
    return pages.go("", "door", session.public_id, request=request, end=end)


@require_POST
def scans(request: Request, public_id: UUID) -> HttpResponse:
    """Presses that waited in a tablet, as JSON in one go; an answer for each (forms.scans). Again it changes nothing."""
    session = run_session(request, public_id)
    given = forms.read_scans(request)
    taken = actions.take_scans(actor=request.actor, session=session, scans=given.seen())
    return JsonResponse(forms.scans_told(given, taken))


@require_POST
def walk_in(request: Request, public_id: UUID) -> HttpResponse:
    """A number of people who just came; the key of the press makes it count once."""
    session = run_session(request, public_id)
    form = forms.WalkInForm(request.POST)
    if not form.is_valid():
        return at_door(request, session, form)
    key = f"{request.actor.person_id}:{key_of(request)}"
    actions.walk_in(actor=request.actor, session=session, count=form.cleaned_data["count"], key=key)
    return pages.go(_("已记下。"), "door", session.public_id, request=request, end="?done=0")


@require_http_methods(pages.BOTH)
@never_cache
def step(request: Request, public_id: UUID, verb: str) -> HttpResponse:
    """It has taken place; its results are complete; they are open again."""
    session, one = run_session(request, public_id), SESSION_STEPS.get(verb)
    if one is None or verb not in {"hold", "record", "reopen"}:
        raise NotFound
    form: Any = forms.ReasonForm(pages.posted(request)) if one.needs else forms.PressForm(pages.posted(request))

    def act() -> None:
        if verb == "hold":
            actions.hold(actor=request.actor, session=session)
        elif verb == "record":
            actions.close_results(actor=request.actor, session=session)
        else:
            actions.reopen_results(actor=request.actor, session=session, reason=form.cleaned_data["reason"])

    if request.method == "POST" and pages.carried_out(form, act):
        return pages.go(_("好了。"), "results", session.public_id, request=request)
    back = reverse("activities:door", args=[session.public_id])
    lead = _("还没签到的会记为没有到场，只用来安排下次的名额，不给别人看。") if verb == "hold" else ""
    return pages.show(
        request,
        "form",
        pages.status_of(form),
        desk=True,
        form=form,
        title=str(one.label),
        label=str(one.label),
        back=back,
        kind="primary",
        lead=lead,
    )


@require_http_methods(pages.BOTH)
@never_cache
def results(request: Request, public_id: UUID) -> HttpResponse:
    """What came of a session: amounts in their units, words of those who were there, pictures, hours."""
    session = run_session(request, public_id)
    known = queries.results_of(session)
    form = forms.ResultsForm(pages.posted(request), results=known)

    def act() -> None:
        actions.save_results(actor=request.actor, session=session, rows=form.facts())

    if request.method == "POST" and pages.carried_out(form, act):
        return pages.go(_("已保存。"), "results", session.public_id, request=request)
    said, mean, words = queries.feedback_of(session)
    return pages.show(
        request,
        "results",
        pages.status_of(form),
        desk=True,
        session=session,
        activity=session.activity,
        time=pages.time_of(session),
        form=form,
        columns=[_("算什么"), _("是什么"), _("多少"), _("单位")],
        counted=[one for one in known if one.source == Source.COUNTED],
        entered=[one for one in known if one.source == Source.ENTERED],
        open=session.state == SessionState.HELD,
        said=said,
        mean=f"{mean:.1f}" if mean is not None else "",
        words=words,
        photos=pictures(request, session),
        serves=any(one.role.is_volunteer for one in session.shifts.all()),
        not_out=queries.not_out(session),
    )


def pictures(request: Request, session: Session) -> list[dict[str, Any]]:
    """The pictures of a session with their short signed addresses."""
    return [
        {"photo": photo, "small": attachments.url(file, request.actor, small=True)}
        for photo, file in queries.photos_of(session)
    ]


@require_POST
def hours(request: Request, public_id: UUID) -> HttpResponse:
    """Hand in the hours of those who served."""
    session = run_session(request, public_id)
    done = actions.hand_in_hours(actor=request.actor, session=session)
    messages.success(request, _("已登记 %(n)d 条服务记录，等另一位负责人确认。") % {"n": len(done.records)})
    for name, why in done.refused[:10]:
        messages.warning(request, name + _("：") + str(why))
    if done.not_out:
        messages.warning(
            request, _("还有 %(n)d 人没有签退，没有登记。请补记离开时间，再登记一次。") % {"n": len(done.not_out)}
        )
    return pages.go("", "results", session.public_id, request=request)


@require_http_methods(pages.BOTH)
@never_cache
def leaving(request: Request, public_id: UUID) -> HttpResponse:
    """When somebody left who was not signed out, written down afterwards by another one."""
    row = queries.sign_up(signed_in(request), public_id)
    session = row.session
    if not rules.can_run(request.actor, session.activity):
        raise Forbidden
    form = forms.LeavingForm(pages.posted(request), session=session)

    def act() -> None:
        actions.add_leaving(actor=request.actor, sign_up=row, at=form.cleaned_data["at"])

    if request.method == "POST" and pages.carried_out(form, act):
        return pages.go(_("已记下。"), "results", session.public_id, request=request)
    back = reverse("activities:results", args=[session.public_id])
    who = row.person.name if row.person else ""
    return pages.show(
        request,
        "form",
        pages.status_of(form),
        form=form,
        title=_("补记离开时间"),
        label=_("记下"),
        back=back,
        kind="primary",
        lead=" · ".join(part for part in (who, pages.time_of(session)) if part),
    )


@require_http_methods(pages.BOTH)
@never_cache
def add_photo(request: Request, public_id: UUID) -> HttpResponse:
    """A picture, with consent where people can be known."""
    session = run_session(request, public_id)
    form = forms.PhotoForm(pages.posted(request), request.FILES if request.method == "POST" else None)

    def act() -> None:
        upload = form.cleaned_data["photo"]
        actions.add_photo(actor=request.actor, session=session, upload=upload, facts=form.facts())

    if request.method == "POST" and pages.carried_out(form, act):
        return pages.go(_("照片已加上。"), "results", session.public_id, request=request)
    back = reverse("activities:results", args=[session.public_id])
    return pages.show(
        request,
        "form",
        pages.status_of(form),
        desk=True,
        form=form,
        title=_("加照片"),
        label=_("上传"),
        back=back,
        kind="primary",
        lead=_("公开的照片里，能认出的人都要先同意；有人不愿意了，马上撤下。"),
    )


@require_POST
def remove_photo(request: Request, public_id: UUID) -> HttpResponse:
    """Take a picture away."""
    photo = queries.photo(signed_in(request), public_id)
    session = photo.session
    actions.remove_photo(actor=request.actor, photo=photo)
    return pages.go(_("照片已撤下。"), "results", session.public_id, request=request)
