"""What was done: stated, looked at, confirmed or refused, taken back with evidence; the desk where it waits."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from huying.kernel import exports, paging
from huying.kernel.errors import Forbidden, NotFound
from huying.kernel.requests import Request, fresh, signed_in
from huying.points import actions, forms, queries, rules
from huying.points.models import Claim
from huying.points.states import CLAIM_STEPS, ClaimState, ReversalState, Source
from huying.points.views import pages
from huying.ui.naming import named


@require_http_methods(pages.BOTH)
@never_cache
def new(request: Request, public_id: UUID) -> HttpResponse:
    """Say what was done."""
    actor = signed_in(request)
    found = queries.passbook(actor, public_id)
    if not rules.can_state(actor, found):
        raise Forbidden
    items = [one for one in queries.rules_of(queries.edition_to_state(found.book)) if one.source != Source.SERVICE]
    form = forms.ClaimForm(pages.posted(request), rules=items, last=queries.last_to_state(found.book))
    made: list[Claim] = []

    def act() -> None:
        made.append(actions.state_claim(actor=actor, passbook=found, rule=form.chosen(), done=form.done()))

    if request.method == "POST" and pages.carried_out(form, act):
        return pages.go(_("已记下，等另一个人核对。"), "claim", made[0].public_id, request=request)
    details = {str(one.pk): {"hint": f"{pages.given_by(one)} · {one.proof}"} for one in items}
    back = reverse("points:passbook", args=[found.public_id])
    return pages.show(
        request, "claim_new", pages.status_of(form), form=form, details=details, back=back, passbook=found
    )


@require_safe
@never_cache
def claim(request: Request, public_id: UUID) -> HttpResponse:
    """One thing that was done, what became of it, and what can be done with it now."""
    actor = signed_in(request)
    found = queries.claim(actor, public_id)
    own = rules.owns(actor, found.passbook)
    takings = queries.reversals_of(found)
    open_one = next((one for one in takings if one.state == ReversalState.PROPOSED), None)
    waiting = found.state == ClaimState.WAITING
    return pages.show(
        request,
        "claim",
        claim=found,
        amount=pages.amount_of(found),
        gives=pages.given_by(found.rule),
        may_check=waiting and rules.can_confirm(actor, found),
        may_withdraw=waiting and (own or found.made_by_id == actor.person_id),
        may_reverse=found.state == ClaimState.CONFIRMED and open_one is None and rules.keeps(actor, found.passbook),
        may_appeal=own and found.state == ClaimState.REFUSED and not found.appeals.filter(reversal=None).exists(),
        takings=takings,
        open_one=open_one,
        own=own,
        his=own and rules.is_his(actor, found.passbook),
        keeps=rules.keeps(actor, found.passbook),
        item=named(found.rule),
    )


@require_http_methods(pages.BOTH)
@never_cache
def step(request: Request, public_id: UUID, verb: str) -> HttpResponse:
    """Confirm, refuse or withdraw."""
    actor = signed_in(request)
    found = queries.claim(actor, public_id)
    if verb not in CLAIM_STEPS:
        raise NotFound
    form: Any = (forms.ReasonForm if CLAIM_STEPS[verb].needs else forms.PressForm)(pages.posted(request))

    def act() -> None:
        if verb == "refuse":
            actions.refuse(actor=actor, claim=found, reason=form.cleaned_data["reason"])
        elif verb == "confirm":
            actions.confirm(actor=actor, claim=found)
        else:
            actions.withdraw(actor=actor, claim=found)

    if request.method == "POST" and pages.carried_out(form, act):
        said = {"confirm": _("已入账。"), "refuse": _("已告知本人。"), "withdraw": _("已撤回。")}
        return pages.go(said[verb], "claim", found.public_id, request=request)
    label = str(CLAIM_STEPS[verb].label)
    back = reverse("points:claim", args=[found.public_id])
    return pages.form_page(request, form, title=label, label=label, back=back, lead=found.title)


@require_http_methods(pages.BOTH)
@never_cache
def reverse_new(request: Request, public_id: UUID) -> HttpResponse:
    """Propose to take points back: an error or a fraud, with evidence."""
    actor = signed_in(request)
    found = queries.claim(actor, public_id)
    if not rules.keeps(actor, found.passbook):
        raise Forbidden
    form = forms.ReversalForm(pages.posted(request))

    def act() -> None:
        actions.propose_reversal(actor=actor, claim=found, **form.cleaned_data)

    if request.method == "POST" and pages.carried_out(form, act):
        return pages.go(_("已告知本人，期限过后由另一个人决定。"), "claim", found.public_id, request=request)
    lead = _("只有记错了或弄虚作假才能冲回，要有证据；本人会马上知道，可以申诉。")
    back = reverse("points:claim", args=[found.public_id])
    title = _("提出冲回：{title}").format(title=found.title)
    return pages.form_page(request, form, title=title, label=_("提出"), back=back, lead=lead, kind="danger")


MOST_BOOKS = 200
REVERSAL_VERBS = {
    "agree": gettext_lazy("我同意冲回"),
    "carry": gettext_lazy("核对证据，冲回"),
    "drop": gettext_lazy("不冲回"),
}


@require_http_methods(pages.BOTH)
@never_cache
def reversal_step(request: Request, public_id: UUID, verb: str) -> HttpResponse:
    """Its owner agrees; a second person carries it out, or somebody drops it."""
    actor = signed_in(request)
    found = queries.reversal(actor, public_id)
    if verb not in REVERSAL_VERBS:
        raise NotFound
    form: Any = (forms.ReasonForm if verb == "drop" else forms.PressForm)(pages.posted(request))

    def act() -> None:
        if verb == "agree":
            actions.agree_reversal(actor=actor, reversal=found)
        elif verb == "carry":
            actions.carry_reversal(actor=actor, reversal=found)
        else:
            actions.drop_reversal(actor=actor, reversal=found, reason=form.cleaned_data["reason"])

    if request.method == "POST" and pages.carried_out(form, act):
        return pages.go(_("已办好。"), "claim", found.claim.public_id, request=request)
    label = str(REVERSAL_VERBS[verb])
    back = reverse("points:claim", args=[found.claim.public_id])
    return pages.form_page(request, form, title=label, label=label, back=back, lead=found.evidence)


@require_safe
@never_cache
def desk(request: Request) -> HttpResponse:
    """What waits for me to look at; by state, everything of my books."""
    actor = signed_in(request)
    if not rules.is_keeper(actor):
        raise Forbidden
    form = found_by(request)
    page = paging.page(listed(request, form), order_of(form), request.GET.get("cursor"), 25)
    return pages.show(
        request,
        "claims",
        desk=True,
        form=form,
        rows=[{"claim": one, "amount": pages.amount_of(one)} for one in page.rows],
        page=page,
        reversals=list(queries.open_reversals(actor)[:25]),
        files=exports.addresses("points:claims_file", query=request.GET.urlencode()),
        columns=[_("做了什么"), _("谁"), _("哪一项"), _("多少"), _("哪天"), _("状态")],
    )


def found_by(request: Request) -> forms.FindForm:
    return forms.FindForm(request.GET, books=list(queries.my_books(request.actor).order_by("name", "id")[:MOST_BOOKS]))


def listed(request: Request, form: forms.FindForm) -> QuerySet[Claim]:
    return queries.claims_desk(request.actor, form.got("state"), form.got("q"), form.chosen())


def order_of(form: forms.FindForm) -> tuple[str, str]:
    """What waits longest comes first; what is over, newest first."""
    return ("made_at", "id") if form.got("state") in ("", ClaimState.WAITING) else ("-made_at", "-id")


COLUMNS: tuple[exports.Column[Claim], ...] = (
    exports.Column(gettext_lazy("做了什么"), "title"),
    exports.Column(gettext_lazy("谁"), "person.name", "person"),
    exports.Column(gettext_lazy("哪一项"), lambda row: named(row.rule), "item"),
    exports.Column(gettext_lazy("多少"), pages.amount_of, "quantity"),
    exports.Column(gettext_lazy("积分"), "amount"),
    exports.Column(gettext_lazy("哪天"), "done_on"),
    exports.Column(gettext_lazy("谁申报"), "made_by.name", "made_by"),
    exports.Column(gettext_lazy("状态"), lambda row: row.get_state_display(), "state"),
)


@require_safe
@never_cache
@fresh
def claims_file(request: Request, form: str) -> HttpResponseBase:
    """The same list as a file; who took it stands in the trail."""
    actor = signed_in(request)
    if not rules.is_keeper(actor):
        raise Forbidden
    form_of_list = found_by(request)
    rows = listed(request, form_of_list).order_by(*order_of(form_of_list))
    return exports.respond(actor=actor, name=_("积分申报"), kind=exports.kind_of(form), columns=COLUMNS, rows=rows)
