"""The keepers' pages of a book: the desk, drafting, the vote, publishing, and the book from above."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from huying.kernel import paging
from huying.kernel.actor import Actor
from huying.kernel.errors import Forbidden, NotFound
from huying.kernel.requests import Request, signed_in
from huying.points import actions, forms, queries, rules
from huying.points.models import Book, Edition
from huying.points.states import EDITION_STEPS, EditionState
from huying.points.views import pages
from huying.ui.naming import named


@require_safe
@never_cache
def desk(request: Request) -> HttpResponse:
    """My books and counters, and what waits for somebody."""
    actor = signed_in(request)
    if not rules.is_keeper(actor):
        raise Forbidden
    page = paging.page(queries.my_books(actor), ("name", "id"), request.GET.get("cursor"), 25)
    cards = [{"book": one, "now": queries.edition_now(one), "open": queries.open_edition(one)} for one in page.rows]
    return pages.show(
        request,
        "desk",
        desk=True,
        page=page,
        cards=cards,
        banks=list(queries.my_banks(actor)[:25]),
        claims=queries.claims_desk(actor).count(),
        appeals=queries.appeals_desk(actor).count(),
        reversals=queries.open_reversals(actor).count(),
        untold=queries.to_tell(actor).count(),
        may_draft=bool(queries.my_places(actor)),
    )


@require_http_methods(pages.BOTH)
@never_cache
def new(request: Request) -> HttpResponse:
    """The first draft of a place's book."""
    actor = signed_in(request)
    places = queries.my_places(actor)
    if not places:
        raise Forbidden
    form = forms.DraftForm(typed(request), places=places, wider=widened(request))
    made: list[Edition] = []

    def act() -> None:
        made.append(actions.make_book(actor=actor, place=form.where(), draft=form.draft()))

    if form.is_bound and pages.carried_out(form, act):
        return pages.go(_("草案存好了，等会议表决。"), "keep", made[0].book.public_id, request=request)
    return pages.show(
        request, "draft", pages.status_of(form), desk=True, form=form, book=None, back=reverse("points:desk")
    )


@require_safe
@never_cache
def keep(request: Request, public_id: UUID) -> HttpResponse:
    """A book as its keepers see it: drafts and versions, counters, partners, sheets."""
    actor = signed_in(request)
    book = queries.kept_book(actor, public_id)
    edition, audit = queries.open_edition(book), queries.audit(book)
    return pages.show(
        request,
        "keep",
        desk=True,
        book=book,
        edition=edition,
        items=edition.items if edition else [],
        adoption=getattr(edition, "adoption", None) if edition and edition.state == EditionState.ADOPTED else None,
        editions=queries.editions_of(book, all_states=True),
        banks=queries.banks_of(book, closed=True),
        may=rules.can_keep(actor, book),
        waiting=queries.waiting_intakes(book),
        audit=audit,
        worth=pages.yuan(audit.worth),
    )


@require_http_methods(pages.BOTH)
@never_cache
def draft(request: Request, public_id: UUID) -> HttpResponse:
    """Write the next version; it does nothing until it is adopted and published."""
    actor = signed_in(request)
    book = queries.kept_book(actor, public_id)
    if not rules.can_keep(actor, book):
        raise Forbidden
    taken = queries.codes_of(book)
    form = forms.DraftForm(typed(request), edition=queries.paper_of(book), taken=taken, wider=widened(request))

    def act() -> None:
        actions.draft_edition(
            actor=actor, book=book, draft=form.draft(), digest=form.cleaned_data["digest"] or "unseen"
        )

    if form.is_bound and pages.carried_out(form, act):
        return pages.go(_("草案存好了，等会议表决。"), "keep", book.public_id, request=request)
    form.draft_is_shown()
    back = reverse("points:keep", args=[book.public_id])
    return pages.show(request, "draft", pages.status_of(form), desk=True, form=form, book=book, back=back)


def typed(request: Request) -> Any:
    """What was sent to be saved; None for a page that was asked for, and when only more rows were."""
    return None if "more" in request.POST else pages.posted(request)


def widened(request: Request) -> dict[str, str] | None:
    """What was typed so far, when more rows were asked for."""
    return request.POST.dict() if "more" in request.POST else None


@require_http_methods(pages.BOTH)
@never_cache
def edition_step(request: Request, public_id: UUID, verb: str) -> HttpResponse:
    """Write the vote down, publish, or throw the draft away."""
    actor = signed_in(request)
    book = queries.kept_book(actor, public_id)
    edition = queries.open_edition(book)
    if verb not in EDITION_STEPS or edition is None:
        raise NotFound
    if not rules.can_keep(actor, book):
        raise Forbidden
    kinds = {"adopt": forms.VoteForm, "publish": forms.PublishForm, "drop": forms.ReasonForm}
    seen = {"digest": actions.digest_now(edition)} if verb == "adopt" else {}
    form: Any = kinds[verb](pages.posted(request), **seen)

    def act() -> None:
        if verb == "adopt":
            actions.adopt(actor=actor, edition=edition, vote=form.vote(), digest=form.cleaned_data["digest"])
        elif verb == "publish":
            actions.publish(actor=actor, edition=edition, **form.cleaned_data)
        else:
            actions.drop(actor=actor, edition=edition, reason=form.cleaned_data["reason"])

    if request.method == "POST" and pages.carried_out(form, act):
        return pages.go(_("已办好。"), "keep", book.public_id, request=request)
    if verb == "adopt" and form.is_bound:
        form.draft_is_shown()
    label = str(EDITION_STEPS[verb].label)
    leads = {
        "adopt": _("按会议记录填写。登记以后内容不能再改，要改就作废重来。"),
        "publish": _("由登记表决的人以外的另一个人核对会议记录后公布；公布后人人可看，不能再改。"),
    }
    title = _("{label}：{name} 第 {n} 版").format(label=label, name=named(book), n=edition.number)
    back = reverse("points:keep", args=[book.public_id])
    kind = "danger" if verb == "drop" else "primary"
    return pages.form_page(
        request, form, title=title, label=label, back=back, lead=leads.get(verb, ""), kind=kind, desk=True
    )


@require_http_methods(pages.BOTH)
@never_cache
def rename(request: Request, public_id: UUID) -> HttpResponse:
    """Another name and description; the items stay as they were adopted."""
    actor, book = kept_while_it_lasts(request, public_id)
    form = forms.NameForm(pages.posted(request), book=book)

    def act() -> None:
        actions.rename_book(actor=actor, book=book, **form.cleaned_data)

    if request.method == "POST" and pages.carried_out(form, act):
        return pages.go(_("已保存。"), "keep", book.public_id, request=request)
    back, label = reverse("points:keep", args=[book.public_id]), _("改名称和说明")
    return pages.form_page(request, form, title=label, label=_("保存"), back=back, desk=True)


@require_http_methods(pages.BOTH)
@never_cache
def end(request: Request, public_id: UUID) -> HttpResponse:
    """No more points from now on; those that are there stay of use."""
    actor, book = kept_while_it_lasts(request, public_id)
    form = forms.EndForm(pages.posted(request))

    def act() -> None:
        actions.end_book(actor=actor, book=book, reason=form.cleaned_data["reason"])

    if request.method == "POST" and pages.carried_out(form, act):
        said = _("办法已停止，所有有存折的人都会收到消息。")
        return pages.go(said, "keep", book.public_id, request=request)
    lead = _(
        "从明天起做的事不再积分；已有的积分到期以前还能兑换，会告诉每一位有存折的人。停止了不能恢复，可以另起草一个。"
    )
    back, label = reverse("points:keep", args=[book.public_id]), _("停止这个办法")
    return pages.form_page(
        request, form, title=label, label=label, back=back, lead=named(book) + _("：") + lead, kind="danger", desk=True
    )


def kept_while_it_lasts(request: Request, public_id: UUID) -> tuple[Actor, Book]:
    """Who asks, and the book that he keeps; Forbidden for who only looks over it, NotFound."""
    actor = signed_in(request)
    book = queries.kept_book(actor, public_id)
    if not rules.can_keep(actor, book):
        raise Forbidden
    return actor, book
