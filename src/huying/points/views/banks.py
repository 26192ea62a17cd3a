"""Counters and shelves: the fast counter for code and booklet, goods, what comes and breaks, partners and funds."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from huying.kernel import exports
from huying.kernel.errors import DomainError, Forbidden, InvalidInput, NotFound
from huying.kernel.requests import Request, fresh, signed_in
from huying.points import actions, forms, queries, rules
from huying.points.models import Bank, Book, Good, Passbook
from huying.points.queries import Piece
from huying.points.rules import codes
from huying.points.views import pages
from huying.ui.naming import named


@require_http_methods(pages.BOTH)
@never_cache
def counter(request: Request, public_id: UUID) -> HttpResponse:
    """The counter: a code scanned or typed and Enter; a booklet by its number; litter on the scales."""
    actor = signed_in(request)
    bank = queries.kept_bank(actor, public_id)
    if not rules.can_serve(actor, bank.place):
        raise Forbidden
    goods = [one for one in queries.goods_of(bank) if one.active]
    by_weight = [one for one in goods if one.litter_grams]
    act_of, data = request.POST.get("act", ""), pages.posted(request)
    scanned = request.POST.get("code", "") if act_of == "code" and goods else ""
    booklet = scanned if codes.is_booklet(scanned) else ""  # the scanner writes where the cursor is
    code = forms.CodeForm(data if act_of == "code" and not booklet else None)
    if booklet:  # the cursor goes on to what is wanted
        del code.fields["code"].widget.attrs["autofocus"]
    serve = forms.ServeForm(data if act_of == "serve" else None, goods=goods, booklet=booklet)
    seen, said_no = whose(request, bank, booklet) if booklet else (None, "")
    weigh = forms.WeighForm(data if act_of == "weigh" else None, goods=by_weight)
    said: list[str] = []
    for form, act in (
        (code, lambda: said.append(handed(request, bank, code))),
        (serve, lambda: said.extend(served(request, bank, serve))),
        (weigh, lambda: said.append(weighed(request, weigh))),
    ):
        if form.is_bound and pages.carried_out(form, act) and said:
            return pages.go(said[0], "counter", bank.public_id, request=request)
    if request.method == "POST" and act_of not in {"code", "serve", "weigh"}:
        raise InvalidInput
    bound = next((one for one in (code, serve, weigh) if one.is_bound), code)
    if serve.is_bound and serve.cleaned_data.get("number") and "number" not in serve.errors:  # a wrong one counts once
        seen, _no = whose(request, bank, serve.cleaned_data["number"])
        serve.shown_again(serve.cleaned_data["number"] if seen else "")
    return pages.show(
        request,
        "counter",
        pages.status_of(bound),
        desk=True,
        bank=bank,
        code=code,
        serve=serve,
        seen=seen,
        free=queries.stand(seen).free if seen else 0,
        checked=booklet or serve.data.get("checked", ""),
        said_no=said_no,
        weigh=weigh,
        by_weight=by_weight,
        goods=goods,
        today=list(queries.today_at(bank)[:20]),
    )


def handed(request: Request, bank: Bank, form: forms.CodeForm) -> str:
    gift = actions.hand_over(actor=request.actor, bank=bank, code=form.cleaned_data["code"])
    return _("交给 {who}：{name} × {n}").format(who=gift.passbook.person.name, name=gift.good.name, n=gift.quantity)


def whose(request: Request, bank: Bank, typed: str) -> tuple[Passbook | None, str]:
    """The passbook whose booklet was shown; else why not."""
    try:
        passbook, mark = shown(bank, typed)
        return actions.look_up(actor=request.actor, bank=bank, passbook=passbook, mark=mark), ""
    except DomainError as refusal:
        return None, str(next(iter(refusal.fields.values()), refusal))


def shown(bank: Bank, typed: str) -> tuple[Passbook, str]:
    """The passbook with this number, and the digits behind it; InvalidInput."""
    number, mark = codes.read_booklet(typed)
    passbook = queries.passbook_at(bank, number)
    if passbook is None:
        raise InvalidInput(fields={"number": _("没有这本存折，请核对存折号。")})
    return passbook, mark


def served(request: Request, bank: Bank, form: forms.ServeForm) -> list[str]:
    """What was given; nothing while its reader has not been shown whose booklet it is."""
    passbook, mark = shown(bank, form.cleaned_data["number"])
    if not form.is_checked():
        actions.look_up(actor=request.actor, bank=bank, passbook=passbook, mark=mark)
        return []
    facts = {"mark": mark, "quantity": form.cleaned_data["quantity"], "price": form.points()}
    gift = actions.serve(actor=request.actor, passbook=passbook, good=form.chosen(), **facts)
    return [_("交给 {who}：{name} × {n}").format(who=passbook.person.name, name=gift.good.name, n=gift.quantity)]


def weighed(request: Request, form: forms.WeighForm) -> str:
    row = actions.weigh(actor=request.actor, good=form.chosen(), grams=form.cleaned_data["grams"])
    return _("{grams} 克，换 {name} × {n}").format(grams=row.grams, name=row.good.name, n=row.quantity)


@require_safe
@never_cache
def bank(request: Request, public_id: UUID) -> HttpResponse:
    """One bank's shelves and what came and broke."""
    actor = signed_in(request)
    found = queries.kept_bank(actor, public_id)
    return pages.show(
        request,
        "bank",
        desk=True,
        bank=found,
        pieces=queries.pieces(queries.goods_of(found)),
        intakes=queries.intakes_of(found.book).filter(good__bank=found).order_by("-id")[:25],
        may=rules.can_serve(actor, found.place) or rules.can_keep(actor, found.book),
        serves=rules.can_serve(actor, found.place),
        keeps=rules.can_keep(actor, found.book),
        reads=rules.can_audit(actor, found.book),
        person=actor.person_id,
        files=exports.addresses("points:stock_file", found.public_id),
        heads=[
            _("物品"),
            *({"label": word, "end": True} for word in (_("积分"), _("在架"), _("待领"), _("已发"), _("报损"))),
        ],
    )


@require_http_methods(pages.BOTH)
@never_cache
def bank_new(request: Request, public_id: UUID) -> HttpResponse:
    """Another counter of a book."""
    actor, book = kept(request, public_id)
    form = forms.BankForm(pages.posted(request), places=queries.places_of(book))
    made: list[Bank] = []

    def act() -> None:
        given = form.cleaned_data
        facts = {"name": given["name"], "hours": given["hours"]}
        made.append(actions.open_bank(actor=actor, book=book, place=form.where(), **facts))

    if request.method == "POST" and pages.carried_out(form, act):
        return pages.go(_("开好了，先摆上物品。"), "bank", made[0].public_id, request=request)
    back = reverse("points:keep", args=[book.public_id])
    return pages.form_page(request, form, title=_("新开储蓄所"), label=_("开办"), back=back, desk=True)


def kept(request: Request, public_id: UUID) -> tuple[Any, Book]:
    """Who acts, and the book, for somebody who may change it."""
    actor = signed_in(request)
    book = queries.kept_book(actor, public_id)
    if not rules.can_keep(actor, book):
        raise Forbidden
    return actor, book


@require_http_methods(pages.BOTH)
@never_cache
def bank_close(request: Request, public_id: UUID) -> HttpResponse:
    """No more exchanges here."""
    actor = signed_in(request)
    found = queries.kept_bank(actor, public_id)
    if not rules.can_keep(actor, found.book):
        raise Forbidden
    form = forms.PressForm(pages.posted(request))
    if request.method == "POST" and pages.carried_out(form, lambda: actions.close_bank(actor=actor, bank=found)):
        return pages.go(_("已停办；留好没领的还可以来领。"), "bank", found.public_id, request=request)
    back = reverse("points:bank", args=[found.public_id])
    title = _("停办“{name}”").format(name=named(found))
    return pages.form_page(request, form, title=title, label=_("停办"), back=back, kind="danger", desk=True)


@require_http_methods(pages.BOTH)
@never_cache
def good_new(request: Request, public_id: UUID) -> HttpResponse:
    """Something new on the shelf."""
    return good_form(request, queries.kept_bank(signed_in(request), public_id), None)


@require_http_methods(pages.BOTH)
@never_cache
def good_edit(request: Request, public_id: UUID) -> HttpResponse:
    """Other points, other words, on or off the shelf."""
    found = queries.good(public_id)
    return good_form(request, queries.kept_bank(signed_in(request), found.bank.public_id), found)


def good_form(request: Request, bank: Bank, found: Good | None) -> HttpResponse:
    actor = request.actor
    if not (rules.can_serve(actor, bank.place) or rules.can_keep(actor, bank.book)):
        raise Forbidden
    merchants = list(queries.partners_of(bank.book).filter(is_merchant=True))
    form = forms.GoodForm(pages.posted(request), partners=merchants, good=found)

    def act() -> None:
        actions.save_good(actor=actor, bank=bank, shelf=form.shelf(), good=found)

    if request.method == "POST" and pages.carried_out(form, act):
        return pages.go(_("已保存。"), "bank", bank.public_id, request=request)
    back = reverse("points:bank", args=[bank.public_id])
    title = _("修改“{name}”").format(name=named(found)) if found else _("上架新物品")
    return pages.form_page(request, form, title=title, label=_("保存"), back=back, desk=True)


@require_http_methods(pages.BOTH)
@never_cache
def intake_new(request: Request, public_id: UUID) -> HttpResponse:
    """Write down what came or broke."""
    actor = signed_in(request)
    found = queries.kept_bank(actor, public_id)
    if not (rules.can_serve(actor, found.place) or rules.can_keep(actor, found.book)):
        raise Forbidden
    partners = list(queries.partners_of(found.book))
    form = forms.IntakeForm(pages.posted(request), goods=list(queries.goods_of(found)), partners=partners)

    def act() -> None:
        actions.enter_intake(actor=actor, book=found.book, **form.facts())

    if request.method == "POST" and pages.carried_out(form, act):
        return pages.go(_("已登记，由另一个人清点后入账。"), "bank", found.public_id, request=request)
    back = reverse("points:bank", args=[found.public_id])
    return pages.form_page(request, form, title=_("进货或报损"), label=_("登记"), back=back, desk=True)


@require_POST
def intake_step(request: Request, public_id: UUID, verb: str) -> HttpResponse:
    """Counted by a second person, or not so."""
    actor = signed_in(request)
    found = queries.intake(public_id)
    if found.good is None:
        queries.kept_book(actor, found.book.public_id)
    else:
        queries.kept_bank(actor, found.good.bank.public_id)  # its keeper need not keep the book
    doing = {"confirm": actions.confirm_intake, "refuse": actions.refuse_intake}
    if verb not in doing:
        raise NotFound
    doing[verb](actor=actor, intake=found)
    said = {"confirm": _("已清点入账。"), "refuse": _("已退回。")}[verb]
    if found.good is not None:
        return pages.go(said, "bank", found.good.bank.public_id, request=request)
    return pages.go(said, "partners", found.book.public_id, request=request)


@require_http_methods(pages.BOTH)
@never_cache
def partners(request: Request, public_id: UUID) -> HttpResponse:
    """Sponsors and merchants of a book, their funds, and what waits to be counted."""
    actor = signed_in(request)
    book = queries.kept_book(actor, public_id)
    found, may = list(queries.partners_of(book)), rules.can_keep(actor, book)
    act_of, data = request.POST.get("act", ""), pages.posted(request)
    form = forms.PartnerForm(data if act_of == "partner" else None)
    fund = forms.FundForm(data if act_of == "fund" else None, partners=found)
    for one, act in (
        (form, lambda: actions.save_partner(actor=actor, book=book, **form.cleaned_data)),
        (fund, lambda: actions.enter_intake(actor=actor, book=book, **fund.facts())),
    ):
        if one.is_bound and pages.carried_out(one, act):
            return pages.go(_("已记下。"), "partners", book.public_id, request=request)
    if request.method == "POST" and act_of not in {"partner", "fund"}:
        raise (InvalidInput if may else Forbidden)
    held = queries.funds(found)
    return pages.show(
        request,
        "partners",
        pages.status_of(fund if fund.is_bound else form),
        desk=True,
        book=book,
        form=form,
        fund=fund,
        may=may,
        person=actor.person_id,
        rows=[{"partner": one, "fund": pages.yuan(held.get(one.pk, 0))} for one in found],
        waiting=[
            {"intake": one, "yuan": pages.yuan(one.amount)} for one in queries.waiting_intakes(book) if one.good is None
        ],
    )


COLUMNS: tuple[exports.Column[Piece], ...] = (
    exports.Column(gettext_lazy("物品"), lambda row: named(row.good), "good"),
    exports.Column(gettext_lazy("单位"), "good.unit", "unit"),
    exports.Column(gettext_lazy("积分"), "good.points", "points"),
    exports.Column(gettext_lazy("价值（元）"), lambda row: row.good.value_fen / 100, "value"),
    exports.Column(gettext_lazy("在架"), "stock"),
    exports.Column(gettext_lazy("待领"), "reserved"),
    exports.Column(gettext_lazy("已发"), "given"),
    exports.Column(gettext_lazy("报损"), "lost"),
)


@require_safe
@never_cache
@fresh
def stock_file(request: Request, public_id: UUID, form: str) -> HttpResponseBase:
    """The shelves as a file."""
    actor = signed_in(request)
    found = queries.kept_bank(actor, public_id)
    rows = queries.pieces(queries.goods_of(found))
    kind = exports.kind_of(form)
    path = found.place.path
    return exports.respond(actor=actor, name=_("库存"), kind=kind, columns=COLUMNS, rows=rows, place_path=path)
