"""The phone desk: one page on which somebody on duty types what a caller needs.

The caller's number and name travel in the body of a POST, never in an address: addresses are kept in logs.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from huying.calls import actions, queries, rules
from huying.calls.forms.phone import MASKED, CallerForm, PhoneForm, typed
from huying.calls.forms.sorting import HeardForm, as_title
from huying.calls.forms.words import refused
from huying.calls.models import ServiceKind
from huying.calls.states import ReachedBy
from huying.calls.views.desk import see
from huying.calls.views.sorting import proposed
from huying.kernel import chance, clock, idempotency
from huying.kernel.actor import Actor
from huying.kernel.errors import DomainError, Forbidden
from huying.kernel.requests import Request, signed_in
from huying.people import rules as people_rules
from huying.people.models import Person
from huying.ui.components.forms import summary

KEYS = (
    ("/", gettext_lazy("来电号码")),
    ("1 … 9", gettext_lazy("选第几项服务")),
    ("Enter", gettext_lazy("查人；选好服务以后是提交")),
    ("?", gettext_lazy("打开这张表")),
)
OURS = {"name": "caller_name", "home_place": "place_words"}
"""What the record of a person calls a field -> what it is called here."""


def answering(request: Request) -> Actor:
    """The actor, when he may ask for others: those on duty and grid workers, not those who only oversee."""
    actor = signed_in(request)
    if not rules.can_ask_for_others(actor):
        raise Forbidden(_("只有值班人员和网格员可以代录求助。"))
    return actor


@require_safe
def phone(request: Request) -> HttpResponse:
    """The empty page: who is calling, and what for."""
    actor = answering(request)
    return page(request, actor, kind=None, person=known(request, actor))


@idempotency.exempt
@require_POST
def find(request: Request) -> HttpResponse:
    """Look for the caller, or change the kind; nothing is written, all that was typed stays."""
    actor = answering(request)
    form = CallerForm(request.POST)
    kind = queries.menu(actor).filter(code=request.POST.get("kind", "")[:40]).first()
    if not form.is_valid():
        return page(request, actor, kind=kind, caller=form, status=422)
    asked, chosen = form.cleaned_data, form.chosen()
    found = queries.callers(actor, phone=asked["caller_phone"], name=asked["caller_name"])
    person = queries.caller(actor, chosen) if chosen else None
    if "change" in request.POST:
        person = None
    elif person is None and len(found) == 1 and asked["caller_phone"] and kind is None:
        person = found[0]
    if request.htmx and request.htmx.target == "proposals":
        heard = HeardForm(request.POST)
        heard.is_valid()
        facts = proposed(heard.cleaned_data.get("words", ""), list(queries.menu(actor)))
        return render(request, "calls/_proposals.html", {**facts, "other": None})
    looked = bool(asked["caller_phone"] or asked["caller_name"])
    return page(request, actor, kind=kind, person=person, caller=form, found=found, looked=looked)


@require_http_methods(["GET", "HEAD", "POST"])
def phone_kind(request: Request, code: str) -> HttpResponse:
    """The whole page with the questions of one kind; POST makes the call."""
    actor = answering(request)
    kind = queries.kind_by_code(code)
    if request.method != "POST":
        return page(request, actor, kind=kind, person=known(request, actor))
    caller = CallerForm(request.POST)
    caller.is_valid()
    chosen = caller.chosen()
    person = queries.caller(actor, chosen) if chosen else None
    form = PhoneForm(request.POST, kind=kind, person=person, actor=actor)
    if form.is_valid():
        try:
            call = actions.take_call(actor=actor, what=form.ask(), caller=form.caller())
        except DomainError as problem:
            problem.fields = {OURS.get(name, name): words for name, words in problem.fields.items()}
            refused(form, problem)
        else:
            messages.success(request, _("已记下，编号 %(number)s。") % {"number": call.number})
            where = "calls:panel" if rules.can_desk(actor) else "calls:call"
            if call.reached_by == ReachedBy.SLIP:
                where = "calls:slip_paper"
            return see(reverse(where, args=[call.public_id]))
    return page(request, actor, kind=kind, person=person, caller=caller, form=form, looked=True, status=422)


def known(request: Request, actor: Actor) -> Person | None:
    """The person named in the address (from the page of an earlier call); nobody when the link is odd."""
    try:
        wanted = UUID(request.GET.get("person", ""))
    except ValueError:
        return None
    return queries.caller(actor, wanted)


def page(
    request: Request,
    actor: Actor,
    *,
    kind: ServiceKind | None,
    person: Person | None = None,
    caller: CallerForm | None = None,
    form: PhoneForm | None = None,
    found: list[Person] | None = None,
    looked: bool = False,
    status: int = 200,
) -> HttpResponse:
    """Draw the page; a form that was not sent yet begins with what was typed so far."""
    if form is None and kind is not None:
        form = PhoneForm(initial=first_values(request), kind=kind, person=person, actor=actor)
    people = found or ([person] if person else [])
    last = queries.last_calls(actor, people)
    heard = HeardForm(request.POST if "words" in request.POST else None)
    said = heard.cleaned_data.get("words", "") if heard.is_bound and heard.is_valid() else ""
    words = f"{said} {request.POST.get('title', '')} {request.POST.get('details', '')}"
    kinds = list(queries.menu(actor))
    hurry = request.POST.get("urgent") == "on"
    context: dict[str, Any] = {
        "kinds": kinds,
        "kind": kind,
        "heard": heard,
        **({} if kind else {**proposed(said, kinds), "danger": [], "other": None}),
        "person": person,
        "caller": caller or CallerForm(),
        "form": form,
        "people": [{"person": one, "calls": last[one.pk]} for one in people],
        "looked": looked,
        "desk": rules.can_desk(actor),
        "numbers": [one.value for one in queries.emergency_numbers(kind, urgent=hurry, words=words)],
        "last": last[person.pk] if person else [],
        "age": people_rules.age_on(person.birth_date, clock.today()) if person and person.birth_date else None,
        "errors": summary(form) if form is not None and form.is_bound else summary(caller) if caller else [],
        "name_field": form["caller_name"] if form is not None and form.is_bound and form.is_new else None,
        "caller_phone": request.POST.get("caller_phone", ""),
        "key": str(chance.uuid7()),
        "hidden": caller is not None and caller.is_hidden,
        "keys": KEYS,
    }
    return render(request, "calls/desk/phone.html", context, status=status)


def first_values(request: Request) -> dict[str, Any]:
    """What was typed so far; the caller's number is also the number to call back."""
    values = typed(request.POST)
    if values.get("words") and not values.get("title"):
        values |= {name: text for name, text in as_title(values["words"]).items() if not values.get(name)}
    shown = values.get("caller_phone", "")
    if not values.get("phone") and not MASKED.search(shown):
        values["phone"] = shown
    return values
