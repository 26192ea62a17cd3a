"""The resident's pages: home, asking for help, my calls."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from huying.calls import actions, queries
from huying.calls.forms import AskForm, kept_words, refused
from huying.calls.forms.resident import initial_of, uuid_of
from huying.calls.forms.sorting import OwnWordsForm
from huying.calls.models import Call, ServiceKind
from huying.calls.states import EMERGENCIES, ENDED_STATES
from huying.calls.views import shown
from huying.kernel import paging
from huying.kernel.errors import InvalidInput, NotFound
from huying.kernel.requests import Request, signed_in

KEPT = "calls.asking"
PAGE = 20


@require_safe
@never_cache
def home(request: Request) -> HttpResponse:
    """The first page, for visitors too: what can be asked, what is under way, what waits for my answer."""
    found = queries.home(request.actor)
    facts = {
        "home": found,
        "place": shown.place_line(found.place),
        "tiles": shown.tiles(found.kinds),
        "cards": [shown.my_card(card, request.actor.person_id) for card in found.calls],
        "waiting": [shown.near_row(one) for one in found.waiting],
    }
    return render(request, "calls/home.html", facts)


@require_safe
def ask(request: Request) -> HttpResponse:
    """The menu: what kind of help. Open to visitors."""
    facts = {
        "kinds": queries.menu(request.actor),
        "numbers": EMERGENCIES,
        "phone": settings.HUYING_PHONE,
        "form": OwnWordsForm(),
    }
    return render(request, "calls/ask.html", facts)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def ask_kind(request: Request, code: str) -> HttpResponse:
    """The form of one kind. Who is not signed in goes to the door, and finds what he typed when he comes back."""
    kind = queries.kind_by_code(code)
    if request.actor.is_anonymous:
        if request.method == "POST" and not request.headers.get("X-Huying-Outbox"):  # else the phone keeps it
            request.session[KEPT] = {"kind": code, **kept_words(request.POST)}
        return redirect_to_login(request.get_full_path())
    draft = begun(request, kind)
    data = request.POST if request.method == "POST" else None
    people, first = queries.people_to_ask_for(request.actor), first_values(request, kind, draft)
    form = AskForm(data, kind=kind, people=people, initial=first)
    if form.is_bound and form.is_valid() and (answer := sent(request, form, draft)):
        return answer
    facts = {"kind": kind, "form": form, "draft": draft, "phone": settings.HUYING_PHONE}
    facts["numbers"] = queries.emergency_numbers(kind)
    return render(request, "calls/ask_kind.html", facts, status=422 if form.is_bound else 200)


def begun(request: Request, kind: ServiceKind) -> Call | None:
    """The draft named in the address, if it is one of this kind and of this person."""
    key = request.GET.get("draft")
    if not key:
        return None
    public_id = uuid_of(key)
    draft = queries.own_draft(request.actor, public_id) if public_id else None
    if draft is None or draft.kind_id != kind.pk:
        raise NotFound
    return draft


def first_values(request: Request, kind: ServiceKind, draft: Call | None) -> dict[str, Any]:
    """What the form shows first: the draft as it was left, or what was typed before signing in."""
    if draft is not None:
        return initial_of(draft)
    kept = request.session.get(KEPT) or {}
    return kept if kept.get("kind") == kind.code else {}


def sent(request: Request, form: AskForm, draft: Call | None) -> HttpResponse | None:
    """Hand the call in, or keep it as a draft; None when it was refused and the form says why."""
    asker = next(one for one in form.people.values() if one.pk == request.actor.person_id)
    what = form.ask(asker)
    actor = request.actor if what.requester.pk == asker.pk else request.actor.behalf(what.requester.pk)
    request.session.pop(KEPT, None)
    try:
        if form.drafting:
            actions.save_draft(actor=actor, what=what, draft=draft)
            messages.success(request, _("草稿已存好，随时可以接着写。"))
            return HttpResponseRedirect(reverse("calls:mine"), status=303)
        call = actions.ask(actor=actor, what=what, draft=draft)
    except InvalidInput as error:
        refused(form, error)
        return None
    return HttpResponseRedirect(reverse("calls:asked", args=[call.public_id]), status=303)


@require_safe
@never_cache
def asked(request: Request, public_id: UUID) -> HttpResponse:
    """The receipt: number, what happens next, and by when as the clock of this installation says."""
    actor = signed_in(request)
    call = queries.by_public_id(actor, public_id)
    if call.asked_by_id != actor.person_id or call.submitted_at is None:
        raise NotFound
    facts = {"call": call, "title": shown.headline(call), "phone": settings.HUYING_PHONE}
    return render(request, "calls/asked.html", facts)


@require_safe
@never_cache
def mine(request: Request) -> HttpResponse:
    """My calls, under way or ended, with search."""
    actor = signed_in(request)
    show, words = request.GET.get("show", "open"), request.GET.get("q", "")[:60]
    rows = queries.found(queries.my_calls(actor), words)
    ended = show == "ended"
    rows = rows.filter(state__in=ENDED_STATES) if ended else rows.exclude(state__in=ENDED_STATES)
    page = paging.page(queries.with_helpers(rows), order=("-id",), cursor=request.GET.get("cursor"), size=PAGE)
    cards = [shown.my_card(queries.as_card(call), actor.person_id) for call in page.rows]
    views = [(_("正在办"), "open", not ended), (_("已结束"), "ended", ended)]
    facts = {
        "page": page,
        "cards": cards,
        "ended": ended,
        "q": words,
        "keep": {"show": "ended"} if ended else {},
        "views": [{"label": label, "url": f"?show={code}", "current": now} for label, code, now in views],
    }
    return render(request, "calls/mine.html", facts)
