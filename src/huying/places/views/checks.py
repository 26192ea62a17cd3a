"""One site against its standards: its checklist on a phone, one check with its proofs, verifying it."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from huying.kernel import attachments, clock, paging
from huying.kernel.actor import Actor
from huying.kernel.requests import Request, signed_in
from huying.places import actions, forms, queries, rules
from huying.places.models import SiteCheck
from huying.places.states import Answer, CheckState, Standing
from huying.places.views.pages import carried_out, crumbs, form_page, need, on_to, posted, show
from huying.places.views.standards import TONES, in_words, score
from huying.ui.naming import named

both = require_http_methods(["GET", "HEAD", "POST"])
PAGE_SIZE = 20
ANSWER_TONES = {Answer.YES: "pine", Answer.NO: "kaki", Answer.NOT_APPLICABLE: "ink"}
STATE_TONES = {CheckState.SELF_CHECKED: "gui", CheckState.VERIFIED: "pine", CheckState.RETURNED: "kaki"}


@require_safe
@never_cache
def site_checks(request: Request, public_id: UUID) -> HttpResponse:
    """What is asked of a site, how it stands, and every check there was."""
    place = queries.by_public_id(public_id)
    need(request, rules.can_read_checks(request.actor, place))
    stands = queries.of_site(place)
    lacking = queries.lacking([one.holding.pk for one in stands if one.holding])
    page = paging.page(queries.last_of(place), ("-checked_at", "-id"), request.GET.get("cursor"), PAGE_SIZE)
    title = str(_("{name}对照标准")).format(name=named(place))
    context = {
        "title": title,
        "lead": _("一项一项查，照实说；没做到的会列成缺口，做到了的由别人核实以后对外公开。"),
        "place": place,
        "may_check": rules.can_check(request.actor, place),
        "lines": [
            {
                "stands": one,
                "label": Standing(one.standing).label,
                "tone": TONES[Standing(one.standing)],
                "score": score(one.holding.met, one.holding.applies) if one.holding else None,
                "lacking": lacking.get(one.holding.pk, []) if one.holding else [],
            }
            for one in stands
        ],
        "page": page,
        "columns": [_("自查时间"), _("哪项标准"), _("得分"), _("结果")],
        "rows": [(one, in_words(one.standard), score(one.met, one.applies)) for one in page.rows],
        "tones": {one.value: tone for one, tone in STATE_TONES.items()},
        "crumbs": crumbs(place, _("对照标准")),
    }
    return show(request, "site_checks", context)


@both
@never_cache
def new_check(request: Request, public_id: UUID, standard_id: UUID) -> HttpResponse:
    """The checklist to be filled in; it comes back with what was typed."""
    place, standard = queries.by_public_id(public_id), queries.standard(standard_id)
    need(request, rules.can_check(request.actor, place))
    items = list(standard.items.order_by("number"))
    form = forms.CheckForm(posted(request), items=items, last=queries.last_answers(place, standard.pk))
    made: list[SiteCheck] = []

    def act() -> None:
        made.append(actions.self_check(actor=request.actor, place=place, standard=standard, said=form.said()))

    if request.method == "POST" and carried_out(form, act):
        return on_to(request, _("自查已交，等别人核实。可以给各项加照片。"), "check", made[0].public_id)
    return form_page(
        request,
        form,
        title=named(standard),
        label=_("交自查"),
        place=place,
        lead=named(standard, "about"),
        back=reverse("places:site_checks", args=[place.public_id]),
        template="check_form",
        standard=standard,
        tones={one.value: {"tone": tone} for one, tone in ANSWER_TONES.items()},
    )


@both
@never_cache
def check(request: Request, public_id: UUID) -> HttpResponse:
    """One check with everything that was said; another person verifies it here or sends it back."""
    actor = signed_in(request)
    row = queries.check(actor, public_id)
    form = forms.ReturnForm(posted(request))
    if request.method == "POST" and (answer := pressed(request, row, form)):
        return answer
    opened = queries.opened(row)
    waits = row.state == CheckState.SELF_CHECKED
    context = {
        "title": named(row.standard),
        "check": row,
        "state_tone": STATE_TONES[CheckState(row.state)],
        "facts": facts_of(opened),
        "lines": [line_of(actor, one) for one in opened.lines],
        "form": form,
        "may_prove": waits and rules.can_check(actor, row.place),
        "may_verify": waits and rules.can_verify(actor, row),
        "waits_for_another": waits and actor.person_id == row.checked_by_id,
        "crumbs": [
            *crumbs(row.place),
            {"label": _("对照标准"), "url": reverse("places:site_checks", args=[row.place.public_id])},
            {"label": in_words(row.standard), "url": ""},
        ],
    }
    return show(request, "check", context, status=422 if form.is_bound and form.errors else 200)


def facts_of(opened: queries.Opened) -> list[tuple[Any, Any]]:
    """Who, when, how much, as name and value."""
    row = opened.check
    share = _("{percent}%（权重 {met}/{applies}）").format(
        percent=score(row.met, row.applies), met=row.met, applies=row.applies
    )
    decided = [
        (_("处理时间"), moment(row.decided_at) if row.decided_at else ""),
        (_("谁处理的"), opened.decided_by),
        (_("退回原因"), row.reason),
    ]
    pairs = [
        (_("阵地"), named(row.place)),
        (_("哪项标准"), in_words(row.standard)),
        (_("得分"), share),
        (_("自查时间"), moment(row.checked_at)),
        (_("谁查的"), opened.checked_by),
        *decided,
    ]
    return [pair for pair in pairs if pair[1]]


def moment(at: datetime) -> str:
    return f"{clock.local(at):%Y-%m-%d %H:%M}"


def line_of(actor: Actor, line: queries.Line) -> dict[str, Any]:
    """One item as the page shows it."""
    return {
        "item": line.item,
        "answer": line.answer.label,
        "tone": ANSWER_TONES[line.answer],
        "note": line.note,
        "photos": [
            {
                "id": photo.public_id,
                "full": attachments.url(photo, actor),
                "small": attachments.url(photo, actor, small=True),
            }
            for photo in line.photos
        ],
    }


def pressed(request: Request, row: SiteCheck, form: forms.ReturnForm) -> HttpResponse | None:
    """Carry out a press; None when it was refused and the form says why."""
    if request.POST.get("act") == "verify":
        actions.verify_check(actor=request.actor, check=row)
        return on_to(request, _("已核实，从现在起按这份算。"), "check", row.public_id)

    def act() -> None:
        actions.return_check(actor=request.actor, check=row, reason=form.cleaned_data["reason"])

    if carried_out(form, act):
        return on_to(request, _("已退回，自查的人会看到原因。"), "check", row.public_id)
    return None


@both
@never_cache
def add_check_photo(request: Request, public_id: UUID, number: int) -> HttpResponse:
    """A photo that proves one answer."""
    row = queries.check(signed_in(request), public_id)
    need(request, rules.can_check(request.actor, row.place))
    item = queries.item(row, number)
    form = forms.CheckPhotoForm(posted(request), request.FILES if request.method == "POST" else None)

    def act() -> None:
        upload = form.cleaned_data["photo"]
        actions.add_check_photo(actor=request.actor, check=row, number=number, upload=upload)

    if request.method == "POST" and carried_out(form, act):
        return on_to(request, _("照片已加上。"), "check", row.public_id)
    back = reverse("places:check", args=[row.public_id])
    title = _("给这一项加照片")
    return form_page(request, form, title=title, label=_("上传"), place=row.place, lead=named(item), back=back)


@require_POST
def remove_check_photo(request: Request, public_id: UUID, number: int, photo_id: UUID) -> HttpResponse:
    """Take a photo away."""
    row = queries.check(signed_in(request), public_id)
    actions.remove_check_photo(actor=request.actor, check=row, number=number, public_id=photo_id)
    return on_to(request, _("照片已删除。"), "check", row.public_id)
