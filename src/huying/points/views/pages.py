"""What every page of this room has in common: its layout, the way on, and how things are shown in words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms as django_forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from huying.kernel.errors import DomainError
from huying.kernel.requests import Request
from huying.people import rules as people_rules
from huying.points import forms
from huying.points.models import Claim, Rule
from huying.points.states import AppealState, BookletState, ClaimState, EditionState, GiftState, Measure
from huying.ui.naming import named

BOTH = ["GET", "HEAD", "POST"]
TONES: dict[str, str] = {
    EditionState.DRAFT: "gui",
    EditionState.ADOPTED: "kaki",
    EditionState.PUBLISHED: "pine",
    EditionState.DROPPED: "ink",
    ClaimState.WAITING: "kaki",
    ClaimState.CONFIRMED: "pine",
    ClaimState.REFUSED: "ink",
    ClaimState.WITHDRAWN: "ink",
    ClaimState.REVERSED: "ink",
    GiftState.RESERVED: "kaki",
    GiftState.HANDED: "pine",
    GiftState.CANCELLED: "ink",
    GiftState.LAPSED: "ink",
    GiftState.RETURNED: "ink",
    BookletState.OPEN: "pine",
    BookletState.FROZEN: "kaki",
    BookletState.LEFT: "ink",
    AppealState.FILED: "kaki",
    AppealState.MARKED: "gui",
    AppealState.DECIDED: "dai",
    AppealState.AGAIN: "kaki",
    AppealState.CLOSED: "ink",
    "approved": "pine",
    "proposed": "kaki",
    "carried": "ink",
}


def show(request: Request, template: str, status: int = 200, *, desk: bool = False, **facts: Any) -> HttpResponse:
    """A page in the layout of its reader; ``desk``: always the staff's."""
    kind = "staff" if desk or people_rules.is_staff(request.actor) else "resident"
    context = {"layout": f"points/layout_{kind}.html", "staff": kind == "staff", "tones": TONES, **facts}
    return render(request, f"points/{template}.html", context, status=status)


def go(said: str | Promise, name: str, *args: Any, request: HttpRequest) -> HttpResponse:
    """Say what was done and go on (303: a reload does not send it again)."""
    if said:
        messages.success(request, str(said))
    return HttpResponseRedirect(reverse(f"points:{name}", args=args), status=303)


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
        if refusal.status not in {409, 422, 429} and not refusal.code.startswith("points_"):
            raise
        forms.refused(form, refusal)
        return False
    return True


def status_of(form: django_forms.Form) -> int:
    return 422 if form.is_bound and form.errors else 200


def form_page(
    request: Request,
    form: django_forms.Form,
    *,
    title: str,
    label: str,
    back: str,
    lead: str = "",
    kind: str = "primary",
    desk: bool = False,
) -> HttpResponse:
    """A page with one form and a way back."""
    facts = {"form": form, "title": title, "label": label, "back": back, "lead": lead, "kind": kind}
    return show(request, "form", status_of(form), desk=desk, **facts)


# ── in words ────────────────────────────────────────────────────────────────
def yuan(fen: int) -> str:
    """Fen as yuan, for people."""
    return f"{fen / 100:,.2f}"


def given_by(rule: Rule) -> str:
    """ "6 分 / 每小时" """
    return _("{n} 分，{measure}").format(n=rule.amount, measure=Measure(rule.measure).label)


def caps_of(rule: Any) -> str:
    """The caps of an item or an edition, "" when it has none."""
    words = {"cap_day": _("每天最多 {n} 分"), "cap_month": _("每月最多 {n} 分"), "cap_year": _("每年最多 {n} 分")}
    told = [text.format(n=getattr(rule, name)) for name, text in words.items() if getattr(rule, name) is not None]
    return _("、").join(told)


def valid_for(rule: Rule) -> str:
    """How long points of an item can be used."""
    if rule.validity_months:
        return _("{n} 个月").format(n=rule.validity_months)
    return _("{n} 天").format(n=rule.validity_days) if rule.validity_days else _("长期有效")


def amount_of(claim: Claim) -> str:
    """How much was done, in the measure of the item."""
    if claim.rule.measure == Measure.HOUR:
        return _("{n} 小时").format(n=f"{claim.quantity / 60:g}")
    if claim.rule.measure == Measure.KILO:
        return _("{n} 公斤").format(n=f"{claim.quantity / 1000:g}")
    return _("{n} 次").format(n=claim.quantity)


def item_rows(rules: list[Rule]) -> list[dict[str, Any]]:
    """Items as lines of the public table."""
    return [
        {
            "name": named(one),
            "gives": given_by(one),
            "caps": caps_of(one) or "–",
            "proof": one.proof,
            "confirmer": one.get_confirmer_display(),
            "valid": valid_for(one),
            "source": one.get_source_display(),
        }
        for one in rules
    ]
