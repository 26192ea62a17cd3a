"""One call on a page of its own, the steps people take with it, the words they leave, and what is opened on purpose."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from huying.calls import actions, queries, rules
from huying.calls.actions.moving import StepForbidden
from huying.calls.forms import (
    FORMS,
    RevealForm,
    SayForm,
    SeekMoreForm,
    StepForm,
    TeamClaimForm,
    TeamDeclineForm,
    UnitDeclineForm,
    refused,
)
from huying.calls.models import Call
from huying.calls.rules import INSIDERS
from huying.calls.states import EMERGENCIES, TRANSITIONS, State
from huying.calls.views import shown
from huying.calls.views.beside import urging_of
from huying.kernel import idempotency
from huying.kernel.actor import Actor
from huying.kernel.errors import Conflict, DomainError, InvalidInput, NotFound
from huying.kernel.requests import Request, signed_in, way_back
from huying.people import rules as people_rules

HELPING = frozenset({"claim", "accept", "decline", "hand_back", "start", "arrive", "leave", "deliver"})
VISITED = frozenset({State.ACCEPTED, State.SCHEDULED, State.SERVING})
"""Danger may show on the visit: whoever goes there has the numbers at hand."""
LEAVING = frozenset({"decline", "hand_back"})
"""Steps after which the call is no longer the reader's to see."""


@require_safe
@never_cache
def call(request: Request, public_id: UUID) -> HttpResponse:
    """Everything about one call for whoever is part of it; as a fragment after a step taken in the page."""
    actor = signed_in(request)
    one = queries.by_public_id(actor, public_id)
    return page(request, actor, one)


def page(request: Request, actor: Actor, one: Call, status: int = 200, **more: Any) -> HttpResponse:
    story, band = queries.story(actor, one), queries.near(actor, [one])[0].band
    contact = actions.see_contact(actor=actor, call=one)
    helps = bool(story.parties & {"helper", "offered", "volunteer"})
    facts = {
        "layout": layout(actor, one, helps=helps),
        "back": back(request, actor, story, helps=helps),
        "story": story,
        "call": one,
        "title": shown.headline(one),
        "state": shown.helper_state_of(one) if helps else shown.state_of(one),
        "reason": shown.reason_of(story),
        "facts": shown.facts(story, band if helps else ""),
        "helpers": [shown.coming(offer, one, story.parties) for offer in queries.others(actor, story.helpers)],
        "inside": bool(story.parties & INSIDERS),
        "looks_on": not story.parties & (INSIDERS | {"offered"}),
        "contact": contact,
        "number": shown.phone_in_words(contact.phone),
        "helps": helps,
        "numbers": EMERGENCIES if "helper" in story.parties and one.state in VISITED else (),
        "urging": urging_of(actor, one, reverse("calls:call", args=[one.public_id])),
        "slip": one.reached_by in rules.FACE_TO_FACE and rules.can_hand_slip(actor, one),
        "say": SayForm(),
        "reveal": None,
        **more,
    }
    template = "calls/_call.html" if request.htmx else "calls/call.html"
    return render(request, template, facts, status=status)


def layout(actor: Actor, one: Call, *, helps: bool = False) -> str:
    """Staff at work read at the desk; whoever asks or helps, on the telephone, also when he is staff."""
    own = one.raised_for_id is None and actor.person_id in {one.requester_id, one.asked_by_id}
    at_desk = people_rules.is_staff(actor) and not own and not helps
    return "calls/layout_staff.html" if at_desk else "calls/layout_resident.html"


def back(request: Request, actor: Actor, story: queries.Story, *, helps: bool) -> str:
    """Where the page's way back leads: the panel of the desk, the helper's list, or one's own calls."""
    if helps:
        return way_back(request, reverse("calls:help"))
    if (story.call.raised_for_id or "requester" not in story.parties) and rules.can_desk(actor):
        return way_back(request, reverse("calls:panel", args=[story.call.public_id]))
    return way_back(request, reverse("calls:mine"))


def for_another(actor: Actor, one: Call, verb: str) -> bool:
    """The step is the person's own, and somebody else takes it for him; what a place raised is nobody else's."""
    return "requester" in TRANSITIONS[verb].by and one.raised_for_id is None and one.requester_id != actor.person_id


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def step(request: Request, public_id: UUID, verb: str) -> HttpResponse:
    """One step: GET asks for what it needs or to think again, POST takes it. A page that is out of date gets 409."""
    actor = signed_in(request)
    one = queries.by_public_id(actor, public_id)
    if verb not in FORMS:
        raise NotFound
    kind = form_of(actor, one, verb)
    form = kind(request.POST, request.FILES) if request.method == "POST" else kind()
    if one.state not in TRANSITIONS[verb].from_:
        return stale(request, one, verb, form)
    if verb not in queries.story(actor, one).steps:
        raise StepForbidden(verb=TRANSITIONS[verb].label)
    if form.is_bound and form.is_valid():
        try:
            getattr(actions, verb)(actor=actor, call=one, **form.given())
        except actions.StepRefused:
            return stale(request, queries.by_public_id(actor, public_id), verb, form)
        except (InvalidInput, Conflict) as error:
            refused(form, error)
        else:
            messages.success(request, str(form.done or _("已办好。")))
            return HttpResponseRedirect(after(request, actor, one, verb), status=303)
    return ask(request, one, verb, form)


def form_of(actor: Actor, one: Call, verb: str) -> Callable[..., StepForm]:
    """What the step asks for; a no of a team may say why, a no of a unit must; a leader says who takes it."""
    if verb == "claim" and (teams := list(rules.claiming_teams(actor, one))):
        free = one.people_needed - one.accepted_count
        return partial(TeamClaimForm, teams=teams, alone=rules.takes_people(one), free=free)
    if verb == "seek_more":
        return partial(SeekMoreForm, call=one)
    asked = rules.asked_as_team(actor, one) if verb == "decline" else None
    if asked is None:
        return FORMS[verb]
    return UnitDeclineForm if asked.must_answer else TeamDeclineForm


def ask(request: Request, one: Call, verb: str, form: StepForm) -> HttpResponse:
    """The page, or the part of a page, that asks for what the step needs; 422 when it was refused."""
    url = reverse("calls:step", args=[one.public_id, verb])
    in_page = bool(request.htmx) and verb not in LEAVING
    facts = {
        "layout": layout(request.actor, one, helps=helping(request.actor, one, verb)),
        "call": one,
        "title": shown.headline(one),
        "action": url,
        "hx_post": url if in_page else "",
        "hx_target": "#call" if in_page else "",
        "hx_swap": "outerHTML" if in_page else "",
        "form": form,
        "label": TRANSITIONS[verb].label,
        "tone": TRANSITIONS[verb].tone,
        "back": way_back(request, reverse("calls:call", args=[one.public_id])),
        "on_behalf": for_another(request.actor, one, verb),
    }
    template = "calls/_step.html" if request.htmx else "calls/step.html"
    response = render(request, template, facts, status=422 if form.is_bound else 200)
    if request.htmx and form.is_bound:  # a form that took itself away with its answer comes back to where it stood
        response["HX-Retarget"], response["HX-Reswap"] = "#step", "innerHTML"
    return response


def helping(actor: Actor, one: Call, verb: str) -> bool:
    """The step is a helper's, who reads on the telephone; staff of the place that raised the call say at the desk that it is
    done.
    """
    return verb in HELPING and not rules.speaks_for_raiser(actor, one)


def stale(request: Request, one: Call, verb: str, form: StepForm) -> HttpResponse:
    """The call has moved on: say where it is now, and give back what was typed."""
    typed = [str(form.data.get(name, "")) for name in form.fields if name not in form.files]
    facts = {
        "layout": layout(request.actor, one, helps=helping(request.actor, one, verb)),
        "state": shown.state_of(one),
        "label": TRANSITIONS[verb].label,
        "back": way_back(request, reverse("calls:call", args=[one.public_id])),
        "typed": "\n".join(words for words in typed if words.strip()),
    }
    template = "calls/_step_stale.html" if request.htmx else "calls/step_stale.html"
    response = render(request, template, facts, status=409)
    if request.htmx:
        response["HX-Retarget"], response["HX-Reswap"] = "#step", "innerHTML"
    return response


def after(request: Request, actor: Actor, one: Call, verb: str) -> str:
    """Back to the call, or to where the step was asked from; who declined sees it no longer and goes to his list."""
    if verb in LEAVING:
        return reverse("calls:help")
    return way_back(request, reverse("calls:call", args=[one.public_id]))


@require_POST
def say(request: Request, public_id: UUID) -> HttpResponse:
    """Leave a word for the other sides of the call."""
    actor = signed_in(request)
    one = queries.by_public_id(actor, public_id)
    form = SayForm(request.POST)
    if not form.is_valid():
        return page(request, actor, one, status=422, say=form)
    actions.say(actor=actor, call=one, text=form.cleaned_data["text"])
    back = way_back(request, reverse("calls:call", args=[one.public_id]))
    return HttpResponseRedirect(f"{back}#words" if "#" not in back else back, status=303)


@idempotency.exempt
@require_POST
@never_cache
def reveal(request: Request, public_id: UUID) -> HttpResponse:
    """Open an address or a number with a reason. Not kept as a stored answer: it would stand there in the open.

    Looking twice is two looks, each in the trail.
    """
    actor = signed_in(request)
    one = queries.by_public_id(actor, public_id)
    form = RevealForm(request.POST, auto_id="reveal-%s")
    opened: dict[str, str] = {}
    if form.is_valid():
        try:
            opened = look(actor, one, form.cleaned_data)
        except DomainError as error:
            if error.status not in {422, 429}:
                raise
            refused(form, error)
    status = 200 if opened else 422
    if request.htmx:
        return render(request, "calls/_revealed.html", {"opened": opened, "form": form}, status=status)
    return page(request, actor, one, status=status, opened=opened, reveal=form)


def look(actor: Actor, one: Call, wanted: dict[str, Any]) -> dict[str, str]:
    """The opened value under what it is, and for a helper's number whose it is."""
    if wanted["what"] != "helper":
        value = actions.reveal_contact(actor=actor, call=one, what=wanted["what"], reason=wanted["reason"])
        return {"what": wanted["what"], "value": value, "number": shown.phone_in_words(value)}
    offer = next((o for o in queries.story(actor, one).helpers if o.public_id == wanted["offer"]), None)
    if offer is None:
        raise NotFound
    reason = wanted["reason"] or _("求助人联系接单人")
    value = actions.reveal_helper(actor=actor, call=one, offer=offer, reason=reason)
    return {"what": "helper", "value": value, "number": shown.phone_in_words(value), "offer": str(offer.public_id)}
