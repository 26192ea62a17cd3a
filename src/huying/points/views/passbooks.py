"""The passbook: joining, what is on it, who may see it, leaving, the booklet and the file of its lines."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from huying.kernel import clock, exports, paging
from huying.kernel.errors import Forbidden, NotFound
from huying.kernel.requests import Request, fresh, signed_in
from huying.ledger.queries import Line
from huying.people import queries as people_queries
from huying.people.models import Person
from huying.points import actions, forms, queries, rules
from huying.points.models import Passbook
from huying.points.states import PASSBOOK_VERBS, BookletState
from huying.points.views import booklet as paper
from huying.points.views import pages
from huying.points.views.goods import square
from huying.ui.naming import named

RECENT = 20


@require_safe
@never_cache
def mine(request: Request) -> HttpResponse:
    """My passbooks, and which I may open."""
    actor = signed_in(request)
    found = queries.mine(actor)
    cards = [{"book": one, "stand": queries.stand(one)} for one in found]
    return pages.show(request, "mine", cards=cards, offers=queries.to_join(actor))


@require_http_methods(pages.BOTH)
@never_cache
def join(request: Request, public_id: UUID) -> HttpResponse:
    """Open a passbook: for oneself, or staff for somebody who asks for it (``person``)."""
    actor, book = signed_in(request), queries.seen_book(request.actor, public_id)
    who, form = joining(request), forms.PressForm(pages.posted(request))
    made: list[Passbook] = []

    def act() -> None:
        made.append(actions.open_passbook(actor=actor, book=book, person=who))

    if request.method == "POST" and pages.carried_out(form, act):
        return pages.go(_("开好了。不想用了随时可以退出。"), "passbook", made[0].public_id, request=request)
    back = reverse("points:book", args=[book.public_id])
    title = _("开一本“{name}”存折").format(name=named(book))
    return pages.show(request, "join", pages.status_of(form), form=form, book=book, who=who, back=back, title=title)


def joining(request: Request) -> Person:
    """Whose passbook it will be."""
    actor = request.actor
    wanted = request.POST.get("person") or request.GET.get("person")
    if wanted:
        return people_queries.person_by_id(actor, uuid_of(wanted))
    found = Person.objects.filter(pk=actor.on_behalf_of_id or actor.person_id or 0).first()
    if found is None:
        raise NotFound
    return found


def uuid_of(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFound from None


@require_safe
@never_cache
def passbook(request: Request, public_id: UUID) -> HttpResponse:
    """What is on it, when it ends, every line, what waits, and what can be done."""
    actor = signed_in(request)
    found = queries.passbook(actor, public_id)
    statement = queries.lines(found, request.GET.get("cursor"))
    titles = queries.titles(statement.lines)
    own = rules.owns(actor, found)
    return pages.show(
        request,
        "passbook",
        passbook=found,
        stand=queries.stand(found),
        lines=[{"line": one, "title": titles[one.transfer.pk]} for one in reversed(statement.lines)],
        next=statement.next,
        claims=queries.claims_of(found)[:RECENT],
        gifts=queries.gifts_of(found)[:RECENT],
        household=queries.household(found) if own else [],
        own=own,
        square=square(paper.scanned(found)) if rules.is_his(actor, found) else "",
        keeps=rules.keeps(actor, found),
        states=may_state(actor, found),
        verbs=verbs_for(found, own),
        appeals=queries.appeals_of(actor, found)[:RECENT],
        files=exports.addresses("points:passbook_file", found.public_id),
    )


def may_state(actor: Any, found: Passbook) -> bool:
    in_use = found.state != BookletState.LEFT
    return in_use and rules.can_state(actor, found) and queries.edition_to_state(found.book) is not None


def verbs_for(found: Passbook, own: bool) -> list[tuple[str, Any]]:
    """What its owner (or staff) may do with it now, with the words on the buttons."""
    wanted: list[str] = []
    if found.state == BookletState.LEFT:
        wanted = (["join"] if own else []) + (["unfreeze"] if found.frozen_until is not None else [])
    else:
        wanted += [("unshare" if found.shares else "share")] if own else []
        wanted += ["unfreeze" if found.state == BookletState.FROZEN else "freeze"]
        wanted += ["leave"] if own else []
    return [(verb, PASSBOOK_VERBS[verb]) for verb in wanted]


LEADS = {
    "leave": gettext_lazy(
        "退出后不再积分；已有的积分到期以前还能兑换。志愿服务、求助、活动等都不受影响，也可以再回来。"
    ),
    "share": gettext_lazy("住在一起、也愿意公开的家里人，能互相看到可用的积分。不会合计，也不会给家庭打分。"),
    "freeze": gettext_lazy("存折丢了或有疑问时用。到期自动恢复；期间照常积分。"),
}


@require_http_methods(pages.BOTH)
@never_cache
def step(request: Request, public_id: UUID, verb: str) -> HttpResponse:
    """Show or hide, freeze, leave, take up again."""
    actor = signed_in(request)
    found = queries.passbook(actor, public_id)
    if verb not in PASSBOOK_VERBS:
        raise NotFound
    if verb not in {"freeze", "unfreeze"} and not rules.owns(actor, found):
        raise Forbidden
    form: Any = (forms.ReasonForm if verb == "freeze" else forms.PressForm)(pages.posted(request))

    def act() -> None:
        doing: dict[str, Any] = {
            "share": lambda: actions.share(actor=actor, passbook=found, shares=True),
            "unshare": lambda: actions.share(actor=actor, passbook=found, shares=False),
            "freeze": lambda: actions.freeze(actor=actor, passbook=found, reason=form.cleaned_data["reason"]),
            "unfreeze": lambda: actions.unfreeze(actor=actor, passbook=found),
            "leave": lambda: actions.leave(actor=actor, passbook=found),
            "join": lambda: actions.rejoin(actor=actor, passbook=found),
        }
        doing[verb]()

    if request.method == "POST" and pages.carried_out(form, act):
        return pages.go(_("已办好。"), "passbook", found.public_id, request=request)
    label = str(PASSBOOK_VERBS[verb])
    kind = "danger" if verb == "leave" else "primary"
    back = reverse("points:passbook", args=[found.public_id])
    return pages.form_page(request, form, title=label, label=label, back=back, lead=str(LEADS.get(verb, "")), kind=kind)


@require_safe
@never_cache
def booklet(request: Request, public_id: UUID) -> HttpResponse:
    """The printed booklet: every line until today, on sheets that fold to A5."""
    actor = signed_in(request)
    found = actions.print_booklet(actor=actor, passbook=queries.passbook(actor, public_id))
    response = HttpResponse(paper.drawn(found), content_type="application/pdf")
    response.headers["Content-Disposition"] = f'inline; filename="passbook-{found.number}.pdf"'
    response.headers["Cache-Control"] = "no-store"
    return response


COLUMNS: tuple[exports.Column[tuple[Line, str]], ...] = (
    exports.Column(gettext_lazy("日期"), lambda row: row[0].transfer.recorded_at, "at"),
    exports.Column(gettext_lazy("事由"), lambda row: row[1], "title"),
    exports.Column(gettext_lazy("积分"), lambda row: row[0].amount, "amount"),
    exports.Column(gettext_lazy("结余"), lambda row: row[0].balance, "balance"),
    exports.Column(gettext_lazy("规则"), lambda row: row[0].transfer.rule_version, "rule"),
)


@require_safe
@never_cache
@fresh
def passbook_file(request: Request, public_id: UUID, form: str) -> HttpResponseBase:
    """Every line of one passbook as a file."""
    actor = signed_in(request)
    found = queries.passbook(actor, public_id)
    lines = queries.all_lines(found)
    titles = queries.titles(lines)
    rows = [(one, titles[one.transfer.pk]) for one in lines]
    return exports.respond(
        actor=actor,
        name=_("积分存折"),
        kind=exports.kind_of(form),
        columns=COLUMNS,
        rows=rows,
        place_path=found.book.place.path,
    )


@require_safe
@never_cache
def find(request: Request) -> HttpResponse:
    """Passbooks of my books by name: for the counter, and for residents without a telephone."""
    actor = signed_in(request)
    if not rules.is_keeper(actor):
        raise Forbidden
    form = forms.FindForm(request.GET)
    rows = queries.found_passbooks(actor, form.got("q"))
    page = paging.page(rows, ("person__sort_key", "id"), request.GET.get("cursor"), 25)
    words = form.got("q").strip()
    without = list(people_queries.search_persons(actor, words)[:10]) if words and not page.rows else []
    return pages.show(
        request,
        "find",
        desk=True,
        form=form,
        page=page,
        words=words,
        without=without,
        books=list(queries.opened_by(actor)[:50]),
        files=exports.addresses("points:passbooks_file", query=request.GET.urlencode()),
        columns=[_("姓名"), _("存折号"), _("积分办法"), _("状态"), _("开立时间")],
        now=clock.now(),
    )


FOUND: tuple[exports.Column[Passbook], ...] = (
    exports.Column(gettext_lazy("姓名"), "person.name"),
    exports.Column(gettext_lazy("存折号"), "number"),
    exports.Column(gettext_lazy("积分办法"), lambda row: named(row.book), "book"),
    exports.Column(gettext_lazy("状态"), lambda row: row.get_state_display(), "state"),
    exports.Column(gettext_lazy("开立时间"), "opened_at"),
)


@require_safe
@never_cache
@fresh
def found_file(request: Request, form: str) -> HttpResponseBase:
    """The same list as a file: names and states, never what is on them."""
    actor = signed_in(request)
    if not rules.is_keeper(actor):
        raise Forbidden
    rows = queries.found_passbooks(actor, forms.FindForm(request.GET).got("q")).order_by("person__sort_key", "id")
    return exports.respond(actor=actor, name=_("积分存折名单"), kind=exports.kind_of(form), columns=FOUND, rows=rows)
