"""Appeals: filed from the passbook, answered at the desk, looked at again by others; with the time that is left."""

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

from huying.kernel import clock, exports, paging
from huying.kernel.errors import Forbidden, NotFound
from huying.kernel.requests import Request, fresh, signed_in
from huying.points import actions, forms, queries, rules
from huying.points.models import Appeal
from huying.points.states import APPEAL_STEPS, AppealState
from huying.points.views import pages
from huying.ui.naming import named

MOST_BOOKS = 200


@require_http_methods(pages.BOTH)
@never_cache
def new(request: Request, public_id: UUID) -> HttpResponse:
    """Appeal against a refusal (``claim``), a taking back (``reversal``), an exchange (``gift``), or the freezing of this
    passbook.
    """
    actor = signed_in(request)
    found = queries.passbook(actor, public_id)
    if not rules.owns(actor, found):
        raise Forbidden
    about = about_of(request)
    form = forms.AppealForm(pages.posted(request))
    made: list[Appeal] = []

    def act() -> None:
        made.append(actions.file_appeal(actor=actor, passbook=found, **form.cleaned_data, **about))

    if request.method == "POST" and pages.carried_out(form, act):
        return pages.go(_("申诉收到了，会由没有参与过的人处理。"), "appeal", made[0].public_id, request=request)
    what = about.get("claim") or (about["reversal"].claim if "reversal" in about else None)
    lead = what.title if what else named(about["gift"].good) if "gift" in about else _("存折暂停兑换")
    back = reverse("points:passbook", args=[found.public_id])
    return pages.form_page(request, form, title=_("申诉"), label=_("提出申诉"), back=back, lead=lead)


def about_of(request: Request) -> dict[str, Any]:
    """What is named in the address, when the reader may see it."""
    try:
        if request.GET.get("claim"):
            return {"claim": queries.claim(request.actor, UUID(request.GET["claim"]))}
        if request.GET.get("reversal"):
            return {"reversal": queries.reversal(request.actor, UUID(request.GET["reversal"]))}
        if request.GET.get("gift"):
            return {"gift": queries.gift(request.actor, UUID(request.GET["gift"]))}
    except ValueError:
        raise NotFound from None
    return {}


@require_safe
@never_cache
def appeal(request: Request, public_id: UUID) -> HttpResponse:
    """One appeal: what it is about, each step with its time, and what the reader can do."""
    actor = signed_in(request)
    found = queries.appeal(actor, public_id)
    own, judges = rules.owns(actor, found.passbook), rules.can_judge(actor, found)
    by_state = {
        AppealState.FILED: ["mark"] if judges else [],
        AppealState.MARKED: ["decide"] if judges else [],
        AppealState.DECIDED: (["again"] if own else [])
        + (["accept"] if own and rules.is_his(actor, found.passbook) else []),
        AppealState.AGAIN: ["review"] if judges else [],
    }
    verbs = by_state.get(AppealState(found.state), [])
    return pages.show(
        request,
        "appeal",
        appeal=found,
        own=own,
        due=queries.due_now(found),
        late=late(found),
        verbs=[(verb, APPEAL_STEPS[verb].label) for verb in verbs],
        history=history_of(found),
        about=found.claim or (found.reversal.claim if found.reversal else None),
    )


def late(found: Appeal) -> bool:
    due = queries.due_now(found)
    return due is not None and due < clock.now() and found.state != AppealState.DECIDED


def history_of(found: Appeal) -> list[dict[str, Any]]:
    """What happened, in order, for the time line."""
    rows = [
        (found.filed_at, _("提出申诉"), found.words),
        (found.marked_at, _("受理"), ""),
        (found.first_at, _("答复：{outcome}").format(outcome=found.get_first_outcome_display()), found.first_reason),
        (found.again_at, _("请另一组复核"), found.words_again),
        (found.second_at, _("复核：{outcome}").format(outcome=found.get_second_outcome_display()), found.second_reason),
    ]
    return [{"title": title, "at": at, "body": body} for at, title, body in rows if at is not None]


@require_http_methods(pages.BOTH)
@never_cache
def step(request: Request, public_id: UUID, verb: str) -> HttpResponse:
    """Mark, answer, ask again, review, accept."""
    actor = signed_in(request)
    found = queries.appeal(actor, public_id)
    if verb not in APPEAL_STEPS:
        raise NotFound
    kinds: dict[str, Any] = {"decide": forms.AnswerForm, "review": forms.AnswerForm, "again": forms.AppealForm}
    form = kinds.get(verb, forms.PressForm)(pages.posted(request))

    def act() -> None:
        doing: dict[str, Any] = {
            "mark": actions.mark_appeal,
            "decide": actions.decide_appeal,
            "again": actions.appeal_again,
            "review": actions.review_appeal,
            "accept": actions.accept_appeal,
        }
        doing[verb](actor=actor, appeal=found, **form.cleaned_data)

    if request.method == "POST" and pages.carried_out(form, act):
        return pages.go(_("已办好，本人会收到消息。"), "appeal", found.public_id, request=request)
    label = str(APPEAL_STEPS[verb].label)
    back = reverse("points:appeal", args=[found.public_id])
    return pages.form_page(request, form, title=label, label=label, back=back, lead=found.words)


@require_safe
@never_cache
def desk(request: Request) -> HttpResponse:
    """Appeals that are open where I may sit on a panel, the oldest first; by state, the closed ones too."""
    actor = signed_in(request)
    if not rules.is_keeper(actor):
        raise Forbidden
    form = found_by(request)
    page = paging.page(listed(request, form), ("filed_at", "id"), request.GET.get("cursor"), 25)
    rows = [{"appeal": one, "due": queries.due_now(one), "late": late(one)} for one in page.rows]
    files = exports.addresses("points:appeals_file", query=request.GET.urlencode())
    return pages.show(request, "appeals", desk=True, page=page, rows=rows, form=form, files=files)


def found_by(request: Request) -> forms.FindForm:
    books = list(queries.my_books(request.actor).order_by("name", "id")[:MOST_BOOKS])
    return forms.FindForm(request.GET, books=books, states=[("", _("办理中")), *AppealState.choices])


def listed(request: Request, form: forms.FindForm) -> QuerySet[Appeal]:
    return queries.appeals_desk(request.actor, form.got("state"), form.got("q"), form.chosen())


COLUMNS: tuple[exports.Column[Appeal], ...] = (
    exports.Column(gettext_lazy("谁"), "passbook.person.name", "person"),
    exports.Column(gettext_lazy("积分办法"), lambda row: named(row.passbook.book), "book"),
    exports.Column(gettext_lazy("申诉的话"), "words"),
    exports.Column(gettext_lazy("状态"), lambda row: row.get_state_display(), "state"),
    exports.Column(gettext_lazy("提出时间"), "filed_at"),
    exports.Column(gettext_lazy("什么时候以前办"), queries.due_now, "due"),
    exports.Column(gettext_lazy("受理时间"), "marked_at"),
    exports.Column(gettext_lazy("处理结果"), lambda row: row.get_first_outcome_display(), "outcome"),
    exports.Column(gettext_lazy("复核结果"), lambda row: row.get_second_outcome_display(), "outcome_again"),
)


@require_safe
@never_cache
@fresh
def appeals_file(request: Request, form: str) -> HttpResponseBase:
    """The same list as a file; who took it stands in the trail."""
    actor = signed_in(request)
    if not rules.is_keeper(actor):
        raise Forbidden
    rows = listed(request, found_by(request)).order_by("filed_at", "id")
    return exports.respond(actor=actor, name=_("积分申诉"), kind=exports.kind_of(form), columns=COLUMNS, rows=rows)
