"""Signing up in one press, bringing others, and one's own activities."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from huying.activities import actions, forms, queries, rules
from huying.activities.models import Session, Shift, SignUp
from huying.activities.states import SIGN_UP_STEPS, SignUpState
from huying.activities.views import pages
from huying.kernel import idempotency, paging
from huying.kernel.errors import Forbidden, NotFound
from huying.kernel.requests import Request, signed_in
from huying.people import queries as people_queries
from huying.people.models import Account, Person

PAGE = 20
MOST_FOUND = 12


def shift_in(rows: Sequence[Shift], wanted: Any) -> Shift:
    """The wanted role of a session; the only one when none is named. NotFound."""
    found = next((one for one in rows if str(one.pk) == str(wanted)), rows[0] if len(rows) == 1 else None)
    if found is None:
        raise NotFound
    return found


@idempotency.by_itself
@require_POST
def sign_up(request: Request, public_id: UUID) -> HttpResponse:
    """One press: a place, or the end of the line. Written together with whoever else presses now."""
    rows = queries.shifts_to_join(request.actor, public_id)
    form = forms.PressForm(request.POST)
    form.is_valid()
    shift = shift_in(rows, form.cleaned_data.get("shift"))
    made = actions.press(actor=signed_in(request), shift=shift, person=themselves(request), ticket=request.ticket)
    if made is None:
        return idempotency.replay(request.ticket)
    return pages.go(said(made), "sign_up", made.public_id, request=request)


def themselves(request: Request) -> Person | None:
    """Who signed in, already loaded with the account; None while they act for somebody else."""
    account = request.user
    return account.person if isinstance(account, Account) and request.actor.on_behalf_of_id is None else None


def said(row: SignUp) -> str:
    if row.state == SignUpState.WAITING:
        return _("名额满了，已排进候补。轮到您时会有消息。")
    return _("报名成功。")


@require_http_methods(pages.BOTH)
@never_cache
def bring(request: Request, public_id: UUID, sort: str) -> HttpResponse:
    """A team, a group without names, or somebody else: the three ways of signing up others."""
    actor, session = signed_in(request), queries.session(request.actor, public_id)
    rows = [one for one in session.shifts.all() if sort != "group" or not one.role.is_volunteer]
    shifts = [(str(one.pk), str(pages.role_words(one))) for one in rows]
    form: Any
    people: list[Person] = []
    if sort == "team":
        form = forms.TeamForm(pages.posted(request), teams=queries.led_teams(actor), shifts=shifts)
    elif sort == "group":
        form = forms.GroupForm(pages.posted(request), shifts=shifts)
    else:
        people = people_for(request)
        form = forms.OnBehalfForm(pages.posted(request), people=people, shifts=shifts)
    made: list[SignUp] = []

    def act() -> None:
        made.append(carry_out(request, session, sort, form))

    if request.method == "POST" and pages.carried_out(form, act):
        return pages.go(said(made[0]), "sign_up", made[0].public_id, request=request)
    return pages.show(
        request,
        "bring",
        pages.status_of(form),
        form=form,
        sort=sort,
        session=session,
        time=pages.time_of(session),
        people=people,
        words=request.GET.get("q", ""),
        searching=rules.is_organiser(actor),
    )


def people_for(request: Request) -> list[Person]:
    """Family first; for staff the residents of their places that the words find, and the one who was chosen."""
    actor = request.actor
    found = list(people_queries.wards(actor.person_id))
    words = request.GET.get("q", "").strip()
    if words:
        found += list(people_queries.search_persons(actor, words)[:MOST_FOUND])
    chosen = request.POST.get("person", "")
    if chosen and chosen not in {str(one.public_id) for one in found}:
        found.append(people_queries.person_by_id(actor, forms.joining.uuid_of(chosen)))
    return list({one.pk: one for one in found}.values())


def carry_out(request: Request, session: Session, sort: str, form: Any) -> SignUp:
    """Sign up what the form says."""
    actor, given = request.actor, form.cleaned_data
    shift = shift_in(list(session.shifts.all()), given["shift"])
    if sort == "team":
        return actions.sign_up_team(actor=actor, shift=shift, team=form.teams[given["team"]], count=given["count"])
    if sort == "group":
        group = actions.Group(given["name"], given["count"], given["contact_name"], given["contact_phone"])
        return actions.sign_up_group(actor=actor, shift=shift, group=group)
    person = form.people[given["person"]]
    if not rules.can_sign_up_for(actor, person):  # asked before he acts for the person, for then he always may
        raise Forbidden
    return actions.sign_up(actor=actor.behalf(person.pk), shift=shift, person=person)


@require_safe
@never_cache
def mine(request: Request) -> HttpResponse:
    """What I am going to, and what was; my calendar to subscribe to."""
    actor = signed_in(request)
    page = paging.page(queries.my_sign_ups(actor), ("-id",), request.GET.get("cursor"), PAGE)
    key = queries.feed_key(actor)
    feed = request.build_absolute_uri(reverse("activities:my_calendar", args=[key.token])) if key else ""
    going = [line(one) for one in queries.going(actor)]
    return pages.show(request, "mine", going=going, page=page, rows=[line(one) for one in page.rows], feed=feed)


def line(row: SignUp) -> dict[str, Any]:
    """A sign-up as one line of a list."""
    who = row.group or (row.team.name if row.team else "") or (row.person.name if row.on_behalf and row.person else "")
    time = pages.time_of(row.session)
    return {
        "row": row,
        "title": row.session.activity.title,
        "meta": " · ".join(part for part in (time, row.shift.role.name, who) if part),
        "icon": row.session.activity.kind.icon,
        "tone": row.session.activity.kind.tone,
        "status": row.get_state_display(),
        "status_tone": pages.TONES[row.state],
        "url": reverse("activities:sign_up", args=[row.public_id]),
    }


@require_http_methods(pages.BOTH)
@never_cache
def sign_up_page(request: Request, public_id: UUID) -> HttpResponse:
    """One sign-up: how it stands, the yes to a place that became free, taking it back, a word afterwards."""
    actor = signed_in(request)
    row = queries.sign_up(actor, public_id)
    feedback = forms.FeedbackForm(request.POST if request.POST.get("act") == "feedback" else None)
    if request.method == "POST" and (answer := pressed(request, row, feedback)):
        return answer
    may = {verb for verb in ("confirm", "leave") if row.state in SIGN_UP_STEPS[verb].from_}
    over = row.session.state != "planned"
    return pages.show(
        request,
        "sign_up",
        pages.status_of(feedback),
        row=row,
        tone=pages.TONES[row.state],
        time=pages.time_of(row.session),
        where=pages.where_of(row.session),
        may=may if not over else set(),
        feedback=feedback,
        may_say=row.state == SignUpState.PRESENT and row.person_id == actor.person_id,
        feed=reverse("activities:ics", args=[row.session.activity.public_id]),
    )


def pressed(request: Request, row: SignUp, feedback: forms.FeedbackForm) -> HttpResponse | None:
    """Carry out a press; None when what was said is refused and the form says why."""
    verb = request.POST.get("act")
    if verb == "confirm":
        actions.confirm_place(actor=request.actor, sign_up=row)
        return pages.go(_("已确认，到时候见。"), "sign_up", row.public_id, request=request)
    if verb == "leave":
        actions.leave(actor=request.actor, sign_up=row)
        return pages.go(_("已取消报名，名额让给别人了。"), "sign_up", row.public_id, request=request)
    if verb != "feedback":
        raise Forbidden

    def act() -> None:
        given = feedback.cleaned_data
        actions.give_feedback(actor=request.actor, session=row.session, score=given["score"], words=given["words"])

    if pages.carried_out(feedback, act):
        return pages.go(_("谢谢，您的话会转给主办方。"), "sign_up", row.public_id, request=request)
    return None


@require_POST
def calendar_key(request: Request) -> HttpResponse:
    """A fresh secret address for my calendar."""
    actions.new_calendar_key(actor=signed_in(request))
    messages.success(request, _("日历地址已生成，旧的地址不能再用。"))
    return pages.go("", "mine", request=request)
