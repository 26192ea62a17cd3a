"""Pages of the ledger: the overview and statements for auditors, and the public page that checks a receipt."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import cast
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from huying.kernel import clock, exports, paging
from huying.kernel.actor import Actor
from huying.kernel.errors import Forbidden, InvalidInput, NotFound
from huying.kernel.exports import Column
from huying.kernel.requests import Request, fresh, signed_in
from huying.ledger import queries, rules
from huying.ledger.forms import FindForm, ReceiptForm, SpanForm
from huying.ledger.models import Account, Asset
from huying.ledger.queries import Line
from huying.ledger.states import AssetKind
from huying.ui.naming import named

SIZE = 50
FIRST = "2000-01-01"  # the first day that a statement can be asked for
HEADS = (
    _("户主"),
    _("记的是"),
    {"label": _("余额"), "end": True},
    {"label": _("冻结"), "end": True},
    {"label": _("收入合计"), "end": True},
    {"label": _("支出合计"), "end": True},
)
LINES = (
    _("记账时间"),
    _("摘要"),
    _("对方"),
    {"label": _("增减"), "end": True},
    {"label": _("余额"), "end": True},
    _("经手 / 核对"),
)


def told(amount: int, asset: Asset) -> str:
    """An amount in figures: money in yuan with two places, everything else in whole units."""
    if asset.kind != AssetKind.MONEY:
        return f"{amount:,}"
    sign, cents = ("-" if amount < 0 else ""), abs(amount)
    return f"{sign}{cents // 100:,}.{cents % 100:02d}"


def auditor(request: Request) -> Actor:
    """Who is signed in, if he audits somewhere; Forbidden for others."""
    actor = signed_in(request)
    if not rules.can_audit(actor):
        raise Forbidden
    return actor


@require_safe
@never_cache
def overview(request: Request) -> HttpResponse:
    """Sums of each asset, the state of the seals, and the accounts."""
    actor = auditor(request)
    form = FindForm(request.GET)
    good = form.is_valid()
    rows = queries.listed(actor, **form.wanted())
    page = paging.page(rows, ("-id",), request.GET.get("cursor"), SIZE)
    names, seal = queries.names_of(page.rows), queries.last_seal()
    context = {
        "form": form,
        "page": page,
        "heads": HEADS,
        "rows": [
            {
                "account": one,
                "name": names[one.pk],
                "figures": [told(value, one.asset) for value in (one.balance, one.held, one.credits, one.debits)],
            }
            for one in page.rows
        ],
        "sums": [
            {
                "asset": one.asset,
                "figures": [told(value, one.asset) for value in (one.owned, one.issued, one.held)],
                "of": one,
                "href": f"{reverse('ledger:overview')}?{urlencode({'asset': one.asset.code})}#accounts",
            }
            for one in queries.sums(actor)
        ],
        "files": exports.addresses("ledger:accounts_export", query=request.GET.urlencode()),
        "seal": seal,
        "seal_head": bytes(seal.head).hex() if seal else "",
        "unsealed": queries.unsealed(),
    }
    return render(request, "ledger/overview.html", context, status=200 if good else 422)


ACCOUNTS: tuple[Column[Account], ...] = (
    Column(_("账户编号"), "public_id", "id"),
    Column(_("户主类别"), "owner_type"),
    Column(_("户主编号"), "owner_id"),
    Column(_("记的是"), lambda one: named(one.asset), "asset"),
    Column(_("余额"), "balance"),
    Column(_("冻结"), "held"),
    Column(_("收入合计"), "credits"),
    Column(_("支出合计"), "debits"),
)


@require_safe
@fresh
def accounts_export(request: Request, form: str) -> HttpResponseBase:
    """The accounts under the filters of the page, in smallest units; owners by number, as in the trail."""
    actor = auditor(request)
    if form not in exports.TYPES:
        raise NotFound
    find = FindForm(request.GET)
    if not find.is_valid():
        raise InvalidInput(" ".join(str(words) for errors in find.errors.values() for words in errors))
    rows = queries.listed(actor, **find.wanted()).order_by("-id")
    kind = cast(exports.Kind, form)
    return exports.respond(actor=actor, name=gettext("账户"), kind=kind, columns=ACCOUNTS, rows=rows)


@require_safe
@never_cache
def account(request: Request, public_id: UUID) -> HttpResponse:
    """One account's statement: opening, lines, closing."""
    actor = auditor(request)
    found = queries.seen_account(actor, public_id)
    form = SpanForm(request.GET)
    good = form.is_valid()
    since, until = form.span()
    shown = queries.statement(found, since, until, request.GET.get("cursor") or None, SIZE)
    others = queries.others_of(line.other_id for line in shown.lines)
    made = [line.transfer for line in shown.lines]
    papers = queries.papers_of(actor, made)
    people = queries.people_called(who for one in made for who in (one.made_by_id, one.approved_by_id))
    days = {name: form.data[name] for name in ("since", "until")}
    context = {
        "account": found,
        "name": queries.names_of([found])[found.pk],
        "form": form,
        "statement": shown,
        "page": paging.Page(shown.lines, shown.next, None),
        "heads": LINES,
        "opening": told(shown.opening, found.asset),
        "closing": told(shown.closing, found.asset),
        "opening_href": until_then(since),
        "closing_href": until_then(until),
        "held": told(found.held, found.asset),
        "rows": [
            {
                "line": line,
                "other": others.get(line.other_id, ""),
                "amount": ("+" if line.amount > 0 else "") + told(line.amount, found.asset),
                "balance": told(line.balance, found.asset),
                "receipt": queries.receipt_code(line.transfer),
                "reason": queries.reason_of(line.transfer),
                "paper": papers.get(line.transfer.pk),
                "who": [who(people, one) for one in (line.transfer.made_by_id, line.transfer.approved_by_id)],
            }
            for line in shown.lines
        ],
        "files": exports.addresses("ledger:export", found.public_id, query=urlencode(days)),
        "later": bool(request.GET.get("cursor")),
    }
    return render(request, "ledger/account.html", context, status=200 if good else 422)


def until_then(moment: datetime) -> str:
    """Every line that a balance at this moment is made of."""
    last = clock.local(moment).date() - timedelta(days=1)
    return f"?{urlencode({'since': FIRST, 'until': last.isoformat()})}#lines"


def who(people: dict[int, str], person_id: int | None) -> str:
    """A name, else the number, else a dash for the platform."""
    return "–" if person_id is None else people.get(person_id, str(person_id))


EXPORTED: tuple[Column[Line], ...] = (
    Column(_("编号"), lambda line: line.transfer.public_id, "id"),
    Column(_("记账时间"), lambda line: line.transfer.recorded_at, "recorded_at"),
    Column(_("发生时间"), lambda line: line.transfer.occurred_at, "occurred_at"),
    Column(_("摘要"), lambda line: queries.reason_of(line.transfer), "reason"),
    Column(_("对方账户"), lambda line: line.other_id, "other_account"),
    Column(_("增减"), lambda line: line.amount, "amount"),
    Column(_("余额"), lambda line: line.balance, "balance"),
    Column(_("经手人编号"), lambda line: line.transfer.made_by_id, "made_by"),
    Column(_("核对人编号"), lambda line: line.transfer.approved_by_id, "approved_by"),
    Column(_("规则版本"), lambda line: line.transfer.rule_version, "rule_version"),
    Column(_("依据"), lambda line: line.transfer.evidence, "evidence"),
)


@require_safe
def export(request: Request, public_id: UUID, form: str) -> HttpResponseBase:
    """The whole statement as a file, in smallest units; who took it stands in the trail."""
    actor = auditor(request)
    found = queries.seen_account(actor, public_id)
    if form not in exports.TYPES:
        raise NotFound
    span = SpanForm(request.GET)
    if not span.is_valid():
        raise InvalidInput(" ".join(str(words) for errors in span.errors.values() for words in errors))
    return exports.respond(
        actor=actor,
        name=gettext("账户明细"),
        kind=cast(exports.Kind, form),
        columns=EXPORTED,
        rows=queries.all_lines(found, *span.span()),
        place_path=found.place_path,
    )


@require_safe
@never_cache
def find_receipt(request: Request) -> HttpResponse:
    """Type in the code of a receipt."""
    form = ReceiptForm(request.GET or None)
    if form.is_valid():
        return HttpResponseRedirect(reverse("ledger:receipt", args=[form.cleaned_data["code"].strip()]), status=303)
    return render(request, "ledger/find_receipt.html", {"form": form}, status=422 if form.is_bound else 200)


@require_safe
@never_cache
def receipt(request: Request, code: str) -> HttpResponse:
    """One transfer to whoever has its code: what it says, and whether it stands sealed as it was written."""
    found = queries.receipt(code)
    context = {"receipt": found, "amount": told(found.transfer.amount, found.transfer.asset)}
    return render(request, "ledger/receipt.html", context)
