"""Published papers for everybody: the list, and one of them to be read on a phone. Nobody who wrote them is named."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from huying.cockpit.forms.papers import FindForm
from huying.cockpit.queries import papers as queries
from huying.cockpit.queries import reports as report_queries
from huying.cockpit.queries.report_filling import Document
from huying.cockpit.views import report_paper
from huying.cockpit.views.report_shown import around, page_blocks
from huying.figures import queries as figures
from huying.kernel import paging
from huying.kernel.actor import ANONYMOUS
from huying.kernel.requests import Request

PAGE = 20


@require_safe
@never_cache
def papers(request: Request) -> HttpResponse:
    """All of them, the newest first, of a place and a year."""
    form = FindForm(request.GET)
    rows = queries.published(form.place, form.year_asked, form.template_asked)
    context = {
        "form": form,
        "page": paging.page(rows, queries.ORDER, request.GET.get("cursor"), PAGE),
        "narrowed": bool(form.place or form.year_asked or form.template_asked),
    }
    return render(request, "cockpit/papers.html", context)


@require_safe
@never_cache
def paper(request: Request, public_id: UUID) -> HttpResponse:
    """One paper. Of one that was taken back: that it was, when and why, and nothing it said (410)."""
    found = queries.paper(public_id)
    gone = queries.withdrawal(found)
    if gone is not None:
        return render(request, "cockpit/paper_gone.html", {"report": found, "gone": gone}, status=410)
    document = report_queries.document(found)
    public = {one.pk for one in figures.register() if one.is_public}

    def opens(fact: dict[str, Any]) -> bool:
        """Numbers that were reported, and those that are not public, have no page for everybody."""
        return "reported" not in fact and public.issuperset(fact["with"])

    context = {
        **around(found, document),
        "blocks": page_blocks(found, document, ANONYMOUS, opens),
        "numbers": opened(document, opens),
        "frozen": True,
        "ended": report_queries.consent_ended(found, document),
    }
    return render(request, "cockpit/paper.html", context)


def opened(document: Document, opens: Callable[[dict[str, Any]], bool]) -> list[dict[str, Any]]:
    """The lines of the annex, with links to those that open."""
    rows = report_paper.numbers(document, "")
    for row, fact in zip(rows, document["numbers"], strict=True):
        if not opens(fact):
            row["codes"] = [{**one, "href": ""} for one in row["codes"]]
    return rows
