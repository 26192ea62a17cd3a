"""Drawing a page in the layout of its reader: staff at the desk, everybody else on the telephone."""

from __future__ import annotations

from typing import Any

from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from huying.kernel.errors import DomainError
from huying.people import rules
from huying.people.views.session import actor_of


def show(
    request: HttpRequest,
    template: str,
    *,
    title: Any,
    status: int = 200,
    back: str = "people:me",
    **context: Any,
) -> HttpResponse:
    """Render ``people/<template>.html`` in the layout of the reader; ``back`` names the page above or is "".

    A form that was refused keeps what was typed: the page comes again with its status and the errors.
    """
    staff = rules.is_staff(actor_of(request))
    layout = "people/layout_staff.html" if staff else "people/layout_resident.html"
    above = back if not back or back.startswith("/") else reverse(back)
    facts = {"title": title, "layout": layout, "back_href": above, **context}
    return render(request, f"people/{template}.html", facts, status=status)


def show_plain(request: HttpRequest, template: str, *, title: Any, status: int = 200, **context: Any) -> HttpResponse:
    """Render a page of the door: one sheet, no navigation."""
    return render(request, f"people/{template}.html", {"title": title, **context}, status=status)


def put_errors(form: BaseForm, error: DomainError) -> None:
    """Write a refusal into the form, so that nothing typed is lost: by field where the action names one."""
    placed = False
    for name, text in error.fields.items():
        if name in form.fields:
            form.add_error(name, str(text))
            placed = True
    if not placed:
        form.add_error(None, str(error))
