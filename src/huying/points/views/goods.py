"""Exchanging: what can be had, the pick-up code on the telephone or on paper, cancelling."""

from __future__ import annotations

from uuid import UUID

import segno
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from huying.kernel.errors import Forbidden, NotFound
from huying.kernel.requests import Request, signed_in
from huying.points import actions, forms, queries, rules
from huying.points.models import Gift
from huying.points.rules import codes
from huying.points.states import GIFT_STEPS, GiftState
from huying.points.views import pages
from huying.ui.components.forms import summary


def square(text: str) -> str:
    """A data address for an image: dark on white, with the quiet zone that scanners need."""
    return str(segno.make(text, error="m").svg_data_uri(scale=8, border=4, dark="#10312b", light="#fff"))


@require_http_methods(pages.BOTH)
@never_cache
def goods(request: Request, public_id: UUID) -> HttpResponse:
    """What can be had for these points; a press sets it aside."""
    actor = signed_in(request)
    found = queries.passbook(actor, public_id)
    if not rules.owns(actor, found):
        raise Forbidden
    form, made = forms.TakeForm(pages.posted(request)), list[Gift]()

    def act() -> None:
        given = form.cleaned_data
        good = queries.good(given["good"])
        facts = {"quantity": given["quantity"], "price": given["points"]}
        made.append(actions.reserve(actor=actor, passbook=found, good=good, **facts))

    if request.method == "POST" and pages.carried_out(form, act):
        return pages.go(_("已留好，凭领取码去领。"), "gift", made[0].public_id, request=request)
    stand = queries.stand(found)
    offered = queries.offered(found.book)
    rows = [{"piece": one, "enough": stand.free >= one.good.points} for one in offered]
    asked = next((one.good.pk for one in offered if str(one.good.public_id) == request.POST.get("good")), None)
    errors = (
        [(f"n{asked}-quantity" if field and asked else "", said) for field, said in summary(form)]
        if form.is_bound
        else []
    )
    return pages.show(request, "goods", pages.status_of(form), passbook=found, stand=stand, rows=rows, errors=errors)


@require_safe
@never_cache
def gift(request: Request, public_id: UUID) -> HttpResponse:
    """The code to show at the counter, printable; only its owner sees it."""
    return gift_page(request, queries.gift(signed_in(request), public_id), forms.SlipForm(None))


def gift_page(request: Request, found: Gift, slip: forms.SlipForm) -> HttpResponse:
    actor, waits = request.actor, found.state == GiftState.RESERVED
    own = rules.owns(actor, found.passbook)
    seen = waits and rules.is_his(actor, found.passbook)  # who acts for him could else fetch it alone
    code = codes.digits(found.public_id, found.serial) if seen else ""
    return pages.show(
        request,
        "gift",
        pages.status_of(slip),
        gift=found,
        own=own,
        sees=own or rules.attends(actor, found.passbook),
        code=f"{code[:4]} {code[4:]}" if code else "",
        square=square(code) if code else "",
        slip=slip,
        may_return=rules.can_return(actor, found),
        may_appeal=own and found.state == GiftState.HANDED and not found.appeals.exists(),
        serves=waits and rules.can_serve(actor, found.good.bank.place) and found.passbook.person_id != actor.person_id,
    )


@require_POST
def gift_step(request: Request, public_id: UUID, verb: str) -> HttpResponse:
    """Cancel, take another code, or (at the counter, with the slip) hand over."""
    actor = signed_in(request)
    found = queries.gift(actor, public_id)
    if verb == "hand":
        return slipped(request, found)
    doing = {"cancel": actions.cancel, "code": actions.renew_code}
    if verb not in doing:
        raise NotFound
    doing[verb](actor=actor, gift=found)
    said = {"cancel": _("已取消，积分退回了。"), "code": _("换了新的领取码，旧的不能用了。")}
    return pages.go(said[verb], "gift", found.public_id, request=request)


@require_http_methods(pages.BOTH)
@never_cache
def gift_return(request: Request, public_id: UUID) -> HttpResponse:
    """It was wrong, or somebody else fetched it: points and goods go back."""
    actor = signed_in(request)
    found = queries.gift(actor, public_id)
    if rules.owns(actor, found.passbook):
        raise Forbidden
    form = forms.ReasonForm(pages.posted(request))

    def act() -> None:
        actions.return_gift(actor=actor, gift=found, reason=form.cleaned_data["reason"])

    if request.method == "POST" and pages.carried_out(form, act):
        return pages.go(_("退回了，本人会收到消息。"), "gift", found.public_id, request=request)
    lead = _("积分全数退给本人，物品回到货架。物品没有拿回来的，另外登记报损。已经和商户结算的，只退积分。")
    back = reverse("points:gift", args=[found.public_id])
    label = str(GIFT_STEPS["return"].label)
    return pages.form_page(request, form, title=label, label=label, back=back, lead=lead, kind="danger", desk=True)


def slipped(request: Request, found: Gift) -> HttpResponse:
    """Handed over for the code on the slip; a wrong one stays where it was typed."""
    form = forms.SlipForm(request.POST)

    def act() -> None:
        actions.hand(actor=request.actor, gift=found, code=form.cleaned_data["code"])

    if pages.carried_out(form, act):
        return pages.go(_("已交付。"), "gift", found.public_id, request=request)
    return gift_page(request, found, form)
