"""Sheets of merchants: made, looked at with every line, approved by another, as a file."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

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
from huying.points.models import Gift, Sheet
from huying.points.states import SheetState
from huying.points.views import pages
from huying.ui.naming import named


@require_http_methods(pages.BOTH)
@never_cache
def sheets(request: Request, public_id: UUID) -> HttpResponse:
    """All sheets of a book, and a new one."""
    actor = signed_in(request)
    book = queries.kept_book(actor, public_id)
    form = forms.SheetForm(pages.posted(request), partners=list(queries.partners_of(book)))
    made: list[Sheet] = []

    def act() -> None:
        made.append(actions.make_sheet(actor=actor, **form.facts()))

    if request.method == "POST" and not rules.can_keep(actor, book):
        raise Forbidden
    if request.method == "POST" and pages.carried_out(form, act):
        return pages.go(_("结算单做好了，由另一个人审核。"), "sheet", made[0].public_id, request=request)
    page = paging.page(queries.sheets_of(book), ("-id",), request.GET.get("cursor"), 25)
    return pages.show(
        request,
        "sheets",
        pages.status_of(form),
        desk=True,
        book=book,
        form=form,
        page=page,
        rows=[{"sheet": one, "yuan": pages.yuan(one.total_fen)} for one in page.rows],
        may=rules.can_keep(actor, book),
        files=exports.addresses("points:sheets_file", book.public_id),
    )


SHEETS: tuple[exports.Column[Sheet], ...] = (
    exports.Column(gettext_lazy("商户"), "partner.name", "partner"),
    exports.Column(gettext_lazy("谁出钱"), "funded_by.name", "funded_by"),
    exports.Column(gettext_lazy("从"), "since"),
    exports.Column(gettext_lazy("到哪天之前"), "until"),
    exports.Column(gettext_lazy("金额（元）"), lambda row: row.total_fen / 100, "yuan"),
    exports.Column(gettext_lazy("状态"), lambda row: row.get_state_display(), "state"),
    exports.Column(gettext_lazy("谁做的"), "made_by.name", "made_by"),
    exports.Column(
        gettext_lazy("谁审核的"), lambda row: row.approved_by.name if row.approved_by else "", "approved_by"
    ),
)


@require_safe
@never_cache
@fresh
def sheets_file(request: Request, public_id: UUID, form: str) -> HttpResponseBase:
    """All sheets of a book as a file."""
    actor, kind = signed_in(request), exports.kind_of(form)
    book = queries.kept_book(actor, public_id)
    rows, path = queries.sheets_of(book).order_by("-id"), book.place.path
    return exports.respond(actor=actor, name=_("商户结算"), kind=kind, columns=SHEETS, rows=rows, place_path=path)


@require_safe
@never_cache
def sheet(request: Request, public_id: UUID) -> HttpResponse:
    """One sheet with its lines; never who fetched them."""
    actor = signed_in(request)
    found = queries.sheet(actor, public_id)
    keeps = rules.can_keep(actor, found.book) and found.state == SheetState.DRAFT
    return pages.show(
        request,
        "sheet",
        desk=True,
        sheet=found,
        yuan=pages.yuan(found.total_fen),
        last=found.until - timedelta(days=1),
        lines=[{"gift": one, "yuan": pages.yuan(one.value_fen)} for one in queries.lines_of(found)],
        may_approve=keeps and found.made_by_id != actor.person_id,
        may_drop=keeps,
        files=exports.addresses("points:sheet_file", found.public_id),
        heads=[_("领取时间"), _("物品"), {"label": _("数量"), "end": True}, {"label": _("金额（元）"), "end": True}],
    )


@require_http_methods(pages.BOTH)
@never_cache
def sheet_step(request: Request, public_id: UUID, verb: str) -> HttpResponse:
    """Approved by another person, or thrown away."""
    actor = signed_in(request)
    found = queries.sheet(actor, public_id)
    if verb not in {"approve", "drop"}:
        raise NotFound
    if not rules.can_keep(actor, found.book):
        raise Forbidden
    form = forms.EvidenceForm(pages.posted(request)) if verb == "approve" else forms.PressForm(pages.posted(request))

    def act() -> None:
        if verb == "approve":
            actions.approve_sheet(actor=actor, sheet=found, evidence=form.cleaned_data["evidence"])
        else:
            actions.drop_sheet(actor=actor, sheet=found)

    if request.method == "POST" and pages.carried_out(form, act):
        return pages.go(_("已办好。"), "sheet", found.public_id, request=request)
    label = _("审核结算") if verb == "approve" else _("作废")
    lead = _("{name}：{yuan} 元，由{by}出钱。钱在线下付，这里只记账。").format(
        name=found.partner.name, yuan=pages.yuan(found.total_fen), by=found.funded_by.name
    )
    back = reverse("points:sheet", args=[found.public_id])
    kind = "primary" if verb == "approve" else "danger"
    return pages.form_page(request, form, title=label, label=label, back=back, lead=lead, kind=kind, desk=True)


COLUMNS: tuple[exports.Column[Gift], ...] = (
    exports.Column(gettext_lazy("领取时间"), "ended_at", "at"),
    exports.Column(gettext_lazy("储蓄所"), lambda row: named(row.good.bank), "bank"),
    exports.Column(gettext_lazy("物品"), lambda row: named(row.good), "good"),
    exports.Column(gettext_lazy("数量"), "quantity"),
    exports.Column(gettext_lazy("金额（元）"), lambda row: row.value_fen / 100, "yuan"),
    exports.Column(gettext_lazy("兑换编号"), lambda row: str(row.public_id), "number"),
)


@require_safe
@never_cache
@fresh
def sheet_file(request: Request, public_id: UUID, form: str) -> HttpResponseBase:
    """The sheet for the merchant's books."""
    actor = signed_in(request)
    found = queries.sheet(actor, public_id)
    rows = queries.lines_of(found)
    return exports.respond(
        actor=actor,
        name=_("商户结算单"),
        kind=exports.kind_of(form),
        columns=COLUMNS,
        rows=rows,
        place_path=found.book.place.path,
    )
