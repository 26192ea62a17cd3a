"""What every page of packs has in common: its layout, its refusals, the way to a place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from huying.kernel.errors import DomainError, Forbidden, SignInNeeded
from huying.kernel.requests import Request
from huying.places import queries as place_queries
from huying.places import rules as place_rules
from huying.places.models import Place

STAFF, PUBLIC = "ui/staff.html", "ui/resident.html"


def show(request: Request, template: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    """The page in the layout of the reader: the workbench for staff, the phone layout for everybody else."""
    staff = place_rules.works_here(request.actor)
    facts = {"layout": STAFF if staff else PUBLIC, "staff": staff, **context}
    return render(request, f"packs/{template}.html", facts, status=status)


def need(request: Request, allowed: bool) -> None:
    """SignInNeeded for those who have not signed in, Forbidden for those who may not."""
    if not allowed:
        raise SignInNeeded if request.actor.is_anonymous else Forbidden


def place_of(public_id: UUID) -> Place:
    return place_queries.by_public_id(public_id)


def ours_at(place: Place) -> str:
    """The address of "our mechanism" of a place."""
    return reverse("packs:ours", args=[place.public_id])


def carried_out(form: forms.Form, act: Callable[[], object]) -> bool:
    """True when the form is complete and the action was done; else the form says why not."""
    if not form.is_valid():
        return False
    try:
        act()
    except DomainError as refusal:
        if refusal.status not in {409, 422}:
            raise
        beside = {name: str(text) for name, text in refusal.fields.items() if name in form.fields}
        for name, text in beside.items():
            form.add_error(name, text)
        if not beside:
            form.add_error(None, " ".join([str(refusal), *map(str, refusal.fields.values())]))
        return False
    return True
