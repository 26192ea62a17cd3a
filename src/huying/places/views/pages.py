"""What every page of places has in common: its layout, its refusals, its way on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms as django_forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise

from huying.kernel.errors import DomainError, Forbidden, SignInNeeded
from huying.kernel.requests import Request
from huying.places import forms, queries, rules
from huying.places.models import Place
from huying.ui.naming import named

STAFF, PUBLIC = "ui/staff.html", "ui/resident.html"


def show(request: Request, template: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    """The page in the layout of the reader: the workbench for staff, the phone layout for everybody else."""
    staff = rules.works_here(request.actor)
    return render(
        request,
        f"places/{template}.html",
        {"layout": STAFF if staff else PUBLIC, "staff": staff, **context},
        status=status,
    )


def need(request: Request, allowed: bool) -> None:
    """SignInNeeded for those who have not signed in, Forbidden for those who may not."""
    if not allowed:
        raise SignInNeeded if request.actor.is_anonymous else Forbidden


def posted(request: Request) -> Any:
    """What was sent, for a form; None on a page that was only asked for. An empty sending is a sending."""
    return request.POST if request.method == "POST" else None


def on_to(request: Request, said: str | Promise, view: str, *args: Any) -> HttpResponse:
    """Say what was done and go on to a page (303: a reload does not send it again)."""
    messages.success(request, str(said))
    return HttpResponseRedirect(reverse(f"places:{view}", args=args), status=303)


def carried_out(form: django_forms.Form, act: Callable[[], object]) -> bool:
    """True when the form is complete and the action was done; else the form says why not."""
    if not form.is_valid():
        return False
    try:
        act()
    except DomainError as refusal:
        if refusal.status not in {409, 422}:
            raise
        forms.refuse(form, refusal)
        return False
    return True


def crumbs(place: Place | None, last: str | Promise = "") -> list[dict[str, str]]:
    """The way from the top of the tree to ``place``, and to the page about it named ``last``."""
    if place is None:
        return [{"label": str(last), "url": ""}] if last else []
    way = [
        {"label": named(one), "url": reverse("places:detail", args=[one.public_id])}
        for one in queries.ancestors(place, own=True)
    ]
    return [*way, {"label": str(last), "url": ""}] if last else way


def form_page(
    request: Request,
    form: django_forms.Form,
    *,
    title: str | Promise,
    label: str | Promise,
    place: Place | None = None,
    lead: str | Promise = "",
    back: str = "",
    kind: str = "primary",
    template: str = "form",
    **more: Any,
) -> HttpResponse:
    """A page with one form; 422 when it was sent and refused."""
    context = {
        "form": form,
        "title": title,
        "label": label,
        "lead": lead,
        "place": place,
        "crumbs": crumbs(place, title),
        "back": back or (reverse("places:detail", args=[place.public_id]) if place else reverse("places:tree")),
        "kind": kind,
        **more,
    }
    return show(request, template, context, status=422 if form.is_bound and form.errors else 200)
