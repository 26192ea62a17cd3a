"""What every page of this room has in common: its layout, the way on, and how a session is shown in words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django import forms as django_forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from huying.activities import forms
from huying.activities.models import Activity, Session, Shift, SignUp
from huying.activities.queries import Seats
from huying.activities.states import ActivityState, SessionState, SignUpState
from huying.kernel import clock
from huying.kernel.errors import DomainError
from huying.kernel.requests import Request
from huying.people import rules as people_rules
from huying.ui import when
from huying.ui.naming import named

BOTH = ["GET", "HEAD", "POST"]
TONES: dict[str, str] = {
    SignUpState.SIGNED: "pine",
    SignUpState.WAITING: "gui",
    SignUpState.OFFERED: "kaki",
    SignUpState.PRESENT: "pine",
    SignUpState.CANCELLED: "ink",
    SignUpState.LAPSED: "ink",
    SignUpState.DROPPED: "ink",
    SignUpState.ABSENT: "ink",
}
STATE_TONES: dict[str, str] = {
    ActivityState.DRAFT: "gui",
    ActivityState.PUBLISHED: "pine",
    ActivityState.CANCELLED: "ink",
    ActivityState.ENDED: "dai",
}


def show(request: Request, template: str, status: int = 200, *, desk: bool = False, **facts: Any) -> HttpResponse:
    """A page in the layout of its reader: staff at the desk, everybody else on the telephone.

    ``desk``: a page for running things, wide also for a leader who is an ordinary resident.
    """
    kind = "staff" if desk or people_rules.is_staff(request.actor) else "resident"
    context = {"layout": f"activities/layout_{kind}.html", "staff": kind == "staff", **facts}
    return render(request, f"activities/{template}.html", context, status=status)


def go(said: str | Promise, name: str, *args: Any, request: HttpRequest, end: str = "") -> HttpResponse:
    """Say what was done and go on (303: a reload does not send it again)."""
    if said:
        messages.success(request, str(said))
    return HttpResponseRedirect(reverse(f"activities:{name}", args=args) + end, status=303)


def posted(request: Request) -> Any:
    """What was sent, for a form; None on a page that was only asked for."""
    return request.POST if request.method == "POST" else None


def carried_out(form: django_forms.Form, act: Callable[[], object]) -> bool:
    """True when the form is complete and the action was done; else the form says why not."""
    if not form.is_bound or not form.is_valid():
        return False
    try:
        act()
    except DomainError as refusal:
        if refusal.status not in {409, 422}:
            raise
        forms.refused(form, refusal)
        return False
    return True


def status_of(form: django_forms.Form) -> int:
    return 422 if form.is_bound and form.errors else 200


def absolute(request: HttpRequest) -> Callable[[Activity], str]:
    """The whole address of an activity's page, for calendars."""
    return lambda activity: request.build_absolute_uri(reverse("activities:activity", args=[activity.public_id]))


# ── in words ────────────────────────────────────────────────────────────────
def time_of(session: Session) -> str:
    """ "10月23日 周五 15:00–17:00"; over midnight with both days."""
    start, end = clock.local(session.starts_at), clock.local(session.ends_at)
    first = f"{when.day_text(session.starts_at, year=start.year != clock.today().year)} {start:%H:%M}"
    same = start.date() == end.date()
    return f"{first}–{end:%H:%M}" if same else f"{first} – {when.day_text(session.ends_at)} {end:%H:%M}"


def where_of(session: Session) -> str:
    """Venue and spot, else the place whose activity it is."""
    venue = session.venue
    house = venue.parent if venue and venue.kind_id == "room" else None
    parts = [named(house), named(venue), session.where]
    return " ".join(dict.fromkeys(part for part in parts if part)) or named(session.activity.place)


def status(session: Session, mine: SignUp | None = None, seats: Seats | None = None) -> tuple[str, str]:
    """How it stands with places, in words, and the tone of the words; ``seats`` where they are known already."""
    if session.state == SessionState.CANCELLED or session.activity.state == ActivityState.CANCELLED:
        return gettext("已取消"), "ink"
    if session.state != SessionState.PLANNED or session.ends_at <= clock.now():
        return gettext("已结束"), "ink"
    if mine is not None:
        return str(SignUpState(mine.state).label), TONES[mine.state]
    if not session.activity.needs_sign_up:
        return gettext("直接来"), "pine"
    free, waiting = seats or seats_of(session.shifts.all())
    if free:
        return ngettext("余 %(n)d 个名额", "余 %(n)d 个名额", free) % {"n": free}, "pine"
    return (gettext("已满，可候补") if not waiting else gettext("候补中 %(n)d 人") % {"n": waiting}), "gui"


def seats_of(shifts: Iterable[Shift]) -> Seats:
    """Those of all roles of a session."""
    rows = list(shifts)
    return Seats(sum(one.free for one in rows), sum(one.waiting for one in rows))


def card(session: Session, mine: SignUp | None = None, seats: Seats | None = None) -> dict[str, Any]:
    """A session as one line of a list."""
    words, tone = status(session, mine, seats)
    start, where = clock.local(session.starts_at), where_of(session)
    return {
        "title": session.activity.title,
        "url": f"{reverse('activities:activity', args=[session.activity.public_id])}#s-{session.pk}",
        "day": start.date(),
        "meta": f"{start:%H:%M}–{clock.local(session.ends_at):%H:%M} · {where}",
        "full": f"{time_of(session)} · {where}",
        "icon": session.activity.kind.icon,
        "tone": session.activity.kind.tone,
        "status": words,
        "status_tone": tone,
    }


def by_day(cards: Iterable[Mapping[str, Any]]) -> list[tuple[Any, list[Mapping[str, Any]]]]:
    """Cards under their days, in the order they come."""
    days: dict[Any, list[Mapping[str, Any]]] = {}
    for one in cards:
        days.setdefault(one["day"], []).append(one)
    return list(days.items())


def role_words(shift: Shift) -> str:
    """A role with its places, for a choice."""
    if shift.free:
        return _("%(role)s（余 %(n)d）") % {"role": shift.role.name, "n": shift.free}
    return _("%(role)s（候补）") % {"role": shift.role.name}
